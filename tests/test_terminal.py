"""Plans and protocols in the terminal: everything is there, in 80 columns, with no dose cut off."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from conftest import CASES, CHILDS_WARNINGS, run

from protocal.model.evidence import Evidence
from protocal.model.plan import Administration, Plan, Status
from protocal.model.protocol import Protocol
from protocal.read.definition.build import read_protocol
from protocal.render.selection import select
from protocal.render.terminal import plan_text, protocol_text
from protocal.text.format import figure, paper_date

ROW = re.compile(r"[A-Z][a-z]{2} \d\d-[A-Z][a-z]{2}-\d{4}  +\d+ ")
WELL, POORLY = Evidence.CORROBORATED.mark, Evidence.UNVERIFIED.mark
CHILD_ON_D = "arm-d-cns2-child"


@pytest.fixture(scope="module")
def protocol(bundled: Path) -> Protocol:
    definition, _ = read_protocol(bundled)
    assert definition
    return definition


def row_of(plan: Plan, each: Administration) -> re.Pattern[str]:
    """The first line of an administration's row: a long name goes on below, a dose and its unit stay together."""
    name = re.escape(plan.protocol.agents[each.agent].written.split()[0])
    dose = "omitted: " if each.status is Status.OMITTED else re.escape(f"{figure(each.dose)} {each.unit}")
    return re.compile(
        rf"{paper_date(each.date)}  {each.day} +{name}.* {each.route.value}  +{dose}.* {each.evidence.mark}$"
    )


@pytest.mark.parametrize("case", CASES)
def test_every_line_of_a_plan_is_a_row(case: str, plans: dict[str, Plan]) -> None:
    plan = plans[case]
    rows = [line for line in plan_text(plan, 80).splitlines() if ROW.match(line)]
    assert len(rows) == len(plan.administrations) + len(plan.procedures) + len(plan.evaluations)
    by_start: dict[str, list[str]] = {}
    for row in rows:
        by_start.setdefault(row[:15], []).append(row)
    for each in plan.administrations:
        pattern = row_of(plan, each)
        assert any(pattern.match(row) for row in by_start[paper_date(each.date)]), each.id


@pytest.mark.parametrize("case", CASES)
def test_nothing_is_wider_than_asked_or_cut_off(case: str, plans: dict[str, Plan]) -> None:
    for width in (80, 300):
        text = plan_text(plans[case], width)
        assert max(map(len, text.splitlines())) <= width
        assert "…" not in text
        assert "\x1b" not in text
        assert all(line == line.rstrip() for line in text.splitlines())


def test_a_course_says_when_it_is_and_how_sure_that_is(plans: dict[str, Plan]) -> None:
    text = plan_text(plans[CHILD_ON_D], 80)
    assert "Block 1 (block-1)\n=================\n  Tue 01-Dec-2026 to Mon 28-Dec-2026, 28 days\n" in text
    assert "  Tue 29-Dec-2026 to Mon 25-Jan-2027, 28 days, provisional\n" in text
    assert "  Tue 24-Oct-2028 to Thu 30-Nov-2028, 38 days, cut short, provisional\n" in text
    assert "Allogeneic HSCT (hsct)\n======================\n  no date yet\n" in plan_text(plans["arm-b-cns3-child"], 80)


def test_the_head_says_whose_plan_it_is_and_that_it_is_unverified(plans: dict[str, Plan]) -> None:
    head = plan_text(plans[CHILD_ON_D], 80).splitlines()[:4]
    assert head[1:3] == ["Definition aall1331, version 0.2", "Patient P001, arm D, revision 6"]
    assert head[3].startswith("UNVERIFIED")
    assert "no arm assigned yet" in plan_text(plans["unassigned-cns3"], 80).splitlines()[2]


def test_doses_in_words(plans: dict[str, Plan]) -> None:
    text = plan_text(plans[CHILD_ON_D], 80)
    for words in (
        "7.8 mg, 2 times a day",
        "11.7 mg, 4 times a day,",
        "15.6 mg, once a week",
        "58.5 mg, once a day",
        "11.7 mcg in 24 h",
        "1,950 units, once,",
        "over 15-30 min",
    ):
        assert words in text, words


def test_how_doses_were_worked_out_stands_below(plans: dict[str, Plan]) -> None:
    text = " ".join(plan_text(plans[CHILD_ON_D], 80).split())
    assert "from BSA 0.78 m2 (112 cm, 19.4 kg, measured Mon 30-Nov-2026):" in text
    assert "vinCRIStine IV 1.5 mg/m2 x 0.78 m2 = 1.17 mg; IV only, FATAL IF GIVEN BY ANY OTHER ROUTE" in text
    assert "methotrexate IT aged 7: table row 3 to 8 years = 12 mg" in text
    assert "first dose 48 h after the start of methotrexate IV; goes on until methotrexate has cleared" in text


