"""What readers find at their addresses: whole files of what the records say, of which only what changed is written.

A made-up protocol of `tests/tiny`, of which everything is made in milliseconds. Where pages to print are not the matter
they are left out (`quick`), for they take longer than all the rest.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import stat
import subprocess
import sys
import threading
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import icalendar
import pypdfium2
import pytest
from conftest import childs_text, run
from test_faults import as_nobody
from test_tiny import GIRL, TINY

from protocal.change.links import links_of
from protocal.check.rule import error
from protocal.model.problems import ProtocalError, UsageError
from protocal.model.reader import Who
from protocal.model.record import Record
from protocal.publish import lock
from protocal.publish.addresses import address_of, is_address
from protocal.publish.site_key import write_site_key
from protocal.read.record.append import NewEntry
from protocal.read.record.read import read_record
from protocal.read.settings import load_settings
from protocal.workflow import publishing
from protocal.workflow.links import Wanted, link_of
from protocal.workflow.publishing import Publishing, Site, files_of_record, site_of
from protocal.workflow.recording import record

KEY = bytes(range(32))
BASE = "https://calendars.example.org/children/"
MADE = datetime(2027, 3, 1, 9, tzinfo=UTC)  # a Monday; therapy starts on the Thursday
NOW = datetime(2027, 3, 8, 9, tzinfo=UTC)
NAME = "Zephyrine Quillfeather"
SITE = f"""\
format: 1
address: {BASE}
site key: site.key
clinic: The Clinic
family: {{call by day: "555-0100", call at night: "555-0199", fever: "38.5 C: call"}}
"""
BESIDE = {"page.css", "page.js", "worker.js", "manifest.webmanifest"}
PAGES = {"index.html", "en.html", "es.html", "fr.html"}
FILES = {"calendar.ics", *BESIDE, *PAGES}
PRINTED = {*FILES, "calendar.pdf"}
POSIX = pytest.mark.skipif(os.name != "posix", reason="who may read a file is said otherwise here")
Tree = dict[str, tuple[int, int, bytes]]


@dataclass
class Ward:
    """Records, settings and a key in a folder, published into another one in it."""

    folder: Path
    now: datetime = NOW

    @property
    def to(self) -> Path:
        return self.folder / "public"

    @property
    def settings(self) -> Path:
        return self.folder / "site.yaml"

    def file(self, name: str = "p") -> Path:
        return self.folder / f"{name}.yaml"

    def record(self, name: str = "p") -> Record:
        found, problems = read_record(self.file(name))
        assert found, problems
        return found

    def site(self, by: str = "") -> Site:
        return site_of(load_settings(self.settings), self.now, by=by)

    def publish(
        self, *names: str, only_these: bool = False, despite: tuple[str, ...] = (), reason: str = ""
    ) -> Publishing:
        """As the command does, a minute after what was done before."""
        self.now += timedelta(minutes=1)
        site = replace(self.site(), despite=despite, reason=reason)
        return publishing.publish([self.file(name) for name in names or ("p",)], self.to, site, only_these=only_these)

    def command(self, *words: str | Path) -> subprocess.CompletedProcess[str]:
        return run("publish", *words, "--to", self.to, "--settings", self.settings)

    def link(self, who: Who = Who.FAMILY, name: str = "p", **wanted: object) -> None:
        self.now += timedelta(minutes=1)
        link_of(self.file(name), Wanted(who, **wanted), self.now, load_settings(self.settings))  # type: ignore[arg-type]

    def add(self, entry: str, name: str = "p", **values: object) -> None:
        self.now += timedelta(minutes=1)
        record(self.file(name), [NewEntry({"entry": entry, **values})], self.now, "nurse 7", self.site().settings)

    def say(self, old: str, new: str) -> None:
        """Write something else into the settings."""
        text = self.settings.read_text(encoding="utf-8")
        assert old in text
        self.settings.write_text(text.replace(old, new), encoding="utf-8")

    def address(self, who: Who = Who.FAMILY, generation: int = 1, name: str = "p") -> str:
        return address_of(KEY, self.record(name).key, who, generation)

    def at(self, who: Who = Who.FAMILY, generation: int = 1, name: str = "p") -> Path:
        return self.to / self.address(who, generation, name)

    def addresses(self) -> set[str]:
        return {each.name for each in self.to.iterdir() if is_address(each.name)}

    def tree(self) -> Tree:
        """Every file by its path: which it is, when it was written, and its bytes."""
        return {
            path.relative_to(self.to).as_posix(): (path.stat().st_ino, path.stat().st_mtime_ns, path.read_bytes())
            for path in sorted(self.to.rglob("*"))
            if path.is_file()
        }


def changed(before: Tree, after: Tree, but: str = ".made-of") -> set[str]:
    """The files that are not the very same, but for stamps."""
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name) and but not in name}


def written(done: Publishing) -> dict[str, set[str]]:
    """What was written of each reader."""
    assert not done.failed, done.failed
    return {each.who.value: set(each.written) for each in done.published}


def issues_of(record: Record) -> list[str]:
    return [f"{each.name} {each.number}" for entry in record.log for each in getattr(entry, "sheets", ())]


@pytest.fixture(scope="module")
def laid(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ward with the records of two girls, made once; the family of each has a link."""
    folder = tmp_path_factory.mktemp("ward")
    shutil.copytree(TINY, folder / "tiny")
    write_site_key(folder / "site.key", KEY)
    (folder / "site.yaml").write_text(SITE, encoding="utf-8")
    words = [str(folder / "tiny") if each == str(TINY) else each for each in GIRL]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("protocal.cli.clock.now", lambda: MADE)
        for name in ("p", "q"):
            done = run("new", folder / f"{name}.yaml", *words, "--name", NAME)
            assert done.returncode == 0, done.stderr
            Ward(folder, MADE).link(name=name)
    return folder


