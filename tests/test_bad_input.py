"""Each bad input gives one clear message with place and remedy and the contract's exit status, and writes nothing.

Exit status: 1 for a mistake in a file, 2 for wrong use of a command.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Protocol

import pytest
from conftest import CHILD, CHILDS_WARNINGS, run, with_options

from protocal.cli import main
from protocal.read.record.seals import PROMISE


class Refused(Protocol):
    """Runs a command that must be refused and gives what it says."""

    def __call__(self, *words: str | Path, status: int, folder: Path) -> str: ...


@pytest.fixture
def refused(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Refused:
    """The command's own entry in this process, a hundred times over: no result, no exception, no file changed."""

    def command(*words: str | Path, status: int, folder: Path) -> str:
        before = {path: path.lstat().st_mtime_ns for path in folder.rglob("*")}
        monkeypatch.setattr(sys, "argv", ["protocal", *map(str, words)])
        with pytest.raises(SystemExit) as stopped:
            main()
        said = capfd.readouterr()
        assert stopped.value.code == status, said.err
        assert said.out == ""
        assert {path: path.lstat().st_mtime_ns for path in folder.rglob("*")} == before
        return said.err

    return command


def test_the_installed_command_has_the_exit_status_of_the_contract(child: Path) -> None:
    good, typed, file = run("plan", child), run("plan", child, "--route", "IX"), run("plan", child.parent / "nothing")
    assert [good.returncode, file.returncode, typed.returncode] == [0, 1, 2]
    assert [good.stderr, file.stdout, typed.stdout] == [CHILDS_WARNINGS, "", ""]
    for done in (typed, file, run("new", child, *CHILD), run("new", child.parent / "b", *CHILD, "--height", "1.12")):
        assert "Traceback" not in done.stderr
        assert "error: " in done.stderr


