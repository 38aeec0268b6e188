"""What each reader's feed says of a plan's doses, and what it leaves out: the projections of the account to feeds.

| feed | doses | left out |
|---|---|---|
| clinic | those that take place and are not taken at home; what runs over dates on each of them | states |
| pharmacy | those that take place, a pump's later days but on the dates on which it runs | states; events |
| family | those at home, held and left out ones too; of all others the drug and its way in | doses of the others |

Of a pump that runs on, a feed says the dose where it changes, and of a family's the pump alone. Together they say every
dose that takes place. Each reader takes a feed as it was written; it shares nothing with what wrote it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from projection import RUNS_ON, Row, Rows, figure, iso_date

from protocal.model.account import Account, CourseDay, State

_ONE_DAY = timedelta(days=1)
_ROUTES = {
    "en": {
        "by mouth": "PO",
        "into a vein": "IV",
        "into a muscle": "IM",
        "under the skin": "SC",
        "into the spinal fluid": "IT",
        "into a vein, day and night": "CIV",
    },
    "es": {
        "por la boca": "PO",
        "en una vena": "IV",
        "en un músculo": "IM",
        "debajo de la piel": "SC",
        "en el líquido de la columna": "IT",
        "en una vena, día y noche": "CIV",
    },
    "fr": {
        "par la bouche": "PO",
        "dans une veine": "IV",
        "dans un muscle": "IM",
        "sous la peau": "SC",
        "dans le liquide rachidien": "IT",
        "dans une veine, jour et nuit": "CIV",
    },
}
_PUMPED = "CIV"


# --- the file


class Event(NamedTuple):
    """An event that is not cancelled: from when to when, hours where it has them, and the lines that it says."""

    begins: str
    ends: str
    summary: str
    lines: tuple[str, ...]

    @property
    def on(self) -> str:
        """The date on which it begins."""
        return self.begins[:10]

    @property
    def dates(self) -> Iterator[str]:
        """Every date that it covers; one that ends with a date, or at its first hour, does not cover the next."""
        day = date.fromisoformat(self.on)
        last = date.fromisoformat(self.ends[:10])
        if len(self.ends) == len("2027-01-05"):
            last -= _ONE_DAY
        while day <= last:
            yield day.isoformat()
            day += _ONE_DAY


def events_of(data: bytes) -> Iterator[Event]:
    """The events of a feed that are not cancelled."""
    text = data.decode("utf-8").replace("\r\n ", "")
    zone = re.search(r"^TZID:(.+)\r$", text, re.MULTILINE)
    for part in text.split("BEGIN:VEVENT\r\n")[1:]:
        lines = part.partition("END:VEVENT")[0].splitlines()
        if "STATUS:CANCELLED" in lines:
            continue
        begins, ends = (_when(lines, name, zone[1] if zone else "UTC") for name in ("DTSTART", "DTEND"))
        says = _text(lines, "DESCRIPTION")
        yield Event(begins, ends or begins, _text(lines, "SUMMARY"), tuple(says.split("\n")))


def _when(lines: list[str], name: str, zone: str) -> str:
    """`2027-01-05` or `2027-01-05 20:00` in a zone; empty if it is not there."""
    on = next((line.rpartition(":")[2] for line in lines if re.match(rf"{name}[;:]", line)), "")
    if on.endswith("Z"):
        on = f"{datetime.strptime(on, '%Y%m%dT%H%M%S%z').astimezone(ZoneInfo(zone)):%Y%m%dT%H%M%S}"
    day = f"{on[:4]}-{on[4:6]}-{on[6:8]}" if on else ""
    return f"{day} {on[9:11]}:{on[11:13]}" if "T" in on else day


def _text(lines: list[str], name: str) -> str:
    said = next(line.partition(":")[2] for line in lines if line.startswith(f"{name}:"))
    said = said.replace("\\n", "\n").replace("\\,", ",").replace("\\;", ";").replace("\\\\", "\\")
    return re.sub(r"[ \N{NO-BREAK SPACE}]: ", ": ", said)  # as French has it


# --- a clinic's and a pharmacy's


def clinic_projection(account: Account, written: Mapping[str, str]) -> Rows:
    """What takes place and is not taken at home, and on each date what runs on; of a pump its dose where it changes."""
    rows: list[Any] = [row for row, at_home in _given(account, written) if not at_home]
    for day, courses in account.days.items():
        lines = [run.line for each in courses for run in each.running]
        rows += (_runs(day.isoformat(), written[line.agent], line.route.value) for line in lines)
    return Counter([*rows, *_pumps(account, written)])


def pharmacy_projection(account: Account, written: Mapping[str, str]) -> Rows:
    """What takes place, and the pumps; the start of one stands with what is prepared for its day, too."""
    rows = [row for row, _at_home in _given(account, written)]
    starts = [row for row in _pumped(account, written) if row.state == "starts"]
    return Counter([*rows, *(row._replace(state=None) for row in starts), *_pumps(account, written)])


def _given(account: Account, written: Mapping[str, str]) -> Iterator[tuple[Row, bool]]:
    """What takes place but by a pump, without its state; and whether it is taken at home."""
    for dose in account.due:
        line = dose.line
        if line.route.value != _PUMPED:
            times = tuple(f"{time:%Y-%m-%d %H:%M}" for time in line.times)
            dosed = (figure(line.dose), line.per_day, times)
            yield Row(line.date.isoformat(), written[line.agent], line.route.value, *dosed, None), dose.at_home


def _pumped(account: Account, written: Mapping[str, str]) -> Iterator[Row]:
    """The doses of pumps: the first of each, with its hour, and those that are not as the one before them."""
    for course in account.plan.courses:
        last = ""
        for each in account.of(course.course.id):
            pumped = [dose for dose in each.doses if dose.line.route.value == _PUMPED]
            if not (each.stops or each.restarts or any(dose.line.status.takes_place for dose in pumped)):
                last = ""  # it did not run on the date
            for what in sorted([*(dose for dose in pumped if dose.line.status.takes_place), *each.stops], key=_at):
                if not hasattr(what, "line") or isinstance(what.line, int):
                    last = ""  # whatever it goes on with is told
                elif (dose := figure(what.line.dose)) != last or what.starts_pump:
                    line, last = what.line, dose
                    times = tuple(f"{time:%Y-%m-%d %H:%M}" for time in line.times) if what.starts_pump else ()
                    state = "starts" if what.starts_pump else None
                    yield Row(line.date.isoformat(), written[line.agent], _PUMPED, dose, 1, times, state)


def _at(what: Any) -> datetime:
    """When a dose of a pump or a stop is; one without an hour before all others of its date."""
    if isinstance(what.line, int):
        return what.at  # type: ignore[no-any-return]
    return what.line.times[0] if what.line.times else datetime.fromisoformat("0001-01-02T00:00:00+00:00")


def _pumps(account: Account, written: Mapping[str, str]) -> Iterator[Row]:
    """The doses of pumps, and every date on which one runs for a part of it."""
    yield from (row._replace(state=None) for row in _pumped(account, written))
    for on, drug in _pump_dates(account, written):
        yield _runs(on, drug, _PUMPED)


def _pump_dates(account: Account, written: Mapping[str, str]) -> set[tuple[str, str]]:
    """Dates on which a pump has a dose or goes on again, and those on which one that ran till then stops or ends."""
    found: set[tuple[str, str]] = set()
    for course in account.plan.courses:
        before: list[str] = []
        for each in account.of(course.course.id):
            agents = [dose.line.agent for dose in each.due if dose.line.route.value == _PUMPED]
            agents += [again.agent for again in each.restarts]
            ends = before if each.stops or any(event.kind == "pump-stop" for event in each.procedures) else []
            found |= {(each.date.isoformat(), written[agent]) for agent in (*agents, *ends)}
            before = agents
    return found


def _runs(on: str, drug: str, route: str) -> Row:
    return Row(on, drug, route, None, None, None, RUNS_ON)


_RUNS = {
    "en": re.compile(r"runs from (?P<first>.+) until (?P<last>.+?)(?:, stopped)?"),
    "es": re.compile(r"pasa del (?P<first>.+) al (?P<last>.+?)(?:, parada)?"),
    "fr": re.compile(r"coule du (?P<first>.+) au (?P<last>.+?)(?:, arrêtée)?"),
}
_FROM = {
    "en": re.compile(r"from (\w+ \d\d-\w+-\d{4}): "),
    "es": re.compile(r"desde el (\w+ \d\d-\w+-\d{4}): "),
    "fr": re.compile(r"à partir du (\w+ \d\d-\w+-\d{4}): "),
}
_AGAIN = {
    "en": ": the infusion goes on again ",
    "es": ": la infusión se reanuda ",
    "fr": ": la perfusion reprend ",
}
_TIMES_THAT_DAY = re.compile(r"(\d+) (?:times? that day|ve(?:z|ces) ese día|fois ce jour-là)")
_CLOCK = re.compile(r"\b\d\d-\w{3,4}-\d{4}\b|\b\d\d:\d\d\b")


def ward_rows(data: bytes, language: str, written: Iterable[str]) -> Rows:
    """The drugs of every event of a clinic's or a pharmacy's feed, and the dates over which they run."""
    names = set(written)
    found = [row for event in events_of(data) for row in _ward_rows(event, language, names)]
    pumped = {row for row in found if row.route == _PUMPED and row.state == RUNS_ON}  # two stretches may share a date
    return Counter([*(row for row in found if row not in pumped), *pumped])


def _ward_rows(event: Event, language: str, names: set[str]) -> Iterator[Row]:
    found: list[Row] = []
    over = next((match for line in event.lines if (match := _RUNS[language].fullmatch(line))), None)
    for line in event.lines:
        since = _FROM[language].match(line)
        on = iso_date(since[1], language) if since else event.on
        if row := _dose_row(on, line[since.end() :] if since else line, language, names):
            found.append(row)
    yield from found
    if over:
        dates = list(event.dates)
        assert dates[0] == iso_date(over["first"], language), event
        assert dates[-1] == iso_date(over["last"], language), event
        again = [line.partition(_AGAIN[language])[0] for line in event.lines if _AGAIN[language] in line]
        drugs = {(row.drug, row.route) for row in found} | {(drug, _PUMPED) for drug in again}
        assert len(drugs) == 1, event
        ((drug, route),) = drugs
        yield from (_runs(on, drug, route) for on in (dates if route == _PUMPED else dates[1:]))


def _dose_row(on: str, line: str, language: str, written: set[str]) -> Row | None:
    """`folliver, by mouth: 11.7 mg each time, 4 times that day, every 6 hours`; no row of what is no drug's line."""
    head, _, rest = line.partition(": ")
    drug, _, way = head.partition(", ")
    routes = sorted(_ROUTES[language], key=len, reverse=True)
    route = next((route for route in routes if way == route or way.startswith(f"{route}, ")), None)
    if drug not in written or route is None:
        return None
    dose = re.match(r"([\d.,]*\d) ", rest)
    assert dose, line
    often = _TIMES_THAT_DAY.search(rest)
    times, day = [], on
    for found in _CLOCK.findall(rest):
        if "-" in found:
            day = iso_date(found, language)
        else:
            times.append(f"{day} {found}")
    return Row(on, drug, _ROUTES[language][route], figure(dose[1]), int(often[1]) if often else 1, tuple(times), None)


