"""A site's rules as lines of the log: from when they hold, what they leave alone, and who writes them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from conftest import run, with_seals
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from icalendar import Calendar
from in_memory import NOWHERE, bagged, child, interrupted, line, moved, plan_of, recorded, resumed, started
from in_memory import given as was_given
from machines import BOY, LOOM, Chart

from protocal.change.diff import differences
from protocal.model.doses import Liquid, Route, parse_rounding
from protocal.model.entries import Ruled
from protocal.model.plan import Plan
from protocal.model.problems import ProtocalError, Severity, UsageError
from protocal.model.settings import RULES, Ceiling, Clearance, Settings, same_rules
from protocal.plan.products import tablets_out_of_reach
from protocal.read.record.append import NewEntry, append_entries
from protocal.read.record.new import NewPatient
from protocal.read.record.read import read_record
from protocal.read.rules import rules_as_written
from protocal.read.settings import load_settings
from protocal.render.terminal.why import why_text
from protocal.workflow.counting import counted_again
from protocal.workflow.issuing import give_out
from protocal.workflow.making import drugs_json, feed_bytes
from protocal.workflow.planning import load_plan, plan_again
from protocal.workflow.recording import Recorded, begin_record, record

BEGUN = datetime(2026, 11, 30, 15, tzinfo=UTC)
GIRL = NewPatient(
    protocol="aall1331",
    id="P001",
    born="2019-05-12",
    sex="female",
    height="112",
    weight="19.4",
    measured="2026-11-30",
    cns="cns3",
    risk="low",
    arm="C",
    start="2026-12-01",
    timezone="America/New_York",
)
NEAREST = "rounding: {vincristine: {IV: nearest 0.1 mg}}"
UP = "rounding: {vincristine: {IV: up to 0.5 mg}}"
NONE = "stale days: 28"
NOTHING: Any = None
NOTE = NewEntry({"entry": "note", "text": "seen"})


class Ward:
    """A girl's record, and a site whose settings file says what it is told to."""

    def __init__(self, folder: Path) -> None:
        self.record, self.file = folder / "p001.yaml", folder / "site.yaml"
        begin_record(self.record, GIRL, BEGUN, "0" * 32)

    def site(self, rules: str) -> Settings:
        self.file.write_text(f"format: 1\n{rules}\n", encoding="utf-8")
        return load_settings(self.file)

    def note(self, at: str, rules: str | None = None, why: str = "new rules", **options: Any) -> Recorded:
        """A note is written at a time, by a command that was given the settings file with these rules, if any."""
        entry = NewEntry({**NOTE.values, "why": why})
        site = self.site(rules) if rules else Settings()
        return record(self.record, [entry], datetime.fromisoformat(at), settings=site, **options)

    def plan(self, *, now: str = "", rules: str | None = None, revision: int | None = None) -> Plan:
        at = datetime.fromisoformat(now) if now else None
        return load_plan(self.record, self.site(rules) if rules else Settings(), revision=revision, now=at)

    def feed(self, at: str) -> bytes:
        """The feed as it is given out at a time."""
        now = datetime.fromisoformat(at)
        options = {"language": "en", "doses": "none"}
        return give_out(self.record, self.plan(), Settings(), feed_bytes, now, options=options).data

    @property
    def text(self) -> str:
        return self.record.read_text(encoding="utf-8")


@pytest.fixture
def ward(tmp_path: Path) -> Ward:
    return Ward(tmp_path)


def said(plan: Plan) -> list[tuple[object, ...]]:
    """All that a plan says of doses and events, whichever reading of the definition it comes from."""
    return [
        *(each._replace(order_line=NOTHING) for each in plan.administrations),
        *(*plan.procedures, *plan.evaluations),
        *((each.code, each.message) for each in plan.problems if each.source),
    ]


def doses(plan: Plan, order: str = "block-1/vcr") -> list[str]:
    return [f"{each.dose.normalize():f}" for each in plan.administrations if each.id.startswith(f"{order}/")]


# --- from when they hold

