"""What was found wrong -> for people the findings one by one, errors first, and for programs their JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence

from protocal.model.problems import Problem, Severity, one_line
from protocal.render.data.plan_data import problem_data


def findings_text(problems: Sequence[Problem]) -> str:
    """Each finding with its date and lines, the place to look at, the remedy and the rule's source; then the count."""
    return "\n".join([*_paragraphs(problems), summary(problems), ""])


def summary(problems: Iterable[Problem]) -> str:
    """`1 error, 3 warnings`."""
    severities = [problem.severity for problem in problems]
    if not severities:
        return "no problem"
    counts = {severity: severities.count(severity) for severity in Severity}
    return ", ".join(f"{n} {severity.value}{'' if n == 1 else 's'}" for severity, n in counts.items() if n)


def _paragraphs(problems: Iterable[Problem]) -> Iterator[str]:
    for problem in by_severity(problems):
        yield f"{problem.severity.value} {problem.code}: {one_line(problem.message)}"
        for label, text in (("at", str(problem.where or "")), ("do", problem.remedy), ("source", problem.source)):
            if text:
                yield f"  {label}: {one_line(text)}"
        yield ""


def findings_json(problems: Iterable[Problem]) -> str:
    """A list of problems as the contract writes them, errors first."""
    data = [problem_data(problem) for problem in by_severity(problems)]
    return json.dumps({"problems": data}, ensure_ascii=False, indent=1) + "\n"


def by_severity(problems: Iterable[Problem]) -> list[Problem]:
    """Errors first."""
    return sorted(problems, key=lambda problem: problem.severity is not Severity.ERROR)
