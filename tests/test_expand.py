"""A course's administrations after something happened, line by line, as a pharmacist would check them.

The girl of `in_memory.py`, 0.78 m2. Each row is the dose's identity within its course, its date, where it stands, its
dose (a count and `x` where there are several a day), its hours, why, and what its working adds to the full dose.
"""
# ruff: noqa: E501 - the rows of a table stay whole

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any, NamedTuple

import pytest
from in_memory import (
    NOWHERE,
    SITE,
    adjusted,
    bagged,
    child,
    cleared,
    course,
    dates,
    day,
    delayed,
    given,
    held,
    hour,
    interrupted,
    left,
    measured,
    moved,
    plan_of,
    resumed,
    started,
    the_protocol,
)

from protocal.check.start_and_stop import dose_past_its_course
from protocal.model.course import Condition, DoseRule
from protocal.model.days import ONE_DAY, parse_days
from protocal.model.doses import Route, parse_anchor, parse_dose, parse_frequency
from protocal.model.entries import Diagnostic, Entry, Given, HoldRule, Stated, Stopped, Substituted, Transplanted
from protocal.model.evidence import Evidence
from protocal.model.facts import facts_of
from protocal.model.plan import DRUG_LEVEL, PUMP_STOP, Administration, Plan, PlannedEvent
from protocal.model.product import Piece, Product, Tablets
from protocal.model.protocol import Protocol
from protocal.model.reasons import Cause, Reason, reason_text
from protocal.plan import make_plan
from protocal.plan.bags import CHOICE
from protocal.plan.course_dates import date_courses
from protocal.plan.course_log import Story, story_of
from protocal.render.wording.products import product_text

RYWN = "pegaspargase", "rywn"
RYWN_IS = "asparaginase-erwinia-rywn"
BLOCK_2 = started("block-2", "2026-12-29")
TWO_OF_2_MG = Tablets((Piece(Decimal(2), Decimal(2)),), "mg")
BLINA = (
    started("block-2", "2026-12-29"),
    started("blina-cycle-1", "2027-01-26"),
    given("blina-cycle-1/blina/1", "2027-01-26 14:00"),
)
CNS3 = Stated(fact="cns", value="cns3", where=NOWHERE)


def substituted(agent: str, product: str, on: str) -> Substituted:
    return Substituted(agent=agent, product=product, date=day(on), why="allergy", where=NOWHERE)


def stopped(on: str, at: str = "") -> Stopped:
    return Stopped(date=day(on), at=hour(f"{on} {at}") if at else None, why="family's wish", where=NOWHERE)


def as_given(id_: str, at: str, dose: str, why: str = "", product: Product | None = None) -> Given:
    return replace(given(id_, at), dose=Decimal(dose), product=product, why=why)


def row(line: Administration) -> str:
    """`peg/17/rywn-1 Fri 18-Dec due 39 mg`."""
    dose = f"{f'{line.per_day} x ' if line.per_day > 1 else ''}{line.dose.normalize():f} {line.unit} {line.route.value}"
    hours = ", ".join(f"{at:%d %H:%M}" for at in line.times)
    full = f"{line.calculated.normalize():f}" if line.calculated != line.dose else ""
    added = "; ".join(each for each in line.working.split("; ")[1:] if not each.startswith("tablets: "))
    parts = [f"{line.id.partition('/')[2]} {line.date:%a %d-%b} {line.status.value} {dose}"]
    parts += [f"at {hours}"] if hours else []
    parts += [f"full {full}"] if full else []
    parts += [f"({reason_text(line.reason)})"] if line.reason else []
    parts += [f"[{added}]"] if added else []
    parts += [f"as {product_text(line.product)}"] if line.product else []
    return " ".join([*parts, *(["open"] if line.open else []), *(["provisional"] if line.provisional else [])])


def rows(plan: Plan, course_: str, *agents: str, days: tuple[int, ...] = ()) -> list[str]:
    lines = [each for each in plan.administrations if each.course == course_ and each.agent in agents]
    return [row(each) for each in lines if not days or each.day in days]


class Case(NamedTuple):
    """What happened, and how doses of some agents in a course then stand."""

    name: str
    log: list[Entry]
    course: str
    agents: list[str]
    rows: list[str]
    days: tuple[int, ...] = ()


