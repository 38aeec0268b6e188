"""Any sequence of entries, on a small protocol: what must hold after each of them, whatever came before.

With `PROTOCAL_SOAK=2` it runs for two hours, on other stories each time; without, on the same few.
"""

from __future__ import annotations

import os
from datetime import date, datetime, timedelta
from decimal import Decimal
from time import monotonic
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test
from machines import DAY1, Chart, add_and_look, history_is_what_was_planned, smallest

from protocal.model.plan import Administration, DatedCourse, Status

ZONE = ZoneInfo("America/New_York")
HOURS = float(os.environ.get("PROTOCAL_SOAK", "0"))
STEADY = settings(
    max_examples=200 if HOURS else 50,
    stateful_step_count=50 if HOURS else 25,
    derandomize=not HOURS,
    database=None,
    deadline=None,
    phases=(Phase.generate,),  # a failure is made small here, and faster
    report_multiple_bugs=False,
    print_blob=False,
    suppress_health_check=list(HealthCheck),
)

near = st.integers(-3, 3)
far = st.integers(-10, 20)
reasons = st.sampled_from(["", "asked for"])
data_ = st.data()


class Sequences(RuleBasedStateMachine):
    """A record to which anything may be added."""

    anew = True

    def __init__(self) -> None:
        super().__init__()
        self.chart = Chart(anew=self.anew)
        self.written: list[dict[str, Any]] = []
        self.revision = self.chart.plan.revision

    def teardown(self) -> None:
        try:
            changed = "\n".join(history_is_what_was_planned(self.chart))
            assert not changed, f"{changed}\nafter\n{self._told()}"
        finally:
            self.chart.close()

    # --- what is written

    @initialize(begun=st.integers(0, 4), given=st.booleans(), arm=st.sampled_from(["L", "L", "H"]), cns=st.booleans())
    def begin(self, begun: int, given: bool, arm: str, cns: bool) -> None:
        """A story may be well under way."""
        if arm == "H":
            for line in (6, 4):  # its arm and its risk group
                self._add(entry="undo", line=line, why="corrected")
            self._add(entry="state", fact="risk", value="high")
            self._add(entry="assign", arm="H", date=_iso(DAY1))
        if cns:
            self._add(entry="state", fact="cns", value="involved")
        for _course in range(begun):
            self.start_the_next(days=0)
            if given:
                for line in self._infusions()[:1]:
                    self._add(entry="give", id=line.id, date=_iso(line.date), at=_time(line.date, 10))

    @rule(days=st.integers(0, 5))
    def start_the_next(self, days: int) -> None:
        ahead = [each.course for each in self.chart.plan.courses if not each.course.started and each.course.dates]
        for course in ahead[:1]:
            day = _iso(course.dates.day1 + timedelta(days=days))
            self._add(entry="start", course=course.id, date=day, why="late" if days else "")

    @rule(data=data_, days=far, anc=st.sampled_from(["", 400, 900]), why=reasons)
    def start(self, data: Any, days: int, anc: Any, why: str) -> None:
        course = self._course(data)
        planned = course.dates.day1 if course.dates else self._last_day() + timedelta(days=1)
        counts = {"anc": anc} if anc and course.definition.may_start else ""
        self._add(entry="start", course=course.id, date=_iso(planned + timedelta(days=days)), counts=counts, why=why)

    @rule(arm=st.sampled_from(["L", "H"]), days=st.integers(0, 14), why=reasons)
    def assign(self, arm: str, days: int, why: str) -> None:
        self._add(entry="assign", arm=arm, date=_iso(DAY1 + timedelta(days=days)), why=why)

    @rule(value=st.sampled_from([("cns", "clear"), ("cns", "involved"), ("risk", "low"), ("risk", "high")]))
    def state(self, value: tuple[str, str]) -> None:
        self._add(entry="state", fact=value[0], value=value[1])

    @rule(data=data_, days=st.integers(1, 20), only=st.booleans())
    def delay(self, data: Any, days: int, only: bool) -> None:
        self._add(entry="delay", course=self._ahead(data).id, days=days, only=only or "")

    @rule(data=data_, days=st.integers(1, 20), only=st.booleans())
    def delay_to(self, data: Any, days: int, only: bool) -> None:
        course = self._ahead(data)
        if course.dates:
            to = _iso(course.dates.day1 + timedelta(days=days))
            self._add(entry="delay", course=course.id, to=to, only=only or "")

    @rule(data=data_, number=st.integers(1, 84), days=st.integers(1, 14), to=st.booleans())
    def delay_the_rest(self, data: Any, number: int, days: int, to: bool) -> None:
        course = self._course(data)
        if course.dates and not to:
            self._add(entry="delay", course=course.id, days=days, from_day=number)
        elif course.dates:
            day = _iso(course.dates.date_of(number) + timedelta(days=days))
            self._add(entry="delay", course=course.id, to=day, from_day=number)

    @rule(data=data_, number=st.integers(0, 30), days=st.integers(1, 14), slip=st.booleans())
    def hold(self, data: Any, number: int, days: int, slip: bool) -> None:
        course = self._course(data)
        if course.dates:
            first = _iso(course.dates.day1 + timedelta(days=number))
            self._add(entry="hold", course=course.id, date=first, days=days, rule="slip" if slip else "skip")

    @rule(data=data_, alone=st.booleans(), count=st.integers(1, 3))
    def omit(self, data: Any, alone: bool, count: int) -> None:
        ids = sorted({self._line(data).id for _ in range(count)})
        self._add(entry="omit", ids=ids, **{"--alone": alone})

    @rule(data=data_, days=near, why=reasons)
    def move(self, data: Any, days: int, why: str) -> None:
        line = self._line(data)
        self._add(entry="move", id=line.id, date=_iso(line.date + timedelta(days=days)), why=why)

    @rule(
        data=data_,
        days=near,
        hour=st.integers(-1, 23),
        dose=st.sampled_from(["", Decimal(3), Decimal("4.5")]),
        why=reasons,
    )
    def give(self, data: Any, days: int, hour: int, dose: Any, why: str) -> None:
        line = self._line(data)
        day = line.date + timedelta(days=days)
        at = "" if hour < 0 else _time(day, hour)
        self._add(entry="give", id=line.id, date=_iso(day), at=at, dose=dose, why=why)

    @rule(data=data_, hour=st.integers(0, 23))
    def begin_an_infusion(self, data: Any, hour: int) -> None:
        if firsts := self._infusions():
            line = firsts[data.draw(st.integers(0, len(firsts) - 1), "infusion")]
            self._add(entry="give", id=line.id, date=_iso(line.date), at=_time(line.date, hour))

    @rule(
        agent=st.sampled_from(["mercadol", "umbrate", "vinbane", "drippumab", "tarline"]),
        percent=st.sampled_from([Decimal(50), Decimal(75), Decimal(100)]),
        day=st.integers(-5, 120),
        length=st.integers(-1, 60),
    )
    def adjust(self, agent: str, percent: Decimal, day: int, length: int) -> None:
        since = self._today() + timedelta(days=day)
        to = "" if length < 0 else _iso(since + timedelta(days=length))
        self._add(entry="adjust", agent=agent, percent=percent, date=_iso(since), to=to)

    @rule(product=st.sampled_from(["rusta", "rusta-48-h"]), day=st.integers(-20, 40))
    def substitute(self, product: str, day: int) -> None:
        self._add(entry="substitute", agent="aspanol", product=product, date=_iso(self._today() + timedelta(days=day)))

    @rule(
        data=data_,
        day=st.integers(-10, 150),
        weight=st.integers(170, 250),
        again=st.integers(-1, 60),
        keep=st.booleans(),
    )
    def measure(self, data: Any, day: int, weight: int, again: int, keep: bool) -> None:
        on = self._today() + timedelta(days=day)
        self._add(
            entry="measure",
            date=_iso(on),
            height=Decimal(113),
            weight=Decimal(weight) / 10,
            again="" if again < 0 else _iso(on + timedelta(days=again)),
            **{"--keep": keep},
        )

    @rule(hours=st.sampled_from([[24], [48, 96], [96], [72]]), day=st.integers(0, 60))
    def bags(self, hours: list[int], day: int) -> None:
        self._add(entry="bags", agent="drippumab", hours=hours, date=_iso(DAY1 + timedelta(days=day)))

    @rule(
        agent=st.sampled_from(["mercadol", "mercadol", "umbrate", "folliver"]),
        what=st.sampled_from(
            [
                *({"tablets": f"{count} of {mg} mg"} for count in ("10", "30", "60.5") for mg in ("5", "2.5")),
                {"liquid": "40 mL of 20 mg/mL"},
            ]
        ),
        day=st.integers(-10, 30),
        why=reasons,
    )
    def dispense(self, agent: str, what: dict[str, str], day: int, why: str) -> None:
        on = _iso(self._today() + timedelta(days=day))
        self._add(entry="dispense", agent=agent, **what, date=on, why=why)

    @rule(data=data_, hours=st.integers(1, 350))
    def interrupt(self, data: Any, hours: int) -> None:
        if running := self._running(data):
            course, start = running
            pauses = [each.resume or each.stop for each in self.chart.plan.facts.pauses if each.course == course]
            at = max([start, *pauses]) + timedelta(hours=hours)
            self._add(entry="interrupt", course=course, at=at.isoformat(), why="fever")

    @rule(data=data_, hours=st.integers(1, 200), named=st.booleans())
    def resume(self, data: Any, hours: int, named: bool) -> None:
        if pauses := self.chart.plan.facts.pauses:
            pause = data.draw(st.sampled_from(pauses), "pause")
            at = (pause.stop + timedelta(hours=hours)).isoformat()
            dose = Decimal("9.5") if named or hours >= 4 else ""
            self._add(entry="resume", course=pause.course, at=at, dose=dose, why="well again")

    @rule(hours=st.integers(24, 200), level=st.sampled_from(["0.08 micromol/L", "0.2 micromol/L"]))
    def clear(self, hours: int, level: str) -> None:
        start = dict(self.chart.plan.facts.given).get("weft/umb/1")
        if start:
            at = (start + timedelta(hours=hours)).isoformat()
            self._add(entry="clear", course="weft", agent="umbrate", at=at, level=level)

    @precondition(lambda self: self._is_late())
    @rule(day=st.integers(0, 60))
    def fail(self, day: int) -> None:
        self._add(entry="fail", date=_iso(self._today() + timedelta(days=day)))

    @precondition(lambda self: self._is_late())
    @rule(day=st.integers(0, 60))
    def transplant(self, day: int) -> None:
        self._add(entry="transplant", date=_iso(self._today() + timedelta(days=day)))

    @precondition(lambda self: self._is_late())
    @rule(day=st.integers(-3, 60), hour=st.integers(-1, 23))
    def stop(self, day: int, hour: int) -> None:
        on = self._today() + timedelta(days=day)
        self._add(entry="stop", date=_iso(on), at="" if hour < 0 else _time(on, hour), why="asked for")

    @precondition(lambda self: len(self.chart.plans) % 5 == 0)
    @rule(day=st.integers(200, 400))
    def end(self, day: int) -> None:
        self._add(entry="end", date=_iso(DAY1 + timedelta(days=day)), why="asked for")

    @precondition(lambda self: len(self.chart.plans) % 7 == 0)
    @rule()
    def note(self) -> None:
        self._add(entry="note", text="nothing new")

    @rule(why=reasons)
    def undo_the_last(self, why: str) -> None:
        self._add(entry="undo", line=self.chart.plan.revision, why=why)

    @rule(data=data_, why=reasons)
    def undo(self, data: Any, why: str) -> None:
        line = data.draw(st.integers(self.chart.first + 1, self.chart.first + len(self.chart.plans)), "line")
        self._add(entry="undo", line=line, why=why)

    # --- what is there to name

    def _course(self, data: Any) -> DatedCourse:
        """The one that runs and those after it, and sometimes one that is over."""
        courses = [each.course for each in self.chart.plan.courses]
        begun = [index for index, each in enumerate(courses) if each.started]
        if data.draw(st.integers(0, 4), "any") and begun:
            courses = courses[begun[-1] :]
        return courses[data.draw(st.integers(0, len(courses) - 1), "course")]

    def _ahead(self, data: Any) -> DatedCourse:
        """One that has not begun, and sometimes one that has."""
        ahead = [each.course for each in self.chart.plan.courses if not each.course.started]
        if ahead and data.draw(st.integers(0, 4), "ahead"):
            return ahead[data.draw(st.integers(0, len(ahead) - 1), "course")]
        return self._course(data)

    def _line(self, data: Any) -> Any:
        """One of the course that runs, or of any."""
        lines = self.chart.plan.administrations
        begun = [each.course for each in self.chart.plan.courses if each.course.started]
        if begun and data.draw(st.booleans(), "running"):
            lines = tuple(each for each in lines if each.course == begun[-1].id) or lines
        return lines[data.draw(st.integers(0, len(lines) - 1), "administration")]

    def _infusions(self) -> list[Administration]:
        """First days of infusions that others hang on, in courses that have begun and with none given."""
        begun = {each.course.id for each in self.chart.plan.courses if each.course.started}
        return [
            each for each in self.chart.plan.administrations
            if each.key in ("dri", "umb") and each.day == 1 and each.status is not Status.GIVEN and each.course in begun
        ]  # fmt: skip

    def _today(self) -> date:
        """The first day of the course that runs."""
        return max(
            (each.course.dates.day1 for each in self.chart.plan.courses if each.course.dates and each.course.started),
            default=DAY1,
        )

    def _is_late(self) -> bool:
        """Nothing ends a story early, or twice."""
        facts = self.chart.plan.facts
        return len(self.chart.plans) > 6 and not (facts.failed or facts.transplanted or facts.stopped)

    def _last_day(self) -> date:
        return max(each.course.dates.last_day for each in self.chart.plan.courses if each.course.dates)

    def _running(self, data: Any) -> tuple[str, datetime] | None:
        found = [(id_.split("/")[0], at) for id_, at in self.chart.plan.facts.given if id_.endswith("/dri/1")]
        return data.draw(st.sampled_from(found), "running") if found else None

    def _add(self, **values: Any) -> None:
        shown = {key: value for key, value in values.items() if value not in ("", False)}
        found = add_and_look(self.chart, shown)
        if found or self.chart.plan.revision > self.revision:
            self.written.append(shown)
            self.revision = self.chart.plan.revision
        for law, said in found.items():
            self.fails(law, said)

    def fails(self, law: str, found: str) -> None:
        """Say it in the fewest entries."""
        self.written, said = smallest(self.written, law)
        raise AssertionError(f"{law.replace('_', ' ')}: {said or found}\nafter\n{self._told()}")

    def _told(self) -> str:
        return "\n".join(map(str, self.written))


def _iso(day: date) -> str:
    return day.isoformat()


def _time(day: date, hour: int) -> str:
    return datetime(day.year, day.month, day.day, hour, tzinfo=ZONE).isoformat()


def test_any_sequence_of_entries_keeps_the_laws() -> None:
    end = monotonic() + HOURS * 3600
    run_state_machine_as_test(Sequences, settings=STEADY)
    while monotonic() < end:
        run_state_machine_as_test(Sequences, settings=STEADY)
