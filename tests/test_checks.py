"""Every safety rule fires where it must and is quiet where it must; its errors stop paper and feeds unless overridden.

The patient of all cases is the child of `conftest.CHILD`: Arm D, CNS2, 0.78 m2, Block 1 from Tue 01-Dec-2026, Block 2
from 29-Dec, Blinatumomab Cycle 1 from 26-Jan-2027, Continuation 1 from 02-Mar.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path

import pypdfium2
import pytest
from conftest import CHILD, run, with_options
from feeds import feed

from protocal import resources
from protocal.check import CHECKS, SOURCES, check_plan
from protocal.check.rule import dates_text
from protocal.check.second_count import DIFFERS, ONCE
from protocal.model.agent import LabelDose
from protocal.model.course import DoseRule
from protocal.model.days import parse_days
from protocal.model.doses import Amount, Route, parse_dose, parse_liquid
from protocal.model.entries import Cleared, Measured
from protocal.model.evidence import Backing
from protocal.model.plan import Administration, Plan, Status
from protocal.model.problems import Problem, Severity, Where, has_errors
from protocal.model.protocol import Protocol, in_versions
from protocal.model.settings import Ceiling, Clearance, Settings
from protocal.plan import make_plan
from protocal.plan.cumulative import cumulative
from protocal.plan.record_check.courses import check_fit
from protocal.read.definition.build import read_protocol
from protocal.read.record.new import NewPatient, compose
from protocal.read.record.read import read_record
from protocal.render.roadmap import make_roadmap

BUNDLED = resources.folder("schedules") / "aall1331" / "0.2"
AGENTS, BLOCK_1, BLOCK_2, HSCT = "agents.yaml", "courses/block-1.yaml", "courses/block-2.yaml", "courses/hsct.yaml"
PATIENT = {
    "protocol": "aall1331",
    "protocol_version": "",
    "id": "P001",
    "name": "",
    "born": "2019-05-12",
    "sex": "female",
    "height": "112",
    "weight": "19.4",
    "measured": "2026-11-30",
    "cns": "cns2",
    "risk": "low",
    "arm": "D",
    "start": "2026-12-01",
    "timezone": "America/New_York",
    "diagnostic_it": (),
    "by": "",
}
Twist = Callable[[Plan], Plan]


@dataclass(frozen=True)
class Case:
    """A patient, entries of the log, edits of the definition, settings and a change of the plan; what must be said."""

    says: str = ""
    log: str = ""
    edits: tuple[tuple[str, str, str], ...] = ()
    settings: Settings = field(default_factory=Settings)
    twist: Twist = lambda plan: plan
    severity: Severity = Severity.ERROR
    patient: dict[str, object] = field(default_factory=dict)
    remedy: str = ""


@dataclass(frozen=True)
class Rule:
    """The cases of a check: all of `fires` find something, none of `quiet` does."""

    code: str
    fires: tuple[Case, ...]
    quiet: tuple[Case, ...] = (Case(),)


def start(course: str, day: str, why: str = "") -> str:
    return f"  - entry: start\n    course: {course}\n    date: {day}\n" + (f"    why: {why}\n" if why else "")


def with_counts(counts: str) -> str:
    return start("continuation-1", "2027-03-02") + f"    counts: {counts}\n"


def fail(day: str) -> str:
    return f"  - entry: fail\n    date: {day}\n"


def measure(day: str, weight: str, again: str = "") -> str:
    text = f"  - entry: measure\n    date: {day}\n    height: 112\n    weight: {weight}\n"
    return text + (f"    again: {again}\n" if again else "")


def give(id_: str, at: str) -> str:
    return f"  - entry: give\n    id: {id_}\n    at: {at}\n"


def move(id_: str, day: str, why: str = "") -> str:
    return f"  - entry: move\n    id: {id_}\n    date: {day}\n" + (f"    why: {why}\n" if why else "")


CLEARED_BELOW = (Clearance("methotrexate", Decimal("0.1"), "micromol/L"),)
STARTED_INFUSION = give("block-2/mtx-hd/8", "2027-01-05T09:00:00-05:00")


SUBSTITUTED = "  - entry: substitute\n    agent: pegaspargase\n    product: erwinia\n    date: "
RUNNING = start("blina-cycle-1", "2027-01-26") + give("blina-cycle-1/blina/1", "2027-01-26T14:00:00-05:00")


def interrupt(at: str) -> str:
    return f"  - entry: interrupt\n    course: blina-cycle-1\n    at: {at}\n    why: fever\n"


def resume(at: str) -> str:
    return f"  - entry: resume\n    course: blina-cycle-1\n    at: {at}\n    dose: 11.7\n    why: afebrile\n"


def prior(agent: str, amount: str) -> str:
    return f"  - entry: prior\n    agent: {agent}\n    amount: {amount}\n    unit: mg/m2\n"


def changed(id_: str, **values: object) -> Twist:
    """A plan in which one administration, or all whose id begins so, are otherwise."""
    return each_changed(id_, lambda _each: values)


def each_changed(id_: str, values: Callable[[Administration], dict[str, object]]) -> Twist:
    def twist(plan: Plan) -> Plan:
        courses = [
            replace(
                course,
                administrations=tuple(
                    each._replace(**values(each)) if each.id.startswith(id_) else each
                    for each in course.administrations
                ),
            )
            for course in plan.courses
        ]
        assert courses != list(plan.courses), f"no {id_} was changed"
        return replace(plan, courses=tuple(courses))

    return twist


def offered(each: Administration) -> dict[str, object]:
    return {"order_line": replace(each.order_line, routes=(Route.IV, Route.IT))}


def week_of(*doses: int) -> Callable[[Administration], dict[str, object]]:
    return lambda each: {"dose": Decimal(doses[each.date.weekday()])}


def adjust(agent: str, percent: int, day: str, to: str = "", why: str = "") -> str:
    text = f"  - entry: adjust\n    agent: {agent}\n    percent: {percent}\n    date: {day}\n"
    return text + (f"    to: {to}\n" if to else "") + (f"    why: {why}\n" if why else "")


def bags(hours: str, day: str) -> str:
    return f"  - entry: bags\n    agent: blinatumomab\n    hours: [{hours}]\n    date: {day}\n"


def last_weeks(each: Administration) -> dict[str, object]:
    """Too much in the last week but one, and as much too little in the last."""
    return {"dose": Decimal(65 if each.day in range(29, 36) else 52) if each.day > 28 else each.dose}


def end_of_therapy(each: Administration) -> dict[str, object]:
    """The three days after the last whole week make up for three days of that week."""
    share = Decimal("0.8") if each.day in (29, 30, 31) else Decimal("1.2") if each.day > 35 else Decimal(1)
    return {"dose": each.calculated * share}


def by_days(text: str, on: str, other: str) -> Callable[[Administration], dict[str, object]]:
    """An order whose dose is written as `on` for some days and as `other` for another."""
    rules = (DoseRule(parse_days("99"), parse_dose(other), other), DoseRule(parse_days(text), parse_dose(on), on))
    return lambda each: {"order_line": replace(each.order_line, doses=rules)}


def by_an_earlier_version(plan: Plan) -> Plan:
    """The cycle stays with the definition as it is; a later version lets an infusion go on after 10 days."""
    drug = plan.protocol.agents["blinatumomab"]
    label = replace(drug.interruptions, longest_days=10)
    later = replace(plan.protocol, agents={**plan.protocol.agents, drug.id: replace(drug, interruptions=label)})
    both = in_versions((plan.protocol, later), later, (("blina-cycle-1", plan.protocol),))
    return replace(plan, protocol=both)


def in_any_order(each: Administration) -> dict[str, object]:
    """The dose that comes first is not the one of the earliest day: days 10 and 11 change their dates."""
    return {"times": (), "date": each.date + timedelta(days=21 - 2 * each.day)}


def bags_of_another(plan: Plan) -> Plan:
    chosen = (*plan.facts.bags, ("pegaspargase", date(2026, 12, 1), (168,)))
    agents = dict(plan.protocol.agents)
    for name in ("pegaspargase", "blinatumomab"):
        agents[name] = replace(agents[name], bag_weights=((168, Decimal(22)),))
    return replace(plan, facts=replace(plan.facts, bags=chosen), protocol=replace(plan.protocol, agents=agents))


def ceiling(amount: int, **factors: int) -> Settings:
    counted = factors or {"mitoxantrone": 4}
    return Settings(
        ceilings=(
            Ceiling("anthracyclines", Decimal(amount), tuple((agent, Decimal(n)) for agent, n in counted.items())),
        )
    )


def tablets(strength: int, agent: str = "dexamethasone") -> Settings:
    return Settings(strengths=((agent, (Decimal(strength),)),))


def split(**of_day_2: object) -> Twist:
    """A plan whose steroid of Block 2, written for a day, is given in two equal doses, but for those of day 2."""

    exact = {"calculated": Decimal("2.34"), "dose": Decimal("2.34"), "product": "", "reason": "as it is here"}
    return each_changed("block-2/dex/", lambda each: exact | of_day_2 if each.day == 2 else exact)


def counted_from(course: str, first: int) -> Twist:
    def twist(plan: Plan) -> Plan:
        courses = [
            replace(each, course=replace(each.course, definition=replace(each.course.definition, first_day=first)))
            if each.course.id == course
            else each
            for each in plan.courses
        ]
        return replace(plan, courses=tuple(courses))

    return twist


def cleared(course: str, agent: str) -> Twist:
    at = datetime(2027, 1, 9, tzinfo=UTC)
    level = Cleared(course=course, agent=agent, at=at, level="0.08 micromol/L", where=Where("record"))
    return lambda plan: replace(plan, facts=replace(plan.facts, clearings=(level,)))


def with_agent(name: str, **values: object) -> Twist:
    """A plan by a definition in which an agent is otherwise."""

    def twist(plan: Plan) -> Plan:
        agents = dict(plan.protocol.agents)
        agents[name] = replace(agents[name], **values)
        return replace(plan, protocol=replace(plan.protocol, agents=agents))

    return twist


def label(dose: str, weight: int | None = None, age: int | None = None) -> tuple[LabelDose, ...]:
    amount = parse_dose(dose)
    assert isinstance(amount, Amount)
    return (LabelDose(None if weight is None else Decimal(weight), age, amount, Backing(), Where("agents.yaml")),)


BLOCK_1_ONLY = {"arm": ""}
VCR_APART = (
    BLOCK_1,
    "days: 1, 8, 15, 22\n    evidence: corroborated",
    "days: 2, 9, 16, 23\n    evidence: corroborated",
)
IN_TWO = (BLOCK_2, "dose: 3 mg/m2\n    frequency: BID", "dose: 6 mg/m2/day\n    frequency: BID")
NO_TRANSPLANT = (HSCT, "kind: transplant", "kind: radiation-fraction")
UNTIL = "    until: methotrexate cleared\n"
ON_BLINA = start("block-2", "2026-12-29") + start("blina-cycle-1", "2027-01-26")
ARM_B = start("blina-block-1", "2026-12-29")
IN_BLOCK_2 = start("block-2", "2026-12-29")
ON_ARM_A = {"arm": "A", "risk": "high"}
AT_TRANSPLANT = start("hsct", "2027-03-02")
FROM_22_YEARS = label("2,000 units/m2", age=22)
FROM_7_YEARS = label("2,000 units/m2", age=7)
FROM_45_KG = label("28 mcg/day", weight=45)
WARNING, MOVED, GIVEN = Severity.WARNING, Status.MOVED, Status.GIVEN

RULES: dict[str, Rule] = {
    "fatal_route": Rule(
        "S1",
        (
            Case(
                "vinCRIStine (block-1/vcr) by IT: IV ONLY, FATAL IF GIVEN BY ANY OTHER ROUTE; Tue 08-Dec-2026",
                twist=lambda plan: changed("block-1/vcr/8", route=Route.IT, status=Status.DUE)(
                    changed("block-1/vcr/", status=Status.OMITTED)(plan)
                ),
            ),
            Case("(block-1/vcr) by CIV: IV ONLY", twist=changed("block-1/vcr/", route=Route.CIV)),
            Case("(block-2/vcr) by IT: IV ONLY", twist=each_changed("block-2/vcr", offered)),
        ),
        (Case(), Case(twist=changed("block-1/vcr/8", route=Route.IT, status=Status.OMITTED))),
    ),
    "fatal_route_beside_intrathecal": Rule(
        "S2",
        (
            Case(
                "vinCRIStine (block-1/vcr) and intrathecal methotrexate (block-1/it-mtx-day1), methotrexate"
                " (block-1/it-mtx) on the same day: vinCRIStine is IV ONLY, FATAL IF GIVEN BY ANY OTHER ROUTE;"
                " Tue 01-Dec-2026, Tue 08-Dec-2026",
                severity=WARNING,
            ),
            Case(
                "methotrexate (diagnostic lumbar puncture)",
                patient={**BLOCK_1_ONLY, "diagnostic_it": ("2026-12-01:methotrexate",)},
                severity=WARNING,
            ),
        ),
        (Case(edits=(VCR_APART,), patient=BLOCK_1_ONLY),),
    ),
    "bag_not_named": Rule(
        "S3",
        (
            Case(
                "vinCRIStine (block-1/vcr) does not name the minibag; Tue 01-Dec-2026",
                edits=((AGENTS, "In a minibag, not in a syringe.", "By a nurse."),),
                severity=WARNING,
            ),
        ),
    ),
    "weekly_drug_twice_a_week": Rule(
        "S4",
        (
            Case(
                "methotrexate (continuation-1/mtx-weekly) is weekly by mouth, but methotrexate"
                " (continuation-1/mtx-weekly) on Tue 09-Mar-2027 and methotrexate (continuation-1/mtx-weekly) on"
                " Mon 15-Mar-2027 are 6 days apart",
                twist=changed("continuation-1/mtx-weekly/15", date=date(2027, 3, 15)),
            ),
            Case(
                "(continuation-1/mtx-6h) on Tue 23-Mar-2027 are 3 days apart",
                twist=changed("continuation-1/mtx-weekly/15", date=date(2027, 3, 20)),
            ),
            Case(
                "(continuation-1/mtx-weekly) on Tue 09-Mar-2027 are 0 days apart",
                twist=changed("continuation-1/mtx-weekly/15", date=date(2027, 3, 9)),
            ),
            Case(
                "(continuation-2/mtx-weekly) on",
                log=start("continuation-1", "2027-03-02")
                + start("blina-cycle-2", "2027-03-03")
                + start("continuation-2", "2027-03-04"),
            ),
        ),
        (Case(), Case(twist=changed("continuation-1/mtx-weekly/36", date=date(2027, 4, 8)))),
    ),
    "oral_dose_on_an_intrathecal_day": Rule(
        "S5",
        (
            Case(
                "methotrexate (continuation-1/mtx-weekly) by mouth on a day of intrathecal methotrexate"
                " (continuation-1/it-mtx): Tue 02-Mar-2027",
                twist=changed("continuation-1/mtx-weekly/8", date=date(2027, 3, 2)),
            ),
            Case(
                "by mouth on a day of intrathecal methotrexate (continuation-1/it-mtx): Tue 09-Mar-2027",
                log=give("continuation-1/it-mtx/1", "2027-03-09T09:00:00-05:00"),
            ),
        ),
        (
            Case(),
            Case(
                twist=changed("continuation-1/mtx-weekly/8", date=date(2027, 3, 2), status=Status.OMITTED),
            ),
            Case(twist=changed("continuation-1/mp/1", date=date(2027, 3, 2))),
        ),
    ),
    "order_without_stop": Rule(
        "S13",
        (
            Case(
                "leucovorin (block-2/lcv) starts on Thu 07-Jan-2027 and goes on until methotrexate has cleared: no stop"
                " can be printed; it is planned to Fri 08-Jan-2027",
                severity=WARNING,
            ),
            Case("leucovorin (block-2/lcv) starts", twist=cleared("block-3", "methotrexate"), severity=WARNING),
            Case("leucovorin (block-2/lcv) starts", twist=cleared("block-2", "leucovorin"), severity=WARNING),
        ),
        (
            Case(twist=cleared("block-2", "methotrexate")),
            Case(patient=BLOCK_1_ONLY),
            Case(edits=((BLOCK_2, UNTIL, ""),)),
            Case(twist=changed("block-2/lcv/", status=Status.OMITTED)),
        ),
    ),
    "adjustment_without_stop": Rule(
        "S13",
        (
            Case(
                "mercaptopurine is at 50 % of its full dose from Tue 09-Mar-2027 until further notice: no stop can be"
                " printed; it is due to Thu 30-Nov-2028",
                log=adjust("mercaptopurine", 50, "2027-03-09"),
                severity=WARNING,
            ),
            Case(
                "mercaptopurine is at 50 % of its full dose from Tue 09-Mar-2027 until further notice: no stop can be"
                " printed; it is due to Tue 16-Mar-2027",
                log=adjust("mercaptopurine", 50, "2027-03-09") + adjust("mercaptopurine", 100, "2027-03-17"),
                severity=WARNING,
            ),
        ),
        (
            Case(),
            Case(log=adjust("mercaptopurine", 50, "2027-03-09", to="2027-03-29")),
            Case(log=adjust("mercaptopurine", 100, "2027-03-09")),
            Case(log=adjust("mercaptopurine", 50, "2027-03-09") + adjust("mercaptopurine", 100, "2027-03-02")),
            Case(log=adjust("methotrexate", 50, "2026-12-01"), patient=BLOCK_1_ONLY),  # only intrathecal there
            Case(log=adjust("mitoxantrone", 50, "2026-12-03")),
            Case(log=adjust("mitoxantrone", 50, "2026-12-02"), twist=changed("block-1/mitox/2", status=GIVEN)),
        ),
    ),
    "interval_too_short": Rule(
        "S14",
        (
            Case(
                "pegaspargase (block-1/peg) on Wed 16-Dec-2026 comes 13 days after pegaspargase (block-1/peg) on"
                " Thu 03-Dec-2026; at least 14 days are asked for",
                edits=((BLOCK_1, "days: 3, 17", "days: 3, 16"),),
            ),
        ),
    ),
    "interval_shorter_than_written": Rule(
        "S14",
        (
            Case(
                "vinCRIStine (block-1/vcr): day 8 on Fri 11-Dec-2026 (moved from Tue 08-Dec-2026: bed free)"
                " and day 15 on Tue 15-Dec-2026 are 4 days apart; the definition has 7 days between them",
                log=move("block-1/vcr/8", "2026-12-11", "bed free"),
                severity=WARNING,
            ),
            Case(
                "day 1 on Tue 01-Dec-2026 and day 8 on Mon 07-Dec-2026 (given) are 6 days apart; the definition has 7",
                twist=changed("block-1/vcr/8", date=date(2026, 12, 7), status=GIVEN),
                severity=WARNING,
            ),
            Case(
                "day 15 on Tue 15-Dec-2026 and day 8 on Wed 16-Dec-2026 (moved) are 1 day apart; the definition has 7",
                twist=changed("block-1/vcr/8", date=date(2026, 12, 16), status=MOVED),
                severity=WARNING,
            ),
            Case(
                "dexAMETHasone (block-1/dex): day 1 on Wed 02-Dec-2026 (moved) and day 2 on Wed 02-Dec-2026 are 0 days"
                " apart; the definition has 1 day between them",
                twist=changed("block-1/dex/1", date=date(2026, 12, 2), status=MOVED),
                severity=WARNING,
            ),
            Case(
                "methotrexate, hydrocortisone, cytarabine (block-1/itt): day 8 on Wed 09-Dec-2026 (moved) and day 15 on"
                " Tue 15-Dec-2026 are 6 days apart",
                twist=changed("block-1/itt/8", date=date(2026, 12, 9), status=MOVED),
                patient={"cns": "cns3"},
                severity=WARNING,
            ),
        ),
        (
            Case(),
            Case(twist=changed("block-1/vcr/8", date=date(2026, 12, 11))),
            Case(twist=changed("block-1/vcr/8", status=MOVED)),
            Case(twist=changed("block-1/dex/2", day=1, date=date(2026, 12, 1), status=MOVED)),
            Case(log=give("block-1/vcr/8", "2026-12-08T09:00:00-05:00")),
            Case(twist=changed("block-1/vcr/22", date=date(2026, 12, 29), status=MOVED)),
            Case(twist=changed("block-1/vcr/8", date=date(2026, 12, 30), status=MOVED)),
            Case(
                twist=lambda plan: changed("block-1/vcr/15", status=Status.OMITTED)(
                    changed("block-1/vcr/8", date=date(2026, 12, 11), status=MOVED)(plan)
                )
            ),
            Case(twist=changed("block-1/peg/17", date=date(2026, 12, 16), status=MOVED)),  # told as an error already
        ),
    ),
    "course_before_the_last_one_is_over": Rule(
        "S14",
        (
            Case(
                "Block 2 starts on Mon 28-Dec-2026, but Block 1 runs to Mon 28-Dec-2026",
                log=start("block-2", "2026-12-28"),
                remedy="Correct the start",
            ),
            Case(
                "(reason: bed free)",
                log=start("block-2", "2026-12-28", "bed free"),
                severity=WARNING,
                remedy="still planned: check both",
            ),
        ),
        (Case(), Case(log=start("block-2", "2026-12-29")), Case(log=start("block-2", "2027-01-15"))),
    ),
    "tablets_cannot_make_the_dose": Rule(
        "S18",
        (
            Case(
                "cannot reach 7.8 mg within 10 %: the nearest week has 100 mg instead of 78 mg; Tue 01-Dec-2026 to Sat"
                " 05-Dec-2026, Tue 15-Dec-2026 to Sat 19-Dec-2026",
                settings=tablets(20),
                remedy="Choose other tablets or a liquid",
            ),
            Case(
                "dexAMETHasone (block-1/dex): whole and half 20 mg tablets",
                twist=with_agent("dexamethasone", tablets=(Decimal(20),)),
                severity=WARNING,
            ),
            Case(
                "dexAMETHasone (block-1/dex): whole and half 20 mg tablets",
                settings=replace(tablets(20), liquids=(("dexamethasone", parse_liquid("1 mg/mL in steps of 0.1 mL")),)),
                severity=WARNING,
                remedy="planned in the site's liquid",
            ),
        ),
        (
            Case(),
            Case(settings=tablets(4), twist=with_agent("dexamethasone", tablets=(Decimal(20),))),
            Case(settings=tablets(20), twist=changed("block-1/dex/", status=Status.OMITTED)),
            Case(settings=tablets(500, "mercaptopurine")),  # in courses that have not started
        ),
    ),
    "split_dose_does_not_add_up": Rule(
        "S15",
        (
            Case(
                "dexAMETHasone (block-2/dex) is 4.68 mg a day, but its 2 doses of 2.5 mg make 5 mg; Wed 30-Dec-2026",
                edits=(IN_TWO,),
                twist=split(dose=Decimal("2.5")),
                severity=WARNING,
            ),
            Case("make 4.6802 mg", edits=(IN_TWO,), twist=split(dose=Decimal("2.3401")), severity=WARNING),
            Case("make 4.6798 mg", edits=(IN_TWO,), twist=split(dose=Decimal("2.3399")), severity=WARNING),
            Case(
                "make 5 mg; Wed 30-Dec-2026",
                log=start("block-2", "2026-12-29", why="bed free")
                + adjust("dexamethasone", 50, "2026-12-31", why="counts")
                + adjust("dexamethasone", 50, "2026-12-01", to="2026-12-29", why="counts")
                + adjust("mercaptopurine", 50, "2026-12-01", why="counts")
                + adjust("dexamethasone", 50, "2026-12-01"),
                edits=(IN_TWO,),
                twist=split(dose=Decimal("2.5")),
                severity=WARNING,
            ),
        ),
        (
            Case(edits=(IN_TWO,), twist=split()),
            Case(edits=(IN_TWO,), twist=split(dose=Decimal("2.34005"))),
            Case(edits=(IN_TWO,), twist=split(dose=Decimal("2.5"), product="two and a half tablets of 1 mg")),
            Case(edits=(IN_TWO,), twist=split(dose=Decimal("2.5"), route=Route.IV)),
            Case(edits=(IN_TWO,), twist=split(dose=Decimal("2.5"), status=Status.OMITTED)),
            Case(
                twist=lambda plan: each_changed("block-2/dex/", by_days("1-5", "3 mg/m2", "6 mg/m2/day"))(
                    split(dose=Decimal("2.5"))(plan)
                )
            ),
            Case(twist=split(dose=Decimal("2.5"))),  # written for each dose, not for the day
            Case(twist=changed("continuation-1/mp/1", dose=Decimal(50), product="")),  # once a day
            Case(
                log=adjust("dexamethasone", 50, "2026-12-30", to="2026-12-30", why="counts"),
                edits=(IN_TWO,),
                twist=split(dose=Decimal("2.5")),
            ),
            Case(
                log=adjust("dexamethasone", 50, "2026-12-01", why="counts"),
                edits=(IN_TWO,),
                twist=split(dose=Decimal("2.5")),
            ),
        ),
    ),
    "day_one_not_declared_once": Rule(
        "S19",
        (
            Case(
                "Block 2 counts its days from Day 0, but the protocol counts from Day 1 and the course has no"
                " transplant",
                twist=counted_from("block-2", 0),
            ),
            Case(
                "Allogeneic HSCT counts its days from Day 0",
                log=AT_TRANSPLANT,
                patient=ON_ARM_A,
                edits=(NO_TRANSPLANT,),
            ),
        ),
        (Case(), Case(log=AT_TRANSPLANT, patient=ON_ARM_A), Case(patient=ON_ARM_A, edits=(NO_TRANSPLANT,))),
    ),
    "rounded_too_far": Rule(
        "S18",
        (
            Case(
                "vinCRIStine (block-1/vcr) is rounded from 1.17 mg to 1.3 mg: +11.1 % is more than 5 %;"
                " Tue 08-Dec-2026",
                twist=changed("block-1/vcr/8", dose=Decimal("1.3")),
                severity=WARNING,
            ),
            Case("to 1.1 mg: -6.0 %", twist=changed("block-1/vcr/8", dose=Decimal("1.1")), severity=WARNING),
            Case(
                "mercaptopurine (continuation-1/mp) is rounded from 58.5 mg to 50 mg: -14.5 %",
                twist=changed("continuation-1/mp/", dose=Decimal(50)),
                severity=WARNING,
            ),
            Case(
                "from 409.5 mg to 375 mg in all: -8.4 %",
                twist=each_changed("continuation-1/mp/", week_of(50, 75, 50, 50, 50, 50, 50)),
                severity=WARNING,
            ),
            Case(
                "dexAMETHasone (block-2/dex) is rounded from 23.4 mg to 28.72 mg in all: +22.7 %",
                twist=changed("block-2/dex/1", dose=Decimal(5)),
                severity=WARNING,
            ),
            Case(
                "mercaptopurine (continuation-1/mp) is rounded from 58.5 mg to 65 mg: +11.1 % is more than 5 %;"
                " Tue 30-Mar-2027 to Mon 12-Apr-2027",
                twist=each_changed("continuation-1/mp/", last_weeks),
                severity=WARNING,
            ),
        ),
        (
            Case(),
            Case(twist=changed("block-1/vcr/8", dose=Decimal("1.2"))),
            Case(twist=changed("block-1/vcr/8", calculated=Decimal(1), dose=Decimal("1.05"))),
            Case(twist=each_changed("maintenance-6/mp/", end_of_therapy)),
            Case(twist=changed("block-1/vcr/8", dose=Decimal("1.3")), settings=Settings(rounding_flag=Decimal(12))),
            Case(twist=each_changed("continuation-1/mp/", week_of(50, 75, 50, 50, 75, 50, 50))),
        ),
    ),
    "infusion_not_whole": Rule(
        "S20",
        (
            Case(
                "blinatumomab (blina-cycle-1/blina) runs for 16 of 28 days, from Tue 26-Jan-2027 to Wed 10-Feb-2027",
                log=ON_BLINA + fail("2027-02-10"),
                severity=WARNING,
            ),
        ),
        (Case(), Case(log=ON_BLINA + fail("2027-02-22"))),
    ),
    "infusion_twice": Rule(
        "S20",
        (
            Case(
                "blinatumomab (blina-block-1/blina) and blinatumomab (blina-block-2/blina) run at the same time:"
                " Sun 24-Jan-2027, Mon 25-Jan-2027",
                log=ARM_B + start("blina-block-2", "2027-01-24"),
                patient={"arm": "B", "risk": "high"},
            ),
        ),
        (Case(log=ARM_B + start("blina-block-2", "2027-01-26"), patient={"arm": "B", "risk": "high"}),),
    ),
    "bag_too_long_for_weight": Rule(
        "S20",
        (
            Case(
                "blinatumomab (blina-cycle-1/blina): bags of 168 h from Tue 26-Jan-2027 on are for 22 kg and more, but"
                " the dose is worked out from 19.4 kg (Mon 30-Nov-2026)",
                log=bags("96, 168", "2027-01-26"),
                twist=with_agent("blinatumomab", bag_weights=((168, Decimal(22)),)),
            ),
            Case(
                "bags of 168 h from Sun 31-Jan-2027 on are for 22 kg and more",
                log=bags("96", "2027-01-26") + bags("168", "2027-01-31"),
                twist=with_agent("blinatumomab", bag_weights=((168, Decimal(22)),)),
            ),
            Case(
                "bags of 168 h from Mon 22-Feb-2027 on are for 22 kg and more", log=bags("168", "2027-02-22")
            ),  # its last day
        ),
        (
            Case(),
            Case(log=bags("96", "2027-01-26"), twist=with_agent("blinatumomab", bag_weights=((168, Decimal(22)),))),
            Case(twist=bags_of_another),
            Case(
                log=bags("168", "2027-01-26"),
                twist=with_agent("blinatumomab", bag_weights=((168, Decimal("19.4")),)),
            ),
            Case(
                log=measure("2027-01-20", "22") + bags("168", "2027-01-26") + measure("2027-06-01", "22"),
                twist=with_agent("blinatumomab", bag_weights=((168, Decimal(22)),)),
            ),
            Case(
                log=bags("168", "2026-12-01") + bags("96", "2027-01-20"),
                twist=with_agent("blinatumomab", bag_weights=((168, Decimal(22)),)),
            ),
            Case(
                log=bags("168", "2027-01-26"),
                twist=with_agent("blinatumomab", bag_weights=()),
            ),
        ),
    ),
    "label_dose_by_weight": Rule(
        "S20",
        (
            Case(
                "blinatumomab (blina-cycle-1/blina) from 45 kg on: the label gives 28 mcg/day (28 mcg that day); this"
                " line 15 mcg/m2/day (20.55 mcg that day); Tue 26-Jan-2027 to Mon 22-Feb-2027",
                patient={"height": "150", "weight": "45"},  # 1.37 m2
                twist=with_agent("blinatumomab", label_doses=FROM_45_KG),
                severity=WARNING,
            ),
            Case(
                "this line 15 mcg/m2/day (11.7 mcg that day)",
                twist=with_agent("blinatumomab", label_doses=label("1 mcg/kg/day", weight=19)),
                severity=WARNING,
            ),
        ),
        (
            Case(twist=with_agent("blinatumomab", label_doses=FROM_45_KG)),
            Case(
                patient={"height": "150", "weight": "45"},
                twist=with_agent("blinatumomab", label_doses=label("28 mcg/day", weight=45, age=7)),  # told by age
            ),
            Case(patient=BLOCK_1_ONLY, twist=with_agent("dexamethasone", label_doses=label("10 mg/m2", weight=10))),
            Case(patient=BLOCK_1_ONLY, twist=with_agent("dexamethasone", label_doses=label("20 mg/m2/day", weight=10))),
            Case(
                patient={"height": "190", "weight": "110"},  # capped at the label's dose
                twist=with_agent("blinatumomab", label_doses=FROM_45_KG),
            ),
            Case(
                patient={"height": "150", "weight": "45"},
                twist=with_agent("blinatumomab", label_doses=label("28 mcg/day", age=7)),
            ),
            Case(
                patient={"height": "150", "weight": "45"},
                log=fail("2027-01-15"),
                twist=with_agent("blinatumomab", label_doses=()),
            ),
        ),
    ),
    "counts_not_recorded": Rule(
        "S21",
        (
            Case(
                "Continuation 1 started on Tue 02-Mar-2027, but its counts (anc at least 750/mcL, platelets at least"
                " 75,000/mcL) are not in the record: its dates are provisional",
                log=start("continuation-1", "2027-03-02"),
                severity=WARNING,
            ),
            Case(
                "but its counts (platelets at least 75,000/mcL) are not in the record",
                log=with_counts("{anc: 900}"),
                severity=WARNING,
            ),
        ),
        (Case(log=IN_BLOCK_2), Case(log=with_counts("{anc: 900, platelets: 80000}"))),
    ),
    "stale_measurement": Rule(
        "S22",
        (
            Case(
                "Block 2 started on Tue 29-Dec-2026 on height and weight of Mon 30-Nov-2026, 29 days before",
                log=IN_BLOCK_2,
                severity=WARNING,
            ),
            Case("of Sat 05-Dec-2026, 4 days after", patient={"measured": "2026-12-05"}, severity=WARNING),
        ),
        (
            Case(),
            Case(log=IN_BLOCK_2, patient={"measured": "2026-12-01"}),
            Case(log=IN_BLOCK_2, settings=Settings(stale_days=29)),
            Case(log=measure("2026-12-28", "19.9") + IN_BLOCK_2),
        ),
    ),
    "weight_has_changed": Rule(
        "S22",
        (
            Case(
                "Block 1 runs on doses for 19.4 kg (Mon 30-Nov-2026), but on Thu 10-Dec-2026 the weight was"
                " 23 kg: +19 %",
                log=measure("2026-12-10", "23"),
                severity=WARNING,
            ),
        ),
        (
            Case(),
            Case(log=measure("2026-12-10", "21.34")),
            Case(log=measure("2026-12-10", "23", again="2026-12-11")),
            Case(log=measure("2026-12-10", "23"), settings=Settings(growth=Decimal(20))),
        ),
    ),
    "infusion_without_rescue": Rule(
        "S23",
        (
            Case(
                "methotrexate (block-2/mtx-hd) on Tue 05-Jan-2027 has no rescue in its course",
                edits=((BLOCK_2, UNTIL, ""),),
            ),
            Case("has no rescue in its course", edits=((BLOCK_2, UNTIL, ""), (BLOCK_2, "over: 36 h", "over: 24 h"))),
            Case(
                "has no dose of its rescue (block-2/lcv), due on Thu 07-Jan-2027",
                log=IN_BLOCK_2 + fail("2027-01-06"),
            ),
            Case("has no dose of its rescue (block-2/lcv)", twist=changed("block-2/lcv/", status=Status.OMITTED)),
            Case(
                "needs its rescue, leucovorin (block-2/lcv), on Wed 06-Jan-2027, 48 h after mtx-hd, but it begins on"
                " Thu 07-Jan-2027",
                log=give("block-2/mtx-hd/8", "2027-01-04T10:00:00-05:00"),
                twist=each_changed(
                    "block-2/lcv/", lambda each: {"times": (), "date": date(2026, 12, 28) + timedelta(days=each.day)}
                ),
            ),
            Case(
                "on Thu 07-Jan-2027, 48 h after mtx-hd, but it begins on Fri 08-Jan-2027",
                twist=each_changed("block-2/lcv/", lambda each: {"date": each.date + timedelta(days=1)}),
            ),
            Case(
                "but it begins on Fri 08-Jan-2027",
                twist=each_changed("block-2/lcv/", lambda each: {"times": (datetime(2027, 1, 8, 6, tzinfo=UTC),)}),
            ),
        ),
        (
            Case(),
            Case(log=give("block-2/mtx-hd/8", "2027-01-04T10:00:00-05:00")),
            Case(log=give("block-2/mtx-hd/8", "2027-01-05T23:30:00-05:00"), twist=changed("block-2/lcv/", times=())),
            Case(log=give("block-2/mtx-hd/8", "2027-01-06T03:30:00+00:00")),
            Case(twist=each_changed("block-2/lcv/", in_any_order)),
            Case(edits=((BLOCK_2, UNTIL, ""),), twist=changed("block-2/mtx-hd", status=Status.OMITTED)),
            Case(edits=((BLOCK_2, UNTIL, ""), (BLOCK_2, "over: 36 h", "over: 23 h"))),
        ),
    ),
    "pulse_cut_by_the_end": Rule(
        "S13",
        (
            Case(
                "dexAMETHasone (maintenance-6/dex) is given on 2 of the 5 days of its pulse: the end of therapy,"
                " Thu 30-Nov-2028, cuts it",
                log="  - entry: delay\n    course: block-2\n    days: 8\n",
                severity=Severity.WARNING,
            ),
        ),
        (Case(), Case(log="  - entry: delay\n    course: block-2\n    days: 5\n")),
    ),
    "dose_past_its_course": Rule(
        "S13",
        (
            Case(
                "asparaginase Erwinia chrysanthemi (block-1/peg) goes on past Block 1, whose last day is"
                " Mon 28-Dec-2026: Wed 30-Dec-2026",
                log=SUBSTITUTED + "2026-12-17\n",
                severity=Severity.WARNING,
            ),
        ),
        (Case(), Case(log=SUBSTITUTED + "2027-01-06\n")),
    ),
    "planned_before_its_arm": Rule(
        "S21",
        (
            Case(
                "Block 2 is planned for Tue 29-Dec-2026, before arm D was assigned on Mon 04-Jan-2027",
                log="  - entry: assign\n    arm: D\n    date: 2027-01-04\n",
                severity=Severity.WARNING,
            ),
        ),
        (
            Case(),
            Case(log="  - entry: assign\n    arm: D\n    date: 2027-01-04\n" + start("block-2", "2027-01-04")),
            Case(log="  - entry: assign\n    arm: D\n    date: 2026-12-29\n"),
        ),
    ),
    "infusion_stands_still": Rule(
        "S20",
        (
            Case(
                "blinatumomab in Blinatumomab Cycle 1 stopped on Tue 02-Feb-2027 06:00 and no resume is recorded",
                log=RUNNING + interrupt("2027-02-02T06:00:00-05:00"),
                severity=Severity.WARNING,
            ),
            Case(
                "and was resumed on Tue 09-Feb-2027 06:01, after more than 7 days: nothing more of it is planned",
                log=RUNNING + interrupt("2027-02-02T06:00:00-05:00") + resume("2027-02-09T06:01:00-05:00"),
                remedy="A prescriber decides: a new cycle, or none. Nothing is planned unasked.",
            ),
            Case(
                "after more than 7 days: nothing more of it is planned",
                log=RUNNING + interrupt("2027-02-02T06:00:00-05:00") + resume("2027-02-09T06:01:00-05:00"),
                twist=by_an_earlier_version,
            ),
        ),
        (
            Case(log=RUNNING),
            Case(log=RUNNING + interrupt("2027-02-02T06:00:00-05:00") + resume("2027-02-09T06:00:00-05:00")),
        ),
    ),
    "rescue_without_its_settings": Rule(
        "S23",
        (
            Case("methotrexate (block-2/mtx-hd) has started, but the site's settings", log=STARTED_INFUSION),
            Case(
                "has started",
                log=STARTED_INFUSION,
                settings=Settings(clearances=CLEARED_BELOW),
                remedy='Write into the settings file: level draws: {methotrexate: "HOURS h, HOURS h"}.',
            ),
            Case(
                "has started",
                log=STARTED_INFUSION,
                settings=Settings(level_draws=(("methotrexate", (24, 48)),)),
                remedy="Write into the settings file: clearances: {methotrexate: below NUMBER UNIT}.",
            ),
        ),
        (
            Case(),
            Case(log=give("block-2/vcr/1", "2026-12-29T09:00:00-05:00")),
            Case(
                log=STARTED_INFUSION,
                settings=Settings(clearances=CLEARED_BELOW, level_draws=(("methotrexate", (24, 48)),)),
            ),
        ),
    ),
    "cumulative_dose": Rule(
        "S24",
        (
            Case(
                "anthracyclines: 80 mg/m2 (mitoxantrone x 4; 0 mg/m2 before) is over the ceiling of 79 mg/m2 with"
                " mitoxantrone (block-1/mitox) on Wed 02-Dec-2026",
                settings=ceiling(79),
                severity=WARNING,
            ),
            Case(
                "120.4 mg/m2 (mitoxantrone x 4; 40.4 mg/m2 before) is over the ceiling of 120 mg/m2",
                log=prior("mitoxantrone", "10.1"),
                settings=ceiling(120),
                severity=WARNING,
            ),
            Case(
                "over the ceiling of 50 mg/m2, even before this therapy",
                log=prior("mitoxantrone", "20"),
                twist=changed("block-1/mitox/", status=Status.OMITTED),
                settings=ceiling(50),
                severity=WARNING,
            ),
        ),
        (
            Case(),
            Case(settings=ceiling(80)),
            Case(log=prior("mitoxantrone", "10"), settings=ceiling(120)),
            Case(log=prior("vincristine", "100"), settings=ceiling(80)),
        ),
    ),
    "ceiling_does_not_count": Rule(
        "S24",
        (
            Case(
                "the ceiling 'anthracyclines' counts pegaspargase, which is measured in units, not in mg: none of it is"
                " counted",
                settings=ceiling(80, pegaspargase=1),
            ),
            Case(
                "counts mitoxanthrone, which aall1331 0.2 does not know: none of it is counted, and nothing of"
                " mitoxantrone",
                log=prior("mitoxanthrone", "10"),
                settings=ceiling(80, mitoxanthrone=4),
            ),
            Case(
                "counts doxorubicin, which neither aall1331 0.2 nor the record has: none of it is counted",
                settings=ceiling(80, mitoxantrone=4, doxorubicin=1),
                severity=WARNING,
            ),
            Case(
                "counts mitoxantron, which neither aall1331 0.2 nor the record has",
                settings=ceiling(80, mitoxantrone=4, mitoxantron=4),
                severity=WARNING,
            ),
        ),
        (
            Case(),
            Case(settings=ceiling(79)),
            Case(settings=ceiling(80, thioguanine=1)),
            Case(log=prior("doxorubicin", "10"), settings=ceiling(120, mitoxantrone=4, doxorubicin=1)),
        ),
    ),
    "not_intrathecal": Rule(
        "S25",
        (
            Case(
                "mitoxantrone (block-1/mitox) is given IT, but the definition does not list it as intrathecal;"
                " Tue 01-Dec-2026, Wed 02-Dec-2026",
                twist=changed("block-1/mitox/1", route=Route.IT),
            ),
            Case("etoposide (block-2/etop) is given IT", twist=each_changed("block-2/etop", offered)),
        ),
    ),
    "label_dose_by_age": Rule(
        "S26",
        (
            Case(
                "pegaspargase (block-1/peg) from 22 years on: the label gives 2,000 units/m2 (1,560 units that day);"
                " this line 2,500 units/m2 (1,950 units that day); Thu 03-Dec-2026, Thu 17-Dec-2026",
                patient={"born": "2004-12-03"},
                twist=with_agent("pegaspargase", label_doses=FROM_22_YEARS),
                severity=WARNING,
            ),
            Case(
                "2,500 units/m2 (1,950 units that day); Thu 17-Dec-2026",  # 22 on that day
                patient={"born": "2004-12-17"},
                twist=with_agent("pegaspargase", label_doses=FROM_22_YEARS),
                severity=WARNING,
            ),
            Case(
                "this line 2,400 units/m2 (1,950 units that day)",
                twist=lambda plan: each_changed("block-1/peg/", by_days("3, 17", "2,400 units/m2", "9 units"))(
                    with_agent("pegaspargase", label_doses=FROM_7_YEARS)(plan)
                ),
                severity=WARNING,
            ),
            Case(
                "(block-2/peg) from 7 years on",
                twist=with_agent("pegaspargase", label_doses=FROM_7_YEARS),
                severity=WARNING,
            ),
        ),
        (
            Case(twist=with_agent("pegaspargase", label_doses=FROM_22_YEARS)),
            Case(twist=with_agent("pegaspargase", label_doses=label("2,500 units/m2", age=7))),
            Case(twist=with_agent("pegaspargase", label_doses=label("2,000 units/m2", weight=10))),
            Case(
                twist=lambda plan: changed("block-1/peg/", status=Status.OMITTED)(
                    with_agent("pegaspargase", label_doses=FROM_7_YEARS)(plan)
                ),
                patient=BLOCK_1_ONLY,
            ),
        ),
    ),
    "arm_that_does_not_fit": Rule(
        "S27",
        (
            Case(
                "arm D is for low risk, but the record's risk group is high since Tue 01-Dec-2026",
                patient={"risk": "high"},
            ),
            Case("arm A is for intermediate or high risk, but the record's risk group is low", patient={"arm": "A"}),
            Case("arm D is assigned since Tue 01-Dec-2026, but the record has no CNS status", patient={"cns": ""}),
        ),
        (Case(), Case(patient={"arm": "", "cns": "", "risk": "high"}), Case(patient={"risk": ""})),
    ),
    "failure_route_after_its_drug": Rule(
        "S27",
        (
            Case(
                "the route after treatment failure (Wed 10-Feb-2027) is for those who had no blinatumomab before, but"
                " it was given from Tue 26-Jan-2027 on (blina-cycle-1/blina)",
                log=ON_BLINA + fail("2027-02-10"),
            ),
            Case("but it was given from Tue 26-Jan-2027 on", log=ON_BLINA + fail("2027-01-26")),
            Case(
                "but it was given from Wed 20-Jan-2027 on (salvage-1/blina)",
                log=IN_BLOCK_2 + fail("2027-01-15") + start("salvage-1", "2027-01-20") + fail("2027-02-10"),
            ),
        ),
        (
            Case(),
            Case(log=IN_BLOCK_2 + fail("2027-01-15")),
            Case(log=IN_BLOCK_2 + fail("2027-01-15") + start("salvage-1", "2027-01-20")),
            Case(log=IN_BLOCK_2 + fail("2027-01-15") + start("salvage-1", "2027-01-15")),
        ),
    ),
    "rounds_to_nothing": Rule(
        "S18",
        (
            Case(
                "vinCRIStine (block-1/vcr) comes to 0 mg; Tue 01-Dec-2026, Tue 08-Dec-2026, Tue 15-Dec-2026,"
                " Tue 22-Dec-2026",
                edits=(
                    (BLOCK_1, "dose: 1.5 mg/m2", "dose: 0.0001 mg/m2"),
                    (BLOCK_1, "max: 2 mg", "max: 2 mg, 0.0001 mg/course"),
                ),
            ),
        ),
        (Case(), Case(edits=((BLOCK_1, "dose: 1.5 mg/m2", "dose: 0.0001 mg/m2"),))),
    ),
    "definition_changed": Rule(
        "definition-changed",
        (
            Case(
                "aall1331 0.2 is no longer the definition that this record was made with",
                edits=((BLOCK_1, "dose: 1.5 mg/m2", "dose: 2.5 mg/m2"),),
            ),
        ),
        (Case(), Case(edits=((BLOCK_1, "dose: 1.5 mg/m2", 'dose: "1.5 mg/m2"'),))),
    ),
    "unverified_dose": Rule(
        "S28",
        (Case("doses of dexAMETHasone are unverified", patient=BLOCK_1_ONLY, severity=WARNING),),
        (Case(edits=((BLOCK_1, "cap: unverified", "cap: corroborated"),), patient=BLOCK_1_ONLY),),
    ),
}


class Planner:
    """Plans cases; each definition is read once and each case planned once, for reading is what takes the time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.numbers = count(1)
        self.definitions: dict[tuple[tuple[str, str, str], ...], Protocol] = {}
        self.plans: dict[int, tuple[Case, Plan]] = {}

    def __call__(self, case: Case) -> Plan:
        if id(case) not in self.plans:
            self.plans[id(case)] = (case, self.plan(case))
        return self.plans[id(case)][1]

    def plan(self, case: Case) -> Plan:
        folder = self.folder / f"case-{next(self.numbers)}"
        folder.mkdir()
        path = folder / "p.yaml"
        made = compose(
            NewPatient(**{**PATIENT, **case.patient}), path, (), datetime(2026, 11, 30, tzinfo=UTC), "0" * 32
        )
        assert made.record, made.problems
        path.write_text(made.text + case.log, encoding="utf-8")
        record, problems = read_record(path)
        assert record, problems
        protocol = self.definition(case.edits)
        assert not has_errors(check_fit(protocol, record))
        return case.twist(make_plan(protocol, record, case.settings))

    def definition(self, edits: tuple[tuple[str, str, str], ...]) -> Protocol:
        """The bundled definition with edits; no edit may be one that lint would refuse."""
        if edits not in self.definitions:
            folder = self.folder / f"definition-{len(self.definitions)}"
            shutil.copytree(BUNDLED, folder)
            for name, old, new in edits:
                text = (folder / name).read_text(encoding="utf-8")
                assert old in text, old
                (folder / name).write_text(text.replace(old, new), encoding="utf-8")
            protocol, problems = read_protocol(folder)
            assert protocol, problems
            self.definitions[edits] = protocol
        return self.definitions[edits]


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Planner:
    return Planner(tmp_path_factory.mktemp("cases"))


