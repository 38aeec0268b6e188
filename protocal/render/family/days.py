"""Plan -> what a family reads of each of its dates, as values in the words of its language."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import cached_property

from protocal.account import make_account
from protocal.model.account import BagChange, CourseDay, Running, Share
from protocal.model.account import Dose as DoseOf
from protocal.model.course import Order
from protocal.model.days import ONE_DAY
from protocal.model.doses import Route
from protocal.model.plan import LUMBAR_PUNCTURE, PUMP_STOP, Administration, Plan, Status
from protocal.plan.unverified import is_unverified
from protocal.render.family.values import Day, Dose, Happening, Shown
from protocal.render.wording.family import FamilyWords, first_up
from protocal.text.format import figure

_LONG = 120  # minutes from which a family is told how long an infusion lasts
_ICONS = {Route.IV: "drip", Route.IM: "needle", Route.SC: "needle", Route.IT: "needle"}
_ICONS_OF_EVENTS = {"radiation-fraction": "rays", "transplant": "drip"}
_WEEK = timedelta(days=7)
_NOON = 12  # the hour from which a dose is none of the morning
_NIGHT_TOO = 12  # hours from the first to the last dose of a day from which one of them falls into the night


class FamilyDays:
    """The dates of one plan in one language; doses that nothing confirms only if somebody asked for them (S28).

    `before_sedation` is what the site says of eating and drinking before a lumbar puncture; empty if it has not said.
    """

    def __init__(self, plan: Plan, words: FamilyWords, *, unverified_doses: bool, before_sedation: str = "") -> None:
        self.plan = plan
        self.words = words
        self.before_sedation = before_sedation
        self.text = words.text
        self.unverified_doses = unverified_doses
        self.account = make_account(plan)
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
        numbers = [each.number for each in found if each.number is not None]
        return Day(
            date=day,
            shown=Shown.HERE,
            label=_("day {number}").format(number=numbers[-1]) if numbers else "",
            starts=starts,
            clinic=tuple(happening for each in found for happening in self.clinic(each)),
            pump=tuple(happening for each in found for share in each.shares for happening in self.pump(share, day)),
            doses=tuple(
                self.dose(each, dose) for each in found for share in each.shares for dose in share.doses if dose.at_home
            ),
            held=self.held(day),
            eve=self.eve(day),
            provisional=any(each.course.provisional for each in found) or any(each.provisional for each in starting),
        )

    def held(self, day: date) -> str:
        """That nothing is given: the record holds a course, or its infusion stands still; or that a drug may go on."""
        _, found = self.text.gettext, self.account.on(day)
        if drugs := dict.fromkeys(self.name(agent) for each in found for agent in each.may_go_on):
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

    def clinic(self, day: CourseDay) -> Iterator[Happening]:
        """What is done in clinic on a date, and what of an infusion the night before or after it is spent there for."""
        for run in day.running:
            yield Happening(self.run(run, day.date), icon=_ICONS[Route.IV])
        for again in day.restarts:
            if again.supervised:
                said = self.text.gettext("{drug} pump starts again {at}, with your team")
                yield Happening(
                    said.format(drug=self.name(again.agent), at=self.words.at([again.at], day.date)), icon="pump"
                )
        for share in day.shares:
            yield from self.share_in_clinic(day, share)
        if day.overnight:
            yield Happening(self.text.gettext("stays overnight"))

    def run(self, run: Running, on: date) -> str:
        """`methotrexate infusion goes on, until 21:00`; where it ends on a later date only that it goes on."""
        _, drug = self.text.gettext, self.name(run.line.agent)
        if run.until and run.until.date() == on:
            return _("{drug} infusion goes on, until {hour}").format(drug=drug, hour=self.words.hour(run.until, on))
        return _("{drug} infusion goes on").format(drug=drug)

    def share_in_clinic(self, day: CourseDay, share: Share) -> Iterator[Happening]:
        """What is done in clinic of one day; drugs into the spinal fluid stand with their lumbar puncture."""
        _, words = self.text.gettext, self.words
        lines = [dose.line for dose in share.doses]
        intrathecal = [line for line in lines if line.route is Route.IT]
        for event in share.events:
            if event.kind == PUMP_STOP:
                continue
            text = words.kind(event.kind, self.plan.protocol.kinds[event.kind])
            if event.at:
                text = f"{text} {words.at([event.at], day.date)}"
            if event.kind == LUMBAR_PUNCTURE:
                if intrathecal:
                    drugs = ", ".join(dict.fromkeys(self.name(line.agent) for line in intrathecal))
                    text = _("{what}: {drugs}").format(what=text, drugs=drugs)
                said = self.before_sedation or _("ask your team.")
                note = _("Food and drink before it: {said}").format(said=said)
                given = _given(intrathecal)
                ask = "" if given else self.ask(day.date)
                yield Happening(text, note, given, icon="needle", ask=ask)
                intrathecal = []
            else:
                yield Happening(text, icon=_ICONS_OF_EVENTS.get(event.kind, "sample"))
        groups: dict[tuple[Route, str, bool], list[str]] = {}
        apart = (Route.IT, Route.CIV)
        in_clinic = (dose.line for dose in share.doses if not dose.at_home and dose.line.route not in apart)
        for line in (*intrathecal, *in_clinic):
            note = self.clock(day, line.order_line) if line.route is Route.PO and not line.times else ""
            alike = (line.route, ", ".join(filter(None, (*self.often(day.date, line), note))), _given([line]))
            groups.setdefault(alike, []).append(self.name(line.agent))
        for (route, note, given), names in groups.items():
            said = _("{drugs} {route}").format(drugs=", ".join(names), route=words.routes[route])
            yield Happening(said, note, given, _ICONS.get(route, ""))
        for line in (dose.line for dose in share.doses if dose.starts_pump):
            if line.route is Route.CIV:
                said = _("{drug} pump starts").format(drug=self.name(line.agent))
                yield Happening(said, words.at(line.times, day.date) if line.times else "", _given([line]), "pump")

    def ask(self, day: date) -> str:
        """A question for the clinic where a dose at home falls before a puncture that one fasts for."""
        due = [dose.line for dose in self.lines_on(day) if dose.at_home and dose.line.status is not Status.GIVEN]
        if not self.before_sedation or not any(_is_before_noon(line, day) for line in due):
            return ""
        return self.text.gettext("Morning medicine before it: ask your team.")

    def pump(self, share: Share, on: date) -> Iterator[Happening]:
        """What a pump does: it runs, its bag is changed, it stops."""
        _, words = self.text.gettext, self.words
        for line in (dose.line for dose in share.doses if not dose.starts_pump):
            if line.route is Route.CIV:
                yield Happening(_("{drug} pump").format(drug=self.name(line.agent)))
        for bag in share.bags:
            if bag.why != "first":
                yield Happening(self.bag(bag, on), icon="pump")
        for event in share.events:
            if event.kind == PUMP_STOP:
                text = words.kind(event.kind, self.plan.protocol.kinds[event.kind])
                yield Happening(f"{text} {words.at([event.at], on)}" if event.at else text, icon="pump")

    def bag(self, bag: BagChange, on: date) -> str:
        """`new bag at 14:00`."""
        _, at = self.text.gettext, self.words.at([bag.bag.at], on)
        text = _("new bag {at}, after the stop") if bag.why == "new" else _("new bag {at}")
        return text.format(at=at)

    def dose(self, day: CourseDay, due: DoseOf) -> Dose:
        """A drug by mouth with its boxes; what one dose is stays blank where nothing confirms it."""
        words, line, order = self.words, due.line, due.line.order_line
        weekly = ""
        if order.frequency.weekly:
            weekly = words.weekly(line.date, due.planned)
        unsure, dosed = self.unsure(order), self.is_dosed(line)
        boxes, blank = self.boxes(line)
        return Dose(
            administration=line.id,
            drug=self.name(line.agent),
            much=self.much(line) if dosed else "",
            boxes=boxes,
            hours_blank=blank,
            weekly=weekly,
            notes=tuple(self.dose_notes(day, due)),
            unsure=unsure and self.unverified_doses,
            given=line.status is Status.GIVEN,
            provisional=dosed and line.provisional,
            instead=self.instead(line),
        )

    def instead(self, line: Administration) -> str:
        """That doses stand in the place of the drug's weekly one, on its weekday, which has none on that date."""
        weekly = self.weekly_dates.get((line.course, line.agent), frozenset())
        if line.order_line.frequency.weekly or line.date in weekly:
            return ""
        if not weekly & {line.date - _WEEK, line.date + _WEEK}:
            return ""
        said = self.text.ngettext(
            "today {count} dose, in place of the {weekday} dose",
            "today {count} doses, in place of the {weekday} dose",
            line.per_day,
        )
        return said.format(count=line.per_day, weekday=self.words.weekday(line.date))

    @cached_property
    def weekly_dates(self) -> Mapping[tuple[str, str], frozenset[date]]:
        """The dates of weekly doses by mouth, by course and agent: where they were planned, and where they are."""
        found: dict[tuple[str, str], set[date]] = {}
        for days in self.account.days.values():
            for dose in (dose for each in days for dose in each.doses):
                line = dose.line
                if line.route is Route.PO and line.order_line.frequency.weekly:
                    found.setdefault((line.course, line.agent), set()).update((dose.planned, line.date))
        return {drug: frozenset(dates) for drug, dates in found.items()}

    def is_dosed(self, line: Administration) -> bool:
        """Whether how much it is is printed: nothing that is unconfirmed (rule S28), and nothing that is not final.

        A dose of a course that has not started is worked out again from the weight of its first day, and only then in
        tablets: a figure that hangs on the fridge until then is the one that would be given.
        """
        return self.unverified_doses or not (line.provisional or self.unsure(line.order_line))

    def much(self, line: Administration) -> str:
        """One dose: `1½ tablets of 50 mg`, or a figure with its unit where no tablets are planned."""
        said = self.words.product(line.product) if line.product else f"{figure(line.dose)}\N{NO-BREAK SPACE}{line.unit}"
        return self.text.gettext("each time {dose}").format(dose=said) if line.per_day > 1 else said

    def boxes(self, line: Administration) -> tuple[tuple[str, ...], bool]:
        """What stands beside the box of each dose of the day, and whether its hour is to be written in."""
        _, count = self.text.gettext, line.per_day
        if len(line.times) == count:
            return tuple(self.words.hour(time, line.date) for time in line.times), False
        if count == 1:
            return ("",), False
        if line.order_line.frequency.text == "BID":
            return (_("morning"), _("evening")), False
        timed = line.order_line.frequency.interval is not None or line.order_line.first_dose is not None
        return tuple(f"{number + 1}." for number in range(count)), timed

    def dose_notes(self, day: CourseDay, due: DoseOf) -> Iterator[str]:
        """How often, from when and until when, where the boxes do not say it."""
        _, ngettext = self.text.gettext, self.text.ngettext
        line, order = due.line, due.line.order_line
        interval = order.frequency.interval
        if line.per_day > 1 and interval:
            count = ngettext("{count} time that day", "{count} times that day", line.per_day).format(count=line.per_day)
            every = _("every {hours} hours").format(hours=interval)
            night = [_("at night too")] if interval * (line.per_day - 1) > _NIGHT_TOO else []
            yield ", ".join([*([] if self.instead(line) else [count]), every, *night])
        if due.from_anchor and not line.times:
            yield self.clock(day, order)
        if due.awaits:
            yield _("goes on until your team says stop")

    def often(self, on: date, line: Administration) -> Iterator[str]:
        """How often in a day, over how long, from when: none of it is a dose."""
        _, ngettext, order = self.text.gettext, self.text.ngettext, line.order_line
        if line.per_day > 1:
            yield ngettext("{count} time that day", "{count} times that day", line.per_day).format(count=line.per_day)
        if order.over and order.over.least >= _LONG:
            yield _("over {time}").format(time=order.over.text.replace(" ", "\N{NO-BREAK SPACE}"))
        if line.times:
            yield self.words.at(line.times, on)

    def clock(self, day: CourseDay, order: Order) -> str:
        """`first dose 48 h after the start of methotrexate`."""
        _, anchor = self.text.gettext, order.first_dose
        if anchor is None:
            return ""
        other = next(each for each in day.course.definition.orders if each.key == anchor.order)
        drugs = ", ".join(self.name(agent) for agent in other.agents)
        if order.frequency.per_day > 1:
            before, after = (
                _("first dose {time} before the start of {drugs}"),
                _("first dose {time} after the start of {drugs}"),
            )
        else:
            before, after = _("{time} before the start of {drugs}"), _("{time} after the start of {drugs}")
        said = before if anchor.before else after
        return said.format(time=anchor.span.text.replace(" ", "\N{NO-BREAK SPACE}"), drugs=drugs)

    def unsure(self, order: Order) -> bool:
        """Whether nothing confirms its doses."""
        return is_unverified(self.plan.protocol, order)

    def name(self, agent: str) -> str:
        """An agent with its tall-man letters."""
        return self.plan.protocol.agents[agent].written


def _is_before_noon(line: Administration, day: date) -> bool:
    """Whether a dose of a day may be due in its morning: it is, or it has no clock."""
    return not line.times or any(time.date() == day and time.hour < _NOON for time in line.times)


def _given(lines: Iterable[Administration]) -> bool:
    """Whether there are such doses and all of them have been given."""
    found = [line.status is Status.GIVEN for line in lines]
    return bool(found) and all(found)
