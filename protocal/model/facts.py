"""A record's log -> the facts that a plan is made from: what each line of it changes.

Later lines win over earlier ones; a line that only says something to its readers changes nothing here.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from protocal.model.entries import (
    Adjusted,
    Assigned,
    Bagged,
    Cleared,
    Day,
    Delayed,
    Diagnostic,
    Dispensed,
    Ending,
    Entry,
    Failed,
    Given,
    Held,
    Interrupted,
    Left,
    Measured,
    Moved,
    Prior,
    Remark,
    Remarked,
    Resumed,
    Sex,
    Started,
    Stated,
    Stopped,
    Substituted,
    Transplanted,
)
from protocal.model.frozen import frozen
from protocal.model.ids import AdministrationId
from protocal.model.record import Record


@frozen
class Measurement:
    """Height in cm and weight in kg, and the day they were taken; `again` as in the entry."""

    date: date
    height: Decimal
    weight: Decimal
    again: Day | None = None


@frozen
class Adjustment:
    """A percentage of an agent's full dose on the dates from `first` to `last`, both included, or without end; why."""

    agent: str
    percent: Decimal
    first: date
    last: date | None
    why: str = ""

    def holds(self, agent: str, day: date) -> bool:
        """Whether it applies to an agent on a day."""
        return agent == self.agent and self.first <= day and (self.last is None or day <= self.last)


@frozen
class Traits:
    """What conditions and ages ask of a patient; `diagnostics` are agents given with the diagnostic lumbar puncture."""

    born: date
    sex: Sex
    arm: str = ""
    cns: str = ""
    risk: str = ""
    diagnostics: tuple[tuple[date, str], ...] = ()
    adjustments: tuple[Adjustment, ...] = ()


@frozen
class Pause:
    """A stop of a course's continuous infusion, and its resume if there was one.

    Attributes:
        number: the stop's line of the log, from 1.
    """

    number: int
    why: str
    course: str
    stop: datetime
    resume: datetime | None = None
    dose: Decimal | None = None


@frozen
class Facts:
    """What a record says at one revision: the state that a plan is made from, and the lines of the log as they stand.

    Attributes:
        counts: with which courses were started.
        given: when administrations were given, by their ids, as far as the hour is known.
        doses: every administration that was given, each with its dose and product as far as any line says them.
        left: each of one administration.
        prior: mg/m2 of agents given before this record.
        bags: by agent, the hours that its bags may last from a date on.
        dispensed: what was taken home, in the order of the log.
        zone: that the hospital's clocks show.
    """

    traits: Traits
    measurements: tuple[Measurement, ...] = ()
    starts: tuple[tuple[str, date], ...] = ()
    counts: tuple[tuple[str, tuple[tuple[str, Decimal], ...]], ...] = ()
    failed: date | None = None
    transplanted: date | None = None
    stopped: date | None = None
    stopped_at: datetime | None = None
    end: date | None = None
    given: tuple[tuple[AdministrationId, datetime], ...] = ()
    doses: tuple[Given, ...] = ()
    moved: tuple[Moved, ...] = ()
    left: tuple[Left, ...] = ()
    delays: tuple[Delayed, ...] = ()
    holds: tuple[Held, ...] = ()
    pauses: tuple[Pause, ...] = ()
    clearings: tuple[Cleared, ...] = ()
    instead: tuple[Substituted, ...] = ()
    remarks: tuple[tuple[Remark, str], ...] = ()
    prior: tuple[tuple[str, Decimal], ...] = ()
    bags: tuple[tuple[str, date, tuple[int, ...]], ...] = ()
    dispensed: tuple[Dispensed, ...] = ()
    zone: str = "UTC"

    def remarks_of(self, kind: Remark) -> tuple[str, ...]:
        """The facts of a kind, in the order of the log."""
        return tuple(text for each, text in self.remarks if each is kind)


def facts_of(record: Record, revision: int | None = None) -> Facts:
    """The state after the first `revision` entries (all of them if left out). Later entries win over earlier ones."""
    folder = _Folder(record)
    for number, entry in record.standing(revision):
        folder.add(number, entry)
    return folder.facts()


