"""A number -> a definition and a history of it, made by chance, on which plan and second count are compared.

`definition_of` changes the lines of a small definition where lint lets it; `Teller` adds what may happen to a record,
whatever protocol it is of. The same number makes the same pair.
"""
# ruff: noqa: E501 - what belongs together stays in one line

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from machines import BOY, LOOM, Chart, Values

from protocal.model.plan import Administration, DatedCourse, Status
from protocal.model.problems import ProtocalError, has_errors
from protocal.model.settings import Settings
from protocal.read.definition.build import read_protocol
from protocal.read.record.new import NewPatient
from protocal.read.rules import rules_as_written
from protocal.read.settings import load_settings
from protocal.workflow.counting import counted_again

TINY = Path(__file__).parent / "tiny" / "1"
NAMED = ("tiny", "aall1331")
SETTINGS = "settings"
APART = (1, 3, 8)  # days between two lines of a log: settings hold from theirs on
DOSES = ("{n} mg/m2", "{n} mg/kg", "{n} mg", "{n} mg/m2/day", "{n} mg/kg/day", "{n} mg/day")
FREQUENCIES = ("once", "daily", "weekly", "BID", "TID", "QID", "every 8 h", "every 12 h", "every 6 h x 2")
ROUNDINGS = (
    *("nearest 0.1 mg", "nearest 5 mg", "down to 2.5 mg", "up to 0.5 mg", "nearest 10 mg vial within 10 %"),
    *("within 5 %", "within 10 %", "{PO: nearest 0.5 mg, IV: down to 1 mg, IT: nearest 1 mg}", "exempt"),
)
CAPS = ("2 mg", "0.7 mg", "30 mg/day", "100 mg/course", "25 mg, 40 mg/day", "9 mg/day, 60 mg/course")
COURSE_CAPS = ("60 mg/course", "120 mg/course", "12 mg/day, 500 mg/course")
CONDITIONS = (
    *("{sex: male}", "{sex: female}", "{arm: L}", "{risk: low}", "{cns: involved}", "{arm: L, cns: clear}"),
    *("{first course with: mercadol}", "{first course with: umbrate}"),
)
SITES = (
    "",
    "closed days: [2026-12-25, 2027-01-01]\n",
    "closed days: [2026-12-15, 2026-12-16, 2027-02-01]\nrounding: {umbrate: nearest 1 mg, vinbane: within 5 %}\n",
    "rounding: {mercadol: down to 5 mg, umbrate: {PO: nearest 2.5 mg, IT: nearest 0.5 mg}}\ntablets: {mercadol: 10 mg}\n",
    "rounding: {mercadol: nearest 4 mg, umbrate: nearest 3 mg, vinbane: up to 0.2 mg, folliver: down to 2 mg, tarline: nearest 2 mg}\n",
    "rounding: {vinbane: nearest 1 mg vial within 10 %, umbrate: nearest 25 mg vial within 5 %, tarline: nearest 4 mg vial within 10 %}\n",
)


def _days(dice: Random) -> str:
    first = dice.randint(1, 12)
    return dice.choice([
        f"{first}",
        f"{first}-{first + dice.randint(1, 5)}",
        f"{first}, {first + dice.randint(2, 5)}",
        f"{first}-{first + dice.randint(6, 12)} every {dice.randint(2, 5)}",
        f"{first}-{first + 1}, {first + 4}",
        f"{first}-{first + dice.randint(3, 9)} weekdays",
        f"first {dice.randint(2, 6)} weekdays",
    ])  # fmt: skip


def _dose(dice: Random) -> str:
    number = dice.choice(["0.5", "1", "1.25", "3", "7.5", "12", "33.3", "75"])
    if dice.random() < 0.2:
        return "dose: {1-3: " + dice.choice(DOSES).format(n=number) + ", 4-84: " + dice.choice(DOSES).format(n=2) + "}"
    return "dose: " + dice.choice(DOSES).format(n=number)


