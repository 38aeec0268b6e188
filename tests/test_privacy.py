"""Where a patient's name, birth date, number and the record's key may stand, for each thing that protocal puts out.

`MAY` is the whole of it: what it does not name stands nowhere. Outputs are read with programs of others (PDFium,
pikepdf, openpyxl, icalendar); the table holds for what people see and for what files say of themselves.
"""

from __future__ import annotations

import re
import zipfile
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import icalendar
import openpyxl
import pikepdf
import pypdfium2
import pytest
from conftest import CHILD, with_options
from conftest import run_process as run

NAME, ID, BORN = "Zephyrine Quillfeather", "MRN-7744-03", "2019-05-12"
SITE = (
    "format: 1\nceilings:\n  anthracyclines: {amount: 300, factors: {mitoxantrone: 4}}\n"
    "address: https://calendars.example.org/children\nsite key: site.key\n"
)


class Told(NamedTuple):
    """What an output says: what a reader sees, and what the file says of itself beside that."""

    seen: str
    beside: str = ""


# Which facts may stand in what is seen (s) or beside it (b). The key stands nowhere: of it only digests leave.
MAY: dict[tuple[str, ...], dict[str, str]] = {
    ("roadmap", "--course", "block-1", "-o", "x.pdf"): {"name": "s", "born": "s", "id": "s"},
    ("roadmap", "--overview", "-o", "x.pdf"): {"name": "s", "born": "s", "id": "s"},
    ("roadmap", "--overview", "-o", "x.pdf", "--name-in-title"): {"name": "sb", "born": "s", "id": "s"},
    ("roadmap", "--overview", "-o", "x.pdf", "--protocol-in-title"): {"name": "s", "born": "s", "id": "s", "risk": "b"},
    ("calendar", "--course", "block-1", "-o", "x.pdf"): {"name": "s", "born": "s", "id": "s"},
    ("calendar", "--course", "block-1", "-o", "x.pdf", "--name-in-title"): {"name": "sb", "born": "s", "id": "s"},
    ("calendar", "--pocket", "--from", "2026-12-01", "-o", "x.pdf"): {"name": "s", "born": "s", "id": "s"},
    ("feed", "-o", "x.ics"): {},
    ("feed", "-o", "x.ics", "--for", "clinic", "--unverified-doses"): {},
    ("feed", "-o", "x.ics", "--for", "pharmacy", "--unverified-doses"): {},
    ("feed", "-o", "x.ics", "--doses"): {},
    ("feed", "-o", "x.ics", "--unverified-doses"): {},
    ("feed", "-o", "x.ics", "--title", "Our calendar"): {},
    ("feed", "-o", "x.ics", "--title", ID): {"id": "s"},
    ("drugs",): {"id": "s"},
    ("drugs", "--format", "csv"): {},
    ("drugs", "--format", "json"): {"id": "s"},
    ("drugs", "--format", "xlsx", "-o", "x.xlsx"): {"id": "s"},
    ("drugs", "--format", "pdf", "--course", "block-1", "-o", "x.pdf"): {"name": "s", "born": "s", "id": "s"},
    ("drugs", "--format", "pdf", "--course", "block-1", "-o", "x.pdf", "--protocol-in-title"): {
        "name": "s",
        "born": "s",
        "id": "s",
        "risk": "b",
    },
    ("drugs", "--on", "2026-12-01"): {"id": "s"},
    ("drugs", "--on", "2026-12-01", "--format", "csv"): {"id": "s"},
    ("drugs", "--on", "2026-12-01", "--format", "json"): {"id": "s"},
    ("plan",): {"id": "s"},
    ("plan", "--format", "csv"): {},
    ("plan", "--format", "json"): {"id": "s"},
    ("check",): {},
    ("check", "--format", "json"): {},
    ("recount",): {},
    ("recount", "--format", "csv"): {},
    ("recount", "--format", "json"): {},
    ("why", "2026-12-01"): {},
    ("diff", "--from", "2"): {},
    ("diff", "--from", "2", "--format", "json"): {},
    ("log",): {},
    ("issued",): {},
    ("issued", "--format", "json"): {},
    ("told", "mother"): {},
    ("link", "--for", "family"): {},
    ("link", "--for", "family", "--format", "json"): {},
    ("link", "--for", "pharmacy", "--qr", "x.svg"): {},
    ("delay", "block-2", "--days", "3", "--reason", "ANC 320", "--dry-run"): {},
    ("note", "seen"): {},
    ("start", "block-2", "2018-01-01"): {"born": "m"},
}
_RISK = re.compile(r"aall1331|\barm\b|\brisk\b|leuk|lymph|\bcns\b", re.IGNORECASE)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A record and its key."""
    record = tmp_path_factory.mktemp("privacy") / "p.yaml"
    done = run("new", record, *with_options(CHILD, id=ID, name=NAME, born=BORN))
    assert done.returncode == 0, done.stderr
    assert not facts_in(done.stdout + done.stderr, "")
    key = re.search('^key: "?([0-9a-f]{32})"?$', record.read_text(encoding="utf-8"), re.MULTILINE)
    assert key
    (record.parent / "site.yaml").write_text(SITE, encoding="utf-8")
    assert run("site", "init", record.parent / "site.key").returncode == 0
    return record, key[1]


def facts_in(text: str, key: str) -> set[str]:
    """The facts that a text has, in any spelling that would give them away."""
    text = " ".join(text.split())
    born = date.fromisoformat(BORN)
    spelled = (
        *("%Y-%m-%d", "%Y%m%d", "%d-%b-%Y", "%d %b %Y", "%d %B %Y", "%B %d, %Y", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y"),
    )
    words = {
        "name": NAME.split(),
        "id": [ID, ID.replace("-", ""), ID.partition("-")[2]],
        "born": [born.strftime(each) for each in spelled],
        "key": [key, key[:16], key[16:]] if key else [],
    }
    return {fact for fact, found in words.items() if any(each.casefold() in text.casefold() for each in found)}


def told_by(file: Path) -> Told:
    """What a file says, by a reader that is not ours."""
    data = file.read_bytes()
    if file.suffix == ".pdf":
        return _pdf(data)
    if file.suffix == ".svg":
        return Told(data.decode())
    return _workbook(data) if file.suffix == ".xlsx" else _feed(data)


def _pdf(data: bytes) -> Told:
    document = pypdfium2.PdfDocument(data)
    seen = "\n".join(page.get_textpage().get_text_bounded() for page in document)
    document.close()
    with pikepdf.open(BytesIO(data)) as pdf:
        metadata = pdf.Root.Metadata.read_bytes().decode()
        beside = [metadata, *(f"{name} {value}" for name, value in pdf.docinfo.items())]
        beside += [str(each) for each in (pdf.trailer.get("/ID") or ())]
        assert "/EmbeddedFiles" not in pdf.Root.get("/Names", {})
    return Told(seen, "\n".join(beside))


def _workbook(data: bytes) -> Told:
    book = openpyxl.load_workbook(BytesIO(data))
    cells = [str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    beside = [str(value) for value in vars(book.properties).values()]
    beside += [sheet.title for sheet in book]
    beside += [str(part.text) for sheet in book for part in (sheet.oddHeader.center, sheet.oddFooter.center)]
    with zipfile.ZipFile(BytesIO(data)) as parts:
        beside += parts.namelist()
        beside += [parts.read(name).decode() for name in parts.namelist() if name.startswith("docProps/")]
    return Told("\n".join(cells), "\n".join(beside))


def _feed(data: bytes) -> Told:
    """Every property of every component, with its parameters; what folding would split, as one line."""
    calendar = icalendar.Calendar.from_ical(data)
    seen = [f"{name} {value} {getattr(value, 'params', '')}" for name, value in calendar.property_items()]
    return Told("\n".join(seen))


def output(words: tuple[str, ...], record: Path, folder: Path) -> tuple[Told, str]:
    """What a command's result says, and what the command said beside it."""
    arguments = [str(folder / each) if each.startswith("x.") else each for each in words[1:]]
    site = [] if words[0] == "log" else ["--settings", str(record.parent / "site.yaml")]
    done = run(words[0], record, *arguments, *site)
    assert done.returncode in (0, 2), done.stderr
    assert "Traceback" not in done.stderr
    files = [folder / each for each in words if each.startswith("x.")]
    return (told_by(files[0]) if files else Told(done.stdout)), done.stderr + (done.stdout if files else "")