FIRES = [pytest.param(name, case, id=f"{name}-{n}") for name, r in RULES.items() for n, case in enumerate(r.fires)]
QUIET = [pytest.param(name, case, id=f"{name}-{n}") for name, r in RULES.items() for n, case in enumerate(r.quiet)]
BY_NAME = {check.__name__: check for check in CHECKS}


def test_every_check_has_cases_and_every_case_its_check() -> None:
    assert len(BY_NAME) == len(CHECKS)
    assert set(BY_NAME) == set(RULES)
    assert {rule.code for rule in RULES.values()} == set(SOURCES) - {
        DIFFERS,
        ONCE,
        "issue-differs",
    }  # see test_second_count, test_issues
    assert all(rule.fires and rule.quiet for rule in RULES.values())


@pytest.mark.parametrize(("name", "case"), FIRES)
def test_fires(name: str, case: Case, planned: Planner) -> None:
    plan = planned(case)
    by_itself = list(BY_NAME[name](plan, case.settings))
    found = [each for each in check_plan(plan, case.settings) if case.says in each.message]
    assert found, [each.message for each in by_itself]
    assert set(found) <= set(by_itself)
    for each in found:
        assert (each.code, each.severity, each.source) == (RULES[name].code, case.severity, SOURCES[each.code])
        assert each.remedy.endswith(".")
        assert case.remedy in each.remedy


