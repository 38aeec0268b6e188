"""`make seeded`: seeds faults into the planner, one at a time; docs/seeded-faults.md then says how each was caught.

    faults.toml    the faults: a line of a module, and the same line with a mistake in it
    results.json   what the second count said of each, with the history that it took, written here

Only the second count may catch them: a plan that breaks down, or that a check refuses, is not caught.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tomllib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
PAGE = ROOT / "docs" / "seeded-faults.md"
RESULTS = HERE / "results.json"
WORK = ROOT / "build" / "seeded"
LINKED = ("schedules", "templates", "tests", "pyproject.toml")
NUMBERS = 700  # pairs' numbers that are tried of each definition
SECONDS = 1800  # for one fault
DEFINITIONS = ("made up", "tiny", "aall1331")

HEAD = """\
# Faults that the second count catches

`make seeded` makes each of these mistakes in the planner, one at a time ([seeded/faults.toml](seeded/faults.toml)), and
compares plan and second count on made-up definitions and histories (`tests/pairs.py`) until they differ. Nothing else
looks. This page is written by [seeded/seed.py](seeded/seed.py) from what was run.

"""
TRY = """
import sys, tempfile
from pathlib import Path
from pairs import DiffersError, compared
for number in range({numbers}):
    for definition in {definitions}:
        try:
            with tempfile.TemporaryDirectory() as folder:
                compared(number, definition, Path(folder), 16)
        except DiffersError as error:
            print(error)
            sys.exit(3)
        except Exception:  # a plan that breaks down is not caught
            continue
"""


@dataclass(frozen=True, slots=True)
class Fault:
    """A line of a module under protocal/ and the same with a mistake; `kind` is what it is a mistake of."""

    kind: str
    file: str
    line: str
    fault: str


@dataclass(frozen=True, slots=True)
class Result:
    """The first that the second count said, and the entries of the shortest history; none where it takes none."""

    said: str
    after: tuple[str, ...]


def faults() -> list[Fault]:
    """Those of faults.toml, in its order."""
    found = tomllib.loads((HERE / "faults.toml").read_text(encoding="utf-8"))
    return [Fault(kind.replace("-", " "), **each) for kind, group in found.items() for each in group]


def read_results() -> dict[str, Result]:
    """What was said, by the faulty line."""
    found = json.loads(RESULTS.read_text(encoding="utf-8"))
    return {key: Result(each["said"], tuple(each["after"])) for key, each in found.items()}


def seed(fault: Fault, work: Path) -> None:
    """A copy of the package with the fault in it. Raises ValueError where its line is not there just once."""
    shutil.rmtree(work, ignore_errors=True)
    shutil.copytree(ROOT / "protocal", work / "protocal", ignore=shutil.ignore_patterns("__pycache__"))
    for name in LINKED:
        (work / name).symlink_to(ROOT / name)
    file = work / "protocal" / fault.file
    text = file.read_text(encoding="utf-8")
    if text.count(fault.line) != 1:
        raise ValueError(f"{fault.file}: stands {text.count(fault.line)} times: {fault.line}")
    file.write_text(text.replace(fault.line, fault.fault), encoding="utf-8")


def caught(fault: Fault, work: Path) -> Result | None:
    """What the second count says of a fault, if it catches it."""
    seed(fault, work)
    environment = {**os.environ, "PYTHONPATH": f"{work}:{work / 'tests'}", "PYTHONDONTWRITEBYTECODE": "1"}
    program = TRY.format(numbers=NUMBERS, definitions=DEFINITIONS)
    command = [sys.executable, "-c", program]
    try:
        done = subprocess.run(
            command, env=environment, cwd=work, text=True, stdout=subprocess.PIPE, check=False, timeout=SECONDS
        )
    except subprocess.TimeoutExpired:
        return None
    finally:
        shutil.rmtree(work)
    if done.returncode != 3:
        return None
    told, _, history = done.stdout.partition("\nafter\n")
    return Result(
        told.partition(": ")[2].splitlines()[0].removeprefix("['").removesuffix("']"), tuple(history.split("\n")[:-1])
    )


def page(results: dict[str, Result]) -> str:
    """docs/seeded-faults.md."""
    every = faults()
    found = sum(each.fault in results for each in every)
    text = HEAD + f"{found} of {len(every)} are caught.\n"
    for kind in dict.fromkeys(each.kind for each in every):
        text += f"\n## {kind.capitalize()}\n"
        for each in (each for each in every if each.kind == kind):
            result = results.get(each.fault)
            said = "NOT CAUGHT" if result is None else _told(result)
            text += f"\n`{each.file}`\n\n```diff\n- {each.line.strip()}\n+ {each.fault.strip()}\n```\n\n{said}\n"
    return text


def _told(result: Result) -> str:
    count = len(result.after)
    history = "before anything happened" if not count else f"after {count} entr{'y' if count == 1 else 'ies'}"
    return f"{result.said} ({history})"


def main() -> None:
    """Seed them, write the page, and say what was not caught."""
    parser = argparse.ArgumentParser(description="make mistakes in the planner: the second count must catch them")
    parser.add_argument("--missing", action="store_true", help="only those that were not caught when last tried")
    every, results = faults(), read_results() if parser.parse_args().missing else {}
    left = [(number, each) for number, each in enumerate(every) if each.fault not in results]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        tried = pool.map(lambda each: caught(each[1], WORK / str(each[0])), left)
        results |= {each.fault: result for (_number, each), result in zip(left, tried, strict=True) if result}
    results = {each.fault: results[each.fault] for each in every if each.fault in results}
    text = json.dumps({key: asdict(result) for key, result in results.items()}, indent=1, ensure_ascii=False)
    RESULTS.write_text(text + "\n", encoding="utf-8")
    PAGE.write_text(page(results), encoding="utf-8")
    missed = [each for each in every if each.fault not in results]
    if missed:
        sys.exit("\n".join(f"not caught: {each.file}: {each.fault}" for each in missed))


if __name__ == "__main__":
    main()
