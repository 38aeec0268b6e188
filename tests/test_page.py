"""A reader's page says what the reader's feed says, by date, in little; and is safe to hand to a browser.

What a browser makes of it is in `test_page_browser.py`.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import fields, replace
from datetime import date, datetime, timedelta
from functools import cache

import pytest
from icalendar import Event
from in_memory import (
    NOWHERE,
    adjusted,
    bagged,
    child,
    cleared,
    delayed,
    dispensed,
    given,
    held,
    left,
    measured,
    moved,
    started,
)
from page_of import BASE, LANGUAGES, SITE, Element, Shown, issued, shown

from protocal.model.entries import HoldRule, Stopped
from protocal.model.reader import Who
from protocal.model.record import Record
from protocal.model.settings import ForFamilies, Settings
from protocal.plan.unverified import is_unverified
from protocal.render.feed.words import Doses
from protocal.render.page.telephone import numbers_in
from protocal.render.page.values import OPEN_DAYS
from protocal.render.qr import qr_drawing

RULES = Settings(level_draws=(("methotrexate", (24, 48, 72)),))
BLOCK_2 = (started("block-2", "2026-12-29"), given("block-2/mtx-hd/8", "2027-01-05 21:00"))
PUMP = (
    *BLOCK_2,
    cleared("2027-01-09 09:00"),
    started("blina-cycle-1", "2027-01-26"),
    bagged("2027-01-26", 72, 96),
    given("blina-cycle-1/blina/1", "2027-01-26 14:00"),
)
MAINTENANCE = [started("maintenance-1", "2027-08-31")]
HISTORIES: dict[str, tuple[Record, str]] = {
    "undisturbed": (child(), "2026-12-01"),
    "a month later": (child(), "2026-12-28"),
    "moved and left out": (
        child(moved("block-1/it-mtx/8", "2026-12-10"), left("block-1/dex/17")), "2026-12-07"
    ),
    "held": (child(held("block-1", "2026-12-03", 4, HoldRule.SKIP)), "2026-12-03"),
    "delayed": (child(delayed("block-2", 6)), "2026-12-21"),
    "a rescue by the clock": (child(*BLOCK_2), "2027-01-06"),
    "a pump": (child(*PUMP), "2027-01-26"),
    "maintenance": (child(), "2027-09-20"),
    "given": (child(given("block-1/dex/1", "2026-12-01")), "2026-12-01"),
    "in Berlin": (child(zone="Europe/Berlin"), "2026-12-01"),
}  # fmt: skip


@cache
def of(history: str, language: str = "en", doses: Doses = Doses.ALL, who: Who = Who.FAMILY) -> Shown:
    record, today = HISTORIES[history]
    return shown(record, today, language=language, doses=doses, who=who, settings=RULES)


def events(each: Shown) -> list[Event]:
    """What the feed shows that is not cancelled."""
    return [event for event in each.calendar.events if event.get("STATUS") != "CANCELLED"]


def covered(event: Event) -> Iterator[date]:
    """The dates of an event."""
    first, end = event["DTSTART"].dt, event["DTEND"].dt if "DTEND" in event else event["DTSTART"].dt
    if isinstance(first, datetime):
        days = (end.date() - first.date()).days + 1
        yield from (first.date() + timedelta(days=late) for late in range(days))
    else:
        yield from (first + timedelta(days=late) for late in range((end - first).days))


def described(event: Event) -> list[str]:
    return str(event["DESCRIPTION"]).split("\n")


def in_page(each: Shown, day: date) -> bool:
    return each.page.days[0].date <= day <= date.fromisoformat(each.page.last.iso)


# --- the same answers


@pytest.mark.parametrize("history", HISTORIES)
def test_the_clinic_days_are_those_of_the_feed(history: str) -> None:
    each = of(history)
    at_clinic = {day for event in events(each) if "Clinic" in event["CATEGORIES"].cats for day in covered(event)}
    assert at_clinic
    assert [day.iso for day in each.page.clinic_days] == sorted(map(str, at_clinic))
    assert {day.date for day in each.page.days if day.clinic} == {day for day in at_clinic if in_page(each, day)}


@pytest.mark.parametrize("history", HISTORIES)
def test_the_spinal_tests_are_those_of_the_feed(history: str) -> None:
    each = of(history)
    found = {
        day
        for event in events(each)
        if any(line.startswith("Spinal test") for line in described(event))
        for day in covered(event)
    }
    assert [day.iso for day in each.page.punctures] == sorted(map(str, found))
    assert {day.date for day in each.page.days if day.puncture} == {day for day in found if in_page(each, day)}


WEEKDAYS = "Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday"
TIME = re.compile(rf"(?:({WEEKDAYS}) )?(\d\d:\d\d|morning|evening)")


def doses_in_feed(each: Shown) -> Counter[tuple[str, str, str, str]]:
    """Every dose at home: its drug, how much, its date, and when. Hours that name a weekday are of that day."""
    found: Counter[tuple[str, str, str, str]] = Counter()
    for event in events(each):
        if not str(event["SUMMARY"]).startswith("Medicine at home"):
            continue
        (day,) = covered(event)
        for line in described(event):
            drug, colon, rest = line.partition(": ")
            much = re.match(r"(?:[^,]* only, )?(?:each time )?((?:[\d½.]+|half) (?:tablet|mg).*)", rest)
            if not colon or not much:
                continue
            amount, unsure, _rest = much[1].partition(" (unverified)")
            amount = amount if unsure else amount.split(", ")[0]
            times = TIME.findall(rest) or [("", "")]
            for weekday, time in times:
                later = (WEEKDAYS.split("|").index(weekday) - day.weekday()) % 7 if weekday else 0
                found[drug, amount, str(day + timedelta(days=later)), time] += 1
    return found


def doses_on_page(each: Shown) -> Counter[tuple[str, str, str, str]]:
    """The same from its HTML."""
    found: Counter[tuple[str, str, str, str]] = Counter()
    for article in each.html.all("article"):
        for item in (item for home in article.all(kind="home") for item in home.all("li")):
            for dose in item.all(kind="dose"):
                much = "".join(
                    part
                    if isinstance(part, str)
                    else ""
                    if part.name == "small" or "each" in part.classes
                    else part.text
                    for part in dose.inside
                )
                for at in item.attributes.get("data-at", "").split(" "):
                    drug = item.all("b")[0].text
                    found[drug, much.strip(", "), article.attributes["data-date"], at] += 1
    return found


@pytest.mark.parametrize("history", HISTORIES)
def test_each_dose_at_home_is_that_of_the_feed_at_its_own_date_and_once(history: str) -> None:
    each = of(history)
    page, feed = doses_on_page(each), doses_in_feed(each)
    assert feed
    assert page == Counter({dose: n for dose, n in feed.items() if in_page(each, date.fromisoformat(dose[2]))})


@pytest.mark.parametrize("history", HISTORIES)
def test_what_is_on_hold_is_that_of_the_feed(history: str) -> None:
    each = of(history)
    feed = {
        (day, line)
        for event in events(each)
        for line in described(event)
        if line.startswith("On hold") or "left it out" in line
        for day in covered(event)
        if in_page(each, day)
    }
    page = {(day.date, line.text) for day in each.page.days for line in day.of("hold") if "pump" not in line.text}
    assert page == feed
    assert bool(feed) == (history in ("held", "moved and left out"))


def test_what_a_feed_says_to_a_clinic_and_a_pharmacy_stands_on_the_same_dates_of_their_pages() -> None:
    for who in (Who.CLINIC, Who.PHARMACY):
        each = of("a pump", who=who)
        for event in events(each):
            *lines, _changed = described(event)
            told = [line for line in lines if not line.startswith(("UNVERIFIED", "Provisional"))]
            for day in filter(lambda day: in_page(each, day), covered(event)):
                said = each.article(str(day)).said
                assert [line for line in told if " ".join(line.split()) not in said] == [], (who, day)


def test_doses_after_midnight_stand_on_their_own_date() -> None:
    each = of("a rescue by the clock")
    thursday, friday = each.day("2027-01-07"), each.day("2027-01-08")
    assert [(dose.drug, dose.at, dose.when) for dose in thursday.home] == [("leucovorin", ("21:00",), "at 21:00")]
    assert [dose.at for dose in friday.home] == [("03:00", "09:00", "15:00", "21:00")]
    assert "at 03:00, 09:00, 15:00 and 21:00, each time 11.7 mg" in each.article("2027-01-08").said


def test_a_long_infusion_stands_on_every_date_that_it_covers_and_says_once_that_one_stays() -> None:
    each = of("a rescue by the clock")
    for day in ("2027-01-05", "2027-01-06", "2027-01-07"):
        said = each.article(day).said
        assert "Methotrexate runs from Tuesday 5 January 21:00 until Thursday 7 January 09:00." in said
        assert said.count("overnight") == 1


def test_a_dose_that_was_given_says_so() -> None:
    (dose,) = of("given").day("2026-12-01").home
    assert dose.given
    assert "dexamethasone" in of("given").article("2026-12-01").all("li", kind="given")[0].said


def test_a_therapy_that_has_ended_has_one_quiet_page() -> None:
    end = Stopped(date=date(2026, 12, 10), why="in remission", where=NOWHERE)
    each = issued(shown(child()), end)
    assert each.page.ended == "There is nothing more in this calendar. Your team is there for you."
    assert (each.page.days, each.page.clinic_days, each.page.changed, each.page.stock) == ((), (), (), ())
    said = each.html.all("main")[0].said
    assert "555 0199" in said
    assert not re.search("cancelled|remission|dexamethasone|Bring", said)


# --- what changed


def sentences(before: Shown, *later: object) -> list[str]:
    return [each.said for each in issued(before, *later).page.changed]  # type: ignore[arg-type]


def test_the_first_issue_has_changed_nothing() -> None:
    assert sentences(shown(child())) == []
    assert not shown(child()).html.all(id="changed")


def test_a_draft_tells_of_no_changes_and_says_that_it_is_one() -> None:
    assert shown(child()).page.as_of == "DRAFT, as of 30 November 2026"
    assert issued(shown(child())).page.as_of == "As of 30 November 2026"


def test_many_dates_that_move_together_are_one_sentence() -> None:
    first, *others = sentences(shown(child()), delayed("block-2", 6))
    assert re.fullmatch(
        r"\d{3} dates are 6 days later. The first of them moves from Tuesday 29 December 2026"
        r" to Monday 4 January 2027.",
        first,
    )
    assert len(others) <= 1, "the end of Maintenance stays where it is, and is years ahead"


def test_what_is_moved_out_of_its_day_is_moved_and_what_stays_is_changed() -> None:
    each = issued(shown(child()), moved("block-1/it-mtx/8", "2026-12-10"))
    assert [change.said for change in each.page.changed] == [
        "Tuesday 8 December 2026, changed: Clinic visit: vincristine.",
        "Thursday 10 December 2026, moved from Tuesday 8 December 2026: Clinic visit: spinal test (lumbar puncture).",
    ]
    assert {day.iso for day in each.page.days if day.changed} == {"2026-12-08", "2026-12-10"}
    assert [each.article(day).all(kind="changed")[0].said for day in ("2026-12-08", "2026-12-10")] == ["Changed"] * 2


def test_a_hold_is_told_in_runs_and_so_is_its_end() -> None:
    hold = held("block-1", "2026-12-03", 4, HoldRule.SKIP)
    each = issued(shown(child()), hold)
    assert [change.said for change in each.page.changed] == [
        "Thursday 3 December to Saturday 5 December 2026, changed: Medicine on hold: dexamethasone.",
        "Thursday 3 December 2026, cancelled: Clinic visit: pegaspargase.",
        "Sunday 6 December 2026, new: Treatment on hold: dexamethasone.",
    ]
    assert [change.until for change in each.page.changed] == ["2026-12-05", "2026-12-03", "2026-12-06"]


def test_a_dose_that_changes_is_told_without_the_dose() -> None:
    (said,) = sentences(shown(child()), adjusted("dexamethasone", "50", "2026-12-17"))[:1]
    assert said == "Thursday 17 December to Saturday 19 December 2026, changed: Medicine at home: dexamethasone."


def test_other_words_of_the_clinic_are_a_change_and_no_date_is() -> None:
    before = issued(shown(child()))
    other = replace(before.reader, site=replace(SITE, bring="the green book"))
    after = issued(Shown(before.record, before.today, other, before.settings))
    assert [each.said for each in after.page.changed] == [
        "Your clinic has other words on whom to call, what to bring, or how to prepare."
    ]
    assert not any(day.changed for day in after.page.days)


def test_changes_of_days_that_are_past_are_not_told() -> None:
    later = shown(child(), "2026-12-21")
    assert sentences(later, left("block-1/dex/3")) == []


# --- the page


def test_seven_days_stand_open_and_the_others_under_their_month() -> None:
    each = of("undisturbed")
    opened = [article.attributes["data-date"] for article in each.html.id("open").all("article")]
    assert opened == [day.iso for day in each.page.days[:OPEN_DAYS]]
    months = each.html.all("details", kind="month")
    assert [month.all("summary")[0].all("span")[0].said for month in months] == [
        "December 2026", "January 2027"
    ]  # fmt: skip
    assert "open" not in months[0].attributes
    rest = [article.attributes["data-date"] for month in months for article in month.all("article")]
    assert [*opened, *rest] == [day.iso for day in each.page.days]
    numbers = [span.said for span in months[0].all(kind="visits")[0].all("span") if "data-date" in span.attributes]
    assert numbers == [str(day.date.day) for day in each.page.days[OPEN_DAYS:] if day.clinic and day.date.month == 12]


def test_without_a_script_nothing_is_called_today_and_nothing_needs_one() -> None:
    each = of("undisturbed")
    shown_ = Element("", {}, [_visible(each.html.all("body")[0])])
    assert not re.search(r"\b(today|tonight|tomorrow|this morning)\b", shown_.said, re.IGNORECASE)
    assert shown_.all("button") == [], "a button that would do nothing is not shown"
    assert "Ask if you loaded it more than 24 hours ago." in shown_.said


def _visible(element: Element) -> Element:
    """An element without what is hidden until a script shows it."""
    inside = [
        each if isinstance(each, str) else _visible(each)
        for each in element.inside
        if isinstance(each, str) or "hidden" not in each.attributes
    ]
    return Element(element.name, element.attributes, inside)


@pytest.mark.parametrize("language", LANGUAGES)
def test_page_style_and_script_are_small(language: str) -> None:
    for history in HISTORIES:
        files = of(history, language).files
        assert sum(len(files[name]) for name in ("index.html", "page.css", "page.js")) < 60_000, history


def test_the_code_of_a_page_is_drawn_as_lines_over_the_same_squares() -> None:
    subscription, drawn = of("undisturbed").page.subscription, qr_drawing(BASE)
    lines = re.findall(r"M(\d+) (\d+)h(\d+)", subscription.qr)
    assert "".join("M{} {}h{}".format(*line) for line in lines) == subscription.qr
    assert lines == re.findall(r"M ?(\d+) (\d+) ?h ?(\d+)", drawn.path)
    assert subscription.qr_size == drawn.size


def test_nothing_is_loaded_from_anybody_else() -> None:
    each = of("undisturbed")
    loaded = [
        element.attributes[name]
        for element in each.html.all()
        for name in ("src", "href", "srcset", "data", "action", "poster")
        if name in element.attributes and element.name != "a"
    ]
    assert sorted(loaded) == ["data:,", "manifest.webmanifest", "page.css", "page.js"]
    for name in ("page.css", "page.js", "worker.js"):
        text = each.files[name].decode()
        assert not re.search(r"https?:|@import|url\(|//[a-z]", text.replace("// ", "")), name
    links = [a.attributes["href"] for a in each.html.all("a") if "://" in a.attributes["href"]]
    hosts = sorted({link.split("/")[2] for link in links})
    assert hosts == ["calendar.google.com", "calendars.example.org", "outlook.live.com"]
    assert {a.attributes.get("rel") for a in each.html.all("a") if "//c" not in a.attributes["href"]} >= {None}


def test_there_is_no_script_and_no_style_within_the_page() -> None:
    for element in of("undisturbed").html.all():
        assert element.name != "style"
        assert not [name for name in element.attributes if name == "style" or name.startswith("on")]
        assert element.name != "script" or element.attributes == {"src": "page.js"}
        assert element.name != "script" or not element.text
        assert not element.attributes.get("href", "").startswith("javascript:")


HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'; alert(1); '",
    "</main></body><h1>Give 10 tablets</h1>",
    "{{ 7 * 7 }} {% for x in y %}",
    "\N{RIGHT-TO-LEFT OVERRIDE}evil\N{POP DIRECTIONAL FORMATTING} \N{PILE OF POO}",
    "&lt;b&gt; &amp; END:VEVENT",
)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_what_a_site_writes_is_text_and_nothing_else(hostile: str) -> None:
    words = {each.name: f"{hostile} 555-0100" for each in fields(ForFamilies) if each.type in ("str", str)}
    plain = shape(of("undisturbed").html)
    each = shown(child(), site=ForFamilies(**words))  # type: ignore[arg-type]
    each.reader = replace(each.reader, title=hostile)
    assert shape(each.html) == plain
    assert each.html.all("h1")[0].text == hostile
    assert each.html.id("call").text.count(hostile) == 3
    assert json.loads(each.files["manifest.webmanifest"])["name"] == hostile


def shape(element: Element) -> list[str]:
    """The elements of a page, in their order, but for the links that a number becomes."""
    return [each.name for each in element.all() if each.name != "a"]


def test_reasons_and_remarks_of_the_log_are_on_no_page() -> None:
    hostile = "<b>fever of unknown origin</b>"
    changed = (
        replace(moved("block-1/it-mtx/8", "2026-12-10"), why=hostile),
        replace(held("block-1", "2026-12-15", 2, HoldRule.SKIP), why=hostile),
    )
    each = issued(shown(child()), *changed)
    assert "fever of" not in each.text


def test_a_page_names_nobody_and_no_illness() -> None:
    record = replace(child(), name="Zephyrine Quillfeather", id="MRN-7744-03", key="ab" * 16)
    for who in Who:
        for language in LANGUAGES:
            files = shown(record, who=who, language=language).files
            text = b"\n".join(files.values()).decode()
            assert not re.search(r"Zephyrine|Quillfeather|7744|2019|abababab|P001", text)
            if who is Who.FAMILY:
                assert not re.search(r"aall|\barm\b|leuk|leuc(?!ovorin)|lymph|cancer|tumou?r|cns", text, re.IGNORECASE)


# --- doses

FIGURE = re.compile(
    r"[\d½]\s*(?:mg|mcg|g|mL|units|unidades|unités)(?![a-zé])|(?:tablet|tabletas?|comprim\w+) (?:of|de|à) \d"
)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("history", HISTORIES)
def test_every_dose_is_in_what_an_old_page_hides(history: str, language: str) -> None:
    html = of(history, language).html
    assert FIGURE.search(html.text)
    assert not FIGURE.search(html.without("dose"))


@pytest.mark.parametrize("who", [Who.CLINIC, Who.PHARMACY])
def test_every_dose_of_a_clinic_and_a_pharmacy_is_hidden_too(who: Who) -> None:
    html = of("a pump", who=who).html
    assert FIGURE.search(html.text)
    assert not FIGURE.search(html.without("dose"))


def test_a_dose_that_nothing_confirms_stands_only_where_it_was_asked_for_and_says_so() -> None:
    for doses in (Doses.NONE, Doses.CONFIRMED):
        html = of("undisturbed", doses=doses).html
        assert not FIGURE.search(html.text), doses
        assert html.all(kind="dose") == []
        items = [item for home in html.all(kind="home") for item in home.all("li")]
        no_dose = "How much: see the pharmacy label, or ask your team", "Goes on unless your team said stop"
        assert items
        assert all(any(said in each.said for said in no_dose) for each in items)
    marked = of("undisturbed").html
    plan = of("undisturbed").plan
    unsure = {
        (str(line.date), line.agent): is_unverified(plan.protocol, line.order_line) for line in plan.administrations
    }
    seen = set()
    for article in marked.all("article"):
        for item in (item for home in article.all(kind="home") for item in home.all("li")):
            if "Goes on unless your team said stop" in item.said:
                continue  # after its planned doses: no dose of the plan's
            (dose,) = item.all(kind="dose")
            is_marked = dose.said.endswith("(unverified)")
            assert is_marked == unsure[article.attributes["data-date"], item.all("b")[0].text]
            seen.add(is_marked)
    assert seen == {True, False}
    assert "UNVERIFIED DOSES: give only what your team prescribed." in marked.all("footer")[0].said


def test_what_is_at_home_is_told_with_doses_alone_and_hidden_with_them() -> None:
    record = child(started("block-2", "2026-12-29"), dispensed("dexamethasone", "20 tablets of 4 mg", "2026-12-01"))
    with_doses, without = shown(record), shown(record, doses=Doses.NONE)
    (said,) = with_doses.page.stock
    assert said.startswith("Dexamethasone 4 mg at home: ")
    assert "dose" in with_doses.html.id("stock").classes
    assert without.page.stock == ()
    assert not without.html.all(id="stock")


# --- words


@pytest.mark.parametrize("language", LANGUAGES[1:])
@pytest.mark.parametrize("history", HISTORIES)
def test_a_page_has_no_english_word_of_ours(history: str, language: str) -> None:
    english, other = of(history).html, of(history, language).html
    assert shape(english) == shape(other)
    same = {
        one
        for one, two in zip(_texts(english), _texts(other), strict=True)
        if one == two and re.search("[A-Za-z]{2}", one)
    }
    own = {BASE + "calendar.ics", "Google", "Outlook", *(SITE.bring, SITE.visit_takes, SITE.before_sedation)}
    own |= {part.text.strip() for each in of(history).page.calls for part in each.parts}
    drugs = {"mitoxantrone", "pegaspargase", "blinatumomab", "thioguanine", "vincristine", "methotrexate"}
    drugs |= {"dexamethasone", "leucovorin", "mercaptopurine"}
    names = {"English", "Español", "Français"}
    same = {each for each in same if each.lower() not in drugs and not re.fullmatch(r"(, )?[\d.,]+ mg", each)}
    assert same - own - names == set()


FOR_PROGRAMS = {f"data-{each}" for each in ("mark", "zone", "stale", "last", "date", "at", "clinic", "unknown")}


def _texts(element: Element) -> Iterator[str]:
    """Every piece of text, and what is read out or shown from attributes."""
    for each in (element, *element.all()):
        for name, value in each.attributes.items():
            if name in ("aria-label", "title", "alt") or (name.startswith("data-") and name not in FOR_PROGRAMS):
                yield value
        yield from (part.strip() for part in each.inside if isinstance(part, str))


def test_the_page_of_each_language_leads_to_the_others() -> None:
    for language in LANGUAGES:
        html = of("undisturbed", language).html
        links = {a.attributes["href"]: a.attributes["lang"] for a in html.all("a") if "hreflang" in a.attributes}
        assert links == {f"{other}.html": other for other in LANGUAGES if other != language}
        assert html.all("html")[0].attributes["lang"] == language


@pytest.mark.parametrize(
    ("said", "numbers"),
    [
        ("555-0100, the clinic's desk", ["5550100"]),
        ("+1 (555) 010-0199, ask for the oncologist", ["+15550100199"]),
        ("Mon-Fri 8.30-16.30: 555-0100", ["5550100"]),
        ("8.30 - 16.30 555-0100", ["5550100"]),
        ("until 16.30 555-0100", ["5550100"]),
        ("07:00 to 17:00 555 0100", ["5550100"]),
        ("38.0 °C or more: call 555-0123 at once", ["5550123"]),
        ("38.5 or more, or 38.0 for an hour: 555-0123", ["5550123"]),
        ("from 2026-12-01 on 555-0123", ["5550123"]),
        ("until 31.12.2026: 030 450 566 128", ["030450566128"]),
        ("01.23.45.67.89", ["0123456789"]),
        ("555-0100 or 555-0101", ["5550100", "5550101"]),
        ("ext. 4711", []),
        ("ward 12345678a, room 5550100b", []),
        ("call 911", []),
        ("ask your team.", []),
        ("", []),
    ],
)
def test_what_is_dialled_is_a_number_and_all_other_words_stay(said: str, numbers: list[str]) -> None:
    parts = list(numbers_in(said))
    assert "".join(part.text for part in parts) == said
    assert [part.number for part in parts if part.number] == numbers


def test_a_site_that_has_not_said_something_is_asked_for_it() -> None:
    each = shown(child(), site=ForFamilies())
    assert [call.said for call in each.page.calls] == ["ask your team."] * 3
    assert (each.page.bring, each.page.takes, each.page.fasting) == ("ask your team.",) * 3
    assert "Food and drink before it: ask your team." in each.article("2026-12-01").said
    assert not each.html.id("call").all("a")


# --- how it keeps itself new


def test_a_page_that_says_something_else_has_another_mark() -> None:
    marks = {
        name: each.html.all("html")[0].attributes["data-mark"]
        for name, each in {
            "first": of("undisturbed"),
            "again": shown(child(), settings=RULES),
            "moved": of("moved and left out"),
            "Spanish": of("undisturbed", "es"),
            "without doses": of("undisturbed", doses=Doses.NONE),
            "heavier": shown(child(measured("2026-12-02", "112", "21")), settings=RULES),
        }.items()
    }
    assert marks.pop("again") == marks["first"]
    assert len(set(marks.values())) == len(marks)
    assert all(re.fullmatch("[0-9a-f]{16}", mark) and mark != "0" * 16 for mark in marks.values())


def test_the_script_has_every_word_and_every_place_that_it_asks_for() -> None:
    files = of("undisturbed").files
    script, html = files["page.js"].decode(), of("undisturbed").html
    ids = {each.attributes["id"] for each in html.all() if "id" in each.attributes}
    places = set(re.findall(r'getElementById\("(\w[\w-]*)"\)', script))
    assert places - ids <= {"changed"}
    asked = set(re.findall(r"(?:root|now)\.dataset\.(\w+)", script)) - {"letters", "dark"}
    assert asked <= {*_data(html.all("html")[0]), *_data(html.id("now"))}


def _data(element: Element) -> Iterable[str]:
    return (name.removeprefix("data-") for name in element.attributes)