@pytest.mark.parametrize(("name", "case"), FIRES)
def test_without_the_check_nobody_says_it(name: str, case: Case, planned: Planner) -> None:
    plan = planned(case)
    others = [check for check in CHECKS if check is not BY_NAME[name]]
    assert not [each for check in others for each in check(plan, case.settings) if case.says in each.message]


@pytest.mark.parametrize(("name", "case"), QUIET)
def test_is_quiet(name: str, case: Case, planned: Planner) -> None:
    assert not list(BY_NAME[name](planned(case), case.settings))


def test_each_finding_is_told_once_and_errors_first(planned: Planner) -> None:
    plan = planned(Case(log=ON_BLINA + fail("2027-02-10"), patient={"risk": "high"}))
    found = check_plan(plan, Settings())
    assert len(set(found)) == len(found)
    severities = [each.severity is Severity.ERROR for each in found]
    assert severities == sorted(severities, reverse=True)
    assert {each.code for each in found if each.severity is Severity.ERROR} == {"S27"}


def test_findings_point_to_the_line_of_the_record_or_of_the_order(planned: Planner) -> None:
    def line(problem: Problem) -> str:
        assert problem.where
        return Path(problem.where.file).read_text(encoding="utf-8").splitlines()[problem.where.line - 1].strip()

    log = IN_BLOCK_2 + start("continuation-1", "2027-03-02") + measure("2027-03-10", "25")
    found = check_plan(planned(Case(log=log, patient={"risk": "high"})), Settings())
    at = {each.code: line(each) for each in found if each.where and each.where.file.endswith("p.yaml")}
    assert at == {
        "S22": "- entry: measure",
        "S21": "- entry: start",
        "S27": "- entry: assign",
    }
    assert "- key: vcr" in {line(each) for each in found if each.code == "S2"}


