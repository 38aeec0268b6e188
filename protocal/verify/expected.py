"""A plan and what was chosen of it -> every dose that must stand on paper, with its place.

From the plan's administrations alone: nothing here sees a sheet's values or a template, for it is what those are
held against. Only the words of paper are shared with them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from gettext import NullTranslations
from typing import NamedTuple
from zoneinfo import ZoneInfo

from protocal.model.days import ONE_DAY
from protocal.model.doses import UNITS, Route
from protocal.model.evidence import Evidence
from protocal.model.ids import AdministrationId
from protocal.model.plan import Administration, CoursePlan, Plan, Status
from protocal.model.product import Product, Tablets
from protocal.model.settings import Settings
from protocal.plan.open_rescues import open_ends, shares_a_line
from protocal.plan.unverified import is_unverified
from protocal.render.wording.catalogues import messages
from protocal.render.wording.family import FamilyWords
from protocal.render.wording.paper import paper_words, words_in
from protocal.text.format import figure, paper_date, runs
from protocal.verify.expected_products import at_home_words, how_many

_A_DAY = 24 * 60  # minutes from which an infusion runs into the next date whatever its hour
_BEYOND = timedelta(days=366)  # past the last dose, dates that may stand on paper


class Entry(NamedTuple):
    """Something that stands on paper: where, of which drug, and what is said of it."""

    place: str
    drug: str
    said: str

    @property
    def about(self) -> str:
        """Where, and of which drug, as a sentence begins."""
        return f"{self.place}, {self.drug}" if self.drug else self.place


def dates_of(plan: Plan) -> list[date]:
    """Every date that can stand on a page of the plan."""
    dated = [each.course.dates for each in plan.courses if each.course.dates]
    given = [line.date for line in plan.administrations]
    if not dated:
        return []
    first = min([*(dates.day1 for dates in dated), *given])
    last = max([*(dates.last_day for dates in dated), *given]) + _BEYOND
    return [first + ONE_DAY * count for count in range((last - first).days + 1)]


def sheet_dates(day: date, settings: Settings) -> tuple[str, ...]:
    """A date as roadmaps and worksheets may print it."""
    return (words_in(settings.language).day(day),)


def absent_word(line: Administration, text: NullTranslations) -> str:
    """What stands in a dose's place that is not given."""
    _ = text.gettext
    return _("held") if line.status is Status.HELD else _("omitted")


def dose_words(line: Administration, text: NullTranslations) -> str:
    """One dose with its unit, which is always told in English here, or what stands in its place."""
    return f"{figure(line.dose)} {line.unit}" if line.status.takes_place else absent_word(line, text)


def units_in(text: NullTranslations) -> dict[str, str]:
    """Each unit as a page may print it, in English or in the page's language, with what it is in English."""
    printed = {paper_words(text).dose(1, unit).removeprefix("1").strip(): unit for unit in UNITS}
    return {**{unit: unit for unit in UNITS}, **printed}


# --- roadmaps


def chosen_courses(
    plan: Plan, courses: Sequence[str], since: date | None = None, until: date | None = None
) -> list[CoursePlan]:
    """The dated courses that were chosen, all if none is named, with a day from one date to another."""
    found = []
    for each in plan.courses:
        dates = each.course.dates
        if dates and (not courses or each.course.id in courses):
            given = (line.date for line in each.administrations)
            last = max([dates.last_day, *given, *(event.date for event in (*each.procedures, *each.evaluations))])
            if (since is None or last >= since) and (until is None or dates.day1 <= until):
                found.append(each)
    return found


def on_overview(plan: Plan) -> Counter[Entry]:
    """The first day of every course that has one."""
    return Counter(
        Entry("whole therapy", each.course.title, paper_date(each.course.dates.day1))
        for each in plan.courses
        if each.course.dates
    )


def on_grids(
    plan: Plan, settings: Settings, courses: Sequence[str], since: date | None, until: date | None
) -> Iterator[tuple[Entry, Administration]]:
    """Each administration on its date: its dose, with its tablets where they differ by day, or what became of it."""
    text = messages(settings.language)
    for each in chosen_courses(plan, courses):
        beside = {id_: how_many(count, text) for id_, count in _tablets_beside(each).items()}
        unless = text.gettext("unless cleared")
        shared = shares_a_line(plan, (each,))
        for line in each.administrations:
            if line.id in shared or not is_within(line.date, since, until):
                continue
            said = " ".join(
                filter(
                    None,
                    (
                        unless if line.open and line.status.takes_place else "",
                        beside.get(line.id),
                        dose_words(line, text),
                    ),
                )
            )
            place = f"{each.course.title}, {paper_date(line.date)}"
            yield Entry(place, drug_by_route(plan, line), said), line


