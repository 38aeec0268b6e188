"""A plan, and what a sheet of it says -> which issue the sheet is, in words, and what changed in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from protocal.change.diff import Differences, differences
from protocal.change.issues import issue_of
from protocal.model.entries import Assigned, Entry, Remark, Remarked, Stated, Undone
from protocal.model.issue import Issue
from protocal.model.plan import DatedCourse, Plan, Status
from protocal.model.settings import Settings
from protocal.plan import make_plan
from protocal.render.data.changes import changes_of
from protocal.render.wording.catalogues import messages
from protocal.render.wording.paper import first_up, paper_words

_MOST_LINES = 8
_SOON = timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class IssueBox:
    """What a sheet says of its issue; `changes` are sentences, none for the first issue.

    Attributes:
        draft: it is none.
        replaces: which issue it takes the place of.
    """

    issue: str
    draft: bool
    replaces: str
    since: str = ""
    changes: tuple[str, ...] = ()


class IssueBoxes:
    """The issue of each sheet of one plan; each earlier revision that is asked for is compared once.

    With `draft` every sheet is one, whatever stands in the log.
    """

    def __init__(self, plan: Plan, settings: Settings, *, draft: bool = False) -> None:
        self.plan = plan
        self.settings = settings
        self.draft = draft
        self.text = messages(settings.language)
        self.words = paper_words(self.text)
        self.compared: dict[int, Differences] = {}

    def issue(self, sheet: str, says: str) -> Issue:
        """Which issue a sheet is that says what the digest is of."""
        return issue_of(self.plan, sheet, says, draft=self.draft)

    def box(self, sheet: str, says: str, course: DatedCourse | None = None) -> IssueBox:
        """What a sheet says of its issue; that of a course says what changed, too."""
        _, issue = self.text.gettext, self.issue(sheet, says)
        if issue.number:
            said = _("issue {number} of {date}, {mark}")
            said = said.format(number=issue.number, date=self.date(issue.made), mark=issue.mark)
        else:
            said = _("DRAFT, not an issue, {mark}").format(mark=issue.mark)
        replaces = ""
        if issue.number and issue.replaced:
            replaces = _("replaces issue {number} of {date}")
            replaces = replaces.format(number=issue.replaces, date=self.date(issue.replaced))
        elif issue.number and issue.unknown:
            replaces = _("replaces all sheets that bear no such letters")
        if issue.before is None or course is None:
            return IssueBox(said, not issue.number, replaces)
        since = _("since issue {number}").format(number=issue.replaces)
        return IssueBox(said, not issue.number, replaces, since, tuple(self.shown(issue, course)))

    def date(self, at: datetime) -> str:
        """The ward's date of a time."""
        return self.words.short_date(at.astimezone(ZoneInfo(self.plan.facts.zone)).date())

    def shown(self, issue: Issue, course: DatedCourse) -> Iterator[str]:
        """The first of the changes, and how to see the rest."""
        _, ngettext = self.text.gettext, self.text.ngettext
        before = issue.before or 0
        lines = [*self.facts(before), *self.lines(before, course)]
        lines = lines or [_("No date, dose or drug: what is said of them, or how they were worked out.")]
        if self.is_soon(before, issue.made, course):
            lines.insert(0, _("Telephone the family: this changes the next 48 hours."))
        most = len(lines) if len(lines) <= _MOST_LINES else _MOST_LINES - 1
        yield from lines[:most]
        if left := len(lines) - most:
            words = ngettext("and {count} more", "and {count} more", left).format(count=left)
            yield f"{words}: protocal diff --from {before} --to {self.plan.revision}"

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
        names = tuple(agent.written for agent in self.plan.protocol.agents.values())
        for change in changes_of(self.differences(before), course.id, self.plan):
            said = self.words.said(change.said)
            yield said if said.startswith(names) else first_up(said)  # a name keeps its tall letters

    def differences(self, before: int) -> Differences:
        """What differs from an earlier revision."""
        if before not in self.compared:
            then = make_plan(self.plan.protocol, self.plan.record, self.plan.settings, before)
            self.compared[before] = differences(then, self.plan)
        return self.compared[before]

    def is_soon(self, before: int, made: datetime, course: DatedCourse) -> bool:
        """Whether a change of a course touches the 48 hours after its sheet was given out; not what was given."""
        first = made.astimezone(ZoneInfo(self.plan.facts.zone))
        last = first + _SOON
        found = self.differences(before)
        lines = [each for change in found.lines for each in (change.before, change.after) if each]
        events = [each for change in found.events for each in (change.before, change.after) if each]
        dates = [each.date for each in lines if each.course == course.id and each.status is not Status.GIVEN]
        dates += [each.date for each in events if each.course == course.id]
        return any(first.date() <= day <= last.date() for day in dates)
