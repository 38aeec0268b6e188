"""Plan -> problems with days: too soon after itself, together with what it must not meet, or not run through."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from itertools import groupby, pairwise
from zoneinfo import ZoneInfo

from protocal.check.rule import begins_on, dates_text, error, intrathecal_days, named, place, start_of, warning
from protocal.model.agent import InterruptionRule
from protocal.model.doses import Route
from protocal.model.facts import Pause
from protocal.model.plan import Administration, Plan, Status
from protocal.model.problems import Problem
from protocal.model.reasons import reason_text
from protocal.model.settings import Settings
from protocal.text.format import paper_date
from protocal.text.message import say

_WEEK = 7
_TOLD = (Status.MOVED, Status.GIVEN)  # the record gives the date


def weekly_drug_twice_a_week(plan: Plan, _settings: Settings) -> Iterator[Problem]:
    """S4: an oral drug that is written weekly is given once in seven days.

    All its oral lines count, on their actual dates; only a line that is not weekly may repeat within itself.
    """
    oral: dict[str, list[Administration]] = defaultdict(list)
    for each in plan.given:
        if each.route is Route.PO:
            oral[each.agent].append(each)
    for lines in oral.values():
        for first, second in pairwise(lines):
            days = (second.date - first.date).days
            weekly = next((each for each in (first, second) if each.order_line.frequency.weekly), None)
            if weekly and days < _WEEK:
                yield error(
                    "S4",
                    say(
                        "{weekly} is weekly by mouth, but {first} on {date} and {second} on {later} are {days} days"
                        " apart",
                        weekly=named(plan, weekly),
                        first=named(plan, first),
                        date=first.date,
                        second=named(plan, second),
                        later=second.date,
                        days=days,
                    ),
                    second.order_line.where,
                    say("Leave at least {days} days between the two, or omit one.", days=_WEEK),
                )


def oral_dose_on_an_intrathecal_day(plan: Plan, _settings: Settings) -> Iterator[Problem]:
    """S5: an oral drug is not given on a day on which the same drug goes into the spinal fluid."""
    intrathecal = intrathecal_days(plan)
    for each in plan.given:
        if each.route is Route.PO and (other := intrathecal.get(each.date, {}).get(each.agent)):
            yield error(
                "S5",
                say(
                    "{drug} by mouth on a day of intrathecal {other}: {date}",
                    drug=named(plan, each),
                    other=other,
                    date=each.date,
                ),
                each.order_line.where,
                say("Omit the oral dose of {date} ({id}).", date=each.date, id=each.id),
            )


def interval_too_short(plan: Plan, _settings: Settings) -> Iterator[Problem]:
    """S14: no dose comes sooner after the one before it than its agent allows."""
    doses: dict[str, list[Administration]] = defaultdict(list)
    for each in plan.given:
        doses[each.agent].append(each)
    for agent, lines in doses.items():
        least = plan.protocol.agents[agent].minimum_interval
        for first, second in pairwise(lines) if least else ():
            days = (second.date - first.date).days
            if least and days < least:
                yield error(
                    "S14",
                    say(
                        "{second} on {later} comes {days} days after {first} on {date}; at least {least} days are asked"
                        " for",
                        second=named(plan, second),
                        later=second.date,
                        days=days,
                        first=named(plan, first),
                        date=first.date,
                        least=least,
                    ),
                    second.order_line.where,
                    say("Give it on or after {days} days, or give the reason.", days=least),
                )


def interval_shorter_than_written(plan: Plan, _settings: Settings) -> Iterator[Problem]:
    """S14: two doses of a line are as far apart as the definition has them, also where one was moved.

    Below its agent's own minimum it is an error already, which says more.
    """
    lines: dict[tuple[str, str, str], list[Administration]] = defaultdict(list)
    for each in plan.administrations:
        lines[each.course, each.key, each.agent].append(each)
    found: dict[tuple[str, ...], tuple[Administration, str, list[str]]] = {}
    for (course, key, agent), doses in lines.items():
        least = plan.protocol.agents[agent].minimum_interval or 0
        for first, second, written in _steps(plan, doses):
            days = (begins_on(plan, second) - begins_on(plan, first)).days
            if least <= days < written and any(each.status in _TOLD for each in (first, second)):
                apart = f"{_on(plan, first)} and {_on(plan, second)} are {_days(days)} apart; the definition has"
                names = found.setdefault((course, key, apart), (second, f"{apart} {_days(written)} between them", []))
                names[2].append(plan.protocol.agents[agent].written)
    for (course, key, _apart), (second, says, agents) in found.items():
        yield warning(
            "S14",
            f"{', '.join(agents)} ({course}/{key}): {says}",
            second.order_line.where,
            "Move the next dose too, or confirm the shorter interval.",
        )


def _steps(plan: Plan, doses: list[Administration]) -> Iterator[tuple[Administration, Administration, int]]:
    """Doses that follow each other on the calendar, with the fewest days that the definition has between them."""
    days = sorted({each.day for each in doses})
    taken = sorted((each for each in doses if each.status.takes_place), key=lambda each: begins_on(plan, each))
    for first, second in pairwise(taken):
        low, high = sorted((days.index(first.day), days.index(second.day)))
        steps = [later - earlier for earlier, later in pairwise(days[low : high + 1])]
        if steps:  # none between two doses of one day
            yield first, second, min(steps)


def _on(plan: Plan, each: Administration) -> str:
    """`day 8 on Tue 08-Dec-2026 (moved from Mon 07-Dec-2026: bed free)`."""
    told = reason_text(each.reason) or each.status.value if each.status is not Status.DUE else ""
    return f"day {each.day} on {paper_date(begins_on(plan, each))}{f' ({told})' if told else ''}"


def _days(number: int) -> str:
    return "1 day" if number == 1 else f"{number} days"


def course_before_the_last_one_is_over(plan: Plan, _settings: Settings) -> Iterator[Problem]:
    """S14: a course that starts before the one before it is over needs a reason; with one it is only shown."""
    for before, after in pairwise(each.course for each in plan.courses):
        if not (before.dates and after.dates and after.dates.day1 <= before.dates.last_day):
            continue
        start = start_of(plan, after.id)
        reason = start.why if start else ""
        yield (warning if reason else error)(
            "S14",
            _overlap(after.title, after.dates.day1, before.title, before.dates.last_day, reason),
            place(start),
            say("What is left of {course} is still planned: check both.", course=before.title)
            if reason
            else say("Correct the start, or give its reason (--reason, in the record 'why')."),
        )


def _overlap(after: str, day1: date, before: str, last_day: date, reason: str) -> str:
    said = say(
        "{after} starts on {day1}, but {before} runs to {last}", after=after, day1=day1, before=before, last=last_day
    )
    return say("{overlap} (reason: {reason})", overlap=said, reason=reason) if reason else said


def _infusions(plan: Plan) -> Iterator[list[Administration]]:
    """What is given continuously, line by line."""
    lines = sorted(
        (each for each in plan.given if each.route is Route.CIV),
        key=lambda each: (each.agent, each.course, each.key, each.date),
    )
    for _line, group in groupby(lines, key=lambda each: (each.agent, each.course, each.key)):
        yield list(group)


def infusion_not_whole(plan: Plan, _settings: Settings) -> Iterator[Problem]:
    """S20: a continuous infusion that ends before its last day, because its course does, is a prescriber's decision."""
    standing_still = {course for course, _agent, _rule, _pause in _stops(plan)}
    for lines in _infusions(plan):
        if lines[0].course in standing_still:
            continue
        days, whole = {each.date for each in lines}, len(lines[0].order_line.days.fixed)
        if len(days) < whole:
            yield warning(
                "S20",
                f"{named(plan, lines[0])} runs for {len(days)} of {whole} days, from {paper_date(min(days))} to"
                f" {paper_date(max(days))}",
                lines[0].order_line.where,
                "A prescriber decides whether and how it goes on: a stop of 4 h or more is a supervised restart.",
            )


