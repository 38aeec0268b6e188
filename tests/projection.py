"""What each document says of a plan's doses, and what it leaves out: its projection of the account, in one place.

| document | doses | left out |
|---|---|---|
| JSON | all | nothing |
| CSV | all | hours; that one is open (it stands as due) |
| plan in the terminal | all | hours; the dose of one that is not given |
| a day's list | those that take place on the day, and what runs on into it | hours |
| the same in the terminal | the same, or their bags; no dose of what runs on | hours but of bags; states but open |
| feeds | see `feed_projection.py` | |
| family's pages | those by mouth at home that take place; by S28 no figure that is unsure | hours, tablets |
| roadmap | all; the intrathecal ones in their own block, those of an open rescue far ahead in one line a day | hours |

What was taken home of a drug and until when it is enough stands in

| document | on which dates | left out |
|---|---|---|
| JSON | all from the first dispensing to the last that it says something of | nothing |
| a day's list | beside each dose at home of the drug, from the first dispensing on | nothing |
| family's pages | the months from the last dispensing to that date; by S28 only the former, no date | what is left |

Each reader takes a document as it was written and gives rows; it shares nothing with what wrote it.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from protocal.model.account import Account, State


class Row(NamedTuple):
    """A dose as a document says it; None for what the document leaves out."""

    date: str
    drug: str
    route: str
    dose: str | None
    per_day: int | None
    times: tuple[str, ...] | None
    state: str | None


Rows = Counter[Row]


def account_rows(account: Account) -> Iterator[Row]:
    """Every dose of an account."""
    for day, courses in account.days.items():
        for dose in (dose for each in courses for dose in each.doses):
            line = dose.line
            times = tuple(time.isoformat() for time in line.times)
            yield Row(
                day.isoformat(), line.agent, line.route.value, figure(line.dose), line.per_day, times, dose.state.value
            )


def date_rows(account: Account, on: date) -> Iterator[Row]:
    """Those of one date, and what runs on into it; of that no dose, which would be counted twice."""
    yield from (row for row in account_rows(account) if row.date == on.isoformat())
    for run in (run for each in account.on(on) for run in each.running):
        yield Row(on.isoformat(), run.line.agent, run.line.route.value, None, None, None, RUNS_ON)


def figure(value: Decimal | str) -> str:
    """One spelling of a figure, whatever zeros or commas it came with."""
    return f"{Decimal(str(value).replace(',', '')).normalize():f}"


RUNS_ON = "runs on"


def takes_place(row: Row) -> bool:
    """Whether it is given, or is to be."""
    return row.state not in (State.HELD.value, State.OMITTED.value)


# --- JSON


def json_rows(text: str) -> Rows:
    """The administrations, each with its state from the account of its date."""
    document = json.loads(text)
    states = {
        (day["date"], dose["id"]): dose["state"]
        for day in document["account"]
        for each in day["courses"]
        for dose in each["doses"]
    }
    return Counter(
        Row(
            each["date"], each["agent"], each["route"], figure(each["dose"]), each["per_day"],
            tuple(each["times"]), states[each["date"], each["id"]],
        )
        for each in document["administrations"]
    )  # fmt: skip


# --- CSV


def csv_projection(rows: Iterable[Row]) -> Rows:
    """No hours; one that is open is due."""
    return Counter(row._replace(times=None, state="due" if row.state == "open" else row.state) for row in rows)


def csv_rows(data: bytes) -> Rows:
    """Rows with a way in; the rest are events."""
    found = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    return Counter(
        Row(
            each["date"],
            each["agent"],
            each["route"],
            figure(each["dose"]) if each["dose"] else None,
            int(each["per_day"]) if each["per_day"] else None,
            None,
            each["status"],
        )
        for each in found
        if each["route"]
    )


# --- the plan in the terminal

MONTHS = {
    "en": ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
    "es": ["ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic"],
    "fr": ["janv", "févr", "mars", "avr", "mai", "juin", "juil", "août", "sept", "oct", "nov", "déc"],
}
_DATE = re.compile(r"(\d\d)-(\w{3,4})-(\d{4})")
_STATES = ("given", "moved", "held", "omitted", "open", RUNS_ON)


def iso_date(text: str, language: str = "en") -> str:
    """`Tue 05-Jan-2027` as 2027-01-05."""
    found = _DATE.search(text)
    assert found, text
    return f"{found[3]}-{MONTHS[language].index(found[2]) + 1:02}-{found[1]}"


def terminal_projection(rows: Iterable[Row], written: dict[str, str]) -> Rows:
    """Names as they are written, no hours, and no dose of what is not given."""
    return Counter(
        row._replace(drug=written[row.drug], times=None)
        if takes_place(row)
        else row._replace(drug=written[row.drug], times=None, dose=None, per_day=None)
        for row in rows
    )


def terminal_rows(text: str) -> Rows:
    """The rows of all tables, each with its lines, by the places of the columns."""
    return Counter(_terminal_row(cells) for cells in _cells(text) if cells[3])


def _cells(text: str) -> Iterator[list[str]]:
    starts: list[int] = []
    row: list[str] = []
    for line in text.splitlines():
        if line.startswith("Date "):
            starts = [line.index(name) for name in ("Date", "Day", "What", "Route", "Dose")]
            continue
        ends = [*starts[1:], len(line)]
        parts = [line[start:end].rstrip() for start, end in zip(starts, ends, strict=False)]
        if parts and _DATE.fullmatch(parts[0].strip()[4:]):
            if row:
                yield row
            row = parts
        elif row and line.strip() and not parts[0].strip():
            row = [f"{old}\n{new.strip()}" if new.strip() else old for old, new in zip(row, parts, strict=True)]
        elif row:
            yield row
            row = []
            starts = []
    if row:
        yield row


def _terminal_row(cells: list[str]) -> Row:
    on, _day, what, route, said = cells
    drug = " ".join(what.partition(":")[0].split())
    lines = [line.strip(" \N{BLACK UP-POINTING TRIANGLE}\N{WHITE UP-POINTING TRIANGLE}") for line in said.splitlines()]
    state = next((word for line in lines for word in _STATES if re.match(rf"{word}\b", line)), "due")
    if state in ("held", "omitted", RUNS_ON):
        return Row(iso_date(on), drug, route, None, None, None, state)
    dose = re.match(r"([\d,.]+) \S+", lines[0])
    assert dose, said
    often = re.search(r"(\d+) times a day", lines[0])
    return Row(iso_date(on), drug, route, figure(dose[1].rstrip(",")), int(often[1]) if often else 1, None, state)


# --- a day's list


def day_projection(account: Account) -> dict[str, Rows]:
    """What takes place on each date, and what runs on into it; no hours."""
    found: dict[str, Rows] = {day.isoformat(): Counter() for day in account.days}
    for row in account_rows(account):
        if takes_place(row):
            found[row.date][row._replace(times=None)] += 1
    for day, courses in account.days.items():
        for run in (run for each in courses for run in each.running):
            line, on = run.line, day.isoformat()
            row = Row(on, line.agent, line.route.value, figure(line.dose), line.per_day, None, "runs on")
            found[on][row] += 1
    return found


def day_json_rows(text: str) -> Rows:
    """The lines of the list; of a bag that goes on with an earlier dose only the bag is of the date."""
    document = json.loads(text)
    return Counter(
        Row(
            document["date"],
            each["agent"],
            each["route"],
            figure(each["dose"]),
            each["per_day"],
            None,
            each["state"],
        )
        for each in document["lines"]
        if each["bags"] is None or each["state"] != RUNS_ON
    )


def day_csv_rows(data: bytes) -> Rows:
    """The same from the table; what runs on with an amount is a bag."""
    found = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    return Counter(
        Row(
            each["date"],
            each["agent"],
            each["route"],
            figure(each["dose"]),
            int(each["per_day"]),
            None,
            each["state"],
        )
        for each in found
        if each["state"] != RUNS_ON or Decimal(each["amount"]) == 0
    )


def bags_hung(account: Account) -> Counter[tuple[str, str, str, str]]:
    """Date, drug, hour and amount of every bag."""
    return Counter(
        (day.isoformat(), change.agent, f"{change.bag.at:%H:%M}", figure(change.bag.amount))
        for day, courses in account.days.items()
        for each in courses
        for change in each.bags
    )


def bags_of_day(text: str) -> Counter[tuple[str, str, str, str]]:
    """The same from a day's list."""
    document = json.loads(text)
    return Counter(
        (document["date"], each["agent"], bag["at"][11:16], figure(bag["amount"]))
        for each in document["lines"]
        for bag in each["bags"] or ()
    )


