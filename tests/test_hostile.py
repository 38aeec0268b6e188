"""What a hostile record, site or definition says is printed legibly and as it stands, or refused with its place."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pages
import pytest
from conftest import CHILD, with_options
from pages import Laid, laid_out
from test_tiny import GIRL, TINY

from protocal.cli import main

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Command:
    """The command's own entry in this process: its exit status and what it says."""

    def typed(*words: str | Path) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["protocal", *map(str, words)])
        with pytest.raises(SystemExit) as stopped:
            main()
        said = capfd.readouterr()
        assert "Traceback" not in said.err
        return int(stopped.value.code or 0), said.out, said.err

    return typed


# --- a record whose texts are all the same

LOG = """\
  - {{entry: remark, kind: allergy, text: {line}}}
  - {{entry: note, text: {note}}}
  - {{entry: start, course: block-2, date: 2027-01-04, why: {why}}}
  - {{entry: omit, ids: [block-2/vcr/1], why: {why}}}
  - {{entry: move, id: block-2/it-mtx/8, date: 2027-01-13, why: {why}}}
  - {{entry: start, course: continuation-1, date: 2027-03-11, counts: {{anc: 800, platelets: 90000}}}}
  - {{entry: hold, course: continuation-1, date: 2027-03-18, days: 7, rule: skip, why: {why}}}
  - {{entry: delay, course: continuation-1, days: 5, from_day: 43, why: {why}}}
"""
SITE = """\
format: 1
clinic: {clinic}
family: {{call by day: {call}, call at night: {call}, fever: {call}, before sedation: {line}, bring: {line}}}
"""
LONG = "the wine of mallows was spilt on the floor again and "


def quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


@dataclass(frozen=True)
class Hostile:
    """A text for each place of a record, and what of it must be found on the sheets and the family's pages."""

    text: str
    found: str
    note: str = ""

    def log(self) -> str:
        return LOG.format(
            line=quoted(self.text[:200]), why=quoted(self.text[:500]), note=quoted(self.note or self.text[:10_000])
        )

    def site(self) -> str:
        return SITE.format(
            clinic=quoted(self.text[:60].strip()),
            call=quoted(self.text[:80].strip()),
            line=quoted(self.text[:160].strip()),
        )


MARKUP = "<script>alert(1)</script> {{ 7*7 }} {% raw %} </td></table> &amp; <b>b</b> %s %(a)s {0} \\n"
PRINTED = {
    "long sentences": Hostile(LONG * 200, "the wine of mallows was spilt"),
    "one unbroken word": Hostile("x" * 10_000, "x" * 30),
    "markup": Hostile(MARKUP, "<script>alert(1)</script> {{ 7*7 }}"),
    "letters of other alphabets": Hostile("Łukasz Ελένη Жанна née Nuñez", "Łukasz Ελένη Жанна"),
    "letters from right to left": Hostile("محمد بن عبد الله", ""),
}
NO_FONT = {
    "emoji": Hostile("\U0001faa8 \U0001f468\u200d\U0001f469\u200d\U0001f467", ""),
    "chinese": Hostile("山田太郎", ""),
}


def hostile_record(hostile: Hostile, command: Command, folder: Path) -> tuple[Path, Path]:
    record, site = folder / "p001.yaml", folder / "site.yaml"
    status, _out, said = command("new", record, *with_options(CHILD, name=hostile.text[:80].strip()))
    assert status == 0, said
    with record.open("a", encoding="utf-8") as log:
        log.write(hostile.log())
    site.write_text(hostile.site(), encoding="utf-8")
    return record, site


PAPER = {
    "roadmap": ("--course", "block-2", "--course", "continuation-1"),
    "drugs": ("--format", "pdf", "--course", "block-2"),
    "calendar": ("--from", "2027-01-04", "--to", "2027-01-31"),
    "pocket": ("--pocket", "--from", "2027-01-04"),
}
DRUGS = {"vinCRIStine", "methotrexate", "dexAMETHasone", "mercaptopurine"}


