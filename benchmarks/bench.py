"""Speed against its targets, as ratios of times taken in one run on one machine.

Commands are run as whole processes, in turns, so that a busy moment of the machine meets them all; medians count.
`python benchmarks/bench.py` prints every measure beside its target; with `--strict` a missed target is exit status 1.
"""

from __future__ import annotations

import argparse
import gc
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import Any
from unittest import mock

from measure import Measure
from plain_document import CHILD, PLAIN, plain_document
from publishing import feeding, publishing
from serving import serving

from protocal.account import make_account
from protocal.model.days import ONE_DAY
from protocal.model.entries import Ending
from protocal.model.plan import Plan
from protocal.model.settings import Settings
from protocal.plan import make_plan
from protocal.plan.dose import Dose
from protocal.plan.expand import expand
from protocal.read.record.append import NewEntry, append_entries
from protocal.render.feed.ics import FeedWriter
from protocal.render.feed.reader_feed import Reader
from protocal.render.pdf.fonts import SCHEME, font_faces, font_files
from protocal.render.pdf.sheets_pdf import roadmap_pdf, sheets_html
from protocal.render.pdf.side_by_side import PROCESSES, processes
from protocal.render.pdf.templates import style_sheet
from protocal.render.roadmap import make_roadmap
from protocal.verify.roadmap import roadmap_problems
from protocal.workflow.counting import counted_again, forget
from protocal.workflow.making import roadmap_bytes
from protocal.workflow.planning import load_plan

PYTHON = sys.executable
PROTOCAL = str(Path(sys.executable).with_name("protocal"))
TIMES_OF_THERAPY = (1, 2, 4, 8)
COURSE = "block-1"
LINES = (1, 100, 1000, 5000)
ISSUES = 100
MOST = 1000  # of what happens that a therapy has room for
HAPPENINGS = ("delay", "give", "give", "omit", "give", "move", "give", "measure", "give", "hold")


@dataclass(frozen=True, slots=True)
class Run:
    """How long a process took, in milliseconds, and its peak of memory, in MB: medians of all its rounds.

    What its cores worked includes the processes that it started.
    """

    milliseconds: float
    worked: float
    megabytes: float


def in_turns(commands: Mapping[str, Sequence[str]], rounds: int) -> dict[str, Run]:
    """Every command once, then every command again, and so on; one round before them does not count.

    That round leaves our modules compiled, as an installer does, whatever this shell says of writing bytecode.
    """
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    runs: dict[str, list[tuple[float, float, float]]] = {name: [] for name in commands}
    for count in range(rounds + 1):
        for name, command in commands.items():
            start = time.perf_counter()
            process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            _pid, status, usage = os.wait4(process.pid, 0)
            took = (time.perf_counter() - start) * 1000
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode:
                raise SystemExit(f"{' '.join(command)} failed with {process.returncode}")
            if count:
                worked = (usage.ru_utime + usage.ru_stime) * 1000
                peak = usage.ru_maxrss / (1024 if sys.platform == "linux" else 1024**2)
                runs[name].append((took, worked, peak))
    return {name: Run(*map(median, zip(*each, strict=True))) for name, each in runs.items()}


def against(name: str, runs: Mapping[str, Run], ours: str, theirs: str, target: float) -> Measure:
    """The ratio of two commands' times."""
    mine, other = runs[ours].milliseconds, runs[theirs].milliseconds
    return Measure(name, mine / other, target, behind=f"{mine:.0f} ms / {other:.0f} ms")


def start_up(record: Path, rounds: int) -> Iterator[Measure]:
    """What a command costs before and besides its work."""
    runs = in_turns(
        {
            "typer": [PYTHON, "-c", "import typer"],
            "libraries": [PYTHON, "-c", "import typer, yaml; from pydantic import BaseModel"],
            "--version": [PROTOCAL, "--version"],
            "--help": [PROTOCAL, "--help"],
            "plan": [PROTOCAL, "plan", "--format", "json", str(record)],
        },
        rounds,
    )
    yield against("protocal --version / import typer", runs, "--version", "typer", 1.3)
    yield against("protocal --help / import typer", runs, "--help", "typer", 3)
    yield against("plan --format json / import of its libraries", runs, "plan", "libraries", 2)


