"""A reader's page in a browser: what it calls today, what it hides when it is old, what it keeps, and for everybody.

Chromium is driven by Playwright; each test has a browser of its own without a past. Pages come from a server in this
process with the headers that a site is told to send. Nothing else is reached.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

import pytest
from in_memory import NOWHERE, child, delayed, given, held, left, moved, started
from page_of import LANGUAGES, Shown, issued, shown

from protocal.model.entries import HoldRule, Stopped
from protocal.model.record import Record
from protocal.model.settings import ForFamilies, Settings
from protocal.render.feed.words import Doses

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

AXE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
TYPES = {"html": "text/html", "css": "text/css", "js": "text/javascript", "webmanifest": "application/manifest+json"}
PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
ADDRESS = "b7k2m9q4w8x3z6c5v2n7h4j3t0"
HOUR = 3600 * 1000
WAIT = 20  # seconds at most
RULES = Settings(level_draws=(("methotrexate", (24, 48, 72)),))
RESCUE = (started("block-2", "2026-12-29"), given("block-2/mtx-hd/8", "2027-01-05 21:00"))


# --- what is shown


@cache
def page_of(name: str, today: str = "2026-12-01", language: str = "en", zone: str = "America/New_York") -> Shown:
    records: dict[str, Record] = {
        "plain": child(zone=zone),
        "rescue": child(*RESCUE, zone=zone),
        "held": child(held("block-1", "2026-12-03", 4, HoldRule.SKIP), zone=zone),
        "left": child(started("continuation-1", "2027-03-01"), left("continuation-1/dex/3"), zone=zone),
    }
    if name == "bare":
        return shown(child(), today, site=ForFamilies(), doses=Doses.NONE, language=language)
    if name in ("moved", "ended"):
        first = shown(child(), today, language=language)
        end = Stopped(date=datetime(2026, 12, 10).date(), why="made up", where=NOWHERE)  # noqa: DTZ001
        later = (end,) if name == "ended" else (moved("block-1/it-mtx/8", "2026-12-10"), delayed("block-2", 6))
        return issued(first, *later)
    return shown(records[name], today, language=language, settings=RULES)


def in_languages(name: str, today: str = "2026-12-01") -> dict[str, bytes]:
    """What stands at an address: the page in each language, and what is beside it."""
    found = dict(page_of(name, today).files)
    for language in LANGUAGES:
        found[f"{language}.html"] = page_of(name, today, language).files["index.html"]
    return found


@dataclass
class Web:
    """A server of one address; `files` may change, and so may how it answers."""

    port: int = 0
    files: Mapping[str, bytes] = field(default_factory=dict)
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/{ADDRESS}/"


@pytest.fixture(scope="module")
def server() -> Iterator[Web]:
    web = Web()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = self.path.partition("?")[0].removeprefix(f"/{ADDRESS}/") or "index.html"
            web.asked.append(name)
            found = web.files.get(name) if self.path.startswith(f"/{ADDRESS}/") else None
            status = web.status if web.status != 200 else 200 if found is not None else 404
            body = found if status == 200 and found is not None else b"nothing is here"
            self.send_response(status)
            self.send_header("Content-Type", f"{TYPES.get(name.rpartition('.')[2], 'text/plain')}; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            for header, value in {**HEADERS, **web.headers}.items():
                self.send_header(header, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 # the name that it is called by
            pass

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    web.port = listening.server_port
    thread = threading.Thread(target=listening.serve_forever, daemon=True)
    thread.start()
    yield web
    listening.shutdown()
    listening.server_close()


@pytest.fixture
def web(server: Web) -> Iterator[Web]:
    server.files, server.status, server.headers, server.asked = in_languages("plain"), 200, {}, []
    yield server
    server.files = {}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser; where there is none the tests are skipped, unless it is CI."""
    lacking = [
        *(["playwright"] if find_spec("playwright") is None else []),
        *([] if CHROMIUM else ["chromium"]),
        *([] if AXE.exists() else ["axe-core"]),
    ]
    if lacking:
        message = f"{', '.join(lacking)} not installed: make .venv/browser"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    from playwright.sync_api import sync_playwright  # noqa: PLC0415

    with sync_playwright() as playwright:
        started_ = playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        yield started_
        started_.close()


