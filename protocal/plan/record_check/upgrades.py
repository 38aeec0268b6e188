"""What a record says of another version of its definition -> problems with the lines that cannot count."""

from __future__ import annotations

from collections.abc import Iterator

from protocal.model.problems import Problem
from protocal.model.protocol import Protocol, by_version
from protocal.model.record import Record
from protocal.plan.in_force import Upgrade, leg_of, upgrades

_UNDO = "Undo this line, or take it out if it is not sealed."


def check_upgrades(protocol: Protocol, record: Record) -> Iterator[Problem]:
    """Lines that go back, to what nobody has, to what was changed, or past an arm or a course that is not there."""
    for each in upgrades(protocol, record):
        yield from _of_the_version(each) if each.after is None else _between(each, each.after)


def _of_the_version(upgrade: Upgrade) -> Iterator[Problem]:
    entry, before = upgrade.entry, upgrade.before
    yield Problem(
        "another-version",
        f"this line goes on with version {entry.version}, and the record is planned by version {before.version}",
        entry.where,
        _UNDO,
    )


def _between(upgrade: Upgrade, after: Protocol) -> Iterator[Problem]:
    entry, before = upgrade.entry, upgrade.before
    name = f"{after.id} {after.version}"
    if by_version(after.version) < by_version(before.version):
        yield Problem(
            "older-version",
            f"version {after.version} is older than {before.version}, by which the record is planned",
            entry.where,
            "To go back, undo the line that went on with the later one.",
        )
        return
    if not entry.seal and entry.digest != after.digest:
        yield Problem(
            "another-digest",
            f"this line names another {name} than the one that is here, which is {after.digest}",
            entry.where,
            "Find out which of the two is meant; `protocal upgrade` writes the line as it must be.",
        )
    if upgrade.arm and upgrade.arm not in after.arms:
        yield Problem("upgrade-lacks", f"{name} has no arm {upgrade.arm}, which is the patient's", entry.where, _UNDO)
        return
    kept = dict(upgrade.kept)
    for course in upgrade.begun:
        leg = leg_of(after, upgrade.arm, course)
        if leg is None or (course in kept and leg.course not in kept[course].courses):
            yield Problem(
                "upgrade-lacks",
                f"{name} has no course '{course}' on this patient's route, and it has begun",
                entry.where,
                _UNDO,
            )
    if entry.from_course and leg_of(after, upgrade.arm, entry.from_course) is None:
        yield Problem(
            "upgrade-lacks",
            f"{name} has no course '{entry.from_course}' on this patient's route",
            entry.where,
            "Name one of `protocal plan`.",
        )
