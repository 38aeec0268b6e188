"""`make mutants`: its page is written from what was run, and it names whatever nothing notices without a reason."""

from __future__ import annotations

import runpy
from pathlib import Path
from types import SimpleNamespace

import pytest

FOLDER = Path(__file__).parent.parent / "docs" / "mutants"
report = SimpleNamespace(**runpy.run_path(str(FOLDER / "report.py"), run_name="report"))

LIVES = report.Survivor("plan.clocks.in_utc", "if hours > 6:", "if hours >= 6:")


def results(*survivors: object, killed: int = 99) -> dict[str, object]:
    digest = report.digest("protocal.plan.clocks")
    return {"protocal.plan.clocks": report.Result(digest, killed, killed + len(survivors), survivors)}


def complaints(found: dict[str, object], reasons: dict[tuple[str, str, str], str]) -> list[str]:
    return list(report.complaints(found, ["protocal.plan.clocks"], reasons, 95))


def test_the_page_is_written_from_what_was_run() -> None:
    every = [module for group in report.groups() for module in report.modules_of(group)]
    found, reasons = report.read_results(), report.read_reasons()
    stale = "before its last change"  # which a page that is written later says of more modules
    page = report.PAGE.read_text(encoding="utf-8")
    assert page.replace(stale, "") == report.page(found, every, reasons).replace(stale, "")
    assert set(found) <= set(every)


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
        "plan.clocks.in_utc: no test notices this, and reasons.toml has no reason: if hours >= 6:"
    ]
    assert complaints(results(), reason) == [
        "plan.clocks.in_utc: reasons.toml has a reason for what is noticed, or is no change any more: if hours >= 6:"
    ]
    assert complaints(results(LIVES, killed=18), reason) == ["less than 95 % are noticed: 18 of 19"]
    assert complaints(results(LIVES, killed=19), reason) == []


@pytest.mark.parametrize(
    ("found", "row"),
    [
        ({}, "| `plan.clocks` | not yet run | | |"),
        (results(LIVES), "| `plan.clocks` | 99 of 100 | 99.0 % |  |"),
        (
            {"protocal.plan.clocks": report.Result("another", 99, 100, (LIVES,))},
            "| `plan.clocks` | 99 of 100 | 99.0 % | before its last change |",
        ),
    ],
)
def test_the_page_says_of_a_module_what_was_run_of_it(found: dict[str, object], row: str) -> None:
    page = report.page(found, ["protocal.plan.clocks"], {report.key(LIVES): "six hours never come"})
    assert row in page.splitlines()
    assert ("- if hours > 6:\n+ if hours >= 6:" in page) == bool(found)
    assert ("six hours never come" in page) == bool(found)
