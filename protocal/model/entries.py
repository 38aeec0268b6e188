"""What a line of a patient's log may say, as frozen values."""

from __future__ import annotations

from dataclasses import field
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum

from protocal.model.frozen import frozen
from protocal.model.ids import AdministrationId
from protocal.model.problems import Where
from protocal.model.product import Product
from protocal.model.reader import Who
from protocal.model.settings import Settings

Day = date  # a second name, for classes that have a field called date


class HoldRule(str, Enum):
    """What a hold does to the days that it takes: they are missed, or they and the days left move."""

    SKIP = "skip"
    SLIP = "slip"


class Sex(str, Enum):
    """As the protocol asks for it."""

    FEMALE = "female"
    MALE = "male"


@frozen(kw_only=True)
class Entry:
    """A line of the log.

    Attributes:
        recorded: when it was written, with a zone; None for a line written by hand and not sealed yet.
        by: who wrote it, if they said.
        why: the reason, if one was given.
        accepted: what was wrong with the record and was accepted when this was written, if anything.
        seal: digest over this entry's values and the seal before it; empty while not sealed.
        number: its line of the log, from 1; 0 outside of one.
    """

    recorded: datetime | None = None
    by: str = ""
    why: str = ""
    accepted: str = ""
    seal: str = ""
    number: int = 0
    where: Where = field(compare=False)

    @property
    def is_clinical(self) -> bool:
        """Whether it says something of the patient; only such lines are undone."""
        return True


@frozen(kw_only=True)
class Defined(Entry):
    """The definition that the record was made with, or goes on with.

    Attributes:
        from_course: from this course of the route on it counts for those that have begun, too; else these keep theirs.
    """

    version: str
    digest: str
    from_course: str = ""


@frozen(kw_only=True)
class Measured(Entry):
    """Height in cm and weight in kg on a date; `again` is the day from which a running course is worked out again."""

    date: date
    height: Decimal
    weight: Decimal
    again: Day | None = None


@frozen(kw_only=True)
class Stated(Entry):
    """A fact that conditions ask for: CNS status or risk group."""

    fact: str
    value: str


@frozen(kw_only=True)
class Diagnostic(Entry):
    """An intrathecal agent that went in with the diagnostic lumbar puncture."""

    date: date
    agent: str


@frozen(kw_only=True)
class Assigned(Entry):
    """The arm, from a date on."""

    arm: str
    date: date


@frozen(kw_only=True)
class Started(Entry):
    """A course's first day, and the blood counts that it was started with, by their names in the definition."""

    course: str
    date: date
    counts: tuple[tuple[str, Decimal], ...] = ()


@frozen(kw_only=True)
class Delayed(Entry):
    """A course that waits: so many days more, or until a date.

    Attributes:
        only: the courses after it keep their days, as far as the gap allows.
        from_day: the course day from which the rest of a running course waits; None for the whole course.
    """

    course: str
    days: int | None = None
    to: Day | None = None
    only: bool = False
    from_day: int | None = None


@frozen(kw_only=True)
class Held(Entry):
    """So many days from a date on which a course's drugs are not given: missed (`skip`), or the days left move."""

    course: str
    date: date
    days: int
    rule: HoldRule

    @property
    def last(self) -> Day:
        """The last of the dates."""
        return self.date + timedelta(days=self.days - 1)

    def covers(self, day: Day) -> bool:
        """Whether a date is one of them."""
        return self.date <= day <= self.last


@frozen(kw_only=True)
class Left(Entry):
    """Administrations that are left out and not made up, by their ids."""

    ids: tuple[AdministrationId, ...]


@frozen(kw_only=True)
class Moved(Entry):
    """An administration on another date than its day's; `id` is the administration's."""

    id: AdministrationId
    date: date


@frozen(kw_only=True)
class Substituted(Entry):
    """What takes an agent's place from a date on: the key of one of its substitutions in the definition."""

    agent: str
    product: str
    date: date


@frozen(kw_only=True)
class Interrupted(Entry):
    """A continuous infusion of a course that stopped, with its zone."""

    course: str
    at: datetime


@frozen(kw_only=True)
class Resumed(Entry):
    """The infusion running again; `dose` in its agent's unit for 24 h, where the restart names it."""

    course: str
    at: datetime
    dose: Decimal | None = None