@pytest.fixture
def ward(laid: Path, tmp_path: Path) -> Ward:
    """A ward with two records."""
    shutil.copytree(laid, tmp_path / "ward")
    return Ward(tmp_path / "ward")


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody has pages to print."""
    monkeypatch.setattr(publishing, "_has_pages", lambda *_any: False)


# --- what is published


def test_each_reader_finds_a_calendar_a_page_and_pages_to_print(ward: Ward) -> None:
    ward.link(Who.CLINIC)
    ward.link(Who.PHARMACY)
    done = ward.publish()
    assert written(done) == dict.fromkeys(("family", "clinic", "pharmacy"), PRINTED)
    assert ward.addresses() == {ward.address(who) for who in Who}
    for who in Who:
        files = {each.name: each.read_bytes() for each in ward.at(who).iterdir()}
        assert files.keys() == {*PRINTED, ".made-of"}
        assert icalendar.Calendar.from_ical(files["calendar.ics"]).events
        assert files["index.html"] == files["en.html"]
        assert len(pypdfium2.PdfDocument(files["calendar.pdf"])) >= 1
        others = [ward.address(each) for each in Who if each is not who]
        for data in files.values():
            assert not any(each.encode() in data for each in others), "nothing leads to another reader's address"
    again = {who: [dict(each.new) for each in done.published if each.who is who] for who in Who}
    assert again[Who.FAMILY] == [
        {"feed/family": 1, "page/2027-03": 1, "page/2027-04": 1, "page/2027-05": 1, "page/drugs": 1}
    ]
    # What a server makes of the record by itself is the same to the byte, and writes nothing.
    before = ward.file().read_bytes()
    served = files_of_record(ward.file(), ward.site())
    assert {address: set(files) for address, files in served.items()} == dict.fromkeys(ward.addresses(), PRINTED)
    assert all(
        (ward.to / address / name).read_bytes() == data for address in served for name, data in served[address].items()
    )
    assert ward.file().read_bytes() == before


def test_published_twice_nothing_is_written_and_nothing_issued(ward: Ward) -> None:
    ward.publish()
    before, said = ward.tree(), ward.file().read_bytes()
    assert written(ward.publish()) == {"family": set()}
    assert changed(before, ward.tree(), but="\0") == set()
    assert ward.file().read_bytes() == said
    (ward.at() / ".made-of").unlink()  # even if all is made again
    assert written(ward.publish()) == {"family": set()}
    assert changed(before, ward.tree()) == set()
    assert ward.file().read_bytes() == said


@pytest.mark.usefixtures("quick")
def test_a_change_of_the_record_is_an_issue_and_only_what_it_changes_is_written(ward: Ward) -> None:
    ward.publish("p", "q")
    before = ward.tree()
    ward.add("delay", course="middle", days=3, why="ANC 320")
    done = ward.publish("p", "q")
    assert [(each.record, set(each.written)) for each in done.published] == [(1, {"calendar.ics", *PAGES}), (2, set())]
    assert [each.new for each in done.published] == [(("feed/family", 2),), ()]
    assert changed(before, ward.tree()) == {f"{ward.address()}/{name}" for name in ("calendar.ics", *PAGES)}
    assert issues_of(ward.record()) == ["feed/family 1", "feed/family 2"]


@pytest.mark.usefixtures("quick")
def test_what_changes_nothing_for_a_reader_writes_none_of_its_files(ward: Ward) -> None:
    ward.publish()
    before = ward.tree()
    ward.add("note", text="the family asks for Mondays")
    assert written(ward.publish()) == {"family": set()}
    assert changed(before, ward.tree()) == set()
    assert issues_of(ward.record()) == ["feed/family 1"]


@pytest.mark.usefixtures("quick")
def test_the_week_is_part_of_what_a_page_is_made_of(ward: Ward) -> None:
    ward.publish()
    ward.now += timedelta(days=2)
    assert written(ward.publish()) == {"family": set()}
    ward.now += timedelta(days=7)
    assert "calendar.ics" not in written(ward.publish())["family"] >= PAGES


@pytest.mark.usefixtures("quick")
def test_a_word_of_the_site_changes_the_files_and_its_own_template_too(ward: Ward) -> None:
    ward.publish()
    ward.say("555-0100", "555-0111")
    assert written(ward.publish())["family"] >= {"calendar.ics", *PAGES}
    (ward.folder / "ours").mkdir()
    (ward.folder / "ours" / "page.css").write_text("body { color: black }\n", encoding="utf-8")
    ward.say("clinic:", "templates: ours\nclinic:")
    assert written(ward.publish()) == {"family": {"page.css"}}
    (ward.folder / "ours" / "page.css").write_text("body { color: #111 }\n", encoding="utf-8")
    assert written(ward.publish()) == {"family": {"page.css"}}


@pytest.mark.usefixtures("quick")
def test_a_signature_that_confirms_doses_is_published(ward: Ward) -> None:
    """Nothing of the record, the settings or the definition's own digest changes by it."""
    before = publishing._stamp(ward.record(), ward.file(), ward.site(), publishing.Definitions())
    line = ("--role", "pharmacist", "--against", "page 1", "--line", "opening/tre")
    for reader in ("C. Reader", "D. Reader"):
        done = run("sign", ward.folder / "tiny", "--by", reader, *line)
        assert done.returncode == 0, done.stderr
    assert publishing._stamp(ward.record(), ward.file(), ward.site(), publishing.Definitions()) != before


