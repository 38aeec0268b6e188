"""Hostile words in reasons, remarks and a site's words break no feed, no page and no file that is published.

Each feed is read with icalendar, each page with Python's own reader of HTML, and held against the same with harmless
words: no element, attribute, event or property may come of what somebody wrote. PROTOCAL_SOAK tries for hours.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from html.parser import HTMLParser
from random import Random
from time import monotonic

import icalendar
import pytest
from fuzz.cases import HOURS, HUNTS, SEED
from fuzz.hostile import TEXTS
from test_publish import PAGES, Ward, laid, quick, ward  # noqa: F401 - fixtures

from protocal.model.problems import ProtocalError
from protocal.workflow import publishing

CASES = 200
PRESSED = 0.02  # of the cases have pages to print
# fmt: off
PARTS = [
    "\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:evil\r\nSUMMARY:evil", "\nEND:VCALENDAR\n",
    "\\nATTACH:http://evil.example/", ";X-EVIL=1:", "\\,\\;\\\\", "\\", "<script>evil()</script>",
    "</script><script src=//evil.example>", "<img src=x onerror=evil()>", '" onmouseover="evil()',
    "' autofocus onfocus='evil()", "javascript:evil()", "<!--", "-->", "]]>", "<![CDATA[", "&lt;script&gt;",
    "&#x3c;script&#x3e;", "</title>", "</dd></dl>", "<base href=//evil.example>", "{{ 7*7 }}", "{% raw %}", "{page}",
    "%s", "../../etc/passwd", "555-0100", "+1 (555) 0100;ext=1", "tel:*#06#", "\u202eevil\u202c", "\u2066\u2069",
    "\u200f", "\0", "\x1b[31m", "\x7f", "\x85", "\u2028", "\ufeff", "\U0001f9d2\U0001f3fd",
    "\u0645\u062d\u0645\u062f", "\u5c71\u7530", "e" + "\u0301" * 40, "\xad", "\ufffd", "x" * 10_000, "\xe9" * 75, " ",
    "\t",
]
# fmt: on
LOG = """\
  - {{entry: note, text: {note}}}
  - {{entry: remark, kind: allergy, text: {line}}}
  - {{entry: delay, course: middle, days: 3, why: {why}}}
  - {{entry: hold, course: opening, date: 2027-03-10, days: 2, rule: skip, why: {why}}}
  - {{entry: omit, ids: [middle/qua/1], why: {why}}}
"""
SITE = """\
format: 1
address: https://calendars.example.org/children/
site key: site.key
clinic: {line}
family: {{call by day: {line}, call at night: {line}, fever: {why}, before sedation: {line}, bring: {why}, \
visit takes: {line}}}
"""
HARMLESS = dict.fromkeys(("note", "why", "line"), '"as told"')

# Our own address, as a calendar of somebody else's is told it.
OURS = r"%3A%2F%2Fcalendars\.example\.org%2Fchildren%2F[0-9a-z]+%2Fcalendar\.ics"


class Elements(HTMLParser):
    """The elements of a page with their attributes, and what is wrong with it."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.kinds: set[tuple[str, str]] = set()
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open += [] if tag in ("meta", "link", "path", "br", "img", "input", "hr") else [tag]
        self.kinds |= {(tag, name) for name, _value in attrs} | {(tag, "")}
        names = [name for name, _value in attrs]
        if len(names) != len(set(names)) or any(name.startswith("on") for name in names):
            self.wrong.append(f"{tag} has {names}")
        for name, value in attrs:
            said = value or ""
            if name in ("href", "src") and not re.fullmatch(
                r"#?[a-z]+|[a-z]+\.[a-z]+|data:,|tel:\+?[0-9*#]+|(https|webcal)://calendars\.example\.org/children/[0-9a-z/.]+"
                rf"|https://calendar\.google\.com/calendar/r\?cid=webcal{OURS}"
                rf"|https://outlook\.live\.com/calendar/0/addfromweb\?url=https{OURS}&name=[\w.~%/-]*",
                said,
            ):
                self.wrong.append(f"{tag} leads to {said[:80]!r}")
        if tag == "script" and "src" not in names:
            self.wrong.append("a script within the page")

    def handle_endtag(self, tag: str) -> None:
        if tag not in ("path", "link", "meta", "svg") and (not self.open or self.open.pop() != tag):
            self.wrong.append(f"</{tag}> ends nothing")
        elif tag == "svg":
            self.open.pop()

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in ("script", "style") and data.strip():
            self.wrong.append("a script or style within the page")

    def handle_comment(self, data: str) -> None:
        self.wrong.append(f"a comment: {data[:40]!r}")

    handle_decl_allowed = "doctype html"

    def handle_decl(self, decl: str) -> None:
        if decl.lower() != self.handle_decl_allowed:
            self.wrong.append(decl)

    unknown_decl = handle_pi = handle_comment


