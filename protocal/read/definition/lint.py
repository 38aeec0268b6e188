"""A read definition -> problems of its meaning. Each rule is a plain function; `RULES` lists them all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from decimal import Decimal
from itertools import combinations, pairwise

from protocal.model.days import ONE_DAY, SATURDAY, DaySet
from protocal.model.doses import Amount, ByTable, Per, Route
from protocal.model.problems import Problem, Where
from protocal.model.protocol import Agent, Backing, By, Condition, Course, Event, Order, Protocol, Table
from protocal.text.format import figure, runs
from protocal.text.suggest import did_you_mean

Rule = Callable[[Protocol], Iterator[Problem]]

_A_MONDAY = date(2001, 1, 1)


def lint(protocol: Protocol) -> list[Problem]:
    """What every rule finds. Courses that share a file share their lines, so a finding is given once."""
    return list(dict.fromkeys(problem for rule in RULES for problem in rule(protocol)))


def day_beyond_course(protocol: Protocol) -> Iterator[Problem]:
    """No order after the course's last day; evaluations may stand on the day after it."""
    for course in protocol.courses.values():
        if course.length is None:
            continue
        last = course.length + course.first_day - 1
        for line in _lines(course):
            yield from _beyond(course, line, last + 1 if line in course.evaluations else last)


def _beyond(course: Course, line: Order | Event, last: int) -> Iterator[Problem]:
    low, high = (course.first_day, _latest(course, line.days)) if line.days.count else (line.days.first, line.days.last)
    if high > last or low < course.first_day:
        day = high if high > last else low
        yield Problem(
            "day-beyond-course",
            f"'{line.key}' is given on day {day}, but {course.title} runs from day {course.first_day} to {last}",
            line.where,
            "Correct the days or the course's length.",
        )


def _latest(course: Course, days: DaySet) -> int:
    """The last day that a count of weekdays can reach, whatever weekday the course starts on."""
    starts = [_A_MONDAY + number * ONE_DAY for number in range(SATURDAY if course.on_working_day else 7)]
    return max(days.numbers(start, frozenset(), course.first_day)[-1] for start in starts)


def course_without_end(protocol: Protocol) -> Iterator[Problem]:
    """A course that ends with its last treatment needs one."""
    for course in protocol.courses.values():
        if course.length is None and not course.orders and not course.procedures:
            yield Problem(
                "course-without-end",
                f"{course.title} ends with its last treatment but has none",
                course.where,
                "Give it a length or a treatment.",
            )


def unknown_agent(protocol: Protocol) -> Iterator[Problem]:
    """Every agent named is declared among the agents."""
    for name, where in _named_agents(protocol):
        if name not in protocol.agents:
            yield _unknown("unknown-agent", "agent", name, protocol.agents, where)


def _named_agents(protocol: Protocol) -> Iterator[tuple[str, Where]]:
    for _course, order in _orders(protocol):
        for agent in order.agents:
            yield agent, order.where
        if order.until_clear:
            yield order.until_clear, order.where
        if order.when.first_with:
            yield order.when.first_with, order.where
    for table in protocol.tables.values():
        for column in table.columns:
            yield column, table.where
    for declared in protocol.agents.values():
        for substitution in declared.substitutions:
            yield substitution.agent, substitution.where


def unit_that_does_not_fit(protocol: Protocol) -> Iterator[Problem]:
    """Doses, caps, tables, tablets and steps of rounding are written in the one unit of their agent."""
    for agent in protocol.agents.values():
        for unit, what, where in _units_beside(agent):
            if unit != agent.unit:
                yield Problem(
                    "unit",
                    f"{agent.id} writes its {what} in {unit}, but is dosed in {agent.unit}",
                    where,
                    f"Write it in {agent.unit}.",
                )
    for _course, order in _orders(protocol):
        for name in order.agents:
            own = protocol.agents.get(name)
            for unit, what in _units(protocol, order):
                if own and unit != own.unit:
                    yield Problem(
                        "unit",
                        f"'{order.key}' writes its {what} in {unit}, but {own.id} is dosed in {own.unit}",
                        order.where,
                        f"Write it in {own.unit}.",
                    )


def _units_beside(agent: Agent) -> Iterator[tuple[str, str, Where]]:
    """The units that an agent's own lines are written in."""
    for _route, rule in agent.rounding:
        if rule.unit:
            yield rule.unit, "rounding", agent.where
    if agent.tablets:
        yield agent.tablet_unit, "tablets", agent.where
    for label in agent.label_doses:
        yield label.dose.unit, "label dose", label.where


