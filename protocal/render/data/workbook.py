"""A drug report -> a workbook, with dates and figures that a spreadsheet can count with.

The only place that knows XlsxWriter, which is an extra and imported when used. The document's properties, with our
producer mark, are stored as they are, so that the file can be told from somebody else's without being opened; a
spreadsheet program that saves the file packs them, and then it is the user's own and not replaced.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from protocal import __version__
from protocal.model.problems import LackingError
from protocal.model.settings import Settings
from protocal.plan.cumulative import Cumulative
from protocal.render.data.drugs import DrugReport, Matrix, MatrixRow, amount
from protocal.render.wording.catalogues import messages
from protocal.render.wording.paper import paper_words
from protocal.render.wording.products import product_text
from protocal.text.format import figure, plain, round_half_up

PRODUCER = f"protocal {__version__}"
_PROPERTIES = "docProps/"
_FIRST = "[Content_Types].xml"
_HEAD_ROWS = 2
_LONGEST_NAME = 31
_NOT_IN_A_NAME = re.compile(r"[\[\]:*?/\\']")
_DAY = "ddd dd-mmm-yyyy"

_Value = str | int | Decimal | date


def drugs_xlsx(report: DrugReport, settings: Settings, remarks: Sequence[str] = ()) -> bytes:
    """The workbook: the list, the cumulative doses if there are ceilings, and a matrix for each course.

    Remarks stand above the list. Same values, same bytes. Raises LackingError where XlsxWriter is missing.
    """
    xlsxwriter = import_xlsxwriter()
    stream = BytesIO()
    workbook = xlsxwriter.Workbook(stream, {"in_memory": True})
    workbook.set_properties(
        {"author": PRODUCER, "comments": PRODUCER, "created": report.plan.issued.replace(tzinfo=None)}
    )
    _Writer(workbook, report, settings).write(remarks)
    workbook.close()
    return _marked(stream)


def import_xlsxwriter() -> Any:
    """XlsxWriter. Raises LackingError where it is not installed."""
    try:
        import xlsxwriter  # type: ignore[import-untyped] # it has no types
    except ImportError as error:
        raise LackingError("spreadsheets need XlsxWriter\n  pip install protocal[xlsx]") from error
    return xlsxwriter


class _Writer:
    """Writes the sheets of one report in one language."""

    def __init__(self, workbook: Any, report: DrugReport, settings: Settings) -> None:
        self.workbook = workbook
        self.report = report
        self.text = messages(settings.language)
        self.titles = {each.course.id: each.course.title for each in report.plan.courses}
        self.names: set[str] = set()
        self.formats: dict[str, Any] = {}
        self.bold = workbook.add_format({"bold": True})
        self.head = workbook.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 2})

    def write(self, remarks: Sequence[str]) -> None:
        self.list(remarks)
        for each in self.report.cumulative:
            self.cumulative(each)
        for matrix in self.report.matrices:
            self.matrix(matrix)

    # --- sheets

    def list(self, remarks: Sequence[str]) -> None:
        _, said = self.text.gettext, paper_words(self.text).said
        columns = (
            (_("Drug"), 24), (_("Route"), 7), (_("Course"), 20), (_("Day"), 6), (_("Date due"), 17),
            (_("Calculated"), 10), (_("Dose"), 10), (_("Unit"), 7), (_("Product"), 34), (_("Doses a day"), 8),
            (_("Amount"), 11), (_("Running total"), 12), (_("Working"), 44), (_("First date"), 17),
            (_("Last date"), 17), (_("Provisional"), 12), (_("Status"), 8), (_("Evidence"), 13),
            (_("Instead of tablets"), 24), ("id", 28),
        )  # fmt: skip
        rows = (
            (
                use.agent.written, use.route.value, self.titles[line.course], line.day, line.date, line.calculated,
                line.dose, line.unit, said(product_text(line.product)), line.per_day, amount(line), running,
                said(line.working), use.first, use.last, _("provisional") if line.provisional else "",
                line.status.value, line.evidence.value, said(product_text(line.alternative)), line.id,
            )
            for use in self.report.uses
            for line, running in zip(use.lines, use.running, strict=True)
        )  # fmt: skip
        title = ". ".join([_("Drug list"), *map(said, remarks)])
        self.sheet(_("Drug list"), title, columns, rows, fixed=1)

    def cumulative(self, each: Cumulative) -> None:
        _ = self.text.gettext
        ceiling = each.ceiling
        factors = ", ".join(f"{self.written(agent)} x {figure(factor)}" for agent, factor in ceiling.factors)
        title = _("Cumulative {ceiling}: ceiling {amount} mg/m2; factors: {factors}").format(
            ceiling=ceiling.name, amount=figure(ceiling.amount), factors=factors
        )
        if each.above:
            title += f". {_('ABOVE THE CEILING')}"
        title = ". ".join([title, *(agent.sentence.removesuffix(".") for agent in each.not_counted)])
        columns = (
            (_("Drug"), 24), (_("Date due"), 17), (_("BSA, m2"), 8), (_("Dose, mg/m2"), 10), (_("Factor"), 8),
            (_("Counts, mg/m2"), 10), (_("Running total, mg/m2"), 12),
        )  # fmt: skip
        rows: list[Sequence[_Value]] = []
        running = Decimal(0)
        for prior in each.prior:
            running += prior.counted
            name = self.written(prior.agent)
            rows.append((name, _("before this record"), "", prior.amount, prior.factor, prior.counted, running))
        rows += [
            (self.written(dose.line.agent), dose.line.date, dose.bsa, _worked_out(dose.per_m2), dose.factor,
             _worked_out(dose.counted), _worked_out(dose.running))
            for dose in each.doses
        ]  # fmt: skip
        self.sheet(_("Ceiling {name}").format(name=ceiling.name), title, columns, rows, fixed=1)

    def matrix(self, matrix: Matrix) -> None:
        _ = self.text.gettext
        columns = ((_("Day"), 6), (_("Date due"), 17), *((self.label(row), 16) for row in matrix.rows))
        doses = [dict(row.cells) for row in matrix.rows]
        rows = ((day, on, *(_cell(each.get((day, on), ())) for each in doses)) for day, on in matrix.days)
        title = _("{course} by day; each figure is one dose").format(course=matrix.course.title)
        self.sheet(matrix.course.id, title, columns, rows, fixed=2)

    def sheet(
        self, name: str, title: str, columns: Sequence[tuple[str, int]], rows: Iterable[Sequence[_Value]], *, fixed: int
    ) -> None:
        """A sheet: a line that says whose it is, a frozen head, and rows; its first `fixed` columns stay in sight."""
        sheet = self.workbook.add_worksheet(self.name(name))
        sheet.write_string(0, 0, f"{self.about()} {title}", self.bold)
        for index, (label, width) in enumerate(columns):
            sheet.set_column(index, index, width)
            sheet.write_string(_HEAD_ROWS - 1, index, label, self.head)
        filled = list(rows)
        for number, row in enumerate(filled, _HEAD_ROWS):
            for index, value in enumerate(row):
                self.cell(sheet, number, index, value)
        sheet.freeze_panes(_HEAD_ROWS, fixed)
        sheet.autofilter(_HEAD_ROWS - 1, 0, _HEAD_ROWS - 1 + len(filled), len(columns) - 1)
        sheet.repeat_rows(0, _HEAD_ROWS - 1)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.set_footer(f"&L{PRODUCER}&R&P / &N")

    def cell(self, sheet: Any, row: int, column: int, value: _Value) -> None:
        if isinstance(value, date):
            sheet.write_datetime(row, column, datetime(value.year, value.month, value.day), self.format(_DAY))  # noqa: DTZ001 - a day
        elif isinstance(value, str):
            if value:
                sheet.write_string(row, column, value)
        else:
            sheet.write_number(row, column, value, self.format(_number_format(Decimal(value))))

    # --- words

    def about(self) -> str:
        """Whose sheet it is and by which definition, on every sheet."""
        _ = self.text.gettext
        plan = self.report.plan
        protocol = plan.protocol
        about = _("Patient {id}, {protocol} {version}, record revision {revision}.").format(
            id=plan.record.id, protocol=protocol.id.upper(), version=protocol.version, revision=plan.revision
        )
        if plan.verified:
            return about
        return f"{about} {_('UNVERIFIED')}: {_('Check each dose and day against the trial protocol.')}"

    def label(self, row: MatrixRow) -> str:
        _ = self.text.gettext
        label = f"{row.agent.written} {row.route.value}, {row.unit}"
        return _("{drug}, {count} a day").format(drug=label, count=row.per_day) if row.per_day > 1 else label

    def written(self, agent: str) -> str:
        known = self.report.plan.protocol.agents.get(agent)
        return known.written if known else agent

    def name(self, wish: str) -> str:
        """A name that a spreadsheet takes and no other sheet has."""
        base = _NOT_IN_A_NAME.sub(" ", wish).strip()[:_LONGEST_NAME] or "-"
        name, number = base, 1
        while name.casefold() in self.names:
            number += 1
            name = f"{base[: _LONGEST_NAME - len(str(number)) - 1]} {number}"
        self.names.add(name.casefold())
        return name

    def format(self, pattern: str) -> Any:
        if pattern not in self.formats:
            self.formats[pattern] = self.workbook.add_format(
                {"num_format": pattern, "align": "left" if pattern == _DAY else "right"}
            )
        return self.formats[pattern]


def _number_format(value: Decimal) -> str:
    """A comma between thousands, and just the value's own decimals: `2.0` and `2.` are both forms that kill."""
    decimals = len(plain(value).partition(".")[2])
    return f"#,##0.{'0' * decimals}" if decimals else "#,##0"


def _cell(doses: Sequence[Decimal]) -> _Value:
    """A day's dose as a number; several different ones as text, for a sum would not be one dose."""
    return doses[0] if len(doses) == 1 else " + ".join(map(figure, doses))


def _worked_out(value: Decimal) -> Decimal:
    return round_half_up(value, 4)


def _marked(workbook: BytesIO) -> bytes:
    """The same workbook with its properties not packed, and near its start."""
    stream = BytesIO()
    with ZipFile(workbook) as before, ZipFile(stream, "w") as after:
        names = before.namelist()
        names.sort(key=lambda name: (name != _FIRST, not name.startswith(_PROPERTIES)))
        for name in names:
            packed = ZIP_STORED if name.startswith(_PROPERTIES) else ZIP_DEFLATED
            after.writestr(ZipInfo(name), before.read(name), packed)
    return stream.getvalue()