@pytest.mark.parametrize("name", ["P001", "--odd", "p001.yaml"])
def test_a_mistake_in_a_file_is_one_whatever_the_file_is_called(
    name: str, child: Path, refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = child.rename(child.with_name(name))
    with record.open("a", encoding="utf-8") as log:
        log.write("  - {entry: adjust, agent: nobody, percent: 50, date: 2026-12-01}\n")
    monkeypatch.chdir(record.parent)
    said = refused("note", "--", name, "x", status=1, folder=record.parent)
    assert "no agent is called 'nobody'" in said
    assert f"{name}:" in said


# Words typed at `new`

NEW = {
    # an impossible date
    "leap-day-of-a-common-year": (
        {"start": "2027-02-29"},
        "error: --start: there is no day 2027-02-29\n  Feb 2027 has 28 days.\n",
    ),
    "month-13": (
        {"start": "2026-13-01"},
        "error: --start: 2026-13-01 has no month 13\n  Write it as in 2026-12-01, year-month-day.\n",
    ),
    "date-of-another-order": (
        {"born": "12/05/2019"},
        "error: --born: '12/05/2019' is not a date\n  Write it as in 2026-12-01, year-month-day.\n",
    ),
    "no-date": (
        {"measured": "yesterday"},
        "error: --measured: 'yesterday' is not a date\n  Write it as in 2026-12-01, year-month-day.\n",
    ),
    # a date that cannot be
    "start-before-birth": (
        {"start": "2018-12-01"},
        "error: --start: 2018-12-01 is before the birth on 2019-05-12\n  Correct one of the two dates.\n",
    ),
    "start-before-birth-and-not-measured": (
        {"start": "2018-12-01", "measured": None},
        "error: --start: 2018-12-01 is before the birth on 2019-05-12\n  Correct one of the two dates.\n",
    ),
    "measured-before-birth": (
        {"measured": "2019-05-11"},
        "error: --measured: 2019-05-11 is before the birth on 2019-05-12\n  Correct one of the two dates.\n",
    ),
    "too-young": (
        {"born": "2025-12-02"},
        "error: --start: the patient is 0 at the start; aall1331 takes ages 1 to 30\n"
        "  Check the birth date and the start.\n",
    ),
    "too-old": (
        {"born": "1995-12-01"},
        "error: --start: the patient is 31 at the start; aall1331 takes ages 1 to 30\n"
        "  Check the birth date and the start.\n",
    ),
    "diagnostic-after-day-1": (
        {"diagnostic_it": "2026-12-02:methotrexate"},
        "error: --diagnostic-it: the diagnostic lumbar puncture on 2026-12-02 is after Day 1 of Block 1, 2026-12-01\n"
        "  Correct one of the two dates.\n",
    ),
    # a height and a weight that are not of one person
    "weight-of-another": (
        {"weight": "194"},
        "error: --weight: 112 cm and 194 kg cannot be of one person\n"
        "  Check both; a point may stand in the wrong place.\n",
    ),
    "weight-with-its-point-slipped": (
        {"height": "182"},
        "error: --weight: 182 cm and 19.4 kg cannot be of one person\n"
        "  Check both; a point may stand in the wrong place.\n",
    ),
    # a name that nobody knows
    "arm": ({"arm": "E"}, "error: --arm: no arm is called 'E'\n  Known: A, B, C, D.\n"),
    "protocol": ({"protocol": "aal1331"}, "error: no protocol is called 'aal1331'\n  Did you mean 'aall1331'?"),
    "protocol-far-off": (
        {"protocol": "xyz"},
        "error: no protocol is called 'xyz'\n  Known: aall1331. Or give a path to a folder.\n",
    ),
    "version": ({"protocol_version": "9"}, "error: protocol 'aall1331' has no version '9'\n  It has 0.1"),
    "agent": (
        {"diagnostic_it": "2026-11-29:metotrexate"},
        "error: --diagnostic-it: no agent is called 'metotrexate'\n  Did you mean 'methotrexate'?\n",
    ),
    "agent-by-a-way-that-kills": (
        {"diagnostic_it": "2026-11-29:vincristine"},
        "error: --diagnostic-it: aall1331 never gives vincristine IT\n  Check which agent was given.\n",
    ),
    "agent-left-out": (
        {"diagnostic_it": "2026-11-29"},
        "error: --diagnostic-it: '2026-11-29' is not a date and an agent\n"
        "  Write DATE:AGENT, as in 2026-11-30:AGENT.\n",
    ),
    "cns": (
        {"cns": "CNS-2"},
        "error: --cns: no CNS status is called 'CNS-2'\n  Did you mean 'cns2'? Known: cns1, cns2, cns3.\n",
    ),
    "cns-left-out": (
        {"cns": None},
        "error: --cns: aall1331 needs the CNS status\n  Write one of cns1, cns2, cns3.\n",
    ),
    "risk": (
        {"risk": "hihg"},
        "error: --risk: no risk group is called 'hihg'\n  Did you mean 'high'? Known: low, intermediate, high.\n",
    ),
    "sex": ({"sex": "f"}, "error: --sex: this must be 'female' or 'male', not 'f'\n  Write one of these.\n"),
    "timezone": (
        {"timezone": "New York"},
        "error: --timezone: 'New York' is not a time zone\n  Write it as in America/New_York or Europe/Berlin.\n",
    ),
    "id": (
        {"id": "Ana B"},
        "error: --id: 'Ana B' cannot stand here\n  Use letters, figures, dots, hyphens and underscores.\n",
    ),
    # an absurd height or weight
    "height-in-metres": (
        {"height": "1.12"},
        "error: --height: 1.12 cm cannot be a height\n  Write it in cm, from 40 to 250.\n",
    ),
    "weight-in-grams": (
        {"weight": "19400"},
        "error: --weight: 19400 kg cannot be a weight\n  Write it in kg, from 2 to 350.\n",
    ),
    "height-zero": ({"height": "0"}, "error: --height: 0 cm cannot be a height\n  Write it in cm, from 40 to 250.\n"),
    "weight-negative": (
        {"weight": "-19.4"},
        "error: --weight: -19.4 kg cannot be a weight\n  Write it in kg, from 2 to 350.\n",
    ),
    "weight-not-a-number": (
        {"weight": "nan"},
        "error: --weight: 'nan' is not a weight\n  Write a number of kg, with a point for decimals.\n",
    ),
    "weight-endless": (
        {"weight": "inf"},
        "error: --weight: 'inf' is not a weight\n  Write a number of kg, with a point for decimals.\n",
    ),
    "weight-with-a-comma": (
        {"weight": "19,4"},
        "error: --weight: '19,4' is not a weight\n  Write a number of kg, with a point for decimals.\n",
    ),
    "height-with-its-unit": (
        {"height": "112 cm"},
        "error: --height: '112 cm' is not a height\n  Write a number of cm, with a point for decimals.\n",
    ),
    "height-empty": (
        {"height": ""},
        "error: --height: '' is not a height\n  Write a number of cm, with a point for decimals.\n",
    ),
}


@pytest.mark.parametrize(("changed", "message"), NEW.values(), ids=NEW)
def test_new_refuses(refused: Refused, changed: dict[str, str | None], message: str, tmp_path: Path) -> None:
    said = refused("new", tmp_path / "p001.yaml", *with_options(CHILD, **changed), status=2, folder=tmp_path)
    assert said.startswith(message)
    assert len(said.splitlines()) == 2, "one message and its remedy"


def test_new_tells_all_mistakes_at_once(refused: Refused, tmp_path: Path) -> None:
    options = with_options(CHILD, arm="E", cns="cns9", start="2018-01-01")
    said = refused("new", tmp_path / "p001.yaml", *options, status=2, folder=tmp_path)
    assert [line.split(":")[1] for line in said.splitlines() if line.startswith("error: ")] == [
        " --cns",
        " --start",
        " --arm",
    ]


@pytest.mark.parametrize("option", ["height", "weight", "born", "start", "protocol", "id", "sex"])
def test_new_names_the_option_that_is_left_out(refused: Refused, option: str, tmp_path: Path) -> None:
    options = with_options(CHILD, **{option: None})
    said = refused("new", tmp_path / "p001.yaml", *options, status=2, folder=tmp_path)
    assert f"Missing option '--{option}'" in said


def test_new_suggests_the_right_option(refused: Refused, tmp_path: Path) -> None:
    said = refused("new", tmp_path / "p001.yaml", *CHILD, "--hieght", "112", status=2, folder=tmp_path)
    assert "--height" in said


@pytest.mark.parametrize(
    "changed",
    [
        {"start": "2028-02-29"},
        {"start": "2020-05-12"},  # the first birthday
        {"born": "1995-12-02"},  # thirty-one tomorrow
        {"born": "2020-02-29"},
        {"height": "40", "weight": "2"},
        {"height": "250", "weight": "350"},
        {"measured": "2027-12-01"},
        {"height": "100", "weight": "8"},
        {"height": "100", "weight": "70"},
    ],
    ids=str,
)
def test_new_takes_what_is_rare_but_right(changed: dict[str, str | None], tmp_path: Path) -> None:
    record = tmp_path / "p001.yaml"
    done = run("new", record, *with_options(CHILD, **changed))
    assert done.returncode == 0, done.stderr
    assert record.exists()


def test_new_takes_names_in_any_case(tmp_path: Path) -> None:
    names = {"protocol": "AALL1331", "arm": "d", "cns": "CNS2", "risk": "Low", "sex": "Female"}
    exact, typed = tmp_path / "exact.yaml", tmp_path / "typed.yaml"
    for record, changed in ((exact, {}), (typed, names)):
        agent = "METHOtrexate" if changed else "methotrexate"
        options = with_options(CHILD, **changed, diagnostic_it=f"2026-11-30:{agent}")
        done = run("new", record, *options)
        assert done.returncode == 0, done.stderr
    assert run("plan", typed, "--format", "csv").stdout == run("plan", exact, "--format", "csv").stdout


def test_new_says_that_the_doses_use_a_later_measurement(tmp_path: Path) -> None:
    done = run("new", tmp_path / "p001.yaml", *with_options(CHILD, measured="2026-12-02"))
    assert done.returncode == 0
    assert done.stderr.startswith(
        "--measured: warning: the doses of Block 1, which starts on 2026-12-01, use a later measurement, of 2026-12-02"
    )
    same_day = run("new", tmp_path / "p002.yaml", *with_options(CHILD, measured="2026-12-01"))
    assert "warning" not in same_day.stderr


def test_an_option_that_is_one_of_few_words(refused: Refused, child: Path) -> None:
    said = " ".join(refused("plan", child, "--format", "xml", status=2, folder=child.parent).replace("│", "").split())
    assert "Invalid value for '--format': 'xml' is not one of 'table', 'json', 'csv'." in said


def test_names_at_plan_in_any_case(child: Path) -> None:
    exact = run("plan", child, "--agent", "vincristine", "--route", "IV", "--course", "block-1").stdout
    assert "vinCRIStine" in exact
    assert run("plan", child, "--agent", "vinCRIStine", "--route", "iv", "--course", "Block-1").stdout == exact
    drugs = run("drugs", child, "--agent", "vinCRIStine", "--course", "block-1").stdout
    assert drugs == run("drugs", child, "--agent", "vincristine", "--course", "block-1").stdout != ""


@pytest.mark.parametrize("command", ["plan", "drugs"])
def test_a_choice_that_leaves_nothing_says_so(command: str, child: Path) -> None:
    done = run(command, child, "--from", "2040-01-01")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.startswith("nothing is due in what was chosen\n")
    assert "nothing is due" not in run(command, child, "--course", "block-1").stderr


# Where `new` writes


def test_new_into_a_folder_that_is_not_there(refused: Refused, tmp_path: Path) -> None:
    target = tmp_path / "ward 7" / "p001.yaml"
    said = refused("new", target, *CHILD, status=2, folder=tmp_path)
    assert said == f"error: there is no folder {target.parent}\n  Make it first, or choose another.\n"


def test_new_onto_a_folder(refused: Refused, tmp_path: Path) -> None:
    said = refused("new", tmp_path, *CHILD, status=2, folder=tmp_path)
    assert said == f"error: {tmp_path} is a folder\n  Name a file in it.\n"


def test_new_onto_a_file_of_somebody_else(refused: Refused, tmp_path: Path) -> None:
    target = tmp_path / "letter.txt"
    target.write_text("Dear", encoding="utf-8")
    said = refused("new", target, *CHILD, status=2, folder=tmp_path)
    assert said == f"error: {target} exists already, and a record is never overwritten\n  Choose another name.\n"


def test_new_with_a_name_that_no_file_can_have(refused: Refused, tmp_path: Path) -> None:
    said = refused("new", tmp_path / ("n" * 300), *CHILD, status=2, folder=tmp_path)
    assert "cannot be written: File name too long" in said


def test_new_into_a_folder_that_may_not_be_written(refused: Refused, tmp_path: Path) -> None:
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o500)
    if os.access(folder, os.W_OK):
        pytest.skip("this user may write everywhere")
    said = refused("new", folder / "p001.yaml", *CHILD, status=2, folder=tmp_path)
    assert "cannot be written: Permission denied" in said


