"""A course's pump hours, stops and restarts -> when each day of its infusion begins, and how much longer it runs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from protocal.recount.log import Record, instant
from protocal.recount.values import Node, number


@dataclass(frozen=True)
class Infused:
    """One day of an infusion: its date, its hour where that is known, whether it is held, the dose of a restart."""

    on: date
    hour: datetime | None = None
    held: bool = False
    dose: Decimal | None = None


@dataclass(frozen=True)
class Pump:
    """An infusion's days by their number, the hours of its supervised restarts, and the days that the course gains."""

    days: Mapping[int, Infused]
    restarts: tuple[datetime, ...] = ()
    longer: int = 0


def later(hour: datetime, by: timedelta) -> datetime:
    """So much time later, counted as it passes, on the same ward's clocks."""
    return (hour.astimezone(UTC) + by).astimezone(hour.tzinfo)


def limits(agent: Mapping[str, Node]) -> tuple[timedelta | None, timedelta | None]:
    """`up to 7 days, supervised from 4 h` -> the longest stop, and that from which a restart is supervised."""
    text = str(agent.get("interruptions", ""))
    longest, supervised = re.search(r"up to (\d+) days", text), re.search(r"supervised from (\d+) h", text)
    return (
        timedelta(days=int(longest[1])) if longest else None,
        timedelta(hours=int(supervised[1])) if supervised else None,
    )


def run_pump(record: Record, course: str, key: str, dates: Mapping[int, date], agent: Mapping[str, Node]) -> Pump:
    """The days of an order with their dates, by what the log says of its pump: hours given, stops, restarts."""
    hours = start_hours(record, course, key, dates)
    known = hours is not None
    if hours is None:
        hours = {number: datetime.combine(on, time(), record.zone) for number, on in dates.items()}
    longest, supervised = limits(agent)
    last = max(dates, default=0)
    end = later(hours[last], timedelta(days=1)) if dates else datetime.max.replace(tzinfo=record.zone)  # the pump stop
    stopped: datetime | None = None
    doses: list[tuple[datetime, Decimal]] = []
    restarts: list[datetime] = []
    for line in [each for each in record.of("interrupt", "resume") if each["course"] == course]:
        at = instant(line["at"], record.zone)
        if line["entry"] == "interrupt":
            stopped = at
            continue
        if stopped is None:
            continue
        gap = at.astimezone(UTC) - stopped.astimezone(UTC)
        if longest is not None and gap > longest:
            break
        if supervised is not None and gap >= supervised:
            restarts.append(at)
        if line.get("dose"):
            doses.append((at, number(line["dose"])))
        hours = {number: later(hour, gap) if hour >= stopped else hour for number, hour in hours.items()}
        end = later(end, gap) if end > stopped else end
        stopped = None
    days: dict[int, Infused] = {}
    for day_number, hour in hours.items():
        if stopped is not None and hour >= stopped:
            days[day_number] = Infused(dates[day_number], held=True)
            continue
        said = [dose for at, dose in doses if at <= hour]
        days[day_number] = Infused(hour.date(), hour if known else None, dose=said[-1] if said else None)
    longer = (end.date() - dates[last]).days - 1 if dates else 0
    return Pump(days, tuple(restarts), max(longer, 0))


def start_hours(record: Record, course: str, key: str, dates: Mapping[int, date]) -> dict[int, datetime] | None:
    """When each day begins, counted in whole days from the recorded hour of the first; None where none is known."""
    first = min(dates, default=0)
    lines = [line for line in record.of("give") if line["id"] == f"{course}/{key}/{first}"]
    if not lines or not lines[-1].get("at"):
        return None
    at = instant(lines[-1]["at"], record.zone)
    return {day: later(at, timedelta(days=day - first)) for day in dates}