CASES = [
    Case(
        "a series takes the place of a dose, with its doses by the weekday",
        [substituted(*RYWN, "2026-12-10")],
        "block-1",
        ["pegaspargase", "asparaginase-erwinia-rywn"],
        [
            "peg/3 Thu 03-Dec due 1950 units IV",
            "peg/17 Thu 17-Dec omitted 1950 units IV (rywn instead: allergy)",
            "peg/17/rywn-1 Fri 18-Dec due 39 mg IM",
            "peg/17/rywn-2 Mon 21-Dec due 19.5 mg IM",
            "peg/17/rywn-3 Wed 23-Dec due 19.5 mg IM",
            "peg/17/rywn-4 Fri 25-Dec due 39 mg IM",
            "peg/17/rywn-5 Mon 28-Dec due 19.5 mg IM",
            "peg/17/rywn-6 Wed 30-Dec due 19.5 mg IM",
        ],
    ),
    Case(
        "one of every second day",
        [substituted("pegaspargase", "rywn-48-h", "2026-12-17")],
        "block-1",
        ["asparaginase-erwinia-rywn"],
        [
            "peg/17/rywn-48-h-1 Thu 17-Dec due 19.5 mg IM",
            "peg/17/rywn-48-h-2 Sat 19-Dec due 19.5 mg IM",
            "peg/17/rywn-48-h-3 Mon 21-Dec due 19.5 mg IM",
            "peg/17/rywn-48-h-4 Wed 23-Dec due 19.5 mg IM",
            "peg/17/rywn-48-h-5 Fri 25-Dec due 19.5 mg IM",
            "peg/17/rywn-48-h-6 Sun 27-Dec due 19.5 mg IM",
            "peg/17/rywn-48-h-7 Tue 29-Dec due 19.5 mg IM",
        ],
    ),
    Case(
        "it begins on the next of its weekdays after a dose that was moved",
        [moved("block-1/peg/17", "2026-12-19"), substituted("pegaspargase", "erwinia", "2026-12-19")],
        "block-1",
        ["pegaspargase", "asparaginase-erwinia"],
        [
            "peg/3 Thu 03-Dec due 1950 units IV",
            "peg/17 Sat 19-Dec omitted 1950 units IV (erwinia instead: allergy)",
            "peg/17/erwinia-1 Mon 21-Dec due 19500 units IM",
            "peg/17/erwinia-2 Wed 23-Dec due 19500 units IM",
            "peg/17/erwinia-3 Fri 25-Dec due 19500 units IM",
            "peg/17/erwinia-4 Mon 28-Dec due 19500 units IM",
            "peg/17/erwinia-5 Wed 30-Dec due 19500 units IM",
            "peg/17/erwinia-6 Fri 01-Jan due 19500 units IM",
        ],
    ),
    Case(
        "each dose of it can be given, left out or moved",
        [
            substituted(*RYWN, "2026-12-10"),
            as_given("block-1/peg/17/rywn-1", "2026-12-19 10:30", "40", "late order"),
            left("block-1/peg/17/rywn-2"),
            moved("block-1/peg/17/rywn-3", "2026-12-24"),
            given("block-1/peg/17/rywn-4", "2026-12-25"),
            moved("block-1/peg/17/rywn-5", "2026-12-28"),
        ],
        "block-1",
        ["asparaginase-erwinia-rywn"],
        [
            "peg/17/rywn-1 Sat 19-Dec given 40 mg IM at 19 10:30 full 39 (moved from Fri 18-Dec-2026: late order) [given: 40 mg]",
            "peg/17/rywn-2 Mon 21-Dec omitted 19.5 mg IM (allergy)",
            "peg/17/rywn-3 Thu 24-Dec moved 19.5 mg IM (moved from Wed 23-Dec-2026: no bed)",
            "peg/17/rywn-4 Fri 25-Dec given 39 mg IM",
            "peg/17/rywn-5 Mon 28-Dec moved 19.5 mg IM (no bed)",
            "peg/17/rywn-6 Wed 30-Dec due 19.5 mg IM",
        ],
    ),
    Case(
        "of two substitutions the later one counts",
        [substituted(*RYWN, "2026-12-10"), substituted("pegaspargase", "erwinia", "2026-12-11")],
        "block-1",
        ["asparaginase-erwinia", "asparaginase-erwinia-rywn"],
        [
            "peg/17/erwinia-1 Fri 18-Dec due 19500 units IM",
        ],
        days=(18,),
    ),
    Case(
        "the end of therapy cuts it, not that of the course",
        [substituted(*RYWN, "2026-12-10"), stopped("2026-12-24")],
        "block-1",
        ["asparaginase-erwinia-rywn"],
        [
            "peg/17/rywn-1 Fri 18-Dec due 39 mg IM",
            "peg/17/rywn-2 Mon 21-Dec due 19.5 mg IM",
            "peg/17/rywn-3 Wed 23-Dec due 19.5 mg IM",
        ],
    ),
    Case(
        "a dose that is left out has none",
        [substituted(*RYWN, "2026-12-10"), left("block-1/peg/17")],
        "block-1",
        ["pegaspargase", "asparaginase-erwinia-rywn"],
        [
            "peg/3 Thu 03-Dec due 1950 units IV",
            "peg/17 Thu 17-Dec omitted 1950 units IV (allergy)",
        ],
    ),
    Case(
        "one that was given has none",
        [given("block-1/peg/17", "2026-12-17"), substituted(*RYWN, "2026-12-10")],
        "block-1",
        ["pegaspargase", "asparaginase-erwinia-rywn"],
        [
            "peg/3 Thu 03-Dec due 1950 units IV",
            "peg/17 Thu 17-Dec given 1950 units IV",
        ],
    ),
    Case(
        "a stop of four hours or more is a supervised restart with its premedication, at the dose that it names",
        [*BLINA, interrupted("blina-cycle-1", "2027-02-01 09:00"), resumed("blina-cycle-1", "2027-02-01 15:00", "10")],
        "blina-cycle-1",
        ["blinatumomab", "dexamethasone"],
        [
            "blina/1 Tue 26-Jan given 11.7 mcg CIV at 26 14:00",
            "dex-premed/1 Tue 26-Jan due 4 mg PO full 3.9 as one 4 mg tablet",
            "blina/2 Wed 27-Jan due 11.7 mcg CIV at 27 14:00",
            "blina/6 Sun 31-Jan due 11.7 mcg CIV at 31 14:00",
            "blina/7 Mon 01-Feb due 10 mcg CIV at 01 20:00 full 11.7 [restart at 10 mcg]",
            "dex-premed/1/restart-1 Mon 01-Feb due 4 mg PO full 3.9 (before the restart) as one 4 mg tablet",
            "blina/8 Tue 02-Feb due 10 mcg CIV at 02 20:00 full 11.7 [restart at 10 mcg]",
            "blina/28 Mon 22-Feb due 10 mcg CIV at 22 20:00 full 11.7 [restart at 10 mcg]",
        ],
        days=(1, 2, 6, 7, 8, 28),
    ),
    Case(
        "a shorter one only moves the hours",
        [*BLINA, interrupted("blina-cycle-1", "2027-02-01 09:00"), resumed("blina-cycle-1", "2027-02-01 12:59")],
        "blina-cycle-1",
        ["blinatumomab", "dexamethasone"],
        [
            "blina/6 Sun 31-Jan due 11.7 mcg CIV at 31 14:00",
            "blina/7 Mon 01-Feb due 11.7 mcg CIV at 01 17:59",
            "blina/8 Tue 02-Feb due 11.7 mcg CIV at 02 17:59",
            "blina/28 Mon 22-Feb due 11.7 mcg CIV at 22 17:59",
        ],
        days=(6, 7, 8, 28),
    ),
    Case(
        "four hours are enough",
        [*BLINA, interrupted("blina-cycle-1", "2027-02-01 09:00"), resumed("blina-cycle-1", "2027-02-01 13:00")],
        "blina-cycle-1",
        ["blinatumomab", "dexamethasone"],
        [
            "blina/6 Sun 31-Jan due 11.7 mcg CIV at 31 14:00",
            "blina/7 Mon 01-Feb due 11.7 mcg CIV at 01 18:00",
            "dex-premed/1/restart-1 Mon 01-Feb due 4 mg PO full 3.9 (before the restart) as one 4 mg tablet",
            "blina/8 Tue 02-Feb due 11.7 mcg CIV at 02 18:00",
            "blina/28 Mon 22-Feb due 11.7 mcg CIV at 22 18:00",
        ],
        days=(6, 7, 8, 28),
    ),
    Case(
        "the premedication that was given is what was given",
        [
            *BLINA,
            interrupted("blina-cycle-1", "2027-02-01 09:00"),
            resumed("blina-cycle-1", "2027-02-01 15:00"),
            as_given("blina-cycle-1/dex-premed/1/restart-1", "2027-02-01 14:30", "4", "early", TWO_OF_2_MG),
        ],
        "blina-cycle-1",
        ["dexamethasone"],
        [
            "dex-premed/1 Tue 26-Jan due 4 mg PO full 3.9 as one 4 mg tablet",
            "dex-premed/1/restart-1 Mon 01-Feb given 4 mg PO at 01 14:30 full 3.9 (before the restart: early) [given: 4 mg] as 2 tablets of 2 mg",
        ],
    ),
    Case(
        "it can be left out",
        [
            *BLINA,
            interrupted("blina-cycle-1", "2027-02-01 09:00"),
            resumed("blina-cycle-1", "2027-02-01 15:00"),
            left("blina-cycle-1/dex-premed/1/restart-1"),
        ],
        "blina-cycle-1",
        ["dexamethasone"],
        [
            "dex-premed/1 Tue 26-Jan due 4 mg PO full 3.9 as one 4 mg tablet",
            "dex-premed/1/restart-1 Mon 01-Feb omitted 4 mg PO full 3.9 (before the restart: allergy) as one 4 mg tablet",
        ],
    ),
    Case(
        "and moved",
        [
            *BLINA,
            interrupted("blina-cycle-1", "2027-02-01 09:00"),
            resumed("blina-cycle-1", "2027-02-01 15:00"),
            moved("blina-cycle-1/dex-premed/1/restart-1", "2027-02-02"),
        ],
        "blina-cycle-1",
        ["dexamethasone"],
        [
            "dex-premed/1 Tue 26-Jan due 4 mg PO full 3.9 as one 4 mg tablet",
            "dex-premed/1/restart-1 Tue 02-Feb moved 4 mg PO full 3.9 (before the restart: moved from Mon 01-Feb-2027: no bed) as one 4 mg tablet",
        ],
    ),
    Case(
        "without a resume the infusion stands still",
        [*BLINA, interrupted("blina-cycle-1", "2027-02-01 09:00")],
        "blina-cycle-1",
        ["blinatumomab", "dexamethasone"],
        [
            "blina/6 Sun 31-Jan due 11.7 mcg CIV at 31 14:00",
            "blina/7 Mon 01-Feb held 11.7 mcg CIV (the infusion stands still: stopped Mon 01-Feb-2027 09:00, no resume is recorded)",
            "blina/28 Mon 22-Feb held 11.7 mcg CIV (the infusion stands still: stopped Mon 01-Feb-2027 09:00, no resume is recorded)",
        ],
        days=(6, 7, 28),
    ),
    Case(
        "after more than seven days a prescriber decides",
        [*BLINA, interrupted("blina-cycle-1", "2027-02-01 09:00"), resumed("blina-cycle-1", "2027-02-09 10:00")],
        "blina-cycle-1",
        ["blinatumomab", "dexamethasone"],
        [
            "blina/6 Sun 31-Jan due 11.7 mcg CIV at 31 14:00",
            "blina/7 Mon 01-Feb held 11.7 mcg CIV (the infusion stands still: stopped Mon 01-Feb-2027 09:00 for more than 7 days, a prescriber must decide)",
            "blina/15 Tue 09-Feb held 11.7 mcg CIV (the infusion stands still: stopped Mon 01-Feb-2027 09:00 for more than 7 days, a prescriber must decide)",
            "blina/28 Mon 22-Feb held 11.7 mcg CIV (the infusion stands still: stopped Mon 01-Feb-2027 09:00 for more than 7 days, a prescriber must decide)",
        ],
        days=(6, 7, 15, 28),
    ),
    Case(
        "of two stops that stand, the later one says why",
        [
            *BLINA,
            interrupted("blina-cycle-1", "2027-02-01 09:00"),
            resumed("blina-cycle-1", "2027-02-01 15:00"),
            interrupted("blina-cycle-1", "2027-02-03 08:00"),
        ],
        "blina-cycle-1",
        ["blinatumomab"],
        [
            "blina/7 Mon 01-Feb due 11.7 mcg CIV at 01 20:00",
            "blina/8 Tue 02-Feb due 11.7 mcg CIV at 02 20:00",
            "blina/9 Wed 03-Feb held 11.7 mcg CIV (the infusion stands still: stopped Wed 03-Feb-2027 08:00, no resume is recorded)",
            "blina/28 Mon 22-Feb held 11.7 mcg CIV (the infusion stands still: stopped Wed 03-Feb-2027 08:00, no resume is recorded)",
        ],
        days=(7, 8, 9, 28),
    ),
    Case(
        "each of two restarts is supervised, and the dose is that of the last",
        [
            *BLINA,
            interrupted("blina-cycle-1", "2027-02-01 09:00"),
            resumed("blina-cycle-1", "2027-02-01 15:00"),
            interrupted("blina-cycle-1", "2027-02-03 08:00"),
            resumed("blina-cycle-1", "2027-02-03 20:00", "9"),
        ],
        "blina-cycle-1",
        ["blinatumomab", "dexamethasone"],
        [
            "blina/7 Mon 01-Feb due 11.7 mcg CIV at 01 20:00",
            "dex-premed/1/restart-1 Mon 01-Feb due 4 mg PO full 3.9 (before the restart) as one 4 mg tablet",
            "blina/8 Tue 02-Feb due 11.7 mcg CIV at 02 20:00",
            "dex-premed/1/restart-2 Wed 03-Feb due 4 mg PO full 3.9 (before the restart) as one 4 mg tablet",
            "blina/9 Thu 04-Feb due 9 mcg CIV at 04 08:00 full 11.7 [restart at 9 mcg]",
            "blina/28 Tue 23-Feb due 9 mcg CIV at 23 08:00 full 11.7 [restart at 9 mcg]",
        ],
        days=(7, 8, 9, 28),
    ),
    Case(
        "a stop at the very hour of a day's change takes that day along",
        [*BLINA, interrupted("blina-cycle-1", "2027-02-01 14:00"), resumed("blina-cycle-1", "2027-02-01 16:00")],
        "blina-cycle-1",
        ["blinatumomab"],
        [
            "blina/6 Sun 31-Jan due 11.7 mcg CIV at 31 14:00",
            "blina/7 Mon 01-Feb due 11.7 mcg CIV at 01 16:00",
            "blina/8 Tue 02-Feb due 11.7 mcg CIV at 02 16:00",
        ],
        days=(6, 7, 8),
    ),
    Case(
        "a dose of the therapy's last date runs until its pump was stopped",
        [*BLINA, stopped("2027-02-01", "18:30")],
        "blina-cycle-1",
        ["blinatumomab"],
        [
            "blina/5 Sat 30-Jan due 11.7 mcg CIV at 30 14:00",
            "blina/6 Sun 31-Jan due 11.7 mcg CIV at 31 14:00",
            "blina/7 Mon 01-Feb due 11.7 mcg CIV at 01 14:00",
        ],
        days=(5, 6, 7, 8),
    ),
    Case(
        "a rescue has its hours from the start of what it is timed by, and is open until a level has cleared",
        [BLOCK_2, given("block-2/mtx-hd/8", "2027-01-05 20:00")],
        "block-2",
        ["leucovorin"],
        [
            "lcv/10 Thu 07-Jan due 4 x 11.7 mg PO at 07 20:00, 08 02:00, 08 08:00, 08 14:00",
            "lcv/11 Fri 08-Jan due 4 x 11.7 mg PO at 08 20:00, 09 02:00, 09 08:00, 09 14:00",
            "lcv/12 Sat 09-Jan due 4 x 11.7 mg PO at 09 20:00, 10 02:00, 10 08:00, 10 14:00 open provisional",
            "lcv/28 Mon 25-Jan due 4 x 11.7 mg PO at 25 20:00, 26 02:00, 26 08:00, 26 14:00 open provisional",
        ],
        days=(10, 11, 12, 28),
    ),
    Case(
        "it goes on to its course's last day though therapy ends before",
        [BLOCK_2, given("block-2/mtx-hd/8", "2027-01-05 20:00"), stopped("2027-01-15")],
        "block-2",
        ["leucovorin"],
        [
            "lcv/27 Sun 24-Jan due 4 x 11.7 mg PO at 24 20:00, 25 02:00, 25 08:00, 25 14:00 open provisional",
            "lcv/28 Mon 25-Jan due 4 x 11.7 mg PO at 25 20:00, 26 02:00, 26 08:00, 26 14:00 open provisional",
        ],
        days=(27, 28, 29),
    ),
    Case(
        "a series is dosed anew from the day on which its course is",
        [substituted(*RYWN, "2026-12-10"), measured("2026-12-22", "113", "21.4", again="2026-12-23")],
        "block-1",
        ["asparaginase-erwinia-rywn"],
        [
            "peg/17/rywn-1 Fri 18-Dec due 39 mg IM",
            "peg/17/rywn-2 Mon 21-Dec due 19.5 mg IM",
            "peg/17/rywn-3 Wed 23-Dec due 20.5 mg IM",
            "peg/17/rywn-4 Fri 25-Dec due 41 mg IM",
            "peg/17/rywn-5 Mon 28-Dec due 20.5 mg IM",
            "peg/17/rywn-6 Wed 30-Dec due 20.5 mg IM",
        ],
    ),
    Case(
        "a level ends it at its hour",
        [BLOCK_2, given("block-2/mtx-hd/8", "2027-01-05 20:00"), cleared("2027-01-08 08:00")],
        "block-2",
        ["leucovorin"],
        [
            "lcv/10 Thu 07-Jan due 2 x 11.7 mg PO at 07 20:00, 08 02:00",
            "lcv/11 Fri 08-Jan omitted 4 x 11.7 mg PO (methotrexate cleared Fri 08-Jan-2027 08:00: 0.08 micromol/L)",
        ],
    ),
    Case(
        "what was given later than it was due, before a level ended it, is on its own date",
        [
            BLOCK_2,
            given("block-2/mtx-hd/8", "2027-01-05 20:00"),
            given("block-2/lcv/10", "2027-01-08 01:00"),
            cleared("2027-01-08 08:00"),
        ],
        "block-2",
        ["leucovorin"],
        [
            "lcv/10 Fri 08-Jan given 2 x 11.7 mg PO at 08 01:00, 08 07:00",
            "lcv/11 Fri 08-Jan omitted 4 x 11.7 mg PO (methotrexate cleared Fri 08-Jan-2027 08:00: 0.08 micromol/L)",
        ],
    ),
    Case(
        "of what is given twice a day the hour of the first dose is known",
        [given("block-1/dex/1", "2026-12-01 08:00")],
        "block-1",
        ["dexamethasone"],
        ["dex/1 Tue 01-Dec given 2 x 8 mg PO at 01 08:00 full 7.8 as 2 tablets of 4 mg"],
        days=(1,),
    ),
    Case(
        "a late level leaves what came before it",
        [BLOCK_2, given("block-2/mtx-hd/8", "2027-01-05 20:00"), cleared("2027-01-12 07:00")],
        "block-2",
        ["leucovorin"],
        [
            "lcv/10 Thu 07-Jan due 4 x 11.7 mg PO at 07 20:00, 08 02:00, 08 08:00, 08 14:00",
            "lcv/11 Fri 08-Jan due 4 x 11.7 mg PO at 08 20:00, 09 02:00, 09 08:00, 09 14:00",
            "lcv/12 Sat 09-Jan due 4 x 11.7 mg PO at 09 20:00, 10 02:00, 10 08:00, 10 14:00 provisional",
            "lcv/13 Sun 10-Jan due 4 x 11.7 mg PO at 10 20:00, 11 02:00, 11 08:00, 11 14:00 provisional",
            "lcv/14 Mon 11-Jan due 2 x 11.7 mg PO at 11 20:00, 12 02:00 provisional",
        ],
    ),
    Case(
        "of two levels the first one ends it",
        [
            BLOCK_2,
            given("block-2/mtx-hd/8", "2027-01-05 20:00"),
            cleared("2027-01-12 07:00"),
            cleared("2027-01-10 07:00"),
        ],
        "block-2",
        ["leucovorin"],
        [
            "lcv/10 Thu 07-Jan due 4 x 11.7 mg PO at 07 20:00, 08 02:00, 08 08:00, 08 14:00",
            "lcv/11 Fri 08-Jan due 4 x 11.7 mg PO at 08 20:00, 09 02:00, 09 08:00, 09 14:00",
            "lcv/12 Sat 09-Jan due 2 x 11.7 mg PO at 09 20:00, 10 02:00 provisional",
        ],
    ),
    Case(
        "where only the date was recorded it has dates and no hours",
        [BLOCK_2, given("block-2/mtx-hd/8", "2027-01-06")],
        "block-2",
        ["leucovorin"],
        [
            "lcv/10 Fri 08-Jan due 4 x 11.7 mg PO",
            "lcv/11 Sat 09-Jan due 4 x 11.7 mg PO",
            "lcv/12 Sun 10-Jan due 4 x 11.7 mg PO open provisional",
            "lcv/27 Mon 25-Jan due 4 x 11.7 mg PO open provisional",
        ],
        days=(10, 11, 12, 27, 28),
    ),
    Case(
        "a day of it that was given has hours of its own",
        [BLOCK_2, given("block-2/mtx-hd/8", "2027-01-05 20:00"), given("block-2/lcv/10", "2027-01-07 09:00")],
        "block-2",
        ["leucovorin"],
        [
            "lcv/10 Thu 07-Jan given 4 x 11.7 mg PO at 07 09:00, 07 15:00, 07 21:00, 08 03:00",
            "lcv/11 Fri 08-Jan due 4 x 11.7 mg PO at 08 20:00, 09 02:00, 09 08:00, 09 14:00",
            "lcv/12 Sat 09-Jan due 4 x 11.7 mg PO at 09 20:00, 10 02:00, 10 08:00, 10 14:00 open provisional",
        ],
        days=(10, 11, 12),
    ),
    Case(
        "one that was given on a date before its start was known has none",
        [BLOCK_2, given("block-2/lcv/10", "2027-01-07"), given("block-2/mtx-hd/8", "2027-01-05 20:00")],
        "block-2",
        ["leucovorin"],
        [
            "lcv/10 Thu 07-Jan given 4 x 11.7 mg PO",
            "lcv/11 Fri 08-Jan due 4 x 11.7 mg PO at 08 20:00, 09 02:00, 09 08:00, 09 14:00",
            "lcv/12 Sat 09-Jan due 4 x 11.7 mg PO at 09 20:00, 10 02:00, 10 08:00, 10 14:00 open provisional",
        ],
        days=(10, 11, 12),
    ),
    Case(
        "one that was given on a date after that has the hours that were planned",
        [BLOCK_2, given("block-2/mtx-hd/8", "2027-01-05 20:00"), given("block-2/lcv/10", "2027-01-07")],
        "block-2",
        ["leucovorin"],
        [
            "lcv/10 Thu 07-Jan given 4 x 11.7 mg PO at 07 20:00, 08 02:00, 08 08:00, 08 14:00",
            "lcv/11 Fri 08-Jan due 4 x 11.7 mg PO at 08 20:00, 09 02:00, 09 08:00, 09 14:00",
            "lcv/12 Sat 09-Jan due 4 x 11.7 mg PO at 09 20:00, 10 02:00, 10 08:00, 10 14:00 open provisional",
        ],
        days=(10, 11, 12),
    ),
    Case(
        "it moves with what it is timed by",
        [BLOCK_2, moved("block-2/mtx-hd/8", "2027-01-06")],
        "block-2",
        ["leucovorin", "methotrexate"],
        [
            "it-mtx/8 Tue 05-Jan due 12 mg IT",
            "mtx-hd/8 Wed 06-Jan moved 780 mg IV (moved from Tue 05-Jan-2027: no bed)",
            "lcv/10 Fri 08-Jan moved 4 x 11.7 mg PO (moved from Thu 07-Jan-2027: no bed)",
            "lcv/11 Sat 09-Jan moved 4 x 11.7 mg PO (moved from Fri 08-Jan-2027: no bed)",
        ],
    ),
    Case(
        "a hold does not take a dose that was moved to its date later",
        [held("block-1", "2026-12-08", 1, HoldRule.SKIP), moved("block-1/vcr/8", "2026-12-08")],
        "block-1",
        ["vincristine", "pegaspargase"],
        [
            "vcr/1 Tue 01-Dec due 1.17 mg IV",
            "peg/3 Thu 03-Dec due 1950 units IV",
            "vcr/8 Tue 08-Dec moved 1.17 mg IV (no bed)",
            "vcr/15 Tue 15-Dec due 1.17 mg IV",
            "peg/17 Thu 17-Dec due 1950 units IV",
            "vcr/22 Tue 22-Dec due 1.17 mg IV",
        ],
    ),
    Case(
        "a hold takes one that had been moved before it",
        [moved("block-1/vcr/8", "2026-12-09"), held("block-1", "2026-12-09", 1, HoldRule.SKIP)],
        "block-1",
        ["vincristine"],
        [
            "vcr/1 Tue 01-Dec due 1.17 mg IV",
            "vcr/8 Wed 09-Dec held 1.17 mg IV (held, not made up: fever)",
            "vcr/15 Tue 15-Dec due 1.17 mg IV",
            "vcr/22 Tue 22-Dec due 1.17 mg IV",
        ],
    ),
    Case(
        "a hold takes doses of a series, too",
        [substituted("pegaspargase", "rywn-48-h", "2026-12-03"), held("block-1", "2026-12-08", 3, HoldRule.SKIP)],
        "block-1",
        ["asparaginase-erwinia-rywn"],
        [
            "peg/3/rywn-48-h-1 Thu 03-Dec due 19.5 mg IM",
            "peg/3/rywn-48-h-2 Sat 05-Dec due 19.5 mg IM",
            "peg/3/rywn-48-h-3 Mon 07-Dec due 19.5 mg IM",
            "peg/3/rywn-48-h-4 Wed 09-Dec held 19.5 mg IM (held, not made up: fever)",
            "peg/3/rywn-48-h-5 Fri 11-Dec due 19.5 mg IM",
        ],
        days=(3, 5, 7, 9, 11),
    ),
    Case(
        "but not one that was moved to its dates after that",
        [
            substituted("pegaspargase", "rywn-48-h", "2026-12-03"),
            held("block-1", "2026-12-08", 3, HoldRule.SKIP),
            moved("block-1/peg/3/rywn-48-h-5", "2026-12-10"),
        ],
        "block-1",
        ["asparaginase-erwinia-rywn"],
        [
            "peg/3/rywn-48-h-4 Wed 09-Dec held 19.5 mg IM (held, not made up: fever)",
            "peg/3/rywn-48-h-5 Thu 10-Dec moved 19.5 mg IM (moved from Fri 11-Dec-2026: no bed)",
        ],
        days=(9, 11),
    ),
    Case(
        "a delay between an infusion and its rescue does not part them",
        [BLOCK_2, delayed("block-2", 3, from_day=9)],
        "block-2",
        ["leucovorin", "methotrexate", "vincristine"],
        [
            "mtx-hd/8 Tue 05-Jan due 780 mg IV",
            "it-mtx/8 Tue 05-Jan due 12 mg IT",
            "lcv/10 Thu 07-Jan due 4 x 11.7 mg PO",
            "lcv/11 Fri 08-Jan due 4 x 11.7 mg PO",
        ],
        days=(8, 9, 10, 11, 15),
    ),
    Case(
        "nor where the infusion was moved",
        [BLOCK_2, delayed("block-2", 3, from_day=9), moved("block-2/mtx-hd/8", "2027-01-06")],
        "block-2",
        ["leucovorin"],
        [
            "lcv/10 Fri 08-Jan moved 4 x 11.7 mg PO (moved from Thu 07-Jan-2027: no bed)",
            "lcv/11 Sat 09-Jan moved 4 x 11.7 mg PO (moved from Fri 08-Jan-2027: no bed)",
        ],
    ),
    Case(
        "nor where it was given on a date",
        [BLOCK_2, delayed("block-2", 3, from_day=9), given("block-2/mtx-hd/8", "2027-01-06")],
        "block-2",
        ["leucovorin"],
        [
            "lcv/10 Fri 08-Jan due 4 x 11.7 mg PO",
            "lcv/11 Sat 09-Jan due 4 x 11.7 mg PO",
            "lcv/12 Sun 10-Jan due 4 x 11.7 mg PO open provisional",
            "lcv/26 Sun 24-Jan due 4 x 11.7 mg PO open provisional",
            "lcv/27 Mon 25-Jan due 4 x 11.7 mg PO open provisional",
            "lcv/28 Tue 26-Jan due 4 x 11.7 mg PO open provisional",
        ],
        days=(10, 11, 12, 26, 27, 28),
    ),
    Case(
        "a rescue that was moved along follows the infusion that was given on another date",
        [BLOCK_2, moved("block-2/mtx-hd/8", "2027-01-06"), given("block-2/mtx-hd/8", "2027-01-07")],
        "block-2",
        ["leucovorin"],
        [
            "lcv/10 Sat 09-Jan due 4 x 11.7 mg PO",
            "lcv/11 Sun 10-Jan due 4 x 11.7 mg PO",
            "lcv/12 Mon 11-Jan due 4 x 11.7 mg PO open provisional",
        ],
        days=(10, 11, 12),
    ),
    Case(
        "or at another hour",
        [BLOCK_2, moved("block-2/mtx-hd/8", "2027-01-06"), given("block-2/mtx-hd/8", "2027-01-07 20:00")],
        "block-2",
        ["leucovorin"],
        [
            "lcv/10 Sat 09-Jan due 4 x 11.7 mg PO at 09 20:00, 10 02:00, 10 08:00, 10 14:00",
            "lcv/11 Sun 10-Jan due 4 x 11.7 mg PO at 10 20:00, 11 02:00, 11 08:00, 11 14:00",
            "lcv/12 Mon 11-Jan due 4 x 11.7 mg PO at 11 20:00, 12 02:00, 12 08:00, 12 14:00 open provisional",
        ],
        days=(10, 11, 12),
    ),
    Case(
        "a dose of it that was moved before its start was known follows the start",
        [BLOCK_2, moved("block-2/lcv/10", "2027-01-06"), given("block-2/mtx-hd/8", "2027-01-05 20:00")],
        "block-2",
        ["leucovorin"],
        [
            "lcv/10 Thu 07-Jan due 4 x 11.7 mg PO at 07 20:00, 08 02:00, 08 08:00, 08 14:00",
            "lcv/11 Fri 08-Jan due 4 x 11.7 mg PO at 08 20:00, 09 02:00, 09 08:00, 09 14:00",
        ],
        days=(10, 11),
    ),
    Case(
        "one that is moved after that has no hours of another date",
        [BLOCK_2, given("block-2/mtx-hd/8", "2027-01-05 20:00"), moved("block-2/lcv/10", "2027-01-08")],
        "block-2",
        ["leucovorin"],
        [
            "lcv/10 Fri 08-Jan moved 4 x 11.7 mg PO (moved from Thu 07-Jan-2027: no bed)",
            "lcv/11 Fri 08-Jan due 4 x 11.7 mg PO at 08 20:00, 09 02:00, 09 08:00, 09 14:00",
        ],
        days=(10, 11),
    ),
    Case(
        "and keeps its hours where it is moved to its own date",
        [BLOCK_2, given("block-2/mtx-hd/8", "2027-01-05 20:00"), moved("block-2/lcv/10", "2027-01-07")],
        "block-2",
        ["leucovorin"],
        [
            "lcv/10 Thu 07-Jan moved 4 x 11.7 mg PO at 07 20:00, 08 02:00, 08 08:00, 08 14:00 (no bed)",
            "lcv/11 Fri 08-Jan due 4 x 11.7 mg PO at 08 20:00, 09 02:00, 09 08:00, 09 14:00",
        ],
        days=(10, 11),
    ),
    Case(
        "one that is timed by what has not begun is cut like any other",
        [BLOCK_2, given("block-2/vcr/1", "2026-12-29"), stopped("2027-01-07")],
        "block-2",
        ["leucovorin", "methotrexate"],
        ["mtx-hd/8 Tue 05-Jan due 780 mg IV", "it-mtx/8 Tue 05-Jan due 12 mg IT"],
    ),
    Case(
        "the last day of a pump is told on the ward's clock",
        [*BLINA[:2], given("blina-cycle-1/blina/1", "2027-01-26 20:00"), stopped("2027-02-01")],
        "blina-cycle-1",
        ["blinatumomab"],
        [
            "blina/5 Sat 30-Jan due 11.7 mcg CIV at 30 20:00",
            "blina/6 Sun 31-Jan due 11.7 mcg CIV at 31 20:00",
        ],
        days=(5, 6, 7),
    ),
    Case(
        "a dose is moved as well where one before it is of no order any more",
        [moved("block-1/it-mtx/8", "2026-12-09"), CNS3, moved("block-1/vcr/8", "2026-12-09")],
        "block-1",
        ["vincristine"],
        ["vcr/8 Wed 09-Dec moved 1.17 mg IV (moved from Tue 08-Dec-2026: no bed)"],
        days=(8,),
    ),
    Case(
        "and where one before it is of a series",
        [
            substituted(*RYWN, "2026-12-10"),
            moved("block-1/peg/17/rywn-3", "2026-12-24"),
            moved("block-1/vcr/22", "2026-12-23"),
        ],
        "block-1",
        ["vincristine"],
        ["vcr/22 Wed 23-Dec moved 1.17 mg IV (moved from Tue 22-Dec-2026: no bed)"],
        days=(22,),
    ),
    Case(
        "a day of it that was given has as many doses as a level leaves",
        [
            BLOCK_2,
            given("block-2/mtx-hd/8", "2027-01-05 20:00"),
            cleared("2027-01-08 08:00"),
            given("block-2/lcv/10", "2027-01-07 21:00"),
        ],
        "block-2",
        ["leucovorin"],
        ["lcv/10 Thu 07-Jan given 2 x 11.7 mg PO at 07 21:00, 08 03:00"],
        days=(10,),
    ),
    Case(
        "a restart at the very hour of a day has its dose, and a dose of another drug after it its own",
        [
            *BLINA,
            interrupted("blina-cycle-1", "2027-02-01 14:00"),
            resumed("blina-cycle-1", "2027-02-01 16:00", "10"),
            given("blina-cycle-1/it-mtx/15", "2027-02-09 10:00"),
        ],
        "blina-cycle-1",
        ["blinatumomab", "methotrexate"],
        [
            "blina/7 Mon 01-Feb due 10 mcg CIV at 01 16:00 full 11.7 [restart at 10 mcg]",
            "blina/15 Tue 09-Feb due 10 mcg CIV at 09 16:00 full 11.7 [restart at 10 mcg]",
            "it-mtx/15 Tue 09-Feb given 12 mg IT at 09 10:00",
        ],
        days=(7, 15),
    ),
    Case(
        "a dose of which nobody said what it was made of is made of what is planned",
        [given("block-1/dex/1", "2026-12-01")],
        "block-1",
        ["dexamethasone"],
        [
            "dex/1 Tue 01-Dec given 2 x 8 mg PO full 7.8 as 2 tablets of 4 mg",
        ],
        days=(1,),
    ),
    Case(
        "a dose that was given keeps what was given when less is to be given",
        [as_given("block-1/vcr/1", "2026-12-01 10:00", "1.2"), adjusted("vincristine", "50", "2026-12-01")],
        "block-1",
        ["vincristine"],
        [
            "vcr/1 Tue 01-Dec given 1.2 mg IV at 01 10:00 full 0.585 [50 % of the full dose = 0.585 mg; given: 1.2 mg]",
            "vcr/8 Tue 08-Dec due 0.585 mg IV [50 % of the full dose = 0.585 mg]",
            "vcr/15 Tue 15-Dec due 0.585 mg IV [50 % of the full dose = 0.585 mg]",
            "vcr/22 Tue 22-Dec due 0.585 mg IV [50 % of the full dose = 0.585 mg]",
        ],
    ),
]


