"""Dates, hours and figures that cannot be meant are told with their place, and no revision of a record is a trap."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import get_args
from unittest.mock import patch

import pytest
from conftest import CHILD, run
from test_tiny import GIRL, TINY

from protocal.account import editions
from protocal.cli import main
from protocal.model.entries import Entry
from protocal.model.plan import Plan
from protocal.model.problems import Problem, ProtocalError, Severity
from protocal.model.settings import Settings
from protocal.plan import planner
from protocal.plan.planner import make_plan
from protocal.read.record.entries import AnyEntry
from protocal.text.typed import read_date
from protocal.workflow.planning import load_plan

By = Callable[..., Path]


@dataclass(frozen=True)
class Done:
    """How a command ended, and what it said."""

    returncode: int
    stdout: str
    stderr: str


Typed = Callable[..., Done]


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Typed:
    """The command's own entry, in this process."""

    def done(*words: str | Path) -> Done:
        monkeypatch.setattr(sys, "argv", ["protocal", *map(str, words)])
        with pytest.raises(SystemExit) as stopped:
            main()
        said = capfd.readouterr()
        return Done(int(stopped.value.code or 0), said.out, said.err)

    return done


@pytest.fixture(scope="module")
def header(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The text of a child's record, as `new` writes it; it has six lines."""
    record = tmp_path_factory.mktemp("dates") / "p001.yaml"
    assert run("new", record, *CHILD).returncode == 0
    return record.read_text(encoding="utf-8")


@pytest.fixture
def by_hand(header: str, tmp_path: Path) -> By:
    """The record with lines that were written by hand."""

    def written(*lines: str) -> Path:
        record = tmp_path / "p001.yaml"
        record.write_text(header + "".join(f"  - {{{line}}}\n" for line in lines), encoding="utf-8")
        return record

    return written


def planned(record: Path, revision: int | None = None) -> Plan:
    return load_plan(record, Settings(), revision=revision)


def errors(record: Path) -> list[Problem]:
    with pytest.raises(ProtocalError) as stopped:
        planned(record)
    return [each for each in stopped.value.problems if each.severity is Severity.ERROR]


def the_error(record: Path) -> Problem:
    (found,) = errors(record)
    assert found.where
    assert found.where.line
    assert found.remedy
    return found


START_2 = "entry: start, course: block-2, date: 2026-12-29"
MTX = "entry: give, id: block-2/mtx-hd/8, date: 2027-01-05, at: '2027-01-05T09:00:00-05:00'"
BLINA = "entry: give, id: blina-cycle-1/blina/1, date: 2027-02-02, at: '2027-02-02T09:00:00-05:00'"

# years

YEARS = ["0001-01-01", "1899-12-31", "2201-01-01", "9999-12-31"]


@pytest.mark.parametrize("text", YEARS)
def test_a_year_that_cannot_be_meant_is_refused_wherever_a_date_is_read(typed: Typed, by_hand: By, text: str) -> None:
    with pytest.raises(ValueError, match="cannot be meant; write one from 1900 to 2200"):
        read_date(text)
    for line in (
        f"entry: move, id: block-1/vcr/8, date: {text}",
        f"entry: interrupt, course: blina-cycle-1, at: '{text}T00:30:00+14:00', why: x",
        f"entry: note, recorded: '{text}T23:30:00-12:00', text: x",
    ):
        assert "cannot be meant" in the_error(by_hand(line)).message
    record = by_hand()
    for words in (
        ("plan", record, "--from", text),
        ("why", record, text),
        ("drugs", "--on", text, record),
        ("delay", record, "block-2", "--to", text),
        ("interrupt", record, "blina-cycle-1", "--at", f"{text} 00:00", "--reason", "x"),
        ("interrupt", record, "blina-cycle-1", "--at", f"{text} 23:59+00:00", "--reason", "x"),
    ):
        done = typed(*words)
        assert done.returncode == 2, done.stderr
        assert f"the year {int(text[:4])} cannot be meant" in done.stderr


# Each entry with the field that is dated, as it is written; what an entry needs besides stands there.
DATED = {
    "measure": "height: 112, weight: 19.4, date: {}",
    "diagnostic-it": "agent: methotrexate, date: {}",
    "assign": "arm: D, date: {}",
    "start": "course: block-2, date: {}",
    "fail": "date: {}",
    "end": "why: x, date: {}",
    "adjust": "agent: mercaptopurine, percent: 50, date: {}",
    "give": "id: block-1/vcr/1, date: {}",
    "dispense": "agent: mercaptopurine, tablets: 60 of 50 mg, date: {}",
    "bags": "agent: blinatumomab, hours: [48], date: {}",
    "delay": "course: block-2, to: {}",
    "hold": "course: block-1, days: 3, rule: skip, date: {}",
    "move": "id: block-1/vcr/8, date: {}",
    "substitute": "agent: pegaspargase, product: erwinia, date: {}",
    "interrupt": "course: blina-cycle-1, why: x, at: '{}T09:00:00-05:00'",
    "resume": "course: blina-cycle-1, why: x, at: '{}T09:00:00-05:00'",
    "clear": "course: block-2, agent: methotrexate, level: 0.08 micromol/L, at: '{}T09:00:00-05:00'",
    "transplant": "date: {}",
    "stop": "why: x, date: {}",
}


def test_every_entry_that_has_a_date_is_one_of_these() -> None:
    def has_a_date(shape: type) -> bool:
        of_the_site = ("recorded", "closed_days")
        kinds = str([each.annotation for name, each in shape.model_fields.items() if name not in of_the_site])  # type: ignore[attr-defined]
        return "datetime.date" in kinds

    shapes = get_args(AnyEntry)[1].shapes()
    assert {get_args(each.model_fields["entry"].annotation)[0] for each in shapes if has_a_date(each)} == set(DATED)


@pytest.mark.parametrize("entry", DATED)
@pytest.mark.parametrize(("day", "code"), [("2016-12-01", "before-birth"), ("2160-12-01", "too-old")])
def test_no_entry_is_dated_before_birth_or_after_a_lifetime(by_hand: By, entry: str, day: str, code: str) -> None:
    found = errors(by_hand(f"entry: {entry}, {DATED[entry].format(day)}"))
    also = {"before-birth": "before-therapy", "too-old": "too-far"}[code]  # which the plan as a whole would be
    assert {code, also} & {each.code for each in found}


def test_a_dose_in_a_wrong_year_is_refused_even_with_a_reason(typed: Typed, by_hand: By) -> None:
    """An intrathecal dose is by age: the table has no row for somebody aged -3."""
    record = by_hand()
    done = typed("give", record, "block-1/it-mtx/1", "2016-12-01", "--reason", "late note")
    assert (done.returncode, done.stderr.splitlines()[0]) == (
        2,
        "error: ID: 2016-12-01 is before the birth on 2019-05-12",
    )


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("entry: give, id: block-1/vcr/1, date: 2025-12-01", "is given on 2025-12-01, long before Block 1 began on"),
        ("entry: give, id: block-1/vcr/1, date: 2028-12-01", "is given on 2028-12-01, long after Block 1 was over on"),
        ("entry: move, id: block-1/vcr/8, date: 2028-12-01", "is moved to on 2028-12-01, long after Block 1 was over"),
        ("entry: give, id: block-2/vcr/1, date: 2025-12-29", "is given on 2025-12-29, long before therapy began on"),
    ],
)
def test_a_dose_of_another_year_than_its_course_is_an_error(by_hand: By, line: str, said: str) -> None:
    found = the_error(by_hand(line))
    assert found.code == "another-year"
    assert said in found.message


