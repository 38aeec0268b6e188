"""A definition line by line: what each says, who has signed it, and what that makes of banners and marks."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date
from hashlib import sha256
from pathlib import Path
from random import Random

import pytest
from conftest import run
from icalendar import Calendar
from machines import BOY, LOOM, SITE, Chart
from pairs import definition_of

from protocal import resources
from protocal.model.evidence import Evidence
from protocal.model.plan import Plan
from protocal.model.problems import ProtocalError, UsageError, Where
from protocal.model.protocol import Protocol
from protocal.model.reader import Who
from protocal.model.review import DefinitionLine, Signature
from protocal.model.settings import Settings
from protocal.publish.signature_files import write_signatures
from protocal.read.definition.build import read_protocol
from protocal.read.definition.signatures import SIGNATURES_FILE, check_signatures, signatures_text
from protocal.read.library import versions_in
from protocal.render.feed.ics import FeedWriter
from protocal.render.feed.reader_feed import uid
from protocal.render.pdf import templates
from protocal.render.roadmap import make_roadmap
from protocal.review.compare import compare
from protocal.review.lines import lines_of
from protocal.review.verified import verified
from protocal.verify.pdf_words import read_pages
from protocal.workflow import reviewing
from protocal.workflow.making import calendar_bytes, feed_bytes, reader_of, roadmap_bytes, worksheet_bytes
from protocal.workflow.reviewing import review_bytes

TINY = Path(__file__).parent / "tiny" / "1"
NOWHERE = Where("sign")
TODAY = date(2026, 11, 26)


@pytest.fixture
def loom(tmp_path: Path) -> Path:
    """A copy of the loom, which nobody has signed."""
    return Path(shutil.copytree(LOOM, tmp_path / "loom"))


def read(folder: Path) -> Protocol:
    protocol, problems = read_protocol(folder)
    assert protocol, problems
    return protocol


def by_id(protocol: Protocol) -> dict[str, DefinitionLine]:
    return {line.id: line for line in lines_of(protocol)}


def signature(line: str, meaning: str, by: str = "A. Reader", on: date = TODAY) -> Signature:
    return Signature(line, meaning, by, "pharmacist", "version 5, page 61", on, NOWHERE)


def signed(folder: Path, wanted: Callable[[DefinitionLine], bool] = lambda _line: True, people: int = 2) -> Protocol:
    """A definition in which so many people have signed the lines that are wanted."""
    lines = [line for line in lines_of(read(folder)) if wanted(line)]
    names = [f"{letter}. Reader" for letter in "ABCDE"[:people]]
    text = signatures_text([signature(line.id, line.meaning, name) for name in names for line in lines])
    (folder / SIGNATURES_FILE).write_text(text, encoding="utf-8")
    return read(folder)


# The lines


@pytest.mark.parametrize("folder", [resources.folder("schedules") / "aall1331" / "0.1", TINY, LOOM], ids=str)
def test_every_line_has_its_own_id_its_place_and_a_meaning(folder: Path) -> None:
    protocol = read(folder)
    lines = lines_of(protocol)
    assert len({line.id for line in lines}) == len(lines)
    assert {line.id for line in lines} == set(protocol.meanings)
    assert all(line.meaning and line.where.line and line.says for line in lines)
    orders = {f"{line.id}" for line in lines if line.courses}
    assert {
        f"{Path(course.where.file).stem}/{each.key}" for course in protocol.courses.values() for each in course.lines
    } < orders


def test_a_line_says_all_that_it_says(bundled: Path) -> None:
    lines = by_id(read(bundled))
    assert dict(lines["block-2/lcv"].says) == {
        "drug": "leucovorin",
        "dose": "15 mg/m2",
        "frequency": "every 6 h",
        "route": "PO [IV]",
        "days": "10-11",
        "first dose": "48 h after mtx-hd",
        "until": "methotrexate has cleared",
    }
    assert lines["block-2/lcv"].comments[0].startswith("Planned on days 10 and 11")
    assert dict(lines["block-1/it-mtx-day1"].says) | {} == {
        "drug": "methotrexate",
        "dose": "table it-methotrexate",
        "frequency": "once",
        "route": "IT",
        "days": "1",
        "left out": "if given with the diagnostic lumbar puncture up to 72 h before",
        "by table, 1 year": "methotrexate 8 mg",
        "by table, 2 years": "methotrexate 10 mg",
        "by table, 3 to 8 years": "methotrexate 12 mg",
        "by table, 9 years and over": "methotrexate 15 mg",
    }
    assert dict(lines["blinatumomab/itt"].says)["days"].startswith("blina-block-1: 15, 29; blina-block-2: 8, 29;")
    assert dict(lines["routes/D"].says)["step 7"] == "cranial-radiation, if cns3"
    assert dict(lines["agents/blinatumomab"].says)["bags"] == (
        "24 h, 48 h, 72 h from 5.4 kg, 96 h from 5.4 kg, 168 h from 22 kg"
    )


VOIDS = [
    ("courses/weft.yaml", "dose: 500 mg/m2", "dose: 500.5 mg/m2", {"weft/umb"}),
    ("courses/weft.yaml", "days: 5\n", "days: 6\n", {"weft/asp"}),
    ("courses/weft.yaml", "when: {cns: clear}", "when: {cns: involved}", {"weft/it"}),
    ("courses/weft.yaml", "length: 14", "length: 15", {"weft"}),
    ("courses/weft.yaml", "evidence: published", "evidence: corroborated", set()),
    ("courses/weft.yaml", "source: nowhere\n\norders", "source: nowhere\nopen: Is it so?\n\norders", set()),
    ("courses/weft.yaml", "  - key: umb\n", "  - key: umb\n    comment: Slowly.\n", set()),
    ("courses/weft.yaml", "orders:", "# a remark\norders:", set()),
    ("agents.yaml", "routes: IM\n    minimum interval: 14", "routes: IM\n    minimum interval: 15", {"agents/aspanol"}),
    ("agents.yaml", "dose: 25 units/m2", "dose: 26 units/m2", {"agents/aspanol/rusta-48-h"}),
    ("agents.yaml", "tall man list: None, the", "tall man list: Still none, the", set()),
    ("protocol.yaml", "- bobbin\n", "- {course: bobbin, when: {sex: male}}\n", {"routes/H"}),
]


@pytest.mark.parametrize(("file", "old", "new", "lines"), VOIDS)
def test_a_change_voids_the_signatures_of_the_lines_that_it_touches(
    file: str, old: str, new: str, lines: set[str], loom: Path
) -> None:
    before = read(loom)
    text = (loom / file).read_text(encoding="utf-8")
    assert old in text
    (loom / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    after, _problems = read_protocol(loom)
    assert after
    changed = {line for line in before.meanings if before.meanings[line] != after.meanings.get(line)}
    of_the_drug = {
        line.id
        for line in lines_of(before)
        if lines == {"agents/aspanol"}
        and dict(line.says).get("drug", "").startswith("aspanol")
        and "series" not in line.id
    }
    assert changed == lines | of_the_drug


def test_a_change_in_a_table_voids_each_order_that_is_dosed_by_it(loom: Path) -> None:
    before = read(loom)
    file = loom / "protocol.yaml"
    text = file.read_text(encoding="utf-8")
    row = next(line for line in text.splitlines() if line.strip().startswith('"0-7":'))
    file.write_text(text.replace(row, row.replace(row.split(": ")[1].split(" ")[0], "3", 1), 1), encoding="utf-8")
    after = read(loom)
    changed = {line for line in before.meanings if before.meanings[line] != after.meanings[line]}
    tables = {line for line in changed if line.startswith("tables/")}
    assert len(tables) == 1
    table = tables.pop().removeprefix("tables/")
    by_it = {line.id for line in lines_of(before) if dict(line.says).get("dose") == f"table {table}"}
    assert by_it
    assert changed == {f"tables/{table}", *by_it}


def test_what_is_signed_and_said_of_signatures_is_no_part_of_the_definition(loom: Path) -> None:
    assert signed(loom).digest == read(LOOM).digest


# Who has signed


def test_a_line_is_verified_when_two_different_people_have_signed_it_as_it_is(loom: Path) -> None:
    line = by_id(read(loom))["weft/umb"]
    signs = {
        "nobody": [],
        "one": [signature(line.id, line.meaning)],
        "one twice": [signature(line.id, line.meaning), signature(line.id, line.meaning, " a.  READER ")],
        "two, one of it as it was": [signature(line.id, line.meaning), signature(line.id, "0" * 16, "B. Reader")],
        "two": [signature(line.id, line.meaning), signature(line.id, line.meaning, "B. Reader")],
    }
    found = {}
    for name, signatures in signs.items():
        (loom / SIGNATURES_FILE).write_text(signatures_text(signatures), encoding="utf-8")
        shown = json.loads(run("review", loom, "--format", "json").stdout)
        found[name] = next(each["verified"] for each in shown["lines"] if each["line"] == line.id)
    assert found == {"nobody": False, "one": False, "one twice": False, "two, one of it as it was": False, "two": True}


def test_a_signature_of_a_day_that_is_still_to_come_verifies_nothing(loom: Path) -> None:
    line = by_id(read(loom))["weft/umb"]
    signs = [signature(line.id, line.meaning, name, date(2199, 1, 1)) for name in ("A. Reader", "B. Reader")]
    (loom / SIGNATURES_FILE).write_text(signatures_text(signs), encoding="utf-8")
    assert "weft/umb" in run("review", loom, "--open", "--course", "weft").stdout
    assert not verified(read(loom), 2, TODAY).has_verified_lines
    assert verified(read(loom), 2, date(2199, 1, 1)).has_verified_lines


def test_a_site_may_ask_for_another_number_of_people(loom: Path, tmp_path: Path) -> None:
    signed(loom, lambda line: line.id == "weft/umb", people=1)
    site = tmp_path / "site.yaml"
    site.write_text("format: 1\nsignatures: 1\n", encoding="utf-8")
    assert "weft/umb" in run("review", loom, "--open").stdout
    assert "weft/umb\n" not in run("review", loom, "--open", "--settings", site).stdout.replace("  (", "\n(")
    site.write_text("format: 1\nsignatures: 0\n", encoding="utf-8")
    refused = run("review", loom, "--settings", site)
    assert (refused.returncode, "'signatures'" in refused.stderr) == (1, True)


OPTIONS = (
    "--id", "L-1", "--born", "2019-01-20", "--sex", "male", "--height", "112", "--weight", "19.4", "--cns", "clear",
    "--risk", "low", "--arm", "L", "--start", "2026-12-01", "--timezone", "UTC",
)  # fmt: skip
WHO = ("--by", "A. Reader", "--role", "pharmacist", "--against", "version 5, page 61")


def test_signing_writes_who_what_against_what_and_when(loom: Path) -> None:
    done = run("sign", loom, *WHO, "--line", "weft/umb", "--line", "WEFT")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == f"{loom / SIGNATURES_FILE}: A. Reader signed 2 lines\n"
    (first, second) = read(loom).signatures
    assert (first.line, second.line) == ("weft/umb", "weft")
    assert (first.by, first.role, first.against) == ("A. Reader", "pharmacist", "version 5, page 61")
    assert first.meaning == read(loom).meanings["weft/umb"]
    shown = run("review", loom, "--course", "weft").stdout
    assert "signed by  A. Reader, pharmacist, on " in shown
    assert "no, 1 more person must sign" in shown


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((*WHO, "--line", "weft/umb"), "error: A. Reader has signed 'weft/umb' already"),
        ((*WHO[:1], "a.  reader", *WHO[2:], "--line", "weft/umb"), "error: a.  reader has signed 'weft/umb' already"),
        ((*WHO, "--line", "weft/ump"), "error: no line is called 'weft/ump'\n  Did you mean 'weft/umb'?"),
        ((*WHO[:1], "B\u200bob", *WHO[2:], "--line", "weft/umb"), "error: "),
        ((*WHO[:1], " ", *WHO[2:], "--line", "weft/asp"), "error: "),
        ((*WHO[:3], "", *WHO[4:], "--line", "weft/asp"), "error: "),
        ((*WHO[:5], "", "--line", "weft/asp"), "error: "),
    ],
)
def test_what_cannot_be_signed_is_told_and_nothing_is_written(words: tuple[str, ...], says: str, loom: Path) -> None:
    assert run("sign", loom, *WHO, "--line", "weft/umb").returncode == 0
    before = (loom / SIGNATURES_FILE).read_bytes()
    refused = run("sign", loom, *words)
    assert refused.returncode == 2
    assert refused.stderr.startswith(says)
    assert (loom / SIGNATURES_FILE).read_bytes() == before
    assert sorted(each.name for each in loom.iterdir()) == ["agents.yaml", "courses", "protocol.yaml", SIGNATURES_FILE]


def test_without_a_line_each_is_shown_and_asked(loom: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter(["y", "n", "YES", "q"])
    asked: list[str] = []

    def prompt(text: str, **_more: object) -> str:
        asked.append(text)
        return next(answers)

    monkeypatch.setattr("typer.prompt", prompt)
    done = run("sign", loom, *WHO, "--course", "weft")
    assert done.returncode == 0
    assert asked[0].startswith("line 1 of ")
    assert "weft/umb" in done.stdout
    assert len(read(loom).signatures) == 2
    answers = iter(["q"])
    assert run("sign", loom, *WHO, "--course", "weft").stderr == "nothing was signed\n"
    assert len(read(loom).signatures) == 2


def test_where_nobody_can_answer_nothing_is_signed(loom: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    done = run("sign", loom, *WHO, "--course", "weft")
    assert done.returncode == 2
    assert done.stderr.endswith("error: nobody answered, and nothing was signed\n  Name the lines with --line.\n")
    assert not (loom / SIGNATURES_FILE).exists()


def test_what_differs_between_the_bundled_versions_is_told_question_by_question() -> None:
    told = run("compare", "aall1331@0.1", "aall1331@0.2").stdout
    assert "25 lines differ" in told
    assert "first dose  30-60 min before blina -> before blina" in told
    assert "bags  24 h, 48 h, 72 h, 96 h, 168 h from 22 kg -> 24 h, 48 h, 72 h from 5.4" in told
    assert "The trial's own protocol document" not in told  # open in both


def test_a_bundled_definition_is_signed_on_the_site_s_shelf(tmp_path: Path) -> None:
    words = ("sign", "aall1331", *WHO, "--line", "block-1/vcr")
    refused = run(*words)
    assert refused.returncode == 2
    assert "comes with protocal, where nothing can be signed" in refused.stderr
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    assert run(*words, "--schedules", shelf).returncode == 0
    assert run(*words[:2], "--by", "B. Reader", *words[4:], "--schedules", shelf).returncode == 0
    assert [each.relative_to(shelf).as_posix() for each in shelf.rglob("*.yaml")] == ["aall1331/0.2/signatures.yaml"]
    assert "◉ signed" in run("show", "aall1331", "--course", "block-1", "--schedules", shelf).stdout
    assert "◉ signed" not in run("show", "aall1331", "--course", "block-1").stdout
    assert versions_in(shelf / "aall1331") == ()  # a folder with signatures alone hides no definition


def test_what_is_wrong_with_signatures_is_told_by_lint_and_stops_no_plan(loom: Path) -> None:
    meanings = read(loom).meanings
    signs = [
        signature("weft/umb", meanings["weft/umb"]),
        signature("weft/umb", meanings["weft/umb"]),
        signature("weft/umq", meanings["weft/umb"]),
        signature("weft/asp", "0" * 16),
        signature("weft/it", meanings["weft/it"], on=date(2199, 1, 1)),
    ]
    (loom / SIGNATURES_FILE).write_text(signatures_text(signs), encoding="utf-8")
    done = run("lint", loom)
    assert done.returncode == 1
    for says in (
        ": error: A. Reader signed 'weft/umb' twice, which counts once [signed-twice]",
        ": warning: A. Reader signed 'weft/umq', and there is no such line any more [signature-gone]",
        ": warning: 'weft/asp' has changed since A. Reader signed it on Thu 26-Nov-2026 [signature-void]",
        ": error: the signature of A. Reader is of Tue 01-Jan-2199, which is still to come [signature-date]",
    ):
        assert says in done.stderr
    assert "Did you mean 'weft/umb'?" in done.stderr
    first_only = replace(read(loom), signatures=read(loom).signatures[:1])
    assert [each.code for each in check_signatures(first_only, TODAY)] == []
    with_plan(loom, lambda plan: None)


def test_a_file_of_signatures_that_cannot_be_read_verifies_nothing_and_is_told(loom: Path, tmp_path: Path) -> None:
    signed(loom)
    text = (loom / SIGNATURES_FILE).read_text(encoding="utf-8")
    (loom / SIGNATURES_FILE).write_text(text.replace("role: pharmacist", "rule: pharmacist", 1), encoding="utf-8")
    assert run("lint", loom).returncode == 1
    assert "'rule' is not a key that belongs here" in run("review", loom).stderr
    assert run("review", loom).returncode == 1
    refused = run("sign", loom, *WHO, "--line", "weft/umb")
    assert (refused.returncode, "'rule' is not a key" in refused.stderr) == (1, True)
    record = tmp_path / "l1.yaml"
    made = run(
        "new", record, "--protocol", loom, *OPTIONS
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    shown = run("plan", record)
    assert shown.returncode == 0
    assert "warning: 'rule' is not a key that belongs here" in shown.stderr
    assert "UNVERIFIED" in shown.stdout


def test_verified_by_hand_is_an_error_of_lint_and_verifies_nothing(loom: Path) -> None:
    file = loom / "protocol.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("format: 1\n", "format: 1\nverified: true\n", 1), encoding="utf-8")
    done = run("lint", loom)
    assert done.returncode == 1
    assert "protocol.yaml:6:1: error: 'verified: true' was typed" in done.stderr
    assert not read(loom).verified
    with_plan(loom, lambda plan: None)


def test_what_somebody_else_wrote_in_between_is_not_lost(loom: Path) -> None:
    file = loom / SIGNATURES_FILE
    write_signatures(file, b"", b"one")
    with pytest.raises(UsageError, match="was changed by somebody else"):
        write_signatures(file, b"", b"two")
    write_signatures(file, b"one", b"two")
    assert file.read_bytes() == b"two"
    assert sorted(each.name for each in loom.iterdir()) == ["agents.yaml", "courses", "protocol.yaml", SIGNATURES_FILE]


# Banners and marks


def with_plan(folder: Path, what: Callable[[Plan], object]) -> object:
    chart = Chart(replace(BOY, protocol=str(folder)), SITE)
    try:
        return what(chart.plan)
    finally:
        chart.close()


def marks(plan: Plan) -> dict[str, set[Evidence]]:
    found: dict[str, set[Evidence]] = {}
    for line in plan.administrations:
        found.setdefault(line.course, set()).add(line.evidence)
    return found


def banners(plan: Plan) -> dict[str, bool]:
    roadmap = make_roadmap(plan, SITE)
    heads = [*([roadmap.overview.head] if roadmap.overview else []), *(sheet.head for sheet in roadmap.sheets)]
    return {head.title: head.unverified for head in heads}


def events(plan: Plan) -> Iterator[tuple[str, bool]]:
    """The course of each event of the readers' feeds, and whether it says that it is unverified."""
    for who in Who:
        writer = FeedWriter(plan, reader_of(SITE, who))
        courses = {uid(plan.record.key, who, day.course, day.number, day.part): day.title for day in writer.entries()}
        for event in Calendar.from_ical(feed_bytes(plan, SITE, who)).walk("VEVENT"):
            yield courses[str(event["UID"])], "UNVERIFIED" in event["DESCRIPTION"]


