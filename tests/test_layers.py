"""What must stay true by ARCHITECTURE.md, held against the source: who may import, know, write and print what."""

from __future__ import annotations

import ast
import inspect
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import protocal
from protocal import resources
from protocal.cli.commands import COMMANDS, import_commands
from protocal.cli.root import app
from protocal.model.protocol import Protocol
from protocal.read.definition.build import read_protocol

PACKAGE = Path(protocal.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))

MAY_IMPORT = {
    "text": {"text"},
    "model": {"model", "text"},
    "read": {"read", "model", "text", "resources", "protocal"},
    "plan": {"plan", "model", "text"},
    "change": {"change", "plan", "model", "text"},
    "account": {"account", "change", "plan", "model", "text"},
    "check": {"check", "plan", "recount", "model", "text"},
    "review": {"review", "model", "text"},
    "render": {
        "render",
        "account",
        "change",
        "plan",
        "review",
        "model",
        "text",
        "resources",
        "protocal",
    },  # the version is on paper
    "verify": {"verify", "render", "plan", "model", "text"},
    "publish": {"publish", "model"},
    "recount": {"recount"},
    "resources": set(),
    "workflow": {
        "workflow",
        "resources",
        "publish",
        "verify",
        "render",
        "check",
        "review",
        "account",
        "change",
        "plan",
        "read",
        "recount",
        "model",
        "text",
        "protocal",
    },  # what is published is of a version
    "serving": {"serving", "workflow", "publish", "render", "read", "model", "text", "resources"},
    "cli": {
        "cli",
        "serving",
        "workflow",
        "publish",
        "verify",
        "render",
        "check",
        "review",
        "account",
        "change",
        "plan",
        "read",
        "recount",
        "model",
        "text",
        "resources",
        "protocal",
    },
    "__init__": {"account", "change", "plan", "check", "read", "render", "publish", "model", "workflow"},  # types only
    "__main__": {"cli"},
}
ONLY_IN = {
    "yaml": ("read/", "recount/"),
    "pydantic": ("read/",),
    "fontTools": ("render/pdf/text_metrics.py",),
    "jinja2": ("render/pdf/templates.py",),
    "weasyprint": ("render/pdf/weasyprint_pdf.py",),
    "pypdfium2": ("verify/pdf_words.py",),
    "xlsxwriter": ("render/data/workbook.py",),
    "icalendar": ("render/feed/ics.py",),
    "typer": ("cli/",),
    "rich": ("render/terminal/",),
    "filelock": ("publish/lock.py",),
    "segno": ("render/qr.py",),
    "starlette": ("serving/",),
    "uvicorn": ("serving/server.py",),
    "random": ("cli/",),
    "secrets": ("cli/",),
    "uuid": ("cli/",),
    "time": ("cli/",),
}
MAKES_PDF = (  # which nobody has read back yet
    "protocal.render.pdf.sheets_pdf",
    "protocal.render.pdf.review_pdf",
    "protocal.render.family.pdf",
)
READS_IT_BACK = ("workflow/making.py", "workflow/reviewing.py")
LAZY = ("filelock", "fontTools", "jinja2", "pypdfium2", "segno", "weasyprint", "xlsxwriter")
WRITERS = {
    "write_text",
    "write_bytes",
    "mkdir",
    "makedirs",
    "touch",
    "unlink",
    "rename",
    "link",
    "symlink_to",
    "hardlink_to",
}
STREAMS = {"stdout", "stderr", "stdin", "argv"}
CLOCKS = {"now", "today", "utcnow", "perf_counter", "monotonic", "time_ns"}


def name_of(file: Path) -> str:
    return file.relative_to(PACKAGE).as_posix()


def layer_of(file: Path) -> str:
    return file.relative_to(PACKAGE).parts[0].removesuffix(".py")


