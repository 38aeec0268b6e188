"""`make mutants`: changes modules in small ways, one at a time; docs/mutants.md then says what no test noticed.

    groups.toml    modules, and the fast tests that must notice a change of any of them
    reasons.toml   why a change that nothing noticed cannot be noticed, by its function and the changed line
    results.json   what came of each module when it was last run to its end, written here

A change that only ran out of time is none that was noticed: a busy machine does that, too.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from fnmatch import fnmatch
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
PAGE = ROOT / "docs" / "mutants.md"
RESULTS = HERE / "results.json"
WORK = ROOT / "build" / "mutants"
COPIED = ("protocal", "schedules", "templates", "tests", "pyproject.toml")
ORDER = """

def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    tests = {tests}
    items.sort(key=lambda item: tests.index(item.nodeid.partition("::")[0]))
"""
CACHES = re.compile(r"^@(?:lru_)?cache\b.*\n", re.MULTILINE)

HEAD = """\
# Mutants that live

`make mutants` changes these modules in small ways, one at a time, and runs the fast tests of their group
([mutants/groups.toml](mutants/groups.toml)). A change that no test notices stands below with its line and why
nobody can ([mutants/reasons.toml](mutants/reasons.toml)). What only ran out of time counts as not noticed.
This page is written by [mutants/report.py](mutants/report.py) from what was run.

"""


@dataclass(frozen=True, slots=True)
class Group:
    """Modules that are changed together, and the tests that are run."""

    name: str
    modules: tuple[str, ...]
    tests: tuple[str, ...]
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Survivor:
    """A change that no test noticed, with the line as it is and as it was changed."""

    function: str
    line: str
    changed: str
    status: str = "survived"


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a module; `digest` is of its text when it was run."""

    digest: str
    killed: int
    total: int
    survivors: tuple[Survivor, ...]


def groups() -> list[Group]:
    """The groups of groups.toml."""
    found = tomllib.loads((HERE / "groups.toml").read_text(encoding="utf-8"))
    return [
        Group(name, *(tuple(each.get(key, ())) for key in ("modules", "tests", "left out")))
        for name, each in found.items()
    ]


def modules_of(group: Group) -> list[str]:
    """The modules of a group by their dotted names."""
    paths = [path.relative_to(ROOT).as_posix() for path in sorted((ROOT / "protocal").rglob("*.py"))]
    return [_dotted(path) for pattern in group.modules for path in paths if fnmatch(path, pattern)]


def _dotted(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _path(module: str) -> Path:
    path = ROOT / module.replace(".", "/")
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def digest(module: str) -> str:
    """What tells whether a module is still the one that was run: all of it but imports, comments and docstrings."""
    return digest_of(_path(module).read_text(encoding="utf-8"))


def digest_of(text: str) -> str:
    """The same of a module's text."""
    return hashlib.sha256(ast.dump(_Bare().visit(ast.parse(text))).encode()).hexdigest()[:16]


class _Bare(ast.NodeTransformer):
    """Takes out what no mutant is made of."""

    def visit_Import(self, _node: ast.Import) -> None:
        """Gone."""

    def visit_ImportFrom(self, _node: ast.ImportFrom) -> None:
        """Gone."""

    def visit_Expr(self, node: ast.Expr) -> ast.Expr | None:
        """Gone, if it is a docstring."""
        return None if isinstance(node.value, ast.Constant) else node


def prepare(group: Group) -> Path:
    """A copy to run a group in, without caches: mutmut leaves a decorated function alone, and they keep old values."""
    work = WORK / group.name
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, work / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, work / name)
    for path in (work / "protocal" / "plan").rglob("*.py"):
        path.write_text(CACHES.sub("", path.read_text(encoding="utf-8")), encoding="utf-8")
    with (work / "tests" / "conftest.py").open("a", encoding="utf-8") as stream:  # the quickest of a group come first
        stream.write(ORDER.format(tests=list(group.tests)))
    values = {
        "only_mutate": group.modules,
        "pytest_add_cli_args_test_selection": group.tests,
        "pytest_add_cli_args": [f"--deselect={test}" for test in group.left_out],
    }
    with (work / "pyproject.toml").open("a", encoding="utf-8") as stream:
        stream.write("\n[tool.mutmut]\n")
        stream.write('source_paths = ["protocal"]\nalso_copy = ["schedules", "templates"]\n')
        stream.write("timeout_multiplier = 3.0\ntimeout_constant = 5.0\nuse_git_change_detection = false\n")
        stream.writelines(f"{name} = {json.dumps(list(each))}\n" for name, each in values.items())
    return work


def mutmut(work: Path, *words: str) -> str:
    """What a command of mutmut prints in a copy."""
    command = [str(Path(sys.executable).parent / "mutmut"), *words]
    return subprocess.run(command, cwd=work, check=True, text=True, stdout=subprocess.PIPE).stdout


def results_of(work: Path, modules: Iterable[str]) -> Iterator[tuple[str, Result]]:
    """What came of those modules that were run to their end."""
    listed = re.findall(r"^\s*(\S+): (.+)$", mutmut(work, "results", "--all", "true"), re.MULTILINE)
    for module in modules:
        mine = [(name, status) for name, status in listed if name.rpartition(".")[0] == module]
        if any(status == "not checked" for _name, status in mine):
            continue
        survivors = (_survivor(work, name, status) for name, status in mine if status != "killed")
        ordered = tuple(sorted(survivors, key=lambda each: (each.function, each.line, each.changed)))
        yield module, Result(digest(module), sum(status == "killed" for _name, status in mine), len(mine), ordered)


