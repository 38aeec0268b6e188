"""The account of a course -> the entries that a reader's calendar has of it.

A family's has what it comes to the clinic for, what is taken at home, and what pumps do; a clinic's what is done there,
each thing that has an hour by itself; a pharmacy's what is to be prepared.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from protocal.model.account import CourseDay, Dose, Share, State
from protocal.model.doses import Route
from protocal.model.plan import PUMP_STOP
from protocal.model.reader import Who
from protocal.render.family.home_doses import WeeklyDates, in_place, weekly_dates
from protocal.render.feed.days import FeedDay, Kind, Name, add_restarts, feed_day, infusions_of, named_days


def entries_of(days: Sequence[CourseDay], who: Who) -> dict[Name, FeedDay]:
    """The entries of a course, by their names, in the order of its days."""
    found = {Who.FAMILY: _of_family, Who.CLINIC: _of_clinic, Who.PHARMACY: _of_pharmacy}[who](days)
    return dict(sorted(found.items(), key=lambda named: (named[0][0], named[1].date)))


def _of_family(days: Sequence[CourseDay]) -> dict[Name, FeedDay]:
    visits = named_days(days, _visit)
    add_restarts(visits, days)
    at_home = {day.date: tuple(dose for dose in day.due if dose.at_home) for day in days}
    for name, each in visits.items():
        beside = at_home[each.date]
        visits[name] = _with_hours(each._replace(beside=beside) if beside else each)
    pumps = {name: _with_hours(each) for name, each in named_days(days, _pump, Kind.PUMP).items()}
    weekly = weekly_dates(days)
    home = {name: _home(each, weekly) for name, each in named_days(days, _by_mouth, Kind.HOME).items()}
    on_hold = dict(_on_hold(days, home))
    _add_what_may_go_on(home, days)
    return {**visits, **home, **pumps, **infusions_of(days), **on_hold}


def _of_clinic(days: Sequence[CourseDay]) -> dict[Name, FeedDay]:
    whole = named_days(days, _in_clinic)
    add_restarts(whole, days)
    found = {name: run for name, each in infusions_of(days).items() if (run := _without_visits(each))}
    long = {dose.line.id for each in found.values() for dose in each.given}
    numbers: dict[tuple[int, str], int] = {}
    for name, each in whole.items():
        short = each._replace(given=tuple(dose for dose in each.given if dose.line.id not in long))
        found |= dict(_timed(short, numbers))
        rest = short._replace(
            events=tuple(event for event in each.events if not event.at),
            given=tuple(dose for dose in short.given if not _has_an_hour(dose)),
            bags=(),
            restarts=(),
        )
        if rest.events or rest.given:
            found[name] = rest
    return {**found, **dict(_gate(days))}


def _without_visits(run: FeedDay) -> FeedDay | None:
    """An infusion without its restarts under supervision, which are entries of their own."""
    at_home = tuple(again for again in run.restarts if not again.supervised)
    return run._replace(restarts=at_home) if run.given or at_home else None


def _of_pharmacy(days: Sequence[CourseDay]) -> dict[Name, FeedDay]:
    pumps = {name: each for name, each in infusions_of(days).items() if each.is_pump}
    return {**named_days(days, _prepared), **pumps}


# --- what of a day's shares a reader has


def _visit(day: CourseDay) -> Iterator[Share]:
    """What a family comes to the clinic for."""
    for share in _in_clinic(day):
        yield share._replace(events=tuple(each for each in share.events if each.kind != PUMP_STOP), bags=())


def _by_mouth(day: CourseDay) -> Iterator[Share]:
    """What is taken at home, and what would be, were it not held or left out."""
    found: dict[int, list[Dose]] = {}
    for dose in day.doses:
        if dose.at_home and (dose.line.status.takes_place or dose.state in _LEFT):
            found.setdefault(dose.line.day, []).append(dose)
    for number, doses in found.items():
        yield Share(number, doses[0].planned, tuple(doses), (), ())


def _pump(day: CourseDay) -> Iterator[Share]:
    """A new bag, and the pump's stop; its first bag is hung with its start, which is a visit."""
    for share in day.shares:
        bags = tuple(bag for bag in share.bags if bag.why != "first")
        stops = tuple(each for each in share.events if each.kind == PUMP_STOP)
        yield share._replace(doses=(), events=stops, bags=bags)


def _in_clinic(day: CourseDay) -> Iterator[Share]:
    for share in day.shares:
        yield share._replace(doses=tuple(dose for dose in share.doses if not dose.at_home and not _goes_on(dose)))


def _prepared(day: CourseDay) -> Iterator[Share]:
    for share in day.shares:
        yield share._replace(doses=tuple(dose for dose in share.doses if not _goes_on(dose)), events=())


def _goes_on(dose: Dose) -> bool:
    """Whether it is a later day of a continuous infusion, which is an entry of its own."""
    return dose.line.route is Route.CIV and not dose.starts_pump


# --- hours


def _with_hours(day: FeedDay) -> FeedDay:
    """The same from its first hour to its last, where all that it has is on the clock of its date."""
    known: list[datetime | None] = [
        *(event.at for event in day.events),
        *(again.at for again in day.restarts),
        *(bag.bag.at for bag in day.bags),
        *(hour for dose in day.given for hour in (dose.line.times or (None,))),
    ]
    hours = [hour for hour in known if hour]
    if not hours or len(hours) < len(known) or any(hour.date() != day.date for hour in hours):
        return day
    return day._replace(begins=min(hours), ends=max(hours))