def of_course(*courses: str) -> Callable[[DefinitionLine], bool]:
    return lambda line: bool(set(courses).intersection(line.courses))


def test_nobody_has_signed(loom: Path) -> None:
    def look(plan: Plan) -> None:
        assert all(banners(plan).values())
        assert all(unverified for _event, unverified in events(plan))
        assert Evidence.SIGNED not in {mark for each in marks(plan).values() for mark in each}
        assert not plan.verified

    with_plan(loom, look)


def test_a_course_of_which_every_line_is_signed_bears_no_banner_and_others_do(loom: Path) -> None:
    signed(loom, of_course("weft"))

    def look(plan: Plan) -> None:
        found = banners(plan)
        assert {title for title, unverified in found.items() if not unverified} == {"Weft"}
        assert {event for event, unverified in events(plan) if not unverified} == {"Weft"}
        assert marks(plan)["weft"] == {Evidence.SIGNED}
        assert Evidence.SIGNED not in marks(plan)["warp"]
        assert not plan.verified

    with_plan(loom, look)


def test_one_line_less_and_the_course_bears_its_banner_again(loom: Path) -> None:
    signed(loom, lambda line: of_course("weft")(line) and line.id != "weft/asp")

    def look(plan: Plan) -> None:
        assert banners(plan)["Weft"]
        assert marks(plan)["weft"] == {Evidence.SIGNED, Evidence.PUBLISHED}

    with_plan(loom, look)


