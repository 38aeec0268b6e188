"""Figures and dates have one spelling wherever a person writes them; of any other the figure that was meant is told."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from conftest import CHILD, run, with_options
from pydantic import BaseModel

from protocal import resources
from protocal.model.doses import parse_dose
from protocal.read.definition.shapes import SHAPES
from protocal.read.record.read import RecordShape
from protocal.read.settings import SettingsShape
from protocal.read.shape_errors import check_shape
from protocal.read.yaml_tree import Source, parse_tree
from protocal.text.typed import meant, read_date, read_time, read_whole

FAR = str.maketrans("0123456789", "".join(chr(0x0660 + n) for n in range(10)))  # Arabic-Indic
WIDE = str.maketrans("0123456789", "".join(chr(0xFF10 + n) for n in range(10)))  # full width
ARABIC_10, WIDE_10 = "10".translate(FAR), "10".translate(WIDE)


@pytest.mark.parametrize(
    ("text", "plainly"),
    [
        (ARABIC_10, "10"),
        (f"{WIDE_10} mg", "10 mg"),
        ("1\u066b5 mg".translate(FAR), "1.5 mg"),
        ("0x1c", "28"),
        ("0X1C mg", "28 mg"),
        ("0o17", "15"),
        ("0b11", "3"),
        ("1e3", "1000"),
        ("1.5E-2 mg/m2", "0.015 mg/m2"),
        ("1_000", "1000"),
        (".5 mg/kg", "0.5 mg/kg"),
        ("5.", "5"),
        ("+5", "5"),
        ("2026-12-01".translate(WIDE), "2026-12-01"),
        # what is plain already, or no figure
        *((same, same) for same in ("1.5 mg/m2", "1-5, 15-19", "8-78 every 7", "10-<20", "-1 to +2 days", "1,950 mg")),
        *((same, same) for same in ("2026-12-01T09:00:00+01:00", "cns2", "block-1", "R3", "1e-40", "0x" + "f" * 5000)),
    ],
    ids=ascii,
)
def test_what_is_meant_by_another_spelling(text: str, plainly: str) -> None:
    assert meant(text) == plainly


ODD_WHOLE = ["\u0661\u0660", "\uff11\uff10", "1_0", "0xa", "0o12", "1e1", "10.", "10.0", "+10", "-10", " 10", "10 ", ""]
ODD_DATES = [
    "20261201", "2026-W49-2", "2026W492", "2026-335", "2026-12-1", "2026-12-01 ", "2026-12-01T00:00", "+002026-12-01",
    "2026-12-01".translate(FAR), "2026-12-01".translate(WIDE), "2026\u221212\u221201", "0001-01-01", "9999-12-31",
]  # fmt: skip
ODD_TIMES = [
    "20261201T093000+00:00", "2026-W49-2T09:30:00+00:00", "2026-12-01x09:30:00+00:00", "2026-12-01T09+00:00",
    "2026-12-01T09:30:00", "2026-12-01T0930+00:00", "2026-12-01T09:30:00,5+00:00", "2026-12-01T24:30:00+00:00",
    "2026-12-01T09:30:00+00:00".translate(FAR), "0001-01-01T00:00:00+00:00", "9999-12-31T23:59:00-05:00",
    "2026-12-01T09:30:00+0000",
]  # fmt: skip


@pytest.mark.parametrize("text", ODD_WHOLE, ids=ascii)
def test_a_whole_number_has_one_spelling(text: str) -> None:
    with pytest.raises(ValueError, match="is not a whole number; write"):
        read_whole(text)
    assert read_whole("10") == 10


@pytest.mark.parametrize("text", ODD_DATES, ids=ascii)
def test_a_date_has_one_spelling(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a date|cannot be meant"):
        read_date(text)


@pytest.mark.parametrize("text", ODD_TIMES, ids=ascii)
def test_a_time_has_few_spellings(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a time|cannot be meant|there is no hour"):
        read_time(text)


@pytest.mark.parametrize(
    "text",
    ["2026-12-01T09:30:00+00:00", "2026-12-01T09:30:00.123456-05:00", "2026-12-01T09:30Z", "2026-12-01 09:30:00+05:30"],
)
def test_times_as_they_stand_in_records_are_read(text: str) -> None:
    assert read_time(text).utcoffset() is not None


# Files: every value of every kind of file

LOG = """
  - {entry: measure, date: 2026-12-28, height: 113, weight: 20.5}
  - {entry: give, id: block-1/vcr/1, date: 2026-12-01, at: "2026-12-01T09:00:00-05:00", dose: 1.17}
  - {entry: delay, course: block-2, days: 6}
  - {entry: delay, course: block-2, to: 2027-01-09, only: true}
  - {entry: delay, course: block-2, days: 3, from_day: 8}
  - {entry: hold, course: block-2, date: 2027-01-12, days: 7, rule: skip}
  - {entry: bags, agent: blinatumomab, hours: [72, 96], date: 2027-01-26}
  - {entry: prior, agent: mitoxantrone, amount: 20, unit: mg/m2}
  - {entry: adjust, agent: mercaptopurine, percent: 50, date: 2027-03-09}
  - {entry: start, course: block-2, date: 2027-01-09, counts: {anc: 750, platelets: 75000}}
  - {entry: resume, course: blina-cycle-1, at: "2027-02-04T10:00:00-05:00", dose: 11.7, why: afebrile}
  - {entry: clear, course: block-2, agent: methotrexate, at: "2027-01-08T09:00:00-05:00", level: 0.08 micromol/L}
  - {entry: undo, line: 9}