NOON = "T17:00:00+00:00"
HISTORIES: Mapping[str, tuple[Sequence[tuple[str, str]], str]] = {
    "no settings": ([], "1.17 1.17 1.17 1.17"),
    "the first hold for all days, those before them too": ([(f"2026-12-10{NOON}", NEAREST)], "1.2 1.2 1.2 1.2"),
    "the second from their day on": (
        [(f"2026-12-02{NOON}", NONE), (f"2026-12-10{NOON}", NEAREST)],
        "1.17 1.17 1.2 1.2",
    ),
    "on that day, too": ([(f"2026-12-02{NOON}", NONE), (f"2026-12-08{NOON}", NEAREST)], "1.17 1.2 1.2 1.2"),
    "a rule that is taken out": (
        [(f"2026-12-02{NOON}", NONE), (f"2026-12-10{NOON}", NEAREST), (f"2026-12-20{NOON}", NONE)],
        "1.17 1.17 1.2 1.17",
    ),
    "by the ward's clock": (
        [(f"2026-12-02{NOON}", NONE), ("2026-12-09T03:00:00+00:00", NEAREST)],
        "1.17 1.2 1.2 1.2",
    ),
    "the last of one day": (
        [(f"2026-12-02{NOON}", NONE), (f"2026-12-10{NOON}", NEAREST), ("2026-12-10T18:00:00+00:00", UP)],
        "1.17 1.17 1.5 1.5",
    ),
    "a clock that was put right": (
        [(f"2026-12-02{NOON}", NONE), (f"2026-12-16{NOON}", UP), (f"2026-12-07{NOON}", NEAREST)],
        "1.17 1.2 1.2 1.2",
    ),
}


@pytest.mark.parametrize(("lines", "expected"), HISTORIES.values(), ids=list(HISTORIES))
def test_a_dose_is_rounded_by_the_settings_of_its_date(
    lines: Sequence[tuple[str, str]], expected: str, ward: Ward
) -> None:
    for at, rules in lines:
        ward.note(at, rules)
    plan = ward.plan()
    assert doses(plan) == expected.split()
    assert [each for each in counted_again(plan) if each.severity is Severity.ERROR] == []
    assert sum(isinstance(each, Ruled) for each in plan.record.log) == len(lines)


def test_days_before_a_line_keep_their_tablets_and_their_working(ward: Ward) -> None:
    ward.note(f"2026-12-01{NOON}", "tablets: {dexamethasone: [0.5 mg, 1 mg]}")
    ward.note(f"2026-12-03{NOON}", "tablets: {dexamethasone: 4 mg}")
    plan = ward.plan()
    before = {each.id: each for each in plan_again(plan, 8).administrations}
    after = {each.id: each for each in plan.administrations}
    dex = [id_ for id_ in before if id_.startswith("block-1/dex/")]
    assert [id_ for id_ in dex if before[id_] != after[id_]] == [each for each in dex if before[each].date.day >= 3]
    assert str(before[dex[0]].product) != str(after[dex[-1]].product)


def test_closed_days_count_by_the_settings_of_each_date(ward: Ward) -> None:
    """The transplant's radiation is on working days; what closes a day in its past changes nothing."""
    closed = Settings(closed_days=frozenset({date(2027, 9, 6), date(2027, 9, 7)}))
    opened = Settings(closed_days=frozenset({date(2027, 9, 8)})).after(closed, date(2027, 9, 7))
    assert opened.closed == frozenset({date(2027, 9, 6), date(2027, 9, 8)})
    assert opened.on(date(2027, 9, 6)) == closed
    assert opened.on(date(2027, 9, 7)) is opened
    assert Settings().after(opened, date(2027, 9, 1)).before is not None
    assert Settings().after(opened, date(2027, 9, 1)).closed == frozenset()


def test_a_plan_of_an_old_revision_is_as_it_was(ward: Ward) -> None:
    kept = [said(ward.plan())]
    for at, rules in ((f"2026-12-01{NOON}", NONE), (f"2026-12-05{NOON}", NEAREST), (f"2026-12-12{NOON}", UP)):
        ward.note(at, rules)
        kept.append(said(ward.plan()))
    plan = ward.plan()
    old = [said(plan_again(plan, plan.revision - 2 * back)) for back in (3, 2, 1, 0)]
    assert old == kept
    assert [said(ward.plan(revision=plan.revision - 2 * back)) for back in (3, 2, 1)] == kept[:3]


