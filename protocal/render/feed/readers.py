"""The account of a course -> the entries that a reader's calendar has of it.

A family's has what it comes to the clinic for, what is taken at home, and what pumps do; a clinic's what is done there,
each thing that has an hour by itself; a pharmacy's what is to be prepared.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from protocal.model.account import CourseDay, Dose, Share, State
from protocal.model.doses import Route
from protocal.model.plan import PUMP_STOP
from protocal.model.reader import Who
from protocal.render.family.home_doses import in_place, weekly_dates
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
        visits[name] = _with_hours(each._replace(beside=at_home[each.date]))
    pumps = {name: _with_hours(each) for name, each in named_days(days, _pump, Kind.PUMP).items()}
    home = named_days(days, _home, Kind.HOME)
    _say_what_is_left(home, days)
    return {**visits, **home, **pumps, **infusions_of(days), **dict(_on_hold(days, home))}


def _of_clinic(days: Sequence[CourseDay]) -> dict[Name, FeedDay]:
    whole = named_days(days, _in_clinic)
    add_restarts(whole, days)
    found = infusions_of(days)
    long = {dose.line.id for each in found.values() for dose in each.given}
    for name, each in whole.items():
        short = each._replace(given=tuple(dose for dose in each.given if dose.line.id not in long))
        timed = dict(_timed(short))
        found |= timed
        rest = short._replace(
            events=tuple(event for event in each.events if not event.at),
            given=tuple(dose for dose in short.given if not _has_an_hour(dose)),
            bags=(),
            restarts=(),
        )
        if rest.events or rest.given or (each.overnight and not timed):
            found[name] = rest
    return {**found, **dict(_gate(days))}


def _of_pharmacy(days: Sequence[CourseDay]) -> dict[Name, FeedDay]:
    pumps = {
        name: each
        for name, each in infusions_of(days).items()
        if each.restarts or any(dose.line.route is Route.CIV for dose in each.given)
    }
    return {**named_days(days, _prepared), **pumps}


# --- what of a day's share a reader has


def _visit(share: Share) -> Share:
    """What a family comes to the clinic for."""
    doses = tuple(dose for dose in share.doses if not dose.at_home and not _goes_on(dose))
    return share._replace(doses=doses, events=tuple(each for each in share.events if each.kind != PUMP_STOP), bags=())


def _home(share: Share) -> Share:
    return share._replace(doses=tuple(dose for dose in share.doses if dose.at_home), events=(), bags=())


def _pump(share: Share) -> Share:
    """A new bag, and the pump's stop; its first bag is hung with its start, which is a visit."""
    bags = tuple(bag for bag in share.bags if bag.why != "first")
    return share._replace(doses=(), events=tuple(each for each in share.events if each.kind == PUMP_STOP), bags=bags)


def _in_clinic(share: Share) -> Share:
    return share._replace(doses=tuple(dose for dose in share.doses if not dose.at_home and not _goes_on(dose)))


def _prepared(share: Share) -> Share:
    return share._replace(doses=tuple(dose for dose in share.doses if not _goes_on(dose)), events=())


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


def _timed(day: FeedDay) -> Iterator[tuple[Name, FeedDay]]:
    """Each thing of a day in the clinic that has an hour."""
    bare = day._replace(kind=Kind.TIMED, given=(), events=(), bags=(), restarts=(), fatal=(), overnight=False)

    def entry(part: str, begins: datetime, minutes: int = 0) -> FeedDay:
        ends = begins + timedelta(minutes=minutes)
        name = f"{part}+{Kind.TIMED.value}"
        return bare._replace(part=name, date=begins.date(), begins=begins, ends=ends)

    numbers: dict[str, int] = {}
    for event in day.events:
        if event.at:
            numbers[event.kind] = number = numbers.get(event.kind, 0) + 1
            found = entry(f"{event.kind}/{number}", event.at)._replace(events=(event,))
            yield (day.number, found.part), found
    for dose in day.given:
        if _has_an_hour(dose):
            over = dose.line.order_line.over
            found = entry(dose.line.id.in_course, dose.line.times[0], over.least if over else 0)
            yield (day.number, found.part), found._replace(given=(dose,), fatal=day.fatal)
    for bag in day.bags:
        found = entry(f"{bag.key}/bag-{bag.number}", bag.bag.at)._replace(bags=(bag,))
        yield (day.number, found.part), found
    for again in day.restarts:
        found = entry(f"{again.key}/restart-{again.number}", again.at)._replace(restarts=(again,))
        yield (day.number, found.part), found


# --- what is held, and what must be before a course


def _say_what_is_left(home: dict[Name, FeedDay], days: Sequence[CourseDay]) -> None:
    """Doses at home that are held or left out, on the day that would have them, and those in a weekly one's place."""
    weekly = weekly_dates(days)
    for day in days:
        for dose in day.doses:
            if dose.at_home and dose.state in (State.HELD, State.OMITTED):
                name = (dose.line.day, f"+{Kind.HOME.value}")
                if name in home and home[name].date != day.date:  # what else the day has is on another date
                    name = (dose.line.day, f"{dose.line.id.in_course}+{Kind.HOME.value}")
                entry = home.get(name) or feed_day(day, name)._replace(kind=Kind.HOME)
                home[name] = entry._replace(left=(*entry.left, dose))
    for name, each in home.items():
        instead = frozenset(str(dose.line.id) for dose in each.given if in_place(weekly, dose.line))
        home[name] = each._replace(instead=instead) if instead else each


def _on_hold(days: Sequence[CourseDay], home: dict[Name, FeedDay]) -> Iterator[tuple[Name, FeedDay]]:
    """The dates of a hold or a wait on which no entry says so yet; a hold has dates and no days of its course."""
    agents = tuple(dict.fromkeys(dose.line.agent for day in days for dose in day.doses if dose.at_home))
    said = {each.date for each in home.values()}
    counts: dict[int, int] = {}
    for day in days:
        pause = day.held or day.wait
        if pause:
            counts[pause.line] = count = counts.get(pause.line, 0) + 1
            if day.date not in said and not day.due:
                name = (0, f"{pause.line}/{count}+{Kind.HELD.value}")
                yield name, feed_day(day, name)._replace(kind=Kind.HELD, on_hold=agents)


def _gate(days: Sequence[CourseDay]) -> Iterator[tuple[Name, FeedDay]]:
    """What must be before a course may start, on the first of its dates."""
    for day in days[:1]:
        if day.course.definition.may_start:
            name = (day.course.definition.first_day, f"+{Kind.GATE.value}")
            yield name, feed_day(day, name)._replace(kind=Kind.GATE)