class _Folder:
    """Folds the entries of a log, one after the other, into facts."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self.measurements: dict[date, Measurement] = {}
        self.starts: dict[str, Started] = {}
        self.diagnostics: list[tuple[date, str]] = []
        self.adjustments: list[Adjustment] = []
        self.doses: dict[AdministrationId, Given] = {}
        self.moved: dict[AdministrationId, Moved] = {}
        self.left: dict[AdministrationId, Left] = {}
        self.delays: list[Delayed] = []
        self.holds: list[Held] = []
        self.pauses: list[Pause] = []
        self.clearings: list[Cleared] = []
        self.instead: list[Substituted] = []
        self.remarks: list[tuple[Remark, str]] = []
        self.prior: list[tuple[str, Decimal]] = []
        self.bags: dict[tuple[str, date], tuple[int, ...]] = {}
        self.dispensed: list[Dispensed] = []
        self.stated = {"cns": "", "risk": ""}
        self.arm = ""
        self.failed: date | None = None
        self.transplanted: date | None = None
        self.stopped: Stopped | None = None
        self.end: date | None = None

    def add(self, number: int, entry: Entry) -> None:
        """Let one line of the log count, on top of those before it."""
        self._state(entry)
        self._happened(entry if entry.number == number else replace(entry, number=number))

    def _state(self, entry: Entry) -> None:
        """What holds for the whole patient."""
        match entry:
            case Measured():
                self.measurements[entry.date] = Measurement(entry.date, entry.height, entry.weight, entry.again)
            case Started():
                self.starts[entry.course] = entry
            case Diagnostic():
                self.diagnostics.append((entry.date, entry.agent))
            case Stated():
                self.stated[entry.fact] = entry.value
            case Assigned():
                self.arm = entry.arm
            case Failed():
                self.failed = entry.date
            case Transplanted():
                self.transplanted = entry.date
            case Stopped():
                self.stopped = entry
            case Ending():
                self.end = entry.date
            case Adjusted():
                self.adjustments.insert(0, Adjustment(entry.agent, entry.percent, entry.date, entry.to, entry.why))
            case Remarked():
                self.remarks.append((entry.kind, entry.text))
            case Prior():
                self.prior.append((entry.agent, entry.amount))
            case Bagged():
                self.bags[entry.agent, entry.date] = entry.hours

    def _happened(self, entry: Entry) -> None:
        """What happened to courses and single administrations."""
        match entry:
            case Given():
                self.doses[entry.id] = self._with_what_was_said(entry)
                self.left.pop(entry.id, None)
            case Moved():
                self.moved[entry.id] = entry
                self.left.pop(entry.id, None)
            case Left():
                self.left.update((id_, replace(entry, ids=(id_,))) for id_ in entry.ids)
            case Delayed():
                self.delays.append(entry)
            case Held():
                self.holds.append(entry)
            case Interrupted():
                self.pauses.append(Pause(entry.number, entry.why, entry.course, entry.at))
            case Resumed():
                self._resume(entry)
            case Cleared():
                self.clearings.append(entry)
            case Substituted():
                self.instead.append(entry)
            case Dispensed():
                self.dispensed.append(entry)

    def _with_what_was_said(self, entry: Given) -> Given:
        """A line that corrects another one, and does not say what was given, leaves that as it was."""
        before = self.doses.get(entry.id)
        if entry.dose is None and before:
            return replace(entry, dose=before.dose, product=before.product)
        return entry

    def _resume(self, entry: Resumed) -> None:
        """The last stop of the course that was not resumed yet; `fit` reports where there is none."""
        for index in reversed(range(len(self.pauses))):
            pause = self.pauses[index]
            if pause.course == entry.course and pause.resume is None:
                self.pauses[index] = replace(pause, resume=entry.at, dose=entry.dose)
                break

    def facts(self) -> Facts:
        """The state so far."""
        stopped = self.stopped
        return Facts(
            traits=Traits(
                self.record.born,
                self.record.sex,
                self.arm,
                self.stated["cns"],
                self.stated["risk"],
                tuple(self.diagnostics),
                tuple(self.adjustments),
            ),
            measurements=tuple(sorted(self.measurements.values(), key=lambda measurement: measurement.date)),
            starts=tuple((course, entry.date) for course, entry in self.starts.items()),
            counts=tuple((course, entry.counts) for course, entry in self.starts.items() if entry.counts),
            failed=self.failed,
            transplanted=self.transplanted,
            stopped=stopped.date if stopped else None,
            stopped_at=stopped.at if stopped else None,
            end=self.end,
            given=tuple((each.id, each.at) for each in self.doses.values() if each.at),
            doses=tuple(self.doses.values()),
            moved=tuple(self.moved.values()),
            left=tuple(self.left.values()),
            delays=tuple(self.delays),
            holds=tuple(self.holds),
            pauses=tuple(self.pauses),
            clearings=tuple(self.clearings),
            instead=tuple(self.instead),
            remarks=tuple(self.remarks),
            prior=tuple(self.prior),
            bags=tuple((agent, first, hours) for (agent, first), hours in sorted(self.bags.items())),
            dispensed=tuple(self.dispensed),
            zone=self.record.timezone,
        )
