"""Feeds in, as files; what khal shows of each out, as JSON, once vdirsyncer has brought it into a local folder.

A long event is asked for once, with the date or the hour at which it begins.

Both are run as from the command line, but in one process: to start them for each feed would take most of the time.
"""

from __future__ import annotations

import json
import sys
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

from khal.cli import main_khal
from vdirsyncer.cli import app as vdirsyncer

VDIRSYNCER = """\
[general]
status_path = "{folder}/status/"
[pair feed]
a = "published"
b = "local"
collections = null
conflict_resolution = "a wins"
[storage published]
type = "singlefile"
path = "{folder}/feed.ics"
[storage local]
type = "filesystem"
path = "{folder}/local/"
fileext = ".ics"
"""
KHAL = """\
[calendars]
[[feed]]
path = {folder}/local/
[sqlite]
path = {folder}/khal.db
[locale]
local_timezone = America/New_York
default_timezone = America/New_York
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
timeformat = %H:%M
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M
"""
SPAN = ("2026-11-01", "2028-01-01")
IN_MEMORY = Path("/dev/shm")  # both wait for the disk at every event


def main() -> None:
    with TemporaryDirectory(dir=IN_MEMORY if IN_MEMORY.is_dir() else None) as folder:
        print(json.dumps(shown(Path(folder), [Path(feed) for feed in sys.argv[1:]])))  # noqa: T201 - its result


def shown(folder: Path, feeds: list[Path]) -> list[list[list[str]]]:
    """Identity, begin, status and title of each event, feed after feed."""
    (folder / "local").mkdir()
    for name, text in (("vdirsyncer.conf", VDIRSYNCER), ("khal.conf", KHAL)):
        (folder / name).write_text(text.format(folder=folder), encoding="utf-8")
    sync = ["-v", "WARNING", "-c", str(folder / "vdirsyncer.conf")]
    show = ["-c", str(folder / "khal.conf"), "list", *SPAN, "--day-format", "", "--once"]
    show += ["--format", "{uid}|{start}|{status}|{title}"]
    found = []
    for number, feed in enumerate(feeds):
        (folder / "feed.ics").write_bytes(feed.read_bytes())
        for command in ("discover", "sync")[number > 0 :]:
            vdirsyncer([*sync, command], standalone_mode=False)
        if lines_of(folder / "feed.ics") != lines_of(feed):
            sys.exit(f"{feed.name} was written to by its reader")
        said = StringIO()
        with redirect_stdout(said):
            main_khal(show, standalone_mode=False)
        lines = [line.split("|", 3) for line in said.getvalue().splitlines() if line.strip()]
        found.append([[uid, on, status.strip(), title] for uid, on, status, title in lines])
    return found


def lines_of(path: Path) -> list[bytes]:
    """What stands in a file, whose time zone vdirsyncer puts in another place."""
    return sorted(path.read_bytes().splitlines())


if __name__ == "__main__":
    main()