@pytest.mark.parametrize("case", CASES, ids=[each.name for each in CASES])
def test_after(case: Case) -> None:
    assert rows(plan_of(child(*case.log)), case.course, *case.agents, days=case.days) == case.rows


def test_a_dose_left_out_of_a_series_is_left_out_like_any_other() -> None:
    plan = plan_of(child(substituted(*RYWN, "2026-12-10"), left("block-1/peg/17/rywn-2")))
    (found,) = (each for each in plan.administrations if each.id == "block-1/peg/17/rywn-2")
    assert found.reason == Reason(Cause.LEFT_OUT, "allergy")
    assert (found.basis, found.per_day) == ("25 mg/m2 x 0.78 m2", 1)


def test_an_open_rescue_stands_on_the_dates_that_are_asked_for_beyond_its_course() -> None:
    record = child(BLOCK_2, given("block-2/mtx-hd/8", "2027-01-05 20:00"))
    for first, last in (("2027-01-10", "2027-01-12"), ("2027-01-20", "2027-01-26"), ("2027-03-01", "2027-03-03")):
        plan = make_plan(the_protocol(), record, SITE, asked=(day(first), day(last)))
        found = [each.date for each in plan.administrations if each.agent == "leucovorin" and each.course == "block-2"]
        asked = [day(first) + ONE_DAY * late for late in range((day(last) - day(first)).days + 1)]
        own = [day("2027-01-07") + ONE_DAY * late for late in range(19)]
        assert found == [*own, *(each for each in asked if each > own[-1])]