def until(page: Page, holds: str, arg: object = None) -> None:
    """Wait until an expression is true; a page that is being loaded again is asked once more.

    `wait_for_function` of Playwright's would evaluate words in the page, which its security policy forbids.
    """
    from playwright.sync_api import Error  # noqa: PLC0415

    end = monotonic() + WAIT
    while True:
        try:
            if page.evaluate(holds, arg):
                return
        except Error as error:
            if "context was destroyed" not in str(error) and "navigat" not in str(error):
                raise
        assert monotonic() < end, holds
        page.wait_for_timeout(20)


class Seen:
    """A page in a browser, with what the browser complained of."""

    def __init__(self, context: BrowserContext, web: Web) -> None:
        self.context = context
        self.web = web
        self.page: Page = context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", lambda each: self._heard(each.type, each.text))
        self.page.on("pageerror", lambda each: self._heard("error", str(each)))

    def _heard(self, kind: str, text: str) -> None:
        if kind in ("error", "warning") and "Service Worker registration blocked" not in text:
            self.complaints.append(text)

    def go(self, at: str = "", file: str = "") -> Page:
        """Open the page, at an hour of a frozen clock."""
        if at:
            self.page.clock.install(time=datetime.fromisoformat(at))
            self.page.clock.pause_at(datetime.fromisoformat(at) + timedelta(seconds=30))  # a busy machine is late
        self.page.goto(self.web.url + file)
        if at or self.ready:
            until(self.page, "!document.documentElement.classList.contains('checking')")
        return self.page

    @property
    def ready(self) -> bool:
        return bool(self.page.evaluate("document.querySelector('main') !== null"))

    def card(self, number: int) -> str:
        """What the card of today (0) or tomorrow (1) says."""
        return " ".join(self.page.locator("#now > .card").nth(number).inner_text().split())

    def doses(self) -> set[str]:
        """How every dose is displayed."""
        return set(self.page.evaluate("[...document.querySelectorAll('.dose')].map(e => getComputedStyle(e).display)"))

    def is_old(self) -> bool:
        stale = self.page.locator("#stale").is_visible()
        hidden = self.doses() == {"none"}
        assert stale == hidden
        return stale

    def kept(self) -> None:
        """Wait until the worker has kept the page."""
        until(self.page, "navigator.serviceWorker.controller !== null")
        until(
            self.page,
            "name => caches.match(new URL(name, location.href).href).then(found => found !== undefined)",
            arg=f"fetched/{'%2F' + ADDRESS + '%2F' + self.page.url.rpartition('/')[2]}",
        )


@contextmanager
def seen(browser: Browser, web: Web, *, workers: bool = False, silent: bool = True, **options: Any) -> Iterator[Seen]:
    """A browser without a past. It must not complain (`silent`)."""
    options = {"viewport": PHONE, "timezone_id": "America/New_York", "locale": "en-US", **options}
    context = browser.new_context(service_workers="allow" if workers else "block", **options)
    context.set_default_timeout(WAIT * 1000)
    try:
        each = Seen(context, web)
        yield each
        assert not silent or each.complaints == []
    finally:
        context.close()


# --- today


def test_tonight_is_said_as_a_parent_asks_for_it(browser: Browser, web: Web) -> None:
    with seen(browser, web) as each:
        each.go("2026-12-01T18:30:00-05:00")
        assert each.card(0).startswith("Today Tuesday 1 December")
        assert "Tonight: dexamethasone, 2 tablets of 4 mg (unverified)" in each.card(0)
        assert "This morning: dexamethasone, 2 tablets of 4 mg (unverified)" in each.card(0)
        assert "each time" not in each.card(0)
        assert "Bring the tablets and the blue book How long it takes about 4 hours" in each.card(0)
        assert each.card(1).startswith("Tomorrow Wednesday 2 December At the clinic Mitoxantrone into a vein")
        assert each.page.locator("#next-clinic").inner_text().split("\n") == ["Wednesday 2 December 2026", "tomorrow"]
        assert each.page.locator("#next-puncture").inner_text().split("\n") == ["Tuesday 8 December 2026", "in 7 days"]