def test_early_revisions_of_a_record_are_checked_too(planned: Planner) -> None:
    plan = planned(Case(log=ON_BLINA))
    for revision in range(1, plan.record.revision + 1):
        early = make_plan(plan.protocol, plan.record, Settings(), revision)
        codes = {each.code for each in check_plan(early, ceiling(79))}
        assert ("S2" in codes) == bool(early.administrations)


def test_bundled_cases_have_no_error(plans: dict[str, Plan]) -> None:
    assert all(not has_errors(check_plan(plan, Settings())) for plan in plans.values())


# The command line


@pytest.fixture
def unfit(tmp_path: Path) -> Path:
    """A record of high risk on an arm for low risk."""
    record = tmp_path / "unfit.yaml"
    assert run("new", record, *with_options(CHILD, risk="high")).returncode == 0
    return record


def test_check_prints_what_is_wrong_errors_first(unfit: Path) -> None:
    done = run("check", unfit)
    assert done.returncode == 1
    first, second = done.stdout.split("\n\n")[:2]
    line = next(n for n, text in enumerate(unfit.read_text().splitlines(), 1) if "entry: assign" in text)
    assert first.splitlines() == [
        "error S27: arm D is for low risk, but the record's risk group is high since Tue 01-Dec-2026",
        f"  at: {unfit}:{line}:5",
        "  do: Correct the arm or the risk group.",
        "  source: registry record",
    ]
    assert second.startswith("warning S2: vinCRIStine (block-1/vcr) and intrathecal methotrexate")
    assert done.stdout.splitlines()[-1] == "1 error, 11 warnings"


