"""Every rule of a definition's meaning fires at its line, and `protocal lint` says so; the bundled one has no problem.

Each case edits the bundled definition by a line or two. `at` is a text of the line that the problem must point to.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from conftest import run_process as run

from protocal.model.problems import Problem
from protocal.model.protocol import Protocol
from protocal.read.definition import build as definition
from protocal.read.definition import lint
from protocal.read.definition.build import read_protocol

PROTOCOL, AGENTS = "protocol.yaml", "agents.yaml"
BLOCK_1, BLOCK_2, BLINA = "courses/block-1.yaml", "courses/block-2.yaml", "courses/blinatumomab.yaml"
CONTINUATION, HSCT, RADIATION = "courses/continuation.yaml", "courses/hsct.yaml", "courses/cranial-radiation.yaml"

Edit = Callable[[str, str, str], None]


@dataclass(frozen=True)
class Case:
    """A mistake: its edits, the problem it must give, and how often (several orders may share one mistake)."""

    edits: tuple[tuple[str, str, str], ...]
    code: str
    file: str
    at: str
    count: int = 1
    says: str = ""


def case(file: str, old: str, new: str, code: str, at: str, *, where: str = "", count: int = 1, says: str = "") -> Case:
    return Case(((file, old, new),), code, where or file, at, count, says)


def by_weight(code: str, at: str, *, count: int = 1, says: str = "", **rows: str) -> Case:
    """A table by weight, with one of its rows written otherwise."""
    edits = [(PROTOCOL, "by: age", "by: weight")]
    right = {"1": "<10", "2": "10-<20", "3-8": "20-<32.5", "9-": "32.5-"}
    for (age, weight), row in zip(right.items(), ("first", "second", "third", "last"), strict=True):
        edits.append((PROTOCOL, f'"{age}": ', f'"{rows.get(row, weight)}": '))
    return Case(tuple(edits), code, PROTOCOL, at, count, says)


VCR, RULES = "- key: vcr", {rule.__name__: rule for rule in lint.RULES}
CASES: dict[str, list[Case]] = {
    "day_beyond_course": [
        case(BLOCK_1, "days: 1, 8, 15, 22", "days: 1, 8, 15, 29", "day-beyond-course", VCR, says="day 29"),
        case(BLOCK_1, "days: 29", "days: 30", "day-beyond-course", "- key: marrow", says="1 to 29"),
        case(BLOCK_1, "days: 1, 2\n", "days: 0, 2\n", "day-beyond-course", "- key: mitox", says="day 0"),
        case(HSCT, "days: 0", "days: 1", "day-beyond-course", "- key: transplant", says="from day 0 to 0"),
        case(BLOCK_1, "days: 1, 2\n", "days: first 21 weekdays\n", "day-beyond-course", "- key: mitox", says="day 31"),
    ],
    "course_without_end": [
        case(RADIATION, "procedures:", "evaluations:", "course-without-end", "course: cranial-radiation"),
    ],
    "unknown_agent": [
        case(BLOCK_1, "agent: vincristine", "agent: vincristin", "unknown-agent", VCR, says="'vincristine'"),
        case(
            BLOCK_2, "until: methotrexate", "until: metotrexate", "unknown-agent", "- key: lcv", says="'methotrexate'"
        ),
        case(
            BLINA, "first course with: blinatumomab", "first course with: blina", "unknown-agent", "- key: dex-premed"
        ),
        case(AGENTS, "agent: asparaginase-erwinia\n", "agent: erwinia\n", "unknown-agent", "- key: erwinia"),
    ],
    "unit_that_does_not_fit": [
        case(BLOCK_1, "dose: 2,500 units/m2", "dose: 2,500 mg/m2", "unit", "- key: peg", says="its dose in mg"),
        case(BLOCK_1, "max: 2 mg", "max: 2 g", "unit", VCR, says="its cap in g"),
        case(BLOCK_1, "max: 2 mg", "max: 2 mg, 1 g/course", "unit", VCR, says="its cap in g"),
        case(PROTOCOL, "    unit: mg\n", "    unit: mcg\n", "unit", "- key: it-mtx-day1", where=BLOCK_1, count=7),
        case(AGENTS, "tablets: 2.5 mg", "tablets: 2.5 mcg", "unit", "  methotrexate:\n", says="Write it in mg."),
        case(AGENTS, "dose: 28 mcg/day", "dose: 28 mg/day", "unit", "from: 45 kg", says="label dose in mg"),
        case(
            AGENTS, "written: etoposide\n", "written: etoposide\n    rounding: nearest 1 g\n", "unit", "  etoposide:\n"
        ),
    ],
    "missing_cap": [
        case(BLOCK_1, "    max: 2 mg\n", "", "missing-cap", VCR, says="vincristine demands one"),
        case(BLOCK_1, "max: 2 mg", "max: 8 mg/course", "missing-cap", VCR),
    ],
    "cap_without_effect": [
        case(BLOCK_1, "dose: table itt", "max: 15 mg\n    dose: table itt", "cap-by-table", "- key: itt"),
        case(BLOCK_2, "until: meth", "max: 90 mg/course\n    until: meth", "cap-without-end", "- key: lcv"),
    ],
    "route_not_allowed": [
        case(BLOCK_1, "route: IV\n", "route: IV [IT]\n", "route", VCR, says="must not be given IT"),
        case(BLOCK_1, "route: IV [IM]\n", "route: IM [SC]\n", "route", "- key: peg", says="Allowed: IV, IM"),
    ],
    "unreachable_course": [
        case(PROTOCOL, "- blina-block-2\n", "- salvage-2\n", "unreachable-course", "blina-block-2:", where=BLINA),
        case(PROTOCOL, "- blina-cycle-2", "- blina-cicle-2", "unknown-course", "- blina-cicle-2", says="blina-cycle-2"),
        case(PROTOCOL, "of: block-1", "of: block-9", "unknown-course", "of: block-9"),
    ],
    "course_twice_on_route": [
        case(
            PROTOCOL, "- blina-block-2\n", "- blina-block-2\n      - block-1 #\n", "course-twice-on-route", "block-1 #"
        ),
        Case(
            (
                (RADIATION, "course: cranial-radiation", "course: maintenance-9"),
                (PROTOCOL, "{course: cranial-radiation,", "{course: maintenance-9,"),
                (PROTOCOL, "{course: cranial-radiation,", "{course: maintenance-9,"),
            ),
            "course-twice-on-route",
            PROTOCOL,
            "repeat: maintenance",
            2,
        ),
    ],
    "route_without_start": [
        case(PROTOCOL, "    - block-1\n", "    - {course: block-1, when: {sex: male}}\n", "first-course", "sex: male"),
        case(PROTOCOL, "of: block-1", "of: blina-block-1", "repeat-without-end", "of: blina-block-1"),
    ],
    "order_without_evidence": [
        case(BLOCK_1, "evidence: corroborated\n    source: r3", "source: r3", "no-evidence", VCR),
        case(BLOCK_1, "    source: r3-series, advl1114\n\n  - key: mitox", "\n  - key: mitox", "no-source", VCR),
        case(BLOCK_1, "source: r3-series, advl1114\n", "source: r3-serie\n", "unknown-source", VCR, says="r3-series"),
        case(PROTOCOL, "    evidence: corroborated\n", "", "no-evidence", "  it-methotrexate:\n"),
        case(AGENTS, "        evidence: corroborated\n", "", "no-evidence", "from: 45 kg", says="the label's dose of"),
    ],
    "table_bands": [
        case(PROTOCOL, '"9-": 15\n', '"7-": 15\n', "overlapping-bands", '"7-": 15\n', says="7-8"),
        case(PROTOCOL, '"9-": 15\n', '"12-": 15\n', "table-hole", "  it-methotrexate:\n", says="9-11"),
        case(PROTOCOL, '"9-": 15\n', '"9-31": 15\n', "table-hole", "  it-methotrexate:\n", says="open last row"),
        case(PROTOCOL, '"9-": 15\n', '"9-30": 15\n      "40-": 15\n', "table-hole", "it-methotrexate:\n", says="31-39"),
        case(PROTOCOL, "8 / 8 / 16", "8 / 8", "table-row", '"1": 8 / 8', says="2 doses for 3 columns"),
        by_weight("overlapping-bands", '"18-<32.5"', third="18-<32.5", says="18 kg is in rows '10-<20' and '18-<32.5'"),
        by_weight("overlapping-bands", '"20-<32.5"', second="10-", count=2, says="20 kg is in rows '10-'"),
        by_weight("table-hole", "  it-methotrexate:\n", second="12-<20", says="from 10 to under 12 kg"),
        by_weight("table-hole", "  it-methotrexate:\n", first="2-<10", says="from 0 to under 2 kg"),
        by_weight("table-hole", "  it-methotrexate:\n", last="32.5-<60", says="open last row"),
        by_weight("table-hole", "  it-methotrexate:\n", last="40.5-", says="from 32.5 to under 40.5 kg"),
    ],
    "tables_used": [
        case(BLOCK_1, "table it-methotrexate", "table it-metotrexate", "unknown-table", "- key: it-mtx-day1"),
        case(BLOCK_1, "dose: table itt", "dose: table it-methotrexate", "table-column", "- key: itt", count=2),
    ],
    "dose_by_day": [
        case(
            BLOCK_1,
            "dose: 1.5 mg/m2",
            "dose: {1: 1.5 mg/m2, 8-15: 2 mg/m2}",
            "dose-by-day",
            VCR,
            says="0 doses for day 22",
        ),
        case(BLOCK_1, "dose: 1.5 mg/m2", "dose: {1-22: 1 mg/m2, 22: 2 mg/m2}", "dose-by-day", VCR, says="2 doses"),
        case(
            BLOCK_1,
            "    dose: 10 mg/m2\n    frequency: once\n    route: IV\n    days: 1, 2\n",
            "    dose: {1-3: 10 mg/m2}\n    frequency: once\n    route: IV\n    days: first 2 weekdays\n",
            "dose-by-day",
            "- key: mitox",
        ),
    ],
    "dose_by_weekday": [
        case(
            AGENTS,
            'dose: {"Monday, Wednesday": 25 mg/m2, Friday: 50 mg/m2}',
            "dose: {Monday: 25 mg/m2, Friday: 50 mg/m2}",
            "dose-by-day",
            "- key: rywn\n",
            says="0 doses for a Wed",
        ),
        case(
            AGENTS,
            'dose: {"Monday, Wednesday": 25 mg/m2, Friday: 50 mg/m2}',
            'dose: {"Monday, Wednesday, Friday": 25 mg/m2, Friday: 50 mg/m2}',
            "dose-by-day",
            "- key: rywn\n",
            says="2 doses for a Fri",
        ),
    ],
    "what_is_at_hand": [
        case(AGENTS, "routes: PO\n    tablets: 50 mg", "routes: IV\n    tablets: 50 mg", "tablets", "mercaptopurine:"),
        case(
            AGENTS,
            "    tablets: 50 mg\n",
            "    tablets: 50 mg\n    rounding: {PO: nearest 5 mg}\n",
            "tablets",
            "mercaptopurine:",
            says="only one of them",
        ),
        case(
            AGENTS,
            "written: etoposide\n",
            "written: etoposide\n    rounding: {PO: exempt}\n",
            "rounding",
            "  etoposide:\n",
            says="Allowed: IV",
        ),
    ],
    "several_agents_by_table": [case(BLOCK_1, "dose: table itt", "dose: 12 mg", "several-agents", "- key: itt")],
    "key_twice": [
        case(BLOCK_1, "key: mitox", "key: vcr #", "key-twice", "- key: vcr #", says="already taken in line"),
        case(BLOCK_1, "key: mrd", "key: vcr #", "key-twice", "- key: vcr #"),
        case(
            BLOCK_1,
            "agents: [methotrexate, hydrocortisone, cytarabine]",
            "agents: [methotrexate, methotrexate]",
            "key-twice",
            "- key: itt",
        ),
    ],
    "clock_of_first_dose": [
        case(BLOCK_2, "48 h after mtx-hd", "24 h after mtx-hd", "clock", "- key: lcv", says="is day 9"),
        case(BLOCK_2, "48 h after mtx-hd", "48 h before mtx-hd", "clock", "- key: lcv", says="is day 6"),
        case(BLOCK_2, "48 h after mtx-hd", "48 h after mtx-xd", "unknown-order", "- key: lcv", says="'mtx-hd'"),
        case(BLOCK_2, "48 h after mtx-hd", "1 h after lcv", "unknown-order", "- key: lcv"),
        case(BLOCK_2, "    first dose: 48 h after mtx-hd\n", "", "clock", "- key: lcv", says="not from when"),
        case(BLOCK_2, "days: 10-11\n", "days: 10-11 weekdays\n", "clock", "- key: lcv", says="its days hang on"),
        case(BLOCK_2, "48 h after mtx-hd", "2910 min after mtx-hd", "clock", "- key: lcv", says="whole hours"),
        case(BLOCK_2, "frequency: every 6 h", "frequency: BID", "clock", "- key: lcv", says="says no hours"),
    ],
    "condition_values": [
        case(BLOCK_1, "{cns: cns3}", "{cns: cns9}", "unknown-condition", "- key: itt", says="cns1, cns2, cns3"),
        case(BLOCK_1, "{cns: cns3}", "{sex: m}", "unknown-condition", "- key: itt", says="female, male"),
        case(BLOCK_2, "{arm: A}", "{arm: E}", "unknown-condition", "- key: marrow-a"),
        case(PROTOCOL, "    risk: low\n", "    risk: lowest\n", "unknown-condition", "  C:\n", says="'low'"),
        case(PROTOCOL, "when: {cns: cns3}", "when: {cns: cns4}", "unknown-condition", "cns: cns4"),
    ],
    "unknown_kind": [
        case(BLOCK_1, "kind: bone-marrow", "kind: bone-marow", "unknown-kind", "- key: marrow", says="'bone-marrow'"),
        Case(
            ((PROTOCOL, "  pump-stop: Pump stop\n", ""), (PROTOCOL, "  pump-stop: the pump stops\n", "")),
            "unknown-kind",
            BLINA,
            "- key: blina",
        ),
    ],
    "plain_names": [
        case(PROTOCOL, "  mrd: test", "  mrt: test", "unknown-kind", "  mrt: test", says="Did you mean 'mrd'?"),
    ],
    "continuous_by_vein": [
        case(BLINA, "frequency: continuous", "frequency: daily", "continuous", "- key: blina", says="go together"),
        case(BLINA, "days: 1-28\n", "days: 1-13, 15-28\n", "continuous", "- key: blina", says="a gap"),
        case(BLINA, "days: 1-28\n", "days: 1-28 weekdays\n", "continuous", "- key: blina", says="a gap"),
        case(BLINA, "days: 1-28\n", "days: first 5 weekdays\n", "continuous", "- key: blina", says="a gap"),
    ],
    "weekly_days": [
        case(CONTINUATION, "days: 8, 15, 29, 36", "days: 8, 14, 29, 36", "weekly", "- key: mtx-weekly"),
        case(CONTINUATION, "days: 8, 15, 29, 36", "days: first 4 weekdays", "weekly", "- key: mtx-weekly"),
    ],
}
FLAT = [
    pytest.param(rule, each, id=f"{rule}-{each.code}-{n}")
    for rule, some in CASES.items()
    for n, each in enumerate(some)
]


@pytest.fixture
def copy(bundled: Path, tmp_path: Path) -> Path:
    """A copy of the bundled definition, to make mistakes in."""
    return Path(shutil.copytree(bundled, tmp_path / "definition"))


@pytest.fixture
def edit(copy: Path) -> Edit:
    """Replaces a text, where it first stands in a file of the copy."""

    def change(file: str, old: str, new: str) -> None:
        path = copy / file
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{file} no longer has {old!r}: choose another line for this case"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return change


def places(problems: list[Problem], folder: Path) -> list[tuple[str, str, int]]:
    return [
        (each.code, Path(each.where.file).relative_to(folder).as_posix(), each.where.line)
        for each in problems
        if each.where
    ]


def line_of(folder: Path, file: str, text: str) -> int:
    before, found, _after = (folder / file).read_text(encoding="utf-8").partition(text)
    assert found, f"{file} has no {text!r}"
    return before.count("\n") + 1


def test_every_rule_has_a_case() -> None:
    assert CASES.keys() == RULES.keys()


@pytest.mark.parametrize(("rule", "mistake"), FLAT)
def test_rule_fires_at_its_line(
    rule: str, mistake: Case, copy: Path, edit: Edit, monkeypatch: pytest.MonkeyPatch
) -> None:
    for file, old, new in mistake.edits:
        edit(file, old, new)
    read: list[Protocol] = []
    monkeypatch.setattr(definition, "lint", lambda protocol: read.append(protocol) or lint.lint(protocol))
    protocol, problems = read_protocol(copy)
    assert protocol is None
    fired = [each for each in problems if each.code == mistake.code]
    assert len(fired) == mistake.count, problems
    assert set(fired) <= set(RULES[rule](read[0])), "another rule has found it"
    assert (mistake.code, mistake.file, line_of(copy, mistake.file, mistake.at)) in places(fired, copy)
    assert all(each.where and each.where.column and each.remedy for each in fired)
    assert mistake.says in f"{fired[0].message} {fired[0].remedy}"


def test_the_bundled_definition_has_no_problem_at_all(bundled: Path) -> None:
    protocol, problems = read_protocol(bundled)
    assert protocol is not None
    assert problems == []


def test_weekdays_that_just_fit_are_no_problem(copy: Path, edit: Edit) -> None:
    edit(BLOCK_1, "days: 1, 2\n", "days: first 20 weekdays\n")
    assert read_protocol(copy)[1] == []


@pytest.mark.parametrize(
    ("file", "old", "new", "code", "at", "column", "remedy"),
    [
        (BLOCK_1, "frequency: BID", "frequensy: BID", "unknown-key", "frequensy", 5, "Did you mean 'frequency'?"),
        (BLOCK_1, "days: 1, 2\n", "days: 1, 2\n    dayz: 3\n", "unknown-key", "dayz", 5, "Did you mean 'days'?"),
        (BLOCK_1, "when: {cns: cns3}", "when: {csn: cns3}", "unknown-key", "csn:", 12, "Did you mean 'cns'?"),
        (PROTOCOL, "before assignment:", "before asignment:", "unknown-key", "before a", 1, "'before assignment'"),
        (PROTOCOL, "registry: NCT", "zzz: NCT", "unknown-key", "zzz", 1, "Known keys: "),
        (AGENTS, "unit: mcg", "units: mcg", "unknown-key", "units: mcg", 5, "Did you mean 'unit'?"),
        (AGENTS, "    unit: mcg\n", "", "missing-key", "blinatumomab:", 3, "Add 'unit: …' here."),
        (BLOCK_1, "    frequency: BID\n", "", "missing-key", "- key: dex", 5, "Add 'frequency: …' here."),
        (BLOCK_1, "format: 1\n", "", "missing-key", "course: block-1", 1, "Add 'format: …' here."),
        (BLOCK_1, "format: 1\n", "format: 2\n", "value", "format: 2", 9, ""),
        (BLOCK_1, "dose: 1.5 mg/m2", "dose: 1.5", "value", "dose: 1.5", 11, "'1.5 mg/m2'"),
        (BLOCK_1, "dose: 1.5 mg/m2", "dose: 1.5 mgm2", "value", "dose: 1.5 mgm2", 11, "Write '1.5 mg/m2'"),
        (BLOCK_1, "dose: 1.5 mg/m2", "dose: {1-22: 1.5 mgm2}", "value", "1.5 mgm2", 18, "Write '1.5 mg/m2'"),
        (BLOCK_1, "dose: 1.5 mg/m2", "dose: -1.5 mg/m2", "value", "dose: -1.5", 11, "Write '1.5 mg/m2'"),
        (BLOCK_1, "dose: 1.5 mg/m2", "dose: 0 mg/m2", "value", "dose: 0", 11, "Correct the value."),
        (BLOCK_1, "max: 2 mg", "max: 0 mg", "value", "max: 0", 10, "Correct the value."),
        (BLOCK_1, "max: 2 mg", "max: 3 mg/week", "value", "max: 3", 10, "'60 mg/course' for a course"),
        (BLOCK_1, "max: 2 mg", "max: 3 mg, 4 mg", "value", "max: 3", 10, "Write one for a dose, one for a day"),
        (PROTOCOL, '"9-": 15\n', '"9-": 0\n', "value", '"9-"', 13, "Every dose must be above zero."),
        (PROTOCOL, '"9-": 15\n', '"9-": -15\n', "value", '"9-"', 13, "Write '12' or '12 / 12 / 24'."),
        (PROTOCOL, "by: age", "by: weight", "value", '"1": 8', 7, ""),
        (PROTOCOL, "by: age", "by: wait", "value", "by: wait", 9, "Did you mean 'weight'?"),
        (AGENTS, "tablets: 2.5 mg", "tablets: 2.5", "value", "tablets: 2.5", 14, ""),
        (AGENTS, "tablets: 2.5 mg", "tablets: 0 mg", "value", "tablets: 0 mg", 14, ""),
        (AGENTS, "1 mg, 2 mg", "1 mcg, 2 mg", "value", "tablets: 0.5", 14, "Write all tablets of a drug in the unit"),
        (AGENTS, "1 mg, 2 mg", "2 mg, 2 mg", "value", "tablets: 0.5", 14, "Write each strength once."),
        (AGENTS, "tablets: 2.5 mg", "halves: none", "value", "halves: none", 13, ""),
        (AGENTS, "tablets: 2.5 mg", "rounding: 0.1 mg", "value", "rounding: 0.1", 15, "Write 'nearest 0.1 mg'"),
        (AGENTS, "tablets: 2.5 mg", "rounding: down to 0 mg", "value", "rounding: down", 15, ""),
        (AGENTS, "tablets: 2.5 mg", "rounding: within 60 %", "value", "rounding: within", 15, "a smaller percentage"),
        (AGENTS, "tablets: 2.5 mg", "rounding: {PO: up 1 mg}", "value", "rounding: {PO", 20, "Write 'nearest 0.1 mg'"),
        (AGENTS, "from: 45 kg", "from: 45 lb", "value", "from: 45 lb", 15, "Write '45 kg' or '22 years'."),
        (AGENTS, "from: 22 years", "from: 220 years", "value", "from: 220", 15, ""),
        (AGENTS, "dose: 28 mcg/day", "dose: table itt", "value", "dose: table", 15, "Write the dose itself"),
        (AGENTS, "7 days from 22 kg", "7 days from 22 years", "value", "bags: 24 h", 11, "from 22 kg"),
        (AGENTS, "7 days from 22 kg", "96 h from 22 kg", "value", "bags: 24 h", 11, "Write each duration once."),
        (AGENTS, "asks for: allergy", "asks for: allergies", "value", "asks for: allergies", 15, "'allergy'"),
        (BLOCK_1, "days: 1, 8, 15, 22", "days: 1, 8 every 7", "value", "days: 1, 8 every 7", 11, "'8-78 every 7'"),
        (BLOCK_1, "days: 1, 8, 15, 22", "days: 22, 8-1", "value", "days: 22, 8-1", 11, "The lower day comes first."),
        (BLOCK_1, "length: 28", 'length: "28"', "value", "length:", 9, ""),
        (BLOCK_1, "route: IV\n", "route: VI\n", "value", "route: VI", 12, "Write one of PO, IV"),
        (BLOCK_1, "key: vcr", "key: VCR", "value", "key: VCR", 10, "Use small letters"),
        (BLOCK_1, "evidence: corroborated", "evidence: sure", "value", "evidence: sure", 15, "Write one of these."),
        (PROTOCOL, 'version: "0.2"', "version: 0.2", "value", "version: 0.2", 10, "Put quotes around it."),
        (PROTOCOL, "verified: false", "verified: no", "value", "verified: no", 11, ""),
        (PROTOCOL, '"9-": 15\n', '"9-4": 15\n', "value", '"9-4"', 7, ""),
        (PROTOCOL, "{repeat: maintenance, until", "{repeat: maintenance, till", "unknown-key", "till", 31, "'until'"),
        (
            BLINA,
            "first dose: before blina",
            "first dose: before 30 min",
            "value",
            "first dose: before",
            17,
            "'before ORDER'",
        ),
        (BLINA, "blina-block-1, blina-cycle-1:", "blina-blok-1, blina-cycle-1:", "unknown-course", "blina-blok", 7, ""),
    ],
)
def test_a_mistake_of_shape_names_its_place_and_its_remedy(
    file: str, old: str, new: str, code: str, at: str, column: int, remedy: str, copy: Path, edit: Edit
) -> None:
    edit(file, old, new)
    protocol, problems = read_protocol(copy)
    assert protocol is None
    first = next(each for each in problems if each.code == code)
    assert first.where is not None
    assert (first.where.file, first.where.line) == (str(copy / file), line_of(copy, file, at))
    assert first.where.column == column
    assert remedy in first.remedy
    assert first.remedy


def test_one_mistake_gives_one_problem(copy: Path, edit: Edit) -> None:
    edit(BLOCK_1, "evidence: {dose: corroborated, days", "evidence: {dose: sure, days")
    _protocol, problems = read_protocol(copy)
    assert [each.code for each in problems] == ["value"]


def test_two_keys_missing_from_one_line_are_two_problems(copy: Path, edit: Edit) -> None:
    edit(BLOCK_1, "    frequency: BID\n    route: PO [IV]\n", "")
    _protocol, problems = read_protocol(copy)
    assert [each.message for each in problems] == ["'frequency' is missing", "'route' is missing"]


def test_all_problems_of_all_files_come_at_once_in_their_order(copy: Path, edit: Edit) -> None:
    edit(PROTOCOL, "ages: 1-30", "ages: young")
    edit(AGENTS, "unit: mcg", "unit: ug")
    edit(BLOCK_1, "length: 28", "lenght: 28")
    edit(BLOCK_1, "dose: 1.5 mg/m2", "dose: a lot")
    edit(BLINA, "hold: ask", "hold: ask\nhold: skip")
    (copy / CONTINUATION).write_bytes(b"title: caf\xe9\n")
    _protocol, problems = read_protocol(copy)
    assert [(code, file) for code, file, _line in places(problems, copy)] == [
        ("value", AGENTS),
        ("duplicate-key", BLINA),
        ("missing-key", BLOCK_1),
        ("unknown-key", BLOCK_1),
        ("value", BLOCK_1),
        ("not-utf-8", CONTINUATION),
        ("value", PROTOCOL),
    ]


@pytest.mark.parametrize(("missing", "code"), [(PROTOCOL, "no-file"), (AGENTS, "no-file"), ("courses", "no-courses")])
def test_a_file_that_is_not_there(missing: str, code: str, copy: Path) -> None:
    path = copy / missing
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    protocol, problems = read_protocol(copy)
    assert protocol is None
    assert [(each.code, str(each.where)) for each in problems] == [(code, str(path))]


def test_a_course_in_two_files(copy: Path) -> None:
    shutil.copy(copy / BLOCK_2, copy / "courses" / "block-2b.yaml")
    _protocol, problems = read_protocol(copy)
    assert [each.code for each in problems] == ["course-twice"]


def test_lint_prints_places_that_editors_jump_to(copy: Path, edit: Edit) -> None:
    edit(BLOCK_1, "days: 1, 8, 15, 22", "days: 1, 8, 15, 29")
    edit(PROTOCOL, '"9-": 15\n', '"7-": 15\n')
    done = run("lint", copy)
    vcr, row = line_of(copy, BLOCK_1, VCR), line_of(copy, PROTOCOL, '"7-": 15\n')
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.splitlines() == [
        f"{copy / BLOCK_1}:{vcr}:5: error: 'vcr' is given on day 29,"
        " but Block 1 runs from day 1 to 28 [day-beyond-course]",
        "  Correct the days or the course's length.",
        f"{copy / PROTOCOL}:{row}:7: error: age 7-8 is in rows '3-8' and '7-' [overlapping-bands]",
        "  Let each age stand in one row.",
    ]


def test_lint_takes_an_id_a_folder_of_versions_or_one_file(copy: Path) -> None:
    for word in ("aall1331", copy, copy.parent, copy / BLOCK_1):
        done = run("lint", word)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.endswith(": no error\n")


def test_lint_of_nothing_known_is_wrong_use(tmp_path: Path) -> None:
    (tmp_path / "record.yaml").write_text("format: 1\n", encoding="utf-8")
    unknown, alone = run("lint", "aall1313"), run("lint", tmp_path / "record.yaml")
    assert (unknown.returncode, alone.returncode) == (2, 2)
    assert "Did you mean 'aall1331'?" in unknown.stderr
    assert "is not part of a definition" in alone.stderr