@pytest.mark.parametrize("command", ["show", "lint"])
def test_a_protocol_with_a_name_that_no_file_can_have(refused: Refused, command: str, tmp_path: Path) -> None:
    said = refused(command, "n" * 300, status=2, folder=tmp_path)
    assert said.endswith("'\n  Known: aall1331. Or give a path to a folder.\n")


def test_a_shelf_that_is_not_there(refused: Refused, tmp_path: Path) -> None:
    said = refused("new", tmp_path / "p.yaml", *CHILD, "--schedules", tmp_path / "no", status=2, folder=tmp_path)
    assert said.startswith(f"error: there is no folder {tmp_path / 'no'} to look for protocols in\n")


# Files that `plan` reads

FILES = {
    "latin-1": (
        "# José\n".encode("latin-1"),
        ":1:6: error: byte 0xe9 is not UTF-8 text [not-utf-8]\n  Save the file as",
    ),
    "utf-16": ("format: 1\n".encode("utf-16"), ": error: the file is UTF-16 text [not-utf-8]\n  Save it as UTF-8."),
    "tabs": (b"log:\n\t- entry: fail\n", ":2:1: error: a tab stands where spaces belong [tab]\n  Use spaces."),
    "empty": (b"", ": error: the file is empty [empty]\n  Check the name, or restore a copy."),
    "binary": (b"%PDF\x00", ":1:5: error: the character U+0000 does not belong in a text file [not-text]\n  Remove it"),
    "not YAML": (b"format: 1\nid: [P001\n", ":3:1: error: this is not YAML"),
    "a list": (b"- 1\n", ":1:1: error: this must be a mapping (key: value)"),
}


