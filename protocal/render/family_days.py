"""Plan in; what a family reads of each of its dates, as values in the words of its language, out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from functools import cached_property
from zoneinfo import ZoneInfo

from protocal.plan.expand import LUMBAR_PUNCTURE, OPEN_DAYS, PUMP_STOP
from protocal.plan.open_ends import open_ends
from protocal.plan.unverified import is_unverified
from protocal.render.family_words import FamilyWords, first_up
from protocal.render.feed_days import BagChange, FeedDay, days_of
from protocal.render.roadmap.points import BOLD, text_width
from protocal.words.days import ONE_DAY, SATURDAY
from protocal.words.doses import Route
from protocal.words.figures import figure
from protocal.words.log import Cleared
from protocal.words.plan import Administration, Plan, Status
from protocal.words.protocol import Order

_LONG = 120  # minutes from which a family is told how long an infusion lasts
_ICONS = {Route.IV: "drip", Route.IM: "needle", Route.SC: "needle", Route.IT: "needle"}
_ICONS_OF_EVENTS = {"radiation-fraction": "rays", "transplant": "drip"}
_BESIDE_DATE = 69.0  # points that the name of a drug has beside its date
_SHORT = 36  # letters of a drug and its dose in one line
_WEEK = timedelta(days=7)
_NOON = 12  # the hour from which a dose is none of the morning
_NIGHT_TOO = 12  # hours from the first to the last dose of a day from which one of them falls into the night


class Shown(Enum):
    """What a cell of a month is for."""

    HERE = "here"
    ELSEWHERE = "elsewhere"  # in another month
    OFF = "off"  # not among the dates that were asked for


@dataclass(frozen=True, slots=True)
class Dose:
    """A drug by mouth on a date, with a box to tick for each time it is given.

    Attributes:
        much: one dose in tablets or in a unit; empty where it is to be written in by hand.
        boxes: what stands beside each box: when in the day, or an hour.
        hours_blank: the hour of each is to be written in by hand.
        weekly: that it is given once a week, with the weekday.
        instead: that it stands in the place of the dose of that weekday.
        unsure: nothing confirms what `much` says.
        provisional: `much` is worked out again when its course starts.
    """

    administration: str
    drug: str
    much: str
    boxes: tuple[str, ...]
    hours_blank: bool
    weekly: str
    notes: tuple[str, ...]
    unsure: bool
    given: bool
    provisional: bool = False
    instead: str = ""

    @property
    def named(self) -> tuple[str, ...]:
        """What stands by the name of its drug, before how much it is."""
        return tuple(filter(None, (self.weekly, self.instead)))

    @property
    def is_long(self) -> bool:
        """Whether how much it is stands in a line of its own even where there is little room."""
        return bool(self.instead) or len(self.drug) + len(self.much) > _SHORT


@dataclass(frozen=True, slots=True)
class Happening:
    """What is done in clinic or by a pump on a date; `icon` is the picture beside it.

    Attributes:
        note: more of it, in small.
        ask: what to ask the clinic before it.
    """

    text: str
    note: str = ""
    given: bool = False
    icon: str = ""
    ask: str = ""


@dataclass(frozen=True, slots=True)
class Day:
    """A date with all that is done on it.

    Attributes:
        label: the day of its course.
        starts: the courses that begin on it.
        held: that nothing is given, because the record holds treatment or a pump stands still; or that a drug
            may go on.
        eve: what is to be known on it of the day after.
        changed: it was otherwise in the issue that this one replaces.
    """

    date: date
    shown: Shown
    label: str = ""
    starts: tuple[str, ...] = ()
    clinic: tuple[Happening, ...] = ()
    pump: tuple[Happening, ...] = ()
    doses: tuple[Dose, ...] = ()
    held: str = ""
    eve: str = ""
    provisional: bool = False
    changed: bool = False

    @property
    def weekend(self) -> bool:
        """Whether it is a Saturday or a Sunday."""
        return self.date.weekday() >= SATURDAY

    @property
    def empty(self) -> bool:
        """Whether nothing is done on it."""
        return not (self.clinic or self.pump or self.doses)

    @property
    def has_top(self) -> bool:
        """Whether it has a line for the day of its course: where the team does something, or a course begins.

        At home the date alone says which day it is, unless the first drug's name has no room beside it.
        """
        wide = bool(self.doses) and text_width(self.doses[0].drug, 9.5, BOLD) > _BESIDE_DATE
        return bool(self.clinic or self.pump or self.starts) or wide


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
        self.feed_days = _by_date(plan)
        self.course_dates = {each.course.id: each.course.dates for each in plan.courses if each.course.dates}
        self.spans = {id_: (dates.day1, dates.last_day) for id_, dates in self.course_dates.items()}

    def dates(self, courses: Sequence[str] = ()) -> set[date]:
        """All dates of the courses named, or of the whole therapy."""
        if not self.spans:
            return set()
        spans = [self.spans[name] for name in courses] or [
            (min(first for first, _last in self.spans.values()), max(last for _first, last in self.spans.values()))
        ]
        within = {first + ONE_DAY * index for first, last in spans for index in range((last - first).days + 1)}
        beyond = {
            day for day, found in self.feed_days.items() if any(not courses or each.course in courses for each in found)
        }
        return within | beyond

    def day(self, day: date) -> Day:
        """A date with all that any course brings on it."""
        _, found = self.text.gettext, self.feed_days.get(day, [])
        starting = [each.course for each in self.plan.courses if self.spans.get(each.course.id, (None,))[0] == day]
        starts = tuple(
            first_up(said.format(course=self.words.course(each)))
            for each in starting
            for said in [_("{course} may start") if each.provisional else _("{course} starts")]
        )
        own = [each for each in found if self.spans[each.course][0] <= day <= self.spans[each.course][1]]
        return Day(
            date=day,
            shown=Shown.HERE,
            label=_("day {number}").format(number=self.number(own[-1])) if own else "",
            starts=starts,
            clinic=tuple(happening for each in found for happening in self.clinic(each)),
            pump=tuple(happening for each in found for happening in self.pump(each)),
            doses=tuple(self.dose(each, line) for each in found for line in each.given if line.route is Route.PO),
            held=self.held(day),
            eve=self.eve(day),
            provisional=any(each.provisional for each in found) or any(each.provisional for each in starting),
        )

    def number(self, found: FeedDay) -> int:
        """The day of its course that a date is, though something of another day may be done on it."""
        dates = self.course_dates[found.course]
        late = (found.date - dates.date_of(found.number)).days
        return found.number + late if dates.date_of(found.number + late) == found.date else found.number

    def held(self, day: date) -> str:
        """That nothing is given: the record holds a course, or its infusion stands still; or that a drug may go on."""
        _ = self.text.gettext
        if day in self.open_dates:
            return _("{drug} goes on unless your team said stop").format(drug=self.open_dates[day])
        if any(each.given for each in self.feed_days.get(day, ())):
            return ""
        if day in self.held_dates:
            return _("no treatment: on hold, ask your team")
        return _("the pump is stopped: ask your team") if day in self.still_dates else ""

    @cached_property
    def held_dates(self) -> frozenset[date]:
        """The dates of courses on which the record holds treatment, or for which the days left wait."""
        found: set[date] = set()
        for id_, dates in self.course_dates.items():
            for each in self.plan.facts.holds:
                if each.course == id_:
                    found.update(_dates(max(each.first, dates.day1), min(each.last, dates.last_day)))
            for shift in dates.shifts:
                resumes = dates.date_of(shift.from_day)
                found.update(_dates(resumes - timedelta(days=shift.days), resumes - ONE_DAY))
        return frozenset(found)

    @cached_property
    def open_dates(self) -> dict[date, str]:
        """The first dates after the planned ones of a drug that may go on until a level has cleared, with the drug."""
        return {
            end.last.date + ONE_DAY * late: self.plan.protocol.agents[end.last.agent].written
            for _course, end in open_ends(self.plan)
            if not end.begun
            for late in range(1, OPEN_DAYS + 1)
        }

    @cached_property
    def still_dates(self) -> frozenset[date]:
        """The dates from a stop of a continuous infusion to the day before it goes on."""
        found: set[date] = set()
        zone = self.plan.facts.zone
        for pause in self.plan.facts.pauses:
            if dates := self.course_dates.get(pause.course):
                resumes = pause.resume.astimezone(ZoneInfo(zone)).date() - ONE_DAY if pause.resume else dates.last_day
                found.update(_dates(pause.stop.astimezone(ZoneInfo(zone)).date(), resumes))
        return frozenset(found)

    def eve(self, day: date) -> str:
        """That there is a lumbar puncture on the day after, before which it matters when somebody ate."""
        tomorrow = self.feed_days.get(day + ONE_DAY, [])
        if any(event.kind == LUMBAR_PUNCTURE for each in tomorrow for event in each.events):
            return self.text.gettext("tomorrow a lumbar puncture: see food and drink")
        return ""

    def clinic(self, day: FeedDay) -> Iterator[Happening]:
        """What is done in clinic; drugs into the spinal fluid stand with their lumbar puncture."""
        _, words = self.text.gettext, self.words
        intrathecal = [line for line in day.given if line.route is Route.IT]
        for event in day.events:
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
        for line in (*intrathecal, *(line for line in day.given if line.route not in (Route.PO, Route.IT, Route.CIV))):
            alike = (line.route, ", ".join(self.often(day, line)), _given([line]))
            groups.setdefault(alike, []).append(self.name(line.agent))
        for (route, note, given), names in groups.items():
            said = _("{drugs} {route}").format(drugs=", ".join(names), route=words.routes[route])
            yield Happening(said, note, given, _ICONS.get(route, ""))
        for line in day.given:
            if line.route is Route.CIV and line.day == line.order_line.days.first:
                said = _("{drug} pump starts").format(drug=self.name(line.agent))
                yield Happening(said, words.at(line.times, day.date) if line.times else "", _given([line]), "pump")

    def ask(self, day: date) -> str:
        """A question for the clinic where a dose at home falls before a puncture that one fasts for."""
        at_home = [line for each in self.feed_days[day] for line in each.given if line.route is Route.PO]
        due = [line for line in at_home if line.status is not Status.GIVEN]
        if not self.before_sedation or not any(_is_before_noon(line, day) for line in due):
            return ""
        return self.text.gettext("Morning medicine before it: ask your team.")

    def pump(self, day: FeedDay) -> Iterator[Happening]:
        """What a pump does: it runs, its bag is changed, it stops."""
        _, words = self.text.gettext, self.words
        for line in day.given:
            if line.route is Route.CIV and line.day != line.order_line.days.first:
                yield Happening(_("{drug} pump").format(drug=self.name(line.agent)))
        for bag in day.bags:
            if bag.why != "first":
                yield Happening(self.bag(bag, day.date), icon="pump")
        for event in day.events:
            if event.kind == PUMP_STOP:
                text = words.kind(event.kind, self.plan.protocol.kinds[event.kind])
                yield Happening(f"{text} {words.at([event.at], day.date)}" if event.at else text, icon="pump")

    def bag(self, bag: BagChange, on: date) -> str:
        """`new bag at 14:00`."""
        _, at = self.text.gettext, self.words.at([bag.at], on)
        text = _("new bag {at}, after the stop") if bag.why == "new" else _("new bag {at}")
        return text.format(at=at)

    def dose(self, day: FeedDay, line: Administration) -> Dose:
        """A drug by mouth with its boxes; what one dose is stays blank where nothing confirms it."""
        words, order = self.words, line.order_line
        weekly = ""
        if order.frequency.weekly:
            weekly = words.weekly(line.date, self.course_dates[line.course].date_of(line.day))
        unsure, dosed = self.unsure(order), self.is_dosed(line)
        boxes, blank = self.boxes(line)
        return Dose(
            administration=line.id,
            drug=self.name(line.agent),
            much=self.much(line) if dosed else "",
            boxes=boxes,
            hours_blank=blank,
            weekly=weekly,
            notes=tuple(self.dose_notes(day, line)),
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
        for line in self.plan.administrations:
            if line.route is Route.PO and line.order_line.frequency.weekly and line.course in self.course_dates:
                planned = self.course_dates[line.course].date_of(line.day)
                found.setdefault((line.course, line.agent), set()).update((planned, line.date))
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

    def dose_notes(self, day: FeedDay, line: Administration) -> Iterator[str]:
        """How often, from when and until when, where the boxes do not say it."""
        _, ngettext, order = self.text.gettext, self.text.ngettext, line.order_line
        interval = order.frequency.interval
        if line.per_day > 1 and interval:
            count = ngettext("{count} time that day", "{count} times that day", line.per_day).format(count=line.per_day)
            every = _("every {hours} hours").format(hours=interval)
            night = [_("at night too")] if interval * (line.per_day - 1) > _NIGHT_TOO else []
            yield ", ".join([*([] if self.instead(line) else [count]), every, *night])
        if order.first_dose and not line.times and (line.day == order.days.first or order.on_restart):
            yield self.clock(day, order)
        if order.until_clear and order.until_clear not in day.cleared:
            yield _("goes on until your team says stop")

    def often(self, day: FeedDay, line: Administration) -> Iterator[str]:
        """How often in a day, over how long, from when: none of it is a dose."""
        _, ngettext, order = self.text.gettext, self.text.ngettext, line.order_line
        if line.per_day > 1:
            yield ngettext("{count} time that day", "{count} times that day", line.per_day).format(count=line.per_day)
        if order.over and order.over.least >= _LONG:
            yield _("over {time}").format(time=order.over.text.replace(" ", "\N{NO-BREAK SPACE}"))
        if line.times:
            yield self.words.at(line.times, day.date)

    def clock(self, day: FeedDay, order: Order) -> str:
        """`first dose 48 h after the start of methotrexate`."""
        _, anchor = self.text.gettext, order.first_dose
        if anchor is None:
            return ""
        other = next(each for each in day.definition.orders if each.key == anchor.order)
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


def _by_date(plan: Plan) -> Mapping[date, list[FeedDay]]:
    """What happens on each date, course by course."""
    cleared: dict[str, set[str]] = {}
    for _line, entry in plan.record.standing(plan.revision):
        if isinstance(entry, Cleared):
            cleared.setdefault(entry.course, set()).add(entry.agent)
    found: dict[date, list[FeedDay]] = {}
    for each in plan.courses:
        for day in days_of(each, plan.protocol.agents, frozenset(cleared.get(each.course.id, ()))).values():
            found.setdefault(day.date, []).append(day)
    return found


def _dates(first: date, last: date) -> Iterator[date]:
    """The dates from one to another."""
    return (first + ONE_DAY * count for count in range((last - first).days + 1))


def _is_before_noon(line: Administration, day: date) -> bool:
    """Whether a dose of a day may be due in its morning: it is, or it has no clock."""
    return not line.times or any(time.date() == day and time.hour < _NOON for time in line.times)


def _given(lines: Iterable[Administration]) -> bool:
    """Whether there are such doses and all of them have been given."""
    found = [line.status is Status.GIVEN for line in lines]
    return bool(found) and all(found)