def test_warnings_alone_are_fine(child: Path) -> None:
    done = run("check", child)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "11 warnings"


def test_check_as_json(unfit: Path) -> None:
    done = run("check", unfit, "--format", "json")
    assert done.returncode == 1
    problems = json.loads(done.stdout)["problems"]
    assert problems[0]["code"] == "S27"
    assert problems[0]["source"] == "registry record"
    assert problems == sorted(problems, key=lambda each: each["severity"])
    plan = json.loads(run("plan", unfit, "--format", "json").stdout)
    assert plan["problems"] == problems


def test_a_plan_is_shown_with_its_errors_and_the_number_of_its_warnings(unfit: Path) -> None:
    done = run("plan", unfit, "--course", "block-1")
    assert done.returncode == 0
    assert "vinCRIStine" in done.stdout
    assert "error: arm D is for low risk" in done.stderr
    assert done.stderr.endswith("11 warnings of the checks: see `protocal check`\n")


@pytest.mark.parametrize("command", ["roadmap", "feed"])
def test_errors_stop_paper_and_feeds(command: str, unfit: Path) -> None:
    output = unfit.with_name("out.pdf" if command == "roadmap" else "out.ics")
    done = run(command, unfit, "-o", output)
    assert done.returncode == 1
    assert "error: arm D is for low risk" in done.stderr
    assert "[S27]" in done.stderr
    other = run(command, unfit, "-o", output, "--despite", "S5", "--reason", "known")
    assert other.returncode == 1
    assert not output.exists()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--despite", "S27"], "go together"),
        (["--despite", "S27", "--reason", "  "], "go together"),
        (["--reason", "known"], "go together"),
        (["--despite", "S99", "--reason", "known"], "no check is called 'S99'"),
        (["--despite", "", "--reason", "known"], "no check is called ''"),
    ],
)
def test_an_override_that_makes_no_sense(options: list[str], says: str, unfit: Path) -> None:
    done = run("feed", unfit, "-o", unfit.with_name("out.ics"), *options)
    assert done.returncode == 2
    assert says in done.stderr
    assert not unfit.with_name("out.ics").exists()


def test_an_override_stands_on_every_sheet(unfit: Path) -> None:
    output = unfit.with_name("out.pdf")
    done = run("roadmap", unfit, "-o", output, "--course", "block-1", "--despite", "s27", "--reason", "late result")
    assert done.returncode == 0, done.stderr
    assert "error: arm D is for low risk" in done.stderr
    pages = [page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(output)]
    text = " ".join(" ".join(pages).split())
    assert "Issued despite S27: arm D is for low risk" in text
    assert "Reason: late result" in text


def test_remarks_stand_first_on_the_overview_and_every_sheet(plans: dict[str, Plan]) -> None:
    plan = plans["arm-d-cns2-child"]
    made = make_roadmap(plan, Settings(), (), ("one", "two"))
    assert made.overview
    assert all(sheet.comments[:2] == ("one", "two") for sheet in (made.overview, *made.sheets))
    assert make_roadmap(plan, Settings()).overview != made.overview


def test_an_override_stands_in_the_description_of_the_feed(unfit: Path) -> None:
    output = unfit.with_name("out.ics")
    done = run("feed", unfit, "-o", output, "--despite", "S27", "--despite", "S5", "--reason", "late result")
    assert done.returncode == 0, done.stderr
    text = output.read_bytes().decode().replace("\r\n ", "")
    head = next(line for line in text.split("\r\n") if line.startswith("DESCRIPTION:"))
    assert head.startswith(
        "DESCRIPTION:Issued despite S27: arm D is for low risk\\, but the record's risk group is high"
    )
    assert "Reason: late result" in head
    assert text.count("Issued despite") == 1


def test_without_remarks_a_feed_is_as_it_was(plans: dict[str, Plan]) -> None:
    plan = plans["arm-d-cns2-child"]
    assert feed(plan, with_doses=False) == feed(plan, with_doses=False, remarks=())
    assert b"Issued despite" not in feed(plan, with_doses=False)


@pytest.mark.parametrize(("name", "case"), FIRES)
def test_a_check_finds_it_by_itself(name: str, case: Case, planned: Planner) -> None:
    found = [each for each in BY_NAME[name](planned(case), case.settings) if case.says in each.message]
    assert found
    for each in found:
        assert (each.code, each.severity, each.source) == (RULES[name].code, case.severity, SOURCES[each.code])
        assert case.remedy in each.remedy