# --- what else a clinic's says


class Done(NamedTuple):
    """A procedure or an evaluation by its title, or a bag by its drug."""

    date: str
    what: str
    hour: str


def clinic_done(account: Account, titles: Mapping[str, str], written: Mapping[str, str]) -> Counter[Done]:
    """What is done on each date, and the bags that are hung."""
    rows = []
    for day, courses in account.days.items():
        for each in courses:
            rows += (
                Done(day.isoformat(), titles[event.kind], f"{event.at:%H:%M}" if event.at else "")
                for event in (*each.procedures, *each.evaluations)
            )
            rows += (Done(day.isoformat(), written[bag.agent], f"{bag.bag.at:%H:%M}") for bag in each.bags)
    return Counter(rows)


_BAG = {
    "en": re.compile(r"(.+): (?:hang the first|change the|hang a new) bag at (\d\d:\d\d)\b.*"),
    "es": re.compile(r"(.+): (?:colgar la primera|cambiar la|colgar una) bolsa (?:nueva )?a las? (\d\d:\d\d)\b.*"),
    "fr": re.compile(r"(.+): (?:poser la première|changer la|poser une nouvelle) poche à (\d\d:\d\d)\b.*"),
}
_AT = re.compile(r" (?:at|a las?|à) (\d\d:\d\d)$")


