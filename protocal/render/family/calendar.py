"""Plan -> a family's month pages and pocket page as format-neutral values: each date with what is done on it.

Nothing here knows HTML. Tests read these values; `pdf.py` prints them. A date that is printed is complete: it
has all that any course brings on it, whatever was chosen.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence, Set
from dataclasses import replace
from datetime import date, timedelta

from protocal.account import stock_at_home
from protocal.change.issues import issue_of
from protocal.model.days import ONE_DAY
from protocal.model.plan import Plan
from protocal.model.settings import Settings
from protocal.plan import make_plan
from protocal.render.family.days import FamilyDays
from protocal.render.family.head_and_foot import HeadAndFoot
from protocal.render.family.layout import heights, sides
from protocal.render.family.legend import Legend
from protocal.render.family.stock import HomeStock
from protocal.render.family.values import Contact, Day, FamilyCalendar, Page, PageIssue, Shown, Week
from protocal.render.said import says_digest
from protocal.render.wording.catalogues import messages
from protocal.render.wording.family import FamilyWords, first_up

POCKET_DAYS = 14
PRINTED, PUBLISHED = "calendar", "page"  # as the log calls months: those that are printed, those of a family's page
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
    draft: bool = False,
    published: bool = False,
    address: str = "",
) -> FamilyCalendar:
    """The months of a plan that has dates: all of them, or those with the dates of courses, or from a day to a day.

    Doses that nothing confirms are printed only if somebody asked for them (rule S28). There are no pages where none of
    the dates belongs to the plan. A month that says what its last issue said is that issue, any other is a draft; with
    `draft` all are. What is `published` on a page has issues of its own, and says of nobody whose it is. `address` is
    where a telephone finds the same.
    """
    writer = _Writer(
        plan,
        settings,
        unverified_doses=unverified_doses,
        remarks=remarks,
        draft=draft,
        published=published,
        address=address,
    )
    return writer.months(courses, since, until)


def make_pocket_page(
    plan: Plan,
    settings: Settings,
    first: date,
    *,
    unverified_doses: bool = False,
    remarks: tuple[str, ...] = (),
    draft: bool = False,
) -> FamilyCalendar:
    """Fourteen days from a day on; no page where none of them belongs to the plan."""
    return _Writer(plan, settings, unverified_doses=unverified_doses, remarks=remarks, draft=draft).pocket(first)


class _Writer:
    """Writes the pages of one plan in one language."""

    def __init__(
        self,
        plan: Plan,
        settings: Settings,
        *,
        unverified_doses: bool,
        remarks: tuple[str, ...],
        draft: bool,
        published: bool = False,
        address: str = "",
    ) -> None:
        self.plan = plan
        self.settings = settings
        self.unverified_doses = unverified_doses
        self.draft = draft
        self.series = PUBLISHED if published else PRINTED
        self.address = address
        self.text = messages(settings.language)
        self.words = FamilyWords(self.text)
        self.days = self.family_days(plan)
        self.compared: dict[int, frozenset[date]] = {}
        self.stock = HomeStock(stock_at_home(self.days.account), self.days.home, self.words)
        self.legend = Legend(plan.protocol, settings.family, self.words)
        self.around = HeadAndFoot(
            plan,
            settings,
            self.words,
            self.days,
            unverified_doses=unverified_doses,
            remarks=remarks,
            named=not published,
        )

    def family_days(self, plan: Plan) -> FamilyDays:
        """What a family reads on the dates of a plan."""
        said = self.settings.family.before_sedation
        return FamilyDays(plan, self.words, unverified_doses=self.unverified_doses, before_sedation=said)

    # --- which dates

    def months(self, courses: Sequence[str], since: date | None, until: date | None) -> FamilyCalendar:
        first_day, last_day = since or date.min, until or date.max
        dates = {day for day in self.days.dates(courses) if first_day <= day <= last_day}
        firsts = sorted({day.replace(day=1) for day in dates})
        pages = [self.month(first, dates) for first in firsts]
        drugs = self.drugs(dates)
        said, count = self.text.gettext("sheet {number} of {count}"), len(pages) + bool(drugs)
        pages = [replace(page, number=said.format(number=index, count=count)) for index, page in enumerate(pages, 1)]
        drugs = replace(drugs, number=said.format(number=count, count=count)) if drugs else None
        return FamilyCalendar(self.around.head(), tuple(pages), drugs=drugs, address=self.address)

    def month(self, first: date, dates: set[date]) -> Page:
        """A month, with some of its dates."""
        own = [day for day in sorted(self.days.dates()) if (day.year, day.month) == (first.year, first.month)]
        sheet = f"{self.series}/{first:%Y-%m}"
        stock = self.stock.notes(first, first + timedelta(days=monthrange(first.year, first.month)[1] - 1))
        says = self.says([self.days.day(day) for day in own], stock)
        issue = issue_of(self.plan, sheet, says, draft=self.draft)
        weeks = self.weeks(first, dates, self.changed_since(issue.before))
        return self.page(self.words.month(first), weeks, self.around.issued(issue, sheet, says), stock)

    def says(self, days: list[Day], stock: Sequence[Contact]) -> str:
        """The digest of what some days say, and the lines of what is at home below them, if there are any."""
        return says_digest(self.around.head(), self.settings.family, days, *([list(stock)] if stock else []))

    def drugs(self, dates: set[date]) -> Page | None:
        """The legend of the drugs of some dates; its issue is that of the legend of all."""
        page = self.legend.page(dose for day in sorted(dates) for dose in self.days.lines_on(day))
        if page is None:
            return None
        whole = self.legend.page(dose for day in sorted(self.days.dates()) for dose in self.days.lines_on(day))
        says = says_digest(self.around.head(), whole, *filter(None, (self.address,)))
        sheet = f"{self.series}/drugs"
        issue = issue_of(self.plan, sheet, says, draft=self.draft)
        return replace(page, issue=self.around.issued(issue, sheet, says))

    def weeks(self, first: date, dates: set[date], changed: Set[date]) -> list[tuple[Day, ...]]:
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
                weeks.append(tuple(self.cell(each, first, month_ends, dates, changed) for each in week))
            day += ONE_DAY * _WEEK
        return weeks

    def cell(self, day: date, first: date, end: date, dates: set[date], changed: Set[date]) -> Day:
        if not first <= day < end:
            return Day(day, Shown.ELSEWHERE, self.words.day_and_month(day))
        return self.day(day, changed) if day in dates else Day(day, Shown.OFF)

    def day(self, day: date, changed: Set[date]) -> Day:
        return replace(self.days.day(day), changed=day in changed)

    def changed_since(self, revision: int | None) -> frozenset[date]:
        """The dates that were otherwise in an earlier revision; none without one."""
        if revision is None:
            return frozenset()
        if revision not in self.compared:
            before = make_plan(self.plan.protocol, self.plan.record, self.plan.settings, revision)
            then, both = self.family_days(before), self.days.dates() | self.family_days(before).dates()
            self.compared[revision] = frozenset(day for day in both if self.days.day(day) != then.day(day))
        return self.compared[revision]

    def pocket(self, first: date) -> FamilyCalendar:
        days = [first + ONE_DAY * index for index in range(POCKET_DAYS)]
        if not self.days.dates().intersection(days):
            return FamilyCalendar(self.around.head(), (), pocket=True)
        one_year = days[0].year == days[-1].year
        title = self.text.gettext("{first} to {last}").format(
            first=(self.words.weekday_and_day if one_year else self.words.long_date)(days[0]),
            last=self.words.long_date(days[-1]),
        )
        head, stock = self.around.head(), self.stock.notes(days[0], days[-1])
        sheet, says = f"pocket/{first}", self.says([self.days.day(day) for day in days], stock)
        issue = issue_of(self.plan, sheet, says, draft=self.draft)
        changed = self.changed_since(issue.before)
        week = tuple(self.day(day, changed) for day in days)
        page = self.page(first_up(title), [week], self.around.issued(issue, sheet, says), stock)
        laid = sides(
            page.weeks[0].days, self.around.above(head, page), self.around.foot(page.notes), self.settings.paper
        )
        return FamilyCalendar(head, (replace(page, type=None, fits=True, sides=laid),), pocket=True)

    # --- the pages

    def page(self, title: str, weeks: Sequence[tuple[Day, ...]], issue: PageIssue, stock: Sequence[Contact]) -> Page:
        shown = [day for week in weeks for day in week if day.shown is Shown.HERE]
        found = [dose for day in shown for dose in self.days.lines_on(day.date)]
        notes = (*self.legend.notes(found, clinic=any(day.clinic for day in shown)), *stock)
        laid = heights(weeks, self.around.foot(notes), self.settings.paper)
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
            issue=issue,
        )
