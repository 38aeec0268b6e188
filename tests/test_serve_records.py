"""What `protocal serve` makes of records: anew where something changed, never for a request, and the last good else."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

import pytest
from conftest import CHILD, run, with_options
from served import ONE, OTHER, UNKNOWN, Clock, Told, app_of, ask, files_of

from protocal.model.problems import LackingError, Problem, ProtocalError, Severity, UsageError
from protocal.serving.record_store import RecordStore
from protocal.serving.signatures import signatures_of
from protocal.serving.surroundings import Surroundings
from protocal.serving.watching import Watching

ADDRESSES = {"anna": ONE, "bert": OTHER}  # by the name of the record, which is the patient's here


class Ward:
    """A folder with two records, and what makes pages of them: what they say is on the pages, or an error."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.told, self.made = folder, Told(), list[str]()
        self.records = [folder / "anna.yaml", folder / "bert.yaml"]
        self.site, self.shelf = folder / "site.yaml", folder / "shelf"
        self.shelf.mkdir()
        for file in (*self.records, self.site, self.shelf / "protocol.yaml", self.shelf / "agents.yaml"):
            file.write_text("first")
        self.broken: dict[str, Exception] = {}
        self.store = RecordStore(self.records, self.render, self.told, self.around, self.beside)
        self.definitions: dict[str, Path] = {}
        self.during: Callable[[], object] = lambda: None

    def render(self, path: Path) -> Mapping[str, Mapping[str, bytes]]:
        self.made.append(path.stem)
        self.during()
        if error := self.broken.get(path.stem):
            raise error
        said = path.read_text()
        return {} if said == "nobody's" else {ADDRESSES[path.stem]: files_of(ADDRESSES[path.stem], said)}

    def around(self) -> object:
        return signatures_of([self.site, self.shelf])

    def beside(self, path: Path) -> object:
        return signatures_of([self.definitions[path.stem]]) if path.stem in self.definitions else None

    def look(self) -> list[str]:
        """Which records were made when everything was looked at until nothing is still changing."""
        self.made = []
        for _look in range(3):
            self.store.refresh()
        return self.made

    def said(self, address: str) -> str:
        """What the page at an address says; nothing where there is none."""
        got = ask(app_of(self.store), f"/{address}/")
        return got.body.decode().partition("\n")[0].rpartition(" ")[2] if got.status == 200 else ""


@pytest.fixture
def ward(tmp_path: Path) -> Ward:
    made = Ward(tmp_path)
    made.store.refresh()
    return made


def test_each_record_is_made_once_and_no_request_makes_it_again(ward: Ward) -> None:
    assert ward.made == ["anna", "bert"]
    assert [ward.said(ONE), ward.said(OTHER), ward.said(UNKNOWN)] == ["mallowfirst", "sorrelfirst", ""]
    assert ward.store.addresses == 2
    shelf = ward.store._shelf
    assert ward.look() == []
    assert ward.store._shelf is shelf
    assert ward.told.lines == []


def test_only_the_record_that_changed_is_made_again(ward: Ward) -> None:
    ward.records[0].write_text("second")
    assert ward.said(ONE) == "mallowfirst"
    assert ward.look() == ["anna"]
    assert [ward.said(ONE), ward.said(OTHER)] == ["mallowsecond", "sorrelfirst"]


@pytest.mark.parametrize("file", ["site.yaml", "shelf/agents.yaml", "shelf/new.yaml"])
def test_all_are_made_again_where_the_settings_or_a_definition_changed(ward: Ward, file: str) -> None:
    (ward.folder / file).write_text("other settings")
    assert ward.look() == ["anna", "bert"]
    assert ward.look() == []


def test_a_definition_of_one_records_own_is_that_ones_alone(ward: Ward) -> None:
    own = ward.folder / "own"
    own.mkdir()
    ward.definitions["bert"] = own
    assert ward.look() == ["bert"]
    (own / "protocol.yaml").write_text("changed")
    assert ward.look() == ["bert"]


def test_a_record_that_is_still_being_written_is_not_read(ward: Ward) -> None:
    ward.made = []
    with ward.records[0].open("wb", buffering=0) as stream:
        for part in (b"se", b"co", b"nd"):
            stream.write(part)
            ward.store.refresh()
    assert ward.made == []
    ward.store.refresh()
    assert ward.said(ONE) == "mallowsecond"


PROBLEMS = (
    Problem("unknown-course", "Anna Example has no course 'x'"),
    Problem("unknown-course", "nor 'y'"),
    Problem("S22", "only a warning", severity=Severity.WARNING),
    Problem("bad-date", "born 2019-05-12"),
)
ERRORS = {
    "problems": (ProtocalError(PROBLEMS), "unknown-course, bad-date"),
    "wrong use": (UsageError("there is no anna.yaml"), "something that it names is not there or not usable"),
    "lacking": (LackingError("the catalogue is not compiled\n  pip install"), "the catalogue is not compiled"),
    "the system": (PermissionError(13, "Permission denied", "anna.yaml"), "Permission denied"),
    "a fault": (ValueError("Anna Example"), "a fault of protocal itself, ValueError at test_serve_records.py:"),
}