# hours


@pytest.mark.parametrize(
    ("date_", "at", "agrees"),
    [
        ("2027-01-05", "2027-01-05T09:00:00-05:00", True),
        ("2027-01-05", "2027-01-06T02:00:00+00:00", True),  # which is 21:00 of the fifth on the ward's clocks
        ("2027-01-06", "2027-01-06T02:00:00+00:00", False),
        ("2027-01-05", "2027-01-06T00:15:00-05:00", False),
        ("2027-01-05", "2027-02-05T09:00:00-05:00", False),
        ("2027-01-05", "2027-01-04T23:59:00-05:00", False),
    ],
)
def test_date_and_hour_of_a_dose_are_of_one_day_on_the_ward_s_clocks(
    by_hand: By, date_: str, at: str, agrees: bool
) -> None:
    record = by_hand(START_2, f"entry: give, id: block-2/mtx-hd/8, date: {date_}, at: '{at}'")
    if agrees:
        (line,) = (each for each in planned(record).administrations if each.id == "block-2/mtx-hd/8")
        assert line.date.isoformat() == date_
        return
    found = the_error(record)
    assert found.code == "another-day"
    assert found.message.startswith("block-2/mtx-hd/8 is dated ")
    assert "America/New_York" in found.message


def test_the_rescue_is_never_a_month_late_for_an_hour_that_was_written_wrong(by_hand: By) -> None:
    """The case that was found: the date is right, the hour a month later."""
    wrong = MTX.replace("at: '2027-01-05", "at: '2027-02-05")
    found = the_error(by_hand(START_2, wrong))
    assert str(found).split(": ", 1)[1] == (
        "error: block-2/mtx-hd/8 is dated Tue 05-Jan-2027, but its hour is Fri 05-Feb-2027 09:00 in America/New_York"
        " [another-day]\n  Correct the one or the other. A line that is sealed is undone, and written anew."
    )


