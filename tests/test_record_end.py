"""The last line of a record's file: an end that was cut off the log is missed, and may be accepted with a reason."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from conftest import run_process as run
from machines import BOY, Chart

from protocal.model.problems import Severity
from protocal.read.record.append import Appended, NewEntry, append_entries
from protocal.read.record.new import compose
from protocal.read.record.read import read_record
from protocal.read.record.seals import PROMISE

NOW = datetime(2026, 12, 20, 9, 30, tzinfo=UTC)
NOTE = NewEntry({"entry": "note", "text": "nothing new"})
BY_HAND = "  - entry: fail\n    date: 2027-02-01\n"
Write = Callable[[str], Path]


@pytest.fixture
def text(tmp_path: Path) -> str:
    """The text of a record with six sealed entries."""
    return compose(BOY, tmp_path / "r.yaml", (), NOW, "0" * 32).text


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a text where a record is expected."""

    def file(text: str) -> Path:
        path = tmp_path / "r.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return file


def found(path: Path) -> list[tuple[str, Severity]]:
    return [(each.code, each.severity) for each in read_record(path)[1]]


def cut(text: str, entries: int) -> str:
    """The text without its last entries, and with its last line."""
    parts = text.split("  - entry: ")
    return "  - entry: ".join(parts[: len(parts) - entries]) + last_line(text)


def last_line(text: str) -> str:
    return text[text.rindex("# sealed: ") :]


def first_release(text: str) -> str:
    """As the first release wrote it: without a last line, and without a word of one."""
    return text.replace(f"{PROMISE}\n", "").replace(last_line(text), "")


def grown(path: Path, *entries: NewEntry, accept_shortened: bool = False) -> Appended:
    added = append_entries(path, entries, NOW, "", accept_shortened=accept_shortened)
    if added.record:
        path.write_bytes(added.after)
    return added


ERROR, WARNING = Severity.ERROR, Severity.WARNING
SHORTENED = [("shortened", ERROR)]


def test_a_new_record_ends_with_the_number_of_its_entries_and_the_last_seal(text: str) -> None:
    seal = re.findall(r'seal: "?([0-9a-f]{32})', text)[-1]
    assert text.endswith(f"\n# sealed: 6 entries, {seal}\n")
    assert text.count("# sealed: ") == 1


def test_every_command_writes_the_last_line_anew(text: str, write: Write) -> None:
    path = write(text)
    for count in (7, 8):
        assert grown(path, NOTE).problems == []
        now = path.read_text(encoding="utf-8")
        assert now.startswith(text.replace(last_line(text), ""))
        assert last_line(now).startswith(f"# sealed: {count} entries, ")
        assert now.count("# sealed: ") == 1
        assert found(path) == []


@pytest.mark.parametrize("entries", range(1, 7))
def test_entries_that_are_cut_off_the_end_are_missed(entries: int, text: str, write: Write) -> None:
    shorter = cut(text, entries)
    path = write(shorter.replace("log:\n", "log: []\n") if entries == 6 else shorter)
    record, (problem,) = read_record(path)
    assert record is None
    assert problem.message.endswith(f"6 entries were sealed, and {6 - entries} are here")
    assert problem.where is not None
    assert problem.where.line == path.read_text(encoding="utf-8").count("\n")
    assert "--accept-shortened --reason TEXT" in problem.remedy


def test_a_file_that_ends_anywhere_too_early_is_no_record(text: str, write: Write) -> None:
    start, end = text.index("  - entry: "), len(text.rstrip())
    for at in range(start, end, 9):
        record, problems = read_record(write(text[:at]))
        assert record is None, text[:at]
        assert problems
    ends = [match.end() for match in re.finditer("\n", text[start:end])]
    assert len(ends) > 20
    for at in ends:
        assert read_record(write(text[: start + at]))[0] is None, "at the end of a line, too"


def test_an_entry_that_lost_all_that_a_command_wrote_is_missed_though_it_looks_written_by_hand(
    text: str, write: Write
) -> None:
    start = text.rindex("  - entry: ")
    bare = re.sub("    (seal|recorded): .*\n", "", text[start:])
    assert found(write(text[:start] + bare)) == [("unsealed", WARNING), *SHORTENED]


def test_other_entries_in_the_place_of_those_that_were_cut_off_are_found(text: str, write: Write) -> None:
    path = write(first_release(cut(text, 2)))
    grown(path, NOTE, NOTE)
    now = path.read_text(encoding="utf-8")
    path.write_text(now + last_line(text), encoding="utf-8")
    assert found(path) == SHORTENED
    assert "entry 6 of the log is not the one" in read_record(path)[1][0].message


def test_a_log_that_an_older_release_added_to_behind_the_last_line_is_whole(text: str, write: Write) -> None:
    path = write(text)
    grown(path, NOTE)
    newer = path.read_text(encoding="utf-8")
    added = newer[newer.rindex("  - entry: ") : newer.rindex("# sealed: ")]
    assert found(write(text + added)) == []


def test_a_record_of_the_first_release_is_warned_of_once(text: str, write: Write) -> None:
    old = first_release(text)
    path = write(old)
    record, (problem,) = read_record(path)
    assert record is not None
    assert (problem.code, problem.severity) == ("no-last-line", WARNING)
    assert [each.code for each in grown(path, NOTE).problems] == ["no-last-line"], "told by the command, too"
    now = path.read_text(encoding="utf-8")
    assert now.startswith(f"{PROMISE}\n{old}  - entry: note\n")
    assert found(path) == []
    assert found(write(now.replace(last_line(now), ""))) == SHORTENED, "from now on it is missed"


