"""Plan -> a family's month pages and pocket page as format-neutral values: each date with what is done on it.

Nothing here knows HTML. Tests read these values; `pdf.py` prints them. A date that is printed is complete: it
has all that any course brings on it, whatever was chosen.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta

from protocal.change.whole_issue import issue_of_all
from protocal.model.account import Dose
from protocal.model.agent import Agent
from protocal.model.days import ONE_DAY
from protocal.model.evidence import Evidence
from protocal.model.plan import Administration, Plan
from protocal.model.settings import Settings
from protocal.plan import make_plan
from protocal.render.family.days import FamilyDays
from protocal.render.family.layout import Above, heights, sides
from protocal.render.family.values import Contact, Day, Entry, FamilyCalendar, Head, Page, Shown, Week
from protocal.render.wording.catalogues import messages
from protocal.render.wording.family import FamilyWords, first_up

POCKET_DAYS = 14
_WEEK = 7
_SUNDAY = 6


def make_calendar(
    plan: Plan,
    settings: Settings,
    *,
    unverified_doses: bool = False,
    courses: Sequence[str] = (),
    since: date | None = None,
    until: date | None = None,
    remarks: tuple[str, ...] = (),
) -> FamilyCalendar:
    """The months of a plan that has dates: all of them, or those with the dates of courses, or from a day to a day.

    Doses that nothing confirms are printed only if somebody asked for them (rule S28). There are no pages where none of
    the dates belongs to the plan.
    """
    writer = _Writer(plan, settings, unverified_doses=unverified_doses, remarks=remarks)
    return writer.months(courses, since, until)


def make_pocket_page(
    plan: Plan, settings: Settings, first: date, *, unverified_doses: bool = False, remarks: tuple[str, ...] = ()
) -> FamilyCalendar:
    """Fourteen days from a day on; no page where none of them belongs to the plan."""
    return _Writer(plan, settings, unverified_doses=unverified_doses, remarks=remarks).pocket(first)


class _Writer:
    """Writes the pages of one plan in one language."""

    def __init__(
        self, plan: Plan, settings: Settings, *, unverified_doses: bool, remarks: tuple[str, ...] = ()
    ) -> None:
        self.plan = plan
        self.settings = settings
        self.remarks = remarks
        self.unverified_doses = unverified_doses
        self.text = messages(settings.language)
        self.words = FamilyWords(self.text)
        self.issue = issue_of_all(plan, settings)
        self.days = self.family_days(plan)
        self.changed = frozenset(self.changed_since(self.issue.before)) if self.issue.before else frozenset()

    def family_days(self, plan: Plan) -> FamilyDays:
        """What a family reads on the dates of a plan."""
        said = self.settings.family.before_sedation
        return FamilyDays(plan, self.words, unverified_doses=self.unverified_doses, before_sedation=said)

    # --- which dates

    def months(self, courses: Sequence[str], since: date | None, until: date | None) -> FamilyCalendar:
        first_day, last_day = since or date.min, until or date.max
        dates = {day for day in self.days.dates(courses) if first_day <= day <= last_day}
        firsts = sorted({day.replace(day=1) for day in dates})
        pages = [self.page(self.words.month(first), self.weeks(first, dates)) for first in firsts]
        drugs = self.drugs(sorted(dates))
        said, count = self.text.gettext("sheet {number} of {count}"), len(pages) + bool(drugs)
        pages = [replace(page, number=said.format(number=index, count=count)) for index, page in enumerate(pages, 1)]
        drugs = replace(drugs, number=said.format(number=count, count=count)) if drugs else None
        return FamilyCalendar(self.head(), tuple(pages), drugs=drugs)

    def weeks(self, first: date, dates: set[date]) -> list[tuple[Day, ...]]:
        """The weeks of a month, each of seven days, of which some may be those of the months beside it.

        A week of which no date was asked for is left out.
        """
        month_ends = (first + timedelta(days=31)).replace(day=1)
        start = _SUNDAY if self.settings.family.sunday_first else 0
        day = first - ONE_DAY * ((first.weekday() - start) % _WEEK)
        weeks = []
        while day < month_ends:
            week = [day + ONE_DAY * index for index in range(_WEEK)]
            if any(each in dates and first <= each < month_ends for each in week):
                weeks.append(tuple(self.cell(each, first, month_ends, dates) for each in week))
            day += ONE_DAY * _WEEK
        return weeks

    def cell(self, day: date, first: date, end: date, dates: set[date]) -> Day:
        if not first <= day < end:
            return Day(day, Shown.ELSEWHERE, self.words.day_and_month(day))
        return self.day(day) if day in dates else Day(day, Shown.OFF)

    def day(self, day: date) -> Day:
        return replace(self.days.day(day), changed=day in self.changed)

    def changed_since(self, revision: int) -> Iterator[date]:
        """The dates that were otherwise in an earlier revision."""
        before = make_plan(self.plan.protocol, self.plan.record, self.settings, revision)
        then = self.family_days(before)
        for day in self.days.dates() | then.dates():
            if self.days.day(day) != then.day(day):
                yield day

    def pocket(self, first: date) -> FamilyCalendar:
        days = [first + ONE_DAY * index for index in range(POCKET_DAYS)]
        if not self.days.dates().intersection(days):
            return FamilyCalendar(self.head(), (), pocket=True)
        one_year = days[0].year == days[-1].year
        title = self.text.gettext("{first} to {last}").format(
            first=(self.words.weekday_and_day if one_year else self.words.long_date)(days[0]),
            last=self.words.long_date(days[-1]),
        )
        page = self.page(first_up(title), [tuple(map(self.day, days))])
        head = self.head()
        laid = sides(page.weeks[0].days, self.above(head, page), self.below(page.notes), self.settings.paper)
        return FamilyCalendar(head, (replace(page, type=None, fits=True, sides=laid),), pocket=True)

    # --- the pages

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
            issue=(head.issue, " ".join((_("Throw older sheets away."), head.made, head.clinic))),
            unsure=" ".join(filter(None, head.unverified)),
            means=means,
            has_logo=bool(self.settings.logo),
        )

    def head(self) -> Head:
        _, family, record = self.text.gettext, self.settings.family, self.plan.record
        issue = self.issue
        said = _("This is issue {number}.") if issue.sealed else _("DRAFT of issue {number}, not final.")
        made = _("Made {date}").format(date=self.words.long_date(issue.issued.date()))
        if issue.replaces:
            made = _("{made}, replaces issue {number}").format(made=made, number=issue.replaces)
        return Head(
            name=record.name,
            identifiers=_("ID {id}, born {born}").format(
                id=record.id, born=self.words.date_without_weekday(record.born)
            ),
            clinic=self.settings.clinic,
            contacts=(
                Contact(_("CALL by day"), family.call_by_day),
                Contact(_("CALL at night, on weekends and holidays"), family.call_at_night),
            ),
            fever=family.fever,
            issue=said.format(number=issue.number),
            made=made,
            unverified=self.unverified(),
            marked=self.unverified_doses,
            kind=self.kind(),
            one_box=self.one_box(),
            remarks=self.remarks,
        )

    def kind(self) -> str:
        """What tells a sheet from others of its issue."""
        _, at_home = self.text.gettext, self.lines_at_home()
        if not at_home:
            return ""
        if self.unverified_doses and any(self.days.unsure(line.order_line) for line in at_home):
            return _("with unverified doses")
        return _("with doses") if all(map(self.days.is_dosed, at_home)) else _("doses to be written in")

    def lines_at_home(self) -> list[Administration]:
        """All that is taken at home."""
        return [dose.line for dose in self.days.account.due if dose.at_home]

    def below(self, notes: Iterable[Contact]) -> str:
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
        unsure = any(self.days.unsure(line.order_line) for line in self.lines_at_home())
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
        if not self.plan.protocol.verified:
            return (
                _("UNVERIFIED: the plan that this was made from has not been verified."),
                _("Ask your team."),
            )
        if not all(map(self.days.is_dosed, self.lines_at_home())):
            return (
                _("Doses of courses that have not started are not printed."),
                _("Your nurse or pharmacist writes them in from the pharmacy label."),
            )
        return ("", "")

    def page(self, title: str, weeks: Sequence[tuple[Day, ...]]) -> Page:
        shown = [day for week in weeks for day in week if day.shown is Shown.HERE]
        found = [dose for day in shown for dose in self.days.lines_on(day.date)]
        notes = tuple(self.notes(found, shown))
        laid = heights(weeks, self.below(notes), self.settings.paper)
        first, last = shown[0].date, shown[-1].date
        on_page = [
            each.course
            for each in self.plan.courses
            if each.course.id in self.days.spans
            and self.days.spans[each.course.id][0] <= last
            and self.days.spans[each.course.id][1] >= first
        ]
        return Page(
            title=title,
            courses=", ".join(self.words.course(each) for each in on_page),
            provisional=", ".join(self.words.course(each) for each in on_page if each.provisional),
            changed=any(day.changed for day in shown),
            weekdays=tuple(first_up(self.words.weekday(day.date)) for day in weeks[0][:_WEEK]),
            weeks=tuple(map(Week, weeks, laid.weeks)),
            notes=notes,
            number="",
            type=laid.type,
            fits=laid.fits,
            dashed_doses=any(dose.provisional for day in shown for dose in day.doses),
        )

    # --- the legend

    def drugs(self, dates: Iterable[date]) -> Page | None:
        """What each drug of all pages is, those by mouth first; None if there is none."""
        found = [dose for day in dates for dose in self.days.lines_on(day)]
        names = dict.fromkeys([*_agents_of(found, at_home=True), *_agents_of(found)])
        agents = [self.plan.protocol.agents[name] for name in names]
        if not agents:
            return None
        return Page(
            title=self.text.gettext("The drugs"),
            courses="",
            provisional="",
            changed=False,
            weekdays=(),
            weeks=(),
            notes=(),
            number="",
            legend=tuple(
                self.entry(agent, [dose for dose in found if dose.line.agent == agent.id]) for agent in agents
            ),
            reviewed=not any(
                agent.glossary and agent.glossary.backing.evidence is Evidence.UNVERIFIED for agent in agents
            ),
        )

    def entry(self, agent: Agent, doses: Sequence[Dose]) -> Entry:
        _, glossary = self.text.gettext, agent.glossary
        minded = []
        if glossary and glossary.gloves and any(dose.at_home for dose in doses):
            minded.append(_("Wear gloves to handle it."))
        if agent.only_route:
            minded.append(_("Only ever {route}.").format(route=self.words.routes[agent.only_route]))
        strong = ""
        if any(dose.at_home and dose.line.order_line.frequency.weekly for dose in doses):
            strong = _("Never every day: only on the days that say so.")
        return Entry(
            name=agent.written,
            brand=glossary.brand if glossary else "",
            purpose=_(glossary.purpose) if glossary and glossary.purpose else "",
            taken=_(glossary.taken) if glossary and glossary.taken else "",
            minded=tuple(minded),
            strong=strong,
        )

    def notes(self, found: Sequence[Dose], shown: Iterable[Day]) -> Iterator[Contact]:
        """What to mind with the drugs of this page that are taken at home, and what to bring to the clinic."""
        _, family, agents = self.text.gettext, self.settings.family, self.plan.protocol.agents
        weekly: dict[str, None] = {}
        for dose in found:
            if dose.at_home and dose.line.order_line.frequency.weekly:
                weekly[agents[dose.line.agent].written] = None
        if weekly:
            yield Contact(_("Never every day, only on the days that say so:"), f"{', '.join(weekly)}.")
        at_home = [agents[name] for name in _agents_of(found, at_home=True)]
        if gloves := [agent.written for agent in at_home if agent.glossary and agent.glossary.gloves]:
            yield Contact(_("Wear gloves to handle:"), f"{', '.join(gloves)}.")
        if family.bring and any(day.clinic for day in shown):
            yield Contact(_("Bring to the clinic:"), family.bring)


def _agents_of(found: Iterable[Dose], *, at_home: bool = False) -> list[str]:
    """The agents of some doses in the order of the first, perhaps only those of doses at home."""
    return list(dict.fromkeys(dose.line.agent for dose in found if dose.at_home or not at_home))
