"""When the lines of a log were written: a clock that ran wrong is said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from conftest import CHILD, run

from protocal.model.problems import Severity
from protocal.model.record import Record
from protocal.model.settings import Settings
from protocal.plan.record_check.recorded import check_recorded
from protocal.read.record.append import NewEntry, append_entries
from protocal.read.record.read import read_record
from protocal.workflow.planning import load_plan


@pytest.fixture
def child(tmp_path: Path) -> Path:
    record = tmp_path / "p001.yaml"
    assert run("new", record, *CHILD).returncode == 0
    return record


def note(path: Path, at: datetime) -> None:
    added = append_entries(path, [NewEntry({"entry": "note", "text": "seen"})], at, "")
    assert added.record, added.problems
    path.write_bytes(added.after)


def record_of(path: Path) -> Record:
    record, problems = read_record(path)
    assert record, problems
    return record


def test_a_line_that_was_written_before_the_one_above_it_is_said(child: Path) -> None:
    made = max(entry.recorded for entry in record_of(child).log if entry.recorded)
    for minutes, said in ((0, False), (-5, False), (-6, True), (-60 * 24 * 365, True)):
        other = child.with_name("other.yaml")
        other.write_bytes(child.read_bytes())
        note(other, made + timedelta(minutes=minutes))
        found = list(check_recorded(record_of(other)))
        assert [each.code for each in found] == ["recorded-backwards"] * said, minutes
        assert all(each.severity is Severity.WARNING and each.where and each.remedy for each in found)
    assert "line 7 was recorded" in found[0].message
    assert ", before line 6, which was" in found[0].message


def test_a_line_that_is_still_to_come_is_said_once(child: Path) -> None:
    record = record_of(child)
    made = max(entry.recorded for entry in record.log if entry.recorded)
    assert list(check_recorded(record, made - timedelta(minutes=5))) == []
    (found,) = check_recorded(record, made - timedelta(hours=1))
    assert (found.code, found.severity) == ("recorded-ahead", Severity.WARNING)
    assert found.message.endswith("which is still to come")
    assert [each.code for each in load_plan(child, Settings(), now=made - timedelta(hours=1)).problems][:1] == [
        "recorded-ahead"
    ]


def test_every_command_says_it(child: Path) -> None:
    note(child, datetime(2099, 1, 1, tzinfo=UTC))
    for words in (["plan", child], ["check", child], ["drugs", child], ["drugs", "--on", "2026-12-01", child]):
        done = run(*words)
        assert done.returncode == 0
        assert "line 7 was recorded Wed 31-Dec-2098 19:00, which is still to come" in done.stderr + done.stdout, words
    done = run("note", child, "seen again")
    assert done.returncode == 0
    assert "[recorded-backwards]" in done.stderr