@pytest.mark.parametrize(("error", "said"), ERRORS.values(), ids=ERRORS)
def test_a_record_that_became_unreadable_keeps_its_last_good_pages_and_is_told_without_a_name(
    ward: Ward, error: Exception, said: str
) -> None:
    ward.broken["anna"] = error
    ward.records[0].write_text("second")
    ward.records[1].write_text("second")
    assert ward.look() == ["anna", "bert"]  # and not made again and again
    assert [ward.said(ONE), ward.said(OTHER)] == ["mallowfirst", "sorrelsecond"]
    (line,) = ward.told.taken()
    assert line.startswith(f"warning: record 1 of those to serve: {said}")
    assert "its last good pages are served" in line
    assert not any(word in line for word in ("anna", "Anna", "2019", ONE))
    assert ward.look() == []
    assert ward.told.taken() == []
    ward.broken.clear()
    ward.records[0].write_text("third")
    assert ward.look() == ["anna"]
    assert ward.said(ONE) == "mallowthird"
    assert ward.told.taken() == ["record 1 of those to serve: nothing is wrong any more"]


def test_what_is_wrong_with_all_records_is_one_line(ward: Ward) -> None:
    ward.broken = {name: ProtocalError([Problem("settings", "wrong")]) for name in ADDRESSES}
    ward.site.write_text("wrong settings")
    ward.look()
    (line,) = ward.told.lines
    assert line.startswith("warning: records 1, 2 of those to serve: settings;")


def test_another_trouble_of_the_same_record_is_told_too(ward: Ward) -> None:
    for code in ("first-trouble", "second-trouble"):
        ward.broken["anna"] = ProtocalError([Problem(code, "wrong")])
        ward.records[0].write_text(code)
        ward.look()
    assert [code in line for code, line in zip(("first-", "second-"), ward.told.lines, strict=True)] == [True, True]


def test_a_record_that_can_be_read_by_nobody_any_more_keeps_its_pages(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_path: Path, **_options: bool) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("protocal.serving.record_store.signature_of", refused)
    ward.broken = {name: PermissionError(13, "Permission denied") for name in ADDRESSES}
    ward.look()
    assert [ward.said(ONE), ward.said(OTHER)] == ["mallowfirst", "sorrelfirst"]
    assert "Permission denied" in ward.told.lines[0]


def test_the_addresses_of_a_record_that_was_removed_vanish_and_those_of_others_stay(ward: Ward) -> None:
    ward.records[0].unlink()
    ward.store.refresh()
    assert ward.said(ONE)  # an editor may have moved it aside to write it anew
    assert ward.look() == []
    assert [ward.said(ONE), ward.said(OTHER)] == ["", "sorrelfirst"]
    assert ask(app_of(ward.store), f"/{ONE}/") == ask(app_of(ward.store), f"/{UNKNOWN}/")
    ward.records[0].write_text("again")
    assert ward.look() == ["anna"]
    assert ward.said(ONE) == "mallowagain"


def test_records_whose_folder_is_gone_as_a_whole_keep_their_pages(ward: Ward) -> None:
    ward.folder.rename(ward.folder.parent / "unmounted")
    ward.broken = {name: FileNotFoundError(2, "No such file or directory") for name in ADDRESSES}
    ward.look()
    assert [ward.said(ONE), ward.said(OTHER)] == ["mallowfirst", "sorrelfirst"]


def test_a_link_that_was_revoked_leads_nowhere_once_its_record_is_made(ward: Ward) -> None:
    ward.records[0].write_text("nobody's")
    ward.look()
    assert [ward.said(ONE), ward.said(OTHER)] == ["", "sorrelfirst"]


def test_a_record_that_is_not_there_at_first_is_told_and_served_once_it_is(tmp_path: Path) -> None:
    ward = Ward(tmp_path)
    ward.records[0].unlink()
    ward.store.refresh()
    assert [ward.said(ONE), ward.said(OTHER)] == ["", "sorrelfirst"]
    assert "record 1 of those to serve: it is not there; nothing of it is served" in ward.told.lines[0]
    ward.records[0].write_text("first")
    ward.look()
    assert ward.said(ONE) == "mallowfirst"


def test_of_two_copies_of_a_record_the_first_is_served_and_the_second_is_told(tmp_path: Path) -> None:
    ward = Ward(tmp_path)
    (tmp_path / "copy").mkdir()
    copy = tmp_path / "copy" / "anna.yaml"
    copy.write_text("copied")
    ward.store = RecordStore([ward.records[0], copy], ward.render, ward.told)
    ward.store.refresh()
    assert ward.said(ONE) == "mallowfirst"
    assert ward.told.taken() == [
        "warning: record 2 of those to serve: it has an address of one before it, as a copy has, which is served"
    ]
    ward.records[0].unlink()
    ward.look()
    assert ward.said(ONE) == "mallowcopied"
    assert ward.told.taken() == ["record 2 of those to serve: nothing is wrong any more"]


