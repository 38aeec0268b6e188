"""The patient's record: what `new` writes is read back as it was meant, and whoever changes it is found out."""

from __future__ import annotations

import errno
import json
import os
import re
import stat
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from conftest import CHILD, with_options
from conftest import run_process as run

from protocal.model.entries import Assigned, Defined, Diagnostic, Entry, Failed, Measured, Sex, Started, Stated
from protocal.model.facts import facts_of
from protocal.model.problems import Severity, UsageError
from protocal.model.record import Record
from protocal.publish.record_files import write_new
from protocal.read.record.fields import parse_date
from protocal.read.record.new import Composed, NewPatient, compose
from protocal.read.record.read import read_record
from protocal.read.yaml_tree import read_tree

NOW = datetime(2026, 11, 30, 9, 30, tzinfo=UTC)
KEY = "0123456789abcdef0123456789abcdef"
PATIENT = NewPatient(
    protocol="aall1331",
    protocol_version="",
    id="P001",
    name="",
    born="2019-05-12",
    sex="female",
    height="112",
    weight="19.4",
    measured="2026-11-30",
    cns="cns2",
    risk="low",
    arm="D",
    start="2026-12-01",
    timezone="America/New_York",
    diagnostic_it=(),
    by="",
)


def composed(folder: Path, **changed: object) -> Composed:
    """A new record, put together without a process of its own."""
    values = {name: getattr(PATIENT, name) for name in NewPatient.__dataclass_fields__}
    return compose(NewPatient(**{**values, **changed}), folder / "p001.yaml", (), NOW, KEY)


def codes(path: Path) -> list[tuple[str, int]]:
    _record, problems = read_record(path)
    return [(each.code, each.where.line if each.where else 0) for each in problems]


@pytest.fixture
def text(tmp_path: Path) -> str:
    """The text of a record with six sealed entries."""
    made = composed(tmp_path)
    assert made.problems == []
    return made.text


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    """Writes a text where a record is expected."""

    def file(text: str) -> Path:
        path = tmp_path / "p001.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return file


def line_of(text: str, part: str) -> int:
    assert part in text
    return text[: text.index(part)].count("\n") + 1


def entries(text: str) -> tuple[str, list[str]]:
    """The text before the log's first entry, and the text of each entry."""
    head, *log = text.split("  - entry: ")
    return head, [f"  - entry: {each}" for each in log]


# What is written


def test_new_writes_every_option_and_reads_it_back(tmp_path: Path) -> None:
    made = composed(
        tmp_path, name="Ana B.", by="nurse 7", diagnostic_it=("2026-11-29:methotrexate", "2026-11-29:cytarabine")
    )
    path = tmp_path / "p001.yaml"
    path.write_text(made.text, encoding="utf-8")
    record, problems = read_record(path)
    assert problems == []
    assert record is not None
    assert record == made.record
    assert record == Record(
        id="P001",
        key=KEY,
        created=date(2026, 11, 30),
        born=date(2019, 5, 12),
        sex=Sex.FEMALE,
        protocol="aall1331",
        version="0.2",
        timezone="America/New_York",
        name="Ana B.",
        definition="",
        log=record.log,
        where=record.where,
        format=2,
    )
    assert made.protocol is not None
    where, day = record.where, date(2026, 11, 29)

    def entry(kind: type[Entry], seal: str, **values: object) -> Entry:
        return kind(recorded=NOW, by="nurse 7", why="", seal=seal, where=where, **values)

    seals = [each.seal for each in record.log]
    assert all(len(seal) == 32 for seal in seals)
    assert [each.number for each in record.log] == list(range(1, len(seals) + 1))
    assert [replace(each, number=0) for each in record.log] == [
        entry(Defined, seals[0], version="0.2", digest=made.protocol.digest),
        entry(Measured, seals[1], date=date(2026, 11, 30), height=Decimal(112), weight=Decimal("19.4")),
        entry(Stated, seals[2], fact="cns", value="cns2"),
        entry(Stated, seals[3], fact="risk", value="low"),
        entry(Diagnostic, seals[4], date=day, agent="methotrexate"),
        entry(Diagnostic, seals[5], date=day, agent="cytarabine"),
        entry(Started, seals[6], course="block-1", date=date(2026, 12, 1)),
        entry(Assigned, seals[7], arm="D", date=date(2026, 12, 1)),
    ]


def test_what_is_left_out_is_not_written(tmp_path: Path) -> None:
    made = composed(tmp_path, arm="", risk="", measured="")
    assert made.record is not None
    assert [type(each) for each in made.record.log] == [Defined, Measured, Stated, Started]
    assert facts_of(made.record).measurements[0].date == date(2026, 12, 1)
    for key in ("name:", "by:", "why:", "definition:", "risk"):
        assert key not in made.text.replace("entry: definition", "")