def test_the_evening_before_a_spinal_test_says_from_when_on_to_eat_nothing(browser: Browser, web: Web) -> None:
    with seen(browser, web) as each:
        each.go("2026-12-07T20:00:00-05:00")
        assert each.card(0) == "Today Monday 7 December Nothing is planned."
        assert each.card(1).startswith(
            "Tomorrow Tuesday 8 December Spinal test At the clinic Spinal test (lumbar puncture): methotrexate"
            " Food and drink before it: no food from midnight, clear drinks until 06:00"
        )


NEW_YORK, BERLIN = "America/New_York", "Europe/Berlin"
FROZEN = [
    # the ward's zone, the time, the browser's zone, the ward's date, the date after
    (NEW_YORK, "2026-12-31T23:59:00-05:00", "Europe/Berlin", "Thursday 31 December", "Friday 1 January"),
    (NEW_YORK, "2027-01-01T00:01:00-05:00", "America/Los_Angeles", "Friday 1 January", "Saturday 2 January"),
    (NEW_YORK, "2027-03-13T23:59:00-05:00", "Asia/Tokyo", "Saturday 13 March", "Sunday 14 March"),
    (NEW_YORK, "2027-03-14T00:30:00-05:00", "America/Los_Angeles", "Sunday 14 March", "Monday 15 March"),
    (NEW_YORK, "2027-03-14T23:59:00-04:00", "Asia/Kolkata", "Sunday 14 March", "Monday 15 March"),
    (NEW_YORK, "2027-11-07T00:30:00-04:00", "UTC", "Sunday 7 November", "Monday 8 November"),
    (NEW_YORK, "2027-11-07T23:30:00-05:00", "Pacific/Auckland", "Sunday 7 November", "Monday 8 November"),
    (BERLIN, "2026-12-31T23:59:00+01:00", "America/New_York", "Thursday 31 December", "Friday 1 January"),
    (BERLIN, "2027-03-27T23:59:00+01:00", "America/New_York", "Saturday 27 March", "Sunday 28 March"),
    (BERLIN, "2027-03-28T00:30:00+01:00", "America/New_York", "Sunday 28 March", "Monday 29 March"),
    (BERLIN, "2027-03-28T23:30:00+02:00", "Pacific/Kiritimati", "Sunday 28 March", "Monday 29 March"),
    (BERLIN, "2027-10-31T00:30:00+02:00", "America/New_York", "Sunday 31 October", "Monday 1 November"),
    (BERLIN, "2027-10-31T23:30:00+01:00", "America/New_York", "Sunday 31 October", "Monday 1 November"),
]


@pytest.mark.parametrize(("zone", "time", "here", "today", "tomorrow"), FROZEN)
def test_today_is_the_wards_wherever_the_browser_is(
    zone: str, time: str, here: str, today: str, tomorrow: str, browser: Browser, web: Web
) -> None:
    of = page_of("plain", time[:10], zone=zone)
    web.files = of.files
    with seen(browser, web, timezone_id=here) as each:
        page = each.go(time)
        titles = page.locator("#now .card h2 span").all_inner_texts()
        assert titles == [today, tomorrow]
        planned = {day.said: day for day in of.page.days}
        for number, said in enumerate((today, tomorrow)):
            card = each.card(number)
            if said not in planned:
                assert card.endswith("Nothing is planned.")
                continue
            assert [dose.drug in card for dose in planned[said].home] == [True] * len(planned[said].home)
            assert [line.text in card for line in planned[said].lines] == [True] * len(planned[said].lines)
        rest = page.locator("#days article:visible").evaluate_all("all => all.map(e => e.dataset.date)")
        week = (datetime.fromisoformat(time) + timedelta(days=6)).date().isoformat()
        ahead = [day.iso for day in of.page.days if time[:10] < day.iso <= week and day.said != tomorrow]
        assert rest == ahead, (
            "what is past, today and tomorrow does not stand in the list, nor what is later than a week"
        )