def test_everything_is_signed(loom: Path) -> None:
    assert not signed(loom).verified  # as it was read: who reads it says how many must sign

    def look(plan: Plan) -> None:
        assert plan.verified
        assert plan.protocol.verified
        assert not any(banners(plan).values())
        assert b"UNVERIFIED" not in feed_bytes(plan, SITE, doses=True)
        assert b"UNVERIFIED DOSES" in feed_bytes(plan, SITE, unverified_doses=True)
        assert {mark for each in marks(plan).values() for mark in each} == {Evidence.SIGNED}

    with_plan(loom, look)


def test_a_changed_dose_brings_the_banner_back_to_its_course_alone(loom: Path) -> None:
    signed(loom)
    file = loom / "courses" / "weft.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("dose: 500 mg/m2", "dose: 501 mg/m2"), encoding="utf-8")

    def look(plan: Plan) -> None:
        found = banners(plan)
        assert {title for title, unverified in found.items() if unverified} == {"Whole therapy", "Weft"}
        assert [line.key for line in plan.administrations if line.evidence is not Evidence.SIGNED] == ["umb"]

    with_plan(loom, look)


def test_a_changed_comment_brings_no_banner_back(loom: Path) -> None:
    signed(loom)
    file = loom / "courses" / "weft.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("  - key: umb\n", "  - key: umb\n    comment: Slowly.\n"), encoding="utf-8")
    with_plan(loom, lambda plan: [*banners(plan).values()] == [False] * len(plan.courses))
    assert with_plan(loom, lambda plan: any(banners(plan).values())) is False