# What is changed: a pattern of one line or several, and what may stand in its place.
Change = tuple[str, str, Callable[[Random, re.Match[str]], str]]
CHANGES: tuple[Change, ...] = (
    ("courses/*", r"dose: [0-9.]+ mg/m2(?:/day)?", lambda dice, _m: _dose(dice)),
    ("courses/*", r"dose: [0-9.]+ units/m2", lambda dice, _m: f"dose: {dice.choice([40, 55.5, 2500])} units/m2"),
    ("courses/*", r"frequency: (?:once|daily|weekly|BID)", lambda dice, _m: f"frequency: {dice.choice(FREQUENCIES)}"),
    ("courses/*", r"days: (?:[0-9]+(?:, )?)+\n", lambda dice, _m: f"days: {_days(dice)}\n"),
    ("courses/*", r"days: [0-9]+-[0-9]+.*\n", lambda dice, _m: f"days: {_days(dice)}\n"),
    ("courses/*", r"max: 2 mg\n", lambda dice, _m: f"max: {dice.choice(CAPS)}\n"),
    ("courses/*", r"(    dose: .* mg/\S+\n)(?!    max)", lambda dice, m: f"{m[1]}    max: {dice.choice(CAPS)}\n"),
    ("courses/*", r"(    dose: .* mg/\S+\n)((?:    (?:route|over): .*\n)*)    frequency: \w+\n", lambda dice, m: f"{m[1]}    max: {dice.choice(COURSE_CAPS)}\n{m[2]}    frequency: {dice.choice(FREQUENCIES)}\n"),
    ("courses/*", r"(    dose: table .*\n(?:    (?!days).*\n)*    days: .*\n)(?!    omit)", lambda dice, m: f"{m[1]}    omit after diagnostic within: {dice.choice([72, 240])} h\n"),
    ("courses/*", r"max: 28 mcg/day", lambda dice, _m: f"max: {dice.choice(['9 mcg/day', '100 mcg/course'])}"),
    ("courses/*", r"length: ([0-9]+)\n", lambda dice, m: f"length: {int(m[1]) + dice.randint(-2, 6)}\n"),
    ("courses/*", r"hold: \w+", lambda dice, _m: f"hold: {dice.choice(['skip', 'slip', 'ask'])}"),
    ("courses/*", r"(?=hold: )", lambda dice, _m: "starts on: a working day\n"),
    ("courses/*", r"(?=hold: )", lambda dice, _m: "next starts on: a working day\n"),
    ("courses/*", r"first dose: 48 h", lambda dice, _m: f"first dose: {dice.choice([24, 30, 36, 42, 60])} h"),
    ("courses/*", r"over: 24 h", lambda dice, _m: f"over: {dice.choice(['36 h', '4 h'])}"),
    ("courses/*", r"when: \{cns: \w+\}", lambda dice, _m: f"when: {dice.choice(CONDITIONS)}"),
    ("courses/*", r"(    days: .*\n)(?!    (?:when|first|until))", lambda dice, m: f"{m[1]}    when: {dice.choice(CONDITIONS)}\n"),
    ("courses/cloth.yaml", r"(    days: .*\n)(?!    when)", lambda dice, m: f'{m[1]}    when: {{cycle: {dice.choice(["1", "2-3", "1, 3"])}}}\n'),
    ("courses/lamp.yaml", r"first 5 weekdays", lambda dice, _m: f"first {dice.randint(1, 12)} weekdays"),
    ("agents.yaml", r"    tablets: .*\n", lambda dice, _m: ""),
    ("agents.yaml", r"(    unit: mg\n)(?!    rounding)", lambda dice, m: f"{m[1]}    rounding: {dice.choice(ROUNDINGS)}\n"),
    ("agents.yaml", r"doses: [34]\n", lambda dice, _m: f"doses: {dice.randint(1, 7)}\n"),
    ("agents.yaml", r"every 2 days", lambda dice, _m: f"every {dice.randint(1, 4)} days"),
    ("agents.yaml", r"Monday, Wednesday, Friday", lambda dice, _m: dice.choice(["Tuesday", "Thursday, Sunday", "Monday, Tuesday"])),
    ("agents.yaml", r"dose: 20 units/m2", lambda dice, _m: 'dose: {"Monday, Wednesday": 20 units/m2, Friday: 35 units/m2}'),
    ("agents.yaml", r"up to 7 days, supervised from 4 h", lambda dice, _m: dice.choice(["supervised from 12 h", "up to 1 days", "up to 3 days, supervised from 1 h"])),
    ("protocol.yaml", r'"0-7": (8[^\n]*)\n      "8-"', lambda dice, m: f'"0-{dice.choice([2, 6, 8, 9])}": {m[1]}\n      "X-"'),
    ("protocol.yaml", r"by: age\n(.*\n.*\n.*rows:\n)      \"0-7\": ([^\n]*)\n      \"8-\"", lambda dice, m: f'by: weight\n{m[1]}      "<20": {m[2]}\n      "20-"'),
    ("protocol.yaml", r"anniversary: 1, of: warp", lambda dice, _m: f"anniversary: {dice.choice(['1, of: weft', '2, of: warp'])}"),
    ("protocol.yaml", r"      - (shuttle|heddle)\n", lambda dice, _m: ""),
    ("protocol.yaml", r"when: \{cns: involved\}", lambda dice, _m: f"when: {dice.choice(['{risk: low}', '{sex: male}', '{cns: clear}'])}"),
    ("protocol.yaml", r"      - bobbin\n", lambda dice, _m: "      - bobbin\n      - {course: heddle, when: {risk: high}}\n"),
)  # fmt: skip