def press(command: Command, record: Path, *words: str | Path) -> tuple[Laid | None, int, str]:
    """A document that a command makes, if it does, its exit status and what it says."""
    pdf = record.parent / "out.pdf"
    said: list[tuple[int, str, str]] = []

    def make() -> bytes:
        said.append(command(*words, "-o", pdf))
        return pdf.read_bytes() if pdf.exists() else b""

    laid = laid_out(make)
    return laid if pdf.exists() else None, said[0][0], said[0][2]


def faults(laid: Laid, drugs: set[str]) -> Iterator[str]:
    for law in (pages.overflowing, pages.overlapping, pages.split, pages.off_its_rules, pages.small):
        yield from law(laid)
    yield from pages.pale(laid, drugs)
    yield from pages.without_a_letter(laid)


def text_of(laid: Laid) -> str:
    """All text of the document, without the breaks of lines and words."""
    return "".join("".join(text.text.split()) for page in laid.texts for text in page)


@pytest.mark.parametrize("paper", PAPER)
@pytest.mark.parametrize("name", PRINTED)
def test_a_hostile_record_is_printed_legibly_and_as_it_stands(
    name: str, paper: str, command: Command, tmp_path: Path
) -> None:
    record, site = hostile_record(PRINTED[name], command, tmp_path)
    verb = "calendar" if paper == "pocket" else paper
    laid, status, said = press(command, record, verb, record, *PAPER[paper], "--settings", site)
    assert status == 0, said
    assert laid
    assert list(faults(laid, DRUGS)) == []
    assert "".join(PRINTED[name].found.split()) in text_of(laid)


@pytest.mark.parametrize("name", {**PRINTED, **NO_FONT})
def test_a_hostile_record_is_planned_and_fed(name: str, command: Command, tmp_path: Path) -> None:
    record, site = hostile_record({**PRINTED, **NO_FONT}[name], command, tmp_path)
    status, out, said = command("plan", record, "--format", "json", "--settings", site)
    assert status == 0, said
    assert json.loads(out)["administrations"]
    assert command("feed", record, "-o", tmp_path / "f.ics", "--settings", site)[0] == 0
    lines = (tmp_path / "f.ics").read_bytes().split(b"\r\n")
    assert all(len(line) <= 75 for line in lines)
    assert lines[-2:] == [b"END:VCALENDAR", b""]


@pytest.mark.parametrize("name", NO_FONT)
def test_letters_that_no_font_has_are_refused(name: str, command: Command, tmp_path: Path) -> None:
    record, site = hostile_record(NO_FONT[name], command, tmp_path)
    laid, status, said = press(command, record, "calendar", record, *PAPER["pocket"], "--settings", site)
    assert status in (0, 1), said
    assert (laid is None) == (status == 1)
    if laid:  # a machine may have such a font
        assert list(pages.without_a_letter(laid)) == []


# --- what is refused

HIDDEN = {
    "right-to-left override": "vin \u202ecristine 1.5 mg",
    "isolate": "2 \u2066mg\u2069",
    "right-to-left mark": "12\u200f mg",
    "arabic letter mark": "12\u061c mg",
    "zero-width space": "1\u200b2 mg",
    "zero-width joiner in a figure": "1\u200d2 mg",
    "word joiner": "vin\u2060cristine",
    "soft hyphen": "vin\u00adcristine",
    "hangul filler": "A\u3164B",
    "tag": "A\U000e0041B",
    "byte order mark": "A\ufeffB",
    "line separator": "A\u2028B",
    "bell": "A\u0007B",
    "escape": "\u001b[31mred",
    "stack of marks": "a" + "\u0301" * 20,
}


def refused(command: Command, record: Path, *words: str | Path) -> str:
    before = {path: path.stat().st_mtime_ns for path in record.parent.rglob("*")}
    status, out, said = command(*words)
    assert (status, out) == (1, ""), said
    assert all(line.isprintable() for line in said.splitlines()), "nothing of it may reach a terminal"
    assert {path: path.stat().st_mtime_ns for path in record.parent.rglob("*")} == before
    return said