def test_each_of_several_drugs_given_together_keeps_its_hour() -> None:
    given_at_nine = given("block-1/itt/8/methotrexate", "2026-12-08 09:00")
    assert rows(plan_of(child(given_at_nine, cns="cns3")), "block-1", "methotrexate", "cytarabine", days=(8,)) == [
        "itt/8/methotrexate Tue 08-Dec given 12 mg IT at 08 09:00",
        "itt/8/cytarabine Tue 08-Dec due 24 mg IT",
    ]


def test_the_order_of_a_series_is_its_own() -> None:
    plan = plan_of(child(substituted(*RYWN, "2026-12-10")))
    first = next(each for each in plan.administrations if each.id == "block-1/peg/17/rywn-1")
    order = first.order_line
    assert (order.key, order.agents, order.days.text) == ("peg", (RYWN_IS,), "18, 21, 23, 25, 28, 30")
    assert (order.routes, order.over, order.caps, order.frequency.text) == ((Route.IM,), None, (), "once")
    assert [(each.days.text, each.text) for each in order.doses] == [
        ("21, 23, 28, 30", "25 mg/m2"),
        ("18, 25", "50 mg/m2"),
    ]
    assert order.comment.startswith("Pegaspargase allergy, the recombinant product.")
    assert order.comment.endswith("Friday in the afternoon 53 to 58 h after Wednesday's dose.")
    assert (first.evidence, order.backing.sources, order.where.file[-11:]) == (
        Evidence.CORROBORATED,
        ("label-erwinia-rywn",),
        "agents.yaml",
    )
    (peg,) = (each for each in plan.administrations if each.id == "block-1/peg/3")
    assert peg.order_line.backing.sources != order.backing.sources


