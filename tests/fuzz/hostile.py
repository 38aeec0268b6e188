"""Values that nobody would write, by what stands in their place: a key of a file, or a kind of option in."""

# ruff: noqa: SIM905 - as words, they are easier to read than each in its quotes

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from random import Random

# fmt: off
DATES = [
    *"0001-01-01 0000-00-00 9999-12-31 1900-01-01 2200-12-31 1899-12-31 2201-01-01 2027-02-29 2028-02-29".split(),
    *"2026-13-01 2026-12-00 26-12-01 2026-1-1 2026-12-32 20261201 2026-W49-2 2026-335 12/05/2019 yesterday".split(),
    *"2026-12-01T09:00:00+00:00 99999999999999999999-01-01 -2026-12-01 2026-12-1O 2026\u201012\u201001".split(),
    *"\u0662\u0660\u0662\u0666-\u0661\u0662-\u0660\u0661 \uff12\uff10\uff12\uff16-12-01 2027-03-14 2027-11-07".split(),
    *"2018-12-01 2019-05-12 2026-11-30 2026-12-01 2026-12-15 2027-01-05 2027-03-14 2029-01-01 2036-12-01".split(),
    *"2062-01-05 2190-01-05 2010-10-10 1950-06-30".split(), "2026-12-01 ",
]
TIMES = [
    *"0001-01-01T00:00:00+00:00 0001-01-01T00:00:00+14:00 9999-12-31T23:59:59-12:00 9999-12-31T23:59:59Z".split(),
    *"2027-03-14T02:30:00-05:00 2026-11-01T01:30:00-04:00 2026-12-01T09:30:00 2026-12-01T24:00:00+00:00".split(),
    *"2026-12-01T09:30:60+00:00 2026-12-01T09:30:00+25:00 2026-12-01T09:30:00+23:59 20261201T093000Z".split(),
    *"2026-W49-2T09:30:00Z 2026-12-01T09:30:00.123456+00:00 2026-12-01T09:30:00+00:00:01".split(),
    *"2026-12-15T09:30:00-05:00 2027-01-05T09:00:00-05:00 2027-02-05T09:00:00-05:00 1850-01-01T00:00:00Z".split(),
    *"2199-12-31T23:30:00-05:00 2026-12-15T09:30:00-04:56:02 \u0662\u0660\u0662\u0666-12-01T09:30:00+00:00".split(),
    "2026-12-01 09:30", "2027-03-14 02:30", "2027-11-07 01:30", "2026-12-01 9:30", "9999-12-31 23:59",
        "0001-01-01 00:00",
]
NUMBERS = [
    *"0 -1 1 2 3 7 0.5 -0 1e-40 1e40 1E400 1e999 99999999999999999999 0x1c 0o17 0b1 1_000 1.5e3 .5 5. +1 010".split(),
    *"1,5 0.0000000001 0.001 1e-3 .inf -.inf .nan NaN Infinity true 3.0 3660 3661 1000000 112 19.4 250 40".split(),
    *"350 99.999999999999999999999999 1:30 4711 200 100 \u0663 \uff11\uff10 \u00bd \u00b2".split(),
    "1" * 30, "1" * 31, "1" * 61, "9" * 5000,
]
TEXTS = [
    "", "''", '""', "null", "~", "true", "no", "[]", "{}", "[1, 2]", "[[[[]]]]", "{a: b}", "{a: {b: {c: d}}}", "' '",
    "'{braces}'", "'{0}'", "'{name!r:>{width}}'", "'{{ 7*7 }}'", "'{% raw %}'", "'%s %(a)s'", "'$(touch x)'", "'`id`'",
    '"\\u202e"', '"a\\u202eb"', '"\\u0000"', '"\\ud800"', '"\\x85"', '"\\u2028"', '"\\e[31m"', '"\\t"', '"a\\nb"',
    '"\\u200b"', "a\u202eb", "a\u2066b", "a\u200bb", "a\x85b", "a\u2028b", "a\ufeffb", "a\x00b", "a\x1b[31mb", "a\x7fb",
    "a\tb", "&a x", "*a", "&a [*a]", "!!python/object:os.system x", "!x y", "!!int 3", "! x", "<<: x", "| ", ">-",
    "|2-",
    "? x", "- x", "%x", "@x", "`x`", "=1+1", "'=cmd|x'", "a: b: c", "a #b", "# nothing", "...", "---", "x" * 3000,
    "'" + "\xe9" * 1500 + "'", "\xe9", "\u5c71\u7530", "\U0001faa8", "\u0645\u062d\u0645\u062f",
    "'e" + "\u0301" * 30 + "'",
    "'<b>&amp;</b>'", "'../../x'", "/", ".", "'\\'", '"unfinished', "'unfinished", "[unfinished", "{unfinished",
    "\U000e0041", "\ue000", "\ufffd", "null null", "a\u00adb", "A\u3164B", "'{part0} {count}'", "'{figure'", "'}'",
]
WORDS = [  # which a file may well have
    "'{braces}'", "'{'", "'}'", "'{0}'", "'{part0} {count}'", "'%s'", "'a; b'", "'a: b'", "x" * 200, "\xe9t\xe9",
        "'it''s'",
    "'\\'", "'<b>&amp;</b>'", "'{{ 7*7 }}'", "'\U0001faa8'", "'\u0645\u062d\u0645\u062f'", "=1+1", "'1'", "x", "'a, b'",
]
ZONES = [
    *"America/New_York Pacific/Apia Asia/Kathmandu Europe/Dublin UTC Etc/GMT+12 ../../etc/passwd posixrules".split(),
    *"localtime America america/new_york Africa/Monrovia Antarctica/Troll /etc/passwd . zone.tab tzdata.zi".split(),
    "", "x" * 5000, '"a\\0"', "a/\x00",
]
COURSES = [
    *"warp weft shuttle heddle lamp cloth-1 cloth-9 cloth graft mend-1 bobbin WARP none cloth-0 cloth-01".split(),
    *"cloth-99999999999999999999 cloth--1 cloth-\u0661 - weft-1 weft.2 weft-2 warp/vin opening middle".split(),
    "x" * 200,
]
AGENTS = "aspanol drippumab folliver mercadol rustanol tarline umbrate vinbane rusta rusta-48-h Vinbane x".split()
IDS = [
    *"warp/vin/1 warp/it/2 weft/umb/1 weft/fol/3 shuttle/dri/1 heddle/mer/4 cloth-1/mer/3 warp/vin/99".split(),
    *"warp/vin/1/2 warp/vin / // warp//1 warp/vin/0 warp/vin/-1 warp/vin/\u0663 ../vin/1 warp/itd/2/umbrate".split(),
    "warp/vin/" + "9" * 40,
]

