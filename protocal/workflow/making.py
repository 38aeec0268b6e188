"""A checked plan -> paper that was read back, a feed, or a table, as bytes or text.

What stops a document, and what is printed first on it, `what_stops.py` says. Paper is read back from its own bytes;
what differs from the plan is raised, and no bytes are given.
Settings that are passed say how a document looks and speaks; the site's rules are those that its plan was made by.
What makes a document is imported where it is made, because each of them is slow to import.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import date
from typing import TYPE_CHECKING

from protocal.model.frozen import frozen
from protocal.model.plan import Plan
from protocal.model.problems import UsageError
from protocal.model.reader import Who
from protocal.model.settings import Settings
from protocal.render.data.account_data import Days
from protocal.workflow.links import family_address
from protocal.workflow.what_stops import list_remarks, remarks_of

if TYPE_CHECKING:  # what makes a document is imported where it is made
    from protocal.render.family.values import FamilyCalendar
    from protocal.render.feed.reader_feed import Reader
    from protocal.render.roadmap import Roadmap
    from protocal.render.worksheet import Worksheet


@frozen
class Said:
    """A sheet or feed that is about to be made: what the log calls it, and a digest of what it says."""

    sheet: str
    says: str


Issuing = Callable[[Plan, Sequence[Said]], Plan]  # the plan of the record with a line that issues what is new of them
Progress = Callable[[int], AbstractContextManager[Callable[[], object]]]  # of a number of sheets: called after each


def as_logged(plan: Plan, _said: Sequence[Said]) -> Plan:
    """Issue nothing: what the log has not issued as it is, is made as a draft."""
    return plan


def _unseen(_sheets: int) -> AbstractContextManager[Callable[[], object]]:
    return nullcontext(lambda: None)


def roadmap_bytes(
    plan: Plan,
    settings: Settings = Settings(),
    courses: Sequence[str] = (),
    since: date | None = None,
    until: date | None = None,
    *,
    only_overview: bool = False,
    named: bool = False,
    with_protocol: bool = False,
    despite: Sequence[str] = (),
    reason: str = "",
    draft: bool = False,
    published: bool = False,
    issuing: Issuing = as_logged,
    progress: Progress = _unseen,
) -> bytes:
    """The roadmaps as a PDF: the whole therapy and a sheet for each course, or of some courses, or from a day to a day.

    A sheet that says what its last issue in the log says is that issue, any other a draft, unless `issuing` gives the
    plan with a line that issues it; with `draft` all are. The patient's name and the protocol's stand in the document's
    title only if it is `named` and `with_protocol`. An overview that is `published` at an address of the web does not
    say whose it is.

    Raises ProtocalError for an error of the checks that is not named in `despite` and for a page that does not say what
    the plan says, UsageError for courses that have no date or no sheet, and LackingError.
    """
    from protocal.render.pdf.sheets_pdf import roadmap_pdf
    from protocal.render.roadmap import make_roadmap
    from protocal.render.selection import check_dated
    from protocal.verify.pdf_words import stop_at
    from protocal.verify.roadmap import overview_problems, roadmap_problems

    settings = settings.with_rules_of(plan.settings)
    chosen = check_dated(plan, courses)
    remarks = remarks_of(plan, despite, reason)

    def sheets_of(plan: Plan) -> Roadmap:
        return make_roadmap(
            plan,
            settings,
            chosen,
            remarks,
            since=since,
            until=until,
            only_overview=only_overview,
            draft=draft,
            published=published,
        )

    sheets = sheets_of(plan)
    if not (sheets.overview or sheets.sheets):
        raise _nothing_chosen()
    said = [Said(each.name, each.says) for each in sheets.all]
    if (issued := issuing(plan, said)) is not plan:
        plan, sheets = issued, sheets_of(issued)
    with progress(len(sheets.sheets)) as tick:
        data = roadmap_pdf(sheets, settings, plan.issued, named=named, with_protocol=with_protocol, tick=tick)
    stop_at(
        overview_problems(data, plan, settings)
        if only_overview
        else roadmap_problems(data, plan, settings, chosen, since=since, until=until),
        settings,
    )
    return data


def calendar_bytes(
    plan: Plan,
    settings: Settings = Settings(),
    courses: Sequence[str] = (),
    since: date | None = None,
    until: date | None = None,
    *,
    unverified_doses: bool = False,
    named: bool = False,
    despite: Sequence[str] = (),
    reason: str = "",
    draft: bool = False,
    published: bool = False,
    issuing: Issuing = as_logged,
    progress: Progress = _unseen,
) -> bytes:
    """A family's calendar as a PDF, a page for each month; doses that nothing confirms only if they are asked for.

    One that is `published` does not say whose it is. Its last page has the family's address, where the record has a
    link for it and the settings say where that begins. The rest as with `roadmap_bytes`.
    """
    from protocal.render.family.calendar import make_calendar
    from protocal.render.family.pdf import calendar_pdf
    from protocal.render.selection import check_dated
    from protocal.verify.calendar import calendar_problems
    from protocal.verify.pdf_words import stop_at

    settings = settings.with_rules_of(plan.settings)
    chosen = check_dated(plan, courses)
    _check_begun(plan)
    remarks = remarks_of(plan, despite, reason)
    address, _why_none = family_address(plan.record, settings)

    def pages_of(plan: Plan) -> FamilyCalendar:
        return make_calendar(
            plan,
            settings,
            unverified_doses=unverified_doses,
            courses=chosen,
            since=since,
            until=until,
            remarks=remarks,
            draft=draft,
            published=published,
            address=address,
        )

    plan, pages = _issued_pages(plan, pages_of, issuing)
    with progress(len(pages.sheets)) as tick:
        data = calendar_pdf(pages, settings, plan.issued, named=named, tick=tick)
    found = calendar_problems(
        data, plan, settings, unverified_doses=unverified_doses, courses=chosen, since=since, until=until
    )
    stop_at(found, settings)
    return data


def pocket_bytes(
    plan: Plan,
    settings: Settings,
    first: date,
    *,
    unverified_doses: bool = False,
    named: bool = False,
    despite: Sequence[str] = (),
    reason: str = "",
    draft: bool = False,
    issuing: Issuing = as_logged,
    progress: Progress = _unseen,
) -> bytes:
    """Fourteen days of a family's calendar, from the `first` on, on half a sheet; the rest as with `calendar_bytes`."""
    from protocal.render.family.calendar import make_pocket_page
    from protocal.render.family.pdf import calendar_pdf
    from protocal.verify.calendar import pocket_problems
    from protocal.verify.pdf_words import stop_at

    settings = settings.with_rules_of(plan.settings)
    _check_begun(plan)
    remarks = remarks_of(plan, despite, reason)

    def pages_of(plan: Plan) -> FamilyCalendar:
        return make_pocket_page(plan, settings, first, unverified_doses=unverified_doses, remarks=remarks, draft=draft)

    plan, pages = _issued_pages(plan, pages_of, issuing)
    with progress(len(pages.sheets)) as tick:
        data = calendar_pdf(pages, settings, plan.issued, named=named, tick=tick)
    stop_at(pocket_problems(data, plan, settings, first, unverified_doses=unverified_doses), settings)
    return data


