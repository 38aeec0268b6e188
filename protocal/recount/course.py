"""A dated course and what the log says of it -> its doses, one for each order and day."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from protocal.recount.dose import by_rule, four_places, in_table, rhythm, rounded, rounding_rule, surface, tightest_cap
from protocal.recount.infusion import Pump, later, run_pump
from protocal.recount.log import day, instant
from protocal.recount.route import ONE, Course, Files, agents_of, arm_of, holds_when, over
from protocal.recount.values import WEEKDAYS, Counted, Node, at_day, at_key, day_numbers, listed, number


@dataclass(frozen=True)
class Ward:
    """All that the doses of a course hang on: the files, the courses before, and what is counted of it already."""

    files: Files
    course: Course
    before: list[Course]
    done: dict[str, list[Counted]] = field(default_factory=dict)


def doses_of_course(ward: Ward) -> list[Counted]:
    """Every dose of a dated course; nothing of what is cancelled."""
    if ward.course.day1 is None:
        return []
    orders = orders_of(ward)
    timed = [order for order in orders if "after" in str(order.get("first dose"))]
    for order in [each for each in orders if each not in timed] + timed:
        ward.done[order["key"]] = doses_of_order(ward, order)
    return [each for doses in ward.done.values() for dose in doses for each in with_substitutes(ward, dose)]


def orders_of(ward: Ward) -> list[Mapping[str, Node]]:
    """The orders of the course whose conditions hold."""
    orders = ward.files.courses[ward.course.name].get("orders", [])
    arm = arm_of(ward.files.record)
    return [each for each in orders if holds_when(each.get("when"), ward.files, arm, ward.course, ward.before)]


def doses_of_order(ward: Ward, order: Mapping[str, Node]) -> list[Counted]:
    """The doses of one order on the dates of its days, each agent by itself."""
    days = days_of_order(ward, order)
    pump = Pump({})
    if order["frequency"] == "continuous":
        pump = run_pump(ward.files.record, ward.course.id, order["key"], days, ward.files.agents[agents_of(order)[0]])
    counted = []
    for each, on in days.items():
        for agent in agents_of(order):
            ident = f"{ward.course.id}/{order['key']}/{each}" + (f"/{agent}" if "agents" in order else "")
            on = pump.days[each].on if each in pump.days else moved_to(ward, ident, order, on)
            dose = one_dose(ward, order, ident, (each, agent, on), len(days))
            if each in pump.days:
                dose = on_pump(dose, pump, each)
            dose = by_clock(ward, order, dose, days)
            kept = as_recorded(ward, order, dose)
            if kept:
                counted.append(kept)
    return counted + before_restarts(ward, order, counted)


def on_pump(dose: Counted, pump: Pump, each: int) -> Counted:
    """A day of an infusion at the pump's own hour."""
    infused = pump.days[each]
    return replace(
        dose,
        date=infused.on,
        hours=(infused.hour,) if infused.hour else (),
        dose=infused.dose or dose.dose,
        state="held" if infused.held else dose.state,
    )


def days_of_order(ward: Ward, order: Mapping[str, Node]) -> dict[int, date]:
    """The days of an order that its course has, with their dates; an open rescue goes on to the course's last day."""
    text = str(at_key(order["days"], ward.course.name) or "")
    dates = ward.course.dates
    numbers = [each for each in day_numbers(text, max(dates)) if each in dates]
    if "weekdays" in text:
        numbers = [each for each in numbers if dates[each].weekday() < 5 and dates[each] not in ward.files.closed]
        found = re.search(r"first (\d+)", text)
        numbers = numbers[: int(found[1])] if found else numbers
    days = {each: dates[each] for each in numbers}
    start = anchor_start(ward, order)
    if start and days:
        first = min(days)
        on = later(start, anchor_of(order)[0]).date()
        days = {each: on + timedelta(days=each - first) for each in days}
        end = max(ward.course.whole, max(days.values()) + 3 * ONE)  # at the least so far does an open rescue go on
        while order.get("until") and given_anchor(ward, order) and max(days.values()) < end:
            days[max(days) + 1] = max(days.values()) + ONE
    return days


def anchor_of(order: Mapping[str, Node]) -> tuple[timedelta, str]:
    """`48 h after mtx-hd` -> the hours and the order's key; no key where it is timed by nothing, or before another."""
    found = re.fullmatch(r"(\d+) h after (\S+)", str(order.get("first dose", "")))
    return (timedelta(hours=int(found[1])), found[2]) if found else (timedelta(), "")