def test_limits_of_checks_are_the_newest(ward: Ward) -> None:
    def flagged() -> bool:
        return any("rounded by more" in each.message or "2.6 %" in each.message for each in ward.plan().problems)

    ward.note(f"2026-12-01{NOON}", NEAREST)
    assert not flagged()
    ward.note(f"2027-02-01{NOON}", f"rounding flag: 2\n{NEAREST}")
    assert flagged()


# --- who writes them, and what is said


def test_a_line_is_written_when_there_is_none_and_when_they_differ_and_not_again(ward: Ward) -> None:
    first = ward.note(f"2026-12-02{NOON}", f"closed days: [2026-12-25, 2026-12-24]\n{NEAREST}")
    assert first.settings == (
        "the record had no settings yet: they hold for all its days",
        "closed days: + 2026-12-24, 2026-12-25",
        "rounding of vincristine IV: was as calculated, now nearest 0.1 mg",
    )
    again = ward.note(f"2026-12-03{NOON}", f"{NEAREST}\nclosed days: [2026-12-24, 2026-12-25]\nclinic: Another Name")
    without = ward.note(f"2026-12-04{NOON}")
    assert again.settings == without.settings == ()
    third = ward.note(f"2026-12-05{NOON}", f"closed days: [2026-12-25]\ngrowth: 8\n{UP}")
    assert third.settings == (
        "closed days: - 2026-12-24",
        "growth: was 10 %, now 8 %",
        "rounding of vincristine IV: was nearest 0.1 mg, now up to 0.5 mg",
    )
    kinds = [type(each).__name__ for each in third.after.record.log[6:]]
    assert kinds == ["Ruled", "Noted", "Noted", "Noted", "Ruled", "Noted"]
    assert third.after.record.log[-2].why == "new rules"
    assert all(each.seal for each in third.after.record.log)


def test_no_settings_no_line(ward: Ward) -> None:
    done = ward.note(f"2026-12-02{NOON}")
    assert done.after.record.ruled == ()
    assert "entry: settings" not in ward.text


def test_a_dry_run_shows_them_and_writes_nothing(ward: Ward) -> None:
    ward.note(f"2026-12-02{NOON}", NONE)
    before = ward.text
    done = ward.note(f"2026-12-03{NOON}", NEAREST, dry_run=True)
    assert done.settings == ("rounding of vincristine IV: was as calculated, now nearest 0.1 mg",)
    assert done.changes[0] == "Block 1, days 8, 15, 22, vinCRIStine IV: 1.17 mg becomes 1.2 mg"
    assert ward.text == before


def test_what_changes_a_running_course_is_asked_about_and_other_rules_are_not(ward: Ward) -> None:
    ward.note(f"2026-12-02{NOON}", NONE, why="")
    before = ward.text
    with pytest.raises(UsageError) as stopped:
        ward.note(f"2026-12-10{NOON}", NEAREST, why="")
    assert stopped.value.message == "the site's settings are not those of the record, and change Block 1, which runs"
    assert stopped.value.remedy == "Give the reason with --reason."
    assert ward.text == before
    ward.note(f"2026-12-23{NOON}", NEAREST, why="")  # the last vincristine of Block 1 is on 22 December
    assert ward.plan().record.ruled[-1][0] == 9


def test_a_mistake_in_the_settings_is_told_in_their_file_and_nothing_is_written(ward: Ward) -> None:
    before = ward.text
    with pytest.raises(ProtocalError) as stopped:
        ward.note(f"2026-12-02{NOON}", "tablets: {dexamethasone: 4 mcg}")
    (problem,) = (each for each in stopped.value.problems if each.severity is Severity.ERROR)
    assert (str(problem.where), problem.code) == (f"{ward.file}:2:11", "unit")
    assert ward.text == before


