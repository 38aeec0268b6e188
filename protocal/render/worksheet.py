"""A drug report -> the pharmacist's worksheet as a format-neutral table: per drug a line for all that is checked.

What is taken by mouth is dispensed for days on end and stands on one line for each such stretch. Everything else is
prepared dose by dose, so each of its days has a line, and what is given into the spinal canal has a sheet of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise

from protocal.model.doses import Amount, Per, Route
from protocal.model.entries import Remark
from protocal.model.plan import Administration, Plan
from protocal.model.problems import Severity
from protocal.model.settings import Settings
from protocal.plan.cumulative import Cumulative
from protocal.render.data.drugs import DrugReport, DrugUse, amount, stretches
from protocal.render.issue_box import IssueBoxes
from protocal.render.roadmap import bag_tables, page_head
from protocal.render.roadmap.content.head import with_issue
from protocal.render.roadmap.sheets import BagTable, Head
from protocal.render.said import says_digest
from protocal.render.wording.catalogues import messages
from protocal.render.wording.paper import paper_words
from protocal.render.wording.products import product_text
from protocal.text.format import figure, round_half_up, runs

WORKSHEET = "worksheet"  # as the log calls that of the whole therapy


@dataclass(frozen=True, slots=True)
class WorkLine:
    """What one person prepares and two check; `dates` are one, or the start and the stop of a stretch by mouth."""

    course: str
    days: str
    dates: tuple[str, ...]
    route: str
    dose: str
    product: str
    working: str
    measured: str
    per_day: str
    amount: str
    running: str
    mark: str
    provisional: bool
    administrations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DrugTable:
    """The lines of one drug by one way in; `bags` are those of its continuous infusions."""

    agent: str
    summary: str
    warning: str
    lines: tuple[WorkLine, ...]
    bags: tuple[BagTable, ...] = ()


@dataclass(frozen=True, slots=True)
class CumulativeTable:
    """A ceiling with all that counts for it; a row is drug, when, per m2, what it counts, and the sum so far.

    `above` says what is wrong: that the ceiling is passed, and what is not counted.
    """

    title: str
    settings: str
    above: str
    rows: tuple[tuple[str, str, str, str, str], ...]


@dataclass(frozen=True, slots=True)
class DrugSheet:
    """Drugs whose pages are numbered together: those given into the spinal canal stand apart.

    Attributes:
        facts: allergies, results and interacting drugs, each with what it is.
        errors: what the checks found that must not be; they stop roadmaps and feeds.
        remarks: what else is to be known of all doses.
    """

    head: Head
    intrathecal: bool
    drugs: tuple[DrugTable, ...]
    cumulative: tuple[CumulativeTable, ...] = ()
    uncounted: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    errors: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Worksheet:
    """All sheets of a report; `name` is what the log calls them together, `says` a digest of what the whole says."""

    sheets: tuple[DrugSheet, ...]
    name: str
    says: str


def make_worksheet(
    whole: Plan,
    report: DrugReport,
    settings: Settings,
    remarks: Sequence[str] = (),
    *,
    sheet: str = WORKSHEET,
    of_all: DrugReport | None = None,
    draft: bool = False,
    published: bool = False,
) -> Worksheet:
    """The sheets of a report on a plan; those without a drug are left out, unless there would be none at all.

    `remarks` are sentences that stand above the errors of the checks. Where the report has some lines or days of a
    `sheet` only, `of_all` is that of the whole one, whose issue it is a part of. What is `published` at an address of
    the web does not say whose it is.
    """
    made = _sheets(_Writer(whole, report, settings, remarks, published=published))
    of_sheet = _sheets(_Writer(whole, of_all, settings, remarks, published=published)) if of_all else made
    says = says_digest(of_sheet)
    box = IssueBoxes(whole, settings, draft=draft).box(sheet, says)
    return Worksheet(tuple(replace(each, head=with_issue(each.head, box)) for each in made), sheet, says)


def _sheets(writer: _Writer) -> tuple[DrugSheet, ...]:
    report = writer.report
    systemic = writer.sheet([use for use in report.uses if use.route is not Route.IT], intrathecal=False)
    intrathecal = writer.sheet([use for use in report.uses if use.route is Route.IT], intrathecal=True)
    return (systemic, intrathecal) if intrathecal.drugs else (systemic,)


class _Writer:
    """Writes the worksheet of one report in one language."""

    def __init__(
        self, whole: Plan, report: DrugReport, settings: Settings, remarks: Sequence[str], *, published: bool
    ) -> None:
        self.plan = whole
        self.report = report
        self.text = messages(settings.language)
        self.words = paper_words(self.text)
        self.remarks = tuple(map(self.words.said, remarks))
        self.titles = {each.course.id: each.course.title for each in whole.courses}
        self.dates = {each.course.id: each.course.dates for each in whole.courses}
        self.head = page_head(whole, settings, published=published)
        self.bags = bag_tables(whole, settings)

    def sheet(self, uses: Sequence[DrugUse], *, intrathecal: bool) -> DrugSheet:
        _ = self.text.gettext
        dates = [line.date for use in uses for line in use.lines]
        days = (
            _("{first} to {last}").format(first=self.words.day(min(dates)), last=self.words.day(max(dates)))
            if dates
            else _("no drug is due")
        )
        title = _("INTRATHECAL worksheet") if intrathecal else _("Drug worksheet")
        tables = tuple(self.drug(use) for use in uses)
        head = replace(
            self.head,
            title=title,
            subtitle=days,
            measures="",
            provisional=_("not all started")
            if any(line.provisional for table in tables for line in table.lines)
            else "",
        )
        facts, errors = tuple(self.facts()), tuple(self.errors())
        if intrathecal:
            return DrugSheet(head, intrathecal, tables, facts=facts, errors=errors, remarks=self.remarks)
        return DrugSheet(
            head,
            intrathecal,
            tables,
            tuple(map(self.cumulative, self.report.cumulative)),
            tuple(
                _("{agent} {dose} before this record").format(agent=self.written(agent), dose=self.per_m2(dose))
                for agent, dose in self.report.uncounted
            ),
            tuple(each.course.title for each in self.report.plan.courses if not each.course.dates),
            facts,
            errors,
            self.remarks,
        )

    def facts(self) -> Iterator[tuple[str, str]]:
        """What the record has that changes a dose or a warning."""
        _ = self.text.gettext
        words = {
            Remark.ALLERGY: (_("ALLERGIES"), _("none recorded: ask")),
            Remark.GENE: (_("RESULTS"), _("none recorded")),
            Remark.INTERACTION: (_("INTERACTING DRUGS"), _("none recorded")),
        }
        for kind, (label, nothing) in words.items():
            yield label, "; ".join(self.plan.facts.remarks_of(kind)) or nothing

    def errors(self) -> Iterator[str]:
        """The errors of the checks, each as a sentence with what to do."""
        for problem in self.plan.problems:
            if problem.severity is Severity.ERROR:
                said = f"{self.words.said(problem.message)}. {self.words.said(problem.remedy)}"
                yield self.words.with_more(problem.code, said.strip())

    def drug(self, use: DrugUse) -> DrugTable:
        _, ngettext = self.text.gettext, self.text.ngettext
        count = ngettext("{count} dose", "{count} doses", use.count).format(count=figure(use.count))
        total = self.words.dose(use.total, use.unit)
        template = _("at least {count}, {total}; {first} to {last}") if use.at_least else (
            _("{count}, {total}; {first} to {last}"))  # fmt: skip
        running = dict(zip((line.id for line in use.lines), use.running, strict=True))
        only = use.agent.only_route
        return DrugTable(
            agent=f"{use.agent.written} {use.route.value}",
            summary=template.format(
                count=count, total=total, first=self.words.day(use.first), last=self.words.day(use.last)
            ),
            warning=_("{route} ONLY. FATAL IF GIVEN BY ANY OTHER ROUTE").format(route=only.value) if only else "",
            lines=tuple(self.line(run, running[run[-1].id]) for run in _parts(use)),
            bags=tuple(
                bags
                for (course, agent), tables in self.bags.items()
                if agent == use.agent.id and any(line.course == course for line in use.lines)
                and use.route is Route.CIV
                for bags in tables
            ),
        )  # fmt: skip

    def line(self, run: Sequence[Administration], running: Decimal) -> WorkLine:
        _ = self.text.gettext
        first, last = run[0], run[-1]
        words = self.words
        dates: tuple[str, ...] = (words.day(first.date),)
        if len(run) > 1:
            dates = (
                _("start {date}").format(date=words.day(first.date)),
                _("stop {date}").format(date=words.day(last.date)),
            )
        return WorkLine(
            course=self.titles[first.course],
            days=runs(line.day for line in run),
            dates=dates,
            route=first.route.value,
            dose=_unbroken(words.dose(first.dose, first.unit)),
            product=_unbroken(words.said(product_text(first.product))),
            working=_unbroken(words.said(first.working)),
            measured=self.measured(first),
            per_day=self.per_day(first),
            amount=words.dose(sum(map(amount, run), Decimal(0)), first.unit),
            running=words.dose(running, first.unit),
            mark=first.evidence.mark,
            provisional=first.provisional,
            administrations=tuple(line.id for line in run),
        )

    def per_day(self, line: Administration) -> str:
        """How many doses a day; weekly and continuous ones say so, for that is where errors kill."""
        _ = self.text.gettext
        frequency = line.order_line.frequency
        if frequency.continuous:
            return _("every 24 h")
        return _("{count}, once a week").format(count=line.per_day) if frequency.weekly else figure(line.per_day)

    def measured(self, line: Administration) -> str:
        """The day of the measurement that a dose was worked out from; nothing for one that needs none."""
        rules = [rule.dose for rule in line.order_line.doses]
        dates = self.dates[line.course]
        if dates is None or not any(isinstance(dose, Amount) and dose.per is not Per.FLAT for dose in rules):
            return ""
        measurement, _bsa = dates.measures_on(line.date)
        return self.text.gettext("measured {date}").format(date=self.words.short_date(measurement.date))

    # --- ceilings

    def cumulative(self, each: Cumulative) -> CumulativeTable:
        _ = self.text.gettext
        ceiling = each.ceiling
        above = []
        if each.passed:
            above = [
                _("ABOVE THE CEILING with the dose of {date}").format(date=self.words.day(each.passed.line.date)) + "."
            ]
        elif each.above:
            above = [_("ABOVE THE CEILING") + "."]
        factors = ", ".join(f"{self.written(agent)} x {figure(factor)}" for agent, factor in ceiling.factors)
        return CumulativeTable(
            title=_("Cumulative {ceiling}: {total} of {amount}").format(
                ceiling=ceiling.name, total=self.per_m2(each.total), amount=self.per_m2(ceiling.amount)
            ),
            settings=_("The site's settings: ceiling {amount}; factors: {factors}. The whole plan counts.").format(
                amount=self.per_m2(ceiling.amount), factors=factors
            ),
            above=" ".join([*above, *(self.words.sentence(agent.says) for agent in each.not_counted)]),
            rows=tuple(self.counted(each)),
        )

    def counted(self, each: Cumulative) -> Iterator[tuple[str, str, str, str, str]]:
        _ = self.text.gettext
        running = Decimal(0)
        for prior in each.prior:
            running += prior.counted
            counts = f"x {figure(prior.factor)} = {self.per_m2(prior.counted)}"
            yield self.written(prior.agent), _("before this record"), self.per_m2(prior.amount), counts, self.per_m2(
                running
            )  # fmt: skip
        for dose in each.doses:
            line = dose.line
            taken = f"{figure(amount(line))} {line.unit} / {figure(dose.bsa)} m2 = {self.per_m2(dose.per_m2)}"
            counts = f"x {figure(dose.factor)} = {self.per_m2(dose.counted)}"
            yield (
                self.written(line.agent),
                self.words.day(line.date),
                _unbroken(taken),
                counts,
                self.per_m2(dose.running),
            )

    def written(self, agent: str) -> str:
        """An agent's written form, or its name as typed where the protocol does not have it."""
        known = self.plan.protocol.agents.get(agent)
        return known.written if known else agent

    def per_m2(self, value: Decimal) -> str:
        return _unbroken(f"{figure(round_half_up(value, 2))} mg/m2")


def _parts(use: DrugUse) -> Iterator[tuple[Administration, ...]]:
    """What is checked at one time."""
    if use.route is Route.PO:
        yield from stretches(use.lines)
    else:
        yield from ((line,) for line in use.lines)


def _unbroken(text: str) -> str:
    """Text in which no line breaks between a figure and the word after it."""
    words = text.split(" ")
    joined = words[0]
    for before, word in pairwise(words):
        tie = before[-1:].isdigit() and (word[:1].isalpha() or word[:1] == "%") and word != "x"
        joined += ("\N{NO-BREAK SPACE}" if tie else " ") + word
    return joined
