"""A record's file and a reader -> the reader's address, and a line of the log where that is new or changes.

An address is derived and never kept, so that it can be shown as often as somebody asks for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from protocal.change.links import links_of
from protocal.model.entries import Linked
from protocal.model.frozen import frozen
from protocal.model.problems import Problem, ProtocalError, Severity, UsageError
from protocal.model.reader import Who
from protocal.model.record import Record
from protocal.model.settings import Settings
from protocal.publish.addresses import address_of
from protocal.publish.site_key import read_site_key
from protocal.read.record.append import NewEntry
from protocal.read.record.read import read_record
from protocal.render.wording.catalogues import languages
from protocal.workflow.recording import Recorded, record


@frozen
class Wanted:
    """What was asked for of a reader's link; what is left out stays as it is.

    Attributes:
        language: of what is read there, as in `es`; that of the settings where nothing said one yet.
        doses: which stand there: `none`, `confirmed`, or `all` (rule S28); where nothing said so yet, none for a
            clinic, else those that something confirms.
        revoke: the address is to be another one.
    """

    reader: Who
    language: str = ""
    doses: str = ""
    revoke: bool = False


@frozen
class Link:
    """Where a reader finds the calendar.

    Attributes:
        line: of the log that says so.
        path: the reader's own part of the address.
        address: the whole; empty where the site has not said where it publishes.
        recorded: what was added to the record; None where the log said all of it.
        problems: what is to be said of the record where nothing was added.
    """

    line: Linked
    path: str
    address: str
    recorded: Recorded | None = None
    problems: tuple[Problem, ...] = ()


def link_of(
    path: Path,
    wanted: Wanted,
    now: datetime,
    settings: Settings,
    by: str = "",
    reason: str = "",
    shelves: Sequence[Path] = (),
) -> Link:
    """A reader's link, with a line in the log where there was none, or where it is to be otherwise.

    Raises ProtocalError for a record or a key that cannot be used, UsageError where no key is named, where there is
    nothing to revoke, and as `record` does; then nothing is written.
    """
    key = _site_key(settings)
    before, problems = read_record(path)
    if before is None:
        raise ProtocalError(problems)
    last, recorded = links_of(before).get(wanted.reader), None
    if wanted.revoke and last is None:
        raise UsageError(f"the record has no link for {wanted.reader.value} to revoke", "Leave out --revoke.")
    said = _wished(wanted, last, settings)
    if last is None or _said(last) != said:
        values = {"entry": "link", **said, "reader": wanted.reader.value, "why": reason}
        options = {"": "for", "reader": "for", "generation": "revoke", "language": "language", "doses": "doses"}
        recorded = record(
            path, [NewEntry(values, {**options, "by": "by", "why": "reason"})], now, by, settings, shelves
        )
        before = recorded.after.record
        last = links_of(before)[wanted.reader]
    found = address_of(key, before.key, last.reader, last.generation)
    return Link(last, found, _whole(settings, found), recorded, () if recorded else tuple(problems))


def family_address(record: Record, settings: Settings) -> tuple[str, tuple[Problem, ...]]:
    """The address that a family's sheet bears: none where the record has no link for it, or the site no address.

    A key that cannot be used stops no sheet: it bears no address then, and why is the second value.
    """
    last = links_of(record).get(Who.FAMILY)
    if last is None or not (settings.address and settings.site_key):
        return "", ()
    try:
        key = read_site_key(Path(settings.site_key))
    except ProtocalError as error:
        return "", tuple(replace(each, severity=Severity.WARNING) for each in error.problems)
    return _whole(settings, address_of(key, record.key, last.reader, last.generation)), ()


def _said(line: Linked) -> Mapping[str, object]:
    return {name: getattr(line, name) for name in ("reader", "generation", "language", "doses")}


def _wished(wanted: Wanted, last: Linked | None, settings: Settings) -> Mapping[str, object]:
    """What the line of a link is to say."""
    if wanted.language and wanted.language.partition("-")[0] not in languages():
        remedy = f"There are {', '.join(languages())}."
        raise UsageError(f"--language: there is no catalogue of '{wanted.language}'", remedy)
    doses = "none" if wanted.reader is Who.CLINIC else "confirmed"
    return {
        "reader": wanted.reader,
        "generation": (last.generation if last else 1) + wanted.revoke,
        "language": wanted.language or (last.language if last else settings.language),
        "doses": wanted.doses or (last.doses if last else doses),
    }


def _whole(settings: Settings, path: str) -> str:
    return f"{settings.address}{path}/" if settings.address else ""


def _site_key(settings: Settings) -> bytes:
    if not settings.site_key:
        raise UsageError(
            "no site key is named",
            "Make one with `protocal site init`, and name it: `site key: FILE` in the settings, or --site-key FILE.",
        )
    return read_site_key(Path(settings.site_key))