def test_a_page_that_is_left_open_over_midnight_goes_on_with_the_date(browser: Browser, web: Web) -> None:
    with seen(browser, web) as each:
        page = each.go("2026-12-07T23:58:00-05:00")
        assert each.card(0).startswith("Today Monday 7 December")
        page.clock.run_for(4 * 60 * 1000)
        assert each.card(0).startswith("Today Tuesday 8 December")
        assert each.card(1) == "Tomorrow Wednesday 9 December Nothing is planned."


def test_a_dose_after_midnight_is_todays(browser: Browser, web: Web) -> None:
    web.files = page_of("rescue", "2027-01-08").files
    with seen(browser, web) as each:
        each.go("2027-01-08T00:30:00-05:00")
        rows = each.page.locator("#now .today .home li").all_inner_texts()
        assert [" ".join(row.split("\n")[0].split()) for row in rows] == [
            "Today: 03:00 leucovorin, 11.7 mg",
            "This morning: 09:00 leucovorin, 11.7 mg",
            "Today: 15:00 leucovorin, 11.7 mg",
            "Tonight: 21:00 leucovorin, 11.7 mg",
        ]


def test_a_hold_is_said_and_no_dose_is(browser: Browser, web: Web) -> None:
    web.files = page_of("held", "2026-12-03").files
    with seen(browser, web) as each:
        each.go("2026-12-03T18:00:00-05:00")
        for number in (0, 1):
            assert "On hold: give no dexamethasone until your team says so." in each.card(number)
            assert "tablet" not in each.card(number)


def test_what_changed_is_told_and_marked(browser: Browser, web: Web) -> None:
    web.files = page_of("moved", "2026-12-07").files
    with seen(browser, web) as each:
        page = each.go("2026-12-07T18:00:00-05:00")
        assert "moved from Tuesday 8 December 2026" in page.locator("#changed").inner_text()
        assert "Changed" in each.card(1)


def test_the_end_of_therapy_is_quiet(browser: Browser, web: Web) -> None:
    web.files = page_of("ended").files
    with seen(browser, web) as each:
        page = each.go("2026-12-11T18:00:00-05:00")
        assert "Your team is there for you." in page.locator("main").inner_text()
        assert page.locator("#now, #days, #changed, #next").count() == 0
        assert page.get_by_role("link", name="555-0123").is_visible()


def test_a_page_that_does_not_reach_to_today_says_so(browser: Browser, web: Web) -> None:
    with seen(browser, web) as each:
        each.go("2027-02-10T18:00:00-05:00")
        assert "This page does not reach so far" in each.card(0)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("es", ("Hoy", "Mañana", "Esta noche:")),
        ("fr", ("Aujourd\N{RIGHT SINGLE QUOTATION MARK}hui", "Demain", "Ce soir\xa0:")),
    ],
)
def test_each_language_has_its_own_today(language: str, words: tuple[str, ...], browser: Browser, web: Web) -> None:
    with seen(browser, web) as each:
        page = each.go("2026-12-01T18:30:00-05:00")
        page.locator(f"a[hreflang={language}]").click()
        until(page, "document.querySelectorAll('#now .card').length === 2")
        assert page.url.endswith(f"/{language}.html")
        assert page.evaluate("document.documentElement.lang") == language
        said = page.locator("#now").inner_text()
        assert [word in said for word in words] == [True] * 3


# --- without a script, with a keyboard, in large letters


def test_without_a_script_it_has_dates_and_folds_that_open(browser: Browser, web: Web) -> None:
    with seen(browser, web, java_script_enabled=False) as each:
        each.page.goto(web.url)
        page = each.page
        assert page.locator("#now").is_hidden()
        title = page.locator("#open article h3").first
        assert title.is_visible()
        assert title.inner_text().startswith("Tuesday 1 December")
        assert "2 tablets of 4 mg" in page.locator("#open article").first.inner_text()
        month = page.locator("details.month").first
        assert month.locator("article").first.is_hidden()
        month.locator("summary").click()
        assert month.locator("article").first.is_visible()
        assert page.locator("button:visible").count() == 0
        assert "Ask if you loaded it more than 24 hours ago." in page.locator(".bar").inner_text()