def definition_of(dice: Random, folder: Path) -> Path:
    """A definition that nobody wrote, in an empty folder: the loom's, with up to nine of its lines changed."""
    shutil.copytree(LOOM, folder)
    for _count in range(dice.randint(1, 9)):
        pattern, old, new = dice.choice(CHANGES)
        file = dice.choice(sorted(folder.glob(pattern)))
        text = file.read_text(encoding="utf-8")
        places = list(re.finditer(old, text))
        if not places:
            continue
        place = dice.choice(places)
        changed = text[: place.start()] + new(dice, place) + text[place.end() :]
        age = re.search(r'"0-(\d+)":', changed)
        file.write_text(changed.replace('"X-"', f'"{int(age[1]) + 1 if age else 0}-"'), encoding="utf-8")
        protocol, problems = read_protocol(folder)
        if protocol is None or has_errors(problems):
            file.write_text(text, encoding="utf-8")
    return folder


def site_of(dice: Random, folder: Path, definition: str) -> Settings:
    """A site's settings for a definition, from a file as always."""
    text = dice.choice(SITES[:2] if definition in NAMED else SITES)
    cleared = {"tiny": "quandrexate", "aall1331": "methotrexate"}.get(definition, "umbrate")
    file = folder / "site.yaml"
    file.write_text(f"format: 1\nclearances: {{{cleared}: below 0.1 micromol/L}}\n{text}", encoding="utf-8")
    return load_settings(file)


def patient_of(dice: Random, definition: str) -> NewPatient:
    """A made-up child for a definition: one of the loom's kind by its folder, `tiny`, or `aall1331`."""
    size = dice.choice([("74", "9.75"), ("112", "19.4"), ("115", "20"), ("153", "43.2"), ("181", "88")])
    arm, risk = dice.choice([("A", "high"), ("B", "high"), ("C", "low"), ("D", "low")])
    of_protocol = {
        "tiny": {"protocol": str(TINY), "arm": "P", "cns": "", "risk": ""},
        "aall1331": {"protocol": "aall1331", "arm": arm, "risk": risk, "cns": dice.choice(["cns1", "cns2", "cns3"])},
    }
    cns = dice.choice(["clear", "involved"])
    return replace(
        BOY,
        born=dice.choice(["2019-01-20", "2024-02-29", "2011-07-01", "2018-12-02"]),
        sex=dice.choice(["male", "female"]),
        height=size[0],
        weight=size[1],
        start=(date(2026, 12, 1) + timedelta(days=dice.randint(0, 40))).isoformat(),
        **of_protocol.get(definition, {"protocol": definition, "cns": cns}),
    )