@pytest.mark.parametrize(("at", "agrees"), [("2027-01-08T00:30", True), ("2027-01-09T00:30", False)])
def test_the_first_of_several_doses_a_day_may_fall_past_midnight(by_hand: By, at: str, agrees: bool) -> None:
    """Leucovorin is given every six hours: the first dose of a day may be of the next date, no later one."""
    ids = [each.id for each in planned(by_hand()).administrations if each.course == "block-2" and each.per_day == 4]
    record = by_hand(START_2, f"entry: give, id: {ids[0]}, date: 2027-01-07, at: '{at}:00-05:00'")
    if agrees:
        assert not [each for each in planned(record).problems if each.code == "another-day"]
    else:
        assert "the hour is of that day or the next" in the_error(record).remedy


def test_an_hour_alone_dates_a_dose_by_the_ward_s_clocks(by_hand: By) -> None:
    record = by_hand(START_2, "entry: give, id: block-2/mtx-hd/8, at: '2027-01-06T02:00:00+00:00'")
    (line,) = (each for each in planned(record).administrations if each.id == "block-2/mtx-hd/8")
    assert line.date == date(2027, 1, 5)


def test_the_hour_of_the_end_is_of_the_day_of_the_end(by_hand: By) -> None:
    found = the_error(by_hand("entry: stop, date: 2027-01-05, at: '2027-01-06T09:00:00-05:00', why: x"))
    assert found.code == "another-day"
    assert found.message.startswith("the end of therapy is dated Tue 05-Jan-2027, but its hour is Wed 06-Jan-2027")


def test_every_entry_with_a_date_and_an_hour_is_held_to_one_day() -> None:
    both = [each for each in Entry.__subclasses__() if {"date", "at"} <= {one.name for one in fields(each)}]
    assert {each.__name__ for each in both} == {"Given", "Stopped"}


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ((BLINA, "entry: interrupt, course: blina-cycle-1, at: '2027-02-01T09:00:00-05:00', why: x"), "interrupt"),
        ((BLINA, "entry: interrupt, course: blina-cycle-1, at: '2026-02-04T09:00:00-05:00', why: x"), "another-year"),
        (
            (
                BLINA,
                "entry: interrupt, course: blina-cycle-1, at: '2027-02-04T09:00:00-05:00', why: x",
                "entry: resume, course: blina-cycle-1, at: '2028-02-04T12:00:00-05:00', why: x",
            ),
            "another-year",
        ),
        (
            (
                BLINA,
                "entry: interrupt, course: blina-cycle-1, at: '2027-02-04T09:00:00-05:00', why: x",
                "entry: resume, course: blina-cycle-1, at: '2027-02-03T12:00:00-05:00', why: x",
            ),
            "interrupt",
        ),
        (
            (
                START_2,
                MTX,
                "entry: clear, course: block-2, agent: methotrexate, level: 0.08 micromol/L,"
                " at: '2027-01-05T08:00:00-05:00'",
            ),
            "clear",
        ),
        (
            (
                START_2,
                MTX,
                "entry: clear, course: block-2, agent: methotrexate, level: 0.08 micromol/L,"
                " at: '2028-01-08T08:00:00-05:00'",
            ),
            "another-year",
        ),
        ((BLINA.replace("09:00:00", "09:00:30"),), "seconds"),
    ],
    ids=[
        "before the start",
        "a year early",
        "a year late",
        "before the stop",
        "level before",
        "level a year late",
        "s",
    ],
)
def test_hours_of_an_infusion_are_within_its_course(by_hand: By, lines: tuple[str, ...], code: str) -> None:
    started = "entry: start, course: blina-cycle-1, date: 2027-02-02"
    lines = (START_2, started, *lines) if "blina" in lines[0] else lines
    assert code in [each.code for each in errors(by_hand(*lines))]


