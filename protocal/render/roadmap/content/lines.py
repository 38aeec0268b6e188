"""What is due on a date -> its lines in the day grid: a line for each dose, procedure and evaluation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from protocal.model.account import Dose, GoesOn
from protocal.model.doses import Route
from protocal.model.plan import DRUG_LEVEL, LUMBAR_PUNCTURE, PUMP_STOP, Administration, PlannedEvent
from protocal.render.pdf.text_metrics import within
from protocal.render.roadmap.content.context import Context
from protocal.render.roadmap.content.days import SaidOfDay, open_lines, unless_cleared
from protocal.render.roadmap.content.intrathecal import sign_on_page
from protocal.render.roadmap.content.labels import (
    absent_text,
    again_text,
    dose_text,
    each_label,
    hours_to_write,
    line_labels,
    rate_label,
    short_why_absent,
    state_of,
)
from protocal.render.roadmap.content.phrases import first_dose_agent
from protocal.render.roadmap.sheets import Again, Cell, Line, Turn
from protocal.render.wording.in_tablets import CourseTablets, InTablets

_TITLE_WIDTH = 196.0  # that what is done on a day may take across the columns, beside its mark

Keys = Sequence[tuple[str, Route]]  # the columns of a grid: a drug and its way in


@dataclass(frozen=True, slots=True)
class Due:
    """What is due on a date, what else is said of it, and what goes on until a level has cleared."""

    given: Sequence[Dose] = ()
    events: Sequence[PlannedEvent] = ()
    said: Sequence[SaidOfDay] = ()
    going_on: Sequence[GoesOn] = ()


@dataclass(frozen=True, slots=True)
class DayLines:
    """Writes the lines of a course's days.

    Attributes:
        bagged: the orders whose bags are signed for, so that their daily doses only say how much runs.
        explained: the administrations above which a line says what their hours are counted from.
    """

    context: Context
    tablets: CourseTablets
    bagged: AbstractSet[str]
    explained: AbstractSet[str]

    def of(self, due: Due, keys: Keys) -> Iterator[Line]:
        """The lines of a day: what must be given before another drug, what is said of the day, then all the rest."""
        _ = self.context.text.gettext
        for event in due.events:
            if event.kind == LUMBAR_PUNCTURE:
                yield Line(_("LP"), text=sign_on_page(self.context), signed=False)
        yield from self._doses([dose for dose in due.given if not _is_led_up_to(dose.line)], keys)
        lines = [dose.line for dose in due.given]
        infused = [line.times[0] for line in lines if line.route is Route.CIV and line.times]
        later = [each for each in due.said if infused and each.at and each.at > infused[0]]
        yield from (each.line for each in due.said if each not in later)
        yield from self._levels(due, keys)
        yield from self._doses([dose for dose in due.given if _is_led_up_to(dose.line)], keys)
        yield from (each.line for each in later)
        for event in due.events:
            if event.kind != LUMBAR_PUNCTURE:
                title = self.context.words.own(self.context.protocol.kinds[event.kind])
                clock = f" {event.at:%H:%M}" if event.at else ""
                turn = Turn.OFF if event.kind == PUMP_STOP else Turn.NONE
                yield Line("", text=f"{within(f'{title}{clock}', _TITLE_WIDTH)} {event.evidence.mark}", turn=turn)

    def _levels(self, due: Due, keys: Keys) -> Iterator[Line]:
        """What goes on until a level has cleared, with a line for the level where none says when it is drawn."""
        drawn = any(event.kind == DRUG_LEVEL for event in due.events)
        for each in due.going_on:
            place = keys.index(key) if (key := (each.line.agent, each.line.route)) in keys else None
            lines = open_lines(self.context, each, place, len(keys))
            yield from (line for line in lines if line.cells or not line.signed or not drawn)

    def _doses(self, given: Sequence[Dose], keys: Keys) -> Iterator[Line]:
        """A line for each dose, or for why it is not given."""
        context = self.context
        for each in given:
            line = each.line
            place, columns = keys.index((line.agent, line.route)), range(len(keys))
            if not line.status.takes_place:
                reason = Cell(absent_text(context, line), 1, "", line.id)
                absent = tuple(reason if column == place else None for column in columns)
                turn = Turn.OFF if line.route is Route.CIV else Turn.NONE
                why, at_home = short_why_absent(context, line), can_be_home(each)
                yield Line("", absent, signed=False, at_home=at_home, why=why, turn=turn)
                continue
            if line.id in self.explained:
                anchor = first_dose_agent(context, line.order_line)
                text = context.text.gettext("hours after the start of {drug}: write in the clock").format(drug=anchor)
                yield Line("", text=text, signed=False)
            made = self.tablets.get((line.key, line.agent), InTablets())
            labels = line_labels(context, each, made.keys.get(line.id, ""))
            if line.key in self.bagged:
                labels = [rate_label(context, line)]
            for index, label in enumerate(labels):
                dose: Cell | Again = Again(again_text(context, line))
                if index == 0:
                    dose = Cell(
                        dose_text(context, line), len(labels), each_label(context, line), line.id,
                        beside(context, line, made), made.keys.get(line.id, ""), state_of(context, line),
                    )  # fmt: skip
                yield Line(
                    label,
                    tuple(dose if column == place else None for column in columns),
                    at_home=can_be_home(each),
                    signed=line.key not in self.bagged,
                    rate=line.key in self.bagged,
                    turn=Turn.ON if line.route is Route.CIV else Turn.NONE,
                    clock_blank=hours_to_write(each),
                )


def beside(context: Context, line: Administration, made: InTablets) -> str:
    """What stands beside a dose: that it is due unless a level has cleared, and how many tablets it is."""
    return " ".join(filter(None, (unless_cleared(context) if line.open else "", made.beside.get(line.id, ""))))


def can_be_home(dose: Dose) -> bool:
    """Whether a dose may be signed for with its week at home: it is taken there, and by no clock."""
    order = dose.line.order_line
    return dose.at_home and not order.first_dose and not order.frequency.interval


def with_bar(lines: Iterable[Line], *, runs: bool) -> tuple[tuple[Line, ...], bool]:
    """A day's lines with where the infusion runs; whether it does before them in, and after them out."""
    marked = tuple(lines)
    runs = runs and any(line.turn for line in marked)
    found = []
    for line in marked:
        found.append(replace(line, runs=runs or line.turn is Turn.ON))
        runs = line.turn is Turn.ON or (runs and line.turn is not Turn.OFF)
    return tuple(found) if any(line.runs for line in found) else marked, runs


def _is_led_up_to(line: Administration) -> bool:
    """Whether a drug comes after one that must be given before it."""
    return not (line.order_line.first_dose and line.order_line.first_dose.before)