class Teller:
    """Makes up what happens next to a record, of whatever protocol: most of it can be, some is refused."""

    def __init__(self, chart: Chart, dice: Random, *, settings: bool = False) -> None:
        self.chart = chart
        self.dice = dice
        self.settings = settings
        self.zone = ZoneInfo(chart.plan.record.timezone)

    def next(self) -> Values:
        """An entry, without what is empty."""
        kinds = {
            self._start_the_next: 6, self._start: 1, self._assign: 1, self._state: 1, self._delay: 3, self._delay_part: 3,
            self._hold: 3, self._omit: 3, self._move: 4, self._give: 6, self._begin: 8, self._adjust: 3,
            self._substitute: 2, self._measure: 3, self._bags: 1, self._interrupt: 6, self._resume: 6, self._clear: 4,
            self._ending: 2, self._undo: 2, self._diagnostic: 2,
        }  # fmt: skip
        kinds |= {self._settings: 3} if self.settings else {}
        if not (self._courses() and self.chart.plan.administrations):  # there is nothing else to name
            kinds = {self._start: 1, self._undo: 1}
        while True:
            found = self.dice.choices(list(kinds), list(kinds.values()))[0]()
            if found:
                return {key: value for key, value in found.items() if value not in ("", False, None)}

    # --- what can be named

    def _courses(self) -> list[DatedCourse]:
        return [each.course for each in self.chart.plan.courses if each.course.dates]

    def _course(self) -> DatedCourse:
        courses = self._courses()
        running = [index for index, each in enumerate(courses) if each.started]
        if running and self.dice.random() < 0.8:
            courses = courses[running[-1] :][:3]
        return self.dice.choice(courses)

    def _line(self) -> Administration:
        lines = self.chart.plan.administrations
        running = [each.id for each in self._courses() if each.started]
        mine = [each for each in lines if running and each.course == running[-1]]
        return self.dice.choice(mine if mine and self.dice.random() < 0.8 else lines)

    def _today(self) -> date:
        return max(
            (each.dates.day1 for each in self._courses() if each.started and each.dates), default=date(2026, 12, 1)
        )

    def _at(self, on: date) -> str:
        return datetime(
            on.year, on.month, on.day, self.dice.randint(0, 23), self.dice.choice([0, 30]), tzinfo=self.zone
        ).isoformat()

    def _why(self) -> str:
        return self.dice.choice(["", "asked for", "asked for"])

    # --- what happens

    def _start_the_next(self) -> dict[str, Any] | None:
        ahead = [each for each in self._courses() if not each.started]
        if not ahead or ahead[0].dates is None:
            return None
        late = self.dice.choice([0, 0, 0, 1, 2, 5, 9])
        on = ahead[0].dates.day1 + timedelta(days=late)
        return {"entry": "start", "course": ahead[0].id, "date": on.isoformat(), "why": "late" if late else ""}

    def _start(self) -> dict[str, Any]:
        course = self.dice.choice([each.course for each in self.chart.plan.courses])
        on = (course.dates.day1 if course.dates else self._today()) + timedelta(days=self.dice.randint(-6, 25))
        return {"entry": "start", "course": course.id, "date": on.isoformat(), "why": "asked for"}

    def _assign(self) -> dict[str, Any]:
        arm = self.dice.choice(list(self.chart.plan.protocol.arms))
        return {"entry": "assign", "arm": arm, "date": self._today().isoformat(), "why": "asked for"}

    def _state(self) -> dict[str, Any] | None:
        fact = self.dice.choice(["cns", "risk"])
        values = getattr(self.chart.plan.protocol, fact)
        return (
            {"entry": "state", "fact": fact, "value": self.dice.choice(values), "why": "asked for"} if values else None
        )

    def _delay(self) -> dict[str, Any]:
        ahead = [each for each in self._courses() if not each.started][:4]
        course = self.dice.choice(ahead) if ahead else self._course()
        days = self.dice.randint(1, 15)
        assert course.dates
        to = (course.dates.day1 + timedelta(days=days)).isoformat()
        when = self.dice.choice([{"days": days}, {"to": to}])
        return {"entry": "delay", "course": course.id, **when, "only": self.dice.random() < 0.2, "why": "fever"}

    def _delay_part(self) -> dict[str, Any]:
        course = self._course()
        assert course.dates
        number = self.dice.randint(course.dates.first, max(course.dates.length, 2))
        days = self.dice.randint(1, 10)
        to = (course.dates.date_of(number) + timedelta(days=days)).isoformat()
        when = self.dice.choice([{"days": days}, {"to": to}])
        only = self.dice.random() < 0.2
        return {"entry": "delay", "course": course.id, **when, "from_day": number, "only": only, "why": "fever"}

    def _hold(self) -> dict[str, Any]:
        course = self._course()
        assert course.dates
        first = course.dates.day1 + timedelta(days=self.dice.randint(0, course.dates.length))
        rule, days = self.dice.choice(["skip", "slip"]), self.dice.randint(1, 12)
        return {"entry": "hold", "course": course.id, "date": first.isoformat(), "days": days, "rule": rule, "why": "x"}

    def _omit(self) -> dict[str, Any]:
        ids = sorted({self._line().id for _count in range(self.dice.randint(1, 3))})
        return {"entry": "omit", "ids": ids, "--alone": self.dice.random() < 0.5, "why": "ileus"}

    def _move(self) -> dict[str, Any]:
        line = self._line()
        on = line.date + timedelta(days=self.dice.randint(-4, 5))
        return {"entry": "move", "id": line.id, "date": on.isoformat(), "--alone": self.dice.random() < 0.3, "why": "x"}

    def _give(self) -> dict[str, Any]:
        line = self._line()
        on = line.date + timedelta(days=self.dice.choice([0, 0, 0, 0, -2, -1, 1, 2, 3]))
        at = self._at(on) if self.dice.random() < 0.6 else ""
        dose = self.dice.choice(["", "", "", Decimal(3), Decimal("4.5")])
        return {"entry": "give", "id": line.id, "date": on.isoformat(), "at": at, "dose": dose, "why": self._why()}

    def _begin(self) -> dict[str, Any] | None:
        """The first day of a pump, or what a rescue hangs on."""
        begun = {each.id for each in self._courses() if each.started}
        anchors = [
            each for each in self.chart.plan.administrations
            if each.course in begun and (each.order_line.frequency.continuous or each.order_line.over)
            and each.status is not Status.GIVEN
        ]  # fmt: skip
        if not anchors:
            return None
        line = anchors[0] if self.dice.random() < 0.6 else self.dice.choice(anchors)
        return {"entry": "give", "id": line.id, "date": line.date.isoformat(), "at": self._at(line.date)}

    def _adjust(self) -> dict[str, Any]:
        since = self._today() + timedelta(days=self.dice.randint(-5, 60))
        to = self.dice.choice(["", (since + timedelta(days=self.dice.randint(0, 40))).isoformat()])
        percent = self.dice.choice([Decimal(50), Decimal(75), Decimal("33.3"), Decimal(100), Decimal(120)])
        agent = self.dice.choice(list(self.chart.plan.protocol.agents))
        return {"entry": "adjust", "agent": agent, "percent": percent, "date": since.isoformat(), "to": to, "why": "x"}

    def _substitute(self) -> dict[str, Any] | None:
        agents = self.chart.plan.protocol.agents.values()
        products = [(agent.id, each.key) for agent in agents for each in agent.substitutions]
        if not products:
            return None
        agent, product = self.dice.choice(products)
        on = self._today() + timedelta(days=self.dice.randint(-20, 30))
        return {"entry": "substitute", "agent": agent, "product": product, "date": on.isoformat(), "why": "allergy"}

    def _measure(self) -> dict[str, Any]:
        last = self.chart.plan.facts.measurements[-1]
        on = self._today() + timedelta(days=self.dice.randint(-10, 90))
        again = self.dice.choice(["", (on + timedelta(days=self.dice.randint(0, 30))).isoformat()])
        return {
            "entry": "measure", "date": on.isoformat(), "height": last.height + self.dice.randint(0, 2),
            "weight": last.weight + Decimal(self.dice.randint(-9, 20)) / 10, "again": again,
            "--keep": self.dice.random() < 0.5, "why": self._why(),
        }  # fmt: skip

    def _bags(self) -> dict[str, Any] | None:
        agents = [each.id for each in self.chart.plan.protocol.agents.values() if each.bags]
        if not agents:
            return None
        hours = self.dice.choice([[24], [48, 96], [96], [72], [168]])
        on = self._today() + timedelta(days=self.dice.randint(0, 14))
        return {"entry": "bags", "agent": self.dice.choice(agents), "hours": hours, "date": on.isoformat()}

    def _interrupt(self) -> dict[str, Any] | None:
        pumps = [
            (each.course, min(each.times)) for each in self.chart.plan.administrations
            if each.times and each.order_line.frequency.continuous
        ]  # fmt: skip
        if not pumps:
            return None
        course, start = pumps[0] if self.dice.random() < 0.5 else self.dice.choice(pumps)
        pauses = [each.resume or each.stop for each in self.chart.plan.facts.pauses if each.course == course]
        at = max([start, *pauses]) + timedelta(hours=self.dice.randint(1, 200))
        return {"entry": "interrupt", "course": course, "at": at.isoformat(), "why": "fever"}

    def _resume(self) -> dict[str, Any] | None:
        pauses = [each for each in self.chart.plan.facts.pauses if each.resume is None]
        if not pauses:
            return None
        hours = self.dice.choice([1, 3, 4, 30, 100, 167, 168, 169])
        at = (pauses[-1].stop + timedelta(hours=hours)).isoformat()
        dose = Decimal("9.5") if hours >= 4 else ""
        return {"entry": "resume", "course": pauses[-1].course, "at": at, "dose": dose, "why": "afebrile"}

    def _clear(self) -> dict[str, Any] | None:
        hooked = [each for each in self.chart.plan.administrations if each.order_line.until_clear and each.times]
        if not hooked:
            return None
        line = self.dice.choice(hooked)
        at = min(line.times) + timedelta(hours=self.dice.randint(-20, 60))
        level = "0.08 micromol/L"
        agent = line.order_line.until_clear
        return {"entry": "clear", "course": line.course, "agent": agent, "at": at.isoformat(), "level": level}

    def _ending(self) -> dict[str, Any] | None:
        if len(self.chart.plans) < 7:
            return None
        on = self._today() + timedelta(days=self.dice.randint(-3, 60))
        kind = self.dice.choice(["fail", "transplant", "stop", "end"])
        if kind == "end":
            on += timedelta(days=self.dice.randint(60, 400))
        at = self._at(on) if kind == "stop" and self.dice.random() < 0.5 else ""
        return {"entry": kind, "date": on.isoformat(), "at": at, "why": "asked for"}

    def _undo(self) -> dict[str, Any]:
        revision = self.chart.plan.revision
        line = self.dice.choice([revision, self.dice.randint(self.chart.first, revision)])
        return {"entry": "undo", "line": line, "why": "a slip"}

    def _diagnostic(self) -> dict[str, Any] | None:
        agents = [
            each.id for each in self.chart.plan.protocol.agents.values() if "IT" in {way.value for way in each.routes}
        ]
        if not agents:
            return None
        on = self._today() - timedelta(days=self.dice.randint(0, 4))
        return {"entry": "diagnostic-it", "agent": self.dice.choice(agents), "date": on.isoformat()}

    def _settings(self) -> dict[str, Any]:
        """A site's rules, from the day of this line on; those that the chart was given come after them."""
        definition = self.chart.plan.protocol.id
        name = definition if definition in NAMED else ""
        with tempfile.TemporaryDirectory() as folder:
            rules = site_of(self.dice, Path(folder), name)
        return {"entry": "settings", **rules_as_written(rules), "why": "asked for"}