def test_a_record_that_was_written_by_hand_altogether_has_nothing_to_miss(text: str, write: Write) -> None:
    path = write(re.sub("    (seal|recorded): .*\n", "", first_release(text)))
    assert found(path) == [("unsealed", WARNING)]
    assert grown(path).problems == []
    assert found(path) == []
    assert last_line(path.read_text(encoding="utf-8")).startswith("# sealed: 6 entries, ")


def test_an_entry_by_hand_whose_keys_of_ours_are_empty_is_sealed(text: str, write: Write) -> None:
    path = write(f'{text}{BY_HAND}    seal: ""\n    recorded:\n')
    assert found(path) == [("unsealed", WARNING)]
    added = grown(path)
    assert added.record
    assert added.record.log[-1].recorded == NOW
    assert found(path) == []


@pytest.mark.parametrize("behind", [True, False])
def test_entries_by_hand_stand_before_the_last_line_or_behind_it(behind: bool, text: str, write: Write) -> None:
    line = last_line(text)
    path = write(text + BY_HAND if behind else text.replace(line, BY_HAND + line))
    assert found(path) == [("unsealed", WARNING)]
    grown(path, NOTE)
    now = path.read_text(encoding="utf-8")
    assert now.index("entry: fail") < now.index("entry: note") < now.index("# sealed: 8 entries")
    assert now.count("# sealed: ") == 1
    assert found(path) == []


@pytest.mark.parametrize(
    "value",
    [
        "'# sealed: 9 entries, {0}'",
        ">-\n      # sealed: 9 entries, {0}",
        "|-\n# sealed: 9 entries, {0}\n",
        '"\n      # sealed: 9 entries, {0}\n      "',
    ],
)
def test_a_value_that_looks_like_the_last_line_is_none(value: str, text: str, write: Write) -> None:
    path = write(f"{text}  - entry: note\n    text: {value.format('0' * 32)}\n")
    if "|-" in value:  # in the first column it is a comment, and says what is not so
        assert ("shortened", ERROR) in found(path)
        return
    assert found(path) == [("unsealed", WARNING)]
    grown(path, NOTE)
    assert found(path) == []
    assert "# sealed: 9 entries" in path.read_text(encoding="utf-8")


# Accepting it


@pytest.fixture
def stopped() -> Iterator[Chart]:
    """A chart of which therapy was stopped, and that undone; then the last line of the log was lost."""
    chart = Chart()
    assert chart.add({"entry": "stop", "date": "2027-02-01", "why": "wish of the family"}).after
    assert chart.add({"entry": "undo", "line": 7, "why": "wrong patient"}).after
    chart.path.write_text(cut(chart.path.read_text(encoding="utf-8"), 1), encoding="utf-8")
    yield chart
    chart.close()


@pytest.mark.parametrize("command", [["plan"], ["log"], ["check"], ["why", "2026-12-01"], ["note", "x"], ["undo"]])
def test_every_command_refuses_a_shortened_log_and_names_the_way_out(command: list[str], stopped: Chart) -> None:
    before = stopped.path.read_bytes()
    done = run(command[0], stopped.path, *command[1:])
    assert (done.returncode, done.stdout) == (1, "")
    assert "8 entries were sealed, and 7 are here [shortened]" in done.stderr
    assert f"Restore the file from a copy, such as {stopped.path}.last" in done.stderr
    assert "add --accept-shortened --reason TEXT to the next command that adds to it" in done.stderr
    assert stopped.path.read_bytes() == before


@pytest.mark.parametrize("command", [["note", "as it is"], ["undo", "7"]])
def test_what_is_accepted_stands_in_the_log_with_its_reason(command: list[str], stopped: Chart) -> None:
    words = [command[0], stopped.path, *command[1:], "--accept-shortened"]
    done = run(*words)
    assert done.returncode == 2
    assert "--accept-shortened needs its reason" in done.stderr
    done = run(*words, "--reason", "the copy is lost")
    assert done.returncode == 0, done.stderr
    assert "warning: the end of the log is missing" in done.stderr
    record, problems = read_record(stopped.path)
    assert problems == []
    assert record is not None
    assert (record.log[-1].accepted, record.log[-1].why) == ("a log shortened from 8 entries to 7", "the copy is lost")
    assert "accepted a log shortened from 8 entries to 7" in run("log", stopped.path).stdout


def test_nothing_is_accepted_where_nothing_is_missing(stopped: Chart) -> None:
    words = ("note", stopped.path, "x", "--accept-shortened", "--reason", "again")
    assert run(*words).returncode == 0
    before = stopped.path.read_bytes()
    done = run(*words)
    assert done.returncode == 2
    assert "--accept-shortened: the log is not shortened" in done.stderr
    assert stopped.path.read_bytes() == before


@pytest.mark.parametrize("lost", ["# sealed: .*\n", "  - entry: undo\n(    .*\n)*# sealed: .*\n"])
def test_a_log_without_its_last_line_is_accepted_as_that(lost: str, text: str, write: Write) -> None:
    path = write(text)
    grown(path, NewEntry({"entry": "undo", "line": 6}))
    now = path.read_text(encoding="utf-8")
    shorter, count = re.subn(lost, "", now)
    assert count == 1
    assert found(write(shorter)) == SHORTENED
    assert grown(path, NOTE).record is None
    added = grown(path, NOTE, NOTE, accept_shortened=True)
    assert added.record
    left = shorter.count("  - entry: ")
    words = f"a log of {left} entries that had lost its last line"
    assert [each.accepted for each in added.record.log[-2:]] == [words, ""]
    assert found(path) == []


def test_accepting_a_shortened_log_accepts_no_other_change(text: str, write: Write) -> None:
    path = write(cut(text, 2).replace("weight: 19.4", "weight: 19.5"))
    added = append_entries(path, [NOTE], NOW, "", accept_shortened=True)
    assert added.record is None
    assert [each.code for each in added.problems] == ["changed-entry"]
