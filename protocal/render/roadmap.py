"""Plan in; the printed sheets as format-neutral tables out: an overview, and per course its orders and day grids.

Nothing here knows HTML. Tests read these values; `pdf.py` prints them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from itertools import groupby
from zoneinfo import ZoneInfo

from protocal.plan.expand import LUMBAR_PUNCTURE, PUMP_STOP
from protocal.render.in_tablets import InTablets, dose_notes, in_tablets
from protocal.render.issue_box import IssueBox, IssueBoxes
from protocal.render.messages import messages
from protocal.words.days import ONE_DAY, SATURDAY, age_on
from protocal.words.doses import Amount, Route
from protocal.words.figures import WEEKDAYS, figure, paper_date, runs, short_date
from protocal.words.log import Remark
from protocal.words.paper import Paper
from protocal.words.plan import (
    Administration,
    CoursePlan,
    CourseStatus,
    DatedCourse,
    Dates,
    Infusion,
    Plan,
    PlannedEvent,
    Status,
)
from protocal.words.protocol import Agent, Backing, Evidence, Hold, Order, StartCriteria
from protocal.words.record import Pause
from protocal.words.settings import Settings

# Points on paper. The style sheet gives rows these heights, so that pages are filled here and no row is ever split.
GRID_WIDTH = 236  # that the columns of drugs may share on the narrowest paper
PAGE_HEIGHT = {Paper.LETTER: 622, Paper.A4: 672}  # between head and foot
SIGNED_LINE, QUIET_LINE = 18.4, 12.0
HOME_LINES = (13.5, 20.5, 29.5, 38.5)  # with so many lines of text below a dose
_GRID_HEAD, _INTRATHECAL_HEAD, _INTRATHECAL_LINE, _WARNING = 48.0, 52.0, 25.0, 30.0
_HEAD_BOXES, _CHANGES_HEAD, _CHANGES_LINE = 76.0, 22.0, 9.8  # that share their page with the grids if none is ordered
_TEXT_WIDTH = 150  # that a line of text across the columns needs
_NOTE_LINE, _NOTE_WIDTH, _LEGENDS, _BAGS_HEAD = 9.4, 490.0, 62.0, 40.0
_LEAST_FILL = 0.6  # of a page, where it may end early so that the next starts with a week
_WHY_WIDTH = 145  # that the reason for a dose that is not given may take of the boxes beside it
_SAID_WIDTH = 225  # that a sentence across the columns may take, even where they are at their widest
_MOST_LINES = 6  # doses a day that still get a line each
_DAYS_A_WEEK = 7
_OPEN_DAYS = 3  # after the planned ones, on which a drug that goes on until a level has cleared has a line to sign
_HOME_STRETCH = 5  # days in a row, in a week, that are signed for together when all is given at home


@dataclass(frozen=True, slots=True)
class Box:
    """A labelled box of the head: what it says, or nothing, to be written in by hand."""

    label: str
    value: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """What stands on every page of a sheet.

    Attributes:
        provisional: why doses and dates may still change; empty where they do not.
        as_of: the sheet's issue, or the record's revision where it has none.
    """

    title: str
    subtitle: str
    name: str
    identifiers: str
    therapy: str
    measures: str
    unverified: bool
    provisional: str
    definition: str
    as_of: str
    replaces: str = ""


@dataclass(frozen=True, slots=True)
class OrderRow:
    """A line of the order table; each of `doses` has its days, or its first date, where there are several.

    Attributes:
        tablets: what the doses are made of.
        facts: what the record has of what the drug asks for, and what its label gives this patient.
    """

    agent: str
    route: str
    order: str
    days: str
    dates: tuple[str, ...]
    working: tuple[str, ...]
    doses: tuple[tuple[str, str], ...]
    each: str
    mark: str
    warning: str
    notes: tuple[str, ...]
    tablets: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cell:
    """A dose in the grid; it spans the lines on which it is signed for.

    Attributes:
        each: how it is repeated that day.
        beside: how many tablets it is.
        key: which tablets it is, as a letter that the orders explain.
        state: moved or given.
    """

    dose: str
    lines: int
    each: str
    administration: str
    beside: str = ""
    key: str = ""
    state: str = ""

    @property
    def home_notes(self) -> tuple[str, ...]:
        """What stands below it where its line has no label."""
        return tuple(note for note in (self.each, self.key, self.state) if note)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a day: one dose, procedure or evaluation and the boxes to sign for it.

    Attributes:
        label: which dose of the day, or what is done.
        cells: per column a dose, None where empty, or False where a dose from the line above reaches down.
        text: instead of cells, for lines that are no dose.
        signed: whether there is something to sign here.
        at_home: a drug by mouth, which a family can give.
        why: a dose is not given, in place of the boxes.
    """

    label: str
    cells: tuple[Cell | bool | None, ...] = ()
    text: str = ""
    signed: bool = True
    at_home: bool = False
    why: str = ""

    @property
    def height(self) -> float:
        """On paper, in points."""
        return SIGNED_LINE if self.signed else QUIET_LINE


@dataclass(frozen=True, slots=True)
class HomeLine(Line):
    """The one line of a day at home: all its doses beside each other, signed for with those of the other days."""

    @property
    def height(self) -> float:
        """On paper, in points: some doses have more lines of text."""
        return HOME_LINES[self.notes]

    @property
    def notes(self) -> int:
        """The most lines of text below a dose."""
        return max((len(cell.home_notes) for cell in self.cells if isinstance(cell, Cell)), default=0)


@dataclass(frozen=True, slots=True)
class DayRow:
    """One date of the grid with its lines; no course day where the course waits."""

    date: str
    day: int | None
    weekend: bool
    week_starts: bool
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """Days that stay together on a page: a single one, or a stretch at home that is signed for once.

    Attributes:
        home: on how many of the days drugs by mouth are given at home and signed for together; 0 where each dose is
            signed for.
    """

    days: tuple[DayRow, ...]
    home: int = 0

    @property
    def lines(self) -> int:
        """How many lines the block has."""
        return sum(len(day.lines) for day in self.days)

    @property
    def height(self) -> float:
        """On paper, in points."""
        return sum(line.height for day in self.days for line in day.lines)


@dataclass(frozen=True, slots=True)
class Column:
    """A drug of the grid by one way in; `width` in points."""

    agent: str
    route: str
    mark: str
    width: int
    tablets: str = ""


@dataclass(frozen=True, slots=True)
class Grid:
    """Consecutive days with a column for each drug due on them."""

    columns: tuple[Column, ...]
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class GridPage:
    """A page of day grids; the first one has room for the intrathecal block and the warnings above them.

    Attributes:
        left: points of it that are free, below its last grid.
    """

    first: bool
    grids: tuple[Grid, ...]
    left: float = 0.0


@dataclass(frozen=True, slots=True)
class IntrathecalRow:
    """One lumbar puncture: a dose per intrathecal drug, or why there is none."""

    date: str
    day: int
    doses: tuple[str, ...]
    basis: str
    note: str


