"""How a command gives a document out: as an issue or a copy of one, or as a draft, and what it says of that."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from protocal.cli.options import tell
from protocal.cli.writing import Target
from protocal.model.frozen import frozen

if TYPE_CHECKING:
    from protocal.model.plan import Plan
    from protocal.model.settings import Settings


Draft = Annotated[bool, typer.Option("--draft", help="Write nothing into the log: every page says that it is a draft.")]
IssuedBy = Annotated[str, typer.Option("--by", metavar="WHO", help="Who gives it out; it stands in the log.")]


@frozen
class GivingOut:
    """What was typed of a document that is given out.

    Attributes:
        file: the record.
        target: where the document goes.
        reason: of what is overridden, or of the site's rules where they are new.
    """

    file: Path
    target: Target
    by: str
    draft: bool
    schedules: Sequence[Path]
    despite: Sequence[str]
    reason: str

    def give(self, plan: Plan, settings: Settings, make: Callable[..., bytes], options: Mapping[str, str]) -> Plan:
        """Make the document, write it, and say which issue it is; the plan with what was written."""
        from protocal.cli.clock import now
        from protocal.read.option_text import check_reason
        from protocal.workflow import issuing

        check_reason(self.reason)
        overrides = self.reason if self.draft or self.despite else ""
        make = partial(make, despite=self.despite, reason=overrides)
        if self.draft:
            self.target.write(make(plan, settings, draft=True))
            tell("a draft: it is no issue, and nothing was written into the log")
            return plan
        given = issuing.give_out(
            self.file, plan, settings, make, now(), self.by, self.schedules, options, self.despite, self.reason
        )
        self.target.write(given.data)
        if given.draft:
            tell(f"a DRAFT, not an issue, because it cannot stand in the log: {given.draft}")
        for rule in given.rules:
            tell(f"settings in force: {rule}")
        if given.new:
            tell(f"issued: {_listed(given.new)}")
        if given.copies:
            tell(f"copies, nothing changed since: {_listed(given.copies)}")
        for warning in given.warnings:
            tell(f"warning: {warning}")
        return given.plan


def _listed(sheets: Sequence[tuple[str, int]]) -> str:
    """`issue 1 of overview, roadmap/block-1; issue 3 of roadmap/block-2`."""
    by_number: dict[int, list[str]] = {}
    for sheet, number in sheets:
        by_number.setdefault(number, []).append(sheet)
    return "; ".join(f"issue {number} of {', '.join(names)}" for number, names in sorted(by_number.items()))