def accounting(plan: Plan, rounds: int) -> Iterator[Measure]:
    """What is so on each date, beside the plan that it is made from, nothing remembered."""
    took: dict[str, list[float]] = {"plan": [], "account": []}
    for _round in range(rounds + 3):
        expand.cache_clear()
        for name, make in (
            ("plan", lambda: make_plan(plan.protocol, plan.record, Settings())),
            ("account", lambda: make_account(plan)),
        ):
            start = time.perf_counter()
            make()
            took[name].append((time.perf_counter() - start) * 1000)
    made, account = median(took["plan"][3:]), median(took["account"][3:])
    yield Measure(
        "the account of two years / the plan", account / made, 1.5, behind=f"{account:.1f} ms / {made:.1f} ms"
    )


def counting(plan: Plan, record: Path, rounds: int) -> Iterator[Measure]:
    """The second count of a record, beside reading, planning and checking it, and a print; nothing remembered."""
    took: dict[str, list[float]] = {"plan": [], "count": [], "print": []}
    for _round in range(rounds + 3):
        for name, make in (
            ("plan", lambda: load_plan(record, Settings())),
            ("count", lambda: counted_again(plan)),
            ("print", lambda: roadmap_bytes(plan, Settings(), [COURSE])),
        ):
            expand.cache_clear()
            forget()
            start = time.perf_counter()
            make()
            took[name].append((time.perf_counter() - start) * 1000)
    made, count, printed = (median(took[name][3:]) for name in took)
    yield Measure("the second count / the plan, for check", count / made, 1.5, behind=f"{count:.1f} ms / {made:.1f} ms")
    behind = f"{count:.1f} ms / {printed:.1f} ms"
    yield Measure("the second count / a print of one course", count / printed, 0.2, behind=behind)


def planning(plan: Plan, rounds: int) -> Iterator[Measure]:
    """The plan by itself, nothing remembered, and how it grows with the length of the therapy."""
    dates = [each.course.dates for each in plan.courses if each.course.dates]
    first, whole = dates[0].day1, dates[-1].last_day + ONE_DAY - dates[0].day1
    ends = {times: Ending(date=first + times * whole - ONE_DAY, where=plan.record.where) for times in TIMES_OF_THERAPY}
    records = {times: replace(plan.record, log=(*plan.record.log, end)) for times, end in ends.items()}
    took: dict[int, list[float]] = {times: [] for times in records}
    size: dict[int, int] = {}
    for count in range(rounds + 3):
        for times, record in records.items():
            expand.cache_clear()
            start = time.perf_counter()
            made = make_plan(plan.protocol, record, Settings())
            if count >= 3:
                took[times].append((time.perf_counter() - start) * 1000)
            size[times] = len(made.administrations)
    each = {times: median(values) / size[times] * 1000 for times, values in took.items()}
    yield Measure("the plan of Arm D", median(took[1]), 10, "ms", f"{size[1]} administrations")
    behind = ", ".join(f"{size[times]}: {each[times]:.2f}" for times in records)
    yield Measure(
        "time per administration, longest / shortest",
        each[TIMES_OF_THERAPY[-1]] / each[1],
        1.2,
        behind=f"us at {behind}",
    )


def doses(plan: Plan, rounds: int) -> Iterator[Measure]:
    """The plan with its doses worked out, and with every dose the same, which costs nothing."""
    flat = Dose(Decimal(1), Decimal(1), "mg", "", "")

    def made() -> float:
        expand.cache_clear()
        start = time.perf_counter()
        make_plan(plan.protocol, plan.record, Settings())
        return (time.perf_counter() - start) * 1000

    took: dict[str, list[float]] = {"with": [], "without": []}
    for _round in range(rounds + 3):
        took["with"].append(made())
        with (
            mock.patch("protocal.plan.expand.administrations.dosing", return_value=lambda *_day: flat),
            mock.patch("protocal.plan.expand.administrations.by_mouth", lambda lines, *_args: lines),
        ):
            took["without"].append(made())
    with_, without = median(took["with"][3:]), median(took["without"][3:])
    yield Measure("planning with doses / without", with_ / without, 2, behind=f"{with_:.1f} ms / {without:.1f} ms")


