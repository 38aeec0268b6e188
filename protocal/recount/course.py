"""A dated course and what the log says of it -> its doses, one for each order and day."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from protocal.recount.dose import by_rule, four_places, in_table, rhythm, rounded, rounding_rule, surface, tightest_cap
from protocal.recount.route import ONE, Course, Files, Pump, agents_of, holds_when, later, orders_in, over, run_pump
from protocal.recount.values import WEEKDAYS, Counted, Line, Record, at_key, day, day_numbers, listed, number


@dataclass(frozen=True)
class Ward:
    """All that the doses of a course hang on: the files, the courses before, and what is counted of it already."""

    files: Files
    record: Record
    course: Course
    orders: list[Line]  # whose conditions hold
    done: dict[str, list[Counted]] = field(default_factory=dict)

    def anchor(self, order: Line) -> tuple[timedelta, Counted | None]:
        """`48 h after mtx-hd` -> the hours and that order's first dose; none if timed by nothing, or before another."""
        found = re.fullmatch(r"(\d+) h after (\S+)", str(order.get("first dose", "")))
        doses = self.done.get(found[2], []) if found else []
        return timedelta(hours=int(found[1])) if found else timedelta(), doses[0] if doses else None

    def cleared(self, order: Line) -> datetime | None:
        """When the agent had cleared until which an order goes on."""
        of_course = [line for line in self.record.of("clear") if line["course"] == self.course.id]
        of_agent = [line["at"] for line in of_course if f"{line['agent']} cleared" == order.get("until")]
        return min(map(self.record.instant, of_agent), default=None)

    def is_open(self, order: Line) -> bool:
        """Whether the order goes on until a level has cleared, and that by which it is timed was given."""
        anchor = self.anchor(order)[1]
        return bool(order.get("until") and anchor and anchor.state == "given")


def doses_of_course(files: Files, course: Course, before: list[Course]) -> list[Counted]:
    """Every dose of a dated course; nothing of what is cancelled."""
    if course.day1 is None:
        return []
    orders = [each for each in orders_in(files, course) if holds_when(each.get("when"), files, course, before)]
    ward = Ward(files.of(course.id), files.record, course, orders)
    for order in sorted(orders, key=lambda each: "after" in str(each.get("first dose"))):
        ward.done[order["key"]] = doses_of_order(ward, order)
    return [each for doses in ward.done.values() for dose in doses for each in with_substitutes(ward, dose)]


def doses_of_order(ward: Ward, order: Line) -> list[Counted]:
    """The doses of one order on the dates of its days, each agent by itself."""
    days = days_of_order(ward, order)
    pump = pump_of(ward, order, days)
    counted = []
    for each, on in days.items():
        for agent in agents_of(order):
            ident = f"{ward.course.id}/{order['key']}/{each}" + (f"/{agent}" if "agents" in order else "")
            move, ran = move_of(ward, ident, order), pump.days.get(each)
            due = ran.on if ran else day(move["date"]) if move else on
            dose = one_dose(ward, order, ident, each, agent, due, len(days))
            if ran:
                hours = (ran.hour,) if ran.hour else ()
                dose = replace(dose, hours=hours, dose=ran.dose or dose.dose, state="held" if ran.held else "due")
            kept = as_recorded(ward, order, by_clock(ward, order, dose, days))
            counted += [kept] if kept else []
    return counted + (before_restarts(ward, order, counted[0], len(days)) if counted else [])


def pump_of(ward: Ward, order: Line, days: Mapping[int, date]) -> Pump:
    """How an order's infusion ran; of any other order nothing."""
    if order["frequency"] != "continuous":
        return Pump({})
    return run_pump(ward.record, ward.course.id, order["key"], days, ward.files.agents[order["agent"]])


def days_of_order(ward: Ward, order: Line) -> dict[int, date]:
    """The days of an order that its course has, with their dates; an open rescue goes on to the course's last day."""
    text, dates = days_text(ward, order), ward.course.dates
    numbers = [each for each in day_numbers(text, max(dates)) if each in dates]
    if "weekdays" in text:
        found = re.search(r"first (\d+)", text)
        seen = {each: seen_on(ward, order, each) for each in numbers}
        working = [each for each in numbers if ward.files.is_working(dates[each], seen[each])]
        numbers = working[: int(found[1]) if found else None]
    days = {each: dates[each] for each in numbers}
    wait, anchor = ward.anchor(order)
    if anchor and days:
        midnight = datetime.combine(anchor.date, time(), ward.record.zone)
        on = later(anchor.hours[0] if anchor.hours else midnight, wait).date()
        days = {each: on + (each - min(days)) * ONE for each in days}
        until = ward.cleared(order)  # or at the least so far does an open rescue go on
        end = max(ward.course.whole, max(days.values()) + 3 * ONE, until.date() if until else date.min)
        while ward.is_open(order) and max(days.values()) < end:
            days[max(days) + 1] = max(days.values()) + ONE
    return days


