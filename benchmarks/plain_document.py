"""The roadmaps of a made-up child on Arm D as a plain HTML document: the same words in the same rows and columns.

No widths, no classes, no drawings and no repeated headings of pages: what somebody would write who has only the text,
collapsed borders, and WeasyPrint as it is. `python benchmarks/plain_document.py` writes plain.html, which is committed.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from html import escape
from html.parser import HTMLParser
from pathlib import Path

from protocal.model.plan import Plan
from protocal.model.settings import Settings
from protocal.plan import make_plan
from protocal.render.pdf.sheets_pdf import sheets_html
from protocal.render.roadmap import make_roadmap
from protocal.workflow.planning import load_plan

PLAIN = Path(__file__).with_name("plain.html")
CHILD = (
    *("--protocol", "aall1331", "--id", "P001", "--name", "Made-up Child", "--born", "2019-05-12", "--sex", "female"),
    *("--height", "112", "--weight", "19.4", "--measured", "2026-11-30", "--cns", "cns2", "--risk", "low"),
    *("--arm", "D", "--start", "2026-12-01", "--timezone", "America/New_York"),
)
_MADE = datetime(2026, 11, 30, 12, tzinfo=UTC)
_HEAD = """\
<!doctype html>
<meta charset="utf-8">
<title>Roadmaps</title>
<style>
@page { size: letter; margin: 36pt }
body { font: 8pt sans-serif }
section { break-before: page }
table { border-collapse: collapse; width: 100% }
th, td { border: 0.5pt solid; padding: 2pt }
</style>
"""
_KEPT = {"br", "h1", "h2", "h3", "p", "ul", "li", "div"}
_SKIPPED = {"svg", "head", "style"}


@dataclass(slots=True)
class _Cell:
    """A cell of a table: its tag, how far it reaches, and what is in it."""

    tag: str
    rows: int
    columns: int
    parts: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        spans = "".join(
            f" {name}={count}" for name, count in (("rowspan", self.rows), ("colspan", self.columns)) if count > 1
        )
        return f"<{self.tag}{spans}>{''.join(self.parts)}</{self.tag}>"


class _Plain(HTMLParser):
    """Keeps tables, lists, paragraphs and their words; tables are not nested."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.rows: list[list[_Cell]] = []
        self.skipping = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.skipping += tag in _SKIPPED
        if self.skipping:
            return
        if tag == "table":
            self.rows = []
        elif tag == "tr":
            self.rows.append([])
        elif tag in {"td", "th"}:
            given = dict(attrs)
            self.rows[-1].append(_Cell(tag, int(given.get("rowspan") or 1), int(given.get("colspan") or 1)))
        elif tag in _KEPT:
            self._add(f"<{tag}>")

    def handle_endtag(self, tag: str) -> None:
        if self.skipping:
            self.skipping -= tag in _SKIPPED
        elif tag == "table":
            rows, self.rows = self.rows, []
            self._add("\n<table>" + "".join(_full_rows(rows)) + "\n</table>\n")
        elif tag == "span":
            self._add(" ")
        elif tag in _KEPT and tag != "br":
            self._add(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if not self.skipping:
            self._add(escape(re.sub(r"\s+", " ", data), quote=False))

    def _add(self, part: str) -> None:
        if self.rows and self.rows[-1]:
            self.rows[-1][-1].parts.append(part)
        elif not self.rows and part.strip():
            self.parts.append(part)


def _full_rows(rows: list[list[_Cell]]) -> Iterator[str]:
    """The rows of a table with a cell in every column: paper that draws its rules has none where nothing is written."""
    below = [0] * max(sum(cell.columns for cell in row) for row in rows)  # by column, rows that a cell still reaches
    for row in rows:
        free = [column for column, count in enumerate(below) if not count]
        cells = [part for cell in row for part in ([cell] if "".join(cell.parts).strip() else _single(cell))]
        cells += [_Cell("td", 1, 1) for _ in range(len(free) - sum(cell.columns for cell in cells))]
        below = [max(0, count - 1) for count in below]
        reach = [cell.rows - 1 for cell in cells for _ in range(cell.columns)]
        for column, count in zip(free, reach, strict=True):
            below[column] = count
        line = "\n<tr>" + "".join(map(str, cells))
        yield f"\n<thead>{line}\n</thead>" if row is rows[0] and all(cell.tag == "th" for cell in row) else line


def _single(cell: _Cell) -> list[_Cell]:
    """An empty cell, column by column."""
    return [_Cell(cell.tag, cell.rows, 1) for _ in range(cell.columns)]


def plain_document(plan: Plan) -> str:
    """The plain document of a plan, as if its record had been made on a fixed day."""
    log = tuple(replace(entry, recorded=_MADE) for entry in plan.record.log)
    plan = make_plan(plan.protocol, replace(plan.record, created=_MADE.date(), log=log), Settings())
    sections = []
    for html in sheets_html(make_roadmap(plan, Settings()), Settings(), _MADE):
        parser = _Plain()
        parser.feed(html)
        sections.append(f"<section>{''.join(parser.parts)}\n</section>\n")
    return _HEAD + "".join(sections)


def main() -> None:
    """Write plain.html."""
    with tempfile.TemporaryDirectory() as folder:
        record = Path(folder) / "p001.yaml"
        subprocess.run([sys.executable, "-m", "protocal", "new", record, *CHILD], check=True)
        PLAIN.write_text(plain_document(load_plan(record, Settings())), encoding="utf-8")


if __name__ == "__main__":
    main()
