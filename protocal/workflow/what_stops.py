"""A checked plan, and what is named with a reason -> what stops a document, and what is printed on it first.

Paper and feeds are not made of a plan in which the checks find an error, and neither they nor the pharmacy's lists of
one that a second count does not confirm, unless the error is named with a reason, which is then printed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from protocal.check import SOURCES
from protocal.check.second_count import DIFFERS, ONCE
from protocal.model.plan import Plan
from protocal.model.problems import Problem, ProtocalError, Severity, UsageError
from protocal.read.option_text import check_reason
from protocal.render.selection import check_known
from protocal.text.message import say
from protocal.workflow.counting import counted_again


def remarks_of(plan: Plan, despite: Sequence[str], reason: str) -> tuple[str, ...]:
    """What is printed first on paper and in feeds: errors that do not stop it, with the reason; what is counted once.

    Raises ProtocalError with the errors of the checks and of the second count that do stop it, UsageError where the
    codes and the reason do not go together.
    """
    again = counted_again(plan)
    return (*_despite((*plan.problems, *again), despite, reason, SOURCES), *_counted_once(again))


def list_remarks(plan: Plan, despite: Sequence[str] = (), reason: str = "") -> tuple[str, ...]:
    """The same of the pharmacy's lists, which other errors of the checks do not stop: they stand on them."""
    again = counted_again(plan)
    return (*_despite(again, despite, reason, (DIFFERS,)), *_counted_once(again))


def _counted_once(again: Sequence[Problem]) -> Iterator[str]:
    return (say("Take care: {message}", message=each.message) for each in again if each.code == ONCE)


def _despite(problems: Sequence[Problem], despite: Sequence[str], reason: str, known: Iterable[str]) -> tuple[str, ...]:
    codes = check_known(despite, known, "check")
    reason = check_reason(reason).strip()
    if bool(codes) != bool(reason):
        raise UsageError(
            "--despite CODE and --reason TEXT go together", "The reason is printed with what it overrides."
        )
    errors = [problem for problem in problems if problem.severity is Severity.ERROR]
    if stopping := [problem for problem in errors if problem.code not in codes]:
        raise ProtocalError(stopping)
    return tuple(
        say("Issued despite {code}: {message}. Reason: {reason}", code=each.code, message=each.message, reason=reason)
        for each in errors
    )