def test_a_level_after_its_course_is_said(by_hand: By) -> None:
    clear = (
        "entry: clear, course: block-2, agent: methotrexate, level: 0.08 micromol/L, at: '2027-02-20T08:00:00-05:00'"
    )
    found = [each for each in planned(by_hand(START_2, MTX, clear)).problems if each.code == "clear-late"]
    assert [each.severity for each in found] == [Severity.WARNING]


# too far


def test_delays_upon_delays_are_an_error_and_no_overflow(by_hand: By) -> None:
    found = the_error(by_hand(*["entry: delay, course: block-2, days: 3650"] * 800))
    assert found.code == "too-far"
    assert found.where
    assert found.where.line == 45 + 800, "the last of them"


@pytest.mark.parametrize(
    "line",
    [
        "entry: delay, course: block-2, to: 2150-01-01",
        "entry: end, date: 2128-12-31, why: a slip of the finger",
        "entry: hold, course: block-1, date: 2026-12-03, days: 3660, rule: slip",
    ],
)
def test_a_plan_of_more_than_twenty_years_is_an_error(by_hand: By, line: str) -> None:
    assert the_error(by_hand(*[line] * 3)).code == "too-far"


# ids


@pytest.mark.parametrize(
    "id_", ["block-1", "block-1/vcr", "block-1/vcr/x", f"block-1/vcr/{'1' * 20}", "block-1/vcr/0/x", "block-1//1"]
)
@pytest.mark.parametrize(
    "entry", ["move, date: 2026-12-02, id: {}", "give, date: 2026-12-02, id: {}", "omit, ids: [{}]"]
)
def test_an_id_that_names_nothing_is_told_and_no_more(typed: Typed, by_hand: By, id_: str, entry: str) -> None:
    record = by_hand("entry: " + entry.format(id_))
    if entry.startswith("give"):
        assert the_error(record).code == "unknown-id"
    else:
        assert "unknown-id" in [each.code for each in planned(record).problems]
        assert typed("why", record, "2026-12-02").returncode == 0


# history

TRAPS = {
    "a start in a wrong year": "entry: start, course: block-2, date: 2020-01-04",
    "a start before birth": "entry: start, course: block-2, date: 1919-01-04",
    "an arm that there is not": "entry: assign, arm: Q, date: 2026-12-04",
    "a drug that there is not": "entry: substitute, agent: nectar, product: ambrosia, date: 2026-12-01",
    "a product that there is not": "entry: substitute, agent: pegaspargase, product: ambrosia, date: 2026-12-01",
    "an administration that there is not": "entry: give, id: block-1/nectar/1, date: 2026-12-01",
    "a bag that there is not": "entry: bags, agent: blinatumomab, hours: [7], date: 2026-12-01",
    "a resume of nothing": "entry: resume, course: blina-cycle-1, at: '2027-02-04T12:00:00-05:00', why: x",
    "an hour of another day": MTX.replace("at: '2027-01-05", "at: '2027-02-05"),
}


def taken_back(by_hand: By, trap: str) -> Path:
    """A record with a line that could not be planned, then taken back, then one more."""
    return by_hand(trap, "entry: undo, line: 7", "entry: delay, course: block-2, days: 3")