class DiffersError(AssertionError):
    """Plan and second count of a pair."""


def differences(chart: Chart) -> list[str]:
    """Where plan and second count of a chart's last revision differ."""
    record = replace(chart.plan.record, text=chart.path.read_text(encoding="utf-8"))
    return [each.message for each in counted_again(replace(chart.plan, record=record))]


def compared(number: int, definition: str, folder: Path, length: int) -> int:
    """How many pairs of a number agree; of a definition made up in an empty folder, or of one by its name.

    Of `settings`, definitions are made up, and the site's rules change as lines of the log, some days apart.
    Raises DiffersError with the fewest entries after which they do not.
    """
    dice = Random(f"{number} {definition}")
    made_up = definition not in NAMED
    where = str(definition_of(dice, folder / "definition")) if made_up else definition
    patient, site = patient_of(dice, where), site_of(dice, folder, definition)
    chart = Chart(patient, site, anew=False)
    if definition == SETTINGS:
        chart.apart = timedelta(days=dice.choice(APART))
    told: list[Values] = []
    count = 0
    try:
        if found := differences(chart):
            raise DiffersError("\n".join([f"{number} of {definition}: {found[0]}", *found[1:]]))
        teller = Teller(chart, dice, settings=definition == SETTINGS)
        for _try in range(3 * length):
            values = teller.next()
            try:
                taken = chart.add(values).after is not None
            except ProtocalError:
                continue
            if taken:
                told.append(values)
                count += 1
                if differences(chart):
                    raise DiffersError(f"{number} of {definition}: {_smallest(patient, site, told, chart.apart)}")
    finally:
        chart.close()
    return count


def _smallest(patient: NewPatient, site: Settings, told: list[Values], apart: timedelta) -> str:
    """The fewest entries after which they differ, and how."""
    kept, found = list(told), _after(patient, site, told, apart)
    for index in reversed(range(len(kept))):
        fewer = kept[:index] + kept[index + 1 :]
        if again := _after(patient, site, fewer, apart):
            kept, found = fewer, again
    return "\n".join([*found, "after", *map(str, kept)])


def _after(patient: NewPatient, site: Settings, told: list[Values], apart: timedelta) -> list[str]:
    chart = Chart(patient, site, anew=False)
    chart.apart = apart
    try:
        for values in told:
            with suppress(ProtocalError):
                chart.add(values)
        return differences(chart)
    finally:
        chart.close()