@dataclass(frozen=True)
class Shape:
    """What of a published address does not hang on words: names of files, elements of pages, properties of events."""

    files: frozenset[str]
    elements: frozenset[tuple[str, str]]
    events: tuple[tuple[str, str], ...]
    properties: frozenset[str]


def shape_of(ward: Ward) -> tuple[Shape, list[str]]:  # noqa: F811
    """The shape of what a family finds, and what is wrong with it."""
    files = {each.name: each.read_bytes() for each in ward.at().iterdir()}
    wrong: list[str] = []
    elements: set[tuple[str, str]] = set()
    for name in PAGES:
        page = Elements()
        page.feed(files[name].decode())
        page.close()
        wrong += [f"{name}: {each}" for each in (*page.wrong, *(f"<{tag}> has no end" for tag in page.open))]
        wrong += [f"{name}: a sign that is none"] if re.search(r"[\0-\x08\x0b-\x1f\x7f]", files[name].decode()) else []
        elements |= page.kinds
    json.loads(files["manifest.webmanifest"])
    feed = files["calendar.ics"]
    calendar = icalendar.Calendar.from_ical(feed)
    wrong += [f"feed: {error}" for error in calendar.errors]
    lines = feed.split(b"\r\n")
    if lines.pop() != b"" or any(len(line) > 75 or re.search(rb"[\0-\x08\x0a-\x1f\x7f]", line) for line in lines):
        wrong.append("feed: a line that is too long or has a sign that is none")
    events = tuple((str(each["UID"]), str(each["DTSTART"].dt)) for each in calendar.events)
    properties = {name for each in calendar.walk() for name in each}
    return Shape(frozenset(files), frozenset(elements), events, frozenset(properties)), wrong


def text_of(rng: Random) -> str:
    """A few words that nobody would write, in any order."""
    chosen = [rng.choice(PARTS if rng.random() < 0.8 else TEXTS) for _ in range(rng.choice((1, 1, 2, 3, 6)))]
    return rng.choice(("", " ", "a ")).join(chosen)


def written_by(text: str, rng: Random, most: int) -> str:
    """As a value of a file, cut to what is taken as a rule, or not; some texts stand there as they are."""
    text = text[: most if rng.random() < 0.9 else None]
    if rng.random() < 0.1:
        return text
    if rng.random() < 0.3:
        return json.dumps(text)
    return json.dumps(text, ensure_ascii=False)


def told(site: str, log: str, ward: Ward, base: bytes) -> publishing.Publishing | None:  # noqa: F811
    """Publish a record and a site with these words; None where the site's are refused."""
    ward.settings.write_bytes(site.encode("utf-8", "surrogatepass"))
    ward.file().write_bytes(base + log.encode("utf-8", "surrogatepass"))
    try:
        return ward.publish()
    except ProtocalError:
        return None


def cases() -> Iterator[tuple[int, Random]]:
    number, end = 0, monotonic() + HOURS / HUNTS * 3600
    while number < CASES or monotonic() < end:
        number += 1
        yield number, Random(f"{SEED}/published/{number}")


def test_hostile_words_break_no_feed_page_or_file(ward: Ward, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    base, taken, refused = ward.file().read_bytes(), 0, 0
    pressed = publishing._has_pages
    monkeypatch.setattr(publishing, "_has_pages", lambda *_any: False)
    assert told(SITE.format(**HARMLESS), LOG.format(**HARMLESS), ward, base)
    harmless, wrong = shape_of(ward)
    assert wrong == []
    for number, rng in cases():
        monkeypatch.setattr(publishing, "_has_pages", pressed if rng.random() < PRESSED else lambda *_any: False)
        text = text_of(rng)
        hostile = {
            name: written_by(text, rng, most) if rng.random() < 0.7 else '"as told"'
            for name, most in (("note", 10_000), ("why", 500), ("line", 60))
        }
        where = f"case {number}, PROTOCAL_SEED={SEED}: {hostile!r:.400}"
        before = ward.tree()
        done = told(SITE.format(**hostile), LOG.format(**hostile), ward, base)
        if done is None or done.failed:
            refused += 1
            assert ward.tree() == before, f"{where}: what stood there still stands"
            continue
        taken += 1
        found, wrong = shape_of(ward)
        assert wrong == [], where
        known = replace(found, files=found.files - {"calendar.pdf"}, elements=found.elements & harmless.elements)
        assert known == harmless, where
        assert found.elements - harmless.elements <= {("a", "href"), ("a", "")}, where  # a number to call
    print(f"{taken} taken, {refused} refused")  # noqa: T201 - pytest shows it where a test fails
    assert taken > CASES / 5
    assert refused > CASES / 20
