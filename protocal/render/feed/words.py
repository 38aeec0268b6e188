"""An entry of a feed -> what the calendar of a clinic or a pharmacy shows of it, in one language."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from enum import Enum
from gettext import NullTranslations

from protocal.model.account import BagChange, Dose, Restarted
from protocal.model.course import Course
from protocal.model.doses import Anchor, Route
from protocal.model.plan import LUMBAR_PUNCTURE, Administration, PlannedEvent
from protocal.model.protocol import Protocol
from protocal.plan.unverified import is_unverified
from protocal.render.feed.days import FeedDay, Kind
from protocal.render.wording.paper import paper_words
from protocal.render.wording.products import product_text


class Doses(Enum):
    """Which doses stand in a feed."""

    NONE = 0
    CONFIRMED = 1
    ALL = 2


class DayWords:
    """Says the entries of one protocol in one language to those who give or prepare, with the doses asked for."""

    def __init__(self, protocol: Protocol, words: NullTranslations, doses: Doses, *, prepares: bool = False) -> None:
        self.protocol = protocol
        self.words = words
        self.paper = paper_words(words)
        self.doses = doses
        self.prepares = prepares
        self.routes = _routes(words)

    def summary(self, day: FeedDay, things: Iterable[str]) -> str:
        """`Block 1, day 8: lumbar puncture, vinCRIStine`, `Prepare for Block 1, day 8: vinCRIStine`."""
        _ = self.words.gettext
        said = {
            Kind.INFUSION: _("{course}: infusion of {things}"),
            Kind.GATE: _("{course}: counts before it may start"),
        }.get(day.kind) or (
            _("Prepare for {course}, day {day}: {things}") if self.prepares else _("{course}, day {day}: {things}")
        )
        return said.format(course=self.course(day), day=day.counted, things=", ".join(things))

    def elsewhere(self, day: FeedDay) -> str:
        """Of an entry that is gone: what it had is still done on its date."""
        return self.summary(day, [self.words.gettext("now in this day's other entry")])

    def things(self, day: FeedDay) -> list[str]:
        """What happens, each once; what a lumbar puncture brings in is not said beside it."""
        punctured = any(event.kind == LUMBAR_PUNCTURE for event in day.events)
        lines = [dose.line for dose in day.given]
        drugs = [self.name(line.agent) for line in lines if not (punctured and line.route is Route.IT)]
        events = (_in_a_sentence(self.title(event)) for event in day.events)
        hung = [*(self.name(bag.agent) for bag in day.bags), *(self.name(again.agent) for again in day.restarts)]
        return list(dict.fromkeys([*events, *drugs, *hung]))

    def description(self, day: FeedDay) -> Iterator[str]:
        """A line for each thing that is done, what goes on, what to heed, and how sure it is."""
        _ = self.words.gettext
        yield from self.told(day)
        lines = [dose.line for dose in day.given]
        dosed = any(map(self.is_dosed, lines))
        if day.provisional:
            doses = _("Provisional: the date and the doses may change until {course} has started.")
            dates = _("Provisional: the date may change until {course} has started.")
            yield (doses if dosed else dates).format(course=self.course(day))
        unsure = any(self.is_dosed(line) and self.unsure(line) for line in lines)
        yield from self.closing(verified=day.definition.verified, unverified_doses=unsure)

    def told(self, day: FeedDay) -> Iterator[str]:
        """A line for each thing of it alone, and what to heed with them."""
        _ = self.words.gettext
        if day.kind is Kind.GATE and day.definition.may_start:
            yield self.paper.own(day.definition.may_start.text)
        for event in day.events:
            yield f"{self.title(event)} {self.at([event.at], day.date)}" if event.at else self.title(event)
        for dose in day.given:
            if day.kind is not Kind.INFUSION or dose.line.date == day.date:
                yield self.line(day, dose)
            elif self.doses is not Doses.NONE:  # a pump's dose where it changes
                on = self.paper.day(dose.line.date)
                yield _("from {date}: {said}").format(date=on, said=self.line(day, dose))
        for bag in day.bags:
            yield self.bag(bag)
        yield from self.what_goes_on(day)
        yield from self.warnings(day)

    def what_goes_on(self, day: FeedDay) -> Iterator[str]:
        """How long an infusion runs, those that go on again, and nights in the clinic."""
        _ = self.words.gettext
        if day.kind is Kind.INFUSION:
            yield self.span(day)
        for again in day.restarts:
            yield self.restart(again, day.date)
        if day.overnight:
            yield _("Stays overnight: the infusion runs through the night.")

    def span(self, day: FeedDay) -> str:
        """`runs from Tue 05-Jan-2027 10:00 until Wed 06-Jan-2027 22:00`; a date where no hour is recorded."""
        first = self.paper.time(day.begins) if day.begins else self.paper.day(day.date)
        last = self.paper.time(day.ends) if day.ends else self.paper.day(day.last or day.date)
        said = self.words.gettext("stopped") if day.stop else ""
        text = self.words.gettext("runs from {first} until {last}").format(first=first, last=last)
        return f"{text}, {said}" if said else text

    def restart(self, again: Restarted, on: date) -> str:
        """`blinatumomab: the infusion goes on again at 10:00, in the clinic`; there only after a long stop."""
        _ = self.words.gettext
        said = (
            _("{agent}: the infusion goes on again {at}, in the clinic")
            if again.supervised
            else _("{agent}: the infusion goes on again {at}")
        )
        return said.format(agent=self.name(again.agent), at=self.at([again.at], on))

    def line(self, day: FeedDay, dose: Dose) -> str:
        """`methotrexate, by mouth, 4 times that day, every 6 hours`, and its dose where doses were asked for."""
        _, line = self.words.gettext, dose.line
        drug = [self.name(line.agent), self.routes[line.route]]
        if line.order_line.frequency.weekly:
            drug.append(_("once a week, on {weekday}").format(weekday=_weekday(self.words, line.date)))
        if self.is_dosed(line):
            return self.paper.with_more(", ".join(drug), ", ".join((self.dose(line), *self.often(day, dose))))
        bare = ", ".join((*drug, *self.often(day, dose)))
        if self.doses is Doses.NONE:
            return bare
        unprinted = _("Its dose is unverified and not printed: ask the treating team.")
        return f"{bare}. {unprinted}"

    def unsure(self, line: Administration) -> bool:
        """Whether nothing confirms its dose."""
        return is_unverified(self.protocol, line.order_line)

    def is_dosed(self, line: Administration) -> bool:
        """Whether its dose is printed."""
        return self.doses is Doses.ALL or (self.doses is Doses.CONFIRMED and not self.unsure(line))

    def dose(self, line: Administration) -> str:
        """`7.8 mg each time`, `7.8 mg (unverified) each time`."""
        _, dose = self.words.gettext, self.paper.dose(line.dose, line.unit)
        if self.unsure(line):
            dose = _("{dose} (unverified)").format(dose=dose)
        if line.order_line.frequency.continuous:
            return _("{dose} in 24 hours").format(dose=dose)
        dose = (_("{dose} each time") if line.per_day > 1 else _("{dose} once")).format(dose=dose)
        return f"{dose} ({self.paper.said(product_text(line.product))})" if line.product else dose

    def often(self, day: FeedDay, dose: Dose) -> Iterator[str]:
        """`2 times that day`, `every 12 hours`: how often, over how long, from when; none of it is a dose."""
        _, ngettext = self.words.gettext, self.words.ngettext
        line, order = dose.line, dose.line.order_line
        if line.per_day > 1 and not order.frequency.continuous:
            yield ngettext("{count} time that day", "{count} times that day", line.per_day).format(count=line.per_day)
            if order.frequency.interval:
                yield _("every {hours} hours").format(hours=order.frequency.interval)
        if order.over:
            yield _("over {time}").format(time=order.over.text)
        if order.frequency.continuous:
            if line.times and dose.starts_pump:
                yield _("the pump starts {at}").format(at=self.at(line.times, day.date))
        elif line.times:
            yield self.at(line.times, day.date)
        elif order.first_dose and dose.from_anchor:
            yield _clock(self.words, self.protocol, day.definition, order.first_dose)
        if day.restarts and line.route is Route.PO and not dose.at_home:
            yield _("in the clinic")

    def at(self, times: Sequence[datetime], on: date) -> str:
        """`at 09:00, 15:00 and 21:00, and on Fri 15-Jan-2027 at 03:00`; a date only where it is not the event's."""
        _, clocks = self.words.gettext, dict[date, list[str]]()
        for time in times:
            clocks.setdefault(time.date(), []).append(f"{time:%H:%M}")
        parts = []
        for day, hours in clocks.items():
            joined = _("{several} and {last}").format(several=", ".join(hours[:-1]), last=hours[-1])
            at = _("at {hours}").format(hours=joined if len(hours) > 1 else hours[0])
            parts.append(at if day == on else _("on {date} {at}").format(date=self.paper.day(day), at=at))
        return _(", and ").join(parts)

    def bag(self, bag: BagChange) -> str:
        """`blinatumomab: change the bag at 14:00 (72 h)`."""
        _, hung = self.words.gettext, bag.bag
        says = {
            "first": _("{agent}: hang the first bag {at} ({hours} h)"),
            "change": _("{agent}: change the bag {at} ({hours} h)"),
            "new": _("{agent}: hang a new bag {at}, after the stop ({hours} h)"),
        }[bag.why]
        text = says.format(agent=self.name(bag.agent), at=self.at([hung.at], hung.at.date()), hours=hung.hours)
        return _("{bag}, closed day").format(bag=text) if hung.on_closed_day else text

    def warnings(self, day: FeedDay) -> Iterator[str]:
        """Drugs that have no last day yet and, on a day with an intrathecal drug, those that must not get there."""
        _ = self.words.gettext
        for dose in day.given:
            if dose.awaits:
                yield _("{agent} goes on until {cleared} has cleared: ask the treating team.").format(
                    agent=self.name(dose.line.agent), cleared=self.name(dose.awaits)
                )
        for name in day.fatal:
            yield _("{agent}: FATAL IF GIVEN BY ANY OTHER ROUTE.").format(agent=self.name(name))

    def closing(self, *, verified: bool, unverified_doses: bool) -> Iterator[str]:
        """What stands near the end of every description: how sure the feed is."""
        _ = self.words.gettext
        if not verified:
            yield _("UNVERIFIED: the plan that this was made from has not been verified. Ask the treating team.")
        if unverified_doses:
            yield _("UNVERIFIED DOSES: give only what the treating team prescribed.")

    def title(self, event: PlannedEvent) -> str:
        """The definition's own word, where a catalogue has none."""
        return self.paper.own(self.protocol.kinds[event.kind])

    def course(self, day: FeedDay) -> str:
        """A course's title, with the number of its cycle."""
        title = day.definition.title
        return f"{self.paper.own(title)}{day.title.removeprefix(title)}"

    def name(self, agent: str) -> str:
        """An agent with its tall-man letters."""
        return self.protocol.agents[agent].written