@frozen(kw_only=True)
class Cleared(Entry):
    """A level by which an agent has cleared after its infusion in a course: as in `0.08 micromol/L`."""

    course: str
    agent: str
    at: datetime
    level: str


@frozen(kw_only=True)
class Failed(Entry):
    """Treatment failure."""

    date: date


@frozen(kw_only=True)
class Transplanted(Entry):
    """Day 0 of the transplant; what lay ahead of it is cancelled."""

    date: date


@frozen(kw_only=True)
class Stopped(Entry):
    """The end of all therapy, that day included; `at` is when a running infusion was stopped."""

    date: date
    at: datetime | None = None


@frozen(kw_only=True)
class Undone(Entry):
    """An earlier line of the log that no longer counts; lines are numbered from 1."""

    line: int


@frozen(kw_only=True)
class Noted(Entry):
    """Words for those who read the record; they change nothing."""

    text: str


@frozen(kw_only=True)
class Ending(Entry):
    """Another last day of therapy than the protocol's."""

    date: date


class Remark(str, Enum):
    """A fact that is printed and that warnings ask for."""

    ALLERGY = "allergy"
    GENE = "gene"
    INTERACTION = "interaction"


@frozen(kw_only=True)
class Remarked(Entry):
    """An allergy, a result such as TPMT or NUDT15, or a drug that interacts, in a few words."""

    kind: Remark
    text: str


@frozen(kw_only=True)
class Prior(Entry):
    """What was given of an agent before this record, in mg/m2."""

    agent: str
    amount: Decimal


@frozen(kw_only=True)
class Adjusted(Entry):
    """A percentage of an agent's full protocol dose, from a date to another, or until further notice."""

    agent: str
    percent: Decimal
    date: date
    to: Day | None = None


@frozen(kw_only=True)
class Given(Entry):
    """An administration that was given; `id` is the administration's.

    Attributes:
        at: the hour, with its zone, if it was written down.
        dose: what was given each time, in the agent's unit; what was due where a line written by hand does not say.
        product: what one dose was made of, where that is known.
    """

    id: AdministrationId
    date: date
    at: datetime | None = None
    dose: Decimal | None = None
    product: Product | None = None


@frozen(kw_only=True)
class Dispensed(Entry):
    """What a family was given to take home of an agent: tablets of one strength, or a liquid."""

    agent: str
    product: Product
    date: date


@frozen(kw_only=True)
class Bagged(Entry):
    """How many hours the bags of an agent may last that are hung on a date or later."""

    agent: str
    hours: tuple[int, ...]
    date: date


@frozen
class IssuedSheet:
    """A sheet or a feed that was given out.

    Attributes:
        name: which one it is, as in `roadmap/block-1`.
        number: of its issue.
        says: digest of all that it says.
        facts: digest of its dates, doses and events, which the record must still give when it is planned again.
    """

    name: str
    number: int
    says: str
    facts: str


@frozen(kw_only=True)
class Issued(Entry):
    """Sheets that were given out together, and the choices by which they were made."""

    sheets: tuple[IssuedSheet, ...]
    options: tuple[tuple[str, str], ...] = ()

    @property
    def is_clinical(self) -> bool:
        """It says what was made of the record, and no line of the patient's therapy."""
        return False


@frozen(kw_only=True)
class Told(Entry):
    """Who was told of what changed, and by whom (`by`)."""

    text: str


@frozen(kw_only=True)
class Ruled(Entry):
    """The site's rules (`RULES`) from the day on which it was recorded; the first of a log holds for all its days."""

    rules: Settings

    @property
    def is_clinical(self) -> bool:
        """They are the site's, and no line of the patient's therapy."""
        return False


@frozen(kw_only=True)
class Linked(Entry):
    """The address at which a reader finds the calendar: the last line of each reader counts.

    Attributes:
        generation: from 1; a higher one has another address, and that of the one before it is gone.
        language: of what is read there, as in `en`.
        doses: which stand there: `none`, `confirmed`, or `all`.
    """

    reader: Who
    generation: int
    language: str
    doses: str

    @property
    def is_clinical(self) -> bool:
        """It says who reads the plan, and no line of the patient's therapy."""
        return False