def days_text(ward: Ward, order: Line) -> str:
    """The days of an order as they are written for its course."""
    return str(at_key(order["days"], ward.course.name) or "")


def seen_on(ward: Ward, order: Line, each: int) -> date:
    """The date of a day's dose, by whose settings it is a working day: where it was given or moved, else its own."""
    ident = f"{ward.course.id}/{order['key']}/{each}"
    lines = [line for line in ward.record.of("give", "move") if f"{line['id']}/".startswith(f"{ident}/")]
    return day(lines[-1]["date"]) if lines and len(ward.files.sites) > 1 else ward.course.dates[each]


def shared_cap(ward: Ward, order: Line, caps: str, on: date) -> Decimal | None:
    """The most for one dose on a date where several settings gave an order several sets of days.

    What the earlier ones meant for the days before is taken off a cap for the course; the days left share the rest.
    """
    text, dates, per_day = days_text(ward, order), ward.course.dates, rhythm(order["frequency"])[0]
    starts = [since for since, _site in ward.files.sites]
    starts = [each for place, each in enumerate(starts) if each < min(starts[place + 1 :], default=date.max)]
    gone, before, cap = Decimal(0), list[date](), Decimal(0)
    most = next(number(each.split(" ")[0]) for each in re.split(r",\s+", caps) if each.endswith("/course"))
    for place, start in enumerate(each for each in starts if each <= on):
        seen = starts[place + 1] - ONE if place + 1 < len(starts) else date.max
        days = [dates[each] for each in day_numbers(text, max(dates)) if each in dates]
        days = [each for each in days if ward.files.is_working(each, seen)]
        left = [each for each in days if each >= start]
        if days != before:
            cap = most / len(days) if days else most
            cap = min(cap, max(most - gone, Decimal(0)) / len(left)) if left and len(left) < len(days) else cap
        gone += (most - gone) * sum(each <= seen for each in left) / len(left) if left else 0
        before = days
    others = ", ".join(each for each in re.split(r",\s+", caps) if not each.endswith("/course"))
    return min(each for each in (cap / per_day, tightest_cap(others, per_day, 1)) if each is not None)


def by_clock(ward: Ward, order: Line, dose: Counted, days: Mapping[int, date]) -> Counted:
    """A dose that is timed by another: its hours, moved where that was moved, and none after its agent has cleared."""
    (wait, anchor), (per_day, apart) = ward.anchor(order), rhythm(order["frequency"])
    if not anchor:
        return dose
    if anchor.state != "given" and dose.state == "due" and move_of(ward, anchor.id, {}):
        dose = replace(dose, state="moved")
    if anchor.hours and apart:
        first = later(anchor.hours[0], wait + (int(dose.id.split("/")[2]) - min(days)) * ONE)
        hours = tuple(later(first, timedelta(hours=apart * each)) for each in range(per_day))
        dose = replace(dose, date=first.date(), hours=hours)
    cleared = ward.cleared(order)
    if not cleared:
        return dose
    left = tuple(each for each in dose.hours if each < cleared)
    planned = int(dose.id.split("/")[2]) in day_numbers(str(at_key(order["days"], ward.course.name)), 1)
    if dose.hours and not left and planned:
        return replace(dose, hours=(), state="omitted")  # it is not needed
    return replace(dose, hours=left, per_day=len(left) if dose.hours else dose.per_day * (dose.date <= cleared.date()))


def measures(ward: Ward, on: date) -> tuple[Decimal, Decimal]:
    """Weight in kg and surface in m2: measured last on or before Day 1, or worked out again from a day on."""
    by_date = {day(line["date"]): line for line in ward.record.of("measure")}  # a later line corrects
    day1 = ward.course.day1 or on
    best = by_date[max((each for each in by_date if each <= day1), default=min(by_date))]
    end = min(on, ward.course.last).isoformat()
    again = [line for line in by_date.values() if day1.isoformat() <= line.get("again", "") <= end]
    best = max(again, key=lambda line: (line["again"], line["date"])) if again else best
    weight = number(best["weight"])
    return weight, surface(number(best["height"]), weight)