class Listed(NamedTuple):
    """What a day's list says in the terminal: a dose, a bag with its hour, or that something runs on."""

    drug: str
    route: str
    what: str
    dose: str | None = None
    per_day: int | None = None


def day_text_projection(account: Account, on: date, written: dict[str, str]) -> Counter[Listed]:
    """Doses of the date but of those with bags, of which it is the bags; open where no level has cleared."""
    rows: list[Any] = []
    for each in account.on(on):
        bagged = {(bag.key, bag.agent) for found in account.of(each.course.id) for bag in found.bags}
        for dose in (dose for dose in each.due if (dose.line.key, dose.line.agent) not in bagged):
            line, what = dose.line, "open" if dose.state is State.OPEN else "dose"
            rows.append(Listed(written[line.agent], line.route.value, what, figure(line.dose), line.per_day))
        for hung in each.bags:
            what = f"bag {hung.bag.at:%H:%M}"
            rows.append(Listed(written[hung.agent], "CIV", what, figure(hung.bag.amount)))
        rows += (Listed(written[run.line.agent], run.line.route.value, "runs on") for run in each.running)
    return Counter(rows)


_HUNG = re.compile(r"bag for \d+ h, hung at (\d\d:\d\d): ([\d,.]+) ")


def day_text_rows(text: str) -> Counter[Listed]:
    """The rows of all tables, by the places of the columns; each table is of a drug by its way in."""
    rows: list[Listed] = []
    for table in re.split(r"(?m)^(?=.+\n=+$)", text)[1:]:
        drug, _, route = table.partition("\n")[0].rpartition(" ")
        head, _, body = table.partition("\nPatient ")[2].partition("\n")
        columns = [f"Patient {head}".index(name) for name in ("Patient", "Course", "Dose", "Amount")]
        for row in _rows_of(body.partition("\n")[2].partition("\n\n")[0], columns):
            course, said = row[1], " ".join(row[2].split())
            rows += (Listed(drug, route, f"bag {at}", figure(amount)) for at, amount in _HUNG.findall(said))
            if said.startswith("runs on from "):
                rows.append(Listed(drug, route, "runs on"))
            elif dose := re.match(r"([\d,.]*\d) ", said):
                often = re.search(r"(\d+) times a day", said)
                what = "open" if "open until " in course else "dose"
                rows.append(Listed(drug, route, what, figure(dose[1]), int(often[1]) if often else 1))
    return Counter(rows)


