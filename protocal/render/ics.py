"""Plan in; the iCalendar that a family or a ward subscribes to out (RFC 5545, RFC 7986).

One event for each course day on which something happens. Its identity is made of the record's random key, the course
and the day, never of the date, so that an event that moves stays the same event. Nothing here asks for the time: the
same record gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from enum import Enum
from gettext import NullTranslations
from hashlib import sha256

from icalendar import Calendar, Event, vDuration, vText

from protocal.plan.expand import LUMBAR_PUNCTURE
from protocal.plan.unverified import is_unverified
from protocal.render.messages import messages
from protocal.words.days import ONE_DAY
from protocal.words.doses import Anchor, Route
from protocal.words.figures import figure, paper_date
from protocal.words.plan import Administration, CoursePlan, DatedCourse, Plan, PlannedEvent
from protocal.words.protocol import Course

_COLOR = "steelblue"  # a CSS name, as RFC 7986 wants it
_REFRESH = timedelta(hours=12)
_UID_DIGITS = 32


def feed(
    plan: Plan,
    *,
    with_doses: bool,
    unverified_doses: bool = False,
    language: str = "en",
    remarks: Sequence[str] = (),
) -> bytes:
    """The feed of a plan. Doses stand in it only `with_doses`, and those that nothing confirms only by their own name.

    `unverified_doses` prints all of them, and then says so. `remarks` are sentences for its description, on top of its
    own.
    """
    doses = Doses.ALL if unverified_doses else Doses.CONFIRMED if with_doses else Doses.NONE
    data: bytes = _Writer(plan, messages(language), doses).calendar(language, remarks).to_ical()
    return data


class Doses(Enum):
    """Which doses stand in a feed."""

    NONE = 0
    CONFIRMED = 1
    ALL = 2


def uid(key: str, course: str, day: int) -> str:
    """The identity of a course day's event; a test freezes it."""
    return f"{sha256(f'{key}/{course}/{day}'.encode()).hexdigest()[:_UID_DIGITS]}@protocal"


@dataclass(frozen=True, slots=True)
class _Day:
    """A course day on which something happens."""

    course: DatedCourse
    number: int
    date: date
    given: tuple[Administration, ...]
    events: tuple[PlannedEvent, ...]

    @property
    def at_home(self) -> bool:
        """Whether all that happens is taken by mouth."""
        return not self.events and all(line.route is Route.PO for line in self.given)


def _days(each: CoursePlan) -> Iterator[_Day]:
    """The days of a course in their order; procedures come before evaluations."""
    given = [line for line in each.administrations if line.status.takes_place]
    events = (*each.procedures, *each.evaluations)
    rows: list[Administration | PlannedEvent] = [*given, *events]
    dates = {row.day: row.date for row in rows}
    for number in sorted(dates):
        yield _Day(
            each.course,
            number,
            dates[number],
            tuple(line for line in given if line.day == number),
            tuple(event for event in events if event.day == number),
        )