def _clock(words: NullTranslations, protocol: Protocol, course: Course, anchor: Anchor) -> str:
    """`first dose 48 h after the start of methotrexate`."""
    _ = words.gettext
    other = next(order for order in course.orders if order.key == anchor.order)
    drugs = ", ".join(protocol.agents[agent].written for agent in other.agents)
    before, after = (
        _("first dose {time} before the start of {drugs}"),
        _("first dose {time} after the start of {drugs}"),
    )
    return (before if anchor.before else after).format(time=anchor.span.text, drugs=drugs).replace("  ", " ")


def _routes(words: NullTranslations) -> dict[Route, str]:
    """Each way in, in plain words."""
    _ = words.gettext
    return {
        Route.PO: _("by mouth"),
        Route.IV: _("into a vein"),
        Route.IM: _("into a muscle"),
        Route.SC: _("under the skin"),
        Route.IT: _("into the spinal fluid"),
        Route.CIV: _("into a vein, day and night"),
    }


def _weekday(words: NullTranslations, day: date) -> str:
    _ = words.gettext
    return (
        _("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday"),
    )[day.weekday()]  # fmt: skip


def _in_a_sentence(title: str) -> str:
    """A title as it stands within a sentence; an abbreviation keeps its capitals."""
    return title if title[1:2].isupper() else title[:1].lower() + title[1:]