class Pump(NamedTuple):
    """What happened, the pump stop, and the infusion's bags: hung at, hours, amount; its end, and what is said."""

    name: str
    log: list[Entry]
    stop: str
    bags: list[str]
    until: str
    notes: list[str]


def pump_of(plan: Plan) -> tuple[str, list[str], str, list[str]]:
    found = course(plan, "blina-cycle-1")
    stops = [f"day {e.day}, {e.date:%a %d-%b}{f' at {e.at:%H:%M}' if e.at else ''}" for e in found.procedures
             if e.kind == PUMP_STOP]  # fmt: skip
    bags = [
        f"{bag.at:%d-%b %H:%M} {bag.hours} h {bag.amount.normalize():f} {each.unit}"
        for each in found.infusions
        for bag in each.bags
    ]
    until = ", ".join(f"{each.stop:%d-%b %H:%M}" if each.stop else "no end" for each in found.infusions)
    assert all((each.key, each.agent) == ("blina", "blinatumomab") for each in found.infusions)
    assert all(each.notes[0] == CHOICE for each in found.infusions)
    return ", ".join(stops), bags, until, [note for each in found.infusions for note in each.notes[1:]]


PUMPS = [
    Pump(
        "before it has started only its date is known",
        [started("block-2", "2026-12-29"), started("blina-cycle-1", "2027-01-26"), bagged("2027-01-26", 72, 96)],
        "day 29, Tue 23-Feb",
        [],
        "",
        [],
    ),
    Pump(
        "without bags it has its hour",
        [*BLINA],
        "day 29, Tue 23-Feb at 14:00",
        [],
        "",
        [],
    ),
    Pump(
        "bags from a later date are none of its",
        [*BLINA, bagged("2027-01-27", 72, 96)],
        "day 29, Tue 23-Feb at 14:00",
        [],
        "",
        [],
    ),
    Pump(
        "its bags reach to its stop",
        [*BLINA, bagged("2027-01-26", 72, 96)],
        "day 29, Tue 23-Feb at 14:00",
        [
            "26-Jan 14:00 72 h 35.1 mcg",
            "29-Jan 14:00 72 h 35.1 mcg",
            "01-Feb 14:00 72 h 35.1 mcg",
            "04-Feb 14:00 96 h 46.8 mcg",
            "08-Feb 14:00 72 h 35.1 mcg",
            "11-Feb 14:00 96 h 46.8 mcg",
            "15-Feb 14:00 96 h 46.8 mcg",
            "19-Feb 14:00 96 h 46.8 mcg",
        ],
        "23-Feb 14:00",
        [],
    ),
    Pump(
        "a restart moves the stop, and its dose is that of the bags after it",
        [
            *BLINA,
            bagged("2027-01-26", 72, 96),
            interrupted("blina-cycle-1", "2027-02-01 09:00"),
            resumed("blina-cycle-1", "2027-02-01 15:00", "10"),
        ],
        "day 29, Tue 23-Feb at 20:00",
        [
            "26-Jan 14:00 72 h 35.1 mcg",
            "29-Jan 14:00 72 h 35.1 mcg",
            "01-Feb 15:00 72 h 30 mcg",
            "04-Feb 15:00 96 h 40 mcg",
            "08-Feb 15:00 72 h 30 mcg",
            "11-Feb 15:00 96 h 40 mcg",
            "15-Feb 15:00 72 h 30 mcg",
            "18-Feb 15:00 96 h 40 mcg",
            "22-Feb 15:00 72 h 30 mcg",
        ],
        "23-Feb 20:00",
        [
            "Stopped Mon 01-Feb-2027 09:00: 67 h of the bag of 72 h were infused, the rest is discarded.",
            "Resumed Mon 01-Feb-2027 15:00 after 6 h with a new bag: a supervised restart, for the stop lasted 4 h or more.",
            "The last bag is cut at the pump stop: 29 h of its 72 h are infused, the rest is discarded.",
        ],
    ),
    Pump(
        "while it stands still it has no stop",
        [*BLINA, bagged("2027-01-26", 72, 96), interrupted("blina-cycle-1", "2027-02-01 09:00")],
        "",
        ["26-Jan 14:00 72 h 35.1 mcg", "29-Jan 14:00 72 h 35.1 mcg"],
        "no end",
        [
            "Stopped Mon 01-Feb-2027 09:00: 67 h of the bag of 72 h were infused, the rest is discarded.",
            "No resume is recorded: nothing is planned after the stop.",
        ],
    ),
    Pump(
        "the end of therapy stops it at its hour",
        [*BLINA, bagged("2027-01-26", 72, 96), stopped("2027-02-01", "10:00")],
        "day 7, Mon 01-Feb at 10:00",
        ["26-Jan 14:00 72 h 35.1 mcg", "29-Jan 14:00 72 h 35.1 mcg"],
        "01-Feb 10:00",
        ["Stopped Mon 01-Feb-2027 10:00: 68 h of the bag of 72 h were infused, the rest is discarded."],
    ),
    Pump(
        "or later on that date",
        [*BLINA, bagged("2027-01-26", 72, 96), stopped("2027-02-01", "18:30")],
        "day 8, Mon 01-Feb at 18:30",
        ["26-Jan 14:00 72 h 35.1 mcg", "29-Jan 14:00 72 h 35.1 mcg", "01-Feb 14:00 72 h 35.1 mcg"],
        "01-Feb 18:30",
        ["Stopped Mon 01-Feb-2027 18:30: 4 h 30 min of the bag of 72 h were infused, the rest is discarded."],
    ),
    Pump(
        "or on the hour at which a day of it ends",
        [*BLINA, bagged("2027-01-26", 72, 96), stopped("2027-02-01", "14:00")],
        "day 7, Mon 01-Feb at 14:00",
        ["26-Jan 14:00 72 h 35.1 mcg", "29-Jan 14:00 72 h 35.1 mcg"],
        "01-Feb 14:00",
        [],
    ),
    Pump(
        "also where it stood still",
        [
            *BLINA,
            bagged("2027-01-26", 72, 96),
            interrupted("blina-cycle-1", "2027-02-01 09:00"),
            stopped("2027-02-02", "10:00"),
        ],
        "day 8, Tue 02-Feb at 10:00",
        ["26-Jan 14:00 72 h 35.1 mcg", "29-Jan 14:00 72 h 35.1 mcg"],
        "no end",
        [
            "Stopped Mon 01-Feb-2027 09:00: 67 h of the bag of 72 h were infused, the rest is discarded.",
            "No resume is recorded: nothing is planned after the stop.",
        ],
    ),
    Pump(
        "a later end of therapy changes nothing",
        [*BLINA, bagged("2027-01-26", 72, 96), stopped("2027-03-20", "10:00")],
        "day 29, Tue 23-Feb at 14:00",
        [
            "26-Jan 14:00 72 h 35.1 mcg",
            "29-Jan 14:00 72 h 35.1 mcg",
            "01-Feb 14:00 72 h 35.1 mcg",
            "04-Feb 14:00 96 h 46.8 mcg",
            "08-Feb 14:00 72 h 35.1 mcg",
            "11-Feb 14:00 96 h 46.8 mcg",
            "15-Feb 14:00 96 h 46.8 mcg",
            "19-Feb 14:00 96 h 46.8 mcg",
        ],
        "23-Feb 14:00",
        [],
    ),
    Pump(
        "what is said of stops before that is still said",
        [
            *BLINA,
            bagged("2027-01-26", 72, 96),
            interrupted("blina-cycle-1", "2027-01-30 09:00"),
            resumed("blina-cycle-1", "2027-01-30 15:00"),
            stopped("2027-02-01", "10:00"),
        ],
        "day 7, Mon 01-Feb at 10:00",
        ["26-Jan 14:00 72 h 35.1 mcg", "29-Jan 14:00 72 h 35.1 mcg", "30-Jan 15:00 72 h 35.1 mcg"],
        "01-Feb 10:00",
        [
            "Stopped Sat 30-Jan-2027 09:00: 19 h of the bag of 72 h were infused, the rest is discarded.",
            "Resumed Sat 30-Jan-2027 15:00 after 6 h with a new bag: a supervised restart, for the stop lasted 4 h or more.",
            "Stopped Mon 01-Feb-2027 10:00: 43 h of the bag of 72 h were infused, the rest is discarded.",
        ],
    ),
    Pump(
        "a stop at that very hour is no other one",
        [
            *BLINA,
            bagged("2027-01-26", 96),
            interrupted("blina-cycle-1", "2027-02-01 10:00"),
            resumed("blina-cycle-1", "2027-02-01 11:00"),
            stopped("2027-02-01", "10:00"),
        ],
        "day 7, Mon 01-Feb at 10:00",
        ["26-Jan 14:00 96 h 46.8 mcg", "30-Jan 14:00 96 h 46.8 mcg"],
        "01-Feb 10:00",
        ["Stopped Mon 01-Feb-2027 10:00: 44 h of the bag of 96 h were infused, the rest is discarded."],
    ),
    Pump(
        "of two stops each has its new bag",
        [
            *BLINA,
            bagged("2027-01-26", 96),
            interrupted("blina-cycle-1", "2027-02-01 09:00"),
            resumed("blina-cycle-1", "2027-02-01 10:00"),
            interrupted("blina-cycle-1", "2027-02-20 09:00"),
            resumed("blina-cycle-1", "2027-02-20 12:00"),
        ],
        "day 29, Tue 23-Feb at 18:00",
        [
            "26-Jan 14:00 96 h 46.8 mcg",
            "30-Jan 14:00 96 h 46.8 mcg",
            "01-Feb 10:00 96 h 46.8 mcg",
            "05-Feb 10:00 96 h 46.8 mcg",
            "09-Feb 10:00 96 h 46.8 mcg",
            "13-Feb 10:00 96 h 46.8 mcg",
            "17-Feb 10:00 96 h 46.8 mcg",
            "20-Feb 12:00 96 h 46.8 mcg",
        ],
        "23-Feb 18:00",
        [
            "Stopped Mon 01-Feb-2027 09:00: 43 h of the bag of 96 h were infused, the rest is discarded.",
            "Resumed Mon 01-Feb-2027 10:00 after 1 h with a new bag.",
            "Stopped Sat 20-Feb-2027 09:00: 71 h of the bag of 96 h were infused, the rest is discarded.",
            "Resumed Sat 20-Feb-2027 12:00 after 3 h with a new bag.",
            "The last bag is cut at the pump stop: 78 h of its 96 h are infused, the rest is discarded.",
        ],
    ),
    Pump(
        "without an hour it ends with its last day",
        [*BLINA, bagged("2027-01-26", 72, 96), stopped("2027-02-01")],
        "day 7, Mon 01-Feb at 14:00",
        ["26-Jan 14:00 72 h 35.1 mcg", "29-Jan 14:00 72 h 35.1 mcg"],
        "01-Feb 14:00",
        [],
    ),
]