class _Writer:
    """Writes the feed of one plan in one language."""

    def __init__(self, plan: Plan, words: NullTranslations, doses: Doses) -> None:
        self.plan = plan
        self.words = words
        self.doses = doses
        self.issued = plan.issued.astimezone(UTC)

    def calendar(self, language: str, remarks: Sequence[str]) -> Calendar:
        _ = self.words.gettext
        name = _("Treatment calendar {id}").format(id=self.plan.record.id)
        calendar = Calendar()
        calendar.add("prodid", f"-//protocal//treatment calendar//{language.upper()}")
        calendar.add("version", "2.0")
        for prop in ("name", "x-wr-calname"):
            calendar.add(prop, vText(name))
        calendar.add("description", "\n".join([*remarks, *self.closing(unverified_doses=self.doses is Doses.ALL)]))
        calendar.add("last-modified", self.issued)
        calendar.add("refresh-interval", vDuration(_REFRESH), parameters={"VALUE": "DURATION"})
        calendar.add("x-published-ttl", vDuration(_REFRESH))
        calendar.add("color", _COLOR)
        for each in self.plan.courses:
            for day in _days(each):
                calendar.add_component(self.event(day))
        return calendar

    def event(self, day: _Day) -> Event:
        _ = self.words.gettext
        event = Event()
        event.add("uid", uid(self.plan.record.key, day.course.id, day.number))
        event.add("dtstamp", self.issued)
        event.add("last-modified", self.issued)
        event.add("sequence", self.plan.revision)
        event.add("dtstart", day.date)
        event.add("dtend", day.date + ONE_DAY)
        event.add("summary", self.summary(day))
        event.add("description", "\n".join(self.description(day)))
        event.add("class", "PRIVATE")
        event.add("transp", "TRANSPARENT" if day.at_home else "OPAQUE")
        event.add("categories", [_("Home") if day.at_home else _("Clinic")])
        return event

    def summary(self, day: _Day) -> str:
        """`Block 1, day 8: lumbar puncture, vinCRIStine`; what a lumbar puncture brings in is not said twice."""
        punctured = any(event.kind == LUMBAR_PUNCTURE for event in day.events)
        drugs = [self.written(line) for line in day.given if not (punctured and line.route is Route.IT)]
        things = dict.fromkeys([*(_in_a_sentence(self.title(event)) for event in day.events), *drugs])
        return self.words.gettext("{course}, day {day}: {things}").format(
            course=day.course.title, day=day.number, things=", ".join(things)
        )

    def description(self, day: _Day) -> Iterator[str]:
        _ = self.words.gettext
        for event in day.events:
            yield self.title(event)
        for line in day.given:
            yield self.line(day, line)
        yield from self.warnings(day)
        dosed = any(map(self.is_dosed, day.given))
        if day.course.provisional:
            doses = _("Provisional: the date and the doses may change until {course} has started.")
            dates = _("Provisional: the date may change until {course} has started.")
            yield (doses if dosed else dates).format(course=day.course.title)
        yield from self.closing(unverified_doses=any(self.is_dosed(line) and self.unsure(line) for line in day.given))

    def line(self, day: _Day, line: Administration) -> str:
        """`methotrexate, by mouth, 4 times that day, every 6 hours`, and its dose where doses were asked for."""
        _, drug = self.words.gettext, [self.written(line), self.route(line.route)]
        if line.order_line.frequency.weekly:
            drug.append(_("once a week, on {weekday}").format(weekday=self.weekday(line.date)))
        if self.is_dosed(line):
            return f"{', '.join(drug)}: {', '.join((self.dose(line), *self.often(day, line)))}"
        bare = ", ".join((*drug, *self.often(day, line)))
        if self.doses is Doses.NONE:
            return bare
        return f"{bare}. {_('Its dose is unverified and not printed: ask the treating team.')}"

    def unsure(self, line: Administration) -> bool:
        """Whether nothing confirms its dose."""
        return is_unverified(self.plan.protocol, line.order_line)

    def is_dosed(self, line: Administration) -> bool:
        """Whether its dose is printed."""
        return self.doses is Doses.ALL or (self.doses is Doses.CONFIRMED and not self.unsure(line))

    def dose(self, line: Administration) -> str:
        """`7.8 mg each time`, `7.8 mg (unverified) each time`."""
        _, dose = self.words.gettext, f"{figure(line.dose)} {line.unit}"
        if self.unsure(line):
            dose = _("{dose} (unverified)").format(dose=dose)
        if line.order_line.frequency.continuous:
            return _("{dose} in 24 hours").format(dose=dose)
        return (_("{dose} each time") if line.per_day > 1 else _("{dose} once")).format(dose=dose)

    def often(self, day: _Day, line: Administration) -> Iterator[str]:
        """`2 times that day`, `every 12 hours`: how often, over how long, from when; none of it is a dose."""
        _, ngettext = self.words.gettext, self.words.ngettext
        order = line.order_line
        if line.per_day > 1 and not order.frequency.continuous:
            yield ngettext("{count} time that day", "{count} times that day", line.per_day).format(count=line.per_day)
            if order.frequency.interval:
                yield _("every {hours} hours").format(hours=order.frequency.interval)
        if order.over:
            yield _("over {time}").format(time=order.over.text)
        if order.first_dose and line.day == order.days.first:
            yield self.clock(day.course.definition, order.first_dose)

    def clock(self, course: Course, anchor: Anchor) -> str:
        """`first dose 48 h after the start of methotrexate`."""
        _ = self.words.gettext
        other = next(order for order in course.orders if order.key == anchor.order)
        drugs = ", ".join(self.plan.protocol.agents[agent].written for agent in other.agents)
        before, after = (
            _("first dose {time} before the start of {drugs}"),
            _("first dose {time} after the start of {drugs}"),
        )
        return (before if anchor.before else after).format(time=anchor.span.text, drugs=drugs)

    def warnings(self, day: _Day) -> Iterator[str]:
        """Drugs that have no last day yet and, on a day with an intrathecal drug, those that must not get there."""
        _, agents = self.words.gettext, self.plan.protocol.agents
        for line in day.given:
            if cleared := line.order_line.until_clear:
                yield _("{agent} goes on until {cleared} has cleared: ask the treating team.").format(
                    agent=self.written(line), cleared=agents[cleared].written
                )
        if any(line.route is Route.IT for line in day.given):
            for name in dict.fromkeys(line.agent for line in day.given if agents[line.agent].only_route):
                yield _("{agent}: FATAL IF GIVEN BY ANY OTHER ROUTE.").format(agent=agents[name].written)

    def closing(self, *, unverified_doses: bool) -> Iterator[str]:
        """What stands at the end of every description: how sure the feed is, and how old."""
        _ = self.words.gettext
        if not self.plan.protocol.verified:
            yield _("UNVERIFIED: the plan that this was made from has not been verified. Ask the treating team.")
        if unverified_doses:
            yield _("UNVERIFIED DOSES: give only what the treating team prescribed.")
        on = self.plan.issued.date()
        yield _("As of {date}, revision {revision}.").format(date=paper_date(on), revision=self.plan.revision)

    def title(self, event: PlannedEvent) -> str:
        return self.plan.protocol.kinds[event.kind]

    def written(self, line: Administration) -> str:
        return self.plan.protocol.agents[line.agent].written

    def route(self, route: Route) -> str:
        """A way in, in plain words."""
        _ = self.words.gettext
        return {
            Route.PO: _("by mouth"),
            Route.IV: _("into a vein"),
            Route.IM: _("into a muscle"),
            Route.SC: _("under the skin"),
            Route.IT: _("into the spinal fluid"),
            Route.CIV: _("into a vein, day and night"),
        }[route]

    def weekday(self, day: date) -> str:
        _ = self.words.gettext
        return (
            _("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday"),
        )[day.weekday()]  # fmt: skip


def _in_a_sentence(title: str) -> str:
    """A title as it stands within a sentence; an abbreviation keeps its capitals."""
    return title if title[1:2].isupper() else title[:1].lower() + title[1:]