@pytest.mark.parametrize("words", MAY, ids=" ".join)
def test_a_patient_is_told_where_the_table_says_so_and_nowhere_else(
    words: tuple[str, ...], made: tuple[Path, str], tmp_path: Path
) -> None:
    record, key = made
    told, messages = output(words, record, tmp_path)
    found: dict[str, str] = {}
    for place, text in (("s", told.seen), ("b", told.beside), ("m", messages)):
        for fact in facts_in(text, key):
            found[fact] = found.get(fact, "") + place
    if _RISK.search(told.beside) and words[0] in ("roadmap", "calendar", "drugs") and "x.pdf" in words:
        found["risk"] = found.get("risk", "") + "b"
    assert found == MAY[words]


def test_the_table_has_every_command_that_reads_a_record() -> None:
    listed = {
        line.split()[1]
        for line in re.sub("[\u2500-\u257f]", " ,", run("--help").stdout).splitlines()
        if re.match(r" , +[a-z]+ {2,}\S", line)
    }
    assert {"roadmap", "feed", "plan"} <= listed
    of_no_record = {"new", "protocols", "show", "lint", "schema", "doctor", "review", "sign", "compare", "site"}
    of_one_way = {  # all of `cli/recording.py`, as delay, note and start are
        *("assign", "hold", "omit", "move", "give", "dispense", "measure", "adjust", "substitute", "stop", "undo"),
        *("bags", "end", "interrupt", "resume", "clear", "fail", "transplant", "prior", "upgrade"),
    }
    of_readers = {"publish", "serve"}  # of which test_publish.py and test_serve_records.py tell what they put out
    assert listed - of_no_record - of_one_way - of_readers == {words[0] for words in MAY}