@pytest.mark.parametrize("case", PUMPS, ids=[each.name for each in PUMPS])
def test_the_pump(case: Pump) -> None:
    assert pump_of(plan_of(child(*case.log))) == (case.stop, case.bags, case.until, case.notes)


def test_the_hours_until_a_pump_was_stopped_are_nothing_that_goes_on_past_its_course() -> None:
    plan = plan_of(child(*BLINA, stopped("2027-02-01", "18:30")))
    assert not [each.message for each in dose_past_its_course(plan, SITE)]
    series = plan_of(child(substituted(*RYWN, "2026-12-10")))
    assert [each.code for each in dose_past_its_course(series, SITE)] == ["S13"] * 1


# What the rows above do not show


def the_line(plan: Plan, id_: str) -> Administration:
    return next(each for each in plan.administrations if each.id == id_)


def test_of_two_stops_only_the_longer_one_asks_for_premedication_again() -> None:
    plan = plan_of(
        child(
            *BLINA,
            interrupted("blina-cycle-1", "2027-01-28 10:00"),
            resumed("blina-cycle-1", "2027-01-28 12:00"),
            interrupted("blina-cycle-1", "2027-01-30 10:00"),
            resumed("blina-cycle-1", "2027-01-30 16:00", "15"),
        )
    )
    assert [str(each.id) for each in plan.administrations if "restart" in each.id] == [
        "blina-cycle-1/dex-premed/1/restart-2"
    ]


def test_premedication_before_a_restart_is_dosed_by_its_own_date() -> None:
    plan = plan_of(
        child(
            *BLINA,
            adjusted("dexamethasone", "50", "2027-01-28"),
            interrupted("blina-cycle-1", "2027-01-28 10:00"),
            resumed("blina-cycle-1", "2027-01-28 16:00", "15"),
        )
    )
    full, again = (the_line(plan, f"blina-cycle-1/dex-premed/1{part}") for part in ("", "/restart-1"))
    assert (full.calculated, again.calculated) == (Decimal("3.9"), Decimal("1.95"))
    assert again.working.startswith("5 mg/m2 x 0.78 m2 = 3.9 mg; 50 % of the full dose = 1.95 mg")
    assert again.basis == full.basis == "5 mg/m2 x 0.78 m2"
    assert (again.day, again.reason) == (3, Reason(Cause.BEFORE_RESTART))


