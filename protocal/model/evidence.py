"""How well a line of a definition is known, and where it was read."""

from __future__ import annotations

from enum import Enum

from protocal.model.frozen import frozen


class Evidence(str, Enum):
    """How well a line is known, from best to worst.

    The first is what people make of a line who hold it against the protocol's own document; no definition says it.
    """

    SIGNED = "signed"
    REGISTRY = "registry"
    PUBLISHED = "published"
    CORROBORATED = "corroborated"
    UNVERIFIED = "unverified"

    @property
    def mark(self) -> str:
        """The sign that stands beside a line on paper and screen."""
        return {"signed": "◉", "registry": "■", "published": "▲", "corroborated": "△", "unverified": "◊"}[self.value]


_EVIDENCE_ORDER = tuple(Evidence)


def weakest(levels: tuple[Evidence, ...]) -> Evidence:
    """The worst of the levels; a line without any is unverified."""
    return max(levels, key=_EVIDENCE_ORDER.index, default=Evidence.UNVERIFIED)


@frozen
class Backing:
    """Why a line is believed: how well each part of it is known, where it was read, and what is still open.

    Attributes:
        parts: level by part of the line (`dose`, `days`, ...); the part `all` stands for the whole line.
        sources: keys into the protocol's sources.
        questions: what is not settled, in sentences for print.
    """

    parts: tuple[tuple[str, Evidence], ...] = ()
    sources: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()

    @property
    def evidence(self) -> Evidence:
        """The weakest link, which is the mark that the line bears on paper."""
        return weakest(tuple(level for _, level in self.parts))


def is_signed(backing: Backing) -> bool:
    """Whether enough people have signed a line, as far as they were asked for."""
    return backing.evidence is Evidence.SIGNED
