"""Plan -> problems with drugs that are repeated: their start and their stop stand on paper in words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import groupby

from protocal.check.rule import dates_text, entry_of, named, place, warning
from protocal.model.doses import Route
from protocal.model.entries import Adjusted
from protocal.model.facts import Adjustment
from protocal.model.plan import Administration, Plan, Status
from protocal.model.problems import Problem
from protocal.model.settings import Settings
from protocal.text.format import figure, paper_date

_FULL = 100


def order_without_stop(plan: Plan, _settings: Settings) -> Iterator[Problem]:
    """S13: an order that goes on until a level has cleared has no stop to print before that is recorded."""
    lines: dict[tuple[str, str], list[Administration]] = defaultdict(list)
    for each in plan.given:
        if each.order_line.until_clear and not _has_cleared(plan, each):
            lines[each.course, each.key].append(each)
    for doses in lines.values():
        first, last = doses[0], doses[-1]
        agent = plan.protocol.agents[first.order_line.until_clear].written
        yield warning(
            "S13",
            f"{named(plan, first)} starts on {paper_date(first.date)} and goes on until {agent} has cleared: no stop"
            f" can be printed; it is planned to {paper_date(last.date)}",
            first.order_line.where,
            "Give it until the level has cleared, and record that level.",
        )


def _has_cleared(plan: Plan, each: Administration) -> bool:
    """Whether the record has the level that ends an open order."""
    agent = each.order_line.until_clear
    return any(level.course == each.course and level.agent == agent for level in plan.facts.clearings)


def adjustment_without_stop(plan: Plan, _settings: Settings) -> Iterator[Problem]:
    """S13: a dose that is adjusted until further notice has no stop to print while the drug is still due."""
    due: dict[Adjustment, list[Administration]] = defaultdict(list)
    for each in plan.given:
        if each.route is not Route.IT and each.status is not Status.GIVEN:
            adjustments = plan.facts.traits.adjustments
            holds = next((adjustment for adjustment in adjustments if adjustment.holds(each.agent, each.date)), None)
            if holds and holds.last is None and holds.percent != _FULL:
                due[holds].append(each)
    for adjustment, lines in due.items():
        entry = entry_of(plan, Adjusted, agent=adjustment.agent, date=adjustment.first, to=None)
        yield warning(
            "S13",
            f"{plan.protocol.agents[adjustment.agent].written} is at {figure(adjustment.percent)} % of its full dose"
            f" from {paper_date(adjustment.first)} until further notice: no stop can be printed; it is due to"
            f" {paper_date(lines[-1].date)}",
            place(entry),
            "Record until when, or from when the full dose is given again.",
        )


def pulse_cut_by_the_end(plan: Plan, _settings: Settings) -> Iterator[Problem]:
    """S13: a pulse of days that the end of therapy cuts stops on another day than the definition says."""
    for each in plan.courses:
        dates = each.course.dates
        if not (dates and dates.cut and each.course.cycle and plan.facts.failed is None and plan.facts.stopped is None):
            continue
        last = (each.course.definition.length or 0) + dates.first - 1
        for order in dict.fromkeys(line.order_line for line in each.administrations):
            planned = {line.day: line for line in each.administrations if line.order_line is order}
            for run in _runs(order.days.fixed):
                there = [day for day in run if day in planned]
                if 0 < len(there) < len(run) and run[-1] < last:
                    line = planned[there[-1]]
                    yield warning(
                        "S13",
                        f"{named(plan, line)} is given on {len(there)} of the {len(run)} days of its pulse: the end of"
                        f" therapy, {paper_date(dates.last_day)}, cuts it",
                        order.where,
                        "Ask the prescriber: omit what is left of it, or record another end of therapy.",
                    )


def _runs(days: tuple[int, ...]) -> Iterator[list[int]]:
    """Consecutive days, where there are several."""
    for _offset, group in groupby(enumerate(days), key=lambda pair: pair[1] - pair[0]):
        run = [day for _index, day in group]
        if len(run) > 1:
            yield run


def dose_past_its_course(plan: Plan, _settings: Settings) -> Iterator[Problem]:
    """S13: what goes on past its course's last day, as a series in a dose's place may, is shown and never cut."""
    for each in plan.courses:
        dates = each.course.dates
        late: dict[tuple[str, str], list[Administration]] = defaultdict(list)
        for line in each.administrations:
            if dates and line.status.takes_place and line.date > dates.last_day:
                if line.order_line.frequency.continuous:
                    continue  # its hours until the end of therapy stopped its pump
                late[line.key, line.agent].append(line)
        for lines in late.values():
            yield warning(
                "S13",
                f"{named(plan, lines[0])} goes on past {each.course.title}, whose last day is"
                f" {paper_date(dates.last_day if dates else lines[0].date)}: {dates_text(line.date for line in lines)}",
                lines[0].order_line.where,
                "Give it to its end; look at the course after it for days on which both are due.",
            )