BY_KEY = {
    **dict.fromkeys("date born created to again measured start from".split(), DATES),
    **dict.fromkeys("at recorded".split(), TIMES),
    **dict.fromkeys("height weight percent days dose amount hours line from_day anc platelets from-day".split(),
    NUMBERS),
    **dict.fromkeys("length max doses format version bags window ages".split(), NUMBERS),
    "timezone": ZONES,
    "course": COURSES,
    "agent": AGENTS,
    "product": AGENTS,
    "id": IDS,
    "ids": [f"[{each}]" for each in IDS],
    "counts": ["{anc: 0}", "{anc: 1e7}", "{x: 1}", "{anc: -1}", "{anc: 1, anc: 2}", "{anc: [1]}", "{'': 1}",
        "{anc: 8}"],
    "entry": "start give undo note stop definition end measure x Start 1".split(),
    "definition": ["loom", "tiny", "none", "..", ".", "/", "loom/protocol.yaml", "x" * 5000, '"loom\\0"',
        "loom/courses", ""],
    "protocol": "loom tiny aall1331 x ../x LOOM 1".split(),
    "sex": "male female f Male x".split(),
    "fact": "cns risk x".split(),
    "rule": "skip slip ask x".split(),
    "arm": "L H P l x 1".split(),
    "cns": "clear involved CLEAR x".split(),
    "risk": "low high x".split(),
    "unit": "mg/m2 mg mg/kg x mcg units \u00b5g g mL".split(),
    "level": ["0.08 micromol/L", "0 micromol/L", "1e3 micromol/L", "x", "\u0663 micromol/L", "9" * 50 + " a/b",
        "-1 a/b"],
    "route": "IV PO IM SC IT CIV IX iv".split(),
    "frequency": ["once", "daily", "BID", "every 6 h", "every 0 h", "every 99999999999 h", "every 5 h x 4", "weekly",
        "x"],
    "first dose": ["48 h after umb", "0 h after umb", "99999999999 h after umb", "48 h after x", "48 h after fol"],
    "until": ["umbrate cleared", "x cleared", "day 4", "{the day before anniversary: 99999, of: warp}"],
    "over": ["24 h", "0 h", "15 min", "99999999999 h", "x"],
    "title": ["'{braces}'", "'{'", "'{0.__class__}'", "x", "''", "'%s'", "x" * 300],
    "when": ["{cns: clear}", "{cns: x}", "{risk: low}", "{x: y}", "{cns: [clear, involved]}", "{}"],
    "hold": "skip slip ask x".split(),
    "evidence": ["published", "unverified", "x", "{dose: published}", "{dose: published, days: unverified}"],
    "source": ["nowhere", "x", "nowhere, x", "[nowhere]"],
    "starts on": ["a working day", "Monday", "x", "Day 1"],
}
# fmt: on
ANY = [*DATES, *TIMES, *NUMBERS, *TEXTS]


def value_for(key: str, rng: Random, old: str = "") -> str:
    """What stands in a value's place: its own moved a little or far, something of its kind, or anything."""
    if (moved := _moved(old, rng)) and rng.random() < 0.5:
        return moved
    pool = BY_KEY.get(key.strip("\"'- "), TEXTS)
    if pool is TEXTS and old[:1].isalpha() and rng.random() < 0.5:
        pool = WORDS
    return rng.choice(pool if rng.random() < 0.7 else ANY)


def _moved(old: str, rng: Random) -> str:
    """A date or time on another day or in another year, a number with its point elsewhere; nothing for other values."""
    if found := re.fullmatch(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(.*)", old):
        try:
            day = date.fromisoformat(found[1]) + timedelta(days=rng.choice((-40, -7, -1, 0, 1, 2, 7, 30)))
        except ValueError:
            return ""
        year = day.year + rng.choice((0, 0, 0, 0, -1, 1, -10, 10, 100))
        clock = found[2].replace("-05:00", rng.choice(("-05:00", "+14:00", "-12:00", "+00:00")))
        return f"{year:04d}-{day:%m-%d}{clock.replace('T09', rng.choice(('T09', 'T00', 'T23')))}"
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?", old):
        number = Decimal(old)
        new = rng.choice(
            (number + 1, number - 1, number * 10, number / 10, number * 1000, number / 8, -number, 2 * number)
        )
        return format(new, "f")
    return ""
