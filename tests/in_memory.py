"""Records made in memory, without a file or a process: what the fast tests of plans, feeds and accounts share.

A girl of seven, 112 cm and 19.4 kg, on Arm D from 1 December 2026, in New York. Undisturbed, her courses begin on

    block-1 1 Dec, block-2 29 Dec, blina-cycle-1 26 Jan, continuation-1 2 Mar, blina-cycle-2 27 Apr,
    continuation-2 1 Jun, blina-cycle-3 27 Jul, maintenance-1 31 Aug 2027
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from zoneinfo import ZoneInfo

from protocal import resources
from protocal.model.entries import (
    Adjusted,
    Assigned,
    Bagged,
    Cleared,
    Delayed,
    Dispensed,
    Entry,
    Given,
    Held,
    HoldRule,
    Interrupted,
    Left,
    Measured,
    Moved,
    Noted,
    Resumed,
    Sex,
    Started,
    Stated,
    Undone,
)
from protocal.model.ids import AdministrationId
from protocal.model.plan import Administration, CoursePlan, Dates, Plan, PlannedEvent
from protocal.model.problems import Where
from protocal.model.product import parse_product
from protocal.model.protocol import Protocol
from protocal.model.record import Record
from protocal.model.settings import Settings
from protocal.plan import make_plan
from protocal.plan.record_check.courses import check_fit
from protocal.read.definition.build import read_protocol

NOWHERE = Where("record")
ZONE = ZoneInfo("America/New_York")
WRITTEN = datetime(2026, 11, 30, 15, tzinfo=UTC)  # the first line of a log, and each other one an hour later
SITE = Settings()


def day(text: str) -> date:
    return date.fromisoformat(text)


def hour(text: str) -> datetime:
    """`2027-01-05 20:00`, on the ward's clock."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def measured(on: str, height: str, weight: str, *, again: str = "") -> Measured:
    return Measured(
        date=day(on), height=Decimal(height), weight=Decimal(weight), again=day(again) if again else None, where=NOWHERE
    )


def started(course: str, on: str, **counts: str) -> Started:
    found = tuple((name, Decimal(count)) for name, count in counts.items())
    return Started(course=course, date=day(on), counts=found, where=NOWHERE)


def assigned(arm: str, on: str = "2026-12-01") -> Assigned:
    return Assigned(arm=arm, date=day(on), where=NOWHERE)


def delayed(course: str, days: int = 0, *, to: str = "", only: bool = False, from_day: int | None = None) -> Delayed:
    until = day(to) if to else None
    return Delayed(
        course=course, days=days or None, to=until, only=only, from_day=from_day, why="counts", where=NOWHERE
    )


def held(course: str, on: str, days: int, rule: HoldRule) -> Held:
    return Held(course=course, date=day(on), days=days, rule=rule, why="fever", where=NOWHERE)


def given(id_: str, at: str) -> Given:
    """With an hour (`2027-01-05 20:00`) or only a date."""
    on = day(at[:10])
    return Given(id=AdministrationId(id_), date=on, at=hour(at) if len(at) > 10 else None, where=NOWHERE)


def moved(id_: str, on: str) -> Moved:
    return Moved(id=AdministrationId(id_), date=day(on), why="no bed", where=NOWHERE)


def left(*ids: str) -> Left:
    return Left(ids=tuple(map(AdministrationId, ids)), why="allergy", where=NOWHERE)


def cleared(at: str, course: str = "block-2") -> Cleared:
    return Cleared(course=course, agent="methotrexate", at=hour(at), level="0.08 micromol/L", where=NOWHERE)


def interrupted(course: str, at: str) -> Interrupted:
    return Interrupted(course=course, at=hour(at), why="fever", where=NOWHERE)


def resumed(course: str, at: str, dose: str = "") -> Resumed:
    return Resumed(course=course, at=hour(at), dose=Decimal(dose) if dose else None, where=NOWHERE)


def adjusted(agent: str, percent: str, on: str) -> Adjusted:
    return Adjusted(agent=agent, percent=Decimal(percent), date=day(on), where=NOWHERE)


def bagged(on: str, *hours: int) -> Bagged:
    return Bagged(agent="blinatumomab", hours=hours, date=day(on), where=NOWHERE)


def dispensed(agent: str, product: str, on: str) -> Dispensed:
    """`20 tablets of 50 mg`, or a liquid."""
    return Dispensed(agent=agent, product=parse_product(product), date=day(on), where=NOWHERE)


def noted(text: str = "seen") -> Noted:
    return Noted(text=text, where=NOWHERE)


def undone(line: int) -> Undone:
    return Undone(line=line, why="a slip", where=NOWHERE)


def child(
    *later: Entry, start: str = "2026-12-01", arm: str = "D", cns: str = "cns2", zone: str = "America/New_York"
) -> Record:
    """The girl, with later entries in her log; her first four lines are measure, start, CNS status and arm."""
    log: list[Entry] = [measured("2026-11-30", "112", "19.4"), started("block-1", start)]
    log += [Stated(fact="cns", value=cns, where=NOWHERE)] if cns else []
    log += [assigned(arm, start)] if arm else []
    return Record(
        id="P001",
        key="0" * 32,
        created=day("2026-11-30"),
        born=day("2019-05-12"),
        sex=Sex.FEMALE,
        protocol="aall1331",
        version="0.2",
        timezone=zone,
        name="",
        definition="",
        log=(*log, *later),
        where=NOWHERE,
    )


def recorded(record: Record, *together: int) -> Record:
    """The same, each line with the time at which it was written and a seal; `together`: with the one before."""
    log: list[Entry] = []
    time = WRITTEN
    for number, entry in enumerate(record.log, 1):
        time = time if number == 1 or number in together else time + timedelta(hours=1)
        log.append(replace(entry, recorded=time, seal=f"{number:064}"))
    return replace(record, log=tuple(log))


@cache
def the_protocol() -> Protocol:
    """The bundled one, read once."""
    found, problems = read_protocol(resources.folder("schedules") / "aall1331" / "0.2")
    assert found is not None
    assert problems == []
    return found


def plan_of(record: Record, settings: Settings = SITE, revision: int | None = None) -> Plan:
    """The plan of a record that fits the bundled protocol."""
    assert [each for each in check_fit(the_protocol(), record) if each.severity.value == "error"] == []
    return make_plan(the_protocol(), record, settings, revision)


def course(plan: Plan, name: str) -> CoursePlan:
    return next(each for each in plan.courses if each.course.id == name)


def dates(plan: Plan, name: str) -> Dates:
    found = course(plan, name).course.dates
    assert found is not None
    return found


def starts(plan: Plan) -> dict[str, str]:
    """The first day of each course, empty where it has none."""
    return {each.course.id: str(each.course.dates.day1) if each.course.dates else "" for each in plan.courses}


def line(plan: Plan, id_: str) -> Administration:
    (found,) = (each for each in plan.administrations if each.id == id_)
    return found


def event(plan: Plan, course_: str, kind: str) -> PlannedEvent:
    (found,) = (each for each in (*plan.procedures, *plan.evaluations) if each.course == course_ and each.kind == kind)
    return found