def _survivor(work: Path, name: str, status: str) -> Survivor:
    module, _, mangled = name.rpartition(".")
    function = mangled.rpartition("__mutmut_")[0].removeprefix("x").removeprefix("_").strip("ǁ").replace("ǁ", ".")
    shown = mutmut(work, "show", name).splitlines()
    lines = [line for line in shown if not line.startswith(("--- ", "+++ ", "# "))]
    was, now = (" ".join(line[1:].strip() for line in lines if line.startswith(sign)) for sign in "-+")
    return Survivor(f"{module.removeprefix('protocal.')}.{function}", was, now, status)


def read_results() -> dict[str, Result]:
    """What was run before."""
    if not RESULTS.exists():
        return {}
    found = json.loads(RESULTS.read_text(encoding="utf-8"))
    return {
        name: Result(each["digest"], each["killed"], each["total"], tuple(Survivor(**one) for one in each["survivors"]))
        for name, each in found.items()
    }


def write_results(results: dict[str, Result]) -> None:
    """Keep them for the next time."""
    text = json.dumps({name: asdict(results[name]) for name in sorted(results)}, indent=1, ensure_ascii=False)
    RESULTS.write_text(text + "\n", encoding="utf-8")


def read_reasons() -> dict[tuple[str, str, str], str]:
    """The reasons, by function, line and changed line."""
    found = tomllib.loads((HERE / "reasons.toml").read_text(encoding="utf-8"))
    return {
        (function, each["line"], each["changed"]): each["why"]
        for function, reasons in found.items()
        for each in reasons
    }


def key(each: Survivor) -> tuple[str, str, str]:
    """What a reason is found by."""
    return each.function, each.line, each.changed


def page(results: dict[str, Result], modules: Iterable[str], reasons: dict[tuple[str, str, str], str]) -> str:
    """docs/mutants.md."""
    rows: list[str] = []
    survivors: list[Survivor] = []
    killed = total = 0
    for module in modules:
        short, result = module.removeprefix("protocal."), results.get(module)
        if result is None:
            rows.append(f"| `{short}` | not yet run | | |")
            continue
        if not result.total:
            continue
        stale = "" if result.digest == digest(module) else "before its last change"
        rows.append(
            f"| `{short}` | {result.killed} of {result.total} | {_percent(result.killed, result.total)} | {stale} |"
        )
        killed, total = killed + result.killed, total + result.total
        survivors += result.survivors
    text = HEAD + "| module | noticed | | |\n|---|---|---|---|\n" + "\n".join(rows)
    text += f"\n| together | {killed} of {total} | {_percent(killed, total)} | |\n"
    for function in dict.fromkeys(each.function for each in survivors):
        text += f"\n## `{function}`\n"
        for each in (each for each in survivors if each.function == function):
            why = reasons.get(key(each), "NO REASON YET")
            late = " (ran out of time)" if each.status == "timeout" else ""
            text += f"\n```diff\n- {each.line}\n+ {each.changed}\n```\n\n{why}{late}\n"
    return text


def _percent(killed: int, total: int) -> str:
    return f"{100 * killed / total:.1f} %" if total else ""


def complaints(
    results: dict[str, Result], ran: Iterable[str], reasons: dict[tuple[str, str, str], str], at_least: int
) -> Iterator[str]:
    """What is wrong: a change that nothing notices without a reason, a reason without one, too few noticed."""
    living = {key(each) for result in results.values() for each in result.survivors}
    for function, _line, changed in sorted(living - set(reasons)):
        yield f"{function}: no test notices this, and reasons.toml has no reason: {changed}"
    for function, _line, changed in sorted(set(reasons) - living):
        yield f"{function}: reasons.toml has a reason for what is noticed, or is no change any more: {changed}"
    mine = [results[module] for module in ran if module in results]
    killed, total = sum(each.killed for each in mine), sum(each.total for each in mine)
    if killed * 100 < total * at_least or not total:
        yield f"less than {at_least} % are noticed: {killed} of {total}"


def main() -> None:
    """Run what was asked for, write the page, and say what is wrong."""
    parser = argparse.ArgumentParser(description="change modules in small ways: the tests must notice")
    parser.add_argument("modules", nargs="*", help="such as protocal.plan.clocks; all, if none is named")
    parser.add_argument("--at-least", type=int, default=95, help="how many of a hundred must be noticed")
    parser.add_argument("--jobs", type=int, default=0, help="how many at a time; as many as there are cores, if 0")
    parser.add_argument("--write", action="store_true", help="run nothing, only write the page")
    asked = parser.parse_args()
    results, every = read_results(), [module for group in groups() for module in modules_of(group)]
    unknown = [module for module in asked.modules if module not in every]
    if unknown:
        sys.exit(f"in no group of groups.toml: {', '.join(unknown)}")
    ran = asked.modules or every
    for group in groups():
        mine = [module for module in modules_of(group) if module in ran]
        if asked.write or not mine:
            continue
        work = prepare(group)
        names = [f"{module}.*" for module in mine] if asked.modules else []
        words = ["run", *(["--max-children", str(asked.jobs)] if asked.jobs else []), *names]
        subprocess.run([str(Path(sys.executable).parent / "mutmut"), *words], cwd=work, check=True)
        results |= dict(results_of(work, mine))
        write_results(results)
    reasons = read_reasons()
    PAGE.write_text(page({name: results[name] for name in every if name in results}, every, reasons), encoding="utf-8")
    wrong = list(complaints(results, ran, reasons, asked.at_least))
    if wrong:
        sys.exit("\n".join(wrong))


if __name__ == "__main__":
    main()