def _issued_pages(
    plan: Plan, pages_of: Callable[[Plan], FamilyCalendar], issuing: Issuing
) -> tuple[Plan, FamilyCalendar]:
    """A family's pages and the plan that they are of, once what is new of them is issued."""
    pages = pages_of(plan)
    if not pages.pages:
        raise _nothing_chosen()
    said = [Said(each.issue.sheet, each.issue.says) for each in pages.sheets]
    issued = issuing(plan, said)
    return issued, pages if issued is plan else pages_of(issued)


def worksheet_bytes(
    plan: Plan,
    settings: Settings = Settings(),
    chosen: Plan | None = None,
    *,
    course: str = "",
    with_protocol: bool = False,
    despite: Sequence[str] = (),
    reason: str = "",
    draft: bool = False,
    published: bool = False,
    issuing: Issuing = as_logged,
) -> bytes:
    """The pharmacist's worksheet as a PDF, of the plan or of the lines of it that were `chosen` (see `select`).

    Where all of these are of one `course` it is that course's worksheet, which has issues of its own; drafts as with
    `roadmap_bytes`.

    Raises ProtocalError for a page that does not say what the plan says, and as `list_remarks` does, and LackingError.
    """
    from protocal.render.data.drugs import drug_report
    from protocal.render.pdf.sheets_pdf import worksheet_pdf
    from protocal.render.selection import select
    from protocal.render.worksheet import WORKSHEET, make_worksheet
    from protocal.verify.pdf_words import stop_at
    from protocal.verify.worksheet import worksheet_problems

    remarks = list_remarks(plan, despite, reason)
    name = f"{WORKSHEET}/{course}" if course else WORKSHEET
    name = f"page/{name}" if published else name

    def sheets_of(plan: Plan) -> Worksheet:
        whole = select(plan, [course] if course else [], [], [], "", "")
        report, of_all = (drug_report(plan, each, settings) for each in (chosen or plan, whole))
        return make_worksheet(
            plan, report, settings, remarks, sheet=name, of_all=of_all, draft=draft, published=published
        )

    worksheet = sheets_of(plan)
    if (issued := issuing(plan, [Said(worksheet.name, worksheet.says)])) is not plan:
        plan, worksheet = issued, sheets_of(issued)
    chosen = chosen or plan
    data = worksheet_pdf(worksheet, settings, plan.issued, with_protocol=with_protocol)
    stop_at(worksheet_problems(data, plan, chosen, settings), settings)
    return data