def clinic_rows(data: bytes, language: str, titles: Iterable[str]) -> Counter[Done]:
    """The lines of every event that are a title, or a bag's."""
    rows, known = [], set(titles)
    for event in events_of(data):
        for line in event.lines:
            if bag := _BAG[language].fullmatch(line):
                rows.append(Done(event.on, bag[1], bag[2]))
            elif (title := _AT.sub("", line)) in known:
                hour = _AT.search(line)
                rows.append(Done(event.on, title, hour[1] if hour else ""))
    return Counter(rows)


# --- a family's


class Told(NamedTuple):
    """What a family's feed says of a drug on a date.

    Attributes:
        drug: without capitals.
        what: `home` with a dose, `visit` with a way in, `held`, `omitted`, that it may go on, or that it runs on.
        dose: None for tablets and liquids, and where it is not said.
    """

    date: str
    drug: str
    what: str
    dose: str | None = None
    count: int | None = None
    given: bool = False


def family_projection(account: Account, written: Mapping[str, str]) -> Counter[Told]:
    """What is taken at home, or is held or left out; what the clinic gives, once; what runs on each date."""
    rows: list[Told] = []
    once: set[Told] = set()
    for day, courses in account.days.items():
        on = day.isoformat()
        for dose in (dose for each in courses for dose in each.doses):
            line, drug = dose.line, written[dose.line.agent].casefold()
            if line.status.takes_place and dose.at_home:
                shown = None if line.product else figure(line.dose)
                rows.append(Told(on, drug, "home", shown, line.per_day, dose.state is State.GIVEN))
            elif line.status.takes_place and (line.route.value != _PUMPED or dose.starts_pump):
                once.add(Told(on, drug, line.route.value))
            elif dose.at_home and dose.state in (State.HELD, State.OMITTED):
                once.add(Told(on, drug, dose.state.value))
        for each in courses:
            once |= {Told(on, written[agent].casefold(), State.HELD.value) for agent in _on_hold(account, each)}
        for order in (order for each in courses for order in each.may_go_on if order.line.at_home):
            once.add(Told(on, written[order.line.agent].casefold(), MAY_GO_ON))
        for run in (run for each in courses for run in each.running):
            drug = written[run.line.agent].casefold()
            once |= {Told(each, drug, RUNS_ON) for each in (run.since.isoformat(), on)}
        for again in (again for each in courses for again in each.restarts if again.supervised):
            once.add(Told(on, written[again.agent].casefold(), "restart"))
    once |= {Told(on, drug.casefold(), RUNS_ON) for on, drug in _pump_dates(account, written)}
    return Counter([*rows, *once])