def _units(protocol: Protocol, order: Order) -> Iterator[tuple[str, str]]:
    for rule in order.doses:
        if isinstance(rule.dose, Amount):
            yield rule.dose.unit, "dose"
        elif rule.dose.table in protocol.tables:
            yield protocol.tables[rule.dose.table].unit, "table"
    for cap in order.caps:
        yield cap.unit, "cap"


def missing_cap(protocol: Protocol) -> Iterator[Problem]:
    """An agent that demands a cap has one, for a dose or a day, on every order by size of the body."""
    for _course, order in _orders(protocol):
        by_size = any(isinstance(rule.dose, Amount) and rule.dose.per is not Per.FLAT for rule in order.doses)
        for agent in _agents(protocol, order):
            if agent.cap_required and by_size and all(cap.a_course for cap in order.caps):
                yield Problem(
                    "missing-cap",
                    f"'{order.key}' has no cap, and {agent.id} demands one",
                    order.where,
                    "Add 'max: 2 mg' with its evidence.",
                )


def cap_without_effect(protocol: Protocol) -> Iterator[Problem]:
    """No cap promises what nobody does: a table's dose is given as it stands, and an open end has no share of a cap."""
    for _course, order in _orders(protocol):
        if order.until_clear and any(cap.a_course for cap in order.caps):
            yield Problem(
                "cap-without-end",
                f"'{order.key}' has a cap for the course, but goes on until {order.until_clear} has cleared",
                order.where,
                "Write a cap for a dose or for a day.",
            )
        if order.caps and any(isinstance(rule.dose, ByTable) for rule in order.doses):
            yield Problem(
                "cap-by-table",
                f"'{order.key}' has a cap, but its doses come from a table",
                order.where,
                "Remove 'max', or write the highest dose into the table.",
            )


def route_not_allowed(protocol: Protocol) -> Iterator[Problem]:
    """No route, planned or alternative, that the agent's own list does not have."""
    for _course, order in _orders(protocol):
        for agent in _agents(protocol, order):
            for route in order.routes:
                if route not in agent.routes or (agent.only_route and route is not agent.only_route):
                    allowed = [agent.only_route] if agent.only_route else agent.routes
                    yield Problem(
                        "route",
                        f"'{order.key}': {agent.id} must not be given {route.value}",
                        order.where,
                        f"Allowed: {', '.join(each.value for each in allowed)}.",
                    )


def unreachable_course(protocol: Protocol) -> Iterator[Problem]:
    """Every course stands on some route, and every route names courses that exist."""
    reached = set()
    for arm in protocol.routes:
        for leg in arm.route:
            reached.add(leg.course)
            if leg.course not in protocol.courses:
                yield _unknown("unknown-course", "course", leg.course, protocol.courses, leg.where)
            if leg.until and leg.until.course not in protocol.courses:
                yield _unknown("unknown-course", "course", leg.until.course, protocol.courses, leg.where)
    for course in protocol.courses.values():
        if course.id not in reached:
            yield Problem(
                "unreachable-course",
                f"no arm reaches {course.title} ('{course.id}')",
                course.where,
                "Put it on a route, or remove it.",
            )


def course_twice_on_route(protocol: Protocol) -> Iterator[Problem]:
    """No route has a course twice: identities in calendars are made of its id, and of its number if it is repeated."""
    before = protocol.unassigned.route
    routes = [before, *(before + arm.route for arm in protocol.arms.values())]
    routes += [protocol.failure.route] if protocol.failure else []
    for route in routes:
        for first, second in combinations(route, 2):
            ids = {first.course, second.course}
            numbered = {id_.rpartition("-")[0] for id_ in ids if id_.rpartition("-")[2].isdigit()}
            repeats = {leg.course for leg in (first, second) if leg.until}
            if len(ids) == 1 or numbered & repeats:
                yield Problem(
                    "course-twice-on-route",
                    f"course '{second.course}' is already on this route (line {first.where.line})",
                    second.where,
                    "Give the second one an id of its own.",
                )


