"""Records, a site's settings and its key -> what each reader finds at an address: a calendar, a page, pages to print.

Publishing gives out, as a print does: what is new of a feed becomes an issue in the log. What a server makes of records
by itself (`files_of_record`) is of the issues that there are, and else a draft.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from datetime import date, datetime, timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from protocal import __version__
from protocal.change.links import links_of
from protocal.model.days import ONE_DAY
from protocal.model.entries import Linked
from protocal.model.frozen import frozen
from protocal.model.plan import Plan
from protocal.model.problems import Problem, ProtocalError, UsageError
from protocal.model.reader import Who
from protocal.model.record import Record
from protocal.model.settings import Settings
from protocal.publish.addresses import address_of
from protocal.publish.folder import PublishedFolder, published_folder
from protocal.publish.site_key import read_site_key
from protocal.read.record.read import read_record
from protocal.render.wording.catalogues import languages
from protocal.workflow.issuing import GivenOut, give_out
from protocal.workflow.making import calendar_bytes, feed_bytes, reader_of, roadmap_bytes, worksheet_bytes
from protocal.workflow.planning import Definitions, load_plan
from protocal.workflow.settings_line import settings_entry
from protocal.workflow.what_stops import remarks_of

if TYPE_CHECKING:  # what makes a feed is imported where it is made
    from protocal.render.feed.reader_feed import Reader

FEED, PAGES = "calendar.ics", "calendar.pdf"
_MONTHS = 3  # that the pages to print have
Files = Mapping[str, bytes]


@frozen
class Published:
    """What became of a reader of a record.

    Attributes:
        record: its number among those that were named.
        written: the names of the files that were written or taken away; none where nothing changed.
        new: the sheets that were issued by it, each with its number.
    """

    record: int
    who: Who
    written: tuple[str, ...] = ()
    new: tuple[tuple[str, int], ...] = ()


@frozen
class Publishing:
    """What became of all records.

    Attributes:
        removed: how many addresses were closed.
        unlinked: the records, by their numbers, that no reader has a link to.
        left: addresses in the folder that belong to none of the records.
        failed: what is wrong with the records that could not be published, by their numbers; what stood there stands.
    """

    published: tuple[Published, ...]
    removed: int
    unlinked: tuple[int, ...]
    left: int
    failed: tuple[tuple[int, Sequence[Problem] | UsageError], ...]


@frozen
class Site:
    """How a site publishes.

    Attributes:
        by: who does it; it stands in the log.
        reason: of the site's rules where they are new to a record, or of what is named in `despite`.
    """

    settings: Settings
    key: bytes
    now: datetime
    shelves: Sequence[Path] = ()
    by: str = ""
    despite: Sequence[str] = ()
    reason: str = ""


def site_of(settings: Settings, now: datetime, shelves: Sequence[Path] = (), by: str = "") -> Site:
    """A site with its key. Raises UsageError where no key is named, ProtocalError where it cannot be used."""
    if not settings.site_key:
        raise UsageError(
            "no site key is named",
            "Make one with `protocal site init`, and name it: `site key: FILE` in the settings, or --site-key FILE.",
        )
    return Site(settings, read_site_key(Path(settings.site_key)), now, shelves, by)


def publish(paths: Sequence[Path], to: Path, site: Site, *, only_these: bool = False) -> Publishing:
    """Write, for each reader that a record has a link for, the files of its address, and take closed addresses away.

    A record that cannot be published keeps what was published of it. With `only_these`, addresses of other records
    are taken away. Raises UsageError where the folder cannot be written.
    """
    definitions = Definitions(site.shelves, site.settings.signatures, site.now)
    published: list[Published] = []
    failed: list[tuple[int, Sequence[Problem] | UsageError]] = []
    unlinked, removed, known = [], 0, set[str]()
    with published_folder(to) as folder:
        read = [read_record(path) for path in paths]
        copies = _copies(paths, [record for record, _problems in read])
        for number, (path, (record, problems)) in enumerate(zip(paths, read, strict=True), 1):
            if record is None:
                failed.append((number, problems))
                continue
            links = links_of(record)
            unlinked += [] if links else [number]
            known.update(_address(site, record, link) for link in links.values())
            try:
                if number in copies:
                    raise copies[number]
                for link in links.values():
                    removed += sum(map(folder.remove, _closed(site, record, link)))
                published += _publish(number, path, record, links, folder, site, definitions)
            except ProtocalError as error:
                failed.append((number, error.problems))
            except UsageError as error:
                failed.append((number, error))
        others = [address for address in folder.addresses() if address not in known]
        if only_these and all(record for record, _problems in read):  # else some may be of a record that was not read
            removed += sum(map(folder.remove, others))
            others = []
    return Publishing(tuple(published), removed, tuple(unlinked), len(others), tuple(failed))


def files_of_record(path: Path, site: Site) -> dict[str, Files]:
    """The files of a record's addresses as its log has them, made without writing anything.

    Raises ProtocalError for a record that cannot be planned, or that errors of the checks stop.
    """
    plan = load_plan(path, site.settings, site.shelves, now=site.now)
    found = {}
    for link in links_of(plan.record).values():
        settings = replace(site.settings, language=link.language)
        feed = _feed(link)(plan, settings)
        pages = _pages_to_print(plan, settings, link, site)
        found[_address(site, plan.record, link)] = _files(plan, settings, link, site, feed, pages)
    return found


def _publish(
    number: int,
    path: Path,
    record: Record,
    links: Mapping[Who, Linked],
    folder: PublishedFolder,
    site: Site,
    definitions: Definitions,
) -> Iterator[Published]:
    """What is new of a record's readers."""
    stamp = partial(_stamp, path=path, site=site, definitions=definitions)
    stale = [each for each in links.values() if folder.stamp(_address(site, record, each)) != stamp(record)]
    if not stale:
        yield from (Published(number, who) for who in links)
        return
    plan = load_plan(path, site.settings, site.shelves, now=site.now)
    made = []  # of all readers, before anything of any is written
    for link in links.values():
        settings = replace(site.settings, language=link.language)
        options = {**_reader(settings, link).options}
        given = _given(path, plan, settings, _feed(link), options, site)
        plan, new, pages = given.plan, list(given.new), b""
        if _has_pages(link, plan, site):
            printed = _given(path, plan, settings, _printing(link, plan, site), options, site)
            plan, pages = printed.plan, printed.data
            new += printed.new
        made.append((link, _files(plan, settings, link, site, given.data, pages), tuple(new)))
    for link, files, issues in made:
        written = folder.replace(_address(site, record, link), files, stamp(plan.record))
        yield Published(number, link.reader, written, issues)