# How many findings a case has; the first of them that it is about: what it says, where it points to, what helps.
IN_FULL = {
    "rounds_to_nothing-0": (
        1,
        "vinCRIStine (block-1/vcr) comes to 0 mg; Tue 01-Dec-2026, Tue 08-Dec-2026, Tue 15-Dec-2026, Tue 22-Dec-2026",
        "block-1.yaml: key: vcr",
        "Correct its dose or its cap in the definition, or omit it.",
    ),
    "definition_changed-0": (
        1,
        "aall1331 0.2 is no longer the definition that this record was made with: its doses and days may be others",
        "p.yaml: entry: definition",
        "A released version is never edited: restore it, or make a new version.",
    ),
    "fatal_route-0": (
        1,
        "vinCRIStine (block-1/vcr) by IT: IV ONLY, FATAL IF GIVEN BY ANY OTHER ROUTE; Tue 08-Dec-2026",
        "block-1.yaml: key: vcr",
        "Write IV, and no other route.",
    ),
    "fatal_route-1": (
        1,
        "vinCRIStine (block-1/vcr) by CIV: IV ONLY, FATAL IF GIVEN BY ANY OTHER ROUTE; Tue 01-Dec-2026, Tue"
        " 08-Dec-2026, Tue 15-Dec-2026, Tue 22-Dec-2026",
        "block-1.yaml: key: vcr",
        "Write IV, and no other route.",
    ),
    "fatal_route_beside_intrathecal-0": (
        9,
        "vinCRIStine (block-1/vcr) and intrathecal methotrexate (block-1/it-mtx-day1), methotrexate"
        " (block-1/it-mtx) on the same day: vinCRIStine is IV ONLY, FATAL IF GIVEN BY ANY OTHER ROUTE; Tue"
        " 01-Dec-2026, Tue 08-Dec-2026",
        "block-1.yaml: key: vcr",
        "Order, prepare and give them apart; on paper they stand in separate blocks.",
    ),
    "bag_not_named-0": (
        10,
        "vinCRIStine (block-1/vcr) does not name the minibag; Tue 01-Dec-2026, Tue 08-Dec-2026, Tue 15-Dec-2026,"
        " Tue 22-Dec-2026",
        "block-1.yaml: key: vcr",
        "Add a note to the agent: in a minibag, not in a syringe.",
    ),
    "weekly_drug_twice_a_week-0": (
        1,
        "methotrexate (continuation-1/mtx-weekly) is weekly by mouth, but methotrexate (continuation-1/mtx-weekly)"
        " on Tue 09-Mar-2027 and methotrexate (continuation-1/mtx-weekly) on Mon 15-Mar-2027 are 6 days apart",
        "continuation.yaml: key: mtx-weekly",
        "Leave at least 7 days between the two, or omit one.",
    ),
    "oral_dose_on_an_intrathecal_day-0": (
        1,
        "methotrexate (continuation-1/mtx-weekly) by mouth on a day of intrathecal methotrexate"
        " (continuation-1/it-mtx): Tue 02-Mar-2027",
        "continuation.yaml: key: mtx-weekly",
        "Omit the oral dose of Tue 02-Mar-2027 (continuation-1/mtx-weekly/8).",
    ),
    "order_without_stop-0": (
        1,
        "leucovorin (block-2/lcv) starts on Thu 07-Jan-2027 and goes on until methotrexate has cleared: no stop"
        " can be printed; it is planned to Fri 08-Jan-2027",
        "block-2.yaml: key: lcv",
        "Give it until the level has cleared, and record that level.",
    ),
    "adjustment_without_stop-0": (
        1,
        "mercaptopurine is at 50 % of its full dose from Tue 09-Mar-2027 until further notice: no stop can be"
        " printed; it is due to Thu 30-Nov-2028",
        "p.yaml: entry: adjust",
        "Record until when, or from when the full dose is given again.",
    ),
    "interval_too_short-0": (
        1,
        "pegaspargase (block-1/peg) on Wed 16-Dec-2026 comes 13 days after pegaspargase (block-1/peg) on Thu"
        " 03-Dec-2026; at least 14 days are asked for",
        "block-1.yaml: key: peg",
        "Give it on or after 14 days, or give the reason.",
    ),
    "interval_shorter_than_written-0": (
        1,
        "vinCRIStine (block-1/vcr): day 8 on Fri 11-Dec-2026 (moved from Tue 08-Dec-2026: bed free) and day 15 on"
        " Tue 15-Dec-2026 are 4 days apart; the definition has 7 days between them",
        "block-1.yaml: key: vcr",
        "Move the next dose too, or confirm the shorter interval.",
    ),
    "interval_shorter_than_written-1": (
        1,
        "vinCRIStine (block-1/vcr): day 1 on Tue 01-Dec-2026 and day 8 on Mon 07-Dec-2026 (given) are 6 days"
        " apart; the definition has 7 days between them",
        "block-1.yaml: key: vcr",
        "Move the next dose too, or confirm the shorter interval.",
    ),
    "interval_shorter_than_written-2": (
        2,
        "vinCRIStine (block-1/vcr): day 15 on Tue 15-Dec-2026 and day 8 on Wed 16-Dec-2026 (moved) are 1 day"
        " apart; the definition has 7 days between them",
        "block-1.yaml: key: vcr",
        "Move the next dose too, or confirm the shorter interval.",
    ),
    "interval_shorter_than_written-3": (
        6,
        "dexAMETHasone (block-1/dex): day 1 on Wed 02-Dec-2026 (moved) and day 2 on Wed 02-Dec-2026 are 0 days"
        " apart; the definition has 1 day between them",
        "block-1.yaml: key: dex",
        "Move the next dose too, or confirm the shorter interval.",
    ),
    "interval_shorter_than_written-4": (
        1,
        "methotrexate, hydrocortisone, cytarabine (block-1/itt): day 8 on Wed 09-Dec-2026 (moved) and day 15 on"
        " Tue 15-Dec-2026 are 6 days apart; the definition has 7 days between them",
        "block-1.yaml: key: itt",
        "Move the next dose too, or confirm the shorter interval.",
    ),
    "course_before_the_last_one_is_over-0": (
        1,
        "Block 2 starts on Mon 28-Dec-2026, but Block 1 runs to Mon 28-Dec-2026",
        "p.yaml: entry: start",
        "Correct the start, or give its reason (--reason, in the record 'why').",
    ),
    "course_before_the_last_one_is_over-1": (
        1,
        "Block 2 starts on Mon 28-Dec-2026, but Block 1 runs to Mon 28-Dec-2026 (reason: bed free)",
        "p.yaml: entry: start",
        "What is left of Block 1 is still planned: check both.",
    ),
    "tablets_cannot_make_the_dose-0": (
        1,
        "dexAMETHasone (block-1/dex): whole and half 20 mg tablets cannot reach 7.8 mg within 10 %: the nearest"
        " week has 100 mg instead of 78 mg; Tue 01-Dec-2026 to Sat 05-Dec-2026, Tue 15-Dec-2026 to Sat 19-Dec-2026",
        "block-1.yaml: key: dex",
        "Choose other tablets or a liquid in the site's settings, or ask the prescriber.",
    ),
    "tablets_cannot_make_the_dose-2": (
        1,
        "dexAMETHasone (block-1/dex): whole and half 20 mg tablets cannot reach 7.8 mg within 10 %: the nearest"
        " week has 100 mg instead of 78 mg; Tue 01-Dec-2026 to Sat 05-Dec-2026, Tue 15-Dec-2026 to Sat 19-Dec-2026",
        "block-1.yaml: key: dex",
        "The doses are planned in the site's liquid: confirm it, or choose other tablets.",
    ),
    "split_dose_does_not_add_up-0": (
        1,
        "dexAMETHasone (block-2/dex) is 4.68 mg a day, but its 2 doses of 2.5 mg make 5 mg; Wed 30-Dec-2026",
        "block-2.yaml: key: dex",
        "Split the day's dose so that its parts make the whole, or record the reason with an adjustment.",
    ),
    "day_one_not_declared_once-0": (
        1,
        "Block 2 counts its days from Day 0, but the protocol counts from Day 1 and the course has no transplant",
        "block-2.yaml: course: block-2",
        "Count its days from Day 1, in the definition.",
    ),
    "day_one_not_declared_once-1": (
        1,
        "Allogeneic HSCT counts its days from Day 0, but the protocol counts from Day 1 and the course has no"
        " transplant",
        "hsct.yaml: course: hsct",
        "Count its days from Day 1, in the definition.",
    ),
    "rounded_too_far-0": (
        1,
        "vinCRIStine (block-1/vcr) is rounded from 1.17 mg to 1.3 mg: +11.1 % is more than 5 %; Tue 08-Dec-2026",
        "block-1.yaml: key: vcr",
        "Choose another strength or form, or confirm the rounded dose.",
    ),
    "rounded_too_far-1": (
        1,
        "vinCRIStine (block-1/vcr) is rounded from 1.17 mg to 1.1 mg: -6.0 % is more than 5 %; Tue 08-Dec-2026",
        "block-1.yaml: key: vcr",
        "Choose another strength or form, or confirm the rounded dose.",
    ),
    "rounded_too_far-3": (
        1,
        "mercaptopurine (continuation-1/mp) is rounded from 409.5 mg to 375 mg in all: -8.4 % is more than 5 %;"
        " Tue 02-Mar-2027 to Mon 12-Apr-2027",
        "continuation.yaml: key: mp",
        "Choose another strength or form, or confirm the rounded dose.",
    ),
    "rounded_too_far-4": (
        1,
        "dexAMETHasone (block-2/dex) is rounded from 23.4 mg to 28.72 mg in all: +22.7 % is more than 5 %; Tue"
        " 29-Dec-2026 to Sat 02-Jan-2027",
        "block-2.yaml: key: dex",
        "Choose another strength or form, or confirm the rounded dose.",
    ),
    "infusion_not_whole-0": (
        1,
        "blinatumomab (blina-cycle-1/blina) runs for 16 of 28 days, from Tue 26-Jan-2027 to Wed 10-Feb-2027",
        "blinatumomab.yaml: key: blina",
        "A prescriber decides whether and how it goes on: a stop of 4 h or more is a supervised restart.",
    ),
    "infusion_twice-0": (
        1,
        "blinatumomab (blina-block-1/blina) and blinatumomab (blina-block-2/blina) run at the same time: Sun"
        " 24-Jan-2027, Mon 25-Jan-2027",
        "blinatumomab.yaml: key: blina",
        "Correct the start of one of the two courses.",
    ),
    "bag_too_long_for_weight-0": (
        3,
        "blinatumomab (blina-cycle-1/blina): bags of 168 h from Tue 26-Jan-2027 on are for 22 kg and more, but the"
        " dose is worked out from 19.4 kg (Mon 30-Nov-2026)",
        "p.yaml: entry: bags",
        "Choose bags that last less long.",
    ),
    "label_dose_by_weight-0": (
        3,
        "blinatumomab (blina-cycle-1/blina) from 45 kg on: the label gives 28 mcg/day (28 mcg that day); this line"
        " 15 mcg/m2/day (20.55 mcg that day); Tue 26-Jan-2027 to Mon 22-Feb-2027",
        "blinatumomab.yaml: key: blina",
        "Ask the prescriber which of the two is meant.",
    ),
    "label_dose_by_weight-1": (
        3,
        "blinatumomab (blina-cycle-1/blina) from 19 kg on: the label gives 1 mcg/kg/day (19.4 mcg that day); this"
        " line 15 mcg/m2/day (11.7 mcg that day); Tue 26-Jan-2027 to Mon 22-Feb-2027",
        "blinatumomab.yaml: key: blina",
        "Ask the prescriber which of the two is meant.",
    ),
    "counts_not_recorded-0": (
        1,
        "Continuation 1 started on Tue 02-Mar-2027, but its counts (anc at least 750/mcL, platelets at least"
        " 75,000/mcL) are not in the record: its dates are provisional",
        "p.yaml: entry: start",
        "Check the counts and record them with the start.",
    ),
    "stale_measurement-0": (
        1,
        "Block 2 started on Tue 29-Dec-2026 on height and weight of Mon 30-Nov-2026, 29 days before",
        "p.yaml: entry: measure",
        "Measure within 28 days before Day 1, and record it with `protocal measure`.",
    ),
    "stale_measurement-1": (
        1,
        "Block 1 started on Tue 01-Dec-2026 on height and weight of Sat 05-Dec-2026, 4 days after",
        "p.yaml: entry: measure",
        "Measure within 28 days before Day 1, and record it with `protocal measure`.",
    ),
    "weight_has_changed-0": (
        1,
        "Block 1 runs on doses for 19.4 kg (Mon 30-Nov-2026), but on Thu 10-Dec-2026 the weight was 23 kg: +19 %",
        "p.yaml: entry: measure",
        "Ask the prescriber whether the doses left are worked out again (`protocal measure --again DATE`).",
    ),
    "infusion_without_rescue-0": (
        1,
        "methotrexate (block-2/mtx-hd) on Tue 05-Jan-2027 has no rescue in its course",
        "block-2.yaml: key: mtx-hd",
        "Do not start it before its rescue is ordered; if it runs, order the rescue now.",
    ),
    "infusion_without_rescue-2": (
        1,
        "methotrexate (block-2/mtx-hd) on Tue 05-Jan-2027 has no dose of its rescue (block-2/lcv), due on Thu"
        " 07-Jan-2027",
        "block-2.yaml: key: mtx-hd",
        "Do not start it before its rescue is ordered; if it runs, order the rescue now.",
    ),
    "infusion_without_rescue-4": (
        1,
        "methotrexate (block-2/mtx-hd) on Mon 04-Jan-2027 needs its rescue, leucovorin (block-2/lcv), on Wed"
        " 06-Jan-2027, 48 h after mtx-hd, but it begins on Thu 07-Jan-2027",
        "block-2.yaml: key: mtx-hd",
        "Do not start it before its rescue is ordered; if it runs, order the rescue now.",
    ),
    "rescue_without_its_settings-0": (
        1,
        "methotrexate (block-2/mtx-hd) has started, but the site's settings do not say when its levels are drawn"
        " and below which level it has cleared",
        "block-2.yaml: key: mtx-hd",
        "Write into the settings file: clearances: {methotrexate: below NUMBER UNIT}; level draws: {methotrexate:"
        ' "HOURS h, HOURS h"}.',
    ),
    "rescue_without_its_settings-1": (
        1,
        "methotrexate (block-2/mtx-hd) has started, but the site's settings do not say when its levels are drawn"
        " and below which level it has cleared",
        "block-2.yaml: key: mtx-hd",
        'Write into the settings file: level draws: {methotrexate: "HOURS h, HOURS h"}.',
    ),
    "rescue_without_its_settings-2": (
        1,
        "methotrexate (block-2/mtx-hd) has started, but the site's settings do not say when its levels are drawn"
        " and below which level it has cleared",
        "block-2.yaml: key: mtx-hd",
        "Write into the settings file: clearances: {methotrexate: below NUMBER UNIT}.",
    ),
    "cumulative_dose-0": (
        1,
        "anthracyclines: 80 mg/m2 (mitoxantrone x 4; 0 mg/m2 before) is over the ceiling of 79 mg/m2 with"
        " mitoxantrone (block-1/mitox) on Wed 02-Dec-2026",
        "block-1.yaml: key: mitox",
        "Ask the prescriber. Ceiling and factors are this site's settings.",
    ),
    "cumulative_dose-2": (
        1,
        "anthracyclines: 80 mg/m2 (mitoxantrone x 4; 80 mg/m2 before) is over the ceiling of 50 mg/m2, even before"
        " this therapy",
        "",
        "Ask the prescriber. Ceiling and factors are this site's settings.",
    ),
    "ceiling_does_not_count-0": (
        1,
        "the ceiling 'anthracyclines' counts pegaspargase, which is measured in units, not in mg: none of it is"
        " counted",
        "",
        "Take it out of the ceiling's factors in the site's settings.",
    ),
    "ceiling_does_not_count-1": (
        1,
        "the ceiling 'anthracyclines' counts mitoxanthrone, which aall1331 0.2 does not know: none of it is"
        " counted, and nothing of mitoxantrone",
        "",
        "Did you mean 'mitoxantrone'? Correct the ceiling's factors in the site's settings.",
    ),
    "ceiling_does_not_count-2": (
        1,
        "the ceiling 'anthracyclines' counts doxorubicin, which neither aall1331 0.2 nor the record has: none of"
        " it is counted",
        "",
        "If some was given before, record it as a prior dose; if the name is wrong, correct the ceiling's factors"
        " in the site's settings.",
    ),
    "ceiling_does_not_count-3": (
        1,
        "the ceiling 'anthracyclines' counts mitoxantron, which neither aall1331 0.2 nor the record has: none of"
        " it is counted",
        "",
        "If some was given before, record it as a prior dose; if the name is wrong, correct the ceiling's factors"
        " in the site's settings.",
    ),
    "not_intrathecal-0": (
        1,
        "mitoxantrone (block-1/mitox) is given IT, but the definition does not list it as intrathecal; Tue"
        " 01-Dec-2026, Wed 02-Dec-2026",
        "block-1.yaml: key: mitox",
        "The definition gives it IV: correct the route.",
    ),
    "label_dose_by_age-0": (
        2,
        "pegaspargase (block-1/peg) from 22 years on: the label gives 2,000 units/m2 (1,560 units that day); this"
        " line 2,500 units/m2 (1,950 units that day); Thu 03-Dec-2026, Thu 17-Dec-2026",
        "block-1.yaml: key: peg",
        "Ask the prescriber which of the two is meant.",
    ),
    "arm_that_does_not_fit-0": (
        1,
        "arm D is for low risk, but the record's risk group is high since Tue 01-Dec-2026",
        "p.yaml: entry: assign",
        "Correct the arm or the risk group.",
    ),
    "arm_that_does_not_fit-1": (
        1,
        "arm A is for intermediate or high risk, but the record's risk group is low since Tue 01-Dec-2026",
        "p.yaml: entry: assign",
        "Correct the arm or the risk group.",
    ),
    "arm_that_does_not_fit-2": (
        1,
        "arm D is assigned since Tue 01-Dec-2026, but the record has no CNS status",
        "p.yaml: entry: assign",
        "Record it (--cns): cns1, cns2, cns3. What depends on it is missing from this plan.",
    ),
    "failure_route_after_its_drug-0": (
        1,
        "the route after treatment failure (Wed 10-Feb-2027) is for those who had no blinatumomab before, but it"
        " was given from Tue 26-Jan-2027 on (blina-cycle-1/blina)",
        "p.yaml: entry: fail",
        "Ask the prescriber and the study's chair.",
    ),
    "unverified_dose-0": (
        1,
        "doses of dexAMETHasone are unverified",
        "",
        "They stand in a family's feed only on request (`protocal feed --unverified-doses`), which then says so.",
    ),
    "pulse_cut_by_the_end-0": (
        1,
        "dexAMETHasone (maintenance-6/dex) is given on 2 of the 5 days of its pulse: the end of therapy, Thu"
        " 30-Nov-2028, cuts it",
        "maintenance.yaml: key: dex",
        "Ask the prescriber: omit what is left of it, or record another end of therapy.",
    ),
    "dose_past_its_course-0": (
        1,
        "asparaginase Erwinia chrysanthemi (block-1/peg) goes on past Block 1, whose last day is Mon 28-Dec-2026:"
        " Wed 30-Dec-2026",
        "agents.yaml: key: erwinia",
        "Give it to its end; look at the course after it for days on which both are due.",
    ),
    "planned_before_its_arm-0": (
        1,
        "Block 2 is planned for Tue 29-Dec-2026, before arm D was assigned on Mon 04-Jan-2027",
        "p.yaml: entry: assign",
        "Record when it starts, or delay it.",
    ),
    "infusion_stands_still-0": (
        1,
        "blinatumomab in Blinatumomab Cycle 1 stopped on Tue 02-Feb-2027 06:00 and no resume is recorded: nothing"
        " more of it is planned, and the courses after it stay put",
        "p.yaml: entry: interrupt",
        "Record the resume with its dose, or ask the prescriber.",
    ),
    "infusion_stands_still-1": (
        1,
        "blinatumomab in Blinatumomab Cycle 1 stopped on Tue 02-Feb-2027 06:00 and was resumed on Tue 09-Feb-2027"
        " 06:01, after more than 7 days: nothing more of it is planned",
        "p.yaml: entry: interrupt",
        "A prescriber decides: a new cycle, or none. Nothing is planned unasked.",
    ),
}