def test_the_first_lines_say_what_the_file_is_and_the_log_is_last(text: str) -> None:
    assert text.startswith("# A patient's record of protocal.")
    assert [line for line in text.splitlines() if line[0] not in " #"][-1] == "log:"
    assert text.endswith("\n")


@pytest.mark.parametrize(
    "name",
    [
        "Ana B.",
        'O\'Neil "Zoé"',
        "back\\slash",
        "<b>bold</b> &amp; [red]markup[/red]",
        "# no comment: - {not} [yaml] | > & * ! %",
        "😀👩‍👧 Ünï 張偉 مريم",
        "no",
        "null",
        "true",
        "1.10",
        "2026-12-01",
        "-",
        "~",
        "=1+1",
        " leading and trailing ",
        "a" * 80,
    ],
)
def test_names_come_back_as_they_were_typed(name: str, tmp_path: Path) -> None:
    made = composed(tmp_path, name=name, by=name)
    assert made.problems == []
    path = tmp_path / "p001.yaml"
    path.write_text(made.text, encoding="utf-8")
    record, problems = read_record(path)
    assert problems == []
    assert record is not None
    assert (record.name, record.log[0].by) == (name, name)


@pytest.mark.parametrize(
    "name", ["two\nlines", "tab\t", "\x1b[31mred", "nul\x00", "del\x7f", "nel\x85", "a\u2028b", "a\ufeffb", "\ufffe"]
)
@pytest.mark.parametrize("option", ["name", "by"])
def test_invisible_characters_are_refused_at_their_option(name: str, option: str, tmp_path: Path) -> None:
    made = composed(tmp_path, **{option: name})
    assert made.record is None
    assert {str(each.where) for each in made.problems} == {f"--{option}"}
    message, remedy = str(UsageError.at_options(made.problems)).splitlines()
    assert message.isprintable(), "nothing of it may reach a terminal"
    assert remedy


def test_text_that_reorders_what_is_read_is_refused(tmp_path: Path) -> None:
    assert composed(tmp_path, name="Ana \u202eanA").record is None


def test_two_records_have_two_keys(tmp_path: Path) -> None:
    for name in ("a", "b"):
        assert run("new", tmp_path / name, *CHILD).returncode == 0
    first, second = (read_record(tmp_path / name)[0] for name in ("a", "b"))
    assert first is not None
    assert second is not None
    assert first.key != second.key


# What is changed


def test_a_new_record_has_no_problem(text: str, write: Callable[[str], Path]) -> None:
    assert codes(write(text)) == []


def test_layout_comments_and_equal_numbers_are_no_change(text: str, write: Callable[[str], Path]) -> None:
    other = text.replace("height: 112", "height:   112.0  # cm").replace("id: P001", '"id": "P001"')
    assert codes(write(other.replace("\n", "\r\n"))) == []


@pytest.mark.parametrize(
    ("old", "new", "at"),
    [
        ("weight: 19.4", "weight: 19.5", "  - entry: measure"),
        ("date: 2026-11-30", "date: 2026-11-29", "  - entry: measure"),
        ("value: cns2", "value: cns3", "  - entry: state\n    recorded: 2026-11-30T09:30:00+00:00\n    fact: cns"),
        ("arm: D", "arm: C", "  - entry: assign"),
        (
            "recorded: 2026-11-30T09:30:00+00:00\n    arm",
            "recorded: 2026-11-30T09:31:00+00:00\n    arm",
            "  - entry: assign",
        ),
        ("    arm: D", "    by: me\n    arm: D", "  - entry: assign"),
        ("born: 2019-05-12", "born: 2018-05-12", "  - entry: definition"),
        ("sex: female", "sex: male", "  - entry: definition"),
        ("id: P001", "id: P002", "  - entry: definition"),
        ("key: ", "name: Ana\nkey: ", "  - entry: definition"),
    ],
)
def test_a_change_to_what_is_sealed_is_an_error_at_its_entry(
    old: str, new: str, at: str, text: str, write: Callable[[str], Path]
) -> None:
    assert old in text
    changed = text.replace(old, new, 1)
    path = write(changed)
    assert codes(path) == [("changed-entry", line_of(changed, at))]
    assert read_record(path)[0] is None