def test_tablets_that_do_not_reach_are_told_for_the_dates_on_which_they_are_at_hand(ward: Ward) -> None:
    ward.note(f"2026-12-01{NOON}", "tablets: {dexamethasone: [0.5 mg, 1 mg]}")
    ward.note(f"2026-12-03{NOON}", "tablets: {dexamethasone: 40 mg}")
    plan = ward.plan()
    (found,) = tablets_out_of_reach(plan, plan.settings)
    assert min(each.date for each in found.lines) == date(2026, 12, 3)
    assert {each.id for each in found.lines} < {each.id for each in plan.administrations}


def test_a_dose_that_is_given_takes_what_is_due_by_the_line_before_it(ward: Ward) -> None:
    ward.note(f"2026-12-02{NOON}", NONE)
    gave = NewEntry({"entry": "give", "id": "block-1/vcr/8", "date": "2026-12-08", "why": "new rules"})
    done = record(ward.record, [gave], datetime(2026, 12, 8, 17, tzinfo=UTC), settings=ward.site(NEAREST))
    (entry,) = done.after.facts.doses
    assert entry.dose == Decimal("1.2")
    late = NewEntry({"entry": "give", "id": "block-1/vcr/1", "date": "2026-12-01", "why": "forgotten"})
    done = record(ward.record, [late], datetime(2026, 12, 8, 18, tzinfo=UTC), settings=ward.site(UP))
    assert {each.id: each.dose for each in done.after.facts.doses}["block-1/vcr/1"] == Decimal("1.17")


def test_plans_never_write_and_say_what_differs(ward: Ward) -> None:
    ward.note(f"2026-12-02{NOON}", NONE)
    before = ward.text
    plan = ward.plan(now=f"2026-12-10{NOON}", rules=NEAREST)
    (said,) = (each for each in plan.problems if each.code == "settings-differ")
    assert said.severity is Severity.WARNING
    assert said.message == (
        "the settings are not those of the record, and are used from Thu 10-Dec-2026 on: "
        "rounding of vincristine IV: was as calculated, now nearest 0.1 mg"
    )
    assert doses(plan) == ["1.17", "1.17", "1.2", "1.2"]
    assert counted_again(plan) == ()
    assert ward.text == before
    same = ward.plan(now=f"2026-12-10{NOON}", rules=NONE)
    assert [each.code for each in same.problems if each.code == "settings-differ"] == []


def test_an_old_revision_is_planned_by_its_own_settings_and_that_is_said(ward: Ward) -> None:
    ward.note(f"2026-12-02{NOON}", NONE)
    plan = ward.plan(now=f"2026-12-10{NOON}", rules=NEAREST, revision=7)
    assert doses(plan) == ["1.17"] * 4
    (said,) = (each for each in plan.problems if each.code == "settings-differ")
    assert said.message.startswith("revision 7 is planned by the settings of its time, and not by those given: ")