def one_dose(ward: Ward, order: Line, ident: str, each: int, agent: str, on: date, count: int) -> Counted:
    """One agent of an order on one of its days, of which there are so many."""
    per_day, route = rhythm(order["frequency"])[0], str(order["route"]).split(" ")[0]
    caps = str(order.get("max", ""))
    cap = tightest_cap(caps, per_day, count * per_day)
    if cap is not None and len(ward.files.sites) > 1 and "/course" in caps and "weekdays" in days_text(ward, order):
        cap = shared_cap(ward, order, caps, on)
    dose = figure(ward, str(at_key(order["dose"], str(each))), agent, route, on, per_day, cap)
    return Counted(ident, ward.course.id, on, agent, route, dose, ward.files.agents[agent]["unit"], per_day, (), "due")


def figure(ward: Ward, rule: str, agent: str, route: str, on: date, per_day: int, cap: Decimal | None) -> Decimal:
    """One dose by a rule such as `1.5 mg/m2` or `table NAME`, with what was adjusted and how it is rounded."""
    (weight, area), by_table = measures(ward, on), rule.startswith("table ")
    if by_table:
        dose = in_table(ward.files.protocol["tables"][rule[6:]], agent, ward.record.born, weight, on)
    else:
        dose = by_rule(rule, weight, area, per_day)
    dose = four_places(dose if cap is None else min(dose, cap))
    if route != "IT":
        adjusted = [line for line in ward.record.of("adjust") if line["agent"] == agent and day(line["date"]) <= on]
        shares = [number(line["percent"]) for line in adjusted if not line.get("to") or on <= day(line["to"])]
        dose = four_places(dose * (shares[-1] if shares else 100) / 100)
        dose = dose if cap is None else min(dose, four_places(cap))
    if (route == "IT" and by_table) or (route == "PO" and comes_in_tablets(ward, agent, on)):
        return dose
    rules, drug = ward.files.site_on(on).get("rounding") or {}, ward.files.agents[agent]
    return rounded(dose, rounding_rule(rules.get(agent), route) or rounding_rule(drug.get("rounding"), route), cap)


def comes_in_tablets(ward: Ward, agent: str, on: date) -> bool:
    """Whether doses by mouth are made of tablets or a liquid, which round by themselves: the site's, or the assumed."""
    site = ward.files.site_on(on)
    named = [site.get(key) or {} for key in ("tablets", "liquids")]
    if any(agent in each for each in named):
        return any(each.get(agent) for each in named)
    rule = (site.get("rounding") or {}).get(agent)
    return bool(ward.files.agents[agent].get("tablets")) and not (isinstance(rule, Mapping) and "PO" in rule)


def as_recorded(ward: Ward, order: Line, dose: Counted) -> Counted | None:
    """What the log says of a dose: given, left out, moved, held; None where it is cancelled."""
    record, move = ward.record, move_of(ward, dose.id, order)
    given = [line for line in record.of("give") if line["id"] == dose.id]
    if given:
        return as_given(ward, order, dose, given[-1])
    if move and dose.state == "due":
        on = day(move["date"])
        dose = replace(dose, date=on, state="moved", hours=dose.hours if dose.date == on else ())
    last, stop = ward.course.last, record.of("stop")[-1].get("at") if record.of("stop") else None
    if dose.state == "moved" and last == ward.course.whole:  # its own end is none for what is moved
        last = over(record, ward.course)
    runs = stop and order.get("frequency") == "continuous" and dose.hours and dose.hours[0] < record.instant(stop)
    if dose.per_day == 0 or (dose.date > last and not runs and not ward.is_open(order)):
        return None
    within = timedelta(hours=int(str(order.get("omit after diagnostic within", "-1 h")).split(" ")[0]))
    diagnostics = [dose.date - day(line["date"]) for line in record.of("diagnostic-it") if line["agent"] == dose.agent]
    left = any(dose.id in listed(line["ids"]) for line in record.of("omit"))
    if left or any(timedelta() <= since <= within for since in diagnostics):
        return replace(dose, state="omitted")
    move = move or (move_of(ward, at.id, {}) if (at := ward.anchor(order)[1]) else None)
    for line in record.of("hold"):
        past = day(line["date"]) + int(line["days"]) * ONE
        here = line["course"] == ward.course.id and line["rule"] == "skip" and day(line["date"]) <= dose.date < past
        before = not move or record.lines.index(move) < record.lines.index(line)  # else it was moved to a held date
        dose = replace(dose, state="held") if here and before and dose.state in ("due", "moved") else dose
    return dose