def workbook_bytes(
    plan: Plan,
    settings: Settings = Settings(),
    chosen: Plan | None = None,
    *,
    despite: Sequence[str] = (),
    reason: str = "",
) -> bytes:
    """The drug list as an XLSX workbook.

    Raises as `list_remarks` does, and LackingError where XlsxWriter is missing.
    """
    from protocal.render.data.drugs import drug_report
    from protocal.render.data.workbook import drugs_xlsx

    settings = settings.with_rules_of(plan.settings)
    remarks = list_remarks(plan, despite, reason)
    return drugs_xlsx(drug_report(plan, chosen or plan, settings), settings, remarks)


def feed_bytes(
    plan: Plan,
    settings: Settings = Settings(),
    who: Who = Who.FAMILY,
    *,
    doses: bool | None = None,
    unverified_doses: bool = False,
    title: str = "",
    despite: Sequence[str] = (),
    reason: str = "",
    draft: bool = False,
    issuing: Issuing = as_logged,
) -> bytes:
    """The plan as a calendar to subscribe to (iCalendar), for a kind of reader and in its words.

    A clinic's has no doses unless they are asked for; a family's and a pharmacy's have those that something confirms,
    unless they are unwanted. Which issue it is, or that it is a draft, is found as with `roadmap_bytes`.

    Raises ProtocalError for an error of the checks that is not named in `despite`, UsageError for a title that no
    calendar program can show.
    """
    from protocal.render.feed.ics import FeedWriter

    reader = reader_of(settings, who, doses=doses, unverified_doses=unverified_doses, title=title)
    remarks = remarks_of(plan, despite, reason)
    writer = FeedWriter(plan, reader, remarks)
    issued = issuing(plan, [Said(reader.feed, writer.says)])
    return (writer if issued is plan else FeedWriter(issued, reader, remarks)).feed(draft=draft)


def reader_of(
    settings: Settings,
    who: Who = Who.FAMILY,
    *,
    doses: bool | None = None,
    unverified_doses: bool = False,
    title: str = "",
) -> Reader:
    """What a feed is made for, as with `feed_bytes`."""
    from protocal.read.option_text import check_title
    from protocal.render.feed.reader_feed import Reader
    from protocal.render.feed.words import Doses

    wanted = who is not Who.CLINIC if doses is None else doses
    kind = Doses.ALL if unverified_doses else Doses.CONFIRMED if wanted else Doses.NONE
    return Reader(who, settings.language, kind, check_title(title), settings.cancelled_days, settings.family)


def plan_json(plan: Plan, chosen: Plan | None = None, days: Days | None = None) -> str:
    """The plan, or the lines of it that were `chosen`, as JSON; `days` are those of its account, all if left out."""
    from protocal.render.data import plan_data as data

    return data.plan_json(plan, chosen or plan, days)


def plan_csv(plan: Plan, days: Days | None = None) -> bytes:
    """The lines of a plan for a spreadsheet; `days` are those of the whole plan's account that were chosen."""
    from protocal.render.data import plan_data as data

    return data.plan_csv(plan, days)


def drugs_json(
    plan: Plan,
    settings: Settings = Settings(),
    chosen: Plan | None = None,
    *,
    despite: Sequence[str] = (),
    reason: str = "",
) -> str:
    """The drug list, its matrices and the cumulative doses as JSON; totals are always those of the whole plan.

    Raises as `list_remarks` does.
    """
    from protocal.render.data import drugs

    remarks = list_remarks(plan, despite, reason)
    return drugs.drugs_json(drugs.drug_report(plan, chosen or plan, settings.with_rules_of(plan.settings)), remarks)


def drugs_csv(
    plan: Plan,
    settings: Settings = Settings(),
    chosen: Plan | None = None,
    *,
    despite: Sequence[str] = (),
    reason: str = "",
) -> bytes:
    """The drug list for a spreadsheet. Raises as `list_remarks` does."""
    from protocal.render.data import drugs

    list_remarks(plan, despite, reason)
    return drugs.drugs_csv(drugs.drug_report(plan, chosen or plan, settings.with_rules_of(plan.settings)))


def _check_begun(plan: Plan) -> None:
    if not any(each.course.dates for each in plan.courses):
        raise UsageError("no course has a date yet", "A calendar can be printed once the record gives a Day 1.")


def _nothing_chosen() -> UsageError:
    return UsageError("the plan has no date in what was chosen", "`protocal plan` shows from when to when it runs.")