def route_without_start(protocol: Protocol) -> Iterator[Problem]:
    """Therapy begins with one course for everybody, and a repeat ends by the first day of a course before it."""
    before = protocol.unassigned.route
    if not before or before[0].until or before[0].when != Condition():
        yield Problem(
            "first-course",
            "the route before assignment must begin with one course, neither repeated nor under a condition",
            before[0].where if before else protocol.unassigned.where,
            "Write the id of the course that all patients begin with.",
        )
    for arm in protocol.routes:
        seen = {leg.course for leg in before} if arm is not protocol.unassigned else set()
        for leg in arm.route:
            if leg.until and leg.until.course in protocol.courses and leg.until.course not in seen:
                yield Problem(
                    "repeat-without-end",
                    f"'{leg.course}' is repeated until an anniversary of '{leg.until.course}', which is not before it",
                    leg.where,
                    f"Courses before it: {', '.join(sorted(seen)) or 'none'}.",
                )
            seen.add(leg.course)


def order_without_evidence(protocol: Protocol) -> Iterator[Problem]:
    """Every line says how well it is known and where it was read, and its sources are declared."""
    for name, backing, where in _backed(protocol):
        if not backing.parts:
            yield Problem(
                "no-evidence",
                f"{name} does not say how well it is known",
                where,
                "Add 'evidence: registry', 'published', 'corroborated' or 'unverified'.",
            )
        if not backing.sources:
            yield Problem("no-source", f"{name} names no source", where, "Add 'source:' with a key of the sources.")
        for source in backing.sources:
            if source not in protocol.sources:
                yield _unknown("unknown-source", "source", source, protocol.sources, where)


def _backed(protocol: Protocol) -> Iterator[tuple[str, Backing, Where]]:
    for arm in protocol.routes:
        yield f"the route '{arm.title}'", arm.backing, arm.where
    for table in protocol.tables.values():
        yield f"table '{table.id}'", table.backing, table.where
    for agent in protocol.agents.values():
        for substitution in agent.substitutions:
            yield f"substitution '{substitution.key}'", substitution.backing, substitution.where
        for label in agent.label_doses:
            yield f"the label's dose of {agent.id}", label.backing, label.where
        if agent.glossary:
            yield f"the glossary of {agent.id}", agent.glossary.backing, agent.where
    for course in protocol.courses.values():
        yield f"the length of {course.title}", course.backing, course.where
        if course.may_start:
            yield f"the start criterion of {course.title}", course.may_start.backing, course.where
        for line in _lines(course):
            yield f"'{line.key}'", line.backing, line.where


def table_bands(protocol: Protocol) -> Iterator[Problem]:
    """Rows of a table neither overlap nor leave out an age or a weight that may come; each has every column."""
    for table in protocol.tables.values():
        for band in table.bands:
            if len(band.values) != len(table.columns):
                yield Problem(
                    "table-row",
                    f"row '{band.text}' has {len(band.values)} doses for {len(table.columns)} columns",
                    band.where,
                    f"Write one for each of {', '.join(table.columns)}.",
                )
        by_age = table.by is By.AGE
        yield from _rows_by_age(protocol, table) if by_age else _rows_by_weight(table)
        if table.bands and all(band.high is not None for band in table.bands):
            yield Problem(
                "table-hole",
                f"table '{table.id}' has no open last row",
                table.where,
                f"Patients grow during therapy: let the last row be open, as in '{'9-' if by_age else '20-'}'.",
            )


def _rows_by_age(protocol: Protocol, table: Table) -> Iterator[Problem]:
    low, high = protocol.ages
    ages = range(low, max([high, *(int(band.low) for band in table.bands)]) + 1)
    for first, second in combinations(table.bands, 2):
        if both := [age for age in range(ages.stop) if first.holds(age) and second.holds(age)]:
            yield Problem(
                "overlapping-bands",
                f"age {runs(both)} is in rows '{first.text}' and '{second.text}'",
                second.where,
                "Let each age stand in one row.",
            )
    if holes := [age for age in ages if table.band(age) is None]:
        yield Problem(
            "table-hole",
            f"table '{table.id}' has no row for age {runs(holes)}",
            table.where,
            f"The protocol takes ages {low} to {high}: add a row.",
        )


def _rows_by_weight(table: Table) -> Iterator[Problem]:
    """Rows begin at 0 kg, and each goes on where the one before it ends."""
    bands = sorted(table.bands, key=lambda band: band.low)
    for first, second in combinations(bands, 2):
        if first.high is None or second.low < first.high:
            yield Problem(
                "overlapping-bands",
                f"{figure(second.low)} kg is in rows '{first.text}' and '{second.text}'",
                second.where,
                "Let each weight stand in one row.",
            )
    covered = Decimal(0)
    for band in bands:
        if band.low > covered:
            yield Problem(
                "table-hole",
                f"table '{table.id}' has no row from {figure(covered)} to under {figure(band.low)} kg",
                table.where,
                "Let each row begin where the one before it ends, and the first at 0, as in '<10'.",
            )
        covered = max(covered, band.high if band.high is not None else band.low)