def happenings(plan: Plan, count: int) -> Iterator[NewEntry]:
    """So many entries for a log, spread over the courses: each course is delayed first, then the rest happens."""
    courses = [each for each in plan.courses if each.course.dates][:-1]
    late = timedelta()
    for index, each in enumerate(courses):
        first, end = count * index // len(courses), count * (index + 1) // len(courses)
        kinds = [HAPPENINGS[number % len(HAPPENINGS)] for number in range(first, end)]
        kinds.sort(key=lambda kind: kind != "delay")
        for number, kind in enumerate(kinds):
            line = each.administrations[number * len(each.administrations) // len(kinds)]
            late += ONE_DAY * (kind == "delay")
            on = line.date + late
            happened: dict[str, dict[str, Any]] = {
                "delay": {"course": each.course.id, "days": 1},
                "give": {"id": line.id, "date": on.isoformat()},
                "omit": {"ids": [line.id]},
                "move": {"id": line.id, "date": (on + ONE_DAY).isoformat()},
                "measure": {"date": on.isoformat(), "height": 112, "weight": 20},
                "hold": {"course": each.course.id, "date": on.isoformat(), "days": 1, "rule": "skip"},
            }
            yield NewEntry({"entry": kind, **happened[kind], "why": "made up"})


def following(record: Path, folder: Path, rounds: int) -> Iterator[Measure]:
    """The feed of a record that was issued once, and of longer ones issued a hundred times; nothing remembered."""
    plan = load_plan(record, Settings())
    took: dict[int, list[float]] = {lines: [] for lines in LINES}
    for lines in LINES:
        added = append_entries(record, list(with_issues(plan, lines)), datetime(2026, 12, 1, tzinfo=UTC), "")
        if added.record is None:
            raise SystemExit("\n".join(map(str, added.problems)))
        (folder / f"{lines}.yaml").write_bytes(added.after)
    for _round in range(rounds):
        for lines, times in took.items():
            expand.cache_clear()
            start = time.perf_counter()
            FeedWriter(load_plan(folder / f"{lines}.yaml", Settings()), Reader()).feed()
            times.append((time.perf_counter() - start) * 1000)
    each = {lines: median(times) for lines, times in took.items()}
    behind = ", ".join(f"{lines:,}: {milliseconds:.0f}" for lines, milliseconds in each.items())
    yield Measure("the feed of 100 issues / of 1", each[100] / each[1], 3, behind=f"ms by lines of the log: {behind}")
    for lines, target in ((1000, 3), (5000, 12)):
        yield Measure(f"the feed of {lines:,} lines / of 100", each[lines] / each[100], target)


def with_issues(plan: Plan, lines: int) -> Iterator[NewEntry]:
    """So many lines, of which those beyond a thousand are notes, and a hundred issues of the feed between them."""
    happened = list(happenings(plan, min(lines, MOST)))
    notes, every, number = lines // len(happened) - 1, max(1, len(happened) // ISSUES), 0
    for place, entry in enumerate(happened):
        yield entry
        yield from [NewEntry({"entry": "note", "text": "made up"})] * notes
        if place % every == 0:
            number += 1
            sheet = {"sheet": Reader().feed, "number": number, "says": f"{number:032x}", "facts": f"{number:032x}"}
            yield NewEntry({"entry": "issue", "sheets": [sheet], "options": Reader().options})


def bare_course(record: Path, folder: Path) -> Path:
    """A file with the HTML and the style of one course's sheet, as WeasyPrint is given it."""
    plan, settings = load_plan(record, Settings()), Settings()
    (html,) = sheets_html(make_roadmap(plan, settings, [COURSE]), settings, plan.issued)
    faces = font_faces()
    for name, path in font_files().items():
        faces = faces.replace(f"{SCHEME}{name}", path.as_uri())
    page = "@page { size: letter; margin: 118pt 36pt 46pt 54pt }"
    file = folder / "course.html"
    file.write_text(f"{html}<style>{faces}{page}{style_sheet('sheet.css', settings)}</style>", encoding="utf-8")
    return file


def paper(record: Path, folder: Path, rounds: int) -> Iterator[Measure]:
    """All roadmaps against a plain document of the same words in the same rows and columns."""
    ours, theirs = str(folder / "roadmap.pdf"), str(folder / "plain.pdf")
    whole = [PROTOCAL, "roadmap", str(record), "-o", ours]
    runs = in_turns(
        {
            "roadmap": whole,
            "alone": ["env", f"{PROCESSES}=1", *whole],
            "plain": [PYTHON, "-c", f"import weasyprint; weasyprint.HTML({str(PLAIN)!r}).write_pdf({theirs!r})"],
            "calendar": [PROTOCAL, "calendar", str(record), "-o", str(folder / "calendar.pdf")],
            "course": [PROTOCAL, "roadmap", str(record), "--course", COURSE, "-o", str(folder / "course.pdf")],
            "its layout": [
                PYTHON,
                "-c",
                f"import weasyprint; weasyprint.HTML({str(bare_course(record, folder))!r}).write_pdf({theirs!r})",
            ],
        },
        rounds,
    )
    yield against("one course / WeasyPrint and its layout", runs, "course", "its layout", 1.5)
    yield against("a family's calendar of two years / all roadmaps", runs, "calendar", "roadmap", 1)
    plan, settings = load_plan(record, Settings()), Settings()
    count = processes(list(sheets_html(make_roadmap(plan, settings), settings, plan.issued)))
    by = "1 process" if count == 1 else f"{count} processes"
    yield against(f"all roadmaps by {by} / plain document", runs, "roadmap", "plain", 0.7)
    yield against("all roadmaps by 1 process / plain document", runs, "alone", "plain", 0.7)
    for name, words in (("roadmap", by), ("alone", "1 process")):
        mine, other = runs[name].worked, runs["plain"].worked
        behind = f"{mine:.0f} ms / {other:.0f} ms"
        yield Measure(f"the same by {words}, time of the cores", mine / other, 0.7, behind=behind)
    peak, other = runs["roadmap"].megabytes, runs["plain"].megabytes
    yield Measure("peak memory of all roadmaps", peak, 300, "MB", f"plain document {other:.0f} MB")


def reading_back(plan: Plan, rounds: int) -> Iterator[Measure]:
    """What it costs to read all roadmaps back, against making them by one process; with the import of what reads."""
    took: dict[str, list[float]] = {"made": [], "read": []}
    for _round in range(rounds):
        gc.collect()
        gc.disable()  # as the command does
        start = time.perf_counter()
        with mock.patch.dict(os.environ, {PROCESSES: "1"}):
            pdf = roadmap_pdf(make_roadmap(plan, Settings()), Settings(), plan.issued)
        made = time.perf_counter()
        if roadmap_problems(pdf, plan, Settings()):
            raise SystemExit("the roadmaps do not say what the plan says")
        took["made"].append((made - start) * 1000)
        took["read"].append((time.perf_counter() - made) * 1000)
        gc.enable()
    runs = in_turns({"python": [PYTHON, "-c", ""], "pypdfium2": [PYTHON, "-c", "import pypdfium2"]}, rounds)
    imported = runs["pypdfium2"].milliseconds - runs["python"].milliseconds
    made, read = median(took["made"]), median(took["read"]) + imported
    behind = f"{read:.0f} ms, {imported:.0f} of them its import / {made:.0f} ms"
    yield Measure("read-back / roadmaps", read / made, 0.1, behind=behind)


def main() -> None:
    """Measure everything and print it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=15, help="of each command; a third of it for PDFs (15)")
    parser.add_argument("--strict", action="store_true", help="fail if a target is missed")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        record = folder / "p001.yaml"
        subprocess.run([PROTOCAL, "new", record, *CHILD], check=True, stderr=subprocess.DEVNULL)
        plan = load_plan(record, Settings())
        if PLAIN.read_text(encoding="utf-8") != plain_document(plan):
            print("note: plain.html is not of these sheets; `python benchmarks/plain_document.py` writes it again")
        missed = 0
        for measures in (
            start_up(record, options.rounds),
            planning(plan, options.rounds),
            accounting(plan, options.rounds),
            counting(plan, record, max(1, options.rounds // 3)),
            following(record, folder, max(1, options.rounds // 5)),
            doses(plan, options.rounds),
            paper(record, folder, max(1, options.rounds // 3)),
            reading_back(plan, max(1, options.rounds // 3)),
            feeding(record, options.rounds),
            publishing(folder / "records", options.rounds),
            serving(folder / "published", options.rounds),
        ):
            for measure in measures:
                print(measure, flush=True)
                missed += not measure.met
    print(f"{missed} of the targets missed" if missed else "all targets met")
    sys.exit(bool(missed) and options.strict)


if __name__ == "__main__":
    main()