def test_what_files_were_made_of_is_the_same_in_every_process(ward: Ward) -> None:
    """The order of a set of dates is another one in each."""
    ward.say("clinic:", "closed days: [2027-12-24, 2027-12-25, 2027-12-31, 2028-01-01, 2028-07-04]\nclinic:")
    code = (
        "import sys; from datetime import datetime, UTC; from pathlib import Path\n"
        "from protocal.workflow import publishing as p; from protocal.read.settings import load_settings\n"
        "from protocal.read.record.read import read_record\n"
        "file, settings = Path(sys.argv[1]), load_settings(Path(sys.argv[2]))\n"
        "site = p.site_of(settings, datetime(2027, 3, 8, tzinfo=UTC))\n"
        "print(p._stamp(read_record(file)[0], file, site, p.Definitions()))"
    )
    words = [sys.executable, "-c", code, str(ward.file()), str(ward.settings)]
    stamps = {
        subprocess.run(
            words, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(stamps) == 1
    assert re.fullmatch(r"[0-9a-f]{64}\n", *stamps)


# --- links


@pytest.mark.usefixtures("quick")
def test_a_revoked_address_is_gone_at_the_next_publish(ward: Ward) -> None:
    ward.publish()
    ward.link(revoke=True)
    ward.link(revoke=True)
    assert ward.addresses() == {ward.address()}, "until then it works"
    done = ward.publish()
    assert done.removed == 1
    assert ward.addresses() == {ward.address(generation=3)}
    assert ward.publish().removed == 0


@pytest.mark.usefixtures("quick")
def test_a_revoked_address_is_gone_even_where_nothing_new_can_be_published(ward: Ward) -> None:
    ward.publish()
    ward.link(revoke=True)
    shutil.rmtree(ward.folder / "tiny")
    done = ward.publish()
    assert len(done.failed) == 1
    assert (done.removed, ward.addresses()) == (1, set())


@pytest.mark.usefixtures("quick")
def test_another_language_or_other_doses_of_a_link_are_published_at_the_same_address(ward: Ward) -> None:
    ward.publish()
    ward.link(language="es")
    assert written(ward.publish())["family"] >= {"calendar.ics", "index.html"}
    assert (ward.at() / "index.html").read_bytes() == (ward.at() / "es.html").read_bytes()
    assert b"Cl\xc3\xadnica" in (ward.at() / "calendar.ics").read_bytes().replace(b"\r\n ", b"")
    ward.link(doses="none")
    assert "calendar.ics" in written(ward.publish())["family"]
    assert ward.addresses() == {ward.address()}


@pytest.mark.usefixtures("quick")
def test_a_record_without_links_is_told_and_publishes_nothing(ward: Ward) -> None:
    text = ward.file().read_text(encoding="utf-8")
    run("new", ward.file("n"), *[str(ward.folder / "tiny") if each == str(TINY) else each for each in GIRL])
    done = ward.publish("n")
    assert (done.unlinked, done.published, ward.addresses()) == ((1,), (), set())
    said = ward.command(ward.file("n"))
    assert said.returncode == 0
    assert f"{ward.file('n')}: no reader has a link: `protocal link" in said.stderr
    assert ward.file().read_text(encoding="utf-8") == text


# --- which addresses stay


@pytest.mark.usefixtures("quick")
def test_a_record_that_is_removed_keeps_its_address_until_only_these_are_wanted(ward: Ward) -> None:
    ward.publish("p", "q")
    gone = ward.address(name="q")
    ward.file("q").unlink()
    done = ward.publish("p")
    assert (done.left, done.removed, gone in ward.addresses()) == (1, 0, True)
    done = ward.publish("p", only_these=True)
    assert (done.left, done.removed) == (0, 1)
    assert ward.addresses() == {ward.address()}


@pytest.mark.usefixtures("quick")
def test_nothing_is_taken_away_while_a_record_cannot_be_read_for_whose_address_is_it(ward: Ward) -> None:
    ward.publish("p", "q")
    ward.file("q").write_text("format: [", encoding="utf-8")
    done = ward.publish("p", "q", only_these=True)
    assert (done.left, done.removed, len(ward.addresses())) == (1, 0, 2)
    assert [number for number, _why in done.failed] == [2]


@pytest.mark.usefixtures("quick")
def test_what_is_not_an_address_is_left_alone(ward: Ward) -> None:
    ward.to.mkdir()
    (ward.to / "robots.txt").write_text("User-agent: *\nDisallow: /children/\n", encoding="utf-8")
    (ward.to / "about").mkdir()
    (ward.to / "about" / "index.html").write_text("the site's own", encoding="utf-8")
    (ward.to / ("a" * 26)).write_text("a file", encoding="utf-8")
    before = ward.tree()
    ward.publish(only_these=True)
    assert all(ward.tree()[name] == said for name, said in before.items())


# --- what cannot be published


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("how", ["unreadable", "missing", "no definition", "an error of the checks", "shortened"])
def test_a_record_that_cannot_be_published_keeps_its_last_good_files_and_others_are(how: str, ward: Ward) -> None:
    ward.publish("p", "q")
    ward.add("delay", course="middle", days=3, why="ANC 320")
    ward.add("delay", course="middle", days=3, why="ANC 320", name="q")
    before = ward.tree()
    text = ward.file().read_text(encoding="utf-8")
    if how == "unreadable":
        ward.file().write_bytes(b"format: 1\nid: \xff\xfe")
    elif how == "missing":
        ward.file().unlink()
    elif how == "no definition":
        ward.file().write_text(re.sub(r"(?m)^definition: .*$", "definition: gone", text), encoding="utf-8")
    elif how == "shortened":
        ward.file().write_text(text[: text.rindex("  - entry")], encoding="utf-8")
    else:
        ward.file().write_text(text + "  - {entry: start, course: nowhere, date: 2027-03-20}\n", encoding="utf-8")
    done = ward.command(ward.file(), ward.file("q"))
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert f"{ward.file()}: not published; what stood there before still stands" in done.stderr
    assert f"{ward.file('q')}: family: published, issue 2 of feed/family" in done.stderr
    (theirs,) = {name.partition("/")[0] for name in changed(before, ward.tree())}
    assert theirs == ward.address(name="q")


@pytest.mark.usefixtures("quick")
def test_an_error_of_the_checks_is_overruled_with_a_reason_and_each_time(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = publishing.load_plan

    def with_error(path: Path, *words: object, **named: object) -> object:
        plan = real(path, *words, **named)  # type: ignore[arg-type]
        return replace(plan, problems=(*plan.problems, error("S23", "too much", plan.record.where, "")))

    monkeypatch.setattr(publishing, "load_plan", with_error)
    done = ward.publish()
    assert isinstance(done.failed[0][1], list | tuple)
    assert ward.addresses() == set()
    done = ward.publish(despite=("S23",), reason="as discussed")
    assert not done.failed
    assert b"as discussed" in (ward.at() / "calendar.ics").read_bytes().replace(b"\r\n ", b"")
    before = ward.tree()
    assert ward.publish().failed, "what was overruled once is said again"
    assert changed(before, ward.tree(), but="\0") == set()


@pytest.mark.usefixtures("quick")
def test_settings_that_are_new_to_a_running_course_ask_for_a_reason_that_serves_every_document(ward: Ward) -> None:
    ward.now = datetime(2027, 3, 4, 9, tzinfo=UTC)  # day 1 of Opening
    ward.link(Who.CLINIC)
    ward.publish("p", "q")
    ward.say("clinic:", "tablets: {tressamide: [2.5 mg, 5 mg]}\nclinic:")
    before = ward.tree()
    done = ward.publish("p", "q")
    assert [type(why) for _number, why in done.failed] == [UsageError, UsageError]
    assert "--reason" in str(done.failed[0][1].remedy)  # type: ignore[union-attr]
    assert changed(before, ward.tree(), but="\0") == set()
    done = ward.publish("p", "q", reason="tablets of 2.5 mg are at hand")
    assert not done.failed
    assert not ward.publish("p", "q", reason="nothing is new").failed


@pytest.mark.usefixtures("quick")
def test_two_files_of_one_patient_are_told_and_neither_is_published(ward: Ward) -> None:
    """As `ward/*` has them, which takes the last good copies along."""
    ward.publish()
    ward.add("delay", course="middle", days=3, why="ANC 320")
    before = ward.tree()
    last = ward.file().with_name("p.yaml.last")
    assert last.exists()
    done = ward.command(ward.file(), last)
    assert done.returncode == 1
    assert f"{ward.file()} and {last} are records of the same patient" in done.stderr
    assert changed(before, ward.tree(), but="\0") == set()
    assert ward.publish("p", "p").failed == (), "the same file twice is one"


# --- the folder


@pytest.mark.usefixtures("quick")
def test_the_folder_lists_nothing_and_asks_robots_to_go(ward: Ward) -> None:
    ward.publish()
    assert (ward.to / "robots.txt").read_text(encoding="ascii") == "User-agent: *\nDisallow: /\n"
    page = (ward.to / "index.html").read_text(encoding="ascii")
    assert "noindex" in page
    assert not re.search("href|src|[a-z0-9]{26}", page)


@POSIX
@pytest.mark.usefixtures("quick")
def test_a_web_server_may_read_the_files_and_nobody_list_the_addresses(ward: Ward) -> None:
    mask = os.umask(0o077)
    try:
        ward.publish()
    finally:
        os.umask(mask)
    modes = {each: stat.S_IMODE(each.stat().st_mode) for each in (ward.to, ward.at())}
    assert list(modes.values()) == [0o711, 0o755]
    assert {stat.S_IMODE(each.stat().st_mode) for each in ward.at().iterdir()} == {0o644}
    ward.to.chmod(0o750)  # what the site chose stays
    ward.add("delay", course="middle", days=3, why="ANC 320")
    ward.publish()
    assert stat.S_IMODE(ward.to.stat().st_mode) == 0o750


@pytest.mark.usefixtures("quick")
def test_a_folder_that_is_none_or_cannot_be_written_is_told(ward: Ward) -> None:
    ward.to.write_text("a file", encoding="utf-8")
    done = ward.command(ward.file())
    assert (done.returncode, ward.to.read_text(encoding="utf-8")) == (2, "a file")
    assert f"{ward.to} is no folder" in done.stderr
    ward.to.unlink()
    missing = run("publish", ward.file(), "--to", ward.folder / "no" / "such", "--settings", ward.settings)
    assert missing.returncode == 2
    assert "cannot be written: No such file or directory" in missing.stderr
    assert issues_of(ward.record()) == []


@POSIX
@pytest.mark.usefixtures("quick")
def test_a_folder_of_somebody_else_is_told_and_nothing_is_issued(ward: Ward) -> None:
    ward.to.mkdir(0o555)
    for each in (ward.folder, ward.folder.parent, ward.folder.parent.parent):
        each.chmod(0o755)
    before = ward.file().read_bytes()
    site = ward.site()
    with as_nobody(), pytest.raises(UsageError, match=r"public cannot be written: Permission denied"):
        publishing.publish([ward.file()], ward.to, site)
    assert ward.file().read_bytes() == before


@pytest.mark.usefixtures("quick")
def test_links_in_the_folder_are_never_followed(ward: Ward) -> None:
    ward.publish()
    elsewhere = ward.folder / "elsewhere"
    ward.at().rename(elsewhere)
    ward.at().symlink_to(elsewhere)  # to a folder that looks like ours, stamp and all
    stray = ward.to / address_of(KEY, "another", Who.FAMILY, 1)
    stray.symlink_to(elsewhere)
    before = {each.name: each.read_bytes() for each in elsewhere.iterdir()}
    ward.add("delay", course="middle", days=3, why="ANC 320")
    ward.publish()
    assert not ward.at().is_symlink()
    assert {each.name for each in ward.at().iterdir()} == {*FILES, ".made-of"}
    (ward.at() / "calendar.ics").unlink()
    (ward.at() / "calendar.ics").symlink_to(elsewhere / "calendar.ics")
    (ward.at() / ".made-of").unlink()
    (ward.at() / ".made-of").symlink_to(elsewhere / ".made-of")
    (ward.to / "robots.txt").unlink()
    (ward.to / "robots.txt").symlink_to(elsewhere / "page.js")
    assert written(ward.publish(only_these=True)) == {"family": {"calendar.ics"}}
    assert {each.name: each.read_bytes() for each in elsewhere.iterdir()} == before
    assert not any(each.is_symlink() for each in ward.to.rglob("*"))
    assert ward.addresses() == {ward.address()}


@pytest.mark.usefixtures("quick")
def test_a_closed_address_that_is_a_link_is_gone_and_where_it_led_stands(ward: Ward) -> None:
    """As somebody lays one who wants an old address to lead to the new one."""
    ward.publish()
    ward.link(revoke=True)
    ward.at().rename(ward.folder / "elsewhere")
    ward.at().symlink_to(ward.folder / "elsewhere")
    assert ward.publish().removed == 1
    assert ward.addresses() == {ward.address(generation=2)}
    assert (ward.folder / "elsewhere" / "calendar.ics").exists()


@pytest.mark.usefixtures("quick")
def test_what_else_stands_at_an_address_stops_that_record_alone(ward: Ward) -> None:
    ward.publish("p", "q")
    ward.link(revoke=True)
    (ward.at() / "folder").mkdir()
    ward.add("delay", course="middle", days=3, why="ANC 320", name="q")
    done = ward.publish("p", "q")
    assert [number for number, _why in done.failed] == [1]
    assert [each.record for each in done.published if each.written] == [2]


@pytest.mark.usefixtures("quick")
def test_what_a_writer_left_that_was_killed_is_cleared_and_so_is_a_file_of_an_older_version(ward: Ward) -> None:
    ward.publish()
    for name in (".calendar.ics.0a0b0c0d.part", "old-page.html"):
        (ward.at() / name).write_text("half", encoding="utf-8")
    ward.add("delay", course="middle", days=3, why="ANC 320")
    ward.publish()
    assert {each.name for each in ward.at().iterdir()} == {*FILES, ".made-of"}


# --- faults


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("call", range(1, 12))
def test_a_disk_that_is_full_leaves_what_stood_there_whole(
    call: int, ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each file is safely on the disk before any takes its place; whichever of them does not fit."""
    ward.publish()
    ward.say("clinic:", "language: fr\nclinic:")
    ward.link(language="fr")
    before, calls, real = ward.tree(), [0], os.fsync

    def full(handle: int) -> None:
        if Path(f"/proc/self/fd/{handle}").readlink().match(f"{ward.to}/*/*.part"):
            calls[0] += 1
            if calls[0] >= call:
                raise OSError(errno.ENOSPC, "No space left on device")
        real(handle)

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        done = ward.publish()
    if calls[0] < call:
        assert not done.failed
        return
    assert "No space left on device" in str(done.failed[0][1])
    assert ward.address() not in str(done.failed[0][1])
    assert changed(before, ward.tree(), but="\0") == set()
    assert written(ward.publish())["family"] >= {"calendar.ics", "index.html"}, "and the next time it is published"
    assert issues_of(ward.record()) == ["feed/family 1", "feed/family 2"], "of the same issue"


@pytest.mark.usefixtures("quick")
def test_a_crash_between_two_files_is_mended_by_the_next_publish(ward: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each file is whole, new or old, and no stamp says that all are of one piece."""
    (ward.folder / "ours").mkdir()
    page = ward.folder / "ours" / "page.html.j2"
    page.write_text("<p>old", encoding="utf-8")
    ward.say("clinic:", "templates: ours\nclinic:")
    ward.publish()
    page.write_text("<p>new", encoding="utf-8")
    real, moved = Path.replace, []

    def killed(part: Path, target: Path) -> Path:
        if target.parent == ward.at():
            moved.append(target.name)
            if len(moved) == 3:
                raise KeyboardInterrupt
        return real(part, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", killed)
        with pytest.raises(KeyboardInterrupt):
            ward.publish()
    page.write_text("<p>old", encoding="utf-8")  # as before, of which the stamp was
    assert written(ward.publish()) == {"family": set(moved[:2])}
    assert all((ward.at() / name).read_text(encoding="utf-8").startswith("<p>old") for name in PAGES)


@pytest.mark.usefixtures("quick")
def test_a_second_publisher_waits_for_the_first(ward: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    inside, go_on = threading.Event(), threading.Event()
    real = publishing.load_plan

    def slow(path: Path, *words: object, **named: object) -> object:
        order.append(path.stem)
        if path.stem == "p":
            inside.set()
            assert go_on.wait(20)
        return real(path, *words, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(publishing, "load_plan", slow)
    first = threading.Thread(target=ward.publish, args=("p",))
    first.start()
    assert inside.wait(20)
    second = threading.Thread(target=Ward(ward.folder).publish, args=("q",))
    second.start()
    second.join(0.3)
    assert order == ["p"]
    go_on.set()
    first.join(20)
    second.join(20)
    assert order == ["p", "q"]
    assert ward.addresses() == {ward.address(), ward.address(name="q")}


@pytest.mark.usefixtures("quick")
def test_a_second_publisher_who_waits_too_long_is_told_who_is_at_it(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    ward.publish()
    monkeypatch.setattr(lock, "WAIT", 0.2)
    before = ward.file().read_bytes()
    with lock.locked(ward.to / "robots.txt"):
        done = ward.command(ward.file())
    assert done.returncode == 2
    assert f"is being written by process {os.getpid()} on" in done.stderr
    assert ward.file().read_bytes() == before


@pytest.mark.usefixtures("quick")
def test_a_record_that_cannot_be_written_publishes_no_draft(ward: Ward) -> None:
    """What is published is an issue of its log."""
    ward.publish()
    ward.add("delay", course="middle", days=3, why="ANC 320")
    before = ward.tree()
    (ward.file().with_name(".p.yaml.lock")).mkdir()
    done = ward.publish()
    assert "its issue cannot stand in its log" in str(done.failed[0][1])
    assert changed(before, ward.tree(), but="\0") == set()


# --- the key, and what is told


@POSIX
@pytest.mark.parametrize(
    ("how", "status", "said"),
    [
        ("missing", 1, "the site's key is not there"),
        ("readable", 1, "the site's key may be read by others than its owner"),
        ("unnamed", 2, "no site key is named"),
    ],
)
def test_without_a_key_that_is_the_sites_own_nothing_is_published(how: str, status: int, said: str, ward: Ward) -> None:
    key = ward.folder / "site.key"
    if how == "missing":
        key.unlink()
    elif how == "readable":
        key.chmod(0o640)
    else:
        ward.say("site key: site.key\n", "")
    done = ward.command(ward.file())
    assert (done.returncode, ward.to.exists()) == (status, False)
    assert said in done.stderr
    assert KEY.hex() not in done.stderr
    assert issues_of(ward.record()) == []


@pytest.mark.usefixtures("quick")
def test_another_key_is_other_addresses_and_the_old_ones_are_counted(ward: Ward) -> None:
    ward.publish()
    (ward.folder / "site.key").unlink()
    write_site_key(ward.folder / "site.key", bytes(32))
    done = ward.publish()
    assert (done.left, len(ward.addresses())) == (1, 2)


@pytest.mark.usefixtures("quick")
def test_what_is_told_has_no_address_no_name_and_no_number_of_the_patient(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    ward.link(Who.CLINIC)
    said = ward.command(ward.file())
    ward.link(revoke=True)
    said2 = ward.command(ward.file())
    ward.to.chmod(0o755)
    shutil.rmtree(ward.at(generation=2))
    ward.at(generation=2).write_text("in the way", encoding="utf-8")
    ward.add("delay", course="middle", days=3, why="ANC 320")
    said3 = ward.command(ward.file())
    assert [said.returncode, said2.returncode, said3.returncode] == [0, 0, 1]
    assert "1 addresses were closed" in said2.stderr
    told = "".join(each.stdout + each.stderr for each in (said, said2, said3))
    for who in Who:
        for generation in (1, 2):
            assert ward.address(who, generation) not in told
    assert NAME not in told
    assert not re.search(r"\bT-1\b|2021-03-12", told)
    assert "".join(each.stdout for each in (said, said2, said3)) == ""


def test_no_name_number_birth_date_or_key_stands_in_any_path_or_file(ward: Ward) -> None:
    ward.link(Who.CLINIC)
    ward.link(Who.PHARMACY)
    ward.publish()
    key = ward.record().key
    never = re.compile(rf"Zephyrine|Quillfeather|\bT-1\b|2021-03-12|12-Mar-2021|{key}|{KEY.hex()}", re.IGNORECASE)
    for name, (_ino, _time, data) in ward.tree().items():
        assert not never.search(name)
        text = data.decode("utf-8", "replace").replace("\r\n ", "")
        if name.endswith(".pdf"):
            document = pypdfium2.PdfDocument(data)
            text = "\n".join(page.get_textpage().get_text_bounded() for page in document)
            text += str(document.get_metadata_dict())
        assert not never.search(text), name


def test_a_record_of_the_bundled_protocol_is_published_as_the_command_says(ward: Ward) -> None:
    ward.file("d").write_text(childs_text(), encoding="utf-8")
    ward.link(name="d")
    done = ward.command(ward.file("d"), "--by", "nurse 7")
    assert done.returncode == 0, done.stderr
    assert re.search(r"d\.yaml: family: published, issue 1 of feed/family", done.stderr)
    assert {each.name for each in ward.at(name="d").iterdir()} >= FILES
    again = ward.command(ward.file("d"))
    assert (again.returncode, again.stderr) == (0, f"{ward.file('d')}: family: unchanged\n")
    links = links_of(ward.record("d"))
    assert set(links) == {Who.FAMILY}
    with pytest.raises(ProtocalError):
        files_of_record(ward.file("none"), ward.site())