def _rows_of(body: str, columns: list[int]) -> Iterator[list[str]]:
    """The cells of each row, whose lines after the first have nothing in the first column."""
    row: list[str] = []
    for line in body.splitlines():
        cells = [line[start:end] for start, end in zip(columns, [*columns[1:], len(line)], strict=True)]
        if cells[0].strip() and row:
            yield row
        row = cells if cells[0].strip() else [f"{old}\n{new}" for old, new in zip(row, cells, strict=True)]
    if row:
        yield row


# --- the roadmap


class Printed(NamedTuple):
    """A dose in a day grid or on a family's page, by its identity; None for what is not printed of it."""

    date: str
    id: str
    dose: str | None
    count: int | None
    state: str


def roadmap_projection(account: Account) -> Counter[Printed]:
    """Doses: on how many lines, but of those whose bags are signed for; in what state. Intrathecal ones by their drug.

    One that is open has its lines, or shares one line a day with others; either says how much and how often.
    """
    rows: list[Any] = []
    for day, courses in account.days.items():
        for each in courses:
            bagged = {(bag.key, bag.agent) for found in account.of(each.course.id) for bag in found.bags}
            for dose in each.doses:
                line = dose.line
                if line.route.value == "IT":
                    drug = account.plan.protocol.agents[line.agent].written
                    takes = line.status.takes_place
                    rows.append(Printed(day.isoformat(), drug, figure(line.dose) if takes else None, None, "puncture"))
                elif dose.state in (State.HELD, State.OMITTED):
                    rows.append(Printed(day.isoformat(), line.id, None, None, "absent"))
                elif dose.state is State.OPEN:
                    drug = account.plan.protocol.agents[line.agent].written
                    rows.append(Printed(day.isoformat(), drug, figure(line.dose), line.per_day, "open"))
                else:
                    count = 1 if (line.key, line.agent) in bagged else line.per_day
                    state = "" if dose.state is State.DUE else dose.state.value
                    rows.append(Printed(day.isoformat(), line.id, figure(line.dose), count, state))
    return Counter([*rows, *_ahead(account)])