def _has_an_hour(dose: Dose) -> bool:
    """Whether it is an entry at its own hour: it is given once on its date, at a recorded hour."""
    return len(dose.line.times) == 1 and dose.line.per_day == 1


def _timed(day: FeedDay, numbers: dict[tuple[int, str], int]) -> Iterator[tuple[Name, FeedDay]]:
    """Each thing of a day in the clinic that has an hour.

    `numbers` counts the events of a kind that a day of the course has, on whatever dates they are.
    """
    bare = day._replace(kind=Kind.TIMED, given=(), events=(), bags=(), restarts=(), fatal=(), overnight=False)

    def entry(part: str, begins: datetime, minutes: int = 0) -> FeedDay:
        ends = (begins.astimezone(UTC) + timedelta(minutes=minutes)).astimezone(begins.tzinfo)  # though clocks change
        name = f"{part}+{Kind.TIMED.value}"
        return bare._replace(part=name, date=begins.date(), begins=begins, ends=ends)

    for event in day.events:
        if event.at:
            numbers[day.number, event.kind] = number = numbers.get((day.number, event.kind), 0) + 1
            found = entry(f"{event.kind}/{number}", event.at)._replace(events=(event,))
            yield (day.number, found.part), found
    for dose in day.given:
        if _has_an_hour(dose):
            over = dose.line.order_line.over
            found = entry(dose.line.id.in_course, dose.line.times[0], over.least if over else 0)
            yield (day.number, found.part), found._replace(given=(dose,), fatal=day.fatal)
    for again in day.restarts:
        found = entry(f"{again.key}/restart-{again.number}", again.at)
        yield (again.day, found.part), found._replace(number=again.day, restarts=(again,))
    for bag in day.bags:
        found = entry(f"{bag.key}/bag-{bag.number}", bag.bag.at)._replace(bags=(bag,))
        yield (day.number, found.part), found


# --- what is held, and what must be before a course


_LEFT = (State.HELD, State.OMITTED)


def _home(day: FeedDay, weekly: WeeklyDates) -> FeedDay:
    """What is taken at home apart from what is held or left out, and which of it is in a weekly dose's place."""
    given = tuple(dose for dose in day.given if dose.state not in _LEFT)
    instead = frozenset(str(dose.line.id) for dose in given if in_place(weekly, dose.line)) if weekly else frozenset()
    if len(given) == len(day.given) and not instead:
        return day
    left = tuple(dose for dose in day.given if dose.state in _LEFT)
    return day._replace(given=given, left=left, instead=instead)


def _on_hold(days: Sequence[CourseDay], home: dict[Name, FeedDay]) -> Iterator[tuple[Name, FeedDay]]:
    """The dates of a hold or a wait on which no entry says so yet, and those on which a pump stands still.

    A hold has dates and no days of its course: an entry is named by the line of the log, and as the first of its dates.
    """
    agents = tuple(dict.fromkeys(dose.line.agent for day in days for dose in day.doses if dose.at_home))
    said = {each.date for each in home.values()}
    stops = {stop.at: stop for day in days for stop in day.stops}
    counts: dict[int, int] = {}

    def name_of(line: int) -> Name:
        counts[line] = count = counts.get(line, 0) + 1
        return 0, f"{line}/{count}+{Kind.HELD.value}"

    for day in days:
        if pause := day.held or day.wait:
            name = name_of(pause.line)
            going = {each.line.agent for each in day.goes_on}  # nobody is told to leave out a rescue
            on_hold = tuple(agent for agent in agents if agent not in going)
            if day.date not in said and not day.due and (on_hold or not going):
                yield name, feed_day(day, name)._replace(kind=Kind.HELD, on_hold=on_hold)
        if day.still and (stop := stops.get(day.still)):
            name = name_of(stop.line)
            yield name, feed_day(day, name)._replace(kind=Kind.HELD, stop=stop)


def _add_what_may_go_on(home: dict[Name, FeedDay], days: Sequence[CourseDay]) -> None:
    """Doses at home that the plan no longer has, and that go on unless a level has ended them: on each of their dates.

    What has nothing beside it is named as its dose would be, so that it stays the same entry once the plan has that.
    """
    for day in days:
        orders = [each for each in day.may_go_on if each.line.at_home]
        if not orders:
            continue
        agents = tuple(dict.fromkeys(each.line.agent for each in orders))
        if beside := next((name for name, each in home.items() if each.date == day.date), None):
            home[beside] = home[beside]._replace(may_go_on=agents)
            continue
        last, late = orders[0].line, orders[0].late
        name = (last.day + late, f"+{Kind.HOME.value}")
        if name in home:  # of a dose that was moved
            name = (last.day, f"{last.id.in_course}/after-{late}+{Kind.HOME.value}")
        home[name] = feed_day(day, name)._replace(kind=Kind.HOME, may_go_on=agents)


def _gate(days: Sequence[CourseDay]) -> Iterator[tuple[Name, FeedDay]]:
    """What must be before a course may start, on the first of its dates."""
    for day in days[:1]:
        if day.course.definition.may_start:
            name = (day.course.definition.first_day, f"+{Kind.GATE.value}")
            yield name, feed_day(day, name)._replace(kind=Kind.GATE, fatal=())