def _copies(paths: Sequence[Path], records: Sequence[Record | None]) -> Mapping[int, UsageError]:
    """Records that are one patient's, by their numbers: which of them the readers are to see, nobody can tell."""
    by_key: dict[str, dict[Path, int]] = {}
    for number, (path, record) in enumerate(zip(paths, records, strict=True), 1):
        if record:
            by_key.setdefault(record.key, {}).setdefault(path.resolve(), number)
    found: dict[int, UsageError] = {}
    for same in by_key.values():
        names = " and ".join(str(paths[number - 1]) for number in same.values())
        message = f"{names} are records of the same patient, and nothing was published of either"
        found |= {number: UsageError(message, "Name only one of them.") for number in same.values() if len(same) > 1}
    return found


def _given(
    path: Path, plan: Plan, settings: Settings, make: Callable[..., bytes], options: Mapping[str, str], site: Site
) -> GivenOut:
    """A document that is given out; what would be a draft is published to nobody."""
    made = partial(make, despite=site.despite, reason=site.reason if site.despite else "")
    # A reason alone is of rules that are new: to some of the records, and to none once the first document has them.
    reason = site.reason if site.despite or settings_entry(plan.record, settings) else ""
    given = give_out(path, plan, settings, made, site.now, site.by, site.shelves, options, site.despite, reason)
    if given.draft:
        raise UsageError(f"nothing was published of it, for its issue cannot stand in its log: {given.draft}", "")
    return given


