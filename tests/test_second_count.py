"""Where plan and second count differ: told with both sides, and nothing is made of such a plan without a reason."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import icalendar
import openpyxl
import pypdfium2
import pytest
from conftest import run

from protocal.check.second_count import DIFFERS, ONCE, second_count
from protocal.model.plan import Plan
from protocal.model.problems import ProtocalError, Severity
from protocal.model.settings import Settings
from protocal.plan.expand.course import expand
from protocal.recount import Counted, Recount, recount
from protocal.workflow import counting
from protocal.workflow.counting import counted_again
from protocal.workflow.making import drugs_csv, roadmap_bytes
from protocal.workflow.planning import load_plan, plan_again

VCR = "block-1/vcr/8"


def counted(plan: Plan) -> list[Counted]:
    return list(recount(plan.record.text, plan.protocol.texts).doses)


def with_one(doses: Sequence[Counted], ident: str, **changed: Any) -> list[Counted]:
    return [replace(each, **changed) if each.id == ident else each for each in doses]


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"date": date(2026, 12, 9)}, "1.17 mg vinCRIStine IV on Wed 09-Dec-2026, due"),
        ({"dose": Decimal("1.18")}, "1.18 mg vinCRIStine IV on Tue 08-Dec-2026, due"),
        ({"dose": None}, "no figure vinCRIStine IV on Tue 08-Dec-2026, due"),
        ({"unit": "g"}, "1.17 g vinCRIStine IV on Tue 08-Dec-2026, due"),
        ({"agent": "cytarabine"}, "1.17 mg cytarabine IV on Tue 08-Dec-2026, due"),
        ({"agent": "nobody"}, "1.17 mg nobody IV on Tue 08-Dec-2026, due"),
        ({"route": "IT"}, "1.17 mg vinCRIStine IT on Tue 08-Dec-2026, due"),
        ({"per_day": 2}, "2 times 1.17 mg vinCRIStine IV on Tue 08-Dec-2026, due"),
        ({"state": "held"}, "1.17 mg vinCRIStine IV on Tue 08-Dec-2026, held"),
        (
            {"hours": (datetime.fromisoformat("2026-12-08T10:00:00-05:00"),)},
            "1.17 mg vinCRIStine IV on Tue 08-Dec-2026, Tue 08-Dec-2026 10:00, due",
        ),
    ],
)
def test_each_fact_of_a_dose_is_compared_and_both_sides_are_told(
    changed: dict[str, Any], says: str, child: Path
) -> None:
    plan = load_plan(child)
    (problem,) = second_count(plan, with_one(counted(plan), VCR, **changed))
    ours = "1.17 mg vinCRIStine IV on Tue 08-Dec-2026, due"
    assert problem.message == f"{VCR}: the plan has {ours}, the second count has {says}; see line 5 of the log"
    assert (problem.code, problem.severity, problem.source) == (DIFFERS, Severity.ERROR, "our own rule")
    assert problem.remedy.startswith("Give nothing by it: tell the pharmacist and the protocol office")


def test_a_dose_that_only_one_of_them_has_is_told(child: Path) -> None:
    plan = load_plan(child)
    doses = counted(plan)
    (lacks,) = second_count(plan, [each for each in doses if each.id != VCR])
    assert lacks.message.endswith("08-Dec-2026, due, the second count has nothing; see line 5 of the log")
    more = replace(next(each for each in doses if each.id == VCR), id="block-1/vcr/9")
    (surplus,) = second_count(plan, [*doses, more])
    assert surplus.message.startswith("block-1/vcr/9: the plan has nothing, the second count has 1.17 mg vinCRIStine")
    assert list(second_count(plan, doses)) == []


def test_an_order_is_told_once_with_the_lines_of_the_log_that_concern_it(child: Path) -> None:
    assert run("start", child, "block-1", "2026-12-01", "--reason", "seen again").returncode == 0
    assert run("adjust", child, "vincristine", "--percent", "50", "--from", "2026-12-08", "--to", "2026-12-09",
               "--reason", "neuropathy").returncode == 0  # fmt: skip
    assert run("omit", child, "block-1/vcr/15", "--reason", "ileus").returncode == 0
    assert run("omit", child, "block-1/mitox/1", "--reason", "asked for").returncode == 0
    plan = load_plan(child)
    lines = [
        number
        for number, entry in plan.record.standing()
        if getattr(entry, "course", "") == "block-1"
        or getattr(entry, "agent", "") == "vincristine"
        or "block-1/vcr/15" in getattr(entry, "ids", ())
    ]
    late = [
        replace(each, date=each.date + timedelta(days=1)) if each.id.startswith("block-1/vcr/") else each
        for each in counted(plan)
    ]
    (problem,) = second_count(plan, late)
    assert len(lines) == 4
    assert problem.message.endswith(f"; likewise 3 other days; see lines {', '.join(map(str, lines))} of the log")
    assert problem.where == plan.record.log[lines[-1] - 1].where


def test_of_many_orders_five_are_told_and_how_many_more_there_are(child: Path) -> None:
    plan = load_plan(child)
    found = list(second_count(plan, []))
    orders = {(each.course, each.key) for each in plan.administrations}
    assert len(found) == 6
    assert found[-1].message == f"{len(orders) - 5} other orders differ, too"


@pytest.mark.parametrize(
    ("count", "says"), [(5, []), (6, ["1 other order differs, too"]), (7, ["2 other orders differ, too"])]
)
def test_more_than_five_orders_are_counted(count: int, says: list[str], child: Path) -> None:
    plan = load_plan(child)
    doses = counted(plan)
    keys = list(
        dict.fromkeys(
            each.id.rsplit("/", 2)[0] if each.id.count("/") > 2 else each.id.rsplit("/", 1)[0] for each in doses
        )
    )
    wrong = tuple(f"{key}/" for key in keys[:count])
    found = [
        each.message
        for each in second_count(plan, [each for each in doses if not each.id.startswith(wrong)])
        if "the plan has" not in each.message
    ]
    assert found == says


def test_one_other_day_is_one_and_a_dose_that_was_given_names_its_line(child: Path) -> None:
    assert run("give", child, "block-1/vcr/8", "2026-12-08").returncode == 0
    before = load_plan(child)
    assert run("give", child, "block-1/vcr/15", "2026-12-15").returncode == 0
    plan = load_plan(child)
    idents = ("block-1/vcr/15", "block-1/vcr/22")
    (problem,) = second_count(plan, [each for each in counted(plan) if each.id not in idents])
    line = plan.record.revision
    assert problem.message.endswith(f"; likewise 1 other day; see lines 5, {line - 1}, {line} of the log")
    earlier = plan_again(plan, before.revision)
    (problem,) = second_count(earlier, [each for each in counted(before) if each.id not in idents])
    assert problem.message.endswith(f"; likewise 1 other day; see lines 5, {line - 1} of the log")


def test_where_no_line_of_the_log_concerns_an_order_none_is_named(child: Path) -> None:
    plan = load_plan(child)
    (problem,) = second_count(plan, [each for each in counted(plan) if not each.id.startswith("block-2/vcr/")])
    assert problem.message.endswith(" on Tue 29-Dec-2026, due, the second count has nothing")
    assert problem.where == plan.record.where


@pytest.mark.parametrize("agent", ["vincristine", "methotrexate"])
def test_lines_of_the_drugs_of_both_sides_concern_it(agent: str, child: Path) -> None:
    words = ("--percent", "50", "--from", "2027-03-02", "--to", "2027-06-01", "--reason", "neuropathy")
    assert run("adjust", child, agent, *words).returncode == 0
    plan = load_plan(child)
    (problem,) = second_count(plan, with_one(counted(plan), VCR, agent="methotrexate"))
    assert problem.message.endswith(f"; see lines 5, {plan.record.revision} of the log")


def test_what_is_not_known_is_told_once_with_what_to_do(child: Path) -> None:
    plan = load_plan(child)
    (said,) = second_count(plan, counted(plan), ["settings: tone", "record, note: loud"])
    assert (said.code, said.severity, said.where) == (ONCE, Severity.WARNING, plan.record.where)
    assert said.message == "counted once: the second count does not know settings: tone; record, note: loud"
    assert said.remedy == "Check the doses and days by hand."


def test_days_beyond_the_course_that_a_list_asks_for_are_not_compared(child: Path) -> None:
    for words in (
        ("start", "block-2", "2026-12-29"),
        ("give", "block-2/mtx-hd/8", "2027-01-05", "--at", "10:00"),
    ):
        assert run(words[0], child, *words[1:]).returncode == 0
    far = date(2027, 3, 1)
    plan = load_plan(child, asked=(far, far + timedelta(days=3)))
    assert sum(each.date >= far and each.open for each in plan.administrations) == 4
    assert counted_again(plan) == ()


def test_a_revision_is_counted_with_its_own_lines(child: Path) -> None:
    assert run("delay", child, "block-2", "--days", "3", "--reason", "fever").returncode == 0
    plan = load_plan(child)
    for revision in range(1, plan.record.revision + 1):
        assert [each.code for each in counted_again(plan_again(plan, revision))] in ([], [ONCE])
    assert counted_again(plan_again(plan, plan.record.revision - 1)) == ()


def test_what_is_of_no_file_is_counted_once(child: Path) -> None:
    plan = load_plan(child)
    (said,) = counted_again(replace(plan, record=replace(plan.record, text="")))
    assert (said.code, said.severity) == (ONCE, Severity.WARNING)
    closed = Settings(closed_days=frozenset({date(2026, 12, 25)}))
    (said,) = counted_again(load_plan(child, closed))
    assert said.message == (
        "counted once: the second count does not know a record, a definition or settings that were not read from files"
    )


# --- what each output does

DESPITE = ("--despite", DIFFERS, "--reason", "both were checked by hand")
SAYS = f"Issued despite {DIFFERS}: {VCR}: the plan has"
OUTPUTS: dict[str, tuple[str, ...]] = {
    "roadmap": ("roadmap", "--course", "block-1", "-o", "x.pdf"),
    "overview": ("roadmap", "--overview", "-o", "x.pdf"),
    "calendar": ("calendar", "--course", "block-1", "-o", "x.pdf"),
    "pocket page": ("calendar", "--pocket", "--from", "2026-12-01", "-o", "x.pdf"),
    "feed": ("feed", "-o", "x.ics"),
    "drug list": ("drugs",),
    "drug list, CSV": ("drugs", "--format", "csv"),
    "drug list, JSON": ("drugs", "--format", "json"),
    "workbook": ("drugs", "--format", "xlsx", "-o", "x.xlsx"),
    "worksheet": ("drugs", "--format", "pdf", "--course", "block-1", "-o", "x.pdf"),
    "day list": ("drugs", "--on", "2026-12-08"),
}


def counts_otherwise(patched: pytest.MonkeyPatch, **changed: Any) -> None:
    """Seed a mistake in the second count."""

    def wrong(*args: Any) -> Recount:
        found = recount(*args)
        return Recount(tuple(with_one(found.doses, VCR, **changed)), found.not_covered)

    counting.forget()
    patched.setattr("protocal.recount.recount", wrong)


@pytest.fixture(autouse=True)
def _anew() -> Any:
    yield
    counting.forget()


def said_by(folder: Path, words: Sequence[str], told: str) -> str:
    """What a reader of the output sees, in one line; of lists without a place for it what was told beside them."""
    name = words[words.index("-o") + 1] if "-o" in words else ""
    if name.endswith(".pdf"):
        document = pypdfium2.PdfDocument(folder / name)
        text = " ".join(page.get_textpage().get_text_bounded() for page in document)
        document.close()
    elif name.endswith(".ics"):
        calendar = icalendar.Calendar.from_ical((folder / name).read_bytes())
        text = " ".join(str(each.get(key, "")) for each in calendar.walk() for key in ("description", "x-wr-caldesc"))
    elif name.endswith(".xlsx"):
        text = str(openpyxl.load_workbook(folder / name).worksheets[0]["A1"].value)
    else:
        text = told
    return " ".join(text.split())


@pytest.mark.parametrize("name", OUTPUTS)
def test_a_difference_stops_it_unless_it_is_named_with_a_reason_which_is_printed(
    name: str, child: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    verb, *words = OUTPUTS[name]
    counts_otherwise(monkeypatch, dose=Decimal("1.2"))
    done = run(verb, child, *words, cwd=child.parent)
    assert done.returncode == 1
    assert done.stdout == ""
    assert "the plan has 1.17 mg vinCRIStine IV on Tue 08-Dec-2026, due, the second count has 1.2 mg" in done.stderr
    assert f"[{DIFFERS}]" in done.stderr
    assert [each.name for each in child.parent.iterdir()] == [child.name]

    done = run(verb, child, *words, *DESPITE, cwd=child.parent)
    assert done.returncode == 0, done.stderr
    text = said_by(child.parent, words, done.stdout if "json" in words else done.stderr)
    assert SAYS in text
    assert "Reason: both were checked by hand" in text


def test_check_tells_it(child: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert DIFFERS not in run("check", child).stdout
    counts_otherwise(monkeypatch, state="held")
    done = run("check", child, "--format", "json")
    assert done.returncode == 1
    first = json.loads(done.stdout)["problems"][0]
    assert (first["code"], first["severity"]) == (DIFFERS, "error")


def test_a_mistake_in_the_plan_is_caught_too(child: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(*args: Any) -> Any:
        course = expand(*args)
        lines = tuple(each._replace(dose=each.dose * 2) if each.id == VCR else each for each in course.administrations)
        return replace(course, administrations=lines)

    monkeypatch.setattr("protocal.plan.planner.expand", wrong)
    done = run("roadmap", child, "--course", "block-1", "-o", "x.pdf", cwd=child.parent)
    assert done.returncode == 1
    assert "the plan has 2.34 mg vinCRIStine IV on Tue 08-Dec-2026, due, the second count has 1.17 mg" in done.stderr


def test_a_second_count_that_breaks_stops_it_too(child: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_args: Any) -> Recount:
        raise KeyError("orders")

    counting.forget()
    monkeypatch.setattr("protocal.recount.recount", broken)
    done = run("feed", child, "-o", "x.ics", cwd=child.parent)
    assert done.returncode == 1
    assert f"the second count of this record could not be made: KeyError: 'orders' [{DIFFERS}]" in done.stderr


@pytest.mark.parametrize("name", OUTPUTS)
def test_what_was_counted_once_says_so(name: str, child: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    counting.forget()
    monkeypatch.setattr(
        "protocal.recount.recount", lambda *args: replace(recount(*args), not_covered=("settings: tone",))
    )
    verb, *words = OUTPUTS[name]
    done = run(verb, child, *words, cwd=child.parent)
    assert done.returncode == 0, done.stderr
    text = said_by(child.parent, words, done.stdout if "json" in words else done.stderr)
    assert "counted once: the second count does not know settings: tone" in text


def test_a_program_cannot_have_paper_or_lists_of_it(child: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = load_plan(child)
    counts_otherwise(monkeypatch, per_day=3)
    for make in (roadmap_bytes, drugs_csv):
        with pytest.raises(ProtocalError, match="the second count has 3 times"):
            make(plan)


# --- the command


def test_recount_prints_every_dose(child: Path) -> None:
    table = run("recount", child)
    assert table.returncode == 0, table.stderr
    head, *rows = table.stdout.splitlines()
    assert head.split() == ["date", "agent", "route", "dose", "unit", "per_day", "times", "status", "id"]
    assert "2026-12-08 vincristine IV 1.17 mg 1 due block-1/vcr/8" in [" ".join(row.split()) for row in rows]
    data = json.loads(run("recount", child, "--format", "json").stdout)
    assert len(data["doses"]) == len(rows) == len(load_plan(child).administrations)
    assert data["not_covered"] == []
    lines = run("recount", child, "--format", "csv").stdout.splitlines()
    assert lines[0] == "date,agent,route,dose,unit,per_day,times,status,id"
    assert len(lines) == len(rows) + 1


def test_recount_says_what_it_cannot_count(child: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("x: [", encoding="utf-8")
    done = run("recount", bad)
    assert (done.returncode, done.stdout) == (2, "")
    assert "bad.yaml cannot be counted again: " in done.stderr
    assert "`protocal check` says what is wrong with a record" in done.stderr
    done = run("recount", tmp_path / "none.yaml")
    assert (done.returncode, done.stdout) == (2, "")
    assert "none.yaml: there is no such file" in done.stderr
    done = run("recount", child, "--revision", "99")
    assert done.returncode == 2
    assert "lines, and not 99" in done.stderr
    child.write_text(child.read_text(encoding="utf-8") + "  - {entry: wish, text: x}\n", encoding="utf-8")
    done = run("recount", child)
    assert done.returncode == 0
    assert done.stderr == "not counted: record, entry: wish\n"
