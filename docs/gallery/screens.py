"""The records of this folder in; pictures of the family's page in a browser out, as on a phone and on a desk.

Nothing is served: Playwright is given each file that Chromium asks for, and the hour that it is.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from protocal.model.reader import Who
from protocal.read.settings import read_settings
from protocal.render.feed.reader_feed import Reader, ReaderFeed
from protocal.render.feed.words import Doses
from protocal.render.page.content import make_page
from protocal.render.page.files import files_beside, page_html
from protocal.render.page.subscribing import subscription_at
from protocal.render.wording.catalogues import languages
from protocal.workflow.planning import load_plan

if TYPE_CHECKING:
    from playwright.sync_api import Route

HERE = Path(__file__).parent
BASE = "https://calendars.example.org/b7k2m9q4w8x3z6c5v2n7h4j3t0/"
PHONE, DESK = (390, 844), (1100, 800)
OLD = timedelta(hours=25)
TYPES = {"html": "text/html", "css": "text/css", "js": "text/javascript"}


class Screen(NamedTuple):
    """A page of a record at an hour, as a device shows it; `old` where it could not be loaded again since."""

    name: str
    shows: str
    record: str
    at: str
    size: tuple[int, int] = PHONE
    site: str = "site"
    language: str = "en"
    dark: bool = False
    old: bool = False


SCREENS = (
    Screen("page-phone", "On a phone", "arm-d", "2026-12-01T18:30:00-05:00"),
    Screen(
        "page-dark",
        "At night, in French",
        "arm-d",
        "2026-12-01T21:30:00-05:00",
        site="site-fr",
        language="fr",
        dark=True,
    ),
    Screen("page-desk", "On a desk, in Spanish", "arm-d", "2026-12-07T18:30:00-05:00", DESK, "site-es", "es"),
    Screen("page-hold", "Treatment on hold", "ten-changes", "2027-03-18T18:30:00-04:00"),
    Screen("page-old", "A copy that is too old: doses are hidden", "arm-d", "2026-12-01T18:30:00-05:00", old=True),
)


def pictures(folder: Path) -> Iterator[tuple[Screen, str]]:
    """Each screen, and the name of its picture in the folder."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 # only here is a browser needed

    with sync_playwright() as playwright:
        switches = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=switches)
        for each in SCREENS:
            files = files_of(each)
            context = browser.new_context(
                viewport={"width": each.size[0], "height": each.size[1]},
                color_scheme="dark" if each.dark else "light",
                timezone_id="America/New_York",
                service_workers="block",
            )
            context.route("**/*", partial(_answer, files))
            page = context.new_page()
            page.clock.install(time=datetime.fromisoformat(each.at))
            page.goto(BASE)
            page.locator("#now .card").first.wait_for()
            if each.old:
                files.clear()
                page.clock.run_for(int(OLD.total_seconds()) * 1000)
                page.locator("#stale").wait_for()
            page.screenshot(path=folder / f"{each.name}.png")
            context.close()
            yield each, f"{each.name}.png"
        browser.close()


def _answer(files: Mapping[str, bytes], route: Route) -> None:
    """Give the browser a file; what there is none of cannot be reached."""
    name = route.request.url.removeprefix(BASE).partition("?")[0] or "index.html"
    if name in files:
        route.fulfill(body=files[name], content_type=TYPES.get(name.rpartition(".")[2], "text/plain"))
    else:
        route.abort()


def files_of(each: Screen) -> dict[str, bytes]:
    """What a server would have at the page's address."""
    settings, problems = read_settings(HERE / f"{each.site}.yaml")
    if settings is None:
        raise SystemExit("\n".join(map(str, problems)))
    settings = replace(settings, language=each.language)
    plan = load_plan(HERE / "records" / f"{each.record}.yaml", settings)
    writer = ReaderFeed(plan, Reader(Who.FAMILY, each.language, Doses.ALL, site=settings.family))
    today = datetime.fromisoformat(each.at).date()
    first = today - timedelta(days=today.weekday())
    page = make_page(writer, writer.issue(), first, subscription_at(BASE, writer.title()), languages())
    return {"index.html": page_html(page, settings), **files_beside(page, settings)}