def _files(plan: Plan, settings: Settings, link: Linked, site: Site, feed: bytes, pages: bytes) -> Files:
    """All that stands at an address, by name."""
    from protocal.render.feed.reader_feed import ReaderFeed
    from protocal.render.page.content import make_page
    from protocal.render.page.files import INDEX, files_beside, page_html
    from protocal.render.page.subscribing import subscription_at

    base = f"{settings.address}{_address(site, plan.record, link)}/" if settings.address else ""
    remarks = remarks_of(plan, site.despite, site.reason if site.despite else "")
    issue = ReaderFeed(plan, _reader(settings, link), remarks).issue()
    found = {FEED: feed}
    if pages:
        found[PAGES] = pages
    for language in languages():
        spoken = replace(settings, language=language)
        writer = ReaderFeed(plan, _reader(spoken, link), remarks)
        subscription, stale = subscription_at(base, writer.title()), settings.family.stale_hours
        page = make_page(writer, issue, _week(plan, site), subscription, languages(), stale, pages=bool(pages))
        found[f"{language}.html"] = page_html(page, spoken)
        if language == link.language.partition("-")[0]:
            found[INDEX] = found[f"{language}.html"]
            found |= files_beside(page, spoken)
    return found


def _feed(link: Linked) -> Callable[..., bytes]:
    return partial(feed_bytes, who=link.reader, doses=link.doses != "none", unverified_doses=link.doses == "all")


def _reader(settings: Settings, link: Linked) -> Reader:
    return reader_of(settings, link.reader, doses=link.doses != "none", unverified_doses=link.doses == "all")


def _printing(link: Linked, plan: Plan, site: Site) -> Callable[..., bytes]:
    """What makes the pages to print: this month and the next two, the overview, or the worksheet."""
    if link.reader is Who.CLINIC:
        return partial(roadmap_bytes, only_overview=True, published=True)
    if link.reader is Who.PHARMACY:
        return partial(worksheet_bytes, published=True)
    first, last = _months(plan, site)
    return partial(calendar_bytes, since=first, until=last, unverified_doses=link.doses == "all", published=True)


def _pages_to_print(plan: Plan, settings: Settings, link: Linked, site: Site) -> bytes:
    if not _has_pages(link, plan, site):
        return b""
    return _printing(link, plan, site)(plan, settings)


def _today(plan: Plan, site: Site) -> date:
    return site.now.astimezone(ZoneInfo(plan.facts.zone)).date()


def _week(plan: Plan, site: Site) -> date:
    """The Monday of this week, from which on a page has the days: a page is another one each week, and not each day."""
    today = _today(plan, site)
    return today - ONE_DAY * today.weekday()


def _months(plan: Plan, site: Site) -> tuple[date, date]:
    first = _week(plan, site).replace(day=1)
    later = (first + timedelta(days=31 * _MONTHS)).replace(day=1)
    return first, later - ONE_DAY


def _has_pages(link: Linked, plan: Plan, site: Site) -> bool:
    """Whether the plan has any date that would stand on a reader's pages to print."""
    if link.reader is not Who.FAMILY:
        return any(each.course.dates for each in plan.courses)
    first, last = _months(plan, site)
    spans = [each.course.dates for each in plan.courses if each.course.dates]
    return any(dates.day1 <= last and dates.last_day >= first for dates in spans)


def _address(site: Site, record: Record, link: Linked) -> str:
    return address_of(site.key, record.key, link.reader, link.generation)


def _closed(site: Site, record: Record, link: Linked) -> Iterator[str]:
    """The addresses that a reader had before."""
    return (address_of(site.key, record.key, link.reader, generation) for generation in range(1, link.generation))


def _stamp(record: Record, path: Path, site: Site, definitions: Definitions) -> str:
    """A digest of all that a record's files are made of; the week is part of it, as pages go by weeks."""
    protocol, _problems = definitions.of(record, path)
    known = (protocol.known or (protocol,)) if protocol else ()
    week = site.now.astimezone(ZoneInfo(record.timezone)).date().isocalendar()[:2]
    settings = site.settings
    choices = [
        sorted(value) if isinstance(value, frozenset) else value  # whose order is another one in each process
        for value in (getattr(settings, each.name) for each in fields(settings) if each.repr)
    ]
    versions = [(each.digest, each.signatures) for each in known]
    overruled = (site.despite, site.reason) if site.despite else ()
    parts = (__version__, record.text, choices, settings.text, versions, week, overruled)
    digest = sha256(repr(parts).encode())
    digest.update(settings.logo)
    for template in settings.templates:
        digest.update(template.text.encode())
    return digest.hexdigest()