@pytest.mark.parametrize("case_id", IN_FULL)
def test_a_finding_is_put_word_for_word(case_id: str, planned: Planner) -> None:
    name, _, number = case_id.rpartition("-")
    case = RULES[name].fires[int(number)]
    found = list(dict.fromkeys(BY_NAME[name](planned(case), case.settings)))
    first = next(each for each in found if case.says in each.message)
    place = ""
    if first.where:
        path = Path(first.where.file)
        line = path.read_text(encoding="utf-8").splitlines()[first.where.line - 1]
        place = f"{path.name}: {line.strip().removeprefix('- ')}"
    assert (len(found), first.message, place, first.remedy) == IN_FULL[case_id]


def by_friday(each: Administration) -> dict[str, object]:
    return {"date": date(2027, 1, 8), "times": ()}


LATE_START = give("block-2/mtx-hd/8", "2027-01-05T23:30:00-05:00")
LATE = "methotrexate (block-2/mtx-hd) on Tue 05-Jan-2027 needs its rescue, leucovorin (block-2/lcv)"
OVERLAP = "Block 2 starts on Mon 28-Dec-2026, but Block 1 runs to Mon 28-Dec-2026"
GROWN = "runs on doses for 19.4 kg (Mon 30-Nov-2026), but on"


@pytest.mark.parametrize(
    ("name", "case", "says"),
    [
        # the weight: in the course that runs on that day, up to its last day, and the newest of all
        (
            "weight_has_changed",
            Case(log=measure("2026-12-28", "23")),
            [f"Block 1 {GROWN} Mon 28-Dec-2026 the weight was 23 kg: +19 %"],
        ),
        (
            "weight_has_changed",
            Case(log=measure("2026-12-10", "20") + measure("2026-12-20", "23")),
            [f"Block 1 {GROWN} Sun 20-Dec-2026 the weight was 23 kg: +19 %"],
        ),
        (
            "weight_has_changed",
            Case(log=IN_BLOCK_2 + measure("2027-01-10", "23")),
            [f"Block 2 {GROWN} Sun 10-Jan-2027 the weight was 23 kg: +19 %"],
        ),
        ("weight_has_changed", Case(log=measure("2027-01-10", "23")), []),  # Block 2 is only planned
        # courses: also the second pair, by the start of the course itself, and without any start
        (
            "course_before_the_last_one_is_over",
            Case(log=IN_BLOCK_2 + start("blina-cycle-1", "2027-01-25")),
            ["Blinatumomab Cycle 1 starts on Mon 25-Jan-2027, but Block 2 runs to Mon 25-Jan-2027"],
        ),
        (
            "course_before_the_last_one_is_over",
            Case(log=start("block-2", "2026-12-28", "bed free") + start("blina-cycle-1", "2027-01-26")),
            [f"{OVERLAP} (reason: bed free)"],
        ),
        (
            "course_before_the_last_one_is_over",
            Case(
                log=start("block-2", "2026-12-28", "bed free"),
                twist=lambda plan: replace(plan, revision=plan.revision - 1),  # which does not have the start
            ),
            [OVERLAP],
        ),
        # infusions: one of a single day, and two of which neither follows the other
        (
            "infusion_not_whole",
            Case(log=ON_BLINA + fail("2027-01-26")),
            ["blinatumomab (blina-cycle-1/blina) runs for 1 of 28 days, from Tue 26-Jan-2027 to Tue 26-Jan-2027"],
        ),
        (
            "infusion_twice",
            Case(twist=changed("blina-cycle-3/blina/28", date=date(2027, 1, 26))),
            [
                "blinatumomab (blina-cycle-1/blina) and blinatumomab (blina-cycle-3/blina) run at the same time:"
                " Tue 26-Jan-2027"
            ],
        ),
        # a dose whose hour is known is told on the day of that hour
        (
            "interval_shorter_than_written",
            Case(
                patient=BLOCK_1_ONLY,
                twist=changed("block-1/vcr/8", times=(datetime(2026, 12, 7, 9, tzinfo=UTC),), status=GIVEN),
            ),
            [
                "vinCRIStine (block-1/vcr): day 1 on Tue 01-Dec-2026 and day 8 on Mon 07-Dec-2026 (given) are 6 days"
                " apart; the definition has 7 days between them"
            ],
        ),
        # a ceiling names drugs as the protocol writes them, and others as the settings have them
        (
            "cumulative_dose",
            Case(
                log=prior("daunorubicin", "10"),
                patient=BLOCK_1_ONLY,
                settings=ceiling(24, vincristine=1, daunorubicin=2),
            ),
            [
                "anthracyclines: 26 mg/m2 (daunorubicin x 2, vinCRIStine x 1; 20 mg/m2 before) is over the ceiling of"
                " 24 mg/m2 with vinCRIStine (block-1/vcr) on Tue 15-Dec-2026"
            ],
        ),
        # notes of another way in are not on the line
        (
            "bag_not_named",
            Case(patient=BLOCK_1_ONLY, twist=with_agent("vincristine", notes=((Route.IT, "In a minibag."),))),
            [
                "vinCRIStine (block-1/vcr) does not name the minibag; Tue 01-Dec-2026, Tue 08-Dec-2026,"
                " Tue 15-Dec-2026, Tue 22-Dec-2026"
            ],
        ),
        (
            "bag_not_named",
            Case(patient=BLOCK_1_ONLY, twist=with_agent("vincristine", notes=((Route.IV, "In a minibag."),))),
            [],
        ),
        # a rescue is due so many hours after the recorded start, by the patient's clock
        (
            "infusion_without_rescue",
            Case(log=LATE_START, twist=each_changed("block-2/lcv/", by_friday)),
            [f"{LATE}, on Thu 07-Jan-2027, 48 h after mtx-hd, but it begins on Fri 08-Jan-2027"],
        ),
        # a dose of nothing is not rounded
        ("rounded_too_far", Case(twist=changed("block-1/vcr/8", calculated=Decimal(0), dose=Decimal(0))), []),
        # the size that a dose is worked out from is that of its day
        (
            "bag_too_long_for_weight",
            Case(log=bags("168", "2027-01-26") + measure("2027-02-01", "25", again="2027-02-01")),
            [
                "blinatumomab (blina-cycle-1/blina): bags of 168 h from Tue 26-Jan-2027 on are for 22 kg and more, but"
                " the dose is worked out from 19.4 kg (Mon 30-Nov-2026)"
            ],
        ),
        (
            "label_dose_by_age",
            Case(
                log=measure("2026-12-10", "25", again="2026-12-10"),
                patient=BLOCK_1_ONLY,
                twist=with_agent("pegaspargase", label_doses=FROM_7_YEARS),
            ),
            [
                "pegaspargase (block-1/peg) from 7 years on: the label gives 2,000 units/m2 (1,560 units that day);"
                " this line 2,500 units/m2 (1,950 units that day); Thu 03-Dec-2026",
                "pegaspargase (block-1/peg) from 7 years on: the label gives 2,000 units/m2 (1,760 units that day);"
                " this line 2,500 units/m2 (2,200 units that day); Thu 17-Dec-2026",
            ],
        ),
        # what goes into the spinal fluid counts on the day of its hour
        (
            "oral_dose_on_an_intrathecal_day",
            Case(twist=changed("continuation-1/it-mtx/1", times=(datetime(2027, 3, 9, 15, tzinfo=UTC),))),
            [
                "methotrexate (continuation-1/mtx-weekly) by mouth on a day of intrathecal methotrexate"
                " (continuation-1/it-mtx): Tue 09-Mar-2027"
            ],
        ),
        # bags that are chosen from the last day of a cycle on
        (
            "bag_too_long_for_weight",
            Case(log=bags("168", "2027-02-22")),
            [
                f"blinatumomab (blina-cycle-{number}/blina): bags of 168 h from Mon 22-Feb-2027 on are for 22 kg and"
                " more, but the dose is worked out from 19.4 kg (Mon 30-Nov-2026)"
                for number in (1, 2, 3)
            ],
        ),
        # a pulse of which a single day is left, and none
        (
            "pulse_cut_by_the_end",
            Case(log="  - entry: delay\n    course: block-2\n    days: 9\n"),
            [
                "dexAMETHasone (maintenance-6/dex) is given on 1 of the 5 days of its pulse: the end of therapy,"
                " Thu 30-Nov-2028, cuts it"
            ],
        ),
        ("pulse_cut_by_the_end", Case(log="  - entry: delay\n    course: block-2\n    days: 10\n"), []),
        # a day of a pump is nothing that goes on, and what is given after it may be
        (
            "dose_past_its_course",
            Case(
                log=RUNNING
                + give("blina-cycle-1/blina/28", "2027-03-02T14:00:00-05:00")
                + move("blina-cycle-1/it-mtx/29", "2027-03-03")
            ),
            [
                "methotrexate (blina-cycle-1/it-mtx) goes on past Blinatumomab Cycle 1, whose last day is"
                " Mon 01-Mar-2027: Wed 03-Mar-2027"
            ],
        ),
        # what is unverified: the dose, not its days; and in the order of the alphabet
        (
            "unverified_dose",
            Case(
                edits=((BLOCK_1, "days: corroborated, cap: unverified", "days: unverified, cap: corroborated"),),
                patient=BLOCK_1_ONLY,
            ),
            [],
        ),
        (
            "unverified_dose",
            Case(
                edits=(
                    (
                        BLOCK_1,
                        "days: 1, 8, 15, 22\n    evidence: corroborated",
                        "days: 1, 8, 15, 22\n    evidence: unverified",
                    ),
                ),
                patient=BLOCK_1_ONLY,
            ),
            ["doses of dexAMETHasone, vinCRIStine are unverified"],
        ),
        # an adjustment explains nothing before it is in the record
        (
            "split_dose_does_not_add_up",
            Case(
                log=adjust("dexamethasone", 50, "2026-12-30", to="2026-12-30", why="counts"),
                edits=(IN_TWO,),
                twist=lambda plan: replace(split(dose=Decimal("2.5"))(plan), revision=plan.revision - 1),
            ),
            ["dexAMETHasone (block-2/dex) is 4.68 mg a day, but its 2 doses of 2.5 mg make 5 mg; Wed 30-Dec-2026"],
        ),
    ],
)
def test_what_a_check_says_at_its_edges(name: str, case: Case, says: list[str], planned: Planner) -> None:
    assert list(dict.fromkeys(each.message for each in BY_NAME[name](planned(case), case.settings))) == says