def test_commands_use_those_of_the_record_unless_they_are_given_others(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("protocal.cli.clock.now", lambda: datetime(2026, 12, 10, 17, tzinfo=UTC))
    ward.site(NEAREST)
    done = run("note", ward.record, "seen", "--settings", ward.file)
    assert done.returncode == 0, done.stderr
    assert "settings: rounding of vincristine IV: was as calculated, now nearest 0.1 mg\n" in done.stdout
    words = ("plan", ward.record, "--format", "json", "--agent", "vincristine", "--course", "block-1")
    bare = run(*words)
    assert [each["dose"] for each in json.loads(bare.stdout)["administrations"]] == ["1.2"] * 4
    ward.site(UP)
    other = run(*words, "--settings", ward.file)
    assert [each["dose"] for each in json.loads(other.stdout)["administrations"]] == ["1.2", "1.2", "1.5", "1.5"]
    assert "[settings-differ]" in other.stderr
    counted = run("recount", ward.record, "--settings", ward.file, "--format", "json")
    found = {each["id"]: each["dose"] for each in json.loads(counted.stdout)["doses"]}
    assert [found[f"block-1/vcr/{each}"] for each in (1, 8, 15, 22)] == ["1.2", "1.2", "1.5", "1.5"]
    refused = run("note", ward.record, "seen", "--settings", ward.file)
    assert (refused.returncode, "which runs" in refused.stderr) == (2, True)
    assert "settings, rounding of vincristine IV" in run("log", ward.record).stdout


def test_what_is_made_of_a_plan_has_the_rules_of_the_plan(ward: Ward) -> None:
    ward.note(f"2026-12-02{NOON}", "ceilings: {anthracyclines: {amount: 300, factors: {mitoxantrone: 4}}}")
    plan = ward.plan()
    data = json.loads(drugs_json(plan, Settings(ceilings=(Ceiling("another", Decimal(1), ()),))))
    assert "anthracyclines" in json.dumps(data)
    assert "another" not in json.dumps(data)


# --- lines that are not clinical


def test_settings_are_no_line_to_undo(ward: Ward) -> None:
    ward.note(f"2026-12-02{NOON}", NONE)
    now = datetime(2026, 12, 3, 17, tzinfo=UTC)
    with pytest.raises(UsageError, match="line 7 says nothing of the patient, and is never undone"):
        record(ward.record, [NewEntry({"entry": "undo", "line": 7}, {"": "LINE"})], now)
    with ward.record.open("a", encoding="utf-8") as stream:
        stream.write("  - {entry: undo, line: 7}\n")
    with pytest.raises(ProtocalError, match="line 7 says nothing of the patient"):
        ward.plan()


def test_undo_takes_the_last_line_of_the_therapy(ward: Ward) -> None:
    ward.note(f"2026-12-02{NOON}", NONE)
    again = ward.note(f"2026-12-03{NOON}", NEAREST)  # lines 9 and 10
    assert again.after.record.last_clinical == 10
    log = again.after.record.log
    assert replace(again.after.record, log=log[:9]).last_clinical == 8
    assert replace(again.after.record, log=log[6:7]).last_clinical == 0
    done = run("undo", ward.record)
    assert done.returncode == 0, done.stderr
    assert ward.plan().record.log[-1].line == 10  # type: ignore[attr-defined]


def test_diff_and_why_say_what_follows_and_not_the_line(ward: Ward) -> None:
    ward.note(f"2026-12-02{NOON}", NONE)
    ward.note(f"2026-12-10{NOON}", NEAREST)
    plan = ward.plan()
    found = differences(plan_again(plan, 8), plan)
    assert {each.line.key for each in found.lines if each.line.course == "block-1"} == {"vcr"}
    assert not differences(plan_again(plan, 9), plan)
    assert "settings" not in why_text(plan, date(2026, 12, 15))
    assert json.loads(run("plan", ward.record, "--format", "json").stdout)["revision"] == 10


# --- the feed


def events(data: bytes) -> dict[str, tuple[date, int, datetime, str]]:
    return {
        str(each["UID"]): (
            each["DTSTART"].dt,
            int(each["SEQUENCE"]),
            each["LAST-MODIFIED"].dt,
            str(each.get("STATUS", "")),
        )
        for each in Calendar.from_ical(data).walk("VEVENT")
    }


def test_closed_days_move_events_under_a_new_sequence_and_cancel_what_vanishes(ward: Ward) -> None:
    """Radiation is on working days: closed ones move it, and all that comes after it."""
    ward.note(f"2026-12-02{NOON}", NONE)
    plan = ward.plan()
    (radiation,) = (each for each in plan.courses if each.course.id == "cranial-radiation")
    first = radiation.procedures[0].date
    closed = ", ".join((first + timedelta(days=late)).isoformat() for late in range(3))
    old = events(ward.feed(f"2026-12-03{NOON}"))
    ward.note(f"2026-12-09{NOON}", f"closed days: [{closed}]")
    new = events(ward.feed(f"2026-12-10{NOON}"))
    assert set(old) <= set(new)
    moved_ = [uid for uid in old if new[uid][0] != old[uid][0]]
    gone = [uid for uid in old if new[uid][3] == "CANCELLED" != old[uid][3]]
    same = [uid for uid in old if uid not in (*moved_, *gone)]
    assert len(moved_) > 100
    assert gone
    assert all(new[uid][1] > old[uid][1] and new[uid][2] > old[uid][2] for uid in (*moved_, *gone))
    assert all(new[uid] == old[uid] for uid in same if old[uid][0] < date(2026, 12, 9))


# --- what is written by hand, and what nobody knows


def test_a_line_by_hand_is_an_error_with_a_remedy(ward: Ward) -> None:
    with ward.record.open("a", encoding="utf-8") as stream:
        stream.write("  - {entry: settings, closed days: [2026-12-25]}\n")
    found, problems = read_record(ward.record)
    assert found is None
    (problem,) = (each for each in problems if each.code == "settings-by-hand")
    assert problem.where is not None
    assert problem.where.line
    assert "--settings FILE" in problem.remedy
    done = run("note", ward.record, "x")
    assert (done.returncode, "settings-by-hand" in done.stderr) == (1, True)


@pytest.mark.parametrize(
    ("key", "says"),
    [
        ("sealed bags: 3", "'sealed bags' is not a key that belongs here"),
        ("paper: a4", "'paper' is not a key that belongs here"),
        ("closed days: tomorrow", "must be a list"),
        ("rounding: {vincristine: a bit}", "'a bit' is not a rounding"),
    ],
)
def test_what_this_protocal_does_not_know_is_one_message(key: str, says: str, ward: Ward) -> None:
    line_ = f"  - entry: settings\n    recorded: 2026-12-01T10:00:00+00:00\n    {key}\n"
    text = "".join(each for each in ward.text.splitlines(keepends=True) if "seal" not in each)
    ward.record.write_text(with_seals(text + line_), encoding="utf-8")
    found, problems = read_record(ward.record)
    assert found is None
    (problem,) = problems
    assert says in problem.message


def test_a_line_is_sealed_as_any_other(ward: Ward) -> None:
    ward.note(f"2026-12-02{NOON}", NEAREST)
    ward.record.write_text(ward.text.replace("nearest 0.1 mg", "nearest 0.5 mg"), encoding="utf-8")
    found, problems = read_record(ward.record)
    assert (found, [each.code for each in problems]) == (None, ["changed-entry"])


# --- rules as they are written


AGENTS = ("umbrate", "vinbane", "mercadol")
AMOUNTS = st.decimals("0.01", "500", places=2, allow_nan=False, allow_infinity=False)
ROUNDING = st.sampled_from(
    ["nearest 0.1 mg", "down to 2.5 mg", "up to 1,000 mg", "nearest 50 mg vial within 10 %", "within 5 %", "exempt"]
).map(parse_rounding)
DAYS = st.frozensets(st.dates(date(2026, 11, 1), date(2027, 12, 31)), max_size=12)


@st.composite
def sites(draw: st.DrawFn) -> Settings:
    agents = draw(st.lists(st.sampled_from(AGENTS), unique=True))
    strengths = tuple((each, tuple(sorted(draw(st.sets(AMOUNTS, max_size=3))))) for each in agents)
    ways = {each: draw(st.sampled_from([(None,), (Route.IV,), (Route.PO, Route.IT)])) for each in agents}
    names = st.text("abc: -'\"#{},é", min_size=1, max_size=9).filter(lambda name: name.strip() == name)
    return Settings(
        closed_days=draw(DAYS),
        rounding_flag=draw(AMOUNTS),
        stale_days=draw(st.integers(1, 366)),
        growth=draw(AMOUNTS),
        strengths=strengths,
        strength_units=tuple((each, "mg") for each, some in strengths if some),
        liquids=tuple((each, Liquid(draw(AMOUNTS), "mg", draw(AMOUNTS))) for each in agents),
        rounding=tuple((each, way, draw(ROUNDING)) for each in agents for way in ways[each]),
        ceilings=tuple(
            Ceiling(name, draw(AMOUNTS), tuple((each, draw(AMOUNTS)) for each in agents))
            for name in draw(st.lists(names, unique=True, max_size=2))
        ),
        clearances=tuple(Clearance(each, draw(AMOUNTS), "micromol/L") for each in agents),
        level_draws=tuple((each, tuple(sorted(draw(st.sets(st.integers(1, 240), min_size=1))))) for each in agents),
    )


@given(sites())
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_rules_are_read_from_the_log_as_they_were(site: Settings) -> None:
    chart = Chart(replace(BOY, protocol=str(LOOM)), Settings())
    try:
        line_ = NewEntry({"entry": "settings", **rules_as_written(site), "why": "x"})
        added = append_entries(chart.path, [line_], chart.now, "")
        assert added.record is not None, added.problems
        found = added.record.rules_at()
        assert found is not None
        assert same_rules(found, site)
        assert {name: getattr(found, name) for name in RULES} == {name: getattr(site, name) for name in RULES}
    finally:
        chart.close()


# --- nothing before its date


PUMP = (
    started("blina-cycle-1", "2027-01-26"),
    bagged("2027-01-26", 24, 48, 72, 96),
    was_given("blina-cycle-1/blina/1", "2027-01-26 10:00"),
    interrupted("blina-cycle-1", "2027-02-03 10:00"),
    resumed("blina-cycle-1", "2027-02-03 18:00"),
)
RULES_OF_A_SITE = st.builds(
    Settings,
    closed_days=st.frozensets(st.dates(date(2026, 12, 1), date(2027, 10, 30)), max_size=25),
    rounding=st.lists(
        st.tuples(
            st.sampled_from(["vincristine", "dexamethasone", "mercaptopurine", "blinatumomab", "etoposide"]),
            st.just(None),
            ROUNDING,
        ),
        max_size=3,
        unique_by=lambda each: each[0],
    ).map(tuple),
    strengths=st.sampled_from([(), (("dexamethasone", (Decimal(4),)),), (("mercaptopurine", ()),)]),
    strength_units=st.just((("dexamethasone", "mg"),)),
    liquids=st.sampled_from([(), (("mercaptopurine", Liquid(Decimal(20), "mg", Decimal("0.1"))),)]),
)


def before(plan: Plan, day: date) -> tuple[object, ...]:
    """All that a plan has on the dates before one."""
    return (
        [each for each in plan.administrations if each.date < day],
        [each for each in (*plan.procedures, *plan.evaluations) if each.date < day and each.kind != "pump-stop"],
        [bag for each in plan.courses for some in each.infusions for bag in some.bags if bag.at.date() < day],
        [each.course.dates.day1 for each in plan.courses if each.course.dates and each.course.dates.day1 < day],
    )


@given(
    RULES_OF_A_SITE,
    st.lists(st.tuples(RULES_OF_A_SITE, st.integers(0, 320)), min_size=1, max_size=3),
    st.booleans(),
    st.sampled_from(["cns2", "cns3"]),
)
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
def test_a_line_changes_nothing_before_its_date(
    first: Settings, later: list[tuple[Settings, int]], pump: bool, cns: str
) -> None:
    log = PUMP if pump else (moved("block-1/it-mtx/8", "2026-12-10"),)
    found = recorded(child(*log, arm="D" if pump else "C", cns=cns))
    written = datetime(2026, 12, 1, 17, tzinfo=UTC)
    lines = [Ruled(rules=first, recorded=written, seal="x", where=NOWHERE)]
    for rules, day in sorted(later, key=lambda each: each[1]):
        at = written + timedelta(days=day)
        plan = plan_of(replace(found, log=(*found.log, *lines)))
        lines.append(Ruled(rules=rules, recorded=at, seal="x", where=NOWHERE))
        after = plan_of(replace(found, log=(*found.log, *lines)))
        assert before(after, at.date()) == before(plan, at.date())
        assert plan_again(after, plan.revision).courses == plan.courses


def test_the_bags_of_a_running_infusion_are_changed_by_what_is_known_when_each_is_hung() -> None:
    """Bags of 48 and 72 h avoid a day that is closed; one that closes later finds the bags hung that there are."""
    pump = (PUMP[0], bagged("2027-01-26", 48, 72), PUMP[2])
    found = recorded(child(*pump))

    def hung(*lines: Ruled) -> list[date]:
        plan = plan_of(replace(found, log=(*found.log, *lines)))
        (infusion,) = next(each.infusions for each in plan.courses if each.infusions)
        return [bag.at.date() for bag in infusion.bags]

    plain = Ruled(rules=Settings(), recorded=BEGUN, seal="x", where=NOWHERE)
    old = hung(plain)
    closes = next(each for each in old if each > date(2027, 2, 8))
    late = Ruled(
        rules=Settings(closed_days=frozenset({closes})),
        recorded=datetime(2027, 2, 5, 17, tzinfo=UTC),
        seal="x",
        where=NOWHERE,
    )
    new = hung(plain, late)
    assert closes not in new
    assert [each for each in new if each < date(2027, 2, 5)] == [each for each in old if each < date(2027, 2, 5)]


def test_what_was_moved_before_the_line_stays_where_it_is(tmp_path: Path) -> None:
    """Its own day is closed from now on; it was moved to a day that has passed."""
    chart = loom(tmp_path, "2 mg, 50 mg/course")
    first = next(each for each in chart.plan.administrations if each.key == KEY and each.day == 10)
    chart.apart = timedelta(days=1)
    early = (first.date - timedelta(days=6)).isoformat()
    assert chart.add({"entry": "move", "id": str(first.id), "date": early, "why": "asked for"}).after
    chart.apart = timedelta(days=2)
    closed = {"entry": "settings", "closed days": [first.date.isoformat()], "why": "x"}
    assert chart.add({"entry": "settings", "closed days": [], "stale days": 20, "why": "x"}).after
    assert chart.add(closed).after
    plan = with_text(chart)
    assert plan.settings.since is not None
    assert date.fromisoformat(early) < plan.settings.since <= first.date
    assert line(plan, first.id).date.isoformat() == early
    assert counted_again(plan) == ()
    chart.close()


KEY = "vin"


def loom(folder: Path, cap: str) -> Chart:
    """The loom's Warp with an order of working days, and a cap for the course."""
    shutil.copytree(LOOM, folder / "loom")
    file = folder / "loom" / "courses" / "warp.yaml"
    text = file.read_text(encoding="utf-8").replace("max: 2 mg\n", f"max: {cap}\n", 1)
    file.write_text(text.replace("days: 1, 9\n", "days: 1-14 weekdays\n", 1), encoding="utf-8")
    return Chart(replace(BOY, protocol=str(folder / "loom")), Settings(), anew=False)


def with_text(chart: Chart) -> Plan:
    return replace(chart.plan, record=replace(chart.plan.record, text=chart.path.read_text(encoding="utf-8")))


@pytest.mark.parametrize(("old", "new"), [(["2026-12-09", "2026-12-10"], []), ([], ["2026-12-09", "2026-12-10"])])
def test_a_cap_for_a_course_is_shared_by_the_days_that_are_left(old: list[str], new: list[str], tmp_path: Path) -> None:
    """Days that a line opens or closes share what the days before it left, and never take more than the cap."""
    chart = loom(tmp_path, "2 mg, 5 mg/course")
    chart.apart = timedelta(days=2)
    assert chart.add({"entry": "settings", "closed days": old, "stale days": 20, "why": "x"}).after
    before_ = {each.id: each for each in chart.plan.administrations if each.key == KEY and each.course == "warp"}
    assert chart.add({"entry": "settings", "closed days": new, "stale days": 21, "why": "x"}).after
    plan = with_text(chart)
    since = plan.settings.since
    assert since == date(2026, 12, 5)
    found = [each for each in plan.administrations if each.key == KEY and each.course == "warp"]
    assert all(each == before_[each.id] for each in found if each.date < since)
    assert {each.calculated for each in found if each.date >= since} != {each.calculated for each in before_.values()}
    assert sum(each.calculated * each.per_day for each in found) <= Decimal("5.001")
    assert counted_again(plan) == ()
    chart.close()