def test_lists_say_it_too(tmp_path: Path, loom: Path) -> None:
    record = tmp_path / "l1.yaml"
    assert run("new", record, "--protocol", loom, *OPTIONS).returncode == 0

    def says() -> dict[str, bool]:
        return {
            "plan": "UNVERIFIED" in run("plan", record).stdout,
            "plan, JSON": not json.loads(run("plan", record, "--format", "json").stdout)["protocol"]["verified"],
            "drugs": "UNVERIFIED" in run("drugs", record).stdout,
            "drugs, JSON": not json.loads(run("drugs", record, "--format", "json").stdout)["protocol"]["verified"],
            "day": "UNVERIFIED" in run("drugs", record, "--on", "2026-12-01").stdout,
            "day, CSV": any(
                each["verified"] == "no"
                for each in csv.DictReader(
                    io.StringIO(run("drugs", record, "--on", "2026-12-01", "--format", "csv").stdout.lstrip("\ufeff"))
                )
            ),
        }

    assert set(says().values()) == {True}
    signed(loom)
    assert set(says().values()) == {False}


def words_of(pdf: bytes) -> str:
    return " ".join(word.text for page in read_pages(pdf) for word in page.words)


@pytest.mark.parametrize("wanted", ["nothing", "weft", "everything"])
def test_finished_pages_say_it_too(wanted: str, loom: Path) -> None:
    if wanted != "nothing":
        signed(loom, of_course("weft") if wanted == "weft" else lambda _line: True)

    def look(plan: Plan) -> None:
        weft = words_of(roadmap_bytes(plan, SITE, ["weft"]))
        warp = words_of(roadmap_bytes(plan, SITE, ["warp"]))
        assert ("UNVERIFIED" in weft, "UNVERIFIED" in warp) == (wanted == "nothing", wanted != "everything")
        assert ("\N{FISHEYE}" in weft, "\N{FISHEYE}" in warp.partition("Evidence")[0]) == (
            wanted != "nothing",
            wanted == "everything",
        )
        month = words_of(calendar_bytes(plan, SITE, ["weft"]))
        assert ("UNVERIFIED" in month) == (wanted != "everything")
        sheet = words_of(worksheet_bytes(plan, SITE))
        assert ("UNVERIFIED" in sheet) == (wanted != "everything")

    with_plan(loom, look)


