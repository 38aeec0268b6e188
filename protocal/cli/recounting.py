"""The command `recount`: the second count by itself, which `check`, sheets, feeds and lists are held against."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING

from protocal.cli.options import Format, RecordFile, Revision, Shelves, SiteFile, TableFormat, echo, echo_bytes, tell
from protocal.cli.root import app
from protocal.model.problems import UsageError

if TYPE_CHECKING:
    from protocal.recount import Recount

_COLUMNS = ("date", "agent", "route", "dose", "unit", "per_day", "times", "status", "id")  # as the plan's CSV and JSON


@app.command()
def recount(
    file: RecordFile,
    format_: Format = TableFormat.TABLE,
    site: SiteFile = None,
    revision: Revision = None,
    schedules: Shelves = [],
) -> None:
    """Count every dose a second time, by a plain program that shares nothing with the planner.

    Doses by mouth are those before tablets were chosen. `protocal check` tells where the plan differs.
    Example: `protocal recount p001.yaml --format csv`
    """
    found = _counted(file, site, revision, schedules)
    rows = _rows(found)
    if format_ is TableFormat.JSON:
        data = {"doses": [dict(zip(_COLUMNS, row, strict=True)) for row in rows], "not_covered": found.not_covered}
        echo(json.dumps(data, ensure_ascii=False, indent=1))
    elif format_ is TableFormat.CSV:
        stream = io.StringIO()
        csv.writer(stream).writerows([_COLUMNS, *rows])
        echo_bytes(stream.getvalue().encode())
    else:
        widths = [max(map(len, column)) for column in zip(_COLUMNS, *rows, strict=True)]
        lines = ("  ".join(map(str.ljust, row, widths)).rstrip() for row in (_COLUMNS, *rows))
        echo("\n".join(lines))
    for each in found.not_covered:
        tell(f"not counted: {each}")


def _rows(found: Recount) -> list[tuple[str, ...]]:
    """A line for each order and date, by date."""
    return [
        (
            each.date.isoformat(),
            each.agent,
            each.route,
            "" if each.dose is None else f"{each.dose.normalize():f}",
            each.unit,
            str(each.per_day),
            " ".join(hour.isoformat() for hour in each.hours),
            each.state,
            each.id,
        )
        for each in sorted(found.doses, key=lambda each: each.date)
    ]


def _version(protocol: str, version: str, folder: Path, schedules: list[Path]) -> Path:
    """Another version's folder: beside the first one, or on a shelf."""
    from protocal.read.library import find_definition

    beside = folder.parent / version
    return beside if beside.is_dir() else find_definition(protocol, version, schedules)


def _counted(file: Path, site: Path | None, revision: int | None, schedules: list[Path]) -> Recount:
    """The count of a record's files. Raises UsageError where they cannot be counted."""
    from zoneinfo import ZoneInfo

    from protocal.cli.clock import now
    from protocal.read.library import check_shelves, find_definition
    from protocal.recount import read_yaml, recount_files

    check_shelves(schedules)
    if not file.is_file():
        raise UsageError(f"{file}: there is no such file", "Check the name and the folder.")
    try:
        head = read_yaml(file.read_text(encoding="utf-8-sig"))
        named = str(file.parent / head["definition"]) if head.get("definition") else head["protocol"]
        folder = find_definition(named, head["version"], schedules)
        today = now().astimezone(ZoneInfo(head["timezone"])).date()
        others = dict.fromkeys(line["version"] for line in head["log"] or [] if line["entry"] == "definition")
        later = [_version(head["protocol"], each, folder, schedules) for each in others if each != head["version"]]
        return recount_files(file, folder, site, revision, today, later)
    except UsageError:
        raise
    except Exception as error:  # noqa: BLE001 - what it needs to know of a file is that it is as it must be
        raise UsageError(
            f"{file} cannot be counted again: {type(error).__name__}: {error}",
            "`protocal check` says what is wrong with a record, `protocal lint` with a definition.",
        ) from None
