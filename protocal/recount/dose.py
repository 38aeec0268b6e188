"""An order, a patient's measures and a day -> one dose in the agent's unit: the arithmetic alone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal

from protocal.recount.values import Node, anniversary, listed, number

DOSES_A_DAY = {"once": 1, "daily": 1, "weekly": 1, "continuous": 1, "BID": 2, "TID": 3, "QID": 4}
WAYS = {"nearest": ROUND_HALF_UP, "down to": ROUND_FLOOR, "up to": ROUND_CEILING}


def surface(height: Decimal, weight: Decimal) -> Decimal:
    """Height in cm, weight in kg -> m2 by Mosteller, rounded half up to 0.01."""
    return (height * weight / 3600).sqrt().quantize(Decimal("0.01"), ROUND_HALF_UP)


def rhythm(frequency: str) -> tuple[int, int]:
    """`every 6 h x 4` -> how many doses a day, and the hours between them (0 where they are not said)."""
    found = re.fullmatch(r"every (\d+) h(?: x (\d+))?", frequency)
    return (int(found[2] or 24 // int(found[1])), int(found[1])) if found else (DOSES_A_DAY[frequency], 0)


def in_table(table: Node, agent: str, born: date, weight: Decimal, on: date) -> Decimal:
    """A dose from a table by age in completed years on the date, or by weight in kg; KeyError where it has no row."""
    years = on.year - born.year - (on < anniversary(born, on.year - born.year))
    value = Decimal(years) if table["by"] == "age" else weight
    for row, doses in table["rows"].items():
        low, dash, high = row.partition("-")
        first = Decimal(0) if low.startswith("<") else number(low)
        last = high if dash else low  # `9-` has no last, `1` is its own, `<12.5` ends before
        below = value < number(last[1:]) if last.startswith("<") else not last or value <= number(last)
        if first <= value and below:
            return number(str(doses).split("/")[listed(table["columns"]).index(agent)])
    raise KeyError(agent)


def by_rule(rule: str, weight: Decimal, area: Decimal, per_day: int) -> Decimal:
    """`75 mg/m2/day` -> one dose; what is for a day is shared among the day's doses."""
    figure, _, units = rule.partition(" ")
    amount = number(figure) * (area if "/m2" in units else weight if "/kg" in units else 1)
    return amount / per_day if units.endswith("/day") else amount


def tightest_cap(caps: str, per_day: int, in_course: int) -> Decimal | None:
    """`2 mg, 60 mg/course` -> the most for one dose; None where nothing is said."""
    found: list[Decimal] = []
    for cap in [each for each in re.split(r",\s+", caps) if each]:
        doses = per_day if cap.endswith("/day") else in_course if cap.endswith("/course") else 1
        found.append(number(cap.split(" ")[0]) / doses)
    return min(found, default=None)


def four_places(amount: Decimal) -> Decimal:
    """At most four decimals, half up."""
    return amount.quantize(Decimal("0.0001"), ROUND_HALF_UP)


def rounding_rule(rules: Node, route: str) -> str:
    """A rule for all routes, or one for each; empty where none is said."""
    return str(rules.get(route, "")) if isinstance(rules, Mapping) else str(rules or "")


def rounded(dose: Decimal, rule: str, cap: Decimal | None) -> Decimal:
    """By `nearest 0.1 mg`, `down to`, `up to`, `nearest 50 mg vial within 10 %`, `within 5 %`; never above the cap."""
    share = re.search(r"within ([\d.]+) %", rule)
    if rule.startswith("within") and share:
        return _few_figures(dose, number(share[1]), cap)
    found = re.match(r"(nearest|down to|up to) ([\d.,]+) ", rule)
    if not found:
        return dose
    step = number(found[2])
    result = (dose / step).quantize(Decimal(1), WAYS[found[1]]) * step
    if cap is not None and result > cap:
        result = (cap / step).quantize(Decimal(1), ROUND_FLOOR) * step
    near = not share or abs(result - dose) * 100 <= number(share[1]) * dose
    return result if result and near else dose  # never to nothing


def _few_figures(dose: Decimal, percent: Decimal, cap: Decimal | None) -> Decimal:
    for digits in range(1, 12):
        place = Decimal(1).scaleb(dose.adjusted() - digits + 1)
        for way in (ROUND_HALF_UP, ROUND_FLOOR):
            result = (dose / place).quantize(Decimal(1), way) * place
            if result and abs(result - dose) * 100 <= percent * dose and (cap is None or result <= cap):
                return result
    return dose