def _ahead(account: Account) -> Iterator[Printed]:
    """What may follow the doses that the plan has of a rescue, on each later date that its course has on paper."""
    for course in account.plan.courses:
        days = list(account.of(course.course.id))
        orders: dict[tuple[str, str], list[Any]] = {}
        for dose in (dose for each in days for dose in each.doses if dose.awaits):
            orders.setdefault((dose.line.key, dose.line.agent), []).append(dose.line)
        for lines in orders.values():
            due, taken = [line for line in lines if line.status.takes_place], {line.date for line in lines}
            like = max(due, key=lambda line: line.day, default=None)
            if like is None or like.open or course.course.dates is None:
                continue
            drug, end = account.plan.protocol.agents[like.agent].written, course.course.dates.last_day
            for on in (each.date for each in days if like.date < each.date <= end and each.date not in taken):
                yield Printed(on.isoformat(), drug, figure(like.dose), like.per_day, "open")


_UNLESS = {
    "en": re.compile(r"unless cleared: (\S+) ([\d.,]+) \S+ every (\d+) h"),
    "es": re.compile(r"si no eliminado: (\S+) ([\d.,]+) \S+ cada (\d+) h"),
    "fr": re.compile(r"sauf si éliminé\s: (\S+) ([\d.,]+) \S+ toutes les (\d+) h"),
}


