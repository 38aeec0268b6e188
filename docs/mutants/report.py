"""`make mutants`: changes modules in small ways, one at a time; docs/mutants.md then says what no test noticed.

    groups.toml    modules, and the fast tests that must notice a change of any of them
    reasons.toml   why a change that nothing noticed cannot be noticed, by its function and the changed line
    results.json   what came of each function when it was last run, written here

Only functions that are not as they were when they were run are run anew. A change that only ran out of time is none
that was noticed: a busy machine does that, too.
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
from collections.abc import Iterable, Iterator, Mapping
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
Key = tuple[str, str, str]
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
    """What came of a function; `digest` is of what it was when it was run."""

    digest: str
    killed: int
    total: int
    survivors: tuple[Survivor, ...] = ()


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


def functions_of(module: str) -> dict[str, str]:
    """The functions and methods of a module by their names, as in `plan.clocks.in_utc`, each with its digest."""
    return digests(_short(module), _path(module).read_text(encoding="utf-8"))


def _short(module: str) -> str:
    return module.removeprefix("protocal.")


def digests(prefix: str, text: str) -> dict[str, str]:
    """The same of a module's text. A digest is of all that is run: not of comments and docstrings."""
    found = {}
    for node in ast.parse(text).body:
        inner = node.body if isinstance(node, ast.ClassDef) else [node]
        name = f"{prefix}.{node.name}" if isinstance(node, ast.ClassDef) else prefix
        for each in inner:
            if isinstance(each, ast.FunctionDef):
                bare = ast.dump(_Bare().visit(each))
                found[f"{name}.{each.name}"] = hashlib.sha256(bare.encode()).hexdigest()[:16]
    return found


class _Bare(ast.NodeTransformer):
    """Takes docstrings out."""

    def visit_Expr(self, node: ast.Expr) -> ast.Expr | None:
        """Gone, if it is one."""
        return None if isinstance(node.value, ast.Constant) else node


def pattern_of(module: str, function: str) -> str:
    """The mutants of a function, as mutmut names them."""
    *classes, name = function.removeprefix(f"{_short(module)}.").split(".")
    mangled = "xǁ" if classes else "x_"
    return f"{module}.{mangled}{'ǁ'.join([*classes, name])}__mutmut_*"


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


def results_of(work: Path, wanted: Mapping[str, str]) -> dict[str, Result]:
    """What came of those functions that were run to their end; `wanted` are their digests."""
    found: dict[str, list[tuple[str, str]]] = {name: [] for name in wanted}
    for mutant, status in re.findall(r"^\s*(\S+): (.+)$", mutmut(work, "results", "--all", "true"), re.MULTILINE):
        if _function_of(mutant) in found:
            found[_function_of(mutant)].append((mutant, status))
    return {
        name: Result(
            wanted[name],
            sum(status == "killed" for _mutant, status in mutants),
            len(mutants),
            tuple(sorted((_survivor(work, *each) for each in mutants if each[1] != "killed"), key=key)),
        )
        for name, mutants in found.items()
        if all(status != "not checked" for _mutant, status in mutants)
    }


def _function_of(mutant: str) -> str:
    """`plan.clocks.in_utc`, of `protocal.plan.clocks.x_in_utc__mutmut_3`."""
    module, _, mangled = mutant.rpartition(".")
    function = mangled.rpartition("__mutmut_")[0]
    function = function.removeprefix("x_") if "ǁ" not in function else function.removeprefix("xǁ").replace("ǁ", ".")
    return f"{_short(module)}.{function}"


def _survivor(work: Path, mutant: str, status: str) -> Survivor:
    shown = mutmut(work, "show", mutant).splitlines()
    lines = [line for line in shown if not line.startswith(("--- ", "+++ ", "# "))]
    was, now = (" ".join(line[1:].strip() for line in lines if line.startswith(sign)) for sign in "-+")
    return Survivor(_function_of(mutant), was, now, status)


def read_results() -> dict[str, Result]:
    """What was run before."""
    if not RESULTS.exists():
        return {}
    found = json.loads(RESULTS.read_text(encoding="utf-8"))
    return {
        name: Result(**{**each, "survivors": tuple(Survivor(name, **one) for one in each["survivors"])})
        for name, each in found.items()
    }


def write_results(results: dict[str, Result]) -> None:
    """Keep them for the next time."""
    rows = []
    for name in sorted(results):
        found = asdict(results[name])
        for each in found["survivors"]:
            del each["function"]  # which is the row's name
        rows.append(f"{json.dumps(name)}: {json.dumps(found, ensure_ascii=False)}")
    RESULTS.write_text("{\n" + ",\n".join(rows) + "\n}\n", encoding="utf-8")