def test_a_single_intrathecal_dose_of_another_drug_is_told_with_all_the_ways_in_it_has(planned: Planner) -> None:
    plan = planned(Case(patient=BLOCK_1_ONLY))
    for twist in (
        with_agent("mitoxantrone", routes=(Route.IV, Route.PO)),
        changed("block-1/mitox/1", status=Status.OMITTED),
        changed("block-1/mitox/2", route=Route.IT),
    ):
        plan = twist(plan)
    (found,) = BY_NAME["not_intrathecal"](plan, Settings())
    assert found.message.endswith("does not list it as intrathecal; Wed 02-Dec-2026")
    assert found.remedy == "The definition gives it IV, PO: correct the route."


TWO_CEILINGS = Settings(
    ceilings=(
        Ceiling("vinca", Decimal(1000), (("vincristine", Decimal(1)),)),
        Ceiling("anthracyclines", Decimal(40), (("mitoxantrone", Decimal(4)),)),
    ),
    places=((("ceilings", "anthracyclines"), Where("site.yaml", 3, 5)), (("ceilings", "vinca"), Where("site.yaml", 9))),
)


def test_each_ceiling_is_told_by_the_dose_that_passes_it(planned: Planner) -> None:
    (found,) = BY_NAME["cumulative_dose"](planned(Case(patient=BLOCK_1_ONLY)), TWO_CEILINGS)
    assert "over the ceiling of 40 mg/m2 with mitoxantrone (block-1/mitox) on Wed 02-Dec-2026" in found.message


def test_a_ceiling_points_to_its_own_line_of_the_settings(planned: Planner) -> None:
    none_here = with_agent("vincristine", unit="units")(planned(Case(patient=BLOCK_1_ONLY)))
    assert [each.where for each in BY_NAME["ceiling_does_not_count"](none_here, TWO_CEILINGS)] == [
        Where("site.yaml", 9)
    ]
    before = planned(Case(log=prior("mitoxantrone", "20.11"), patient=BLOCK_1_ONLY))
    without = changed("block-1/mitox/", status=Status.OMITTED)(before)
    (found,) = BY_NAME["cumulative_dose"](without, TWO_CEILINGS)
    assert found.where == Where("site.yaml", 3, 5)
    assert found.message.startswith("anthracyclines: 80.4 mg/m2 (mitoxantrone x 4; 80.4 mg/m2 before) is over")


def test_what_counts_is_a_whole_day_s_dose_in_milligrams_by_the_size_of_that_day(planned: Planner) -> None:
    plan = planned(Case(log=measure("2026-12-02", "25", again="2026-12-02"), patient=BLOCK_1_ONLY))
    plan = changed("block-1/mitox/1", dose=Decimal("0.00195"), unit="g", per_day=2)(plan)
    (found,) = cumulative(plan, ceiling(79))
    assert [(each.bsa, each.per_m2, each.running) for each in found.doses] == [
        (Decimal("0.78"), 5, 20),
        (Decimal("0.88"), 10, 60),
    ]


@pytest.mark.parametrize(
    ("name", "mistake"),
    [
        ("mitoxantron", True),
        ("mitoxantrones", True),
        ("mitoxantroen", True),
        ("mitoxantrona", True),
        ("imtoxantrone", True),
        ("mitxantrone", True),
        ("mitaxantrone", True),
        ("mitooxantrone", True),
        ("mitoooxantrone", False),
        ("mitoxant", False),
        ("daunorubicin", False),
    ],
)
def test_a_name_that_no_ceiling_can_count(name: str, mistake: bool, planned: Planner) -> None:
    (found,) = cumulative(planned(Case(patient=BLOCK_1_ONLY)), ceiling(79, **{name: 4}))
    assert [(each.agent, each.mistake) for each in found.not_counted] == [(name, mistake)]


def test_a_finding_about_a_weight_points_to_the_entry_of_that_weight(planned: Planner) -> None:
    def measured(plan: Plan) -> list[Where | None]:
        return [entry.where for entry in plan.record.log if isinstance(entry, Measured)]

    plan = planned(Case(log=IN_BLOCK_2 + measure("2027-01-20", "19.9")))
    (found,) = BY_NAME["stale_measurement"](plan, Settings())
    assert found.where == measured(plan)[0]
    plan = planned(Case(log=measure("2026-12-20", "23") + measure("2026-12-10", "20")))
    (found,) = BY_NAME["weight_has_changed"](plan, Settings())
    assert found.where == measured(plan)[1]


def test_an_arm_without_its_entry_has_no_since(planned: Planner) -> None:
    plan = replace(planned(Case(patient={"risk": "high"})), revision=0)
    (found,) = BY_NAME["arm_that_does_not_fit"](plan, Settings())
    assert found.message == "arm D is for low risk, but the record's risk group is high"


def test_an_open_order_is_told_with_its_last_planned_day(planned: Planner) -> None:
    (found,) = BY_NAME["order_without_stop"](
        planned(Case(edits=((BLOCK_2, "days: 10-11", "days: 10-13"),))), Settings()
    )
    assert found.message.endswith("it is planned to Sun 10-Jan-2027")


def test_three_days_in_a_row_are_a_span_and_two_are_not() -> None:
    first = date(2026, 12, 1)
    assert dates_text([first, first + timedelta(days=1)]) == "Tue 01-Dec-2026, Wed 02-Dec-2026"
    assert dates_text([first + timedelta(days=each) for each in (2, 1, 0)]) == "Tue 01-Dec-2026 to Thu 03-Dec-2026"