def roadmap_rows(roadmap: Any, language: str) -> Counter[Printed]:
    """The cells of all grids, the lines that say what goes on until a level has cleared, the block of punctures."""
    rows: list[Printed] = []
    for sheet in roadmap.sheets:
        for row in sheet.intrathecal:
            for drug, said in zip(sheet.intrathecal_agents, row.doses, strict=True):
                dose = re.match(r"([\d.,]*\d)\s", said)
                if said:
                    on = iso_date(row.date, language)
                    rows.append(Printed(on, drug, figure(dose[1]) if dose else None, None, "puncture"))
        for day, columns in _days_of(sheet):
            on, lines = iso_date(day.date, language), Counter[tuple[str, str]]()
            for line in day.lines:
                if shared := _UNLESS[language].match(line.text):
                    rows.append(Printed(on, shared[1], figure(shared[2]), 24 // int(shared[3]), "open"))
                for column, cell in zip(columns, line.cells, strict=False):
                    if getattr(cell, "administration", ""):
                        rows.append(_cell(on, column.agent, cell, language))
                    elif getattr(cell, "beside", ""):
                        lines[column.agent, cell.dose] += 1
            rows += (
                Printed(on, drug, figure(dose.split("\N{NO-BREAK SPACE}")[0].split()[0]), count, "open")
                for (drug, dose), count in lines.items()
            )
    return Counter(rows)


def _days_of(sheet: Any) -> Iterator[tuple[Any, Any]]:
    for page in sheet.pages:
        for grid in page.grids:
            for block in grid.blocks:
                yield from ((day, grid.columns) for day in block.days)


_BESIDE = {"en": "unless cleared", "es": "si no eliminado", "fr": "sauf si éliminé"}
_DONE = {"dada": "given", "movida": "moved", "donnée": "given", "déplacée": "moved"}


def _cell(on: str, drug: str, cell: Any, language: str) -> Printed:
    dose = re.match(r"([\d.,]*\d)\s", cell.dose)
    if dose is None:
        return Printed(on, cell.administration, None, None, "absent")
    if _BESIDE[language] in cell.beside and not cell.state:
        return Printed(on, drug, figure(dose[1]), cell.lines, "open")
    return Printed(on, cell.administration, figure(dose[1]), cell.lines, _DONE.get(cell.state, cell.state))


class Said(NamedTuple):
    """What else a roadmap says of a course on a date."""

    course: str
    date: str
    what: str
    detail: str


def said_projection(account: Account) -> Counter[Said]:
    """Of each row its day's number, moves, stops, restarts, bags and punctures with their drugs.

    That an infusion runs on is said where nothing is signed for in the grid; that nothing is given, and why, where
    nothing else is said. A date before the first day of its course has a row only with a dose.
    """
    written = {agent.id: agent.written for agent in account.plan.protocol.agents.values()}
    return Counter(
        Said(each.course.id, day.isoformat(), what, detail)
        for day, courses in account.days.items()
        for each in courses
        if each.course.dates and (each.doses or day >= each.course.dates.day1)
        for what, detail in _said_on(each, written)
    )


def _said_on(each: Any, written: dict[str, str]) -> Iterator[tuple[str, str]]:
    yield "day", "" if each.counted is None else str(each.counted)
    for name, to in {
        "LP" if away.line.route.value == "IT" else written[away.line.agent]: away.to for away in each.away
    }.items():
        yield "moved", f"{name} {to.isoformat()}"
    for stop in each.stops:
        yield "stopped", f"{stop.at:%H:%M}"
    for again in each.restarts:
        yield "goes on", f"{again.at:%H:%M} {figure(again.dose) if again.dose else ''}".strip()
        if again.rest and again.rest.until.date() == each.date:
            yield "rest", f"{again.rest.until:%H:%M} {figure(again.rest.dose)} {again.rest.of.isoformat()}"
    for change in each.bags:
        bag = change.bag
        yield "bag", f"{bag.at:%H:%M} {change.number} of {change.total} {bag.hours} h {figure(bag.amount)}"
    intrathecal = [dose for dose in each.doses if dose.line.route.value == "IT"]
    for dose in intrathecal:
        given = figure(dose.line.dose) if dose.line.status.takes_place else dose.state.value
        yield "IT", f"{written[dose.line.agent]} {given}"
    yield from _said_of_a_quiet_date(each, written)


def _said_of_a_quiet_date(each: Any, written: dict[str, str]) -> Iterator[tuple[str, str]]:
    far = {(end.line.key, end.line.agent) for end in each.goes_on if not end.near}
    lines = [
        dose for dose in each.doses
        if dose.line.route.value != "IT" and not (dose.state is State.OPEN and (dose.line.key, dose.line.agent) in far)
    ]  # fmt: skip
    events = [event for event in (*each.procedures, *each.evaluations) if event.kind != "lumbar-puncture"]
    if lines or events or each.bags or any(end.near for end in each.goes_on):
        return
    for run in each.running:
        until = f" {run.until:%H:%M}" if run.until and run.until.date() == each.date else ""
        yield "runs on", f"{written[run.line.agent]}{until}"
    if not (each.running or each.doses or each.procedures or each.away or each.stops or each.restarts or each.goes_on):
        waits = each.wait and f"waits {each.wait.line}"
        still = each.still and f"still {each.still:%Y-%m-%d %H:%M}"
        yield "nothing", (waits or "waits" if each.counted is None else still or "")


_SAID = {
    "moved": re.compile(r"(?P<name>.+) moved to (?P<on>.+)"),
    "stopped": re.compile(r"infusion stopped(?:: .*)?"),
    "goes on": re.compile(r"infusion goes on(?: with (?P<dose>[\d.,]+) \S+ in 24 h)?"),
    "rest": re.compile(r"(?P<dose>[\d.,]+) \S+ in 24 h: the rest of (?P<on>.+)"),
    "bag": re.compile(r"bag (?P<number>\d+) of (?P<count>\d+), (?P<hours>\d+) h: (?P<dose>[\d.,]+) \S+"),
    "runs on": re.compile(r"(?P<name>.+): the infusion goes on(?:, until (?P<hour>\d\d:\d\d))?"),
    "nothing": re.compile(r"no treatment(?:, the course (?P<waits>waits)(?: \(line (?P<line>\d+)\).*)?)?"),
    "still": re.compile(r"infusion stands still since (?P<on>.+) (?P<hour>\d\d:\d\d)"),
}


def roadmap_said(roadmap: Any) -> Counter[Said]:
    """The lines of all grids that are no dose, and the intrathecal blocks."""
    rows: list[Said] = []
    for sheet in roadmap.sheets:
        for day, _columns in _days_of(sheet):
            on = iso_date(day.date)
            rows.append(Said(sheet.course, on, "day", "" if day.day is None else str(day.day)))
            rows += (Said(sheet.course, on, *said) for line in day.lines if (said := _said_by(line)))
        for row in sheet.intrathecal:
            for agent, dose in zip(sheet.intrathecal_agents, row.doses, strict=True):
                if dose:
                    found = re.match(r"([\d.,]*\d)\s", dose)
                    said = figure(found[1]) if found else dose
                    rows.append(Said(sheet.course, iso_date(row.date), "IT", f"{agent} {said}"))
    return Counter(rows)


def _said_by(line: Any) -> tuple[str, str] | None:
    text = line.text.replace("\N{NO-BREAK SPACE}", " ")
    found = {what: match for what, pattern in _SAID.items() if (match := pattern.fullmatch(text))}
    if line.cells or not found:
        return None
    ((what, match),) = found.items()
    parts = match.groupdict()
    dose, hour = figure(parts.get("dose") or 0), line.label.rpartition(" ")[2]
    details = {
        "moved": lambda: f"{parts['name']} {iso_date(parts['on'])}",
        "stopped": lambda: hour,
        "goes on": lambda: f"{hour} {dose}" if parts["dose"] else hour,
        "rest": lambda: f"{hour} {dose} {iso_date(parts['on'])}",
        "bag": lambda: f"{hour} {parts['number']} of {parts['count']} {parts['hours']} h {dose}",
        "runs on": lambda: " ".join(filter(None, (parts["name"], parts["hour"]))),
        "nothing": lambda: " ".join(filter(None, (parts["waits"], parts["line"]))),
        "still": lambda: f"still {iso_date(parts['on'])} {parts['hour']}",
    }
    return "nothing" if what == "still" else what, details[what]()


# --- a family's pages


def family_projection(account: Account, hidden: Callable[[Any], bool]) -> Counter[Printed]:
    """What is taken at home, with a box for each time; no figure of what is said in tablets, nor of what is hidden.

    Hidden by S28 is what nothing confirms, and what is worked out again when its course starts.
    """
    return Counter(
        Printed(
            day.isoformat(), dose.line.id,
            None if dose.line.product or hidden(dose.line) else figure(dose.line.dose),
            dose.line.per_day, "given" if dose.state is State.GIVEN else "",
        )
        for day, courses in account.days.items() for each in courses for dose in each.due
        if dose.at_home
    )  # fmt: skip


def family_rows(calendar: Any, at_home: Container[str]) -> Counter[Printed]:
    """The doses with boxes; those that the clinic gives are none of the projection."""
    rows: list[Any] = []
    for day in {each.date: each for each in calendar.days}.values():
        for dose in day.doses:
            if dose.administration in at_home:
                found = re.search(r"([\d.,]*\d)\s(?!tablet|comprimé)", dose.much)
                in_tablets = re.search(r"tablet|comprimé", dose.much)
                rows.append(
                    Printed(
                        day.date.isoformat(), dose.administration,
                        figure(found[1]) if found and not in_tablets else None,
                        len(dose.boxes), "given" if dose.given else "",
                    )
                )  # fmt: skip
    return Counter(rows)


# --- what is at home


class AtHome(NamedTuple):
    """What a document says on a date of a drug at home: what is left of each form, and until when it is enough."""

    date: str
    drug: str
    left: tuple[tuple[str, str], ...]
    until: str | None
    short_on: str | None


def stock_projection(account: Account, stocks: Iterable[Any]) -> Counter[AtHome]:
    """Of each date of the account that a drug's stock says something of."""
    return Counter(
        _at_home(stock, on) for stock in stocks for on in account.days if stock.since <= on <= stock.last
    )  # fmt: skip


def stock_day_projection(account: Account, stocks: Iterable[Any], on: date) -> Counter[AtHome]:
    """Of a date, once for each dose at home of a drug that was dispensed by then."""
    by_drug = {stock.agent: stock for stock in stocks if stock.since <= on}
    at_home = (dose for each in account.on(on) for dose in each.due if dose.at_home)
    return Counter(_at_home(by_drug[dose.line.agent], on) for dose in at_home if dose.line.agent in by_drug)


def _at_home(stock: Any, on: date) -> AtHome:
    left = tuple((figure(number), figure(form.strength)) for form, number in stock.left(on))
    dates = (each and each.isoformat() for each in (stock.until, stock.short_on))
    return AtHome(on.isoformat(), stock.agent, left, *dates)


def stock_json_rows(text: str) -> Counter[AtHome]:
    """The stock of each date of the account."""
    document = json.loads(text)
    return Counter(_stock_row(day["date"], each) for day in document["account"] for each in day.get("stock", ()))


def stock_day_rows(text: str) -> Counter[AtHome]:
    """The stock beside each line of a day's list."""
    document = json.loads(text)
    return Counter(_stock_row(document["date"], each["stock"]) for each in document["lines"] if each["stock"])


def _stock_row(on: str, each: Any) -> AtHome:
    left = tuple((figure(form.get("tablets") or form["mL"]), figure(form["strength"])) for form in each["left"])
    return AtHome(on, each["agent"], left, each["until"], each["short_on"])


def stock_family_projection(calendar: Any, lines: Iterable[Any]) -> Counter[tuple[str, str, bool]]:
    """The line of each month that one is due on, by what a second count has (`verify/expected_stock.py`)."""
    months = {page.title: {day.date.replace(day=1) for day in _shown(page)} for page in calendar.pages}
    found: Counter[tuple[str, str, bool]] = Counter()
    for line in lines:
        for title, firsts in months.items():
            if any(line.first.replace(day=1) <= first <= line.last for first in firsts):
                found[title, _plain(line.begins), True] += 1
    return found


def stock_family_rows(calendar: Any, lines: Iterable[Any]) -> Counter[tuple[str, str, bool]]:
    """The lines of what is at home, and whether each says all that the second count has for it."""
    says = {_plain(line.begins): line.says for line in lines}
    found: Counter[tuple[str, str, bool]] = Counter()
    for page in calendar.pages:
        for note in page.notes:
            label = _plain(note.label)
            if re.search(r"(?:at home|en casa|à la maison ?):$", label):
                found[page.title, label, all(part in note.said for part in says.get(label, (" none",)))] += 1
    return found


def _plain(label: str) -> str:
    return label.replace("\N{NO-BREAK SPACE}", " ")


def _shown(page: Any) -> Iterator[Any]:
    return (day for week in page.weeks for day in week.days if day.shown.value == "here")
