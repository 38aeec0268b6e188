"""A dose by mouth -> what a family reads of it: how much, its boxes, and what the boxes do not say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from datetime import date, timedelta

from protocal.model.account import CourseDay
from protocal.model.account import Dose as DoseOf
from protocal.model.course import Course, Order
from protocal.model.doses import Route
from protocal.model.plan import Administration, Status
from protocal.model.protocol import Protocol
from protocal.plan.unverified import is_unverified
from protocal.render.family.values import Dose
from protocal.render.wording.family import FamilyWords
from protocal.text.format import figure

_WEEK = timedelta(days=7)
_NIGHT_TOO = 12  # hours from the first to the last dose of a day from which one of them falls into the night


class HomeDoses:
    """The doses by mouth of one plan; those that nothing confirms only if somebody asked for them (S28)."""

    def __init__(self, protocol: Protocol, words: FamilyWords, *, unverified_doses: bool) -> None:
        self.protocol = protocol
        self.words = words
        self.text = words.text
        self.unverified_doses = unverified_doses

    def dose(self, course: Course, due: DoseOf, *, in_place: bool) -> Dose:
        """A drug by mouth with its boxes; what one dose is stays blank where nothing confirms it.

        `in_place`: it is in the place of the drug's weekly dose (see `in_place`).
        """
        words, line, order = self.words, due.line, due.line.order_line
        weekly = ""
        if order.frequency.weekly:
            weekly = words.weekly(line.date, due.planned)
        unsure, dosed = self.unsure(order), self.is_dosed(line)
        boxes, blank = self.boxes(line)
        return Dose(
            administration=line.id,
            drug=self._name(line.agent),
            much=self.much(line) if dosed else "",
            boxes=boxes,
            hours_blank=blank,
            weekly=weekly,
            notes=tuple(self.dose_notes(course, due, in_place=in_place)),
            unsure=unsure and self.unverified_doses,
            given=line.status is Status.GIVEN,
            provisional=dosed and line.provisional,
            instead=self.instead(line) if in_place else "",
        )

    def instead(self, line: Administration) -> str:
        """That doses stand in the place of the drug's weekly one."""
        said = self.text.ngettext(
            "today {count} dose, in place of the {weekday} dose",
            "today {count} doses, in place of the {weekday} dose",
            line.per_day,
        )
        return said.format(count=line.per_day, weekday=self.words.weekday(line.date))

    def is_dosed(self, line: Administration) -> bool:
        """Whether how much it is is printed: nothing that is unconfirmed (rule S28), and nothing that is not final.

        A dose of a course that has not started is worked out again from the weight of its first day, and only then in
        tablets: a figure that hangs on the fridge until then is the one that would be given.
        """
        return self.unverified_doses or not (line.provisional or self.unsure(line.order_line))

    def much(self, line: Administration) -> str:
        """`each time 1½ tablets of 50 mg`, or the one dose of the day."""
        said = self.one(line)
        return self.text.gettext("each time {dose}").format(dose=said) if line.per_day > 1 else said

    def one(self, line: Administration) -> str:
        """One dose: `1½ tablets of 50 mg`, or a figure with its unit where no tablets are planned."""
        return self.words.product(line.product) if line.product else f"{figure(line.dose)}\N{NO-BREAK SPACE}{line.unit}"

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

    def dose_notes(self, course: Course, due: DoseOf, *, in_place: bool) -> Iterator[str]:
        """How often, from when and until when, where the boxes do not say it."""
        _, ngettext = self.text.gettext, self.text.ngettext
        line, order = due.line, due.line.order_line
        interval = order.frequency.interval
        if line.per_day > 1 and interval:
            count = ngettext("{count} time that day", "{count} times that day", line.per_day).format(count=line.per_day)
            every = _("every {hours} hours").format(hours=interval)
            night = [_("at night too")] if interval * (line.per_day - 1) > _NIGHT_TOO else []
            yield ", ".join([*([] if in_place else [count]), every, *night])
        if due.from_anchor and not line.times:
            yield first_dose_text(self.words, self.protocol, course, order)
        if due.awaits:
            yield _("goes on until your team says stop")

    def unsure(self, order: Order) -> bool:
        """Whether nothing confirms its doses."""
        return is_unverified(self.protocol, order)

    def _name(self, agent: str) -> str:
        return self.words.drug(self.protocol.agents[agent])


WeeklyDates = Mapping[tuple[str, str], Set[date]]


def weekly_dates(days: Iterable[CourseDay]) -> WeeklyDates:
    """The dates of weekly doses by mouth, by course and agent: where they were planned, and where they are."""
    found: dict[tuple[str, str], set[date]] = {}
    for dose in (dose for each in days for dose in each.doses):
        line = dose.line
        if line.route is Route.PO and line.order_line.frequency.weekly:
            found.setdefault((line.course, line.agent), set()).update((dose.planned, line.date))
    return found


def in_place(weekly: WeeklyDates, line: Administration) -> bool:
    """Whether a dose is in the place of the drug's weekly one, on its weekday, which has none on that date."""
    dates = weekly.get((line.course, line.agent), frozenset())
    if line.order_line.frequency.weekly or line.date in dates:
        return False
    return bool(dates & {line.date - _WEEK, line.date + _WEEK})


def first_dose_text(words: FamilyWords, protocol: Protocol, course: Course, order: Order) -> str:
    """`first dose 48 h after the start of methotrexate`."""
    _, anchor = words.text.gettext, order.first_dose
    if anchor is None:
        return ""
    other = next(each for each in course.orders if each.key == anchor.order)
    drugs = ", ".join(words.drug(protocol.agents[agent]) for agent in other.agents)
    if order.frequency.per_day > 1:
        before, after = (
            _("first dose {time} before the start of {drugs}"),
            _("first dose {time} after the start of {drugs}"),
        )
    else:
        before, after = _("{time} before the start of {drugs}"), _("{time} after the start of {drugs}")
    said = before if anchor.before else after
    text = said.format(time=anchor.span.text.replace(" ", "\N{NO-BREAK SPACE}"), drugs=drugs)
    return text.replace("  ", " ").strip(" ")  # nothing stands there where nobody knows how long before
