"""A plan, the issue of a sheet and a site -> what stands above and below the days of a family's pages."""

from __future__ import annotations

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from protocal.model.issue import Issue
from protocal.model.plan import Administration, Plan
from protocal.model.settings import Settings
from protocal.render.family.days import FamilyDays
from protocal.render.family.layout import Above
from protocal.render.family.values import Contact, Head, Page, PageIssue
from protocal.render.wording.family import FamilyWords


class HeadAndFoot:
    """What all pages of one plan have in common."""

    def __init__(
        self,
        plan: Plan,
        settings: Settings,
        words: FamilyWords,
        days: FamilyDays,
        *,
        unverified_doses: bool,
        remarks: tuple[str, ...],
        named: bool = True,
    ) -> None:
        self.plan = plan
        self.settings = settings
        self.words = words
        self.text = words.text
        self.days = days
        self.unverified_doses = unverified_doses
        self.remarks = remarks
        self.named = named

    def above(self, head: Head, page: Page) -> Above:
        """The head of a pocket page."""
        _ = self.text.gettext
        means = _("day and doses may still change: your team confirms them.") if page.provisional else ""
        if page.dashed_doses:
            means = _("{several} and {last}").format(several=_("dashed date"), last=_("dashed dose"))
            means += " " + _("may still change: your team tells you.")
        elif page.provisional:
            means = f"{_('dashed date')} {means}"
        if page.changed:
            means += " ".join(("", _("CHANGED"), _("since the last issue.")))
        return Above(
            contacts=[(each.label, each.said) for each in head.contacts] + [(_("FEVER"), head.fever)],
            title=page.title,
            who=(head.name or "x" * 40, head.identifiers),
            issue=(page.issue.said, " ".join((_("Throw older sheets away."), page.issue.made, head.clinic))),
            unsure=" ".join(filter(None, head.unverified)),
            means=means,
            has_logo=bool(self.settings.logo),
        )

    def head(self) -> Head:
        """Whose it is, whom to call, and how sure."""
        _, family, record = self.text.gettext, self.settings.family, self.plan.record
        return Head(
            name=record.name if self.named else "",
            identifiers=_("ID {id}, born {born}").format(
                id=record.id, born=self.words.date_without_weekday(record.born)
            )
            if self.named
            else "",
            clinic=self.settings.clinic,
            contacts=(
                Contact(_("CALL by day"), family.call_by_day),
                Contact(_("CALL at night, on weekends and holidays"), family.call_at_night),
            ),
            fever=family.fever,
            unverified=self.unverified(),
            marked=self.unverified_doses,
            kind=self.kind(),
            one_box=self.one_box(),
            remarks=self.remarks,
        )

    def issued(self, issue: Issue, sheet: str, says: str) -> PageIssue:
        """What a page says of its issue, and what it is known by."""
        _, zone = self.text.gettext, ZoneInfo(self.plan.facts.zone)
        made = _("Made {date}").format(date=self.words.long_date(issue.made.astimezone(zone).date()))
        if not issue.number:
            return PageIssue(_("DRAFT, not an issue: {mark}.").format(mark=issue.mark), made, sheet, says, draft=True)
        if issue.replaced:
            replaced = self.words.long_date(issue.replaced.astimezone(zone).date())
            said = _("{made}, replaces issue {number} of {date}")
            made = said.format(made=made, number=issue.replaces, date=replaced)
        said = _("This is issue {number}: {mark}.").format(number=issue.number, mark=issue.mark)
        return PageIssue(said, made, sheet, says)

    def kind(self) -> str:
        """What tells a sheet from others of its issue."""
        _, at_home = self.text.gettext, self.lines_at_home()
        if not at_home:
            return ""
        if self.unverified_doses and any(self.days.home.unsure(line.order_line) for line in at_home):
            return _("with unverified doses")
        return _("with doses") if all(map(self.days.home.is_dosed, at_home)) else _("doses to be written in")

    def lines_at_home(self) -> list[Administration]:
        """All that is taken at home."""
        return [dose.line for dose in self.days.account.due if dose.at_home]

    def foot(self, notes: Iterable[Contact]) -> str:
        """What stands below the days."""
        return " ".join((self.one_box(), *(f"{note.label} {note.said}" for note in notes), *self.remarks))

    def one_box(self) -> str:
        """What the boxes are for."""
        return self.text.gettext(
            "One box is one dose: tick it when it is given, so that nobody gives it twice. "
            "A dose was missed or vomited: call before you give it again."
        )

    def unverified(self) -> tuple[str, str]:
        """What is said of plan and doses that nothing confirms, in strong words and then the rest."""
        _ = self.text.gettext
        unsure = any(self.days.home.unsure(line.order_line) for line in self.lines_at_home())
        if self.unverified_doses and unsure:
            return (
                _("UNVERIFIED DOSES are printed, because somebody asked for them."),
                _("If the pharmacy label says something else, call before giving."),
            )
        if unsure:
            return (
                _("UNVERIFIED: doses that nothing confirms are not printed."),
                _("Your nurse or pharmacist writes them in from the pharmacy label."),
            )
        if not self.plan.verified:
            return (
                _("UNVERIFIED: the plan that this was made from has not been verified."),
                _("Ask your team."),
            )
        if not all(map(self.days.home.is_dosed, self.lines_at_home())):
            return (
                _("Doses of courses that have not started are not printed."),
                _("Your nurse or pharmacist writes them in from the pharmacy label."),
            )
        return ("", "")