@pytest.mark.parametrize(("data", "message"), FILES.values(), ids=FILES)
def test_plan_refuses_a_file(refused: Refused, data: bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / "p001.yaml").write_bytes(data)
    said = refused("plan", tmp_path / "p001.yaml", status=1, folder=tmp_path)
    assert said.startswith(f"{tmp_path / 'p001.yaml'}{message}")
    assert len(said.splitlines()) == 2, "one message and its remedy"


def test_plan_refuses_fifty_megabytes(refused: Refused, tmp_path: Path) -> None:
    path = tmp_path / "p001.yaml"
    with path.open("wb") as stream:
        stream.truncate(50_000_000)
    said = refused("plan", path, status=1, folder=tmp_path)
    assert said.startswith(f"{path}: error: the file is larger than 8,000,000 bytes [too-large]\n  That is not a file")


def test_plan_of_a_folder(refused: Refused, tmp_path: Path) -> None:
    said = refused("plan", tmp_path, status=1, folder=tmp_path)
    assert said == f"{tmp_path}: error: this is a folder, not a file [a-folder]\n  Name a file inside it.\n"


def test_plan_of_nothing(refused: Refused, tmp_path: Path) -> None:
    said = refused("plan", tmp_path / "p002.yaml", status=1, folder=tmp_path)
    assert (
        said == f"{tmp_path / 'p002.yaml'}: error: there is no such file [no-file]\n  Check the name and the folder.\n"
    )


