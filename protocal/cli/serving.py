"""The command `serve`: pages and feeds over HTTP, of what was published or of records themselves."""

from __future__ import annotations

import gc
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from protocal.cli.options import Shelves, SiteFile, site_settings, tell, whole
from protocal.cli.root import app
from protocal.model.problems import LackingError, UsageError

if TYPE_CHECKING:
    from protocal.model.settings import Settings
    from protocal.serving.store import Store
    from protocal.workflow.publishing import Site

_PORT, _PORTS = 8000, range(65536)


@app.command()
def serve(
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="PATH...", readable=False, help="The folder of `protocal publish --to`, or records."),
    ],
    host: Annotated[
        str, typer.Option("--host", metavar="ADDRESS", help="Where to listen; only this machine can ask by default.")
    ] = "127.0.0.1",
    port: Annotated[
        int | None,
        typer.Option("--port", metavar="N", parser=whole, help="8000 by default; 0 takes one that is free."),
    ] = None,
    behind_proxy: Annotated[
        bool,
        typer.Option(
            "--behind-proxy",
            help="Clients are those that a proxy on this machine names (X-Forwarded-For); it must set that itself.",
        ),
    ] = False,
    site_key: Annotated[
        Path | None,
        typer.Option(
            "--site-key", metavar="FILE", readable=False, help="The site's key, if the settings do not name it."
        ),
    ] = None,
    site: SiteFile = None,
    schedules: Shelves = [],
) -> None:
    """Serve readers' pages and feeds until it is ended, and what changes meanwhile; no record is written.

    Example: `protocal serve public/` behind a web server that has TLS.
    """
    port = _PORT if port is None else port
    if port not in _PORTS:
        raise UsageError(f"there is no port {port}", "Ports are 0 to 65535.")
    try:
        from protocal.serving.app import make_app
        from protocal.serving.server import listen, place_of, run
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("protocal"):
            raise
        raise LackingError("to serve needs Starlette and uvicorn\n  pip install protocal[serve]") from error
    if not _is_loopback(host):
        tell(
            f"warning: at '{host}' other machines can ask, and whoever is on the way to them reads the addresses:"
            " put a web server with TLS before it"
        )
    with _ended_well(), listen(host, port) as listening:
        store = _store(paths, site, schedules, site_key)
        store.refresh()
        pages = make_app(store, clock=time.monotonic, tell=_say)
        _say(f"serving {store.addresses} addresses at {place_of(listening)} until Ctrl-C")
        _collect_again()
        run(pages, listening, _say, behind_proxy=behind_proxy)


def _store(paths: Sequence[Path], site: Path | None, shelves: Sequence[Path], site_key: Path | None) -> Store:
    """What is served: a folder by itself, or records."""
    from protocal.serving.folder_store import FolderStore
    from protocal.serving.record_store import RecordStore
    from protocal.serving.surroundings import Surroundings

    folders = [path for path in paths if path.is_dir()]
    if folders and len(paths) > 1:
        raise UsageError("one folder is served, or records are", f"Name {folders[0]} alone, or only records.")
    if folders:
        return FolderStore(folders[0], _say)
    from protocal.cli.clock import now
    from protocal.workflow.publishing import files_of_record, site_of

    def site_now() -> Site:
        settings = site_settings(site)
        return site_of(replace(settings, site_key=str(site_key)) if site_key else settings, now(), shelves)

    for path in paths:
        if not path.exists():
            raise UsageError(f"there is neither a folder nor a record {path}", "Name what is to be served.")
    settings = site_now().settings  # what is wrong with them or the key is told before anything is served
    if len(paths) > 1:
        _say(f"making the pages of {len(paths)} records")
    around = Surroundings([*_files_of_site(settings, site, shelves)], now)
    return RecordStore(paths, lambda path: files_of_record(path, site_now()), _say, around.around, around.beside)


def _files_of_site(settings: Settings, site: Path | None, shelves: Sequence[Path]) -> Iterator[Path]:
    """The files and folders that the pages of every record hang on."""
    yield from shelves
    yield from (Path(each.file) for each in settings.templates)
    yield Path(settings.site_key)
    if site:
        yield site


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _say(text: str) -> None:
    """A line for whoever looks after the server; that nobody reads it ends nothing."""
    from protocal.cli.streams import OutputError, ReaderGoneError

    with suppress(OutputError, ReaderGoneError, OSError):
        tell(text)


def _collect_again() -> None:
    """A server lives long: the collector of cycles, which a short command does without, works from here on."""
    gc.collect()
    gc.freeze()
    gc.enable()


@contextmanager
def _ended_well() -> Iterator[None]:
    """To be told to end (SIGTERM), as whatever looks after servers does, is the way in which this command ends."""

    def end(_signal: int, _frame: object) -> NoReturn:
        raise SystemExit(0)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
