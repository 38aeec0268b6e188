"""The patient's record as frozen values: a header that never changes, a log that only grows, the facts they make."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import Enum

from protocal.words.problems import Where

Day = date  # a second name, for classes that have a field called date


class Sex(str, Enum):
    """As the protocol asks for it."""

    FEMALE = "female"
    MALE = "male"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A line of the log.

    Attributes:
        recorded: when it was written, with a zone; None for a line written by hand and not sealed yet.
        by: who wrote it, if they said.
        why: the reason, if one was given.
        seal: digest over this entry's values and the seal before it; empty while not sealed.
    """

    recorded: datetime | None = None
    by: str = ""
    why: str = ""
    seal: str = ""
    where: Where = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Defined(Entry):
    """The definition that the record was made with, or changed to."""

    version: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured(Entry):
    """Height in cm and weight in kg on a date; `again` is the day from which a running course is worked out again."""

    date: date
    height: Decimal
    weight: Decimal
    again: Day | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated(Entry):
    """A fact that conditions ask for: CNS status or risk group."""

    fact: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic(Entry):
    """An intrathecal agent that went in with the diagnostic lumbar puncture."""

    date: date
    agent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Assigned(Entry):
    """The arm, from a date on."""

    arm: str
    date: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Started(Entry):
    """A course's first day."""

    course: str
    date: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed(Entry):
    """Treatment failure."""

    date: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending(Entry):
    """Another last day of therapy than the protocol's."""

    date: date


class Remark(str, Enum):
    """A fact that is printed and that warnings ask for."""

    ALLERGY = "allergy"
    GENE = "gene"
    INTERACTION = "interaction"


@dataclass(frozen=True, slots=True, kw_only=True)
class Remarked(Entry):
    """An allergy, a result such as TPMT or NUDT15, or a drug that interacts, in a few words."""

    kind: Remark
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Prior(Entry):
    """What was given of an agent before this record, in mg/m2."""

    agent: str
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjusted(Entry):
    """A percentage of an agent's full protocol dose, from a date to another, or until further notice."""

    agent: str
    percent: Decimal
    date: date
    to: Day | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Given(Entry):
    """When an administration was really given, with its zone; `id` is the administration's."""

    id: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Bagged(Entry):
    """How many hours the bags of an agent may last that are hung on a date or later."""

    agent: str
    hours: tuple[int, ...]
    date: date


@dataclass(frozen=True, slots=True)
class Measurement:
    """Height in cm and weight in kg, and the day they were taken; `again` as in the entry."""

    date: date
    height: Decimal
    weight: Decimal
    again: Day | None = None


@dataclass(frozen=True, slots=True)
class Adjustment:
    """A percentage of an agent's full dose on the dates from `first` to `last`, both included, or without end."""

    agent: str
    percent: Decimal
    first: date
    last: date | None

    def holds(self, agent: str, day: date) -> bool:
        """Whether it applies to an agent on a day."""
        return agent == self.agent and self.first <= day and (self.last is None or day <= self.last)


@dataclass(frozen=True, slots=True)
class Traits:
    """What conditions and ages ask of a patient; `diagnostics` are agents given with the diagnostic lumbar puncture."""

    born: date
    sex: Sex
    arm: str = ""
    cns: str = ""
    risk: str = ""
    diagnostics: tuple[tuple[date, str], ...] = ()
    adjustments: tuple[Adjustment, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """What a record says at one revision: the state that a plan is made from.

    Attributes:
        given: when administrations were really given, by their ids.
        prior: mg/m2 of agents given before this record.
        bags: by agent, the hours that its bags may last from a date on.
    """

    traits: Traits
    measurements: tuple[Measurement, ...] = ()
    starts: tuple[tuple[str, date], ...] = ()
    failed: date | None = None
    end: date | None = None
    given: tuple[tuple[str, datetime], ...] = ()
    remarks: tuple[tuple[Remark, str], ...] = ()
    prior: tuple[tuple[str, Decimal], ...] = ()
    bags: tuple[tuple[str, date, tuple[int, ...]], ...] = ()

    def remarks_of(self, kind: Remark) -> tuple[str, ...]:
        """The facts of a kind, in the order of the log."""
        return tuple(text for each, text in self.remarks if each is kind)


@dataclass(frozen=True, slots=True)
class Record:
    """A patient's file.

    Attributes:
        key: random; calendar identities are made from it, so it never changes.
        definition: the folder of a definition that is not a bundled one, seen from the record's own folder.
        where: the file itself.
    """

    id: str
    key: str
    created: date
    born: date
    sex: Sex
    protocol: str
    version: str
    timezone: str
    name: str
    definition: str
    log: tuple[Entry, ...]
    where: Where = field(compare=False)

    @property
    def revision(self) -> int:
        """How many entries the log has."""
        return len(self.log)


def facts_of(record: Record, revision: int | None = None) -> Facts:
    """The state after the first `revision` entries (all of them if left out). Later entries win over earlier ones."""
    measurements: dict[date, Measurement] = {}
    starts: dict[str, date] = {}
    diagnostics: list[tuple[date, str]] = []
    adjustments: list[Adjustment] = []
    given: dict[str, datetime] = {}
    remarks: list[tuple[Remark, str]] = []
    prior: list[tuple[str, Decimal]] = []
    bags: dict[tuple[str, date], tuple[int, ...]] = {}
    stated = {"cns": "", "risk": ""}
    arm = ""
    failed = end = None
    for entry in record.log[:revision]:
        match entry:
            case Measured():
                measurements[entry.date] = Measurement(entry.date, entry.height, entry.weight, entry.again)
            case Started():
                starts[entry.course] = entry.date
            case Diagnostic():
                diagnostics.append((entry.date, entry.agent))
            case Stated():
                stated[entry.fact] = entry.value
            case Assigned():
                arm = entry.arm
            case Failed():
                failed = entry.date
            case Ending():
                end = entry.date
            case Adjusted():
                adjustments.insert(0, Adjustment(entry.agent, entry.percent, entry.date, entry.to))
            case Given():
                given[entry.id] = entry.at
            case Remarked():
                remarks.append((entry.kind, entry.text))
            case Prior():
                prior.append((entry.agent, entry.amount))
            case Bagged():
                bags[entry.agent, entry.date] = entry.hours
    return Facts(
        traits=Traits(
            record.born, record.sex, arm, stated["cns"], stated["risk"], tuple(diagnostics), tuple(adjustments)
        ),
        measurements=tuple(sorted(measurements.values(), key=lambda measurement: measurement.date)),
        starts=tuple(starts.items()),
        failed=failed,
        end=end,
        given=tuple(given.items()),
        remarks=tuple(remarks),
        prior=tuple(prior),
        bags=tuple((agent, first, hours) for (agent, first), hours in sorted(bags.items())),
    )
