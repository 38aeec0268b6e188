"""An account -> what is so on each of its dates, as data: the `account` of the plan's JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from protocal.model.account import BagChange, CourseDay, Dose, Puncture, Restarted, Running, Stopped, Wait
from protocal.model.stock import Stock
from protocal.render.wording.stock import stock_data
from protocal.text.format import plain

Days = Iterable[tuple[date, tuple[CourseDay, ...]]]


def account_data(days: Days, stocks: Sequence[Stock] = ()) -> list[dict[str, Any]]:
    """A list with a member for each date, and in it one for each course that has something to say of it.

    From the day on which a drug was first dispensed to the last of which that says something, a date has its `stock`.
    """
    return [
        {
            "date": day.isoformat(),
            "courses": [_course(each) for each in courses],
            **({"stock": found} if (found := _stock(stocks, day)) else {}),
        }
        for day, courses in days
    ]


def _stock(stocks: Sequence[Stock], day: date) -> list[dict[str, Any]]:
    return [stock_data(each, day) for each in stocks if each.since <= day <= each.last]


def _course(each: CourseDay) -> dict[str, Any]:
    """Its doses and whether there is none of anything; all else only where there is something to say."""
    rest = {
        "wait": _wait(each.wait),
        "held": _wait(each.held),
        "still_since": each.still.isoformat() if each.still else None,
        "moved_away": [{"id": away.line.id, "to": away.to.isoformat()} for away in each.away],
        "punctures": [_puncture(puncture) for puncture in each.punctures],
        "running": [_running(run) for run in each.running],
        "stops": [_stop(stop) for stop in each.stops],
        "restarts": [_restart(restart) for restart in each.restarts],
        "bags": [_bag(change) for change in each.bags],
        "fatal_if_intrathecal": list(each.fatal),
        "overnight": each.overnight,
    }
    return {
        "course": each.course.id,
        "day": each.number,
        "no_treatment": each.no_treatment,
        "doses": [_dose(dose) for dose in each.doses],
        **{name: value for name, value in rest.items() if value},
    }


def _dose(dose: Dose) -> dict[str, Any]:
    return {
        "id": dose.line.id,
        "state": dose.state.value,
        "planned": dose.planned.isoformat(),
        "at_home": dose.at_home,
        **({"awaits": dose.awaits} if dose.awaits else {}),
    }


def _wait(wait: Wait | None) -> dict[str, Any] | None:
    return {"line": wait.line, "reason": wait.why} if wait else None


def _puncture(puncture: Puncture) -> dict[str, Any]:
    return {"day": puncture.event.day, "doses": [dose.line.id for dose in puncture.doses]}


def _running(run: Running) -> dict[str, Any]:
    until = run.until.isoformat() if run.until else None
    return {"id": run.line.id, "since": run.since.isoformat(), "until": until}


def _stop(stop: Stopped) -> dict[str, Any]:
    return {"at": stop.at.isoformat(), "agent": stop.agent, "line": stop.line, "reason": stop.why}


def _restart(restart: Restarted) -> dict[str, Any]:
    return {
        "at": restart.at.isoformat(),
        "agent": restart.agent,
        "supervised": restart.supervised,
        "dose": None if restart.dose is None else plain(restart.dose),
        "unit": restart.unit,
    }


def _bag(change: BagChange) -> dict[str, Any]:
    return {
        "at": change.bag.at.isoformat(),
        "agent": change.agent,
        "order": change.key,
        "why": change.why,
        "number": change.number,
        "of": change.total,
        "hours": change.bag.hours,
        "amount": plain(change.bag.amount),
        "unit": change.unit,
    }