def test_premedication_before_a_restart_follows_a_course_that_is_worked_out_again() -> None:
    plan = plan_of(
        child(
            *BLINA,
            measured("2027-01-27", "112", "25", again="2027-01-28"),
            interrupted("blina-cycle-1", "2027-01-28 10:00"),
            resumed("blina-cycle-1", "2027-01-28 16:00", "15"),
        )
    )
    again = the_line(plan, "blina-cycle-1/dex-premed/1/restart-1")
    assert (again.basis, again.calculated) == ("5 mg/m2 x 0.88 m2", Decimal("4.4"))


def test_a_dose_of_a_series_keeps_what_it_was_made_of() -> None:
    product = TWO_OF_2_MG
    first = "block-1/peg/17/rywn-1"
    plan = plan_of(child(substituted(*RYWN, "2026-12-10"), as_given(first, "2026-12-18 09:00", "4", product=product)))
    given_one, next_one = (the_line(plan, f"block-1/peg/17/rywn-{number}") for number in (1, 2))
    assert (given_one.product, next_one.product) == (product, None)


def test_what_was_given_on_its_day_says_only_what_somebody_wrote() -> None:
    plan = plan_of(
        child(
            as_given("block-1/vcr/1", "2026-12-01", "1.17"),
            as_given("block-1/vcr/8", "2026-12-08", "1.17", why="in the afternoon"),
            as_given("block-1/vcr/15", "2026-12-16", "1.17", why="no bed"),
            as_given("block-1/vcr/22", "2026-12-23", "1.17"),
        )
    )
    assert [the_line(plan, f"block-1/vcr/{number}").reason for number in (1, 8, 15, 22)] == [
        None,
        Reason(Cause.NAMED, "in the afternoon"),
        Reason(Cause.NAMED, "no bed", day("2026-12-15")),
        Reason(Cause.NAMED, "", day("2026-12-22")),
    ]


def test_what_was_given_as_planned_adds_nothing_to_its_working() -> None:
    plan = plan_of(child(as_given("block-1/vcr/1", "2026-12-01", "1.17")))
    assert the_line(plan, "block-1/vcr/1").working == "1.5 mg/m2 x 0.78 m2 = 1.17 mg"


def test_what_the_diagnostic_puncture_gave_says_so_with_its_date() -> None:
    first = Diagnostic(date=day("2026-11-29"), agent="methotrexate", where=NOWHERE)
    line = the_line(plan_of(child(first)), "block-1/it-mtx-day1/1")
    assert line.reason == Reason(Cause.DIAGNOSTIC, on=day("2026-11-29"))


def test_a_bag_that_is_hung_on_a_closed_day_says_so() -> None:
    site = replace(SITE, closed_days=frozenset({day("2027-01-28")}))
    (infusion,) = course(plan_of(child(*BLINA, bagged("2027-01-26", 48)), site), "blina-cycle-1").infusions
    assert [(f"{bag.at:%a %d-%b}", bag.on_closed_day) for bag in infusion.bags[:4]] == [
        ("Tue 26-Jan", False),
        ("Thu 28-Jan", True),
        ("Sat 30-Jan", True),
        ("Mon 01-Feb", False),
    ]


def test_bags_that_are_chosen_for_the_day_after_the_start_are_not_those_of_the_start() -> None:
    """Ten in the evening on the ward is the next day in London."""
    begun = (*BLINA[:2], given("blina-cycle-1/blina/1", "2027-01-26 22:00"))
    late, in_time = (
        course(plan_of(child(*begun, bagged(on, 96))), "blina-cycle-1").infusions for on in ("2027-01-27", "2027-01-26")
    )
    assert (late, [len(each.bags) for each in in_time]) == ((), [7])


# Evaluations at a course's end


def evaluations(plan: Plan, name: str) -> list[str]:
    return [f"{each.kind} {each.date:%d-%b} day {each.day}" for each in course(plan, name).evaluations]


LONGER = (*BLINA, interrupted("blina-cycle-1", "2027-01-28 10:00"), resumed("blina-cycle-1", "2027-01-30 10:00", "15"))


@pytest.mark.parametrize(
    ("log", "name", "says"),
    [
        ((), "block-1", ["bone-marrow 29-Dec day 29", "mrd 29-Dec day 29"]),  # the day after the last
        (
            BLINA,
            "blina-cycle-1",
            ["pk-sample 27-Jan day 2", "pk-sample 08-Feb day 14", "bone-marrow 01-Mar day 35", "mrd 01-Mar day 35"],
        ),
        # two days longer: what is within the course keeps its date, what is at its end waits for it
        (
            LONGER,
            "blina-cycle-1",
            ["pk-sample 27-Jan day 2", "pk-sample 08-Feb day 14", "bone-marrow 03-Mar day 35", "mrd 03-Mar day 35"],
        ),
        # what ends therapy leaves nothing for the day after
        ((stopped("2026-12-28"),), "block-1", []),
        ((stopped("2027-02-20"),), "blina-cycle-1", ["pk-sample 27-Jan day 2", "pk-sample 08-Feb day 14"]),
        (
            (*BLINA, stopped("2027-03-01")),  # day 35
            "blina-cycle-1",
            ["pk-sample 27-Jan day 2", "pk-sample 08-Feb day 14"],
        ),
    ],
)
def test_evaluations_stand_at_the_end_that_a_course_has(log: tuple[Entry, ...], name: str, says: list[str]) -> None:
    assert evaluations(plan_of(child(*log)), name) == says


# What no bundled definition has, and others may


def with_course(name: str, **values: Any) -> Protocol:
    """The bundled definition in which a course is otherwise."""
    protocol = the_protocol()
    return replace(protocol, courses={**protocol.courses, name: replace(protocol.courses[name], **values)})


def with_order(name: str, key: str, **values: Any) -> Protocol:
    """One in which an order is."""
    orders = the_protocol().courses[name].orders
    return with_course(name, orders=tuple(replace(each, **values) if each.key == key else each for each in orders))


BEGUN = (BLOCK_2, given("block-2/mtx-hd/8", "2027-01-05 20:00"))


@pytest.mark.parametrize(
    ("log", "tenth"),
    [
        (BEGUN, "Thu 07-Jan due 4 x 11.7 mg PO at 07 20:00, 08 02:00, 08 08:00, 08 14:00"),
        (
            (*BEGUN, given("block-2/lcv/10", "2027-01-07 21:00")),
            "Thu 07-Jan given 4 x 11.7 mg PO at 07 21:00, 08 03:00, 08 09:00, 08 15:00",
        ),
        (
            (*BEGUN, moved("block-2/lcv/10", "2027-01-06")),
            "Wed 06-Jan moved 4 x 11.7 mg PO (moved from Thu 07-Jan-2027: no bed)",
        ),
        (
            (BLOCK_2, moved("block-2/lcv/10", "2027-01-06"), BEGUN[1]),  # from the real start again
            "Thu 07-Jan due 4 x 11.7 mg PO at 07 20:00, 08 02:00, 08 08:00, 08 14:00",
        ),
    ],
)
def test_what_is_timed_by_another_drug_and_waits_for_no_level_has_its_days_and_hours(
    log: tuple[Entry, ...], tenth: str
) -> None:
    plan = make_plan(with_order("block-2", "lcv", until_clear=""), child(*log), SITE)
    eleventh = "lcv/11 Fri 08-Jan due 4 x 11.7 mg PO at 08 20:00, 09 02:00, 09 08:00, 09 14:00"
    assert rows(plan, "block-2", "leucovorin") == [f"lcv/10 {tenth}", eleventh]


@pytest.mark.parametrize(
    ("log", "says"),
    [
        ((), ["Thu 07-Jan due 4 x 11.7 mg PO", "Fri 08-Jan due 4 x 11.7 mg PO"]),
        (
            (delayed("block-2", 3, from_day=9),),
            ["Sun 10-Jan due 4 x 11.7 mg PO", "Mon 11-Jan due 4 x 11.7 mg PO"],
        ),
        (
            (given("block-2/lcv/10", "2027-01-07 21:00"),),
            [
                "Thu 07-Jan given 4 x 11.7 mg PO at 07 21:00, 08 03:00, 08 09:00, 08 15:00",
                "Fri 08-Jan due 4 x 11.7 mg PO",
            ],
        ),
    ],
)
def test_what_is_timed_by_a_drug_that_this_patient_does_not_get_stands_on_its_days(
    log: tuple[Entry, ...], says: list[str]
) -> None:
    plan = make_plan(with_order("block-2", "mtx-hd", when=Condition(cns=("cns3",))), child(BLOCK_2, *log), SITE)
    assert rows(plan, "block-2", "leucovorin") == [
        f"lcv/{day} {each}" for day, each in zip((10, 11), says, strict=True)
    ]


def test_a_rescue_of_three_planned_days_is_open_after_them() -> None:
    plan = make_plan(with_order("block-2", "lcv", days=parse_days("10-12")), child(*BEGUN), SITE)
    found = [each for each in plan.administrations if each.key == "lcv" and each.course == "block-2"]
    assert [(each.day, each.open) for each in found[:4]] == [(10, False), (11, False), (12, False), (13, True)]
    assert (found[-1].day, found[-1].date) == (28, day("2027-01-25"))


def test_a_level_ends_a_rescue_of_one_dose_a_day() -> None:
    protocol = with_order("block-2", "lcv", frequency=parse_frequency("daily"))
    plan = make_plan(protocol, child(*BEGUN, cleared("2027-01-09 08:00")), SITE)
    assert rows(plan, "block-2", "leucovorin") == [
        "lcv/10 Thu 07-Jan due 11.7 mg PO at 07 20:00",
        "lcv/11 Fri 08-Jan due 11.7 mg PO at 08 20:00",
    ]