@pytest.mark.parametrize("trap", TRAPS.values(), ids=TRAPS)
def test_what_a_later_line_takes_back_is_no_trap_for_history(by_hand: By, trap: str) -> None:
    plan = planned(taken_back(by_hand, trap))
    clean = planned(by_hand("entry: delay, course: block-2, days: 3"))
    clean = make_plan(plan.protocol, clean.record, Settings())  # orders are told apart by being the same value
    assert [each.administrations for each in plan.courses] == [each.administrations for each in clean.courses]
    found, expected = editions(plan), editions(clean)
    assert {id_: [each.days for each in several] for id_, several in found.items()} == {
        id_: [each.days for each in several] for id_, several in expected.items()
    }
    trapped = make_plan(plan.protocol, plan.record, Settings(), 7)
    assert trapped.courses == make_plan(plan.protocol, plan.record, Settings(), 6).courses


def test_hundreds_of_revisions_that_cannot_be_planned_are_passed_over(by_hand: By) -> None:
    """Each is looked at once, not once for each that comes after it."""
    delays = ["entry: delay, course: block-2, days: 3650"] * 100
    plan = planned(by_hand(*delays, *(f"entry: undo, line: {number}" for number in range(106, 6, -1))))
    with patch.object(planner, "fitting_at", wraps=planner.fitting_at) as looked:
        found = editions(plan)
    assert looked.call_count == plan.revision - 1
    (_first, late, *_others) = found["block-2"]
    assert late.days[0].date == date(2026, 12, 29) + timedelta(days=3650)
    assert found["block-2"][-1].days[0].date == date(2026, 12, 29)


@pytest.mark.parametrize("name", ["a start in a wrong year", "an arm that there is not"])
def test_what_a_later_line_takes_back_is_no_trap_for_any_command(typed: Typed, by_hand: By, name: str) -> None:
    record = taken_back(by_hand, TRAPS[name])
    folder = record.parent
    for words in (
        ("plan", record, "--revision", "7"),
        ("diff", record, "--from", "7"),
        ("feed", record, "-o", folder / "plan.ics"),
        ("roadmap", record, "-o", folder / "block-1.pdf", "--course", "block-1"),
        ("calendar", record, "-o", folder / "pocket.pdf", "--pocket", "--from", "2026-12-01"),
    ):
        done = typed(*words)
        assert done.returncode == 0, (words, done.stderr)


def test_a_revision_that_could_not_be_planned_says_which_one_stands_for_it(typed: Typed, by_hand: By) -> None:
    record = taken_back(by_hand, TRAPS["a start in a wrong year"])
    done = typed("plan", record, "--revision", "7", "--format", "json")
    (found,) = (each for each in json.loads(done.stdout)["problems"] if each["code"] == "unfit-revision")
    assert found["message"].endswith("with its first 7 lines cannot be planned; this is the plan of 6")
    assert found["where"].endswith(":46:5")
    assert json.loads(done.stdout)["revision"] == 7


def test_a_line_by_which_no_plan_can_be_made_is_undone_by_the_command(typed: Typed, by_hand: By) -> None:
    record = by_hand(START_2, TRAPS["an hour of another day"])
    assert typed("plan", record).returncode == 1
    done = typed("undo", record, "8", "--reason", "another day")
    assert done.returncode == 0, done.stderr
    assert typed("plan", record).returncode == 0


# figures and braces in a definition


@pytest.fixture
def tiny(tmp_path: Path) -> Callable[[str, str, str], Path]:
    """The made-up definition with something in one of its files changed."""

    def changed(file: str, old: str, new: str) -> Path:
        folder = tmp_path / "tiny" / "1"
        shutil.copytree(TINY, folder)
        text = (folder / file).read_text(encoding="utf-8")
        assert old in text
        (folder / file).write_text(text.replace(old, new), encoding="utf-8")
        return folder

    return changed


LONG = ["1" * 20, "0." + "3" * 60, "9" * 5000]
FIGURES = [
    ("courses/closing.yaml", "dose: 30 mg/m2/day", "dose: {} mg/m2/day"),
    ("courses/closing.yaml", "max: 40 mg", "max: {} mg"),
    ("protocol.yaml", '"0-5": 4', '"0-5": {}'),
    ("protocol.yaml", '"12.5-<20.5"', '"12.5-<{}"'),
    ("agents.yaml", "from: 30 kg", "from: {} kg"),
    ("agents.yaml", "tablets: 4 mg", "tablets: {} mg"),
    ("agents.yaml", "up to 0.5 mg", "up to {} mg"),
    ("agents.yaml", "4 days from 15 kg", "{} days from 15 kg"),
]