def _on_hold(account: Account, day: CourseDay) -> set[str]:
    """Of a date on which a course is held or waits, and has nothing: all that it has at home but a rescue."""
    left = any(dose.at_home and dose.state in (State.HELD, State.OMITTED) for dose in day.doses)
    if not (day.held or day.wait) or day.due or left:
        return set()
    at_home = {dose.line.agent for each in account.of(day.course.id) for dose in each.doses if dose.at_home}
    return at_home - {each.line.agent for each in day.goes_on}


_INSTEAD = re.compile(
    r"\b(?:today|hoy|aujourd.hui) (\d+) (?:doses?|dosis), (?:in place of|en lugar de|à la place de) [^,]+, "
)
_MORNING = re.compile("morning and evening|mañana y noche|matin et soir")
_PRODUCT = re.compile("tablet|comprimé|liquid|líquido")
_HELD = re.compile(
    r"On hold: give no (.+) until your team says so\.|En pausa: no dé (.+) hasta que su equipo lo diga\."
    r"|(.+) en pause, à ne pas donner avant que votre équipe vous le dise\."
)
_OMITTED = re.compile(
    r"(.+): (?:not on this day, your team has left it out|este día no, su equipo lo ha quitado)\."
    r"|(.+), pas ce jour-là, votre équipe l.a retiré\."
)
MAY_GO_ON = "may go on"
_MAY_GO_ON = re.compile(
    "goes on unless your team said stop|sigue si su equipo no dijo basta"
    "|à continuer, sauf si votre équipe a dit d.arrêter"
)
_RUN = re.compile(
    r"(.+) runs from .+ until .+\.|(.+) en marcha\. Empieza: .+\. Termina: .+\.|(.+), en cours du .+ au .+\."
)
_STARTS = re.compile(
    r"(.+) pump starts(?:, at .+)?\.|Empieza la bomba de ([^,]+)(?:, a las? .+)?\."
    r"|Début de la pompe de ([^,]+)(?:, à .+)?\."
)
_RESTARTS = re.compile(
    r"(.+) pump starts again at .+, with your team\.|La bomba de (.+) empieza de nuevo a las? .+\."
    r"|Reprise de la pompe de (.+) à .+, avec votre équipe\."
)
_PUNCTURE = re.compile(
    r"(?:Lumbar puncture|Punción lumbar|Spinal test|Ponction lombaire)\b.*?: ([^:]+?)\. "
    r"(?:Food and drink|Comida y bebida|Manger, boire) .*"
)