def given_anchor(ward: Ward, order: Mapping[str, Node]) -> bool:
    """Whether that by which this order is timed was given, its first dose."""
    return any(each.state == "given" for each in ward.done.get(anchor_of(order)[1], [])[:1])


def anchor_start(ward: Ward, order: Mapping[str, Node]) -> datetime | None:
    """When that began by which this order is timed, at midnight where no hour is known; None where there is none."""
    before = ward.done.get(anchor_of(order)[1], [])
    if not before:
        return None
    midnight = datetime.combine(before[0].date, time(), ward.files.record.zone)
    return before[0].hours[0] if before[0].hours else midnight


def by_clock(ward: Ward, order: Mapping[str, Node], dose: Counted, days: Mapping[int, date]) -> Counted:
    """A dose that is timed by another: its hours, moved where that was moved, and none after its agent has cleared."""
    (wait, key), (per_day, apart) = anchor_of(order), rhythm(order["frequency"])
    before = ward.done.get(key, [])
    if not before:
        return dose
    if before[0].state != "given" and dose.state == "due" and move_of(ward, before[0].id, {}):
        dose = replace(dose, state="moved")
    if before[0].hours and apart:
        first = later(before[0].hours[0], wait + (dose.date - min(days.values())))
        dose = replace(dose, hours=tuple(later(first, timedelta(hours=apart * each)) for each in range(per_day)))
    cleared = cleared_at(ward, order)
    if cleared and dose.hours:
        left = tuple(each for each in dose.hours if each < cleared)
        if not left and int(dose.id.split("/")[2]) in day_numbers(str(at_key(order["days"], ward.course.name)), 1):
            return replace(dose, hours=(), state="omitted")  # it was planned, and is not needed
        return replace(dose, hours=left, per_day=len(left))
    return replace(dose, per_day=0) if cleared and dose.date > cleared.date() else dose


def cleared_at(ward: Ward, order: Mapping[str, Node]) -> datetime | None:
    """When the agent had cleared on which an order's end hangs."""
    agent = str(order.get("until", "")).removesuffix(" cleared")
    lines = [
        line for line in ward.files.record.of("clear") if line["course"] == ward.course.id and line["agent"] == agent
    ]
    return min((instant(line["at"], ward.files.record.zone) for line in lines), default=None)


def measures(ward: Ward, on: date) -> tuple[Decimal, Decimal]:
    """Weight in kg and surface in m2: measured last on or before Day 1, or worked out again from a day on."""
    lines = list({line["date"]: line for line in ward.files.record.of("measure")}.values())  # a later one corrects
    day1 = ward.course.day1 or on
    known = [line for line in lines if day(line["date"]) <= day1]
    known = known or [min(lines, key=lambda line: day(line["date"]))]
    best = max(known, key=lambda line: day(line["date"]))
    end = min(on, ward.course.last)
    again = [line for line in lines if line.get("again") and day1 <= day(line["again"]) <= end]
    best = sorted(again, key=lambda line: day(line["again"]))[-1] if again else best
    weight = number(best["weight"])
    return weight, surface(number(best["height"]), weight)


def one_dose(ward: Ward, order: Mapping[str, Node], ident: str, what: tuple[int, str, date], count: int) -> Counted:
    """One agent of an order on one of its days: by table or by calculation, capped, a share of it, rounded."""
    each, agent, on = what
    per_day, _apart = rhythm(order["frequency"])
    drug = ward.files.agents[agent]
    route = str(order["route"]).split(" ")[0]
    cap = tightest_cap(str(order.get("max", "")), per_day, count * per_day)
    rule = str(at_day(order["dose"], each))
    dose = figure(ward, rule, (agent, route, on), per_day, cap)
    return Counted(ident, ward.course.id, on, agent, route, dose, drug["unit"], per_day, (), "due")