def tables_used(protocol: Protocol) -> Iterator[Problem]:
    """A table that an order names exists and has a column for each of its agents."""
    for _course, order in _orders(protocol):
        for rule in order.doses:
            if not isinstance(rule.dose, ByTable):
                continue
            table = protocol.tables.get(rule.dose.table)
            if table is None:
                yield _unknown("unknown-table", "table", rule.dose.table, protocol.tables, order.where)
                continue
            for agent in order.agents:
                if agent not in table.columns:
                    yield Problem(
                        "table-column",
                        f"table '{table.id}' has no column for {agent}",
                        order.where,
                        f"It has {', '.join(table.columns)}.",
                    )


def dose_by_day(protocol: Protocol) -> Iterator[Problem]:
    """Doses that differ by day cover every day of the order once."""
    for _course, order in _orders(protocol):
        if any(rule.days is None for rule in order.doses):
            continue
        if order.days.count:
            yield Problem(
                "dose-by-day",
                f"'{order.key}' has doses by day, but its days are a count of weekdays",
                order.where,
                "Write the days out, or one dose for all of them.",
            )
        for day in order.days.fixed:
            count = sum(day in rule.days.fixed for rule in order.doses if rule.days)
            if count != 1:
                yield Problem(
                    "dose-by-day",
                    f"'{order.key}' has {count} doses for day {day}",
                    order.where,
                    "Let every day of the order have one dose.",
                )


def what_is_at_hand(protocol: Protocol) -> Iterator[Problem]:
    """Tablets are of drugs by mouth; a rule of rounding is for a way in that the agent has, and that has no tablets."""
    for agent in protocol.agents.values():
        routes = [route for route, _rule in agent.rounding if route]
        if agent.tablets and Route.PO not in agent.routes:
            yield Problem(
                "tablets",
                f"{agent.id} has tablets, but no order may give it by mouth",
                agent.where,
                "Remove 'tablets', or add PO to its routes.",
            )
        if agent.tablets and Route.PO in routes:
            yield Problem(
                "tablets",
                f"{agent.id} by mouth has tablets and a rule of rounding, and only one of them can be followed",
                agent.where,
                "Keep one of them.",
            )
        for route in routes:
            if route not in agent.routes:
                yield Problem(
                    "rounding",
                    f"{agent.id} has a rule of rounding for {route.value}, which it is never given by",
                    agent.where,
                    f"Allowed: {', '.join(each.value for each in agent.routes)}.",
                )


def several_agents_by_table(protocol: Protocol) -> Iterator[Problem]:
    """Agents given together take their doses from a table, which has a column for each."""
    for _course, order in _orders(protocol):
        if order.has_parts and any(isinstance(rule.dose, Amount) for rule in order.doses):
            yield Problem(
                "several-agents",
                f"'{order.key}' gives one dose to several agents",
                order.where,
                "Give each its own order, or take the doses from a table.",
            )


def key_twice(protocol: Protocol) -> Iterator[Problem]:
    """A key names one line of a course: identities in calendars are made of it."""
    for course in protocol.courses.values():
        seen: dict[str, Where] = {}
        for line in _lines(course):
            if line.key in seen:
                yield Problem(
                    "key-twice",
                    f"key '{line.key}' is already taken in line {seen[line.key].line}",
                    line.where,
                    "Give this line a key of its own.",
                )
            seen.setdefault(line.key, line.where)
        for order in course.orders:
            if len(set(order.agents)) < len(order.agents):
                yield Problem(
                    "key-twice", f"'{order.key}' names an agent twice", order.where, "Let each agent stand once."
                )


def clock_of_first_dose(protocol: Protocol) -> Iterator[Problem]:
    """A first dose that is timed by another order names one of the same course, and falls on its day."""
    for course in protocol.courses.values():
        orders = {order.key: order for order in course.orders}
        for order in course.orders:
            if order.until_clear and not order.first_dose:
                yield Problem(
                    "clock",
                    f"'{order.key}' ends when {order.until_clear} has cleared but says not from when",
                    order.where,
                    "Add 'first dose: 48 h after ORDER'.",
                )
            if not order.first_dose:
                continue
            anchor = orders.get(order.first_dose.order)
            if anchor is None or anchor is order:
                others = (key for key in orders if key != order.key)
                yield _unknown("unknown-order", "other order here", order.first_dose.order, others, order.where)
                continue
            days = order.first_dose.span.least // (24 * 60)
            expected = anchor.days.first + (-days if order.first_dose.before else days)
            if order.days.first != expected:
                yield Problem(
                    "clock",
                    f"'{order.key}' starts on day {order.days.first}, but {order.first_dose.text} is day {expected}",
                    order.where,
                    "Correct the days or the clock.",
                )