def test_plan_of_a_file_that_may_not_be_read(child: Path) -> None:
    child.chmod(0)
    if os.access(child, os.R_OK):
        pytest.skip("this user may read every file")
    done = run("plan", child)
    assert (done.returncode, done.stdout) == (1, "")
    assert "cannot be read: Permission denied" in done.stderr


def test_a_windows_file_is_an_ordinary_file(child: Path) -> None:
    expected = run("plan", child, "--format", "json")
    child.write_bytes(b"\xef\xbb\xbf" + child.read_bytes().replace(b"\n", b"\r\n"))
    done = run("plan", child, "--format", "json")
    assert (done.returncode, done.stderr, done.stdout) == (0, CHILDS_WARNINGS, expected.stdout)


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        (
            "entry: assign\n    arm: E\n    date: 2026-12-29\n",
            "no arm is called 'E' [unknown-arm]\n  Known: A, B, C, D.",
        ),
        (
            "entry: start\n    course: blok-2\n    date: 2026-12-29\n",
            "no course of this patient's route is called 'blok-2' [unknown-course]\n  Did you mean 'block-2'?",
        ),
        (
            "entry: start\n    course: cranial-radiation\n    date: 2027-09-01\n",
            "no course of this patient's route is called 'cranial-radiation' [unknown-course]",
        ),
        (
            "entry: start\n    course: maintenance\n    date: 2027-09-01\n",
            "no course of this patient's route is called 'maintenance' [unknown-course]\n"
            "  Did you mean 'maintenance-1'?",
        ),
        (
            "entry: start\n    course: maintenance-01\n    date: 2027-09-01\n",
            "no course of this patient's route is called 'maintenance-01' [unknown-course]\n"
            "  Did you mean 'maintenance-1'?",
        ),
        (
            "entry: measure\n    date: 2018-01-01\n    height: 112\n    weight: 20\n",
            "2018-01-01 is before the birth on 2019-05-12 [before-birth]",
        ),
        ("entry: start\n    course: block-2\n    date: 2027-02-29\n", "there is no day 2027-02-29"),
        ("entry: measure\n    date: 2027-01-01\n    height: 1.12\n    weight: 20\n", "1.12 cm cannot be a height"),
    ],
)
def test_plan_names_the_line_of_an_entry_that_cannot_be(refused: Refused, entry: str, says: str, child: Path) -> None:
    text = child.read_text(encoding="utf-8")
    child.write_text(f"{text}  - {entry}", encoding="utf-8")
    said = refused("plan", child, status=1, folder=child.parent)
    first = text.count("\n") + 1
    problem = next(line for line in said.splitlines() if ": error: " in line)
    assert int(problem.removeprefix(str(child)).split(":")[1]) in range(first, first + 4)
    assert says in said


def header_of(record: Path) -> str:
    """What stands before the log, but for the comment by which the end of the log is missed."""
    return record.read_text(encoding="utf-8").partition("log:")[0].replace(PROMISE, "")


def test_plan_of_a_record_whose_definition_is_gone(refused: Refused, child: Path) -> None:
    header = header_of(child)
    log = "log:\n  - entry: start\n    course: block-1\n    date: 2026-12-01\n"
    for old, new, says in [
        ("protocol: aall1331", "protocol: aall1313", "called 'aall1313' [no-protocol]\n  Did you mean 'aall1331'?"),
        ('version: "0.2"', 'version: "7"', "protocol 'aall1331' has no version '7' [no-protocol]\n  It has 0.1"),
        ('version: "0.2"', 'version: "0.2"\ndefinition: ../gone', "no protocol is called "),
    ]:
        child.write_text(header.replace(old, new) + log, encoding="utf-8")
        assert says in refused("plan", child, status=1, folder=child.parent)


def test_plan_of_a_record_that_lacks_what_a_plan_needs(refused: Refused, child: Path) -> None:
    header = header_of(child)
    child.write_text(header + "log: []\n", encoding="utf-8")
    said = refused("plan", child, status=1, folder=child.parent)
    assert "the log does not say when Block 1 starts [no-start]\n  Add the entry 'start' of course 'block-1'." in said
    assert "the log has no height and weight [no-measurement]\n  Add the entry 'measure'." in said