@pytest.mark.parametrize("index", range(5))
def test_an_entry_that_is_gone_is_missed_by_the_next(index: int, text: str, write: Callable[[str], Path]) -> None:
    head, log = entries(text)
    kept = head + "".join(each for number, each in enumerate(log) if number != index)
    assert codes(write(kept)) == [("changed-entry", line_of(kept, log[index + 1]))]


def test_entries_in_another_order_are_an_error(text: str, write: Callable[[str], Path]) -> None:
    head, log = entries(text)
    swapped = head + "".join([*log[:2], log[3], log[2], *log[4:]])
    assert codes(write(swapped)) == [("changed-entry", line_of(swapped, log[3]))]


FAIL = "  - entry: fail\n    date: 2027-02-01\n"


def test_an_entry_by_hand_at_the_end_counts_with_a_warning(text: str, write: Callable[[str], Path]) -> None:
    record, problems = read_record(write(text + FAIL + "    why: relapse\n    by: me\n"))
    assert [(each.code, each.severity) for each in problems] == [("unsealed", Severity.WARNING)]
    assert problems[0].where is not None
    assert problems[0].where.line == line_of(text + FAIL, FAIL)
    assert record is not None
    assert (record.revision, type(record.log[-1]), record.log[-1].recorded) == (7, Failed, None)
    assert facts_of(record).failed == date(2027, 2, 1)
    assert facts_of(record, 6).failed is None


def test_an_entry_by_hand_between_sealed_ones_is_an_error(text: str, write: Callable[[str], Path]) -> None:
    head, log = entries(text)
    mixed = head + "".join([*log[:3], FAIL, *log[3:]])
    assert codes(write(mixed)) == [("unsealed-between", line_of(mixed, FAIL))]


@pytest.mark.parametrize("index", range(6))
@pytest.mark.parametrize("left", ["", '    seal: ""\n'])
def test_an_entry_of_a_command_that_lost_its_seal_is_an_error(
    index: int, left: str, text: str, write: Callable[[str], Path]
) -> None:
    head, log = entries(text)
    bare = re.sub(r"    seal: .*\n", left, log[index])
    mixed = head + "".join([*log[:index], bare, *log[index + 1 :]])
    assert codes(write(mixed)) == [("seal-gone", line_of(mixed, bare))]


def test_the_log_must_be_last(text: str, write: Callable[[str], Path]) -> None:
    moved = text.replace('version: "0.2"\nlog:', "log:", 1) + 'version: "0.2"\n'
    assert ("log-last", line_of(moved, "log:")) in codes(write(moved))


@pytest.mark.parametrize(
    ("entry", "code", "line", "says"),
    [
        ("  - entry: strat\n    course: block-2\n", "value", 1, "no entry is called 'strat'"),
        ("  - course: block-2\n", "missing-key", 1, "'entry' is missing"),
        ("  - start\n", "value", 1, "must be a mapping"),
        ("  - entry: start\n    course: block-2\n    date: 2026-02-29\n", "value", 3, "Feb 2026 has 28 days"),
        ("  - entry: start\n    course: block-2\n    date: 20261201\n", "value", 3, "is not a date"),
        ("  - entry: start\n    cours: block-2\n    date: 2026-12-29\n", "unknown-key", 2, "'course'"),
        ("  - entry: end\n    date: 2027-12-01\n", "missing-key", 1, "'why' is missing"),
        ('  - entry: end\n    date: 2027-12-01\n    why: ""\n', "value", 3, "an empty text"),
        ("  - entry: state\n    fact: cms\n    value: cns3\n", "value", 2, "Did you mean 'cns'?"),
        ("  - entry: measure\n    date: 2027-01-01\n    height: 1.12\n    weight: 20\n", "value", 3, "from 40 to 250"),
        ("  - entry: measure\n    date: 2027-01-01\n    height: 112\n    weight: 20 kg\n", "value", 4, "of kg"),
        ('  - entry: fail\n    date: 2027-01-01\n    recorded: "2027-01-01 10:00"\n', "value", 3, "a time with a zone"),
        ('  - entry: fail\n    date: 2027-01-01\n    by: "a\\tb"\n', "value", 3, "invisible"),
    ],
)
def test_a_mistake_in_an_entry_by_hand(
    entry: str, code: str, line: int, says: str, text: str, write: Callable[[str], Path]
) -> None:
    record, problems = read_record(write(text + entry))
    assert record is None
    first = next(each for each in problems if each.code == code and says in f"{each.message} {each.remedy}")
    assert first.where is not None
    assert first.where.line == text.count("\n") + line
    assert first.where.column
    assert first.remedy


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("timezone: America/New_York", "timezone: Mars/Olympus", "is not a time zone"),
        ("timezone: America/New_York", 'timezone: ""', "is not a time zone"),
        ("timezone: America/New_York", "timezone: ../../etc/passwd", "is not a time zone"),
        ("sex: female", "sex: femal", "Did you mean 'female'?"),
        ("id: P001", 'id: "P 001"', "Use letters, figures"),
        ("id: P001", f"id: {'P' * 41}", "at most 40 characters"),
        ('version: "0.2"', "version: 0.2", "Put quotes around it"),
        ("format: 2", "format: 3", "must be 1 or 2"),
        (f'key: "{KEY}"', "key: abc", "the key that `protocal new` wrote"),
        ("log:", "logg:", "Did you mean 'log'?"),
    ],
)
def test_a_mistake_in_the_header(old: str, new: str, says: str, text: str, write: Callable[[str], Path]) -> None:
    assert old in text
    record, problems = read_record(write(text.replace(old, new, 1)))
    assert record is None
    assert says in "".join(str(each) for each in problems)