def read_reasons() -> dict[Key, str]:
    """The reasons, by function, line and changed line."""
    found = tomllib.loads((HERE / "reasons.toml").read_text(encoding="utf-8"))
    return {
        (function, each["line"], each["changed"]): each["why"]
        for function, reasons in found.items()
        for each in reasons
    }


def key(each: Survivor) -> Key:
    """What a reason is found by."""
    return each.function, each.line, each.changed


def page(results: Mapping[str, Result], modules: Iterable[str], reasons: Mapping[Key, str]) -> str:
    """docs/mutants.md."""
    rows: list[str] = []
    survivors: list[Survivor] = []
    killed = total = 0
    for module in modules:
        functions = functions_of(module)
        mine = [results[name] for name in functions if name in results]
        late = sum(name not in results or results[name].digest != digest for name, digest in functions.items())
        if functions and not mine:
            rows.append(f"| `{_short(module)}` | not yet run | | |")
        if not sum(each.total for each in mine):
            continue
        dead, all_ = sum(each.killed for each in mine), sum(each.total for each in mine)
        stale = f"{late} of {len(functions)} functions not run since they changed" if late else ""
        rows.append(f"| `{_short(module)}` | {dead} of {all_} | {_percent(dead, all_)} | {stale} |")
        killed, total = killed + dead, total + all_
        survivors += [one for each in mine for one in each.survivors]
    text = HEAD + "| module | noticed | | |\n|---|---|---|---|\n" + "\n".join(rows)
    text += f"\n| together | {killed} of {total} | {_percent(killed, total)} | |\n"
    for function in dict.fromkeys(each.function for each in survivors):
        text += f"\n## `{function}`\n"
        for each in (each for each in survivors if each.function == function):
            why = reasons.get(key(each), "NO REASON YET")
            late_ = " (ran out of time)" if each.status == "timeout" else ""
            text += f"\n```diff\n- {each.line}\n+ {each.changed}\n```\n\n{why}{late_}\n"
    return text


def _percent(killed: int, total: int) -> str:
    return f"{100 * killed / total:.1f} %" if total else ""


def complaints(
    results: Mapping[str, Result], modules: Iterable[str], reasons: Mapping[Key, str], at_least: int
) -> Iterator[str]:
    """What is wrong: what nothing notices and has no reason, reasons without one, what was not run, too few noticed."""
    living = {key(each) for result in results.values() for each in result.survivors}
    for function, _line, changed in sorted(living - set(reasons)):
        yield f"{function}: no test notices this, and reasons.toml has no reason: {changed}"
    for function, _line, changed in sorted(set(reasons) - living):
        yield f"{function}: reasons.toml has a reason for what is noticed, or is no change any more: {changed}"
    wanted = {name: digest for module in modules for name, digest in functions_of(module).items()}
    for name, digest in wanted.items():
        if name not in results or results[name].digest != digest:
            yield f"{name}: not run since it changed"
    mine = [results[name] for name in wanted if name in results]
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
    every = [module for group in groups() for module in modules_of(group)]
    known = {name for module in every for name in functions_of(module)}
    results = {name: each for name, each in read_results().items() if name in known}
    unknown = [module for module in asked.modules if module not in every]
    if unknown:
        sys.exit(f"in no group of groups.toml: {', '.join(unknown)}")
    ran = asked.modules or every
    for group in groups() if not asked.write else ():
        mine = {name: module for module in modules_of(group) if module in ran for name in functions_of(module)}
        now = {name: digest for module in dict.fromkeys(mine.values()) for name, digest in functions_of(module).items()}
        changed = {
            name: digest for name, digest in now.items() if name not in results or results[name].digest != digest
        }
        if changed:
            results |= run(group, [pattern_of(mine[name], name) for name in changed], changed, asked.jobs)
            write_results(results)
    reasons = read_reasons()
    write_results(results)
    PAGE.write_text(page(results, every, reasons), encoding="utf-8")
    wrong = list(complaints(results, ran, reasons, asked.at_least))
    if wrong:
        sys.exit("\n".join(wrong))


def run(group: Group, patterns: Iterable[str], changed: Mapping[str, str], jobs: int) -> dict[str, Result]:
    """What comes of functions of a group; `changed` are their digests."""
    work = prepare(group)
    words = ["run", *(["--max-children", str(jobs)] if jobs else []), *patterns]
    subprocess.run([str(Path(sys.executable).parent / "mutmut"), *words], cwd=work, check=True)
    return results_of(work, changed)


if __name__ == "__main__":
    main()