# Words typed at `plan` and `show`


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["--from", "2027-01-02", "--to", "2027-01-01"],
            "error: --from 2027-01-02 is after --to 2027-01-01\n  Swap them.\n",
        ),
        (["--from", "2027-02-29"], "error: --from: there is no day 2027-02-29\n  Feb 2027 has 28 days.\n"),
        (["--to", "1/2/27"], "error: --to: '1/2/27' is not a date"),
        (["--course", "blok-2"], "error: no course of this plan is called 'blok-2'\n  Did you mean 'block-2'?"),
        (["--agent", "metotrexate"], "error: no drug is called 'metotrexate'\n  Did you mean 'methotrexate'?"),
        (["--route", "IX"], "error: no route is called 'IX'\n  Did you mean 'IV'?"),
        (
            ["--course", "block-3"],
            "error: this patient's route (arm D) does not have Block 3\n  The route: block-1, block-2, blina-cycle-1, ",
        ),
        (
            ["--course", "maintenance"],
            "error: no course of this plan is called 'maintenance'\n  Did you mean 'maintenance-",
        ),
        (["--revision", "7"], "error: the record has no revision 7\n  It has 1 to 6.\n"),
        (["--revision", "0"], "error: the record has no revision 0\n  It has 1 to 6.\n"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_plan_is_used_wrongly(refused: Refused, words: list[str], message: str, child: Path) -> None:
    said = refused("plan", child, *words, status=2, folder=child.parent)
    assert said.startswith(message)
    assert len(said.splitlines()) == 2


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["aall1313"], "error: no protocol is called 'aall1313'\n  Did you mean 'aall1331'?"),
        (["aall1331", "--course", "blok-2"], "error: no course is called 'blok-2'\n  Did you mean 'block-2'?"),
        (["aall1331", "--protocol-version", "9"], "error: protocol 'aall1331' has no version '9'\n  It has 0.1"),
    ],
)
def test_show_is_used_wrongly(refused: Refused, words: list[str], message: str, tmp_path: Path) -> None:
    assert refused("show", *words, status=2, folder=tmp_path).startswith(message)


def test_a_definition_with_a_mistake_stops_new_at_the_mistake(refused: Refused, bundled: Path, tmp_path: Path) -> None:
    for file in bundled.rglob("*.yaml"):
        target = tmp_path / "own" / file.relative_to(bundled)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.read_bytes())
    agents = tmp_path / "own" / "agents.yaml"
    agents.write_text(agents.read_text(encoding="utf-8").replace("unit: mcg", "unit: ug"), encoding="utf-8")
    record = tmp_path / "p001.yaml"
    said = refused("new", record, *with_options(CHILD, protocol=str(tmp_path / "own")), status=1, folder=tmp_path)
    assert said.startswith(f"{agents}:")
    assert "'unit' must be 'mg', 'mcg', 'g' or 'units', not 'ug'" in said
    assert said.count("error: ") == 1


@pytest.mark.parametrize("words", [["roadmap", "--course", "block-1"], ["feed"]])
def test_a_target_that_cannot_be_written_is_told_and_nothing_is_left(
    child: Path, tmp_path: Path, words: list[str]
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    for target, says in (
        (folder, "is a folder"),
        (tmp_path / "nowhere" / "x", "there is no folder"),
        (tmp_path / ("x" * 300), "cannot be written"),
    ):
        done = run(words[0], child, "-o", target, *words[1:])
        assert done.returncode == 2
        assert says in done.stderr
        assert "Traceback" not in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", child.name]
    assert not list(folder.iterdir())


@pytest.mark.parametrize("words", [["roadmap", "-o", "x.pdf"], ["feed", "-o", "x.ics"], ["drugs"]])
def test_every_command_tells_what_is_wrong_with_a_record(child: Path, words: list[str]) -> None:
    child.write_text(child.read_text().replace("weight: 19.4", "weight: 19400"))
    done = run(words[0], child, *words[1:], cwd=child.parent)
    assert (done.returncode, done.stdout) == (1, "")
    assert "19400" in done.stderr
    assert "Traceback" not in done.stderr
    assert [path.name for path in child.parent.iterdir()] == [child.name]


def test_a_shelf_that_is_not_there_is_wrong_use(child: Path, tmp_path: Path) -> None:
    done = run("plan", child, "--schedules", tmp_path / "nowhere")
    assert done.returncode == 2
    assert "there is no folder" in done.stderr