@cache
def tree_of(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def imports(nodes: Iterator[ast.AST] | list[ast.stmt]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are written out in full"
            module = node.module or ""
            yield from (f"{module}.{alias.name}" for alias in node.names) if module == "protocal" else (module,)


def calls(file: Path) -> Iterator[tuple[str, ast.Call]]:
    """Every call with the last part of the name that is called."""
    for node in ast.walk(tree_of(file)):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func).rpartition(".")[2], node


def of_all_files(rule: Callable[[Path], Iterator[str]]) -> Callable[[], None]:
    """A test that a rule holds in every file; it says every place where it does not."""

    def test() -> None:
        broken = [f"{name_of(file)}: {what}" for file in FILES for what in rule(file)]
        assert not broken, "\n".join(broken)

    test.__name__, test.__doc__ = rule.__name__, rule.__doc__
    return test


# 1. Dependencies point one way


@of_all_files
def test_imports_point_one_way(file: Path) -> Iterator[str]:
    for name in imports(ast.walk(tree_of(file))):
        parts = name.split(".")
        if parts[0] == "protocal":
            known = (PACKAGE / parts[1]).is_dir() or (PACKAGE / f"{parts[1]}.py").is_file()
            if (parts[1] if known else "protocal") not in MAY_IMPORT[layer_of(file)]:
                yield f"imports {name}"


@of_all_files
def test_each_library_is_known_in_one_place(file: Path) -> Iterator[str]:
    for module in imports(ast.walk(tree_of(file))):
        places = ONLY_IN.get(module.split(".")[0])
        if places and not name_of(file).startswith(places):
            yield f"{module} belongs in {places}"


@of_all_files
def test_the_heaviest_libraries_are_imported_where_they_are_used(file: Path) -> Iterator[str]:
    yield from (f"imports {module} at once" for module in imports(tree_of(file).body) if module.split(".")[0] in LAZY)


@of_all_files
def test_paper_is_made_where_it_is_read_back_too(file: Path) -> Iterator[str]:
    if layer_of(file) != "render" and name_of(file) not in READS_IT_BACK:
        yield from (f"imports {module}" for module in imports(ast.walk(tree_of(file))) if module in MAKES_PDF)


def test_asking_for_the_version_loads_nothing_heavy() -> None:
    code = (
        "import sys\nsys.argv = ['protocal', '--version']\nfrom protocal.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.splitlines()[-1].split())
    assert "typer" in loaded
    assert not loaded & {"yaml", "pydantic", "jinja2", "weasyprint", "pypdfium2", "icalendar", "dateutil"}


def test_each_command_is_found_in_the_module_that_adds_it() -> None:
    import_commands(())
    found: dict[str, list[str]] = {}
    for each in app.registered_commands:
        assert each.callback is not None
        function = inspect.unwrap(each.callback)
        made_by = function.__module__.rpartition(".")[2]
        found.setdefault(made_by, []).append(each.name or function.__name__)
    assert {module: sorted(names) for module, names in found.items()} == {
        module: sorted(names) for module, names in COMMANDS.items()
    }


def test_a_command_imports_its_own_module_only() -> None:
    code = (
        "import sys\nfrom protocal.cli.commands import import_commands\nimport_commands(['plan', 'p001.yaml'])\n"
        "print(*(name for name in sys.modules if name.startswith('protocal.cli.')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.rpartition(".")[2] for name in done.stdout.split()}
    assert loaded & set(COMMANDS) == {"plans"}


NOT_FROM_THE_ACCOUNT = (
    "render/data/changes.py",  # says what differs between two plans
    "render/issue_box.py",  # asks which issue a sheet is
    "render/terminal/log.py",  # prints the log itself
    "render/terminal/why.py",  # names the lines of the log that a day comes from
)
FROM_THE_ACCOUNT = [
    name for name in map(name_of, FILES) if name.startswith("render/") and name not in NOT_FROM_THE_ACCOUNT
]
PLANNER = (
    *(
        f"plan.{name}"
        for name in ("expand", "course_dates", "course_log", "open_rescues", "clocks", "bags", "hours_infused")
    ),
    "change.history",
)
FOLDS = {"standing", "facts", "facts_of", "date_of", "shifts", "holds", "pauses", "clearings"}
OF_NO_DAY = {
    "counts",
    "prior",
    "remarks_of",
    "traits",
    "zone",
}  # who a patient is, not what happened when


def folds(tree: ast.Module) -> set[str]:
    """What a module takes from the log by itself; facts that are of no day may be asked of a plan one by one."""
    named = {getattr(node, "attr", None) or getattr(node, "id", None) for node in ast.walk(tree)}
    asked = {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in OF_NO_DAY and ast.unparse(node.value).endswith("plan.facts")
    }
    of_plans = {
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr == "facts" and ast.unparse(node.value) not in ("self", "row")
    }
    return (FOLDS & named) - {"facts"} | ({"facts"} if of_plans - asked else set())


def test_what_speaks_from_the_account_derives_nothing_itself() -> None:
    """It neither reaches into the planner nor folds the log, and works out no date of a course's day."""
    for name in FROM_THE_ACCOUNT:
        tree = tree_of(PACKAGE / name)
        assert not {f"protocal.{module}" for module in PLANNER} & set(imports(ast.walk(tree))), name
        assert not folds(tree), (name, folds(tree))


def test_a_fold_of_the_log_is_found_and_a_fact_of_no_day_is_not_one() -> None:
    assert folds(ast.parse("plan.facts.pauses")) == {"facts", "pauses"}
    assert folds(ast.parse("facts = then.facts\nfacts.traits")) == {"facts"}
    assert folds(ast.parse("dates.date_of(line.day)")) == {"date_of"}
    assert folds(ast.parse("context.plan.facts.remarks_of(kind)")) == set()


# 2. Nothing in Python knows a drug, a course, an arm or a trial


@cache
def bundled_protocols() -> tuple[Protocol, ...]:
    folders = sorted(file.parent for file in resources.folder("schedules").glob("*/*/protocol.yaml"))
    found = [read_protocol(folder)[0] for folder in folders]
    assert found
    assert None not in found
    return tuple(each for each in found if each)


@cache
def words_of_definitions() -> frozenset[str]:
    """Every id of a bundled definition that is a word: agents, courses, tables, the protocol, its registry number."""
    words = {
        word
        for each in bundled_protocols()
        for word in (*each.agents, *each.courses, *each.tables, each.id, each.registry)
    }
    return frozenset(words - {""})


def literals(file: Path) -> Iterator[tuple[int, str]]:
    """Every string of the code: not docstrings, which teach by example, and not the help texts of the command line."""
    spared: set[ast.AST] = set()
    for node in ast.walk(tree_of(file)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None:
            first = node.body[0]
            assert isinstance(first, ast.Expr)
            spared.add(first.value)
        if layer_of(file) == "cli" and isinstance(node, ast.keyword) and node.arg == "help":
            spared.update(ast.walk(node.value))
    for node in ast.walk(tree_of(file)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in spared:
            yield node.lineno, node.value


def identifiers(file: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree_of(file)):
        for field in ("id", "attr", "arg", "name", "asname"):
            value = getattr(node, field, None)
            if isinstance(value, str):
                yield getattr(node, "lineno", 0), value


@of_all_files
def test_no_string_knows_a_definition(file: Path) -> Iterator[str]:
    words = "|".join(re.escape(word) for word in words_of_definitions())
    known = re.compile(rf"(?<![a-z0-9])({words})(?![a-z0-9])", re.IGNORECASE)
    arms = {arm for each in bundled_protocols() for arm in each.arms}
    arms -= {"A"} if name_of(file) == "render/pdf/tags.py" else set()  # PDF's own name for the attributes of an element
    for line, text in literals(file):
        if match := known.search(text):
            yield f"line {line} knows {match[0]}"
        if text in arms:
            yield f"line {line} knows the arm {text}"


@of_all_files
def test_no_identifier_knows_a_definition(file: Path) -> Iterator[str]:
    known = {word.replace("-", "_") for word in words_of_definitions()}
    for line, name in identifiers(file):
        yield from (f"line {line}: {name} knows {word}" for word in known if f"_{word}_" in f"_{name.lower()}_")


def test_the_words_that_are_looked_for_are_those_of_the_definition() -> None:
    assert {"vincristine", "block-1", "itt", "aall1331", "NCT02101853"} <= words_of_definitions()


# 3. and 5. A plan is derived from values alone, and doses are Decimal


@of_all_files
def test_a_plan_is_made_without_files(file: Path) -> Iterator[str]:
    if layer_of(file) in ("plan", "change", "account", "check", "model", "text"):
        used = {module.split(".")[0] for module in imports(ast.walk(tree_of(file)))}
        wrong = used & {"os", "pathlib", "io", "json", "tempfile", "shutil", "subprocess", "sys"}
        yield from (f"imports {module}" for module in sorted(wrong))


@of_all_files
def test_no_figure_is_a_float(file: Path) -> Iterator[str]:
    if (
        layer_of(file) in ("plan", "change", "account", "check", "model", "text", "read", "workflow")
        and file.stem != "suggest"
    ):  # how near a name is
        floats = [
            node.lineno
            for node in ast.walk(tree_of(file))
            if isinstance(node, ast.Constant) and type(node.value) is float
        ]
        floats += [node.lineno for name, node in calls(file) if name == "float"]
        yield from (f"line {line} makes a float" for line in floats)


# 6. Who writes, prints, exits and reads the clock


@of_all_files
def test_only_publish_writes(file: Path) -> Iterator[str]:
    if layer_of(file) == "publish":
        return
    for name, call in calls(file):
        if name in WRITERS:
            yield f"line {call.lineno} writes"
        if name == "open":
            words = [*call.args, *(keyword.value for keyword in call.keywords if keyword.arg == "mode")]
            modes = [word.value for word in words if isinstance(word, ast.Constant) and isinstance(word.value, str)]
            if not all(mode in ("r", "rb") for mode in modes):
                yield f"line {call.lineno} opens a file for writing"
        if name == "write_pdf" and call.args:
            yield f"line {call.lineno} writes"


@of_all_files
def test_a_message_is_printed_in_one_place(file: Path) -> Iterator[str]:
    """What makes it harmless stands there; the end of a command prints what is harmless as a text."""
    for name, call in calls(file):
        to_people = any(keyword.arg in ("err", "file") for keyword in call.keywords)
        if (
            name in ("echo", "secho", "print")
            and to_people
            and name_of(file) not in ("cli/options.py", "cli/exit_status.py")
        ):
            yield f"line {call.lineno}: use `tell`"


@of_all_files
def test_only_the_command_line_prints_exits_and_reads_the_clock(file: Path) -> Iterator[str]:
    if layer_of(file) == "cli":
        return
    for name, call in calls(file):
        whole = ast.unparse(call.func)
        if whole in ("print", "input", "exit", "sys.exit", "os._exit"):
            yield f"line {call.lineno}: {whole}"
        if name in CLOCKS:
            yield f"line {call.lineno} reads the clock"
    for node in ast.walk(tree_of(file)):
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "sys":
            yield from (f"line {node.lineno}: sys.{name}" for name in STREAMS & {node.attr})


# The house: small modules


LONG = {
    "account/course.py course_days": "most of it is one line for each field of a course day",
}


@of_all_files
def test_no_module_is_too_long_to_be_read_at_once(file: Path) -> Iterator[str]:
    if (lines := len(file.read_text(encoding="utf-8").splitlines())) > 400:
        yield f"{lines} lines"


@of_all_files
def test_no_function_is_too_long_without_a_reason(file: Path) -> Iterator[str]:
    for node in ast.walk(tree_of(file)):
        if isinstance(node, ast.FunctionDef) and lines_of(node) > 40 and f"{name_of(file)} {node.name}" not in LONG:
            yield f"{node.name} has {lines_of(node)} lines"


@of_all_files
def test_no_class_is_too_long(file: Path) -> Iterator[str]:
    for node in ast.walk(tree_of(file)):
        if isinstance(node, ast.ClassDef) and lines_of(node) > 200:
            yield f"{node.name} has {lines_of(node)} lines"


def lines_of(node: ast.FunctionDef | ast.ClassDef) -> int:
    """Those after the docstring: a command's options are no part of what it does."""
    said = node.body[1:] if ast.get_docstring(node) else node.body
    return (said[-1].end_lineno or 0) - said[0].lineno + 1 if said else 0