def figure(ward: Ward, rule: str, what: tuple[str, str, date], per_day: int, cap: Decimal | None) -> Decimal:
    """One dose by a rule such as `1.5 mg/m2` or `table NAME`, with what was adjusted and how it is rounded."""
    agent, route, on = what
    weight, area = measures(ward, on)
    by_table = rule.startswith("table ")
    if by_table:
        table = ward.files.protocol["tables"][rule.removeprefix("table ")]
        dose = in_table(table, agent, ward.files.record.born, weight, on)
    else:
        dose = by_rule(rule, weight, area, per_day)
    dose = four_places(dose if cap is None else min(dose, cap))
    if route != "IT":
        dose = four_places(dose * percent(ward, agent, on) / 100)
        dose = dose if cap is None else min(dose, four_places(cap))
    if (route == "IT" and by_table) or (route == "PO" and comes_in_tablets(ward, agent)):
        return dose
    rules = ward.files.site.get("rounding") or {}
    how = rounding_rule(rules.get(agent), route) or rounding_rule(ward.files.agents[agent].get("rounding"), route)
    return rounded(dose, how, cap)


def comes_in_tablets(ward: Ward, agent: str) -> bool:
    """Whether doses by mouth are made of tablets or a liquid, which round by themselves: the site's, or the assumed."""
    site = ward.files.site
    tablets = site.get("tablets") or {}
    if agent in (site.get("liquids") or {}) or agent in tablets:
        return bool((site.get("liquids") or {}).get(agent) or tablets.get(agent))
    rule = (site.get("rounding") or {}).get(agent)
    return bool(ward.files.agents[agent].get("tablets")) and not (isinstance(rule, Mapping) and "PO" in rule)


def percent(ward: Ward, agent: str, on: date) -> Decimal:
    """The share of the full dose that holds on a date: what was said last."""
    share = Decimal(100)
    for line in ward.files.record.of("adjust"):
        if line["agent"] == agent and day(line["date"]) <= on and (not line.get("to") or on <= day(line["to"])):
            share = number(line["percent"])
    return share


def as_recorded(ward: Ward, order: Mapping[str, Node], dose: Counted) -> Counted | None:
    """What the log says of a dose: given, left out, moved, held; None where it is cancelled."""
    given = [line for line in ward.files.record.of("give") if line["id"] == dose.id]
    if given:
        return as_given(ward, order, dose, given[-1])
    lines, move = ward.files.record.lines, move_of(ward, dose.id, order)
    if move and dose.state == "due":
        dose = replace(dose, date=day(move["date"]), state="moved")
    last = ward.course.last
    if dose.state == "moved" and last == ward.course.whole:  # its own end is none for what is moved
        last = over(ward.files.record, ward.course.day1 or dose.date)
    goes_on = order.get("until") and given_anchor(ward, order)
    stopped = ward.files.record.of("stop")[-1:]
    runs = order.get("frequency") == "continuous" and dose.hours and stopped and stopped[0].get("at")
    if runs and dose.hours[0] < instant(stopped[0]["at"], ward.files.record.zone):
        last = max(last, dose.date)
    if (dose.date > last and not goes_on) or dose.per_day == 0:
        return None
    if any(dose.id in listed(line["ids"]) for line in ward.files.record.of("omit")) or by_diagnostic(ward, order, dose):
        return replace(dose, state="omitted")
    for line in ward.files.record.of("hold"):
        if move and lines.index(move) > lines.index(line):
            continue  # to a date that was held by then
        first, past = day(line["date"]), day(line["date"]) + timedelta(days=int(line["days"]))
        if line["course"] == ward.course.id and line["rule"] == "skip" and first <= dose.date < past:
            dose = replace(dose, state="held")
    return dose


def moved_to(ward: Ward, ident: str, order: Mapping[str, Node], on: date) -> date:
    """The date that a dose was moved to, or its own."""
    move = move_of(ward, ident, order)
    return day(move["date"]) if move else on


def move_of(ward: Ward, ident: str, order: Mapping[str, Node]) -> Mapping[str, Node] | None:
    """The last line that moves a dose; an intrathecal drug goes along with the others of its puncture."""
    spinal = [each["key"] for each in orders_of(ward) if each["route"] == "IT"]
    course, key, number = ident.split("/")[:3]
    puncture = [f"{course}/{other}/{number}" for other in spinal] if key in spinal and "route" in order else []
    moves = [line for line in ward.files.record.of("move") if not before_anchor(ward, order, line)]
    found = [each for each in moves if each["id"] == ident or "/".join(each["id"].split("/")[:3]) in puncture]
    return found[-1] if found else None


def before_anchor(ward: Ward, order: Mapping[str, Node], line: Mapping[str, Node]) -> bool:
    """Whether a line was written before that was given or moved by which an order is timed: what follows is later."""
    lines, anchor = ward.files.record.lines, ward.done.get(anchor_of(order)[1])
    later_ones = [each for each in lines if anchor and each["entry"] in ("give", "move") and each["id"] == anchor[0].id]
    return bool(later_ones) and lines.index(line) < lines.index(later_ones[-1])