# What is printed


def test_the_review_is_read_back_from_its_finished_pages(loom: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    protocol = read(loom)
    lines = lines_of(protocol)
    assert review_bytes(protocol, lines, Settings()).startswith(b"%PDF-")
    real = resources.folder

    def spoilt(name: str) -> Path:
        return loom.parent / "templates" if name == "templates" else real(name)

    shutil.copytree(real("templates"), loom.parent / "templates")
    page = loom.parent / "templates" / "review.html.j2"
    page.write_text(
        page.read_text(encoding="utf-8").replace("{{ together(text) }}", "{{ together(text[1:]) }}"), encoding="utf-8"
    )
    monkeypatch.setattr(resources, "folder", spoilt)
    templates._environment.cache_clear()
    try:
        with pytest.raises(ProtocalError, match="weft/umb"):
            reviewing.review_bytes(protocol, [line for line in lines if line.id == "weft/umb"], Settings())
    finally:
        templates._environment.cache_clear()


def test_the_review_as_pdf_json_and_csv(loom: Path, tmp_path: Path) -> None:
    signed(loom, of_course("weft"))
    pdf = tmp_path / "review.pdf"
    assert run("review", loom, "--open", "-o", pdf).stderr == f"wrote {pdf}\n"
    assert run("review", loom, "-o", pdf, "--format", "csv").returncode == 2
    assert run("review", loom, "--course", "warp", "-o", pdf).returncode == 0  # its own file is replaced
    data = json.loads(run("review", loom, "--course", "weft", "--format", "json").stdout)
    assert (data["people"], data["protocol"]["verified"]) == (2, False)
    (line,) = (each for each in data["lines"] if each["line"] == "weft/asp")
    assert line["place"] == "courses/weft.yaml:33"
    assert {"name": "dose", "text": "100 units/m2"} in line["says"]
    assert [each["by"] for each in line["signatures"]] == ["A. Reader", "B. Reader"]
    rows = list(csv.DictReader(io.StringIO(run("review", loom, "--format", "csv").stdout.lstrip("\ufeff"))))
    assert [each["line"] for each in rows] == [line.id for line in lines_of(read(loom))]
    assert {each["verified"] for each in rows} == {"yes", "no"}
    signed(loom)
    assert run("review", loom, "--open").stderr == "every line is verified\n"


# Two versions


def test_what_differs_is_told_in_meaning_and_not_in_text(loom: Path, tmp_path: Path) -> None:
    later = Path(shutil.copytree(loom, tmp_path / "later"))
    edits = [
        ("courses/weft.yaml", "dose: 500 mg/m2", "dose: 400 mg/m2"),
        (
            "courses/weft.yaml",
            "    days: 5\n    window: -1 to +2 days\n    evidence: published",
            "    days: 6\n    evidence: corroborated",
        ),
        ("courses/weft.yaml", "when: {cns: clear}", "when: {cns: clear, sex: male}"),
        ("courses/weft.yaml", "key: itd", "key: it-both"),
        ("courses/weft.yaml", "orders:", "# of the later version\norders:"),
        ("agents.yaml", "minimum interval: 14 days", "minimum interval: 12 days"),
    ]
    for file, old, new in edits:
        text = (later / file).read_text(encoding="utf-8")
        assert old in text, old
        (later / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    told = run("compare", loom, later, "--format", "json")
    assert told.returncode == 0, told.stderr
    found = {each["line"]: each for each in json.loads(told.stdout)["lines"]}
    assert {line: each["change"] for line, each in found.items()} == {
        "weft/umb": "changed",
        "weft/asp": "changed",
        "weft/it": "changed",
        "weft/it-both": "added",
        "agents/aspanol": "changed",
        "weft/itd": "left out",
    }

    def changes(line: str) -> list[tuple[str, str, str]]:
        return [(each["name"], each["before"], each["after"]) for each in found[line]["changes"]]

    assert changes("weft/umb") == [("dose", "500 mg/m2", "400 mg/m2")]
    assert changes("weft/asp") == [
        ("days", "5", "6"),
        ("window", "-1 to +2 days", ""),
        ("evidence", "published", "corroborated"),
    ]
    assert changes("weft/it") == [("condition", "clear", "clear; male")]
    assert changes("agents/aspanol") == [("minimum interval", "14 days", "12 days")]
    text = run("compare", loom, later).stdout
    assert "weft/umb: changed  (courses/weft.yaml:" in text
    assert "  dose  500 mg/m2 -> 400 mg/m2\n" in text
    assert "window    -1 to +2 days -> nothing" in text
    assert run("compare", loom, loom).stdout == "the two mean the same\n"


def test_versions_are_named_as_the_library_has_them(tmp_path: Path) -> None:
    shelf = tmp_path / "shelf"
    for version in ("1", "2"):
        folder = Path(shutil.copytree(TINY, shelf / "tiny" / version))
        text = (folder / "protocol.yaml").read_text(encoding="utf-8")
        (folder / "protocol.yaml").write_text(text.replace('version: "1"', f'version: "{version}"'), encoding="utf-8")
    assert run("compare", "tiny@1", "tiny@2", "--schedules", shelf).stdout == "the two mean the same\n"
    assert "has no version '3'" in run("compare", "tiny@1", "tiny@3", "--schedules", shelf).stderr
    assert run("compare", "tiny@1", "tinny@2", "--schedules", shelf).returncode == 2


@pytest.mark.parametrize("number", range(40))
def test_no_change_of_meaning_goes_untold(number: int, tmp_path: Path) -> None:
    """Every line of which the meaning is another one is told, for itself or for the drug or table that it names."""
    before, after = read(LOOM), read(definition_of(Random(number), tmp_path / "made-up"))
    told = {each.line.id for each in compare(before, after)}
    changed = {
        line for line in {*before.meanings, *after.meanings} if before.meanings.get(line) != after.meanings.get(line)
    }
    refers = {
        line.id: {f"tables/{name}" for name in after.tables} | {f"agents/{name}" for name in after.agents}
        for line in lines_of(after)
    }
    untold = {line for line in changed - told if not refers.get(line, set()) & told}
    assert untold == set()
    assert told <= changed | {line.id for line in lines_of(after) if line.meaning == before.meanings.get(line.id)}


# What was released


def bytes_of(folder: Path) -> Iterable[bytes]:
    for path in sorted(folder.rglob("*.yaml")):
        yield path.relative_to(folder).as_posix().encode()
        yield path.read_bytes()


def test_the_first_version_is_as_it_was_to_the_last_byte() -> None:
    first = resources.folder("schedules") / "aall1331" / "0.1"
    digest = sha256(b"\0".join(bytes_of(first))).hexdigest()
    assert digest == "5f4d324a1889254400eb168d8e6fd84af9fb52735ea1a2c669e21dec0b09dfbc"