def test_everything_is_reached_with_the_keyboard_in_the_order_of_the_page(browser: Browser, web: Web) -> None:
    with seen(browser, web) as each:
        page = each.go("2026-12-01T18:30:00-05:00")
        wanted = page.locator("a:visible, button:visible, summary:visible").count()
        reached: list[tuple[float, str]] = []
        for _press in range(wanted + 5):
            page.keyboard.press("Tab")
            now = page.evaluate(
                "(() => { const e = document.activeElement; if (e === document.body) return null;"
                "return [e.getBoundingClientRect().top + scrollY, e.tagName + ' ' + e.textContent.trim(),"
                "getComputedStyle(e).outlineStyle]; })()"
            )
            if now is None:
                break
            top, name, outline = now
            assert outline == "solid", name
            reached.append((top, name))
        names = [name for _top, name in reached]
        assert len(names) == wanted
        assert names[0] == "A To the days"
        body = [top for top, name in reached[1:] if name != "A Call"]
        assert all(later >= earlier - 60 for earlier, later in pairwise(body))


def test_the_skip_link_a_fold_and_the_call_button_work_with_the_keyboard(browser: Browser, web: Web) -> None:
    with seen(browser, web) as each:
        page = each.go("2026-12-01T18:30:00-05:00")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"
        page.locator("details.month summary").first.focus()
        page.keyboard.press("Enter")
        assert page.locator("details.month article").first.is_visible()
        page.locator(".call").focus()
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "call"
        title, bar = page.locator("#call h2").bounding_box(), page.locator(".bar").bounding_box()
        assert title
        assert bar
        assert title["y"] >= bar["y"] + bar["height"], "what it leads to is not under the bar"


def test_letters_and_darkness_are_remembered(browser: Browser, web: Web) -> None:
    size = "parseFloat(getComputedStyle(document.body).fontSize)"
    light = "getComputedStyle(document.body).backgroundColor"
    with seen(browser, web) as each:
        page = each.go("2026-12-01T18:30:00-05:00")
        before = page.evaluate(size), page.evaluate(light)
        page.get_by_role("button", name="Large letters").click()
        page.get_by_role("button", name="Dark page").click()
        after = page.evaluate(size), page.evaluate(light)
        assert after[0] >= before[0] * 1.3
        assert after[1] != before[1]
        page.reload()
        assert (page.evaluate(size), page.evaluate(light)) == after
        assert page.get_by_role("button", name="Large letters").get_attribute("aria-pressed") == "true"


@pytest.mark.parametrize("width", [195, 320, 390, 1280])  # a phone at 200 % and a small one among them
@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_runs_out_of_a_narrow_page_and_the_date_stays_in_sight(
    width: int, language: str, browser: Browser, web: Web
) -> None:
    height = 422 if width == 195 else 844
    with seen(browser, web, viewport={"width": width, "height": height}) as each:
        page = each.go("2026-12-01T18:30:00-05:00", f"{language}.html")
        page.evaluate("document.querySelectorAll('details').forEach(e => { e.open = true; })")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.evaluate("scrollTo(0, 3000)")
        bar = page.locator(".bar").bounding_box()
        assert bar
        assert bar["y"] == 0
        assert bar["height"] <= height * (0.4 if width == 195 else 0.15)
        assert "2026" in page.locator(".bar strong").inner_text()


def test_what_is_tapped_is_large(browser: Browser, web: Web) -> None:
    with seen(browser, web, has_touch=True, is_mobile=True) as each:
        page = each.go("2026-12-01T18:30:00-05:00")
        page.evaluate("document.querySelectorAll('details').forEach(e => { e.open = true; })")
        for target in page.locator("a:visible, button:visible, summary:visible").all():
            box = target.bounding_box()
            assert box
            if target.get_attribute("class") != "skip":
                assert (box["width"] >= 44, box["height"] >= 44) == (True, True), (target.inner_text(), box)


