"""What is published: records that did not change against the first time, and a feed against icalendar alone."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

import icalendar
from measure import Measure

from protocal.model.problems import UsageError
from protocal.model.reader import Who
from protocal.model.settings import Settings
from protocal.plan.expand import expand
from protocal.publish.site_key import write_site_key
from protocal.read.record.new import NewPatient, compose
from protocal.render.feed.ics import FeedWriter
from protocal.render.feed.reader_feed import Reader
from protocal.render.feed.words import Doses
from protocal.workflow.counting import forget
from protocal.workflow.links import Wanted, link_of
from protocal.workflow.planning import load_plan
from protocal.workflow.publishing import publish, site_of

RECORDS = 5  # of two hundred it is less, for what is read once for all of them counts less
NOW = datetime(2026, 12, 2, 9, tzinfo=UTC)
_CHILD = NewPatient(
    protocol="aall1331", id="P001", born="2019-05-12", sex="female", height="112", weight="19.4", measured="2026-11-30",
    cns="cns2", risk="low", arm="D", start="2026-12-01", timezone="America/New_York",
)  # fmt: skip
_Values = list[tuple[str, Any, dict[str, str]]]


def publishing(folder: Path, rounds: int) -> Iterator[Measure]:
    """So many families' files, the first time and again; the first record warms up what all of them need."""
    folder.mkdir()
    write_site_key(folder / "site.key", bytes(range(32)))
    settings = Settings(address="https://calendars.example.org/", site_key=str(folder / "site.key"))
    site, files = site_of(settings, NOW), []
    for number in range(RECORDS + 1):
        files.append(folder / f"{number}.yaml")
        files[-1].write_text(compose(_CHILD, files[-1], (), NOW, f"{number:032x}").text, encoding="utf-8")
        link_of(files[-1], Wanted(Who.FAMILY), NOW, settings)
    publish(files[:1], folder / "public", site)
    took = []
    for _round in range(1 + rounds):
        expand.cache_clear()
        forget()
        start = time.perf_counter()
        done = publish(files[1:], folder / "public", site)
        took.append((time.perf_counter() - start) * 1000)
        if done.failed or any(bool(each.written) is bool(_round) for each in done.published):
            raise UsageError(f"round {_round} was not published as it should be", "")
    first, again = took[0], median(took[1:])
    behind = f"{again:.0f} ms / {first:.0f} ms, {RECORDS} records"
    yield Measure("publishing what did not change / the first time", again / first, 0.05, behind=behind)


def feeding(record: Path, rounds: int) -> Iterator[Measure]:
    """A family's feed of a plan that is at hand, against the same events made and written by icalendar alone."""
    reader = Reader(Who.FAMILY, doses=Doses.CONFIRMED)
    calendar = icalendar.Calendar.from_ical(FeedWriter(load_plan(record, Settings()), reader).feed())
    head, events = _values(calendar), [_values(each) for each in calendar.subcomponents]
    took: dict[str, list[float]] = {"ours": [], "alone": []}
    for _round in range(rounds + 3):
        writer = FeedWriter(load_plan(record, Settings()), reader)
        start = time.process_time()
        writer.feed()
        middle = time.process_time()
        _alone(head, events)
        took["ours"].append((middle - start) * 1000)
        took["alone"].append((time.process_time() - middle) * 1000)
    ours, alone = median(took["ours"][3:]), median(took["alone"][3:])
    behind = f"{ours:.0f} ms / {alone:.0f} ms of the core, {len(events)} events"
    yield Measure("the feed of Arm D / icalendar alone", ours / alone, 1.3, behind=behind)


def _values(component: icalendar.Component) -> _Values:
    """What is added to a component, as a program would have it at hand."""
    found: _Values = []
    for name, value in component.items():
        plain = getattr(value, "dt", getattr(value, "td", None)) or getattr(value, "cats", None) or value
        plain = str(plain) if isinstance(plain, str) else int(plain) if isinstance(plain, int) else plain
        found.append((name, plain, dict(value.params) if name == "REFRESH-INTERVAL" else {}))
    return found


def _alone(head: _Values, events: list[_Values]) -> bytes:
    """The same calendar, made and written by icalendar."""
    calendar = icalendar.Calendar()
    for name, value, parameters in head:
        calendar.add(name, value, parameters)
    for each in events:
        event = icalendar.Event()
        for name, value, parameters in each:
            event.add(name, value, parameters)
        calendar.add_component(event)
    data: bytes = calendar.to_ical()
    return data