def as_given(ward: Ward, order: Mapping[str, Node], dose: Counted, line: Mapping[str, Node]) -> Counted:
    """What is given is what the record says; hours that follow from another drug's start only if that was known."""
    hours = () if before_anchor(ward, order, line) or day(line["date"]) != dose.date else dose.hours
    if line.get("at"):
        at, (_per_day, apart) = instant(line["at"], ward.files.record.zone), rhythm(order.get("frequency", "once"))
        hours = tuple(later(at, timedelta(hours=apart * each)) for each in range(dose.per_day if apart else 1))
    figure_given = number(line["dose"]) if line.get("dose") else dose.dose
    return replace(dose, date=day(line["date"]), dose=figure_given, hours=hours, state="given")


def by_diagnostic(ward: Ward, order: Mapping[str, Node], dose: Counted) -> bool:
    """Whether the agent went in with the diagnostic lumbar puncture so shortly before that this dose is left out."""
    within = re.fullmatch(r"(\d+) h", str(order.get("omit after diagnostic within", "")))
    return bool(within) and any(
        line["agent"] == dose.agent and timedelta() <= dose.date - day(line["date"]) <= timedelta(hours=int(within[1]))
        for line in ward.files.record.of("diagnostic-it")
        if within
    )


def before_restarts(ward: Ward, order: Mapping[str, Node], doses: list[Counted]) -> list[Counted]:
    """What is given once more before each supervised restart of the course's infusion."""
    if not order.get("again before") or not doses:
        return []
    again = []
    for other in ward.files.courses[ward.course.name]["orders"]:
        if other["frequency"] != "continuous":
            continue
        days = days_of_order(ward, other)
        pump = run_pump(ward.files.record, ward.course.id, other["key"], days, ward.files.agents[other["agent"]])
        for count, at in enumerate(pump.restarts, 1):
            ident = f"{doses[0].id}/restart-{count}"
            dose = one_dose(ward, order, ident, (1, doses[0].agent, at.date()), len(doses))
            kept = as_recorded(ward, order, dose)
            again += [kept] if kept else []
    return again


def with_substitutes(ward: Ward, dose: Counted) -> list[Counted]:
    """A dose that something else takes the place of is left out, and the series stands for it."""
    chosen = [
        line
        for line in ward.files.record.of("substitute")
        if line["agent"] == dose.agent and day(line["date"]) <= dose.date
    ]
    if not chosen or dose.state == "given" or dose.id.count("/") > 2:
        return [dose]
    rules = ward.files.agents[dose.agent]["substitutions"]
    rule = next(each for each in rules if each["key"] == chosen[-1]["product"])
    if dose.state == "omitted":
        return [dose]
    return [replace(dose, state="omitted"), *series(ward, dose, rule)]


def series(ward: Ward, dose: Counted, rule: Mapping[str, Node]) -> list[Counted]:
    """The doses that take a dose's place, on their weekdays or so many days apart; they may run past the course."""
    found = re.fullmatch(r"every (\d+) days", rule["on"])
    step, weekdays = (int(found[1]), list(WEEKDAYS)) if found else (1, listed(rule["on"]))
    on, counted, nth = dose.date, [], 0
    while nth < int(rule["doses"]):
        if found or WEEKDAYS[on.weekday()] in weekdays:
            nth += 1
            agent, route = rule["agent"], str(rule["route"]).split(" ")[0]
            text = str(at_key(rule["dose"], WEEKDAYS[on.weekday()]))
            ident = f"{dose.id}/{rule['key']}-{nth}"
            amount = figure(ward, text, (agent, route, moved_to(ward, ident, {}, on)), 1, None)
            unit = ward.files.agents[agent]["unit"]
            one = Counted(ident, ward.course.id, on, agent, route, amount, unit, 1, (), "due")
            end = over(ward.files.record, ward.course.day1 or on)
            end = min(end, ward.course.last) if ward.course.last < ward.course.whole else end
            kept = as_recorded(replace(ward, course=replace(ward.course, last=date.max, whole=date.max)), {}, one)
            counted += [kept] if kept and (kept.date <= end or kept.state == "given") else []
        on += timedelta(days=step)
    return counted