def test_a_print_has_every_day_and_no_buttons(browser: Browser, web: Web) -> None:
    with seen(browser, web) as each:
        page = each.go("2026-12-01T18:30:00-05:00")
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        page.emulate_media(media="print")
        assert page.locator("details.month article:visible").count() > 5
        assert page.locator(".tools:visible, #phone:visible, .call:visible").count() == 0
        assert page.evaluate("getComputedStyle(document.querySelector('article')).color") == "rgb(0, 0, 0)"
        page.evaluate("dispatchEvent(new Event('afterprint'))")
        assert page.locator("details.month[open]").count() == 0


# --- for everybody

STATES = {
    "plain": ("plain", "2026-12-01"),
    "moved": ("moved", "2026-12-07"),
    "held": ("held", "2026-12-03"),
    "rescue": ("rescue", "2027-01-06"),
    "ended": ("ended", "2026-12-11"),
    "bare": ("bare", "2026-12-01"),
}
LOOKS = [(size, scheme) for size in ("phone", "desktop") for scheme in ("light", "dark")]


def violations(page: Page) -> list[str]:
    """What axe-core finds wrong, by all its rules; it waits by the page's clock."""
    page.clock.resume()
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
    assert found["testEngine"]["name"] == "axe-core"
    return [f"{each['id']}: {[node['html'][:120] for node in each['nodes']]}" for each in found["violations"]]


@pytest.mark.parametrize(("size", "scheme"), LOOKS)
@pytest.mark.parametrize("state", STATES)
def test_axe_finds_nothing_wrong(state: str, size: str, scheme: Any, browser: Browser, web: Web) -> None:
    name, today = STATES[state]
    web.files = page_of(name, today).files
    with seen(browser, web, viewport=PHONE if size == "phone" else DESKTOP, color_scheme=scheme) as each:
        page = each.go(f"{today}T18:30:00-05:00")
        page.evaluate("document.querySelectorAll('details').forEach(e => { e.open = true; })")
        assert violations(page) == []


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_axe_finds_nothing_wrong_in_other_languages(language: str, browser: Browser, web: Web) -> None:
    with seen(browser, web) as each:
        assert violations(each.go("2026-12-01T18:30:00-05:00", f"{language}.html")) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_wrong_in_an_old_page_with_large_letters(scheme: Any, browser: Browser, web: Web) -> None:
    with seen(browser, web, color_scheme=scheme, silent=False) as each:
        page = each.go("2026-12-01T18:30:00-05:00")
        page.get_by_role("button", name="Large letters").click()
        each.context.set_offline(offline=True)
        page.clock.run_for(25 * HOUR)
        assert each.is_old()
        assert violations(page) == []


def test_axe_finds_what_is_wrong(browser: Browser, web: Web) -> None:
    """Else the tests above would say nothing."""
    with seen(browser, web) as each:
        page = each.go("2026-12-01T18:30:00-05:00")
        page.evaluate(
            "document.documentElement.lang = ''; document.querySelector('#dark').removeAttribute('aria-label')"
        )
        page.evaluate("document.querySelector('.bar p').style.color = '#ccc'")
        found = {each.partition(":")[0] for each in violations(page)}
        assert {"html-has-lang", "color-contrast"} <= found


# --- how old it is


def test_a_tab_that_is_left_open_without_a_network_hides_doses_and_says_whom_to_call(
    browser: Browser, web: Web
) -> None:
    with seen(browser, web, silent=False) as each:
        page = each.go("2026-12-01T18:30:00-05:00")
        assert not each.is_old()
        each.context.set_offline(offline=True)
        page.clock.run_for(23 * HOUR)
        assert not each.is_old()
        page.clock.run_for(2 * HOUR)
        assert each.is_old()
        assert "This page is old" in page.locator("#stale").inner_text()
        assert page.locator("#stale").get_by_role("link", name="555-0100").get_attribute("href") == "tel:5550100"
        assert "Ask your team before you give it." in each.card(0)
        assert "2 tablets" not in page.locator("main").inner_text()
        # With a network it finds that nothing changed.
        each.context.set_offline(offline=False)
        page.clock.run_for(20 * 60 * 1000)
        until(page, "!document.documentElement.classList.contains('old')")
        assert not each.is_old()
        assert "Ask your team before you give it." not in page.locator("main").inner_text()