def move_of(ward: Ward, ident: str, order: Line) -> Line | None:
    """The last line that moves a dose; an intrathecal drug goes along with the others of its puncture."""
    course, key, number = ident.split("/")[:3]
    spinal = [each["key"] for each in ward.orders if each["route"] == "IT"]
    puncture = [f"{course}/{other}/{number}" for other in spinal] if key in spinal and "route" in order else []
    moves = [line for line in ward.record.of("move") if not before_anchor(ward, order, line)]
    found = [each for each in moves if each["id"] == ident or "/".join(each["id"].split("/")[:3]) in puncture]
    return found[-1] if found else None


def before_anchor(ward: Ward, order: Line, line: Line) -> bool:
    """Whether a line was written before that was given or moved by which an order is timed: what follows is later."""
    anchor = ward.anchor(order)[1]
    lines = [each for each in ward.record.of("give", "move") if anchor and each["id"] == anchor.id]
    return bool(lines) and ward.record.lines.index(lines[-1]) > ward.record.lines.index(line)


def as_given(ward: Ward, order: Line, dose: Counted, line: Line) -> Counted:
    """What is given is what the record says; hours that follow from another drug's start only if that was known."""
    hours = () if before_anchor(ward, order, line) or day(line["date"]) != dose.date else dose.hours
    if line.get("at"):
        at, apart = ward.record.instant(line["at"]), rhythm(order.get("frequency", "once"))[1]
        hours = tuple(later(at, timedelta(hours=apart * each)) for each in range(dose.per_day if apart else 1))
    amount, full = number(line["dose"]) if line.get("dose") else dose.dose, rhythm(order.get("frequency", "once"))[0]
    per_day = dose.per_day if hours else full
    return replace(dose, date=day(line["date"]), dose=amount, per_day=per_day, hours=hours, state="given")


def before_restarts(ward: Ward, order: Line, first: Counted, count: int) -> list[Counted]:
    """What is given once more before each supervised restart of the course's infusion."""
    again, end = [], over(ward.record, ward.course)  # the course's own end is none for them
    for other in ward.orders if order.get("again before") else []:
        for nth, at in pump_of(ward, other, days_of_order(ward, other)).restarts:
            dose = one_dose(ward, order, f"{first.id}/restart-{nth}", 1, first.agent, at.date(), count)
            kept = as_recorded(replace(ward, course=replace(ward.course, last=end)), order, dose)
            again += [kept] if kept else []
    return again


def with_substitutes(ward: Ward, dose: Counted) -> list[Counted]:
    """A dose that something else takes the place of is left out, and the series stands for it."""
    chosen = [line for line in ward.record.of("substitute") if line["agent"] == dose.agent]
    chosen = [line for line in chosen if day(line["date"]) <= dose.date]
    if not chosen or dose.state in ("given", "omitted") or dose.id.count("/") > 2:
        return [dose]
    rules = ward.files.agents[dose.agent]["substitutions"]
    rule = next(each for each in rules if each["key"] == chosen[-1]["product"])
    return [replace(dose, state="omitted"), *series(ward, dose, rule)]


def series(ward: Ward, dose: Counted, rule: Line) -> list[Counted]:
    """The doses that take a dose's place, on their weekdays or so many days apart; they may run past the course."""
    found = re.fullmatch(r"every (\d+) days?", rule["on"])
    weekdays = WEEKDAYS if found else listed(rule["on"])
    course, end = ward.course, over(ward.record, ward.course)
    end = min(end, course.last) if course.last < course.whole else end
    endless = replace(ward, course=replace(course, last=date.max, whole=date.max))
    agent, route, unit = rule["agent"], str(rule["route"]).split(" ")[0], ward.files.agents[rule["agent"]]["unit"]
    on, counted, nth = dose.date, [], 0
    while nth < int(rule["doses"]):
        if WEEKDAYS[on.weekday()] in weekdays:
            nth += 1
            ident, text = f"{dose.id}/{rule['key']}-{nth}", str(at_key(rule["dose"], WEEKDAYS[on.weekday()]))
            move = move_of(ward, ident, {})
            amount = figure(ward, text, agent, route, day(move["date"]) if move else on, 1, None)
            kept = as_recorded(endless, {}, Counted(ident, course.id, on, agent, route, amount, unit, 1, (), "due"))
            counted += [kept] if kept and (kept.date <= end or kept.state == "given") else []
        on += timedelta(days=int(found[1]) if found else 1)
    return counted
