"""A reader's page of a record in memory, the feed beside it, and the page's HTML as a program reads it.

Nothing is published: what `protocal publish` would write of the record on a day.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from html.parser import HTMLParser

from icalendar import Calendar
from in_memory import NOWHERE, plan_of, recorded

from protocal.change.issued_facts import facts_digest
from protocal.change.issues import next_number
from protocal.model.entries import Entry, Issued, IssuedSheet
from protocal.model.plan import Plan
from protocal.model.reader import Who
from protocal.model.record import Record
from protocal.model.settings import ForFamilies, Settings
from protocal.render.feed.ics import FeedWriter
from protocal.render.feed.reader_feed import Reader
from protocal.render.feed.words import Doses
from protocal.render.page.content import make_page
from protocal.render.page.files import files_beside, page_html
from protocal.render.page.subscribing import subscription_at
from protocal.render.page.values import PageDay, ReaderPage

BASE = "https://calendars.example.org/children/b7k2m9q4w8x3z6c5v2n7h4j3t0/"
LANGUAGES = ("en", "es", "fr")
SITE = ForFamilies(
    call_by_day="Mon-Fri 8.30-16.30: 555-0100, the clinic's desk",
    call_at_night="+1 555 0199, ask for the doctor on call",
    fever="38.0 °C or more: call 555-0123 at once",
    before_sedation="no food from midnight, clear drinks until 06:00",
    bring="the tablets and the blue book",
    visit_takes="about 4 hours",
)
VOID = {"meta", "link", "br", "path", "input", "img"}


@dataclass
class Element:
    """An element of a page, its text and its children in between."""

    name: str
    attributes: dict[str, str]
    inside: list[Element | str] = field(default_factory=list)

    @property
    def classes(self) -> set[str]:
        return set(self.attributes.get("class", "").split())

    @property
    def text(self) -> str:
        return "".join(each if isinstance(each, str) else each.text for each in self.inside)

    @property
    def said(self) -> str:
        """Its text with single spaces."""
        return " ".join(self.text.split())

    def all(self, name: str = "", kind: str = "", **attributes: str) -> list[Element]:
        """The elements in it of a name, of a class, with attributes."""
        return [
            each
            for each in self._below()
            if (not name or each.name == name)
            and (not kind or kind in each.classes)
            and all(each.attributes.get(key) == value for key, value in attributes.items())
        ]

    def id(self, name: str) -> Element:
        (found,) = self.all(id=name)
        return found

    def without(self, kind: str) -> str:
        """Its text but for what is in elements of a class."""
        if kind in self.classes:
            return ""
        return "".join(each if isinstance(each, str) else each.without(kind) for each in self.inside)

    def _below(self) -> Iterator[Element]:
        for each in self.inside:
            if isinstance(each, Element):
                yield each
                yield from each._below()


class _Reading(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open = [Element("", {})]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].inside.append(found)
        if tag not in VOID:
            self.open.append(found)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop().name == tag

    def handle_data(self, data: str) -> None:
        self.open[-1].inside.append(data)


def read_html(text: str) -> Element:
    """The root of a page; each element that is opened must be closed."""
    reading = _Reading()
    reading.feed(text)
    reading.close()
    (root,) = reading.open
    return root


@dataclass
class Shown:
    """What a reader has of a record on a day."""

    record: Record
    today: date
    reader: Reader
    settings: Settings

    @cached_property
    def plan(self) -> Plan:
        return plan_of(self.record, self.settings)

    @cached_property
    def writer(self) -> FeedWriter:
        return FeedWriter(self.plan, self.reader)

    @cached_property
    def page(self) -> ReaderPage:
        monday = self.today - timedelta(days=self.today.weekday())
        subscription = subscription_at(BASE, self.writer.title())
        return make_page(self.writer, self.writer.issue(), monday, subscription, LANGUAGES)

    @cached_property
    def files(self) -> dict[str, bytes]:
        settings = replace(self.settings, language=self.reader.language)
        return {"index.html": page_html(self.page, settings), **files_beside(self.page, settings)}

    @property
    def text(self) -> str:
        return self.files["index.html"].decode()

    @cached_property
    def html(self) -> Element:
        return read_html(self.text)

    @cached_property
    def calendar(self) -> Calendar:
        return Calendar.from_ical(self.writer.feed())

    def day(self, on: str) -> PageDay:
        (found,) = (day for day in self.page.days if day.iso == on)
        return found

    def article(self, on: str) -> Element:
        (found,) = (each for each in self.html.all("article") if each.attributes["data-date"] == on)
        return found


def shown(
    record: Record,
    today: str = "2026-12-01",
    *,
    who: Who = Who.FAMILY,
    doses: Doses = Doses.ALL,
    language: str = "en",
    site: ForFamilies = SITE,
    settings: Settings | None = None,
) -> Shown:
    """What a reader has of a record, whose lines get their times if they have none."""
    timed = replace(record if record.log[0].recorded else recorded(record), format=2)
    reader = Reader(who, language, doses, site=site)
    return Shown(timed, date.fromisoformat(today), reader, replace(settings or Settings(), family=site))


def issued(before: Shown, *later: Entry) -> Shown:
    """The same after its feed was given out, with later lines of the log, and given out again."""
    first = _given_out(before)
    log = [*first.record.log]
    for entry in later:
        log.append(replace(entry, recorded=_next(log), seal=f"{len(log):064}"))
    return _given_out(replace_record(first, log)) if later else first


def replace_record(each: Shown, log: Sequence[Entry]) -> Shown:
    return Shown(replace(each.record, log=tuple(log)), each.today, each.reader, each.settings)


def _given_out(each: Shown) -> Shown:
    name = each.reader.feed
    sheet = IssuedSheet(name, next_number(each.record, name), each.writer.says, facts_digest(each.plan, name))
    log = [*each.record.log]
    line = Issued(
        recorded=_next(log), seal=f"{len(log):064}", sheets=(sheet,), options=tuple(each.reader.options.items()),
        where=NOWHERE,
    )  # fmt: skip
    return replace_record(each, [*log, line])


def _next(log: Sequence[Entry]) -> datetime:
    last = log[-1].recorded
    assert last
    return (last + timedelta(hours=1)).astimezone(UTC)