def test_uids_are_digests_that_another_record_of_the_same_patient_does_not_share(
    made: tuple[Path, str], tmp_path: Path
) -> None:
    """Nobody who knows the patient's number, birth date and name can work out an event's identity."""
    record, _key = made
    twin = tmp_path / "twin.yaml"
    assert run("new", twin, *with_options(CHILD, id=ID, name=NAME, born=BORN)).returncode == 0
    uids = []
    for file in (record, twin):
        assert run("feed", file, "-o", tmp_path / "x.ics").returncode == 0
        calendar = icalendar.Calendar.from_ical((tmp_path / "x.ics").read_bytes())
        uids.append({str(event["UID"]) for event in calendar.walk("VEVENT")})
        assert all(re.fullmatch("[0-9a-f]{32}@protocal", uid) for uid in uids[-1])
    assert uids[0]
    assert not uids[0] & uids[1]


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("a\nb", "plain text in one line"),
        ("a\u202eb", "invisible characters"),
        ("a\u200bb", "U+200B"),
        ("x" * 81, "at most 80 characters"),
    ],
    ids=ascii,
)
def test_a_title_goes_through_the_gate_of_all_short_texts(
    title: str, said: str, made: tuple[Path, str], tmp_path: Path
) -> None:
    done = run("feed", made[0], "-o", tmp_path / "x.ics", "--title", title)
    assert done.returncode == 2
    assert done.stderr.startswith("error: --title: ")
    assert said in done.stderr
    assert not (tmp_path / "x.ics").exists()