"""
SITE = """
format: 1
closed days: [2026-12-25]
rounding flag: 5
stale days: 28
growth: 10
tablets: {mercaptopurine: [50 mg], dexamethasone: 0.5 mg}
liquids: {mercaptopurine: 20 mg/mL in steps of 0.1 mL}
rounding: {vincristine: {IV: nearest 0.01 mg}, cytarabine: nearest 50 mg vial within 10 %, pegaspargase: within 5 %}
ceilings: {anthracyclines: {amount: 300, factors: {mitoxantrone: 4}}}
clearances: {methotrexate: below 0.1 micromol/L}
level draws: {methotrexate: "24 h, 36 h"}
"""
FREE = {  # keys of what is text, in which any figure may stand, and of names and digests, which have their own tests
    *("title", "comment", "comments", "text", "open", "reason", "notes", "note", "registry", "written", "brand"),
    *("for", "taken", "why", "by", "name", "id", "key", "seal", "digest", "version", "definition", "protocol"),
    *("abbreviation", "tall_man_list", "tall man list", "source", "sources", "kinds", "body surface area", "first day"),
    *("timezone", "courses"),
}


def files() -> Iterator[tuple[type[BaseModel], str, Source]]:
    folder = resources.folder("schedules") / "aall1331" / "0.2"
    for path in sorted(folder.rglob("*.yaml")):
        kind = path.stem if path.stem in SHAPES else "course"
        yield SHAPES[kind], path.name, parse_tree(path.read_text(encoding="utf-8"), Source(path.name))
    yield SettingsShape, "site.yaml", parse_tree(SITE, Source("site.yaml"))


def leaves(tree: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    inner = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for part, value in inner:
        if isinstance(value, dict | list):
            yield from leaves(value, (*path, part))
        else:
            yield (*path, part), value


def refused(shape: type[BaseModel], source: Source, path: tuple[str | int, ...], value: object) -> Source | None:
    """The problems of a file in which one value is another; None if nobody minds."""
    changed = copy.deepcopy(source.tree)
    inner = changed
    for part in path[:-1]:
        inner = inner[part]
    inner[path[-1]] = value
    other = Source("file", changed, source.places, source.keys)
    return other if check_shape(shape, other) is None else None


def is_free(path: tuple[str | int, ...]) -> bool:
    return any(part in FREE for part in path)


def check_every_figure(shape: type[BaseModel], source: Source) -> int:
    """Put each value of a file into other spellings; how many values that have figures were tried."""
    tried = 0
    assert check_shape(shape, source) is not None, source.problems
    for path, value in leaves(source.tree):
        if isinstance(value, bool) or is_free(path):
            continue
        text = format(value, "f") if isinstance(value, Decimal) else str(value)
        if not re.search("[0-9]", text):
            continue
        tried += 1
        number = isinstance(value, int | Decimal)
        odd = [text.translate(FAR), text.translate(WIDE)]
        odd += [f"{text}e0", f"+{text}", f"{int(value)}.", f"{int(value):_}_0", hex(int(value))] if number else []
        for each in odd:
            found = refused(shape, source, path, each)
            assert found, (path, each)
            if meant(each) != each:
                (remedy,) = {problem.remedy for problem in found.problems}
                assert re.fullmatch(r"Write (.+): the figures 0 to 9, with a point for decimals\.", remedy), (
                    path,
                    remedy,
                )
                assert remedy.removeprefix("Write ").partition(": the")[0] in meant(each)  # of a list, one piece
        if isinstance(value, int):
            assert refused(shape, source, path, value=True), path
    return tried


@pytest.mark.parametrize(
    ("shape", "name", "source"), list(files()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_no_figure_of_a_definition_or_of_settings_has_another_spelling(
    shape: type[BaseModel], name: str, source: Source
) -> None:
    assert check_every_figure(shape, source) > 0, name


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("typed") / "p.yaml"
    assert run("new", path, *CHILD).returncode == 0
    return path


def test_no_figure_of_a_record_has_another_spelling(record: Path) -> None:
    text = record.read_text(encoding="utf-8") + LOG
    source = parse_tree(text, Source("p.yaml"))
    assert source.problems == []
    assert check_every_figure(RecordShape, source) > 40


@pytest.mark.parametrize("format_", ["true", "True", "1.0", "0x1", "0o1", "1e0", "+1", "'1'"])
def test_a_format_is_the_figure_1(format_: str) -> None:
    for shape in (RecordShape, SettingsShape, *SHAPES.values()):
        source = parse_tree(f"format: {format_}\n", Source("file"))
        assert check_shape(shape, source) is None
        assert any("is not a whole number" in each.message for each in source.problems), source.problems


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("dose: 1e-40", "'1e-40' is not a dose"),
        ("dose: 0.0000000001", "rounds to nothing"),
        ("dose: 0.00009", "rounds to nothing"),
        ("dose: 0", "is not a dose"),
        ("dose: 0x1c", "Write 28:"),
        ("dose: .5", "Write 0.5:"),
        (f"dose: {ARABIC_10}", "Write 10:"),
    ],
    ids=ascii,
)
def test_a_dose_given_is_one_that_can_be_printed(line: str, said: str, record: Path, tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    entry = f"  - entry: give\n    id: block-1/vcr/1\n    date: 2026-12-01\n    {line}\n"
    path.write_text(record.read_text(encoding="utf-8") + entry, encoding="utf-8")
    done = run("plan", path)
    assert done.returncode == 1
    assert said in done.stderr
    place = len(path.read_text(encoding="utf-8").splitlines())
    assert f"{path}:{place}:" in done.stderr


@pytest.mark.parametrize("dose", ["0.00001 mg/m2", "0.00009 mg", "0 mg"])
def test_a_dose_of_a_definition_that_rounds_to_nothing_is_refused(dose: str) -> None:
    with pytest.raises(ValueError, match=r"rounds to nothing|above zero"):
        parse_dose(dose)


# The command line

TYPED = [
    ("plan", "--revision", "2"),
    ("plan", "--from", "2026-12-01"),
    ("plan", "--to", "2026-12-31"),
    ("why", "2026-12-01"),
    ("drugs", "--on", "2026-12-01"),
    ("diff", "--from", "2"),
    ("diff", "--from", "2", "--to", "3"),
    ("delay", "block-2", "--dry-run", "--days", "6"),
    ("delay", "block-2", "--dry-run", "--to", "2027-01-04"),
    ("delay", "block-1", "--dry-run", "--reason", "ANC", "--days", "2", "--from-day", "8"),
    ("hold", "block-1", "--dry-run", "--from", "2026-12-02", "--skip", "--reason", "ANC", "--days", "2"),
    ("hold", "block-1", "--dry-run", "--days", "2", "--skip", "--reason", "ANC", "--from", "2026-12-02"),
    ("bags", "blinatumomab", "--dry-run", "--from", "2027-01-26", "--hours", "72,96"),
    ("adjust", "mercaptopurine", "--dry-run", "--from", "2027-03-09", "--until-further-notice", "--percent", "50"),
    ("measure", "--dry-run", "--date", "2026-12-02", "--height", "112", "--weight", "19.5"),
    ("measure", "--dry-run", "--date", "2026-12-02", "--weight", "19.5", "--height", "112"),
    ("give", "block-1/vcr/1", "2026-12-01", "--dry-run", "--reason", "x", "--dose", "1.2"),
    ("give", "block-1/vcr/1", "2026-12-01", "--dry-run", "--at", "09:00"),
    ("dispense", "mercaptopurine", "--tablets", "60 of 50 mg", "--dry-run", "2026-12-01"),
    ("dispense", "mercaptopurine", "2026-12-01", "--dry-run", "--tablets", "60 of 50 mg"),
    ("prior", "mitoxantrone", "--dry-run", "--amount", "20 mg/m2"),
    ("start", "block-2", "--dry-run", "2026-12-29"),
    ("start", "continuation-1", "2027-03-02", "--dry-run", "--reason", "x", "--anc", "800"),
    ("undo", "--dry-run", "--reason", "x", "6"),
]


@pytest.mark.parametrize("words", TYPED, ids=" ".join)
def test_what_is_typed_has_one_spelling_too(words: tuple[str, ...], record: Path) -> None:
    plainly = run(words[0], record, *words[1:])
    assert plainly.returncode == 0, plainly.stderr
    for figures in (FAR, WIDE):
        done = run(words[0], record, *words[1:-1], words[-1].translate(figures))
        assert done.returncode == 2, (words, done.stderr)
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("option", "text", "plainly"),
    [
        ("height", "1e2", "100"),
        ("weight", ".2e2", "20"),
        ("weight", "19_4", "194"),
        ("height", "0x70", "112"),
        ("height", "112".translate(FAR), "112"),
        ("weight", "19.4".translate(WIDE), "19.4"),
    ],
    ids=ascii,
)
def test_new_says_which_figure_was_meant(option: str, text: str, plainly: str, tmp_path: Path) -> None:
    done = run("new", tmp_path / "p.yaml", *with_options(CHILD, **{option: text}))
    assert done.returncode == 2
    assert f"error: --{option}: " in done.stderr
    assert f"Write {plainly}: the figures 0 to 9" in done.stderr
    assert not (tmp_path / "p.yaml").exists()


def test_nothing_that_reads_uses_a_reader_of_other_spellings() -> None:
    """Python's own take other figures and dates; `text/typed.py` is the place that knows ours."""
    package = Path(resources.__file__).parent
    other = re.compile(r"\\d|\.is(?:digit|decimal|numeric)\(|fromisoformat|strptime|int\([^)]*, 0\)")
    found = {
        f"{path.relative_to(package)}: {line.strip()}"
        for folder in ("cli", "read", "model", "text", "change", "plan")
        for path in (package / folder).rglob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if other.search(line) and path.name != "typed.py"
    }
    assert {line.partition(":")[0] for line in found} <= {
        "read/record/append.py",  # what its own pattern has matched
        "read/definition/lint/routes.py",  # of ids, which have small letters and ASCII figures
        "model/protocol.py",
    }, found
