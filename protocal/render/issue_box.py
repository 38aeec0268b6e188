"""A plan and the issues of its sheets -> what each course sheet says of its issue, and what changed in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from protocal.change.diff import Differences, differences
from protocal.change.history import issues
from protocal.model.entries import Assigned, Entry, Remark, Remarked, Stated, Undone
from protocal.model.issue import Issue
from protocal.model.plan import DatedCourse, Plan
from protocal.model.settings import Settings
from protocal.plan import make_plan
from protocal.render.data.changes import changes_of
from protocal.render.wording.catalogues import messages
from protocal.render.wording.paper import first_up, paper_words

_MOST_LINES = 8


@dataclass(frozen=True, slots=True)
class IssueBox:
    """What a sheet says of its issue; `changes` are sentences, none for the first issue.

    Attributes:
        replaces: which issue it takes the place of, and that it is a draft where lines typed by hand are not sealed.
    """

    issue: str
    replaces: str
    since: str
    changes: tuple[str, ...]


class IssueBoxes:
    """The issue of each course sheet of one plan; each earlier revision that is asked for is compared once."""

    def __init__(self, plan: Plan, settings: Settings) -> None:
        self.plan = plan
        self.settings = settings
        self.text = messages(settings.language)
        self.words = paper_words(self.text)
        self.issues = issues(plan)
        self.compared: dict[int, Differences] = {}

    def box(self, course: DatedCourse) -> IssueBox:
        """What the sheet of a course that has a date says."""
        _ = self.text.gettext
        issue = self.issues[course.id]
        template = _("issue {number} of {date}") if issue.sealed else _("DRAFT issue {number}, {date}")
        said = template.format(number=issue.number, date=self.words.short_date(issue.issued.date()))
        unsealed = "" if issue.sealed else _("not sealed")
        if issue.before is None:
            return IssueBox(said, unsealed, "", ())
        return IssueBox(
            said,
            ", ".join(filter(None, (unsealed, _("replaces issue {number}").format(number=issue.replaces)))),
            _("since issue {number}").format(number=issue.replaces),
            tuple(self.shown(issue, course)),
        )

    def shown(self, issue: Issue, course: DatedCourse) -> Iterator[str]:
        """The first of the changes, and how to see the rest."""
        _, ngettext = self.text.gettext, self.text.ngettext
        before = issue.before or 0
        lines = [*self.facts(before), *self.lines(before, course)]
        lines = lines or [_("No date, dose or drug: what is said of them, or how they were worked out.")]
        most = len(lines) if len(lines) <= _MOST_LINES else _MOST_LINES - 1
        yield from lines[:most]
        if left := len(lines) - most:
            words = ngettext("and {count} more", "and {count} more", left).format(count=left)
            yield f"{words}: protocal diff --from {before} --to {issue.revision}"

    def facts(self, before: int) -> Iterator[str]:
        """What was recorded since of the patient as a whole, which stands on every sheet."""
        log = self.plan.record.log[: self.plan.revision]
        for entry in log[before:]:
            if isinstance(entry, Undone):
                fact = self.fact(log[entry.line - 1])
                if fact:
                    yield self.text.gettext("No longer recorded: {fact}").format(fact=fact)
            elif fact := self.fact(entry):
                yield self.text.gettext("Recorded: {fact}").format(fact=fact)

    def fact(self, entry: Entry) -> str:
        """A line of the log that every sheet shows, in words; else nothing."""
        _ = self.text.gettext
        match entry:
            case Remarked():
                kinds = {
                    Remark.ALLERGY: _("allergy"),
                    Remark.GENE: _("gene result"),
                    Remark.INTERACTION: _("interaction"),
                }
                return f"{kinds[entry.kind]}, {entry.text}"
            case Assigned():
                return _("arm {arm}").format(arm=entry.arm)
            case Stated():
                facts = {"cns": _("CNS status"), "risk": _("risk group")}
                return f"{facts.get(entry.fact, entry.fact)}, {self.words.own(entry.value)}"
            case _:
                return ""

    def lines(self, before: int, course: DatedCourse) -> Iterator[str]:
        """The course's own changes, without its name, which is the sheet's title."""
        if before not in self.compared:
            then = make_plan(self.plan.protocol, self.plan.record, self.plan.settings, before)
            self.compared[before] = differences(then, self.plan)
        names = tuple(agent.written for agent in self.plan.protocol.agents.values())
        for change in changes_of(self.compared[before], course.id, self.plan):
            said = self.words.said(change.said)
            yield said if said.startswith(names) else first_up(said)  # a name keeps its tall letters
