"""What a record's plan has to name, and a source of chance, in; entries as a hurried hand would write them out."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from fuzz.hostile import AGENTS, COURSES, IDS, value_for

Pairs = list[tuple[str, str]]


@dataclass(frozen=True)
class Known:
    """What there is to name."""

    ids: Sequence[tuple[str, date]]  # administrations with their dates
    courses: Sequence[tuple[str, date]]
    agents: Sequence[str] = tuple(AGENTS)
    zone: str = "-05:00"


class Hand:
    """Writes entries: most could be meant, some could not."""

    def __init__(self, known: Known, rng: Random, lines: int) -> None:
        self.known = known
        self.rng = rng
        self.lines = lines  # that the log has already
        self.wild = rng.choice((0.0, 0.0, 0.05, 0.3))

    def entries(self, number: int) -> str:
        """So many entries in any order, with an undo here and there."""
        text = ""
        for _ in range(number):
            kind = self.rng.choice([*_KINDS, "undo", "start", "give"])
            pairs = [("entry", kind), *_KINDS[kind](self)]
            text += self._written([(key, self._or_wild(key, value)) for key, value in pairs])
            self.lines += 1
        return text

    def _or_wild(self, key: str, value: str) -> str:
        return value_for(key, self.rng) if self.rng.random() < self.wild else value

    def _written(self, pairs: Pairs) -> str:
        if self.rng.random() < self.wild:
            self.rng.shuffle(pairs)
        if self.rng.random() < 0.3:
            return f"  - {{{', '.join(f'{key}: {value}' for key, value in pairs)}}}\n"
        lines = [f"{'    ' if index else '  - '}{key}: {value}\n" for index, (key, value) in enumerate(pairs)]
        if self.rng.random() < 0.1:
            lines.insert(self.rng.randrange(len(lines)), self.rng.choice(("# a remark\n", "    # a remark\n", "\n")))
        return "".join(lines)

    # --- what an entry names

    def course(self) -> Pairs:
        return [("course", self._one(self.known.courses)[0] if self.rng.random() < 0.95 else self.rng.choice(COURSES))]

    def day(self, near: date | None = None) -> str:
        start = near or self._one(self.known.courses)[1]
        years = self.rng.choice((0,) * 12 + (-1, 1, -10, 10, 100))
        day = start + timedelta(days=self.rng.randrange(-4, 12))
        return f"{day.year + years:04d}-{day:%m-%d}"

    def time(self, near: date | None = None) -> str:
        hour = self.rng.choice(("00:00", "02:30", "09:30", "23:59"))
        return f"{self.day(near)}T{hour}:00{self.rng.choice((self.known.zone,) * 6 + ('Z', '+14:00', '-12:00'))}"

    def agent(self) -> Pairs:
        return [("agent", self.rng.choice(list(self.known.agents)))]

    def number(self, *choices: str) -> str:
        return self.rng.choice(choices)

    def why(self) -> Pairs:
        words = ("asked for", "39.6 {C}", "it's", 'say "no"', "a: b", "#1", "\u00e9t\u00e9", "x" * 500)
        return [("why", json.dumps(self.rng.choice(words), ensure_ascii=False))]

    def maybe(self, pairs: Pairs) -> Pairs:
        return pairs if self.rng.random() < 0.5 else []

    def line(self) -> str:
        lines = self.lines
        return str(self.rng.choice((lines, lines, lines - 1, lines - 2, self.rng.randrange(1, lines + 1), lines + 1)))

    def _one(self, of: Sequence[tuple[str, date]]) -> tuple[str, date]:
        return of[min(self.rng.randrange(len(of)), self.rng.randrange(len(of)))]  # sooner rather than later

    def given(self) -> Pairs:
        id_, day = self.line_of_the_plan()
        when = self.rng.choice(("date", "at", "both"))
        pairs = [("id", id_)]
        if when != "at":
            pairs.append(("date", self.day(day)))
        if when != "date":
            pairs.append(("at", self.time(day)))
        return pairs + self.maybe([("dose", self.number("3", "0.78", "4.5", "1e-6", "999999.999999"))])

    def line_of_the_plan(self) -> tuple[str, date]:
        if self.rng.random() < 0.05:
            return self.rng.choice(IDS), self.known.ids[0][1]
        return self._one(self.known.ids)

    def moved(self) -> Pairs:
        id_, day = self.line_of_the_plan()
        return [("id", id_), ("date", self.day(day)), *self.maybe(self.why())]

    def started(self) -> Pairs:
        id_, day = self._one(self.known.courses)
        counts = [("counts", f"{{anc: {self.number('320', '800', '0', '1e3')}}}")]
        return [("course", id_), ("date", self.day(day)), *self.maybe(counts), *self.maybe(self.why())]

    def delayed(self) -> Pairs:
        id_, day = self._one(self.known.courses)
        length = [("days", self.number("1", "6", "21", "365", "3660"))]
        until = [("to", self.day(day))]
        rest = [("from_day", self.number("0", "1", "8", "29", "3660"))]
        only = [("only", "true")]
        return [("course", id_), *self.rng.choice((length, length, until)), *self.rng.choice(([], [], rest, only))]

    def measured(self) -> Pairs:
        size = [("height", self.number("112", "113.5", "120")), ("weight", self.number("19.4", "21", "25.25"))]
        return [("date", self.day()), *size, *self.maybe([("again", self.day())])]

    def adjusted(self) -> Pairs:
        share = [("percent", self.number("50", "75", "1", "200", "33.333333"))]
        return [*self.agent(), *share, ("date", self.day()), *self.maybe([("to", self.day())])]

    def undone(self) -> Pairs:
        return [("line", self.line()), *self.maybe(self.why())]


_KINDS: dict[str, Callable[[Hand], Pairs]] = {
    "give": Hand.given,
    "move": Hand.moved,
    "omit": lambda hand: [
        ("ids", f"[{', '.join(hand.line_of_the_plan()[0] for _ in range(hand.rng.choice((1, 1, 2, 5))))}]")
    ],
    "start": Hand.started,
    "delay": Hand.delayed,
    "hold": lambda hand: [
        *hand.course(),
        ("date", hand.day()),
        ("days", hand.number("1", "7", "21", "3660")),
        ("rule", hand.number("skip", "slip")),
    ],
    "measure": Hand.measured,
    "adjust": Hand.adjusted,
    "substitute": lambda hand: [
        ("agent", "aspanol"),
        ("product", hand.number("rusta", "rusta-48-h")),
        ("date", hand.day()),
    ],
    "bags": lambda hand: [
        ("agent", "drippumab"),
        ("hours", hand.number("[24]", "[48, 96]", "[96, 24, 48]", "[1]")),
        ("date", hand.day()),
    ],
    "dispense": lambda hand: [
        *hand.agent(),
        hand.rng.choice(
            (
                ("tablets", hand.number("60 of 5 mg", "30.5 of 2.5 mg", "0 of 5 mg", "60 of 5 mcg", "60")),
                ("liquid", hand.number("100 mL of 20 mg/mL", "0.5 mL of 0.1 mg/mL", "100 mL")),
            )
        ),
        ("date", hand.day()),
        *hand.maybe(hand.why()),
    ],
    "interrupt": lambda hand: [*hand.course(), ("at", hand.time()), *hand.why()],
    "resume": lambda hand: [*hand.course(), ("at", hand.time()), *hand.maybe([("dose", "9.5")]), *hand.why()],
    "clear": lambda hand: [
        ("course", "weft"),
        ("agent", "umbrate"),
        ("at", hand.time()),
        ("level", hand.number("0.08 micromol/L", "0.2 micromol/L", "0.08 mg/L")),
    ],
    "state": lambda hand: [
        ("fact", hand.number("cns", "risk")),
        ("value", hand.number("clear", "involved", "low", "high")),
    ],
    "assign": lambda hand: [("arm", hand.number("L", "H", "L", "x")), ("date", hand.day())],
    "diagnostic-it": lambda hand: [("date", hand.day()), *hand.agent()],
    "remark": lambda hand: [
        ("kind", hand.number("allergy", "gene", "interaction")),
        ("text", hand.number("rash", "'TPMT *3A'", "'{x}'")),
    ],
    "prior": lambda hand: [*hand.agent(), ("amount", hand.number("20", "0", "99999.9")), ("unit", "mg/m2")],
    "note": lambda hand: [("text", hand.why()[0][1])],
    "link": lambda hand: [
        ("reader", hand.number("family", "clinic", "pharmacy")),
        ("generation", hand.number("1", "1", "2", "0")),
        ("language", hand.number("en", "es", "es-MX", "fr")),
        ("doses", hand.number("none", "confirmed", "all")),
    ],
    "fail": lambda hand: [("date", hand.day())],
    "transplant": lambda hand: [("date", hand.day())],
    "stop": lambda hand: [("date", hand.day()), *hand.maybe([("at", hand.time())]), *hand.why()],
    "end": lambda hand: [("date", hand.day()), *hand.why()],
    "undo": Hand.undone,
}
