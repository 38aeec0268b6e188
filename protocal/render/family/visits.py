"""A course's day -> what a family reads of the clinic and of the pump on it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from protocal.model.account import BagChange, CourseDay, Dose, Restarted, Running, Share
from protocal.model.course import Course
from protocal.model.doses import Route
from protocal.model.plan import LUMBAR_PUNCTURE, PUMP_STOP, Administration, Status
from protocal.model.protocol import Protocol
from protocal.render.family.home_doses import first_dose_text
from protocal.render.family.values import Happening
from protocal.render.wording.family import FamilyWords

_LONG = 120  # minutes from which a family is told how long an infusion lasts
_ICONS = {Route.IV: "drip", Route.IM: "needle", Route.SC: "needle", Route.IT: "needle"}
_ICONS_OF_EVENTS = {"radiation-fraction": "rays", "transplant": "drip"}
_NOON = 12  # the hour from which a dose is none of the morning


class Visits:
    """The visits of one protocol's patients, and their pump.

    `before_sedation` is what the site says of eating and drinking before a lumbar puncture; empty if it has not said.
    What was given is told from what is due where it is `ticked`, as on paper.
    """

    def __init__(self, protocol: Protocol, words: FamilyWords, before_sedation: str, *, ticked: bool = True) -> None:
        self.protocol = protocol
        self.words = words
        self.text = words.text
        self.before_sedation = before_sedation
        self.ticked = ticked

    def of(self, day: CourseDay, due: Sequence[Dose]) -> Iterator[Happening]:
        """What is done in clinic on a date, and what of an infusion the night before or after it is spent there for.

        `due` are the doses of all courses on the date.
        """
        for run in day.running:
            yield Happening(self.run(run, day.date), icon=_ICONS[Route.IV])
        for again in day.restarts:
            if again.supervised:
                yield self.restart(again, day.date)
        for share in day.shares:
            yield from self.share_in_clinic(day.course.definition, day.date, share, due)
        if day.overnight:
            yield Happening(self.text.gettext("stays overnight"))

    def restart(self, again: Restarted, on: date) -> Happening:
        """`blinatumomab pump starts again at 10:00, with your team`."""
        said = self.text.gettext("{drug} pump starts again {at}, with your team")
        return Happening(said.format(drug=self._name(again.agent), at=self.words.at([again.at], on)), icon="pump")

    def run(self, run: Running, on: date) -> str:
        """`methotrexate infusion goes on, until 21:00`; where it ends on a later date only that it goes on."""
        _, drug = self.text.gettext, self._name(run.line.agent)
        if run.until and run.until.date() == on:
            return _("{drug} infusion goes on, until {hour}").format(drug=drug, hour=self.words.hour(run.until, on))
        return _("{drug} infusion goes on").format(drug=drug)

    def share_in_clinic(self, course: Course, on: date, share: Share, due: Sequence[Dose]) -> Iterator[Happening]:
        """What is done in clinic of one day; drugs into the spinal fluid stand with their lumbar puncture."""
        _, words = self.text.gettext, self.words
        lines = [dose.line for dose in share.doses]
        intrathecal = [line for line in lines if line.route is Route.IT]
        for event in share.events:
            if event.kind == PUMP_STOP:
                continue
            text = words.kind(event.kind, self.protocol)
            if event.at:
                text = f"{text} {words.at([event.at], on)}"
            if event.kind == LUMBAR_PUNCTURE:
                if intrathecal:
                    drugs = ", ".join(dict.fromkeys(self._name(line.agent) for line in intrathecal))
                    text = _("{what}: {drugs}").format(what=text, drugs=drugs)
                said = self.before_sedation or _("ask your team.")
                note = _("Food and drink before it: {said}").format(said=said)
                given = self.is_given(intrathecal)
                ask = "" if given else self.ask(on, due)
                yield Happening(text, note, given, icon="needle", ask=ask)
                intrathecal = []
            else:
                yield Happening(text, icon=_ICONS_OF_EVENTS.get(event.kind, "sample"))
        groups: dict[tuple[Route, str, bool], list[str]] = {}
        apart = (Route.IT, Route.CIV)
        in_clinic = (dose.line for dose in share.doses if not dose.at_home and dose.line.route not in apart)
        for line in (*intrathecal, *in_clinic):
            note = (
                first_dose_text(words, self.protocol, course, line.order_line)
                if line.route is Route.PO and not line.times
                else ""
            )
            alike = (line.route, ", ".join(filter(None, (*self.often(on, line), note))), self.is_given([line]))
            groups.setdefault(alike, []).append(self._name(line.agent))
        for (route, note, given), names in groups.items():
            said = _("{drugs} {route}").format(drugs=", ".join(names), route=words.routes[route])
            yield Happening(said, note, given, _ICONS.get(route, ""))
        for line in (dose.line for dose in share.doses if dose.starts_pump):
            if line.route is Route.CIV:
                said = _("{drug} pump starts").format(drug=self._name(line.agent))
                yield Happening(said, words.at(line.times, on) if line.times else "", self.is_given([line]), "pump")

    def ask(self, day: date, due: Sequence[Dose]) -> str:
        """A question for the clinic where a dose at home falls before a puncture that one fasts for."""
        ahead = [dose.line for dose in due if dose.at_home and not self.is_given([dose.line])]
        if not self.before_sedation or not any(_is_before_noon(line, day) for line in ahead):
            return ""
        return self.text.gettext("Morning medicine before it: ask your team.")

    def pump(self, share: Share, on: date) -> Iterator[Happening]:
        """What a pump does: it runs, its bag is changed, it stops."""
        _, words = self.text.gettext, self.words
        for line in (dose.line for dose in share.doses if not dose.starts_pump):
            if line.route is Route.CIV:
                yield Happening(_("{drug} pump").format(drug=self._name(line.agent)))
        for bag in share.bags:
            if bag.why != "first":
                yield Happening(self.bag(bag, on), icon="pump")
        for event in share.events:
            if event.kind == PUMP_STOP:
                text = words.kind(event.kind, self.protocol)
                yield Happening(f"{text} {words.at([event.at], on)}" if event.at else text, icon="pump")

    def bag(self, bag: BagChange, on: date) -> str:
        """`new bag at 14:00`."""
        _, at = self.text.gettext, self.words.at([bag.bag.at], on)
        text = _("new bag {at}, after the stop") if bag.why == "new" else _("new bag {at}")
        return text.format(at=at)

    def often(self, on: date, line: Administration) -> Iterator[str]:
        """How often in a day, over how long, from when: none of it is a dose."""
        _, ngettext, order = self.text.gettext, self.text.ngettext, line.order_line
        if line.per_day > 1:
            yield ngettext("{count} time that day", "{count} times that day", line.per_day).format(count=line.per_day)
        if order.over and order.over.least >= _LONG:
            yield _("over {time}").format(time=order.over.text.replace(" ", "\N{NO-BREAK SPACE}"))
        if line.times:
            yield self.words.at(line.times, on)

    def is_given(self, lines: Sequence[Administration]) -> bool:
        """Whether there are such doses and all of them are told to have been given."""
        return self.ticked and bool(lines) and all(line.status is Status.GIVEN for line in lines)

    def _name(self, agent: str) -> str:
        return self.words.drug(self.protocol.agents[agent])


def _is_before_noon(line: Administration, day: date) -> bool:
    """Whether a dose of a day may be due in its morning: it is, or it has no clock."""
    return not line.times or any(time.date() == day and time.hour < _NOON for time in line.times)