@pytest.mark.parametrize("escaped", [False, True], ids=["as it is", "as an escape"])
@pytest.mark.parametrize("name", HIDDEN)
def test_characters_that_nobody_sees_are_refused_at_their_place_in_a_record(
    name: str, escaped: bool, command: Command, tmp_path: Path
) -> None:
    record = tmp_path / "p001.yaml"
    assert command("new", record, *CHILD)[0] == 0
    line = record.read_text(encoding="utf-8").count("\n") + 1
    why = json.dumps(HIDDEN[name], ensure_ascii=escaped)
    if not why.isascii() and not escaped:
        why = f'"{HIDDEN[name]}"'
    with record.open("a", encoding="utf-8") as log:
        log.write(f"  - {{entry: omit, ids: [block-1/vcr/1], why: {why}}}\n")
    said = refused(command, record, "roadmap", record, "-o", tmp_path / "x.pdf")
    assert f"p001.yaml:{line}:" in said


@pytest.mark.parametrize("name", HIDDEN)
def test_characters_that_nobody_sees_are_refused_where_they_are_typed(
    name: str, command: Command, tmp_path: Path
) -> None:
    record = tmp_path / "p001.yaml"
    status, _out, said = command("new", record, *with_options(CHILD, name=HIDDEN[name]))
    assert (status, record.exists()) == (2, False)
    assert "--name" in said
    assert command("new", record, *CHILD)[0] == 0
    before = record.read_bytes()
    status, _out, said = command("omit", record, "block-1/vcr/1", "--reason", HIDDEN[name])
    assert status in (1, 2), said
    assert "--reason" in said
    assert record.read_bytes() == before


def test_joiners_that_a_language_is_written_with_stay(command: Command, tmp_path: Path) -> None:
    status, _out, said = command(
        "new", tmp_path / "a.yaml", *with_options(CHILD, name="\u0639\u0644\u06cc\u200c\u0631\u0636\u0627")
    )
    assert status == 0, said


@pytest.mark.parametrize("text", ["\u202e", "\u2066", "\u200b"])
def test_a_comment_cannot_hide_what_a_file_says(text: str, command: Command, tmp_path: Path) -> None:
    """A bidirectional control in a comment shows a reviewer another file than the one that is read."""
    record = tmp_path / "p001.yaml"
    assert command("new", record, *CHILD)[0] == 0
    with record.open("a", encoding="utf-8") as log:
        log.write(f"# nothing {text} here\n")
    assert f"U+{ord(text):04X}" in refused(command, record, "plan", record)


@pytest.mark.parametrize(
    ("entry", "limit"),
    [
        ("entry: omit, ids: [block-1/vcr/1], why: {text}", "500"),
        ("entry: hold, course: block-1, date: 2026-12-02, days: 2, rule: skip, why: {text}", "500"),
        ("entry: delay, course: block-2, days: 2, why: {text}", "500"),
        ("entry: remark, kind: allergy, text: {text}", "200"),
    ],
)
def test_a_text_that_no_sheet_has_room_for_is_refused_with_the_limit(
    entry: str, limit: str, command: Command, tmp_path: Path
) -> None:
    record = tmp_path / "p001.yaml"
    assert command("new", record, *CHILD)[0] == 0
    with record.open("a", encoding="utf-8") as log:
        log.write(f"  - {{{entry.format(text=quoted(LONG * 20))}}}\n")
    assert f"at most {limit} characters long" in refused(command, record, "plan", record)


@pytest.mark.parametrize(("option", "limit"), [("name", "80"), ("id", "40")])
def test_a_name_or_id_of_300_characters_is_refused(option: str, limit: str, command: Command, tmp_path: Path) -> None:
    status, _out, said = command("new", tmp_path / "a.yaml", *with_options(CHILD, **{option: "x" * 300}))
    assert status == 2
    assert f"--{option}: this must be at most {limit} characters long" in said
    assert not (tmp_path / "a.yaml").exists()