def test_a_fatal_route_stands_in_the_row_of_a_day_with_an_intrathecal_drug(plans: dict[str, Plan]) -> None:
    rows = plan_text(plans[CHILD_ON_D], 80).splitlines()
    warned = [row[:15] for row in rows if "vinCRIStine: FATAL" in row]
    assert "Tue 08-Dec-2026" in warned
    assert "Tue 15-Dec-2026" not in warned


def test_an_omitted_dose_says_why_and_shows_no_figure(plans: dict[str, Plan]) -> None:
    plan = plans["unassigned-diagnostic-it"]
    text = plan_text(select(plan, [], ["methotrexate"], [], "", "2026-12-01"), 80)
    reason = " ".join(text.replace(WELL, "").partition(" IT ")[2].partition("\n\n")[0].split())
    assert reason == "omitted: given with the diagnostic lumbar puncture on Mon 30-Nov-2026"
    assert "12 mg" not in text


def test_a_choice_shows_only_what_was_chosen(plans: dict[str, Plan]) -> None:
    text = plan_text(select(plans[CHILD_ON_D], ["block-1"], [], ["IT"], "", ""), 80)
    rows = [line for line in text.splitlines() if ROW.match(line)]
    assert len(rows) == 2
    assert "Block 2" not in text


def test_the_command_prints_it(child: Path) -> None:
    done = run("plan", child, "--course", "block-1")
    assert (done.returncode, done.stderr) == (0, CHILDS_WARNINGS)
    assert (
        f"Tue 01-Dec-2026  1    dexAMETHasone        PO     8 mg, 2 times a day,         {POORLY}"
        in done.stdout.splitlines()
    )


# --- protocols


def test_a_protocol_shows_every_arm_course_order_and_source(protocol: Protocol) -> None:
    text = protocol_text(protocol, (), 80)
    flat = " ".join(text.split())
    assert max(map(len, text.splitlines())) <= 80
    assert "…" not in text
    for arm in protocol.arms.values():
        assert f"Arm {arm.id}: {arm.title}" in text
    for course in protocol.courses.values():
        assert f"{course.title} ({course.id})" in text
        section = text.partition(f"({course.id})")[2].partition("\n===")[2].partition("\n===")[0]
        for order in course.orders:
            assert re.search(rf"^{order.key} ", section, re.MULTILINE), (course.id, order.key)
            for question in order.backing.questions:
                assert question in flat
    for source, title in protocol.sources.items():
        assert source in text
        assert title in flat


def test_a_protocol_shows_conditions_and_ends_of_its_routes(protocol: Protocol) -> None:
    flat = " ".join(protocol_text(protocol, (), 80).split())
    assert "cranial-radiation, if cns3" in flat
    assert "maintenance, repeated to the day before anniversary 2 of block-1 Day 1" in flat
    assert "hsct, on the date that the record gives" in flat


def test_an_order_shows_dose_cap_frequency_route_days_and_evidence(protocol: Protocol) -> None:
    lines = protocol_text(protocol, ("block-1",), 80).splitlines()
    start = next(index for index, line in enumerate(lines) if line.startswith("dex "))
    order = [line.split("  ") for line in lines[start : start + 5]]
    cells = [[cell.strip() for cell in line if cell.strip()] for line in order]
    assert cells == [
        ["dex", "10 mg/m2", "PO [IV]", "1-5, 15-19", f"{POORLY} unverified"],
        ["dexAMETHasone", "max 20 mg", f"dose {WELL}, days {WELL},"],
        ["BID", f"cap {POORLY}"],
        ["r3-series,"],
        ["advl1114,"],
    ]


def test_chosen_courses_bring_only_their_drugs_and_tables(protocol: Protocol) -> None:
    text = protocol_text(protocol, ("blina-cycle-1",), 80)
    assert "Block 1 (block-1)" not in text
    assert "Arms" not in text
    assert "Table itt" in text
    assert "vinCRIStine" not in text


def test_substitutions_start_criteria_holds_and_comments_are_printed(protocol: Protocol) -> None:
    flat = " ".join(protocol_text(protocol, (), 80).split())
    assert "Substitution 'erwinia': Pegaspargase allergy" in flat
    assert "anc at least 750/mcL; platelets at least 75,000/mcL" in flat
    assert "hold skip: days missed are skipped" in flat
    assert "Day 0 is the day of infusion." in flat


def test_show_prints_it() -> None:
    done = run("show", "aall1331", "--course", "block-1")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Block 1 (block-1), 28 days" in done.stdout