@dataclass(frozen=True, slots=True)
class BagTable:
    """The bags of a continuous infusion: when each is hung and what it holds; then the pump stop and the rule."""

    title: str
    bags: tuple[tuple[str, str, str], ...]
    stop: str
    note: str

    @property
    def height(self) -> float:
        """On paper, in points."""
        return _BAGS_HEAD + QUIET_LINE * (len(self.bags) + 1) + 9 * (len(self.note) // 130 + 1)


@dataclass(frozen=True, slots=True)
class CourseSheet:
    """The therapy delivery map of one course."""

    course: str
    head: Head
    boxes: tuple[Box, ...]
    since: str
    changes: tuple[str, ...]
    start: str
    start_boxes: tuple[Box, ...]
    orders: tuple[OrderRow, ...]
    intrathecal_orders: tuple[OrderRow, ...]
    intrathecal_agents: tuple[str, ...]
    intrathecal: tuple[IntrathecalRow, ...]
    warnings: tuple[str, ...]
    bags: tuple[BagTable, ...]
    pages: tuple[GridPage, ...]
    comments: tuple[str, ...]
    questions: tuple[str, ...]

    @property
    def notes_last(self) -> bool:
        """Whether comments, questions and legends have room below the last grid; else they stand with the orders."""
        return _notes_height((*self.comments, *self.questions)) <= self.pages[-1].left


@dataclass(frozen=True, slots=True)
class OverviewRow:
    """A course on the overview; `first` and `days` place it on the time line, None while it has no date."""

    number: int
    title: str
    day1: str
    last_day: str
    length: str
    punctures: str
    puncture_dates: str
    evidence: str
    state: str
    first: int | None
    days: int
    marks: tuple[tuple[str, int], ...]
    infusions: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class OverviewSheet:
    """The whole therapy on one page; `months` are the first days of months on the time line."""

    head: Head
    rows: tuple[OverviewRow, ...]
    total_days: int
    months: tuple[tuple[str, int], ...]
    comments: tuple[str, ...]
    questions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Roadmap:
    """All sheets of a plan."""

    overview: OverviewSheet | None
    sheets: tuple[CourseSheet, ...]


def make_roadmap(plan: Plan, settings: Settings, courses: Sequence[str] = (), remarks: tuple[str, ...] = ()) -> Roadmap:
    """The sheets of a plan: all of them, or only those of the courses named.

    `remarks` are sentences that stand on every one of them, before its own comments.
    """
    writer = _Writer(plan, settings)
    chosen = [each for each in plan.courses if not courses or each.course.id in courses]
    overview = None if courses else writer.overview()
    sheets = (writer.sheet(each, each.course.dates) for each in chosen if each.course.dates)
    return Roadmap(
        replace(overview, comments=(*remarks, *overview.comments)) if overview else None,
        tuple(replace(sheet, comments=(*remarks, *sheet.comments)) for sheet in sheets),
    )


def page_head(plan: Plan, settings: Settings) -> Head:
    """The head of a page that is of no course, without a title."""
    return _Writer(plan, settings).head("", "", "")


def bag_tables(plan: Plan, settings: Settings) -> dict[tuple[str, str], list[BagTable]]:
    """The bags of each course's infusions, by course and agent."""
    writer = _Writer(plan, settings)
    found: dict[tuple[str, str], list[BagTable]] = {}
    for each in plan.courses:
        for infusion in each.infusions:
            table = writer.bag_table(infusion)
            titled = replace(table, title=f"{each.course.title}, {table.title}")
            found.setdefault((each.course.id, infusion.agent), []).append(titled)
    return found


def evidence_legend(settings: Settings) -> tuple[tuple[str, str], ...]:
    """Each mark of evidence with what it means."""
    _ = messages(settings.language).gettext
    meanings = {
        Evidence.REGISTRY: _("stated by the trial's registry record"),
        Evidence.PUBLISHED: _("read in a publication of this trial"),
        Evidence.CORROBORATED: _("read in a published source of the same backbone"),
        Evidence.UNVERIFIED: _("recollection; nothing was read that confirms it"),
    }
    return tuple((level.mark, meaning) for level, meaning in meanings.items())


class _Writer:
    """Writes the sheets of one plan in one language."""

    def __init__(self, plan: Plan, settings: Settings) -> None:
        self.plan = plan
        self.protocol = plan.protocol
        self.settings = settings
        self.page_height = PAGE_HEIGHT[settings.paper]
        self.text = messages(settings.language)
        self.zone = ZoneInfo(plan.facts.zone)

    @cached_property
    def issues(self) -> IssueBoxes:
        """The issues of the course sheets; all revisions are planned again for them."""
        return IssueBoxes(self.plan, self.settings)

    # --- the head of every page

    def head(
        self, title: str, subtitle: str, measures: str, *, provisional: str = "", box: IssueBox | None = None
    ) -> Head:
        _ = self.text.gettext
        record, traits, protocol = self.plan.record, self.plan.facts.traits, self.protocol
        arm = _("Arm {arm}").format(arm=traits.arm) if traits.arm else _("no arm assigned yet")
        facts = ", ".join(part for part in (arm, traits.cns.upper(), traits.risk and _risk(self, traits.risk)) if part)
        return Head(
            title=title,
            subtitle=subtitle,
            name=record.name,
            identifiers=_("ID {id}, born {born}").format(id=record.id, born=short_date(record.born)),
            therapy=f"{protocol.id.upper()}, {facts}",
            measures=measures,
            unverified=not protocol.verified,
            provisional=provisional,
            definition=_("definition {id} {version}").format(id=protocol.id, version=protocol.version),
            as_of=box.issue
            if box
            else _("revision {revision} of {date}").format(
                revision=self.plan.revision, date=short_date(self.plan.issued.date())
            ),
            replaces=box.replaces if box else "",
        )

    def provisional(self, each: CoursePlan) -> str:
        """Why the dates and doses of a course may still change."""
        _ = self.text.gettext
        if not each.course.provisional:
            return ""
        return _("counts not recorded") if each.course.started else _("not started")

    # --- a course

    def sheet(self, each: CoursePlan, dates: Dates) -> CourseSheet:
        _, ngettext, facts = self.text.gettext, self.text.ngettext, self.plan.facts
        course, definition = each.course, each.course.definition
        days = ngettext("{count} day", "{count} days", dates.length).format(count=dates.length)
        subtitle = _("{days}, {first} to {last}").format(
            days=days, first=paper_date(dates.day1), last=paper_date(dates.last_day)
        )
        weight, height = figure(dates.measurement.weight), figure(dates.measurement.height)
        measures = _("{weight} kg, {height} cm, BSA {bsa} m2 ({date})").format(
            weight=weight, height=height, bsa=figure(dates.bsa), date=short_date(dates.measurement.date)
        )
        box = self.issues.box(course)
        tablets = self.in_tablets(each, dates)
        systemic = [line for line in each.administrations if line.route is not Route.IT]
        intrathecal = [line for line in each.administrations if line.route is Route.IT]
        agents = tuple(dict.fromkeys(line.agent for line in intrathecal))
        punctures = tuple(self.intrathecal_rows(intrathecal, agents))
        warnings = tuple(self.warnings(each))
        above = len(warnings) * _WARNING + (_INTRATHECAL_HEAD + len(punctures) * _INTRATHECAL_LINE if punctures else 0)
        bags = tuple(self.bag_table(infusion) for infusion in each.infusions)
        above += sum(table.height for table in bags)
        if not systemic:
            above += _HEAD_BOXES + (_CHANGES_HEAD + _CHANGES_LINE * len(box.changes) if box.changes else 0)
        criteria = definition.may_start
        events = (*definition.procedures, *definition.evaluations)
        backings = [definition.backing, *(event.backing for event in events), *([criteria.backing] if criteria else [])]
        questions = [question for backing in backings for question in backing.questions]
        for line in each.administrations:
            names = ", ".join(self.protocol.agents[agent].written for agent in line.order_line.agents)
            questions += (f"{names}: {question}" for question in line.order_line.backing.questions)
        return CourseSheet(
            course=course.id,
            head=self.head(course.title, subtitle, measures, provisional=self.provisional(each), box=box),
            boxes=(
                Box(_("ALLERGIES"), note="; ".join(facts.remarks_of(Remark.ALLERGY)) or _("none recorded: ask")),
                Box(
                    _("DOSING WEIGHT, {date}").format(date=short_date(dates.measurement.date)),
                    _("{weight} kg").format(weight=weight),
                    _("{height} cm, BSA {bsa} m2 (Mosteller)").format(height=height, bsa=figure(dates.bsa)),
                ),
                Box(_("WEIGHT TODAY")),
                Box(
                    _("AGE on Day {day}").format(day=dates.first),
                    self.age(dates.day1),
                    _("Day {day}: {date}").format(day=dates.first, date=paper_date(dates.day1)),
                ),
            ),
            since=box.since,
            changes=box.changes,
            start=_("MAY START: {text} {mark}").format(text=criteria.text, mark=criteria.backing.evidence.mark)
            if criteria
            else "",
            start_boxes=tuple(self.start_boxes(course, criteria)) if criteria else (),
            orders=tuple(self.order_rows(systemic, each, dates, tablets)),
            intrathecal_orders=tuple(self.order_rows(intrathecal, each, dates, tablets)),
            intrathecal_agents=tuple(self.protocol.agents[agent].written for agent in agents),
            intrathecal=punctures,
            warnings=warnings,
            bags=bags,
            pages=tuple(self.pages(each, dates, systemic, tablets, above)),
            comments=(
                *(_("Result: {text}").format(text=text) for text in facts.remarks_of(Remark.GENE)),
                *(_("Interacts: {text}").format(text=text) for text in facts.remarks_of(Remark.INTERACTION)),
                *definition.comments,
                *(event.comment for event in definition.procedures if event.comment),
                *self.clocks(each),
                *self.substitutions(each),
                self.hold_text(definition.hold),
            ),
            questions=tuple(dict.fromkeys(questions)),
        )

    def start_boxes(self, course: DatedCourse, criteria: StartCriteria) -> Iterator[Box]:
        """The counts that a course may start at and its first day: as recorded, else to be written in."""
        _ = self.text.gettext
        counts = dict(dict(self.plan.facts.counts).get(course.id, ()))
        for count in criteria.counts:
            label = (count.name.upper() if len(count.name) <= 4 else count.name) + " /mcL"
            yield Box(label, figure(counts[count.name]) if count.name in counts else "")
        yield Box(_("date of counts"))
        yield Box(_("actual Day 1"), short_date(course.dates.day1) if course.started and course.dates else "")
        yield Box(_("initials"))

    def age(self, day: date) -> str:
        years = age_on(self.plan.record.born, day)
        return self.text.ngettext("{count} year", "{count} years", years).format(count=years)

    def warnings(self, each: CoursePlan) -> Iterator[str]:
        """The fatal-route warnings of the course's drugs."""
        _ = self.text.gettext
        for name in dict.fromkeys(line.agent for line in each.administrations):
            agent = self.protocol.agents[name]
            if agent.only_route:
                yield _("{agent}: {route} ONLY. FATAL IF GIVEN BY ANY OTHER ROUTE.").format(
                    agent=agent.written, route=agent.only_route.value
                )

    def bag_table(self, infusion: Infusion) -> BagTable:
        _ = self.text.gettext
        count = len(infusion.bags)
        return BagTable(
            title=_("BAGS of {agent}: {count}").format(agent=self.protocol.agents[infusion.agent].written, count=count),
            bags=tuple(
                (
                    _("{number} of {count}").format(number=number, count=count),
                    f"{paper_date(bag.at.date())} {bag.at:%H:%M}" + (_(", closed day") if bag.on_closed_day else ""),
                    _("{hours} h: {amount} {unit}").format(
                        hours=bag.hours, amount=figure(bag.amount), unit=infusion.unit
                    ),
                )
                for number, bag in enumerate(infusion.bags, 1)
            ),
            stop=f"{paper_date(infusion.stop.date())} {infusion.stop:%H:%M}"
            if infusion.stop
            else _("none: the infusion stands still"),
            note=" ".join(infusion.notes),
        )

    def clocks(self, each: CoursePlan) -> Iterator[str]:
        """What the hours of drugs that follow another are counted from."""
        for order in dict.fromkeys(line.order_line for line in each.administrations):
            if order.first_dose and not order.first_dose.before:
                names = ", ".join(self.protocol.agents[agent].written for agent in order.agents)
                yield self.text.gettext("{drug}: +{hours} h and so on are hours after the start of {other}.").format(
                    drug=names, hours=order.first_dose.span.least // 60, other=self.first_dose_agent(order)
                )

    def substitutions(self, each: CoursePlan) -> Iterator[str]:
        """What may take the place of the course's drugs."""
        _, ngettext = self.text.gettext, self.text.ngettext
        for name in dict.fromkeys(line.agent for line in each.administrations):
            for instead in self.protocol.agents[name].substitutions:
                doses = ngettext("{count} dose", "{count} doses", instead.count).format(count=instead.count)
                questions = " ".join(instead.backing.questions)
                text = _("{reason} {agent} {dose}, {routes}, {doses}, {days} {mark}").format(
                    reason=instead.reason,
                    agent=self.protocol.agents[instead.agent].written,
                    dose=instead.dose,
                    routes=self.routes(instead.routes),
                    doses=doses,
                    days=instead.on,
                    mark=instead.backing.evidence.mark,
                )
                yield " ".join(part for part in (text, instead.comment, questions) if part)

    def hold_text(self, hold: Hold) -> str:
        """What a hold does to the days left."""
        _ = self.text.gettext
        return {
            Hold.SKIP: _("Held doses are not made up; the calendar runs on."),
            Hold.SLIP: _("A hold moves the days left."),
            Hold.ASK: _("On a hold, ask the prescriber whether the days left move."),
        }[hold]

    # --- the order table

    def in_tablets(self, each: CoursePlan, dates: Dates) -> dict[tuple[str, str], InTablets]:
        """What the doses by mouth of each order and agent are made of; no letter stands for two doses of an agent."""
        lines: dict[tuple[str, str], list[Administration]] = {}
        for line in each.administrations:
            if line.product:
                lines.setdefault((line.key, line.agent), []).append(line)
        taken: dict[str, int] = {}
        found = {}
        for (key, agent), given in lines.items():
            found[key, agent] = made = in_tablets(given, dates, self.text, taken.get(agent, 0))
            taken[agent] = taken.get(agent, 0) + len(set(made.keys.values()))
        return found

    def order_rows(
        self,
        lines: Sequence[Administration],
        each: CoursePlan,
        dates: Dates,
        tablets: Mapping[tuple[str, str], InTablets],
    ) -> Iterator[OrderRow]:
        places = {order.key: place for place, order in enumerate(each.course.definition.orders)}

        def place_of(line: Administration) -> tuple[int, bool, int]:
            order, own = line.order_line, each.course.definition.orders[places[line.key]]
            return places[line.key], line.agent not in own.agents, order.agents.index(line.agent)

        ordered = sorted(lines, key=place_of)
        for (key, agent), group in groupby(ordered, key=lambda line: (line.key, line.agent)):
            yield self.order_row(list(group), each, dates, tablets.get((key, agent), InTablets()))

    def order_row(self, given: list[Administration], each: CoursePlan, dates: Dates, tablets: InTablets) -> OrderRow:
        _ = self.text.gettext
        order, agent = given[0].order_line, self.protocol.agents[given[0].agent]
        due = [line for line in given if line.status.takes_place]
        doses: dict[str, list[str]] = {}
        for (dose, _product), note in dose_notes(due, dates, self.text).items():
            doses.setdefault(dose, []).extend([note] if note else [])
        notes = [*self.reasons(given), order.comment, *agent.notes_for(order.route), self.evidence_parts(order.backing)]
        return OrderRow(
            agent=agent.written,
            route=self.routes(order.routes),
            order=self.order_text(order),
            days=self.text.ngettext("Day {days}", "Days {days}", len(given)).format(
                days=runs(line.day for line in given)
            ),
            dates=tuple(self.dates_text(order, [line.date for line in given], each)),
            working=tuple(dict.fromkeys(_unbroken(line.working, line.unit) for line in due)),
            doses=tuple((dose, "; ".join(notes)) for dose, notes in doses.items()) or ((self.absent(given[0]), ""),),
            each=self.each_text(order),
            mark=given[0].evidence.mark,
            warning=_("{route} ONLY. FATAL IF GIVEN BY ANY OTHER ROUTE").format(route=agent.only_route.value)
            if agent.only_route
            else "",
            notes=tuple(dict.fromkeys(note for note in notes if note)),
            tablets=tuple(_unbroken(line, agent.unit) for line in tablets.lines),
            facts=(*self.asked_for(agent), *self.label_doses(agent, due, dates)),
        )

    def absent(self, line: Administration) -> str:
        """What became of a dose that is not given."""
        _ = self.text.gettext
        return _("held") if line.status is Status.HELD else _("omitted")

    def why(self, line: Administration) -> str:
        """What became of a dose that is not given, and why."""
        word = self.absent(line)
        return line.reason if line.reason.startswith(word) else f"{word}: {line.reason}" if line.reason else word

    def short_why(self, line: Administration) -> str:
        """The same where there is little room: as many of its parts as it takes, else where to read it."""
        parts = self.why(line).split(": ")
        while len(parts) > 1 and _width(": ".join(parts), 7) > _WHY_WIDTH:
            parts.pop()
        said = ": ".join(parts)
        bare = _width(said, 7) > _WHY_WIDTH or (bool(line.reason) and said == self.absent(line))
        return self.text.gettext("{state}: see orders").format(state=self.absent(line)) if bare else said

    def reasons(self, given: Iterable[Administration]) -> Iterator[str]:
        """Why doses are not as the definition has them, with all the days of each reason."""
        days: dict[str, list[int]] = {}
        for line in given:
            reason = line.reason if line.status.takes_place else self.why(line)
            if reason:
                days.setdefault(reason, []).append(line.day)
        for reason, numbers in days.items():
            template = self.text.ngettext("day {days}: {reason}", "days {days}: {reason}", len(numbers))
            yield template.format(days=runs(numbers), reason=reason)

    def asked_for(self, agent: Agent) -> Iterator[str]:
        """What the record has of the facts that an agent asks for."""
        _ = self.text.gettext
        words = {
            Remark.ALLERGY: (_("ALLERGY: {text}"), _("ALLERGY: none recorded, ask")),
            Remark.GENE: (_("RESULT: {text}"), _("RESULT: none recorded")),
            Remark.INTERACTION: (_("INTERACTS: {text}"), _("INTERACTS: none recorded, ask")),
        }
        for kind in agent.asks_for:
            said, nothing = words[kind]
            yield (
                said.format(text="; ".join(self.plan.facts.remarks_of(kind)))
                if self.plan.facts.remarks_of(kind)
                else nothing
            )

    def label_doses(self, agent: Agent, due: Sequence[Administration], dates: Dates) -> Iterator[str]:
        """What the product's label gives a patient of this weight and age, shown beside the protocol's dose."""
        _ = self.text.gettext
        born = self.plan.record.born
        for label in agent.label_doses:
            days = [
                line.date
                for line in due
                if label.applies(dates.measures_on(line.date)[0].weight, age_on(born, line.date))
            ]
            if days:
                template = (
                    _("LABEL from {start}: {dose} {mark}")
                    if len(days) == len(due)
                    else _("LABEL from {start}: {dose} {mark}, from {date}")
                )
                yield template.format(
                    start=_("{age} years").format(age=label.age)
                    if label.weight is None
                    else _("{weight} kg").format(weight=figure(label.weight)),
                    dose=label.dose.text,
                    mark=label.backing.evidence.mark,
                    date=paper_date(days[0]),
                )

    def order_text(self, order: Order) -> str:
        """The dose as the definition writes it, its cap, and how long it runs."""
        _ = self.text.gettext
        parts = [rule.text if isinstance(rule.dose, Amount) else _("by age, from the table") for rule in order.doses]
        parts += [_("max {cap}").format(cap=cap.text) for cap in order.caps]
        if order.over:
            parts.append(_("over {time}").format(time=order.over.text))
        if order.first_dose:
            agent = self.first_dose_agent(order)
            clock = _("before") if order.first_dose.before else _("after")
            parts.append(_("first dose {time} {clock} the start of {agent}").format(
                time=order.first_dose.span.text, clock=clock, agent=agent))  # fmt: skip
        if order.window:
            parts.append(_("window {window}").format(window=order.window.text))
        if order.until_clear:
            parts.append(_("until {agent} has cleared").format(agent=self.protocol.agents[order.until_clear].written))
        return ", ".join(parts)

    def first_dose_agent(self, order: Order) -> str:
        key = order.first_dose.order if order.first_dose else ""
        for course in self.protocol.courses.values():
            for other in course.orders:
                if other.key == key and order in course.orders:
                    return self.protocol.agents[other.agents[0]].written
        return key

    def evidence_parts(self, backing: Backing) -> str:
        """Which part of the line is known how well, where that differs."""
        if len({level for _part, level in backing.parts}) < 2:
            return ""
        return "; ".join(f"{part} {level.mark}" for part, level in backing.parts)

    def each_text(self, order: Order) -> str:
        """How often on a day."""
        _ = self.text.gettext
        frequency = order.frequency
        words = {
            "once": _("once"),
            "daily": _("daily"),
            "BID": _("each, 2 times a day"),
            "TID": _("each, 3 times a day"),
            "QID": _("each, 4 times a day"),
            "weekly": _("once a week"),
            "continuous": _("every 24 h"),
        }
        if frequency.text in words:
            return words[frequency.text]
        return _("each of {count}, every {hours} h").format(count=frequency.per_day, hours=frequency.interval)

    def routes(self, routes: Iterable[Route]) -> str:
        _ = self.text.gettext
        first, *others = (self.route_words(route) for route in routes)
        return f"{first} [{_('or')} {', '.join(others)}]" if others else first

    def route_words(self, route: Route) -> str:
        """A way in, in words with its abbreviation."""
        _ = self.text.gettext
        return {
            Route.PO: _("by mouth (PO)"),
            Route.IV: _("intravenous (IV)"),
            Route.IM: _("intramuscular (IM)"),
            Route.SC: _("subcutaneous (SC)"),
            Route.IT: _("intrathecal (IT)"),
            Route.CIV: _("continuous IV (CIV)"),
        }[route]

    def short_route(self, route: Route) -> str:
        """A way in where there is little room; the order table explains it."""
        return self.text.gettext("by mouth") if route is Route.PO else route.value

    def dates_text(self, order: Order, days: list[date], each: CoursePlan) -> Iterator[str]:
        """Dates in words: start and stop of a run, single dates one by one.

        What goes on until a level has cleared has no stop; what runs without one stops with its pump.
        """
        _ = self.text.gettext
        if order.until_clear:
            yield _("start {date}").format(date=paper_date(days[0]))
            yield _("no stop until {agent} has cleared").format(agent=self.protocol.agents[order.until_clear].written)
            return
        if order.frequency.continuous:
            yield _("start {date}").format(date=paper_date(days[0]))
            yield self.pump_stop(days, each)
            return
        for first, count in _stretches(day.toordinal() for day in days):
            start, stop = (paper_date(date.fromordinal(ordinal)) for ordinal in (first, first + count - 1))
            yield from (
                (start,) if count == 1 else (_("start {date}").format(date=start), _("stop {date}").format(date=stop))
            )

    def pump_stop(self, days: Sequence[date], each: CoursePlan) -> str:
        """When an infusion ends: to the hour once its start is recorded."""
        _ = self.text.gettext
        stops = [event for event in each.procedures if event.kind == PUMP_STOP]
        if not stops:
            return _("no pump stop: the infusion stands still")
        if len(stops) == 1 and stops[0].at:
            return _("pump stop {date} {clock}").format(date=paper_date(stops[0].date), clock=f"{stops[0].at:%H:%M}")
        return _("pump stop {date} at the start hour").format(date=paper_date(days[-1] + ONE_DAY))

    # --- the intrathecal block

    def intrathecal_rows(self, lines: list[Administration], agents: Sequence[str]) -> Iterator[IntrathecalRow]:
        by_date = sorted(lines, key=lambda line: line.date)
        for on, group in groupby(by_date, key=lambda line: line.date):
            given = list(group)
            doses = {line.agent: _dose(line) if line.status.takes_place else self.absent(line) for line in given}
            states = {self.state(line) for line in given if line.status is Status.GIVEN}
            reasons = dict.fromkeys([*states, *(line.reason for line in given if line.reason)])
            yield IntrathecalRow(
                date=paper_date(on),
                day=given[0].day,
                doses=tuple(doses.get(agent, "") for agent in agents),
                basis=given[0].basis,
                note="; ".join(reasons),
            )

    # --- the day grids

    def pages(
        self,
        each: CoursePlan,
        dates: Dates,
        lines: Sequence[Administration],
        tablets: Mapping[tuple[str, str], InTablets],
        above: float,
    ) -> Iterator[GridPage]:
        """The day grids on their pages; a puncture says on which page it is signed for."""
        ngettext = self.text.ngettext
        for index, page in enumerate(_pages(self.grids(each, dates, lines, tablets), self.page_height, above)):
            back = ngettext("sign in the INTRATHECAL block, {count} page back",
                            "sign in the INTRATHECAL block, {count} pages back", index).format(count=index)  # fmt: skip
            yield _with_text(page, self.sign_above, back) if index else page

    @property
    def sign_above(self) -> str:
        """Where a puncture is signed for, on the page that has the block."""
        return self.text.gettext("sign in the INTRATHECAL block above")

    def grids(
        self,
        each: CoursePlan,
        dates: Dates,
        lines: Sequence[Administration],
        tablets: Mapping[tuple[str, str], InTablets],
    ) -> Iterator[Grid]:
        """The course's days, cut at week ends into as few grids as let every drug have its column."""
        columns = {(line.agent, line.route): self.column(line.agent, line.route, lines, tablets) for line in lines}
        due: dict[date, list[Administration]] = {}
        for line in lines:
            due.setdefault(line.date, []).append(line)
        events: dict[date, list[PlannedEvent]] = {}
        for event in (*each.procedures, *each.evaluations):
            events.setdefault(event.date, []).append(event)
        said = self.said(each, dates)
        last = max([dates.last_day, *due, *events])
        days = [dates.day1 + ONE_DAY * count for count in range((last - dates.day1).days + 1)]
        numbers = {dates.date_of(number): number for number in range(dates.first, dates.first + len(days))}
        weeks = [range(first, min(first + _DAYS_A_WEEK, len(days))) for first in range(0, len(days), _DAYS_A_WEEK)]

        def needed(span: Iterable[int]) -> tuple[tuple[str, Route], ...]:
            wanted = {(line.agent, line.route) for index in span for line in due.get(days[index], ())}
            return tuple(key for key in columns if key in wanted)

        for span in _fit(weeks, lambda span: sum(columns[key].width for key in needed(span)) <= GRID_WIDTH):
            keys = needed(span)
            rows = []
            for index in span:
                day = days[index]
                number = numbers.get(day)
                still_open = self.still_open(number, lines) if number is not None else []
                found = self.lines(due.get(day, []), events.get(day, []), keys, still_open, tablets, said.get(day, []))
                rows.append(
                    DayRow(
                        date=paper_date(day),
                        day=number,
                        weekend=day.weekday() >= SATURDAY,
                        week_starts=index % _DAYS_A_WEEK == 0,
                        lines=tuple(found) or (self.no_treatment(day, number, each, dates, still_open),),
                    )
                )
            yield Grid(tuple(columns[key] for key in keys), tuple(_blocks(rows)))

    def said(self, each: CoursePlan, dates: Dates) -> dict[date, list[Line]]:
        """What else happens on days: bags that are hung, an infusion that stopped, a dose that was moved away."""
        _ = self.text.gettext
        found: dict[date, list[Line]] = {}
        moved: dict[tuple[date, str], date] = {}
        absent: dict[date, Line] = {}
        for line in each.administrations:
            planned = dates.date_of(line.day)
            if line.date != planned and line.status in (Status.MOVED, Status.GIVEN) and _is_of_the_definition(line):
                name = _("LP") if line.route is Route.IT else self.protocol.agents[line.agent].written
                moved[planned, name] = line.date
            elif line.route is Route.IT and not line.status.takes_place:
                text = _("LP {state}: see the INTRATHECAL block").format(state=self.absent(line))
                if not any(event.kind == LUMBAR_PUNCTURE and event.date == line.date for event in each.procedures):
                    absent[line.date] = Line("", text=text, signed=False)
        for (planned, name), on in moved.items():
            text = _("{drug} moved to {date}").format(drug=name, date=paper_date(on))
            found.setdefault(planned, []).append(Line("", text=_within(text, _SAID_WIDTH), signed=False))
        for on, line_ in absent.items():
            found.setdefault(on, []).append(line_)
        for at, text in self.stops(each):
            found.setdefault(at.date(), []).append(Line(f"{at:%H:%M}", text=_within(text, _SAID_WIDTH), signed=False))
        for infusion in each.infusions:
            for number, bag in enumerate(infusion.bags, 1):
                text = _("bag {number} of {count}, {hours} h: {amount} {unit}").format(
                    number=number, count=len(infusion.bags), hours=bag.hours, amount=figure(bag.amount),
                    unit=infusion.unit)  # fmt: skip
                found.setdefault(bag.at.date(), []).append(
                    Line(_("hang {clock}").format(clock=f"{bag.at:%H:%M}"), text=text)
                )
        return found

    def pauses(self, each: CoursePlan) -> list[Pause]:
        """The stops of the course's continuous infusion."""
        infused = any(line.route is Route.CIV for line in each.administrations)
        return [pause for pause in self.plan.facts.pauses if infused and pause.course == each.course.id]

    def stops(self, each: CoursePlan) -> Iterator[tuple[datetime, str]]:
        """When a continuous infusion stopped and went on again, on the ward's clocks."""
        _ = self.text.gettext
        unit = next(
            (self.protocol.agents[line.agent].unit for line in each.administrations if line.route is Route.CIV), ""
        )
        for pause in self.pauses(each):
            yield pause.stop.astimezone(self.zone), ": ".join(filter(None, (_("infusion stopped"), pause.why)))
            if pause.resume:
                text = _("infusion goes on")
                if pause.dose:
                    text = _("infusion goes on with {dose} in 24 h").format(dose=f"{figure(pause.dose)} {unit}")
                yield pause.resume.astimezone(self.zone), text

    def no_treatment(
        self, day: date, number: int | None, each: CoursePlan, dates: Dates, still_open: Sequence[tuple[Order, int]]
    ) -> Line:
        """A day on which nothing is given, and why that is where the record says."""
        _ = self.text.gettext
        rest = [self.protocol.agents[order.until_clear].written for order, _days in still_open]
        text = _("no treatment")
        if rest:
            text = _("no treatment, once {level} has cleared").format(level=", ".join(rest))
        elif number is None:
            text = self.waits(day, dates)
        else:
            for pause in self.pauses(each):
                stop = pause.stop.astimezone(self.zone)
                if stop.date() < day and (pause.resume is None or day < pause.resume.astimezone(self.zone).date()):
                    since = f"{paper_date(stop.date())} {stop:%H:%M}"
                    text = _("infusion stands still since {time}").format(time=since)
        return Line("", text=_within(text, _SAID_WIDTH), signed=False)

    def waits(self, day: date, dates: Dates) -> str:
        """Why a date is none of the course's days."""
        _ = self.text.gettext
        for shift in dates.shifts:
            if dates.date_of(shift.from_day) - ONE_DAY * shift.days <= day < dates.date_of(shift.from_day):
                why = self.plan.record.log[shift.line - 1].why
                text = _("no treatment, the course waits (line {line})").format(line=shift.line)
                return f"{text}: {why}" if why else text
        return _("no treatment, the course waits")

    def column(
        self,
        agent: str,
        route: Route,
        lines: Sequence[Administration],
        tablets: Mapping[tuple[str, str], InTablets],
    ) -> Column:
        written = self.protocol.agents[agent].written
        mine = [line for line in lines if (line.agent, line.route) == (agent, route)]
        made = [tablets[line.key, agent] for line in mine if (line.key, agent) in tablets]
        beside = {id_: text for each in {id(each): each for each in made}.values() for id_, text in each.beside.items()}
        marks = dict.fromkeys(line.evidence.mark for line in mine)
        longest = max((_width(word, 7.5) for word in written.split()), default=0)
        doses = (
            _width(_dose(line), 10) + (_BESIDE + _width(beside[line.id], 7) if line.id in beside else 0)
            for line in mine
        )
        return Column(
            agent=written,
            route=self.short_route(route),
            mark=" ".join(marks),
            width=round(max(longest, *doses) + 7),
            tablets=", ".join(dict.fromkeys(each.head for each in made if each.head)),
        )

    def lines(
        self,
        given: list[Administration],
        events: list[PlannedEvent],
        keys: Sequence[tuple[str, Route]],
        still_open: Sequence[tuple[Order, int]],
        tablets: Mapping[tuple[str, str], InTablets],
        said: Sequence[Line],
    ) -> Iterator[Line]:
        """The lines of a day: what must be given before another drug, what is said of the day, then all the rest."""
        _ = self.text.gettext
        for event in events:
            if event.kind == LUMBAR_PUNCTURE:
                yield Line(_("LP"), text=self.sign_above, signed=False)
        yield from self.dose_lines([line for line in given if not _is_led_up_to(line)], keys, tablets)
        yield from said
        yield from self.dose_lines([line for line in given if _is_led_up_to(line)], keys, tablets)
        for event in events:
            if event.kind != LUMBAR_PUNCTURE:
                title = self.protocol.kinds[event.kind]
                clock = f" {event.at:%H:%M}" if event.at else ""
                yield Line("", text=f"{title}{clock} {event.evidence.mark}")
        for order, days_over in still_open:
            drug, level = (self.protocol.agents[name].written for name in (order.agents[0], order.until_clear))
            if days_over <= _OPEN_DAYS:
                yield Line("", text=_("{drug}, unless {level} has cleared").format(drug=drug, level=level))

    def dose_lines(
        self,
        given: Sequence[Administration],
        keys: Sequence[tuple[str, Route]],
        tablets: Mapping[tuple[str, str], InTablets],
    ) -> Iterator[Line]:
        """A line for each dose, or for why it is not given."""
        for line in given:
            place = keys.index((line.agent, line.route))
            if not line.status.takes_place:
                reason = Cell(self.absent(line), 1, "", line.id)
                absent = tuple(reason if column == place else None for column in range(len(keys)))
                yield Line("", absent, signed=False, at_home=_can_be_home(line), why=self.short_why(line))
                continue
            made = tablets.get((line.key, line.agent), InTablets())
            labels = self.labels(line)
            for index, label in enumerate(labels):
                dose: Cell | bool = False
                if index == 0:
                    dose = Cell(
                        _dose(line), len(labels), self.each_label(line), line.id,
                        made.beside.get(line.id, ""), made.keys.get(line.id, ""), self.state(line),
                    )  # fmt: skip
                cells = tuple(dose if column == place else None for column in range(len(keys)))
                yield Line(label, cells, at_home=_can_be_home(line))

    def still_open(self, day: int, lines: Sequence[Administration]) -> list[tuple[Order, int]]:
        """Orders that go on after their planned days until a level has cleared, with how long ago those ended."""
        cleared = {(clearing.course, clearing.agent) for clearing in self.plan.facts.clearings}
        last: dict[Order, int] = {}
        timed: set[Order] = set()  # once the hours are known, the plan itself has the days that are open
        for line in lines:
            order = line.order_line
            if order.until_clear and (line.course, order.until_clear) not in cleared:
                last[order] = max(line.day, last.get(order, line.day))
                timed.update([order] if line.times else [])
        return [(order, _OPEN_DAYS + 1 if order in timed else day - days) for order, days in last.items() if day > days]

    def labels(self, line: Administration) -> list[str]:
        """What each dose of the day is called, and whether it is moved or given."""
        first, *others = self.dose_labels(line)
        return [f"{self.state(line)} {first}".strip(), *others]

    def state(self, line: Administration) -> str:
        """Whether a dose is moved or given."""
        _ = self.text.gettext
        return {Status.MOVED: _("moved"), Status.GIVEN: _("given")}.get(line.status, "")

    def dose_labels(self, line: Administration) -> list[str]:
        """What each dose of the day is called: its time of day, its clock, or its number."""
        _ = self.text.gettext
        order, per_day = line.order_line, line.per_day
        anchor = order.first_dose
        if anchor and anchor.before:
            return [_("{time} before").format(time=anchor.span.text)]
        if anchor:
            start = anchor.span.least // 60 + 24 * (line.day - order.days.first)
            hours = order.frequency.interval or 24 // per_day
            labels = [_("+{hours} h").format(hours=start + hours * index) for index in range(per_day)]
            clocks = [_clock(time, line.date) for time in line.times] or [""] * per_day
            return [f"{label} {clock}".strip() for label, clock in zip(labels, clocks, strict=True)]
        if per_day > _MOST_LINES:
            return [_("{count} doses").format(count=per_day)]
        if order.frequency.text == "BID":
            return [_("morning"), _("evening")]
        if per_day > 1:
            every = order.frequency.interval
            later = range(1, per_day)
            if every is None:
                return [_("dose {number}").format(number=n + 1) for n in range(per_day)]
            numbered = [
                _("dose {number}, +{hours}\N{NO-BREAK SPACE}h").format(number=n + 1, hours=n * every) for n in later
            ]
            return [_("dose {number}").format(number=1), *numbered]
        if order.frequency.weekly:
            return [_("weekly")]
        if order.frequency.continuous:
            return [_("24 h from {clock}").format(clock=_clock(line.times[0], line.date)) if line.times else _("24 h")]
        over = f" {order.over.text}" if order.over else ""
        return ["" if line.route is Route.PO else f"{line.route.value}{over}"]

    def each_label(self, line: Administration) -> str:
        """How a dose is repeated on its day, in few words; empty for a single one."""
        _ = self.text.gettext
        if line.per_day == 1:
            return _("once a week") if line.order_line.frequency.weekly else ""
        if line.per_day == 2:
            return _("twice a day")
        return _("{count} times").format(count=line.per_day)

    # --- the overview

    def overview(self) -> OverviewSheet:
        _ = self.text.gettext
        dated = [each.course.dates for each in self.plan.courses if each.course.dates]
        first = dated[0].day1
        last = max(dates.last_day for dates in dated)
        total = (last - first).days + 1
        subtitle = _("{first} to {last}").format(first=paper_date(first), last=paper_date(last))
        head = self.head(_("Whole therapy"), subtitle, "")
        arm = self.protocol.arms.get(self.plan.facts.traits.arm)
        routes = [self.protocol.unassigned, *([arm] if arm else [])]
        return OverviewSheet(
            head=head,
            rows=tuple(self.overview_row(number, each, first) for number, each in enumerate(self.plan.courses, 1)),
            total_days=total,
            months=tuple(_months(first, last)),
            comments=tuple(f"{route.title}. {route.comment}".strip() for route in routes),
            questions=tuple(
                question for backing in (*(route.backing for route in routes), self.protocol.backing)
                for question in backing.questions
            ),
        )  # fmt: skip

    def overview_row(self, number: int, each: CoursePlan, first: date) -> OverviewRow:
        _ = self.text.gettext
        course, dates = each.course, each.course.dates
        punctures = [event for event in each.procedures if event.kind == LUMBAR_PUNCTURE]
        orders = {(line.key, line.agent): line.evidence for line in each.administrations}
        counts = {level: sum(evidence is level for evidence in orders.values()) for level in Evidence}
        marks = [(event.kind, event.date) for event in (*each.procedures, *each.evaluations)]
        marks += dict.fromkeys(("iv", line.date) for line in each.administrations if line.route in _BY_NEEDLE)
        runs_ = [line.date for line in each.administrations if line.route is Route.CIV]
        runs_ += [
            line.date for line in each.administrations if line.order_line.over and line.order_line.over.most > 24 * 60
        ]
        state = (
            _("done")
            if course.status is CourseStatus.DONE
            else _("provisional")
            if course.provisional
            else _("planned")
        )
        return OverviewRow(
            number=number,
            title=course.title,
            day1=paper_date(dates.day1) if dates else _("no date yet"),
            last_day=paper_date(dates.last_day) if dates else "",
            length=str(dates.length) if dates else "",
            punctures=str(len(punctures)) if punctures else "",
            puncture_dates=_("LP {dates}").format(dates=", ".join(short_date(event.date)[:6] for event in punctures))
            if punctures
            else "",
            evidence="  ".join(f"{level.mark}{count}" for level, count in counts.items() if count),
            state=state if dates else "",
            first=(dates.day1 - first).days if dates else None,
            days=dates.length if dates else 0,
            marks=tuple((kind, (on - first).days) for kind, on in marks),
            infusions=tuple(_stretches((on - first).days for on in runs_)),
        )


_BESIDE = 4.0  # between a dose and what stands beside it
_BY_NEEDLE = (Route.IV, Route.IM, Route.SC)


def _risk(writer: _Writer, risk: str) -> str:
    return writer.text.gettext("{risk} risk").format(risk=risk)


def _dose(line: Administration) -> str:
    return f"{figure(line.dose)} {line.unit}"


def _is_of_the_definition(line: Administration) -> bool:
    """Whether its day is one of the definition's: not of a series that takes a dose's place, nor before a restart."""
    parts = line.id.split("/")
    return len(parts) == (4 if line.order_line.has_parts else 3)


def _within(text: str, width: float) -> str:
    """As much of a sentence as a line has room for; the orders and the record have it whole."""
    if _width(text, 7.5) <= width:
        return text
    while _width(f"{text} ...", 7.5) > width:
        text = text[:-1].rstrip()
    return f"{text} ..."


def _with_text(page: GridPage, old: str, new: str) -> GridPage:
    """A page with another sentence in place of one."""

    def changed(day: DayRow) -> DayRow:
        if not any(line.text == old for line in day.lines):
            return day
        return replace(day, lines=tuple(replace(line, text=new) if line.text == old else line for line in day.lines))

    return replace(
        page,
        grids=tuple(
            replace(grid, blocks=tuple(replace(block, days=tuple(map(changed, block.days))) for block in grid.blocks))
            for grid in page.grids
        ),
    )


def _can_be_home(line: Administration) -> bool:
    """Whether a dose may be signed for with its week at home: by mouth, and by no clock."""
    return line.route is Route.PO and not line.order_line.first_dose and not line.order_line.frequency.interval


def _is_led_up_to(line: Administration) -> bool:
    """Whether a drug comes after one that must be given before it."""
    return not (line.order_line.first_dose and line.order_line.first_dose.before)


def _unbroken(text: str, unit: str) -> str:
    """Text in which no line breaks between a figure and its unit."""
    return text.replace(f" {unit}", f"\N{NO-BREAK SPACE}{unit}").replace(" %", "\N{NO-BREAK SPACE}%")


def _clock(time: datetime, due: date) -> str:
    """An hour, and the weekday before it where it is not that of the day the dose belongs to."""
    clock = f"{time:%H:%M}"
    return clock if time.date() == due else f"{WEEKDAYS[time.weekday()]} {clock}"


def _width(text: str, size: float) -> float:
    """About how wide bold text is, in points, at a size in points."""
    return size * sum(0.64 if letter.isupper() else 0.3 if letter in " .,il" else 0.56 for letter in text)


def _fit(weeks: Sequence[range], fits: Callable[[range], bool]) -> list[range]:
    """Weeks joined into as few stretches as fit, the first ones as long as they can be."""
    stretches: list[range] = []
    for week in weeks:
        joined = range(stretches[-1].start, week.stop) if stretches else week
        if stretches and fits(joined):
            stretches[-1] = joined
        else:
            stretches.append(week)
    return stretches


def _pages(grids: Iterable[Grid], height: float, above: float) -> Iterator[GridPage]:
    """Grids laid on pages: a block stays whole, and a page rather ends with a week than is quite full."""
    page: list[tuple[Grid, Block]] = []
    first = True
    for grid in grids:
        for block in grid.blocks:
            room = height - above if first else height
            if page and _height([*page, (grid, block)]) > room:
                cut = _week_end(page, room) if not block.days[0].week_starts else len(page)
                yield GridPage(first, tuple(_grids_of(page[:cut])))
                page, first = page[cut:], False
            page.append((grid, block))
    yield GridPage(first, tuple(_grids_of(page)), (height - above if first else height) - _height(page))


def _notes_height(sentences: Iterable[str]) -> float:
    """About how tall notes are printed with the legends below them, on the safe side."""
    return _LEGENDS + sum(_NOTE_LINE * (1 + int(_width(text, 7.5) // _NOTE_WIDTH)) for text in sentences)


def _height(page: Sequence[tuple[Grid, Block]]) -> float:
    heads = sum(1 for _grid in groupby(page, key=lambda pair: id(pair[0])))
    return heads * _GRID_HEAD + sum(block.height for _grid, block in page)


def _week_end(page: Sequence[tuple[Grid, Block]], room: float) -> int:
    """Where to end a page: before the last week that starts on it, if that leaves it full enough; else at its end."""
    for cut in range(len(page) - 1, 0, -1):
        if page[cut][1].days[0].week_starts:
            return cut if _height(page[:cut]) >= _LEAST_FILL * room else len(page)
    return len(page)


def _grids_of(page: Sequence[tuple[Grid, Block]]) -> Iterator[Grid]:
    """The grids of a page, each with only the columns that are due on it."""
    for _id, group in groupby(page, key=lambda pair: id(pair[0])):
        pairs = list(group)
        grid, blocks = pairs[0][0], tuple(block for _grid, block in pairs)
        lines = [line for block in blocks for day in block.days for line in day.lines]
        kept = [place for place in range(len(grid.columns)) if any(line.cells and line.cells[place] for line in lines)]

        def trim(line: Line, kept: Sequence[int] = kept) -> Line:
            return replace(line, cells=tuple(line.cells[place] for place in kept)) if line.cells else line

        def trim_day(day: DayRow, trim: Callable[[Line], Line] = trim) -> DayRow:
            return replace(day, lines=tuple(trim(line) for line in day.lines))

        yield Grid(
            tuple(_widened([grid.columns[place] for place in kept] or [_NO_DRUG], [line.text for line in lines])),
            tuple(replace(block, days=tuple(trim_day(day) for day in block.days)) for block in blocks),
        )


_NO_DRUG = Column("", "", "", _TEXT_WIDTH)  # keeps the place of text where no drug is due


def _widened(columns: Sequence[Column], texts: Iterable[str]) -> Iterator[Column]:
    """Few columns share enough width for the longest line of text across them."""
    total = sum(column.width for column in columns)
    factor = max(1, _TEXT_WIDTH / total, *((_width(text, 7.5) + 6) / total for text in texts))
    yield from (replace(column, width=round(column.width * factor)) for column in columns)


def _blocks(days: Sequence[DayRow]) -> Iterator[Block]:
    """Single days, but stretches at home together, week by week."""
    week = -1
    numbered = []
    for day in days:
        week += day.week_starts
        at_home = all(line.at_home for line in day.lines)
        numbered.append(((week, at_home), day))
    for (_week, at_home), group in groupby(numbered, key=lambda pair: pair[0]):
        run = tuple(day for _key, day in group)
        given = sum(any(line.signed for line in day.lines) for day in run)
        if at_home and given and len(run) >= _HOME_STRETCH:
            yield Block(tuple(replace(day, lines=(_home_line(day.lines),)) for day in run), given)
        else:
            yield from (Block((day,)) for day in run)


def _home_line(lines: Sequence[Line]) -> HomeLine:
    """The doses of a day's lines on one line."""
    columns = zip(*(line.cells for line in lines), strict=True)
    return HomeLine("", tuple(next((cell for cell in column if cell), None) for column in columns), at_home=True)


def _stretches(days: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Consecutive days as (first, count)."""
    for _offset, group in groupby(enumerate(sorted(days)), key=lambda pair: pair[1] - pair[0]):
        run = [day for _index, day in group]
        yield run[0], len(run)


def _months(first: date, last: date) -> Iterator[tuple[str, int]]:
    """The first day of each month within, with its days from the start."""
    year, month = first.year, first.month
    while (day := date(year, month, 1)) <= last:
        if day >= first:
            yield short_date(day)[3:], (day - first).days
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
