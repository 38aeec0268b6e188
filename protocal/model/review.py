"""A line of a definition as somebody holds it against the protocol's own document, and who has signed it."""

from __future__ import annotations

from dataclasses import field
from datetime import date

from protocal.model.evidence import Backing, is_signed
from protocal.model.frozen import frozen
from protocal.model.problems import Where


@frozen
class Signature:
    """That somebody held a line against a document and it agreed.

    Attributes:
        line: the line's id, as in `block-1/vcr`.
        meaning: digest of what the line said then.
        against: document, version and page.
    """

    line: str
    meaning: str
    by: str
    role: str
    against: str
    on: date
    where: Where = field(compare=False)

    @property
    def person(self) -> str:
        """Who it was, however the name is spaced and capitalised."""
        return " ".join(self.by.casefold().split())


@frozen
class DefinitionLine:
    """One line of a definition with all that it says.

    Attributes:
        id: `block-1/vcr`, `tables/it-methotrexate`, `agents/vincristine`, `routes/A`.
        courses: the courses that it belongs to, by their ids; none for what belongs to no course.
        group: what it stands under: the titles of its courses, or routes, tables, drugs.
        says: each part with its name, such as dose, days or condition.
        comments: in sentences; they are no part of its meaning.
        meaning: digest of what it says, its tables and its drugs included.
        signatures: those over just this meaning, one of each person, in their order.
    """

    id: str
    courses: tuple[str, ...]
    group: str
    title: str
    says: tuple[tuple[str, str], ...]
    comments: tuple[str, ...]
    backing: Backing
    where: Where
    meaning: str
    signatures: tuple[Signature, ...] = ()

    @property
    def verified(self) -> bool:
        """Whether enough people have signed it, as far as they were asked for."""
        return is_signed(self.backing)