@pytest.mark.parametrize(
    ("language", "hold", "left_out", "ask"),
    [
        ("en", "On hold: give no dexamethasone", "dexamethasone: not on this day", "Ask your team before you give it."),
        ("es", "En pausa: no dé dexamethasone", "dexamethasone: este día no", "Pregunte a su equipo antes de darla."),
        (
            "fr",
            "dexamethasone en pause, à ne pas donner",
            "dexamethasone, pas ce jour-là",
            "Demandez à votre équipe avant de le donner.",
        ),
    ],
)
@pytest.mark.parametrize(("name", "today"), [("held", "2026-12-03"), ("left", "2027-03-03")])
def test_an_old_page_still_says_what_not_to_give_and_does_not_ask_about_it(
    name: str, today: str, language: str, hold: str, left_out: str, ask: str, browser: Browser, web: Web
) -> None:
    web.files = page_of(name, today, language).files
    with seen(browser, web, silent=False) as each:
        page = each.go(f"{today}T00:30:00-05:00")
        each.context.set_offline(offline=True)
        page.clock.run_for(int(23.4 * HOUR))
        assert not each.is_old()
        page.evaluate("document.documentElement.dataset.stale = '23'")  # old while the date is still today
        page.clock.run_for(60 * 1000)
        assert each.is_old()
        card = page.locator("#now > .card").first
        blocks = card.locator(".hold")
        assert blocks.count() == 1
        assert blocks.is_visible(), "inner_text has what is hidden, too"
        assert (hold if name == "held" else left_out) in blocks.inner_text()
        assert ask not in blocks.inner_text()
        # Only what is to be given that day is asked about, in a block of its own.
        assert card.get_by_text(ask).count() == card.locator(".home").get_by_text(ask).count() == (name == "left")
        assert "dexamethasone" not in " ".join(card.locator(".home").all_inner_texts())