def test_an_empty_log_or_another_file_is_no_record(text: str, write: Callable[[str], Path]) -> None:
    head, _log = entries(text)
    assert [code for code, _line in codes(write(head))] == ["value"]
    assert [code for code, _line in codes(write("- 1\n"))] == ["value"]
    assert ("missing-key", 1) in codes(write("title: something else\n"))


# Where it is written


def test_the_file_is_private(child: Path) -> None:
    assert stat.S_IMODE(child.stat().st_mode) == 0o600


def test_a_record_is_never_overwritten(child: Path) -> None:
    before = child.read_bytes()
    done = run("new", child, *with_options(CHILD, id="P002"))
    assert done.returncode == 2
    assert "exists already" in done.stderr
    assert child.read_bytes() == before


def test_not_even_one_that_appears_in_the_last_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target, link = tmp_path / "p001.yaml", os.link

    def slower(source: Path, name: Path) -> None:
        target.write_text("theirs", encoding="utf-8")
        link(source, name)

    monkeypatch.setattr(os, "link", slower)
    with pytest.raises(UsageError, match="exists already"):
        write_new(target, b"ours")
    assert target.read_text(encoding="utf-8") == "theirs"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("taken", [False, True])
def test_a_file_system_without_hard_links(taken: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_source: Path, _name: Path) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    target = tmp_path / "p001.yaml"
    if taken:
        target.write_text("theirs", encoding="utf-8")
        with pytest.raises(UsageError, match="exists already"):
            write_new(target, b"ours")
    else:
        write_new(target, b"ours")
        assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert target.read_text(encoding="utf-8") == ("theirs" if taken else "ours")
    assert list(tmp_path.iterdir()) == [target]


def test_a_disk_that_is_full_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UsageError, match="No space left on device"):
        write_new(tmp_path / "p001.yaml", b"ours")
    assert list(tmp_path.iterdir()) == []


def test_a_link_that_leads_nowhere_is_not_followed(tmp_path: Path) -> None:
    link = tmp_path / "p001.yaml"
    link.symlink_to(tmp_path / "elsewhere.yaml")
    with pytest.raises(UsageError, match="exists already"):
        write_new(link, b"ours")
    assert list(tmp_path.iterdir()) == [link]


# Dates


@pytest.mark.parametrize("text", ["2028-02-29", "2000-02-29", "1900-01-01", "2200-12-31"])
def test_dates_that_there_are(text: str) -> None:
    assert parse_date(text).isoformat() == text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("2027-02-29", "Feb 2027 has 28 days"),
        ("2100-02-29", "Feb 2100 has 28 days"),
        ("2026-04-31", "Apr 2026 has 30 days"),
        ("2026-04-00", "Apr 2026 has 30 days"),
        ("2026-13-01", "no month 13"),
        ("2026-00-01", "no month 0"),
        ("0026-12-01", "the year 26"),
        ("2026-1-1", "is not a date"),
        ("01/12/2026", "is not a date"),
        ("2026-12-01T00:00", "is not a date"),
        ("\uff12\uff10\uff12\uff16-12-01", "is not a date"),
        (20261201, "is not a date"),
        (None, "is not a date"),
    ],
)
def test_dates_that_there_are_not(text: object, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        parse_date(text)


def test_json_text_is_only_another_layout(text: str, write: Callable[[str], Path], tmp_path: Path) -> None:
    record, _problems = read_record(write(text))
    tree = read_tree(tmp_path / "p001.yaml").tree
    again, problems = read_record(write(json.dumps(tree, default=str).replace('"19.4"', "19.4")))
    assert again == record
    assert [each.code for each in problems] == ["no-last-line"], "it went with the other comments"