def test_each_record_is_served_as_soon_as_it_is_made(ward: Ward) -> None:
    seen = []
    ward.during = lambda: seen.append(ward.said(ONE))
    for record in ward.records:
        record.write_text("second")
    ward.look()
    assert seen == ["mallowfirst", "mallowsecond"]


def test_what_changes_while_a_record_is_made_is_made_again(ward: Ward) -> None:
    changes = [lambda: None, lambda: ward.records[0].write_text("third")]
    ward.records[0].write_text("second")
    ward.during = lambda: changes.pop()() if changes else None
    ward.look()
    ward.look()
    assert ward.said(ONE) == "mallowthird"


def test_only_addresses_and_the_names_that_are_known_are_taken(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("")
    wrong = {".hidden": b"hidden", "../calendar.ics": b"out", "index.html": b"page"}
    store = RecordStore([tmp_path / "a.yaml"], lambda _path: {ONE: wrong, "": wrong, "robots.txt": wrong}, Told())
    store.refresh()
    assert store.addresses == 1
    app = app_of(store)
    for path in (f"/{ONE}/.hidden", f"/{ONE}/../calendar.ics", "//", "/"):
        assert ask(app, path).status == 404
    assert ask(app, f"/{ONE}/").body == b"page"


# --- the thread that looks


def test_what_is_served_is_looked_after_until_it_is_stopped() -> None:
    looked, told = Event(), Told()
    watching = Watching(looked.set, 0.001, Clock(), told)
    watching.start()
    assert looked.wait(60)
    watching.stop()
    watching._thread.join(60)
    assert not watching._thread.is_alive()
    assert told.lines == []


def test_a_look_that_fails_is_told_once_and_is_not_the_last() -> None:
    looks, enough, told = list[int](), Event(), Told()

    def look() -> None:
        looks.append(1)
        if len(looks) >= 5:
            enough.set()
        if len(looks) != 3:
            raise OSError(5, "Input/output error", "/ward/anna.yaml")

    watching = Watching(look, 0.001, Clock(), told)
    watching.start()
    assert enough.wait(60)
    watching.stop()
    watching._thread.join(60)
    assert told.lines == ["error: what is served cannot be looked after: Input/output error"] * 2


# --- what the pages hang on besides


class Now:
    """The time, as a test has it."""

    def __init__(self, text: str) -> None:
        self.at(text)

    def at(self, text: str) -> None:
        self.time = datetime.fromisoformat(text).astimezone(UTC)

    def __call__(self) -> datetime:
        return self.time


def test_pages_are_others_from_the_monday_on_that_the_ward_has(child: Path) -> None:
    now = Now("2026-12-06T23:59-05:00")  # a Sunday in New York, where it is Monday in Europe
    around = Surroundings([], now)
    sunday = around.beside(child)
    now.at("2026-11-30T00:00-05:00")
    assert around.beside(child) == sunday
    now.at("2026-12-07T00:00-05:00")
    assert around.beside(child) != sunday


def test_a_record_with_a_definition_of_its_own_hangs_on_all_versions_of_it(tmp_path: Path, bundled: Path) -> None:
    shutil.copytree(bundled, tmp_path / "own" / "0.2")
    record = tmp_path / "p001.yaml"
    done = run("new", record, *with_options(CHILD, protocol=str(tmp_path / "own" / "0.2")))
    assert done.returncode == 0, done.stderr
    around = Surroundings([], Now("2026-12-01T12:00Z"))
    before = around.beside(record)
    shutil.copytree(bundled, tmp_path / "own" / "0.3")
    copied = around.beside(record)
    assert copied != before
    (tmp_path / "own" / "0.2" / "agents.yaml").write_text("")
    assert around.beside(record) not in (before, copied)


def test_of_a_record_that_cannot_be_read_nothing_is_known_until_it_can_be(tmp_path: Path, child: Path) -> None:
    around = Surroundings([], Now("2026-12-01T12:00Z"))
    record = tmp_path / "p002.yaml"
    assert around.beside(record) is None
    shutil.copy(child, record)
    known = around.beside(record)
    assert known is not None
    record.write_text("")
    assert around.beside(record) == known  # a header never changes


def test_files_and_folders_of_the_site_are_looked_at_whatever_becomes_of_them(tmp_path: Path) -> None:
    shelf, site = tmp_path / "shelf", tmp_path / "site.yaml"
    around = Surroundings([shelf, site], Now("2026-12-01T12:00Z"))
    seen = [around.around()]
    site.write_text("format: 1")
    seen.append(around.around())
    (shelf / "a" / "b").mkdir(parents=True)
    (shelf / "a" / "b" / "protocol.yaml").write_text("")
    seen.append(around.around())
    (shelf / "a" / "round").symlink_to(shelf, target_is_directory=True)
    site.unlink()
    seen.append(around.around())
    assert len(set(map(str, seen))) == 4
