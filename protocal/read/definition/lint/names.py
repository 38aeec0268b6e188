"""A protocol -> names in it that are taken twice or that nothing has: keys, kinds, the values of conditions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from protocal.model.course import Condition
from protocal.model.doses import Route
from protocal.model.problems import Problem, Where
from protocal.model.protocol import Protocol
from protocal.read.definition.lint.lines import unknown


def key_twice(protocol: Protocol) -> Iterator[Problem]:
    """A key names one line of a course: identities in calendars are made of it."""
    for course in protocol.courses.values():
        seen: dict[str, Where] = {}
        for line in course.lines:
            if line.key in seen:
                yield Problem(
                    "key-twice",
                    f"key '{line.key}' is already taken in line {seen[line.key].line}",
                    line.where,
                    "Give this line a key of its own.",
                )
            seen.setdefault(line.key, line.where)
        for order in course.orders:
            if len(set(order.agents)) < len(order.agents):
                yield Problem(
                    "key-twice", f"'{order.key}' names an agent twice", order.where, "Let each agent stand once."
                )


def condition_values(protocol: Protocol) -> Iterator[Problem]:
    """Conditions name values that the protocol has."""
    known: dict[str, Iterable[str]] = {
        "arm": protocol.arms,
        "cns": protocol.cns,
        "risk": protocol.risk,
        "sex": ("female", "male"),
    }
    for when, where in _conditions(protocol):
        for name, values in known.items():
            for value in getattr(when, name):
                if value not in values:
                    yield unknown("unknown-condition", name, value, values, where)
    for arm in protocol.arms.values():
        for risk in arm.risk:
            if risk not in protocol.risk:
                yield unknown("unknown-condition", "risk", risk, protocol.risk, arm.where)


def plain_names(protocol: Protocol) -> Iterator[Problem]:
    """What a family's calendar calls a kind of event is of a kind that the protocol has."""
    for name in protocol.plain_names:
        if name not in protocol.kinds:
            where = protocol.plain_places.get(name, protocol.where)
            yield unknown("unknown-kind", "kind of event", name, protocol.kinds, where)


def _conditions(protocol: Protocol) -> Iterator[tuple[Condition, Where]]:
    for course in protocol.courses.values():
        for line in course.lines:
            yield line.when, line.where
    for arm in protocol.routes:
        for leg in arm.route:
            yield leg.when, leg.where


def unknown_kind(protocol: Protocol) -> Iterator[Problem]:
    """Every procedure and evaluation has a printed title, those that orders bring with them included."""
    for course in protocol.courses.values():
        for event in (*course.procedures, *course.evaluations):
            if event.kind not in protocol.kinds:
                yield unknown("unknown-kind", "kind", event.kind, protocol.kinds, event.where)
        for order in course.orders:
            kind = {Route.IT: "lumbar-puncture", Route.CIV: "pump-stop"}.get(order.route)
            if kind and kind not in protocol.kinds:
                yield unknown("unknown-kind", "kind", kind, protocol.kinds, order.where)