@pytest.mark.parametrize("key", ["clinic", "fever"])
def test_words_of_a_site_that_no_page_has_room_for_are_refused(key: str, command: Command, tmp_path: Path) -> None:
    record, site = tmp_path / "p001.yaml", tmp_path / "site.yaml"
    assert command("new", record, *CHILD)[0] == 0
    text = quoted(LONG * 100)
    site.write_text(f"format: 1\n{'clinic: ' if key == 'clinic' else 'family: {fever: '}{text}", encoding="utf-8")
    if key == "fever":
        site.write_text(f"format: 1\nfamily:\n  fever: {text}\n", encoding="utf-8")
    said = refused(command, record, "calendar", record, "-o", tmp_path / "c.pdf", "--settings", site)
    assert f"'{key}' must be at most" in said
    assert "site.yaml:" in said


# --- a definition

WRITTEN = {
    "long names": "ZORbinol celluloseester dihydratesalts",
    "long words": "ZORbinolhydroxypropy dihydratecellulose",
    "markup": "ZORbinol </td></table> {{7*7}}&amp;<i>",
}
TITLE = "Opening </td> {{7*7}} &amp;"


def definition(folder: Path, written: str, title: str) -> Path:
    shutil.copytree(TINY, folder / "tiny" / "1")
    agents, opening = folder / "tiny" / "1" / "agents.yaml", folder / "tiny" / "1" / "courses" / "opening.yaml"
    text = agents.read_text(encoding="utf-8").replace("written: ZORbinol", f"written: {quoted(written)}")
    agents.write_text(f"{text}    notes: {quoted((written + ' ') * 15)}\n", encoding="utf-8")
    text = opening.read_text(encoding="utf-8").replace("title: Opening", f"title: {quoted(title)}")
    opening.write_text(f"{text}\ncomments: {quoted((title + ' ') * 15)}\n", encoding="utf-8")
    return folder / "tiny" / "1"


@pytest.mark.parametrize("paper", ["roadmap", "drugs", "calendar"])
@pytest.mark.parametrize("name", WRITTEN)
def test_a_hostile_definition_is_printed_legibly_and_as_it_stands(
    name: str, paper: str, command: Command, tmp_path: Path
) -> None:
    written = WRITTEN[name]
    folder = definition(tmp_path / "shelf", written, TITLE)
    record = tmp_path / "t.yaml"
    status, _out, said = command("new", record, *with_options(GIRL, protocol=str(folder)))
    assert status == 0, said
    chosen = {"roadmap": (), "drugs": ("--format", "pdf"), "calendar": ("--to", "2027-04-30")}[paper]
    laid, status, said = press(command, record, paper, record, *chosen)
    assert status == 0, said
    assert laid
    assert list(faults(laid, {"quandREXate", "tressamide"})) == []
    assert "".join(written.split()) in text_of(laid)
    assert paper == "drugs" or "".join(TITLE.split()) in text_of(laid)


@pytest.mark.parametrize(
    ("written", "title", "key", "limit"),
    [
        ("ZOR " * 16, "Opening", "written", 60),
        ("Z" * 21, "Opening", "written", 20),
        ("ZOR a b c d", "Opening", "written", 20),
        ("ZOR", "O" * 61, "title", 60),
    ],
)
def test_names_that_no_column_has_room_for_are_refused(
    written: str, title: str, key: str, limit: int, command: Command, tmp_path: Path
) -> None:
    folder = definition(tmp_path / "shelf", written, title)
    status, _out, said = command("lint", folder)
    assert status == 1
    assert f"'{key}'" in said
    assert f"at most {limit} characters" in said


def test_a_drug_s_name_cannot_be_written_with_hidden_characters(command: Command, tmp_path: Path) -> None:
    folder = definition(tmp_path / "shelf", "ZOR\u202ebinol", "Opening")
    status, _out, said = command("lint", folder)
    assert status == 1
    assert "agents.yaml:" in said
    assert "U+202E" in said