def on_open_days(
    plan: Plan, settings: Settings, courses: Sequence[str], since: date | None, until: date | None
) -> Iterator[tuple[Entry, tuple[str, date]]]:
    """Each dose that is given only as long as a level has not cleared, with its course's title and date.

    It has a line on the days after the planned ones while neither that level nor the hours of the doses are recorded.
    """
    text = messages(settings.language)
    unless = text.gettext("unless cleared")
    for each, end in open_ends(plan, chosen_courses(plan, courses)):
        line = end.last
        for on in end.ahead:
            if is_within(on, since, until):
                at = (each.course.title, on)
                said = f"{unless} {dose_words(line, text)}"
                entry = Entry(f"{at[0]}, {paper_date(on)}", drug_by_route(plan, line), said)
                yield from ((entry, at) for _number in range(line.per_day))


def drug_by_route(plan: Plan, line: Administration) -> str:
    """A drug with its way in, as `name IV`."""
    return f"{plan.protocol.agents[line.agent].written} {line.route.value}"


def is_within(day: date, since: date | None, until: date | None) -> bool:
    """Whether a date is from one day to another."""
    return (since is None or day >= since) and (until is None or day <= until)


def _tablets_beside(each: CoursePlan) -> dict[AdministrationId, Decimal]:
    """How many tablets a dose is, by administration, where an order's doses are of one size and differ in number."""
    orders: dict[tuple[str, str], list[Administration]] = {}
    for line in each.administrations:
        if line.product and line.status.takes_place:
            orders.setdefault((line.key, line.agent), []).append(line)
    found: dict[AdministrationId, Decimal] = {}
    for lines in orders.values():
        pieces = [line.product.pieces if isinstance(line.product, Tablets) else () for line in lines]
        sizes = {tuple(piece.strength for piece in each) for each in pieces}
        if len(set(pieces)) > 1 and len(sizes) == 1 and len(sizes.pop()) == 1:
            found.update({line.id: piece.number for line, (piece,) in zip(lines, pieces, strict=True)})
    return found


def on_orders(
    plan: Plan, settings: Settings, courses: Sequence[str], since: date | None, until: date | None
) -> Counter[Entry]:
    """Each dose of each order once, of the whole course; what became of an order of which nothing is given."""
    text = messages(settings.language)
    found: Counter[Entry] = Counter()
    for each in chosen_courses(plan, courses, since, until):
        orders: dict[tuple[str, str], list[Administration]] = {}
        for line in each.administrations:
            orders.setdefault((line.key, line.agent), []).append(line)
        for (_key, agent), lines in orders.items():
            due = [line for line in lines if line.status.takes_place] or lines[:1]
            place, drug = f"{each.course.title}, orders", plan.protocol.agents[agent].written
            found.update(Entry(place, drug, said) for said in {dose_words(line, text) for line in due})
    return found


def made_of_orders(plan: Plan, courses: Sequence[str], since: date | None, until: date | None) -> Counter[Entry]:
    """What the doses of each drug are made of, and what else they could be, once for each course."""
    found: set[Entry] = set()
    for each in chosen_courses(plan, courses, since, until):
        for line in each.administrations:
            products = (line.product, line.alternative) if line.product and line.status.takes_place else ()
            found.update(made_of(each.course.title, plan.protocol.agents[line.agent].written, filter(None, products)))
    return Counter(found)


def made_of(course: str, drug: str, products: Iterable[Product]) -> Iterator[Entry]:
    """That a course's sheet has what doses are made of."""
    return (Entry(f"{course}, what doses are made of", drug, str(product)) for product in products)


# --- worksheets


def on_worksheet(whole: Plan, chosen: Plan, settings: Settings) -> Counter[Entry]:
    """Each line to prepare: what is taken by mouth once for days in a row with one dose, all else day by day."""
    titles = {each.course.id: each.course.title for each in whole.courses}
    running: dict[str, Decimal] = {}
    totals: dict[tuple[str, Route], Decimal] = {}
    for line in sorted((line for line in whole.administrations if line.status.takes_place), key=lambda line: line.date):
        drug = (line.agent, line.route)
        totals[drug] = running[line.id] = totals.get(drug, Decimal(0)) + line.dose * line.per_day
    found: Counter[Entry] = Counter()
    for run in _stretches(chosen):
        first, last = run[0], run[-1]
        taken = sum((line.dose * line.per_day for line in run), Decimal(0))
        said = (
            f"{figure(first.dose)} {first.unit}",
            times_a_day(first, settings),
            f"{figure(taken)} {first.unit}",
            f"{figure(running[last.id])} {first.unit}",
            *([str(first.product)] if first.product else []),
        )
        place = f"{titles[first.course]}, day {runs(line.day for line in run)}, {span(first.date, last.date)}"
        found[Entry(place, drug_by_route(whole, first), " / ".join(said))] += 1
    return found