def test_how_long_it_may_be_kept_is_the_sites(browser: Browser, web: Web) -> None:
    each = page_of("plain")
    short = Shown(each.record, each.today, each.reader, each.settings)
    short.__dict__["page"] = replace(each.page, stale_hours=3)
    web.files = short.files
    with seen(browser, web, silent=False) as browsing:
        page = browsing.go("2026-12-01T12:00:00-05:00")
        browsing.context.set_offline(offline=True)
        page.clock.run_for(int(2.9 * HOUR))
        assert not browsing.is_old()
        page.clock.run_for(HOUR // 4)
        assert browsing.is_old()
        assert "more than 3 hours" in page.locator("#stale").inner_text()


def test_a_tab_that_is_left_open_loads_what_is_new(browser: Browser, web: Web) -> None:
    with seen(browser, web) as each:
        page = each.go("2026-12-03T18:00:00-05:00")
        assert "tablet" in each.card(0)
        web.files = page_of("held").files
        page.clock.run_for(20 * 60 * 1000)
        until(page, "document.querySelector('#now .hold') !== null")
        assert "tablet" not in each.card(0)
        assert web.asked.count("index.html") == 3, "loaded, asked, and loaded once"


def test_a_clock_that_was_put_back_makes_a_page_old_and_not_new(browser: Browser, web: Web) -> None:
    with seen(browser, web, silent=False) as each:
        page = each.go("2026-12-10T18:00:00-05:00")
        each.context.set_offline(offline=True)
        page.clock.set_fixed_time(datetime.fromisoformat("2026-12-03T18:00:00-05:00"))
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        assert each.is_old()


def test_a_page_is_there_without_a_network_after_the_first_visit_in_each_language(browser: Browser, web: Web) -> None:
    for file in ("", "es.html"):
        with seen(browser, web, workers=True, silent=False) as each:
            page = each.go(file=file)
            each.kept()
            said = page.locator("main").inner_text()
            each.context.set_offline(offline=True)
            page.reload()
            until(each.page, "!document.documentElement.classList.contains('checking')")
            assert page.locator("main").inner_text() == said
            assert not each.is_old()
            assert page.evaluate("getComputedStyle(document.querySelector('.bar')).position") == "sticky", "its style"


def test_a_copy_that_the_phone_kept_hides_doses_once_it_is_old(browser: Browser, web: Web) -> None:
    with seen(browser, web, workers=True, silent=False) as each:
        page = each.go()
        each.kept()
        each.context.set_offline(offline=True)
        page.clock.install()
        for hours, old in ((23, False), (25, True)):
            page.clock.set_fixed_time(datetime.now().astimezone() + timedelta(hours=hours))
            page.reload()
            until(page, "!document.documentElement.classList.contains('checking')")
            assert each.is_old() == old
        assert page.locator("#stale").get_by_role("link", name="+1 555 0199").is_visible()


def test_a_copy_that_the_browser_kept_by_itself_is_of_nobody_knows_when(browser: Browser, web: Web) -> None:
    web.headers = {"Cache-Control": "max-age=864000"}
    with seen(browser, web, silent=False) as each:
        each.go()  # a clock of Playwright's would hide how the browser came by it
        each.page.goto("about:blank")
        each.context.set_offline(offline=True)
        each.page.goto(web.url)
        until(each.page, "!document.documentElement.classList.contains('checking')")
        assert each.is_old()


def test_a_worker_asks_the_server_and_not_what_the_browser_kept(browser: Browser, web: Web) -> None:
    web.headers = {"Cache-Control": "max-age=864000"}
    with seen(browser, web, workers=True) as each:
        page = each.go()
        each.kept()
        web.files = in_languages("held")
        page.goto("about:blank")
        each.go()
        assert page.locator(".hold").count() > 0


def test_a_server_that_fails_leaves_the_copy_and_its_age(browser: Browser, web: Web) -> None:
    with seen(browser, web, workers=True, silent=False) as each:
        page = each.go()
        each.kept()
        stamp = (
            "caches.keys().then(k => caches.open(k[0])).then(c => c.match(new URL('fetched/'"
            " + encodeURIComponent(location.pathname), location.href).href)).then(r => r.text())"
        )
        before = page.evaluate(stamp)
        web.status = 503
        page.reload()
        until(page, "!document.documentElement.classList.contains('checking')")
        assert page.locator("h1").inner_text() == "Treatment plan"
        assert page.evaluate(stamp) == before


@pytest.mark.parametrize("how", ["reload", "left open"])
def test_an_address_that_was_closed_leaves_nothing_on_the_phone(how: str, browser: Browser, web: Web) -> None:
    with seen(browser, web, workers=True, silent=False) as each:
        page = each.go()
        each.kept()
        assert page.evaluate("caches.keys()") != []
        web.status = 404
        if how == "reload":
            page.reload()
        else:
            page.evaluate("Object.defineProperty(Date, 'now', { value: () => new Date().getTime() + 20 * 60 * 1000 })")
            page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        until(page, "document.body.textContent === 'nothing is here'")
        until(page, "caches.keys().then(found => found.length === 0)")
        assert page.evaluate("navigator.serviceWorker.getRegistrations().then(found => found.length)") == 0
        each.context.set_offline(offline=True)
        with pytest.raises(Exception, match="ERR_INTERNET_DISCONNECTED"):
            page.reload()


def test_calendars_and_pages_to_print_are_never_kept_for_they_do_not_grow_old(browser: Browser, web: Web) -> None:
    web.files = {**in_languages("plain"), "calendar.ics": b"BEGIN:VCALENDAR", "calendar.pdf": b"%PDF-"}
    with seen(browser, web, workers=True) as each:
        page = each.go()
        each.kept()
        for name in ("calendar.ics", "calendar.pdf"):
            assert page.evaluate("name => fetch(name).then(answer => answer.ok)", name)
        kept = page.evaluate(
            "caches.keys().then(k => caches.open(k[0])).then(c => c.keys()).then(r => r.map(e => e.url))"
        )
        assert {url.rpartition("/")[2] for url in kept if "fetched/" not in url} == {
            "", "page.css", "page.js", "manifest.webmanifest"
        }  # fmt: skip
