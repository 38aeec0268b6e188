"""Plan -> what a family reads of each of its dates, as values in the words of its language."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from protocal.account import make_account
from protocal.model.account import CourseDay
from protocal.model.account import Dose as DoseOf
from protocal.model.days import ONE_DAY
from protocal.model.plan import Plan
from protocal.render.family.home_doses import HomeDoses, in_place, weekly_dates
from protocal.render.family.values import Day, Shown
from protocal.render.family.visits import Visits
from protocal.render.wording.family import FamilyWords, first_up


class FamilyDays:
    """The dates of one plan in one language; doses that nothing confirms only if somebody asked for them (S28).

    `before_sedation` is what the site says of eating and drinking before a lumbar puncture; empty if it has not said.
    """

    def __init__(self, plan: Plan, words: FamilyWords, *, unverified_doses: bool, before_sedation: str = "") -> None:
        self.plan = plan
        self.words = words
        self.text = words.text
        self.account = make_account(plan)
        self.home = HomeDoses(plan.protocol, words, unverified_doses=unverified_doses)
        self.weekly = weekly_dates(each for found in self.account.days.values() for each in found)
        self.visits = Visits(plan.protocol, words, before_sedation)
        spans = {each.course.id: each.course.dates for each in plan.courses if each.course.dates}
        self.spans = {id_: (dates.day1, dates.last_day) for id_, dates in spans.items()}

    def dates(self, courses: Sequence[str] = ()) -> set[date]:
        """All dates of the courses named, or of the whole therapy."""
        if not self.spans:
            return set()
        spans = [self.spans[name] for name in courses] or [
            (min(first for first, _last in self.spans.values()), max(last for _first, last in self.spans.values()))
        ]
        within = {first + ONE_DAY * index for first, last in spans for index in range((last - first).days + 1)}
        beyond = {
            day
            for day in self.account.days
            if any(not courses or each.course.id in courses for each in self.done_on(day))
        }
        return within | beyond

    def done_on(self, day: date) -> list[CourseDay]:
        """The courses that bring something on a date."""
        return [
            each
            for each in self.account.on(day)
            if each.shares or each.running or any(again.supervised for again in each.restarts)
        ]

    def lines_on(self, day: date) -> list[DoseOf]:
        """The doses of a date that take place, course by course."""
        return [dose for each in self.account.on(day) for share in each.shares for dose in share.doses]

    def day(self, day: date) -> Day:
        """A date with all that any course brings on it."""
        _, found = self.text.gettext, self.done_on(day)
        starting = [each.course for each in self.plan.courses if self.spans.get(each.course.id, (None,))[0] == day]
        starts = tuple(
            first_up(said.format(course=self.words.course(each)))
            for each in starting
            for said in [_("{course} may start") if each.provisional else _("{course} starts")]
        )
        due = [dose for each in self.account.on(day) for dose in each.due]
        numbers = [each.number for each in found if each.number is not None]
        return Day(
            date=day,
            shown=Shown.HERE,
            label=_("day {number}").format(number=numbers[-1]) if numbers else "",
            starts=starts,
            clinic=tuple(happening for each in found for happening in self.visits.of(each, due)),
            pump=tuple(
                happening for each in found for share in each.shares for happening in self.visits.pump(share, day)
            ),
            doses=tuple(
                self.home.dose(each.course.definition, dose, in_place=in_place(self.weekly, dose.line))
                for each in found
                for share in each.shares
                for dose in share.doses
                if dose.at_home
            ),
            held=self.held(day),
            eve=self.eve(day),
            provisional=any(each.course.provisional for each in found) or any(each.provisional for each in starting),
        )

    def held(self, day: date) -> str:
        """That nothing is given: the record holds a course, or its infusion stands still; or that a drug may go on."""
        _, found = self.text.gettext, self.account.on(day)
        if drugs := dict.fromkeys(
            self.words.drug(self.plan.protocol.agents[order.line.agent]) for each in found for order in each.may_go_on
        ):
            return _("{drug} goes on unless your team said stop").format(drug=", ".join(drugs))
        if any(each.due for each in found):
            return ""
        if any(each.held or each.wait for each in found):
            return _("no treatment: on hold, ask your team")
        stands = any(each.still or (each.stops and not each.restarts) for each in found)
        return _("the pump is stopped: ask your team") if stands else ""

    def eve(self, day: date) -> str:
        """That there is a lumbar puncture on the day after, before which it matters when somebody ate."""
        if any(each.punctures for each in self.account.on(day + ONE_DAY)):
            return self.text.gettext("tomorrow a lumbar puncture: see food and drink")
        return ""