def test_a_rescue_is_open_to_the_last_treatment_of_a_course_that_ends_with_it() -> None:
    plan = make_plan(with_course("block-2", length=None), child(*BEGUN), SITE)
    found = [each for each in plan.administrations if each.key == "lcv" and each.course == "block-2"]
    assert (found[-1].day, found[-1].date) == (22, day("2027-01-19"))
    assert dates(plan, "block-2").last_day == day("2027-01-19")


def test_a_dose_by_day_is_that_of_its_day() -> None:
    by_day = tuple(
        DoseRule(parse_days(days), parse_dose(text), text)
        for days, text in (("1", "1 mg/m2"), ("8, 15", "1.5 mg/m2"), ("22", "0.5 mg/m2"))
    )
    protocol = with_order("block-1", "vcr", doses=by_day)
    for log in ((), (given("block-1/vcr/15", "2026-12-15"),)):
        plan = make_plan(protocol, child(*log), SITE)
        found = [each.dose for each in plan.administrations if each.course == "block-1" and each.key == "vcr"]
        assert found == [Decimal("0.78"), Decimal("1.17"), Decimal("1.17"), Decimal("0.39")]


DRAWS = replace(SITE, level_draws=(("methotrexate", (24, 48, 72)),))


@pytest.mark.parametrize(("log", "last"), [(BEGUN, 3), ((*BEGUN, cleared("2027-01-07 20:00")), 2)])
def test_levels_are_drawn_after_the_start_up_to_the_one_that_has_cleared(log: tuple[Entry, ...], last: int) -> None:
    """Eight in the evening on the ward is the next day in London."""
    lcv = next(each for each in the_protocol().courses["block-2"].orders if each.key == "lcv")
    earlier = replace(lcv, key="other", first_dose=parse_anchor("48 h after vcr"), days=parse_days("3-4"))
    orders = the_protocol().courses["block-2"].orders
    for protocol in (the_protocol(), with_course("block-2", orders=(earlier, *orders))):
        found = course(make_plan(protocol, child(*log), DRAWS), "block-2").evaluations
        due = [(9, "2027-01-06"), (10, "2027-01-07"), (11, "2027-01-08")]
        assert found == tuple(
            PlannedEvent("block-2", number, day(on), DRUG_LEVEL, Evidence.UNVERIFIED, hour(f"{on} 20:00"))
            for number, on in due[:last]
        )


def test_a_level_of_another_drug_ends_nothing() -> None:
    another = replace(cleared("2027-01-08 08:00"), agent="vincristine")
    plan = make_plan(the_protocol(), child(*BEGUN, another), SITE)
    assert rows(plan, "block-2", "leucovorin", days=(11, 12)) == [
        "lcv/11 Fri 08-Jan due 4 x 11.7 mg PO at 08 20:00, 09 02:00, 09 08:00, 09 14:00",
        "lcv/12 Sat 09-Jan due 4 x 11.7 mg PO at 09 20:00, 10 02:00, 10 08:00, 10 14:00 open provisional",
    ]


def test_an_order_of_some_cycles_is_only_of_those() -> None:
    plan = make_plan(with_order("maintenance", "vcr", when=Condition(cycles=parse_days("1, 3"))), child(), SITE)
    found = {each.course for each in plan.administrations if each.key == "vcr" and each.course.startswith("maint")}
    assert found == {"maintenance-1", "maintenance-3"}


def test_an_evaluation_of_some_cycles_is_only_of_those() -> None:
    (marrow, _mrd) = the_protocol().courses["block-1"].evaluations
    some = replace(marrow, days=parse_days("29"), when=Condition(cycles=parse_days("2-3")))
    plan = make_plan(with_course("maintenance", evaluations=(some,)), child(), SITE)
    assert [each.course for each in plan.evaluations if each.course.startswith("maint")] == [
        "maintenance-2",
        "maintenance-3",
    ]


def test_what_is_on_one_date_stands_as_the_definition_has_it() -> None:
    evaluated = the_protocol().courses["block-1"].evaluations
    plan = make_plan(with_course("block-1", evaluations=evaluated[::-1]), child(), SITE)
    assert evaluations(plan, "block-1") == ["mrd 29-Dec day 29", "bone-marrow 29-Dec day 29"]
    assert [f"{each.kind} day {each.day}" for each in course(plan, "blina-cycle-1").procedures] == [
        "lumbar-puncture day 15",
        "pump-stop day 29",
        "lumbar-puncture day 29",
    ]


def test_an_evaluation_may_stand_on_the_day_after_the_last_and_on_no_later_one() -> None:
    (marrow, _mrd) = the_protocol().courses["block-1"].evaluations
    later = with_course("cranial-radiation", evaluations=(replace(marrow, days=parse_days("15, 16")),))
    assert evaluations(make_plan(later, child(cns="cns3"), SITE), "cranial-radiation") == ["bone-marrow 14-Sep day 15"]


def test_a_procedure_does_not_stand_on_the_day_after_the_last() -> None:
    plan = plan_of(child(stopped("2027-09-07"), cns="cns3"))
    assert [f"{each.date:%d-%b}" for each in course(plan, "cranial-radiation").procedures] == [
        *("31-Aug", "01-Sep", "02-Sep", "03-Sep", "06-Sep")
    ]


def test_a_course_that_counts_from_day_0_counts_its_weekdays_from_there() -> None:
    days = parse_days("first 3 weekdays")
    (vcr,) = (each for each in the_protocol().courses["block-1"].orders if each.key == "vcr")
    (transplant,) = the_protocol().courses["hsct"].procedures
    protocol = with_course(
        "hsct", length=None, orders=(replace(vcr, days=days),), procedures=(transplant, replace(transplant, days=days))
    )
    grafted = child(Transplanted(date=day("2026-12-21"), where=NOWHERE), arm="A")
    plan = make_plan(protocol, grafted, SITE)
    assert [each.partition(" due")[0] for each in rows(plan, "hsct", "vincristine")] == [
        "vcr/0 Mon 21-Dec",
        "vcr/1 Tue 22-Dec",
        "vcr/2 Wed 23-Dec",
    ]
    assert [each.day for each in course(plan, "hsct").procedures] == [0, 0, 1, 2]
    assert dates(plan, "hsct").last_day == day("2026-12-23")


def test_each_of_two_pumps_of_a_course_has_its_bags() -> None:
    (first, *others) = the_protocol().courses["blina-cycle-1"].orders
    protocol = with_course("blina-cycle-1", orders=(first, replace(first, key="other"), *others))
    log = (*BLINA, given("blina-cycle-1/other/1", "2027-01-26 16:00"), bagged("2027-01-26", 96))
    found = course(make_plan(protocol, child(*log), SITE), "blina-cycle-1").infusions
    assert [(each.key, f"{each.bags[0].at:%H:%M}", len(each.bags)) for each in found] == [
        ("blina", "14:00", 7),
        ("other", "16:00", 7),
    ]


# What the log says of one course


def test_a_course_begins_on_the_day_after_the_one_before_it() -> None:
    """On a route without a repeat, which goes on without an end where it begins on the wrong day."""
    found = date_courses(the_protocol(), facts_of(child(arm="A")), SITE)
    assert [(each.id, each.dates and str(each.dates.day1)) for each in found] == [
        ("block-1", "2026-12-01"),
        ("block-2", "2026-12-29"),
        ("block-3", "2027-01-26"),
        ("hsct", None),
    ]


def story(name: str, *later: Entry, asked: tuple[str, str] | None = None) -> Story:
    record = child(*later)
    facts = facts_of(record)
    (dated,) = (each for each in date_courses(the_protocol(), facts, SITE) if each.id == name)
    return story_of(dated, facts, (day(asked[0]), day(asked[1])) if asked else None)


def test_holds_are_those_of_the_course_that_leave_days_out() -> None:
    holds = (
        held("block-2", "2026-12-30", 2, HoldRule.SKIP),
        held("block-2", "2027-01-10", 2, HoldRule.SLIP),
        held("blina-cycle-1", "2027-02-10", 2, HoldRule.SKIP),
    )
    assert [each.date for each in story("block-2", *holds).holds] == [day("2026-12-30")]


def test_another_product_is_of_the_courses_that_have_the_drug_and_are_not_over_by_then() -> None:
    on_the_last_day, later = (substituted(*RYWN, on) for on in ("2026-12-28", "2026-12-29"))
    assert len(story("block-1", on_the_last_day).instead) == 1
    assert story("block-1", later).instead == ()
    assert story("blina-cycle-1", on_the_last_day).instead == ()


def test_bags_are_of_an_infusion_that_has_begun() -> None:
    assert story("blina-cycle-1", bagged("2027-01-26", 96)).bags == ()
    assert len(story("blina-cycle-1", *BLINA, bagged("2027-01-26", 96)).bags) == 1
    assert story("block-2", *BLINA, given("block-2/vcr/1", "2026-12-29 10:00"), bagged("2027-01-26", 96)).bags == ()


def test_the_dates_that_are_asked_for_concern_a_course_with_something_that_may_go_on() -> None:
    asked = ("2027-03-01", "2027-03-02")
    infused = given("block-2/mtx-hd/8", "2027-01-05 10:00")
    assert story("block-2", infused, asked=asked).asked == (day(asked[0]), day(asked[1]))
    assert story("block-2", asked=asked).asked is None  # nothing of it was given
    assert story("block-1", given("block-1/vcr/1", "2026-12-01 10:00"), asked=asked).asked is None


def test_the_hour_of_a_stop_is_of_the_course_that_it_cuts() -> None:
    stop = stopped("2027-02-10", "09:00")
    assert story("blina-cycle-1", *BLINA, stop).stopped_at == hour("2027-02-10 09:00")
    assert story("block-2", *BLINA, stop).stopped_at is None
