"""`make mutants`: its page is written from what was run, and it names whatever nothing notices without a reason."""

from __future__ import annotations

import re
import runpy
from pathlib import Path
from types import SimpleNamespace

import pytest

FOLDER = Path(__file__).parent.parent / "docs" / "mutants"
report = SimpleNamespace(**runpy.run_path(str(FOLDER / "report.py"), run_name="report"))

MODULE = "protocal.plan.growth"
(FUNCTION,) = report.functions_of(MODULE)
LIVES = report.Survivor(FUNCTION, "if hours > 6:", "if hours >= 6:")


def results(*survivors: object, killed: int = 99, digest: str = "") -> dict[str, object]:
    digest = digest or report.functions_of(MODULE)[FUNCTION]
    return {FUNCTION: report.Result(digest, killed, killed + len(survivors), survivors)}


def complaints(found: dict[str, object], reasons: dict[tuple[str, str, str], str]) -> list[str]:
    return list(report.complaints(found, [MODULE], reasons, 95))


def test_the_page_is_written_from_what_was_run() -> None:
    every = [module for group in report.groups() for module in report.modules_of(group)]
    found, reasons = report.read_results(), report.read_reasons()
    late = re.compile(r"[0-9]+ of [0-9]+ functions not run since they changed")  # which a later page says of more
    page = report.PAGE.read_text(encoding="utf-8")
    assert late.sub("", page) == late.sub("", report.page(found, every, reasons))
    assert {name for name in found if not any(name.startswith(f"{each[9:]}.") for each in every)} == set()


def test_what_was_noticed_and_what_was_not_add_up() -> None:
    for name, each in report.read_results().items():
        assert (each.killed >= 0, each.killed + len(each.survivors)) == (True, each.total), name


def test_what_is_run_is_there_with_its_tests() -> None:
    for group in report.groups():
        for pattern in group.modules:
            assert list(report.ROOT.glob(pattern)), pattern
        for test in (*group.tests, *group.left_out):
            path, _, name = test.partition("::")
            assert f"def {name}" in (report.ROOT / path).read_text(encoding="utf-8")


def test_a_survivor_without_a_reason_a_reason_without_one_and_too_few_that_are_noticed_are_named() -> None:
    reason = {report.key(LIVES): "six hours never come"}
    assert complaints(results(LIVES), reason) == []
    assert complaints(results(LIVES), {}) == [
        f"{FUNCTION}: no test notices this, and reasons.toml has no reason: if hours >= 6:"
    ]
    assert complaints(results(), reason) == [
        f"{FUNCTION}: reasons.toml has a reason for what is noticed, or is no change any more: if hours >= 6:"
    ]
    assert complaints(results(LIVES, killed=18), reason) == ["less than 95 % are noticed: 18 of 19"]
    assert complaints(results(LIVES, killed=19), reason) == []


def test_what_was_not_run_since_it_changed_is_named() -> None:
    assert complaints(results(digest="another"), {}) == [f"{FUNCTION}: not run since it changed"]
    assert complaints({}, {}) == [f"{FUNCTION}: not run since it changed", "less than 95 % are noticed: 0 of 0"]


def test_a_function_is_the_same_whatever_is_said_of_it_and_wherever_it_stands() -> None:
    one = report.digests("a", 'import x\n\ndef f(n):\n    """Says."""\n    return n + 1  # more\n')
    other = report.digests("a", "class C:\n    def g(self):\n        return 2\n\ndef f(n):\n    return n + 1\n")
    assert one["a.f"] == other["a.f"]
    assert set(other) == {"a.f", "a.C.g"}
    assert report.digests("a", "def f(n):\n    return n + 2\n") != one


def test_mutants_are_named_as_the_tool_names_them() -> None:
    assert report.pattern_of("protocal.plan.bags", "plan.bags.split") == "protocal.plan.bags.x_split__mutmut_*"
    method = report.pattern_of("protocal.plan.bags", "plan.bags._Site.is_closed")
    assert method == "protocal.plan.bags.xǁ_Siteǁis_closed__mutmut_*"


@pytest.mark.parametrize(
    ("found", "row"),
    [
        ({}, "| `plan.growth` | not yet run | | |"),
        (results(LIVES), "| `plan.growth` | 99 of 100 | 99.0 % |  |"),
        (
            results(LIVES, digest="another"),
            "| `plan.growth` | 99 of 100 | 99.0 % | 1 of 1 functions not run since they changed |",
        ),
    ],
)
def test_the_page_says_of_a_module_what_was_run_of_it(found: dict[str, object], row: str) -> None:
    page = report.page(found, [MODULE], {report.key(LIVES): "six hours never come"})
    assert row in page.splitlines()
    assert ("- if hours > 6:\n+ if hours >= 6:" in page) == bool(found)
    assert ("six hours never come" in page) == bool(found)