@pytest.mark.parametrize("figure", LONG, ids=["20 figures", "60 decimals", "5,000 figures"])
@pytest.mark.parametrize(("file", "old", "new"), FIGURES, ids=[new for _file, _old, new in FIGURES])
def test_a_figure_that_nobody_can_mean_is_refused_at_its_place(
    typed: Typed, tiny: Callable[[str, str, str], Path], file: str, old: str, new: str, figure: str
) -> None:
    done = typed("lint", tiny(file, old, new.format(figure)))
    assert done.returncode == 1, done.stderr
    assert f"{file}:" in done.stderr
    assert all(len(line) < 700 for line in done.stderr.splitlines())


@pytest.mark.parametrize("line", ["dose: {}", "dose: 1.{}"])
def test_a_dose_of_sixty_figures_is_refused_where_it_stands(by_hand: By, line: str) -> None:
    for digits in (20, 28, 60):
        text = line.format("1" * digits)
        found = the_error(by_hand(f"entry: give, id: block-1/vcr/1, date: 2026-12-01, {text}"))
        assert "'dose'" in found.message


def test_a_time_that_nobody_can_mean_is_refused(typed: Typed, tiny: Callable[[str, str, str], Path]) -> None:
    done = typed("lint", tiny("agents.yaml", "24 h, 4 days", "24 h, 999999999 days"))
    assert done.returncode == 1
    assert "is longer than any therapy" in done.stderr


def test_five_thousand_figures_typed_are_refused(typed: Typed, by_hand: By) -> None:
    record = by_hand()
    for words in (
        ("bags", record, "blinatumomab", "--hours", "9" * 5000, "--from", "2026-12-01"),
        ("delay", record, "block-2", "--days", "9" * 5000),
        ("undo", record, "9" * 5000),
        ("plan", record, "--revision", "9" * 5000),
        ("diff", record, "--from", "9" * 4000),
        ("measure", record, "--height", "9" * 5000, "--weight", "20", "--date", "2026-12-28"),
        ("give", record, "block-1/vcr/1", "2026-12-01", "--dose", "1" * 60),
    ):
        assert typed(*words).returncode == 2, words


def texts_of(tree: Path) -> Iterator[tuple[str, str]]:
    """Each title of the made-up definition: its file and its line."""
    for file in sorted(tree.rglob("*.yaml")):
        for line in file.read_text(encoding="utf-8").splitlines():
            key, _, value = line.strip().removeprefix("- ").partition(": ")
            if key in ("title", "blood-count", "scan", "comment") and value:
                yield file.relative_to(tree).as_posix(), line


BRACES = "{x} {0} }{ {y!r:>{z}} %s"


@pytest.mark.parametrize(("file", "line"), list(texts_of(TINY)), ids=lambda each: each.strip())
def test_braces_in_the_words_of_a_definition_are_only_braces(
    typed: Typed, tiny: Callable[[str, str, str], Path], tmp_path: Path, file: str, line: str
) -> None:
    head, _, _words = line.partition(": ")
    folder = tiny(file, f"{line}\n", f"{head}: '{BRACES}'\n")
    words = list(GIRL)
    words[words.index(str(TINY))] = str(folder)
    record = tmp_path / "t-1.yaml"
    assert typed("new", record, *words).returncode == 0
    for command in (
        ("delay", record, "middle", "--days", "3"),
        ("plan", record),
        ("diff", record, "--from", "3"),
        ("why", record, "2027-03-05"),
        ("feed", record, "-o", tmp_path / "t.ics", "--doses"),
        ("show", folder),
    ):
        done = typed(*command)
        assert done.returncode == 0, (command, done.stderr)
    if "scan" in line:
        assert BRACES in typed("diff", record, "--from", "3").stdout


def test_moments_of_the_record_are_never_naive(by_hand: By) -> None:
    for _number, entry in planned(by_hand(START_2, MTX)).record.standing():
        moments = [getattr(entry, each.name) for each in fields(entry)]
        assert all(each.tzinfo for each in moments if isinstance(each, datetime))