def infusion_stands_still(plan: Plan, _settings: Settings) -> Iterator[Problem]:
    """S20: after a stop without a resume nothing is planned; after one that is too long, a prescriber decides."""
    for course, agent, rule, pause in _stops(plan):
        title = next(each.course.title for each in plan.courses if each.course.id == course)
        drug = plan.protocol.agents[agent].written
        entry = plan.record.log[pause.number - 1]
        zone = ZoneInfo(plan.record.timezone)
        since = pause.stop.astimezone(zone)
        stop = f"{drug} in {title} stopped on {paper_date(since.date())} {since:%H:%M}"
        if pause.resume is None:
            yield warning(
                "S20",
                f"{stop} and no resume is recorded: nothing more of it is planned, and the courses after it stay put",
                entry.where,
                "Record the resume with its dose, or ask the prescriber.",
            )
        elif rule.is_too_long(pause.resume - pause.stop):
            until = pause.resume.astimezone(zone)
            yield error(
                "S20",
                f"{stop} and was resumed on {paper_date(until.date())} {until:%H:%M}, after more than"
                f" {rule.longest_days} days: nothing more of it is planned",
                entry.where,
                "A prescriber decides: a new cycle, or none. Nothing is planned unasked.",
            )


def _stops(plan: Plan) -> Iterator[tuple[str, str, InterruptionRule, Pause]]:
    """The stops after which an infusion did not go on: its course, its agent and that one's rule, and the stop."""
    for each in plan.courses:
        orders = [order for order in each.course.definition.orders if order.frequency.continuous]
        for order in orders:
            rule = plan.protocol.of(each.course.id).agents[order.agents[0]].interruptions
            for pause in plan.facts.pauses:
                if pause.course == each.course.id and (
                    pause.resume is None or rule.is_too_long(pause.resume - pause.stop)
                ):
                    yield each.course.id, order.agents[0], rule, pause


def infusion_twice(plan: Plan, _settings: Settings) -> Iterator[Problem]:
    """S20: no continuous infusion runs beside another one of the same drug."""
    running: dict[tuple[str, date], Administration] = {}
    for lines in _infusions(plan):
        both = [(running[key], each) for each in lines if (key := (each.agent, each.date)) in running]
        if both:
            first, second = both[0]
            yield error(
                "S20",
                say(
                    "{first} and {second} run at the same time: {dates}",
                    first=named(plan, first),
                    second=named(plan, second),
                    dates=dates_text(each.date for _other, each in both),
                ),
                second.order_line.where,
                say("Correct the start of one of the two courses."),
            )
        running |= {(each.agent, each.date): each for each in lines}