def span(first: date, last: date) -> str:
    """A date, or a start and a stop."""
    return paper_date(first) if first == last else f"{paper_date(first)} to {paper_date(last)}"


def _stretches(chosen: Plan) -> Iterator[list[Administration]]:
    """Lines that are checked together."""
    due = (line for line in chosen.administrations if line.status.takes_place)
    run: list[Administration] = []
    for line in sorted(due, key=lambda line: (line.agent, line.route.value, line.date)):
        last = run[-1] if run else None
        if last and not (
            line.route is Route.PO
            and line.date == last.date + ONE_DAY
            and (line.course, line.key, line.agent, line.route) == (last.course, last.key, last.agent, last.route)
            and (line.dose, line.calculated, line.product) == (last.dose, last.calculated, last.product)
            and line.per_day == last.per_day
        ):
            yield run
            run = []
        run.append(line)
    if run:
        yield run


def times_a_day(line: Administration, settings: Settings) -> str:
    """How many doses a day; a weekly or continuous drug says so."""
    _ = messages(settings.language).gettext
    frequency = line.order_line.frequency
    if frequency.continuous:
        return _("every 24 h")
    return _("{count}, once a week").format(count=line.per_day) if frequency.weekly else figure(line.per_day)


# --- a family's pages


class AtHome(NamedTuple):
    """A drug by mouth on a date of a family's page, and every piece of text that must stand behind its name."""

    date: date
    drug: str
    says: tuple[str, ...]


def family_dates(plan: Plan, courses: Sequence[str], since: date | None, until: date | None) -> set[date]:
    """The dates of the courses named, or of all: from their first to their last, and where more of them happens."""
    found: set[date] = set()
    for each in chosen_courses(plan, courses):
        dates = each.course.dates
        if dates:
            found.update(dates.day1 + ONE_DAY * count for count in range(dates.length))
        found.update(line.date for line in each.administrations if line.status.takes_place)
        found.update(event.date for event in (*each.procedures, *each.evaluations))
        found.update(day for day, _agent in going_on(plan, each))
    return {day for day in found if is_within(day, since, until)}


def is_at_home(line: Administration) -> bool:
    """Whether it is taken by mouth, and not just before what the clinic starts."""
    anchor = line.order_line.first_dose
    return line.route is Route.PO and not (anchor and anchor.before)


def going_on(plan: Plan, each: CoursePlan) -> Iterator[tuple[date, str]]:
    """The dates after that of its start on which an infusion runs, and those on which one starts again, supervised."""
    zone = ZoneInfo(plan.facts.zone)
    agents = plan.protocol.of(each.course.id).agents
    for line in each.administrations:
        over, continuous = line.order_line.over, line.order_line.frequency.continuous
        if line.status.takes_place and continuous:
            for pause in plan.facts.pauses:
                rule, again = agents[line.agent].interruptions, pause.resume
                if pause.course == line.course and again and rule.is_supervised(again - pause.stop):
                    yield again.astimezone(zone).date(), line.agent
        elif line.status.takes_place and over and over.least >= _A_DAY:
            begins = line.times[0] if line.times else datetime.combine(line.date, time(), zone)
            ends = (begins.astimezone(UTC) + timedelta(minutes=over.least)).astimezone(zone)
            first, last = begins.astimezone(zone).date(), ends.date()
            yield from ((first + ONE_DAY * late, line.agent) for late in range(1, (last - first).days + 1))


def at_home(plan: Plan, settings: Settings, *, unverified_doses: bool) -> Iterator[AtHome]:
    """Each administration at home: how much, or a blank where nothing confirms it (rule S28) yet, and how often."""
    text = messages(settings.language)
    _, words = text.gettext, FamilyWords(text)
    dates = {each.course.id: each.course.dates for each in plan.courses if each.course.dates}
    for line in plan.administrations:
        if not is_at_home(line) or not line.status.takes_place:
            continue
        order = line.order_line
        unsure = is_unverified(plan.protocol, order)
        says = [_("how much:")]
        if unverified_doses or not (unsure or line.provisional):
            one = at_home_words(line.product, text) if line.product else f"{figure(line.dose)} {line.unit}"
            says = [_("each time {dose}").format(dose=one) if line.per_day > 1 else one]
            says += [Evidence.UNVERIFIED.mark] if unsure else []
        if order.frequency.weekly:
            says.append(words.weekly(line.date, dates[line.course].date_of(line.day)))
        if line.per_day > 1 and len(line.times) == line.per_day:
            says += [words.hour(time, line.date) for time in line.times]
        elif line.per_day > 1 and order.frequency.text == "BID":
            says += [_("morning"), _("evening")]
        elif line.per_day > 1:
            says += [f"{number}." for number in range(1, line.per_day + 1)]
        written = plan.protocol.agents[line.agent].written
        yield AtHome(line.date, written, tuple(" ".join(said.split()) for said in says))