def condition_values(protocol: Protocol) -> Iterator[Problem]:
    """Conditions name values that the protocol has."""
    known: dict[str, Iterable[str]] = {
        "arm": protocol.arms,
        "cns": protocol.cns,
        "risk": protocol.risk,
        "sex": ("female", "male"),
    }
    for when, where in _conditions(protocol):
        for name, values in known.items():
            for value in getattr(when, name):
                if value not in values:
                    yield _unknown("unknown-condition", name, value, values, where)
    for arm in protocol.arms.values():
        for risk in arm.risk:
            if risk not in protocol.risk:
                yield _unknown("unknown-condition", "risk", risk, protocol.risk, arm.where)


def _conditions(protocol: Protocol) -> Iterator[tuple[Condition, Where]]:
    for course in protocol.courses.values():
        for line in _lines(course):
            yield line.when, line.where
    for arm in protocol.routes:
        for leg in arm.route:
            yield leg.when, leg.where


def unknown_kind(protocol: Protocol) -> Iterator[Problem]:
    """Every procedure and evaluation has a printed title, those that orders bring with them included."""
    for course in protocol.courses.values():
        for event in (*course.procedures, *course.evaluations):
            if event.kind not in protocol.kinds:
                yield _unknown("unknown-kind", "kind", event.kind, protocol.kinds, event.where)
        for order in course.orders:
            kind = {Route.IT: "lumbar-puncture", Route.CIV: "pump-stop"}.get(order.route)
            if kind and kind not in protocol.kinds:
                yield _unknown("unknown-kind", "kind", kind, protocol.kinds, order.where)


def continuous_by_vein(protocol: Protocol) -> Iterator[Problem]:
    """A drug that runs without a stop is given CIV, on days without a gap, and nothing else is."""
    for _course, order in _orders(protocol):
        if order.frequency.continuous != (order.route is Route.CIV):
            yield Problem(
                "continuous",
                f"'{order.key}': frequency 'continuous' and route CIV go together",
                order.where,
                "Write both or neither.",
            )
        days = order.days.fixed
        working = order.days.count or any(term.working for term in order.days.terms)
        if order.frequency.continuous and (working or days[-1] - days[0] + 1 != len(days)):
            yield Problem(
                "continuous",
                f"'{order.key}' is continuous but its days have a gap",
                order.where,
                "Write one run of days, or two orders.",
            )


def weekly_days(protocol: Protocol) -> Iterator[Problem]:
    """A weekly drug is never planned twice within seven days (rule S4)."""
    for _course, order in _orders(protocol):
        days = order.days.fixed
        near = order.days.count > 1 or any(later - day < 7 for day, later in pairwise(days))
        if order.frequency.weekly and near:
            yield Problem(
                "weekly",
                f"'{order.key}' is weekly, but two of its days are less than 7 days apart",
                order.where,
                "Correct the days or the frequency.",
            )


RULES: tuple[Rule, ...] = (
    day_beyond_course,
    course_without_end,
    unknown_agent,
    unit_that_does_not_fit,
    missing_cap,
    cap_without_effect,
    route_not_allowed,
    unreachable_course,
    course_twice_on_route,
    route_without_start,
    order_without_evidence,
    table_bands,
    tables_used,
    dose_by_day,
    what_is_at_hand,
    several_agents_by_table,
    key_twice,
    clock_of_first_dose,
    condition_values,
    unknown_kind,
    continuous_by_vein,
    weekly_days,
)


def _orders(protocol: Protocol) -> Iterator[tuple[Course, Order]]:
    for course in protocol.courses.values():
        for order in course.orders:
            yield course, order


def _lines(course: Course) -> tuple[Order | Event, ...]:
    return (*course.orders, *course.procedures, *course.evaluations)


def _agents(protocol: Protocol, order: Order) -> list[Agent]:
    return [protocol.agents[name] for name in order.agents if name in protocol.agents]


def _unknown(code: str, what: str, name: str, known: Iterable[str], where: Where) -> Problem:
    return Problem(code, f"no {what} is called '{name}'", where, did_you_mean(name, known))