def family_rows(data: bytes, language: str, written: Iterable[str]) -> Counter[Told]:
    """The lines of every event that are about a drug."""
    names = {name.casefold() for name in written}
    rows: list[Told] = []
    once: set[Told] = set()
    for event in events_of(data):
        for line in event.lines:
            if home := _home(event.on, line, names):
                rows.append(home)
            once |= set(_of_clinic(event, line, language, names))
    return Counter([*rows, *once])


def _home(on: str, line: str, names: set[str]) -> Told | None:
    """`dexamethasone: each time 2.34 mg (unverified), morning and evening`."""
    drug, colon, rest = line.partition(": ")
    if not colon or drug.casefold() not in names or _OMITTED.fullmatch(line):
        return None
    if _MAY_GO_ON.fullmatch(rest):
        return Told(on, drug.casefold(), MAY_GO_ON)
    instead = _INSTEAD.search(rest)
    rest = _INSTEAD.sub("", rest)
    dose = None if _PRODUCT.search(rest) else re.search(r"([\d.,]*\d) ", rest)
    often = instead or _TIMES_THAT_DAY.search(rest)
    hours = len(re.findall(r"\b\d\d:\d\d\b", rest))
    count = int(often[1]) if often else 2 if _MORNING.search(rest) else max(1, hours)
    given = rest.endswith((", given", ", dada", ", donnée"))
    return Told(on, drug.casefold(), "home", figure(dose[1]) if dose else None, count, given)


def _of_clinic(event: Event, line: str, language: str, names: set[str]) -> Iterator[Told]:
    """What a line says of drugs that are not taken at home that day."""
    on = event.on
    if held := _HELD.fullmatch(line):
        yield Told(on, _one(held), State.HELD.value)
    elif left := _OMITTED.fullmatch(line):
        yield Told(on, _one(left), State.OMITTED.value)
    elif runs := _RUN.fullmatch(line):
        yield from (Told(each, _one(runs), RUNS_ON) for each in event.dates)
    elif again := _RESTARTS.fullmatch(line):
        yield Told(on, _one(again), "restart")
    elif starts := _STARTS.fullmatch(line):
        yield Told(on, _one(starts), _PUMPED)
    elif puncture := _PUNCTURE.fullmatch(line):
        yield from (Told(on, drug, "IT") for drug in puncture[1].casefold().split(", "))
    else:
        yield from _by_way_in(on, line.casefold().removesuffix("."), language, names)


def _one(found: re.Match[str]) -> str:
    return next(each for each in found.groups() if each).casefold()


def _by_way_in(on: str, line: str, language: str, names: set[str]) -> Iterator[Told]:
    """`Cyclophosphamide, etoposide into a vein, over 2 h.`"""
    for said, route in _ROUTES[language].items():
        drugs, way, _rest = line.partition(f" {said}")
        if way and names.issuperset(drugs.split(", ")):
            yield from (Told(on, drug, route) for drug in drugs.split(", "))
            return


# --- all of them


def together(ward: Rows, family: Counter[Told]) -> Counter[tuple[str, str, str]]:
    """Date, drug and way in of all that a clinic's feed and a family's say is given, or taken at home."""
    found = Counter((row.date, row.drug.casefold(), row.route) for row in ward.elements() if row.route != _PUMPED)
    found.subtract(
        (row.date, row.drug.casefold(), row.route) for row in ward if row.state == RUNS_ON and row.route != _PUMPED
    )
    found.update((told.date, told.drug, "PO") for told in family.elements() if told.what == "home")
    pumped = {(row.date, row.drug.casefold(), row.route) for row in ward if row.state == RUNS_ON}
    return +found + Counter(each for each in pumped if each[2] == _PUMPED)


def all_due(account: Account, written: Mapping[str, str]) -> Counter[tuple[str, str, str]]:
    """The same of the account."""
    due = [
        (dose.line.date.isoformat(), written[dose.line.agent].casefold(), dose.line.route.value) for dose in account.due
    ]
    pumped = {(on, drug.casefold(), _PUMPED) for on, drug in _pump_dates(account, written)}
    return Counter(each for each in due if each[2] != _PUMPED) + Counter(pumped)
