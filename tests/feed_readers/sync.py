"""Feeds in, as files; what khal shows of each out, as JSON, once vdirsyncer has fetched it from `protocal serve`.

One after the other the feeds stand at the same address of a folder that is served. A long event is asked for once, with
the date or the hour at which it begins; vdirsyncer gives what it fetches identities of its own.

Both are run as from the command line, but in one process: to start them for each feed would take most of the time.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, sleep
from urllib.request import urlopen

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
type = "http"
url = "{url}"
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
ADDRESS = "b7k2m9q4w8x3z6c5v2n7h4j3t0"
LONGEST = 30  # seconds until what was published must be served
IN_MEMORY = Path("/dev/shm")  # both wait for the disk at every event


def main() -> None:
    with TemporaryDirectory(dir=IN_MEMORY if IN_MEMORY.is_dir() else None) as folder:
        print(json.dumps(shown(Path(folder), [Path(feed) for feed in sys.argv[1:]])))  # noqa: T201 - its result


def shown(folder: Path, feeds: list[Path]) -> list[list[list[str]]]:
    """Begin, status and title of each event, feed after feed."""
    (folder / "local").mkdir()
    published = folder / "site" / ADDRESS / "calendar.ics"
    published.parent.mkdir(parents=True)
    published.write_bytes(feeds[0].read_bytes())
    with served(folder / "site") as place:
        return list(fetched(folder, feeds, published, f"{place}{ADDRESS}/calendar.ics"))


@contextmanager
def served(site: Path) -> Iterator[str]:
    """The address of a folder that is served as long as the block runs."""
    command = [sys.executable, "-m", "protocal", "serve", str(site), "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr
        for line in server.stderr:
            if found := re.search(r"http://[\d.]+:\d+/", line):
                break
        else:
            sys.exit("nothing is served")
        try:
            yield found[0]
        finally:
            server.terminate()


def publish(data: bytes, published: Path, url: str) -> None:
    """Put a feed in the place of the one before, and wait until whoever asks is given it."""
    aside = published.with_suffix(".new")
    aside.write_bytes(data)
    aside.replace(published)
    end = monotonic() + LONGEST
    while urlopen(url).read() != data:
        if monotonic() > end:
            sys.exit("what was published is not served")
        sleep(0.1)


def fetched(folder: Path, feeds: list[Path], published: Path, url: str) -> Iterator[list[list[str]]]:
    """What khal shows of each feed."""
    for name, text in (("vdirsyncer.conf", VDIRSYNCER), ("khal.conf", KHAL)):
        (folder / name).write_text(text.format(folder=folder, url=url), encoding="utf-8")
    sync = ["-v", "WARNING", "-c", str(folder / "vdirsyncer.conf")]
    show = ["-c", str(folder / "khal.conf"), "list", *SPAN, "--day-format", "", "--once"]
    show += ["--format", "{start}|{status}|{title}"]
    for number, feed in enumerate(feeds):
        publish(feed.read_bytes(), published, url)
        for command in ("discover", "sync")[number > 0 :]:
            vdirsyncer([*sync, command], standalone_mode=False)
        said = StringIO()
        with redirect_stdout(said):
            main_khal(show, standalone_mode=False)
        lines = [line.split("|", 2) for line in said.getvalue().splitlines() if line.strip()]
        yield [[on, status.strip(), title] for on, status, title in lines]


if __name__ == "__main__":
    main()
