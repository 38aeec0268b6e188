"""Each language: every sentence is translated with its figures, and no English is left but what people wrote."""

from __future__ import annotations

import ast
import html
import re
import shutil
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import date, time
from decimal import Decimal
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from conftest import CHILD
from conftest import run_process as run
from feeds import feed
from fontTools.ttLib import TTFont
from icalendar import Calendar
from jinja2 import Environment

import protocal
from protocal import resources
from protocal.model.doses import Liquid
from protocal.model.plan import Plan
from protocal.model.problems import LackingError, Problem
from protocal.model.protocol import Protocol
from protocal.model.reader import Who
from protocal.model.settings import Ceiling, Clearance, ForFamilies, Settings
from protocal.read.definition.build import load_protocol
from protocal.render.data.drugs import drug_report
from protocal.render.feed.ics import FeedWriter
from protocal.render.feed.reader_feed import Reader
from protocal.render.feed.words import Doses
from protocal.render.page.content import NAMES
from protocal.render.pdf.fonts import font_file
from protocal.render.pdf.sheets_pdf import sheets_html, worksheet_html
from protocal.render.pdf.text_metrics import BOLD, REGULAR, SEMIBOLD, text_width
from protocal.render.roadmap import make_roadmap
from protocal.render.roadmap.layout.heights import WIDEST_LABEL
from protocal.render.wording.catalogues import messages
from protocal.render.wording.family import FamilyWords
from protocal.render.wording.paper import words_in
from protocal.render.worksheet import make_worksheet
from protocal.text.format import paper_date
from protocal.text.message import Said, joined, quantity, say, say_of
from protocal.workflow.planning import load_plan

PACKAGE = Path(protocal.__file__).parent
TEMPLATES = resources.folder("templates")
LOCALE = TEMPLATES / "locale"
LANGUAGES = sorted(folder.name for folder in LOCALE.iterdir() if folder.is_dir())
IN_EACH = pytest.mark.parametrize("language", LANGUAGES)

PLACEHOLDER = re.compile(r"\{\w+\}|%\(\w+\)s")
FUNCTIONS = {"_": (0,), "gettext": (0,), "ngettext": (0, 1), "pgettext": (1,), "say": (0,), "say_of": (0, 1)}


class Message(NamedTuple):
    """What is to be translated: a context or none, and one text or two."""

    context: str
    text: str
    several: str = ""

    @property
    def is_sentence(self) -> bool:
        """Whether it has a letter that is not a placeholder's."""
        return any(letter.isalpha() for letter in PLACEHOLDER.sub("", self.text))


# --- the catalogues


def in_code() -> Iterator[Message]:
    """Every message that a module translates."""
    for file in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            name = ast.unparse(node.func).rpartition(".")[2] if isinstance(node, ast.Call) else ""
            if not isinstance(node, ast.Call) or name not in FUNCTIONS:
                continue
            texts = [each.value for each in node.args if isinstance(each, ast.Constant) and isinstance(each.value, str)]
            places = FUNCTIONS[name]
            if len(texts) > places[-1]:
                context = texts[0] if name == "pgettext" else ""
                yield Message(context, *(texts[place] for place in places))


def in_templates() -> Iterator[Message]:
    """Every message that a template translates."""
    environment = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
    for file in sorted(TEMPLATES.glob("*.j2")):
        for _line, function, found in environment.extract_translations(file.read_text(encoding="utf-8")):  # type: ignore[attr-defined] # from the extension
            texts = [found] if isinstance(found, str) else [each for each in found if each]
            assert function in FUNCTIONS
            yield Message("", *texts)


ALL = sorted(message for message in {*in_code(), *in_templates()} if message.is_sentence)


class Missing(NullTranslations):
    """Says nothing of what a catalogue does not have."""

    def gettext(self, message: str) -> str:
        return ""

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return ""

    def pgettext(self, context: str, message: str) -> str:
        return ""


def compiled(text: str) -> NullTranslations:
    """A catalogue as translators write it, without what the code says where nothing is translated."""
    into = BytesIO()
    write_mo(into, read_po(BytesIO(text.encode("utf-8")), abort_invalid=True))
    found = GNUTranslations(BytesIO(into.getvalue()))
    found.add_fallback(Missing())
    return found


@IN_EACH
def test_what_gettext_reads_is_what_the_translators_wrote(language: str) -> None:
    folder = LOCALE / language / "LC_MESSAGES"
    written = compiled((folder / "protocal.po").read_text(encoding="utf-8"))
    with (folder / "protocal.mo").open("rb") as stream:
        found = GNUTranslations(stream)
    words, ours = ({key: said for key, said in each._catalog.items() if key} for each in (found, written))  # type: ignore[attr-defined]
    assert words == ours, "install again"
    assert [found.plural(count) for count in range(5)] == [written.plural(count) for count in range(5)]  # type: ignore[attr-defined]


@IN_EACH
def test_a_checkout_that_was_never_installed_does_not_speak_english_for_another_language(
    language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(LOCALE, tmp_path / "locale", ignore=shutil.ignore_patterns("*.mo"))
    monkeypatch.setattr(resources, "folder", lambda _name: tmp_path)
    messages.cache_clear()
    try:
        with pytest.raises(LackingError, match="pip install"):
            messages(f"{language}-XX")
        assert messages("en").gettext("Monday") == "Monday"
    finally:
        messages.cache_clear()


@pytest.fixture(scope="module", params=LANGUAGES)
def catalogue(request: pytest.FixtureRequest) -> NullTranslations:
    return compiled((LOCALE / request.param / "LC_MESSAGES" / "protocal.po").read_text(encoding="utf-8"))


def forms(message: Message, catalogue: NullTranslations) -> list[tuple[str, str]]:
    """A message with its translation, as often as it has forms."""
    if message.several:
        one, many = (catalogue.ngettext(message.text, message.several, count) for count in (1, 2))
        return [(message.text, one), (message.several, many)]
    if message.context:
        return [(message.text, catalogue.pgettext(message.context, message.text))]
    return [(message.text, catalogue.gettext(message.text))]


def test_every_message_is_translated(catalogue: NullTranslations) -> None:
    assert not [message for message in ALL if not all(said for _text, said in forms(message, catalogue))]


def test_a_translation_has_the_placeholders_of_its_message(catalogue: NullTranslations) -> None:
    wrong = [
        (text, said)
        for message in ALL
        for text, said in forms(message, catalogue)
        if sorted(PLACEHOLDER.findall(text)) != sorted(PLACEHOLDER.findall(said))
    ]
    assert not wrong


def test_a_language_has_a_name_that_its_speakers_know_it_by() -> None:
    """By which they choose it on a reader's page."""
    assert set(NAMES) >= {"en", *LANGUAGES}


def words_of_families(protocol: Protocol) -> Iterator[str]:
    """The bundled definition's own words that a family or a sheet has: titles, kinds, drugs, groups, counts."""
    yield from (course.title for course in protocol.courses.values())
    yield from (*protocol.kinds.values(), *protocol.plain_names.values())
    for agent in protocol.agents.values():
        if agent.glossary:
            yield from filter(None, (agent.glossary.purpose, agent.glossary.taken))
    yield from (risk for arm in protocol.arms.values() for risk in arm.risk)
    for criteria in filter(None, (course.may_start for course in protocol.courses.values())):
        yield from (count.name for count in criteria.counts if len(count.name) > 4)  # others are signs


@pytest.mark.parametrize("version", ["0.1", "0.2"])
def test_every_word_of_the_bundled_definition_that_a_family_reads_is_translated(
    version: str, catalogue: NullTranslations
) -> None:
    protocol = load_protocol(resources.folder("schedules") / "aall1331" / version)
    assert not {word for word in words_of_families(protocol) if not catalogue.gettext(word)}


@IN_EACH
def test_a_catalogue_has_no_word_that_nobody_says_any_more(language: str) -> None:
    written = read_po(BytesIO((LOCALE / language / "LC_MESSAGES" / "protocal.po").read_bytes()))
    texts = {each.id if isinstance(each.id, str) else each.id[0] for each in written if each.id}
    said = {message.text for message in ALL}
    for version in ("0.1", "0.2"):
        said |= set(words_of_families(load_protocol(resources.folder("schedules") / "aall1331" / version)))
    assert not {text for text in texts - said if Message("", text).is_sentence}


@IN_EACH
def test_open_questions_are_labelled_in_no_more_room_than_they_have(language: str) -> None:
    label = messages(language).gettext("Open:")
    assert text_width(f"{label} ", 7.5) <= text_width(WIDEST_LABEL, 7.5)


@IN_EACH
def test_each_letter_of_a_language_is_in_the_font_of_the_sheets(language: str) -> None:
    written = read_po(BytesIO((LOCALE / language / "LC_MESSAGES" / "protocal.po").read_bytes()))
    letters = set().union(*("".join(each.string) for each in written if each.id)) - {"\n"}
    for weight in (REGULAR, SEMIBOLD, BOLD):
        with TTFont(font_file(weight), lazy=True) as font:
            assert not letters - set(map(chr, font.getBestCmap()))


def test_the_words_to_be_translated_are_collected() -> None:
    """What `make messages` writes."""
    collected = (LOCALE / "protocal.pot").read_text(encoding="utf-8")
    found = compiled(re.sub(r'^msgstr(\[\d\])? ""$', r'msgstr\1 "x"', collected, flags=re.MULTILINE))
    assert not [message for message in ALL if not all(said for _text, said in forms(message, found))]


def test_no_message_stands_in_the_words_of_another_where_collecting_would_miss_it() -> None:
    nested = [
        ast.unparse(inner)
        for file in sorted(PACKAGE.rglob("*.py"))
        for outer in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(outer, ast.Call) and ast.unparse(outer.func).rpartition(".")[2] in FUNCTIONS
        for argument in (*outer.args, *(each.value for each in outer.keywords))
        for inner in ast.walk(argument)
        if isinstance(inner, ast.Call) and ast.unparse(inner.func) in FUNCTIONS
        if any(letter.isalpha() for letter in PLACEHOLDER.sub("", ast.unparse(inner.args[0])))
    ]
    assert not nested


# --- sentences that know what they are made of


@pytest.mark.parametrize(
    ("language", "again"),
    [
        ("es", "movida del mar 01-dic-2026: no theatre"),
        ("fr", "déplacée du mar 01-déc-2026\N{NO-BREAK SPACE}: no theatre"),
    ],
)
def test_what_is_said_is_its_english_text_and_can_be_said_again(language: str, again: str) -> None:
    moved = joined(": ", (say("moved from {date}", date=date(2026, 12, 1)), "no theatre"))
    assert moved == "moved from Tue 01-Dec-2026: no theatre"
    assert words_in(language).said(moved) == again
    assert words_in("en").said(moved) == moved
    assert words_in(language).said("moved") == "moved"  # what a person wrote


@IN_EACH
def test_a_colon_between_parts_is_as_that_within_a_sentence(language: str) -> None:
    within = messages(language).gettext("Fever: {said}").partition("{said}")[0]
    assert within.endswith(": ")
    for parts in (("one", "two"), ("one", "two", "three"), ("one", "two", "three", "four")):
        said = words_in(language).with_more(*parts)
        assert said.count(": ") == len(parts) - 1
        assert said.count("\N{NO-BREAK SPACE}: ") == (len(parts) - 1) * within.endswith("\N{NO-BREAK SPACE}: ")


@pytest.mark.parametrize(
    ("language", "none", "one", "several"),
    [
        ("en", "0 days", "1 day", "1,200 days"),
        ("es", "0 días", "1 día", "1,200 días"),
        ("fr", "0 jour", "1 jour", "1,200 jours"),
    ],
)
def test_a_number_has_the_form_of_its_language(language: str, none: str, one: str, several: str) -> None:
    said = [say_of("{count} day", "{count} days", count) for count in (0, 1, 1200)]
    assert [str(each) for each in said] == ["0 days", "1 day", "1,200 days"]
    assert [words_in(language).said(each) for each in said] == [none, one, several]


def test_a_single_part_stays_what_it_is_and_nothing_says_nothing() -> None:
    assert joined(", ", ("", "one", "")) == "one"
    assert not isinstance(joined(", ", ("one",)), Said)
    assert joined(", ", ()) == ""


def test_braces_that_somebody_typed_are_text() -> None:
    said = joined(": ", (say("left out"), "{why} {}"))
    assert (str(said), words_in("es").said(said)) == ("left out: {why} {}", "no se da: {why} {}")


@pytest.mark.parametrize(
    ("value", "unit", "english", "spanish", "french"),
    [
        ("1950", "units", "1,950 units", "1,950 unidades", "1,950 unités"),
        ("0.5", "mg", "0.5 mg", "0.5 mg", "0.5 mg"),
    ],
)
def test_only_a_unit_that_is_a_word_is_translated(
    value: str, unit: str, english: str, spanish: str, french: str
) -> None:
    said = quantity(Decimal(value), unit)
    assert (said, *(words_in(language).said(said) for language in ("es", "fr"))) == (english, spanish, french)


@IN_EACH
def test_figures_are_written_the_same_in_every_language(language: str) -> None:
    """A decimal comma could be taken for thousands (rule P7)."""
    for value in ("1950", "0.5", "1234567.25"):
        assert words_in(language).dose(Decimal(value), "mg") == words_in("en").dose(Decimal(value), "mg")


def test_dates_on_paper_have_the_letters_of_the_language() -> None:
    days = [date(2027, month, 1) for month in range(1, 13)] + [date(2027, 3, day) for day in range(1, 8)]
    assert [words_in("en").day(day) for day in days] == [paper_date(day) for day in days]
    assert words_in("es").day(date(2026, 12, 1)) == "mar 01-dic-2026"
    assert words_in("es-MX").day(date(2027, 5, 5)) == "mié 05-may-2027"
    assert words_in("fr").day(date(2026, 12, 1)) == "mar 01-déc-2026"
    assert words_in("fr-CA").day(date(2027, 3, 30)) == "mar 30-mars-2027"


@IN_EACH
def test_dates_in_every_language_are_told_apart_by_letters(language: str) -> None:
    """Rule P10: no month is said like another, no weekday like another, and no month is a figure."""
    paper, family = words_in(language), FamilyWords(messages(language))
    for names, count in ((paper.weekdays, 7), (paper.months, 12), (family.weekdays, 7), (family.months, 12)):
        assert len(set(names)) == count
        assert not any(letter.isdigit() or letter == "-" for name in names for letter in name)


def test_the_first_of_a_month_is_said_as_the_language_says_it() -> None:
    first, second = date(2026, 12, 1), date(2026, 12, 2)
    said = {language: FamilyWords(messages(language)) for language in ("en", "es", "fr")}
    assert [said["en"].day_and_month(day) for day in (first, second)] == ["1 December", "2 December"]
    assert said["es"].long_date(first) == "martes 1 de diciembre de 2026"
    assert said["fr"].long_date(first) == "mardi 1er décembre 2026"
    assert [said["fr"].date_without_weekday(day) for day in (first, second)] == ["1er décembre 2026", "2 décembre 2026"]


# --- no English on paper: a language in which every letter of ours is another one

CHANGES = """\
  - {entry: start, course: block-2, date: 2027-01-04, why: Wz}
  - {entry: move, id: block-2/it-mtx/8, date: 2027-01-13, why: Wz}
  - {entry: give, id: block-2/mtx-hd/8, date: 2027-01-11, at: "2027-01-11T09:00:00-05:00"}
  - {entry: omit, ids: [block-2/vcr/1], why: Wz}
  - {entry: omit, ids: [block-2/it-mtx/8]}
  - {entry: clear, course: block-2, agent: methotrexate, at: "2027-01-14T09:00:00-05:00", level: 0.08 micromol/L}
  - {entry: start, course: blina-cycle-1, date: 2027-02-02}
  - {entry: bags, agent: blinatumomab, hours: [72, 96], date: 2027-02-02}
  - {entry: give, id: blina-cycle-1/blina/1, date: 2027-02-02, at: "2027-02-02T14:00:00-05:00"}
  - {entry: interrupt, course: blina-cycle-1, at: "2027-02-10T03:15:00-05:00", why: Wz}
  - {entry: resume, course: blina-cycle-1, at: "2027-02-12T10:00:00-05:00", dose: 9.4, why: Wz}
  - {entry: start, course: continuation-1, date: 2027-03-11, counts: {anc: 800, platelets: 90000}}
  - {entry: hold, course: continuation-1, date: 2027-03-18, days: 7, rule: skip, why: Wz}
  - {entry: delay, course: continuation-1, days: 5, from_day: 43, why: Wz}
  - {entry: adjust, agent: mercaptopurine, percent: 50, date: 2027-04-12}
"""
SITE = Settings(
    language="qq",
    ceilings=(
        Ceiling("Wz", Decimal(30), (("mitoxantrone", Decimal(4)),)),
        Ceiling("Qz", Decimal(30), (("pegaspargase", Decimal(4)), ("mitoxantron", Decimal(1)), ("Zq", Decimal(1)))),
    ),
    clearances=(Clearance("methotrexate", Decimal("0.1"), "micromol/L"),),
    level_draws=(("methotrexate", (24, 48)),),
    liquids=(("mercaptopurine", Liquid(Decimal(20), "mg", Decimal("0.1"))),),
    strengths=(("thioguanine", (Decimal(500),)),),
    strength_units=(("thioguanine", "mg"),),
)
SIGNS = {
    *("mg", "mcg", "kg", "cm", "m2", "mL", "mcL", "min", "micromol", "L"),
    *("IV", "IM", "IT", "PO", "SC", "CIV"),
    *("CNS2", "AALL1331", "ANC", "protocal"),
    *("diff", "from", "to"),  # the command that shows all changes
}
OWN_FIELDS = {"title", "comment", "comments", "notes", "questions", "reason", "written", "version", "id", "key", "text"}
ENGLISH = re.compile(r"[A-Za-z][A-Za-z0-9]+")
OTHER = "ж"


def pseudo(text: str) -> str:
    """A text with every letter that is no placeholder's as one of another script."""
    kept = PLACEHOLDER.findall(text)
    return "".join(
        re.sub(r"[^\W\d_]", OTHER, piece) + (kept[place] if place < len(kept) else "")
        for place, piece in enumerate(PLACEHOLDER.split(text))
    )


def pseudo_catalogue() -> Iterator[str]:
    """The messages of all code and templates in that language, with the bundled definition's words."""
    yield 'msgid ""\nmsgstr "Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n'
    protocol = load_protocol(resources.folder("schedules") / "aall1331" / "0.2")
    ours = {each.text for each in ALL if not each.context}
    words = {Message("", text) for text in words_of_families(protocol) if text not in ours}
    for context, text, several in {*ALL, *words}:
        quoted, many = (each.replace("\\", "\\\\").replace('"', '\\"') for each in (text, several))
        yield f'msgctxt "{context}"' if context else ""
        yield f'msgid "{quoted}"'
        if several:
            yield f'msgid_plural "{many}"\nmsgstr[0] "{pseudo(quoted)}"\nmsgstr[1] "{pseudo(many)}"\n'
        else:
            yield f'msgstr "{pseudo(quoted)}"\n'


def own_texts(value: Any, name: str = "") -> Iterator[str]:
    """The definition's own words: titles, notes, comments, questions, names and keys."""
    if isinstance(value, str):
        if name in OWN_FIELDS and type(value) is str:
            yield value
    elif is_dataclass(value) and type(value).__name__ not in ("Rounding", "Frequency", "Span", "Window"):
        for field in fields(value):
            yield from own_texts(getattr(value, field.name), field.name)
    elif isinstance(value, tuple | list):
        for each in value:
            yield from own_texts(each, name)
    elif hasattr(value, "values"):
        for each in value.values():
            yield from own_texts(each, name)


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plan]:
    folder = tmp_path_factory.mktemp("pseudo")
    record = folder / "p001.yaml"
    assert run("new", record, *CHILD).returncode == 0
    with record.open("a", encoding="utf-8") as log:
        log.write(CHANGES)
    templates = folder / "templates"
    shutil.copytree(TEMPLATES, templates)
    catalogue = templates / "locale" / "qq" / "LC_MESSAGES" / "protocal.mo"
    catalogue.parent.mkdir(parents=True)
    with catalogue.open("wb") as into:
        write_mo(into, read_po(BytesIO("\n".join(pseudo_catalogue()).encode("utf-8")), abort_invalid=True))
    ours = resources.folder
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(resources, "folder", lambda name: templates if name == "templates" else ours(name))
        messages.cache_clear()
        yield load_plan(record, SITE)
    messages.cache_clear()


MARK = re.compile(r"\b[ACEFHJ-NPRTWXY]{4} [ACEFHJ-NPRTWXY]{4}\b")  # by which sheets are told apart


def english_on(pages: Iterator[str], plan: Plan) -> set[str]:
    """The words of pages that are neither of that language nor the definition's or the record's own, nor signs."""
    own = {each for text in own_texts(plan.protocol) for each in (text, *text.split("\n"))}
    own |= {entry.why for entry in plan.record.log} | {"Wz", "Qz", "Zq", "mitoxantron", "P001", "p001"}
    own |= {each.course.title for each in plan.courses} | set(plan.protocol.agents) | set(plan.protocol.arms)
    own |= {name.capitalize() for name in plan.protocol.agents}  # as a sentence for a family begins with one
    whole = re.compile(
        "|".join(rf"(?<!\w){re.escape(text)}(?!\w)" for text in sorted(own, key=len, reverse=True) if text)
    )
    found: set[str] = set()
    for page in pages:
        body = re.sub(r"<(head|style)\b.*?</\1>", " ", page, flags=re.DOTALL)
        said = [re.sub(r"<[^>]+>", "\n", body), *re.findall(r'data-(?:left|middle|right|bookmark)="([^"]*)"', body)]
        text = " ".join(html.unescape("\n".join(said)).replace("\N{NO-BREAK SPACE}", " ").split(" "))
        found.update(ENGLISH.findall(MARK.sub(" ", whole.sub(" ", text))))
    drugs = {word.casefold() for agent in plan.protocol.agents.values() for word in WORD.findall(agent.written)}
    others = {word for word in found - SIGNS if word.casefold() not in drugs}  # a family's sentences begin with them
    return {word for word in others if not re.fullmatch(r"S\d+", word)}  # the codes of the checks


def test_roadmaps_have_no_word_of_ours_that_is_not_translated(plan: Plan) -> None:
    remarks = (say("Issued despite {code}: {message}. Reason: {reason}", code="S5", message="Wz", reason="Wz"),)
    roadmap = make_roadmap(plan, SITE, remarks=remarks)
    assert english_on(sheets_html(roadmap, SITE, plan.issued), plan) == set()


def test_roadmaps_of_some_days_have_none_either(plan: Plan) -> None:
    roadmap = make_roadmap(plan, SITE, since=date(2027, 1, 4), until=date(2027, 1, 17))
    assert english_on(sheets_html(roadmap, SITE, plan.issued), plan) == set()


def test_the_worksheet_has_none_either(plan: Plan) -> None:
    sheet = make_worksheet(plan, drug_report(plan, plan, SITE), SITE)
    assert [error for each in sheet.sheets for error in each.errors]
    assert english_on(worksheet_html(sheet, SITE, plan.issued), plan) == set()


@pytest.mark.parametrize("who", Who)
@pytest.mark.parametrize("doses", [False, True], ids=["bare", "doses"])
def test_a_feed_has_none_either(plan: Plan, who: Who, doses: bool) -> None:
    """Nor have the calendar's own fields; drugs have the names of the definition."""
    remarks = (say("Issued despite {code}: {message}. Reason: {reason}", code="S5", message="Wz", reason="Wz"),)
    data = feed(plan, who, with_doses=doses, unverified_doses=doses, language=SITE.language, remarks=remarks)
    assert english_on(map(html.escape, shown(data)), plan) == set()


def test_what_a_feed_no_longer_has_says_so_without_one_too(plan: Plan) -> None:
    """Every revision of a record without issues may have been sent: the feeds have events that are cancelled."""
    for who in Who:
        texts = shown(feed(replace(plan, record=replace(plan.record, format=1)), who, with_doses=True, language="qq"))
        assert english_on(map(html.escape, texts), plan) == set()


def shown(data: bytes) -> list[str]:
    """All that a calendar program shows of a feed."""
    calendar = Calendar.from_ical(data)
    found = [
        str(value)
        for part in (calendar, *calendar.walk("VEVENT"))
        for name, value in part.property_items()
        if name in ("SUMMARY", "DESCRIPTION", "NAME", "X-WR-CALNAME")
    ]
    return found + [name for event in calendar.walk("VEVENT") for name in event["CATEGORIES"].cats]


SAID_IN_FEEDS = {
    "es": ("2 tabletas de 4 mg", "Punción lumbar", "punción lumbar,", "1,950 unidades", "Bloque 1,", "MORTAL"),
    "fr": ("2 comprimés de 4 mg", "Ponction lombaire", "ponction lombaire,", "1,950 unités", "Bloc 1,", "MORTEL"),
}
ENGLISH_IN_FEEDS = re.compile(
    r"tablets|Lumbar|units|FATAL|\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun) |\b(Jan|Feb|Apr|Aug|Sep|Dec)-|UNVERIFIED"
)


@IN_EACH
def test_a_feed_says_tablets_titles_units_and_dates_in_its_language(language: str, plan: Plan) -> None:
    data = (feed(plan, who, with_doses=True, unverified_doses=True, language=language) for who in Who)
    text = "\n".join(each.decode() for each in data).replace("\r\n ", "").replace("\\,", ",")
    for said in SAID_IN_FEEDS[language]:
        assert said in text, said
    words = words_in(language)
    weekdays, months = "|".join(words.weekdays), "|".join(words.months)
    assert re.search(rf"\b({weekdays}) \d\d-({months})-\d{{4}}\b", text)
    assert not ENGLISH_IN_FEEDS.search(text)


OF_THE_SITE = ForFamilies(
    call_by_day="Qwz 555 0100",
    call_at_night="Zwq 555 0199",
    fever="Wqz",
    before_sedation="Zqw",
    bring="Qzw",
    visit_takes="Wzq",
    remind_of_medicine=time(8),
    remind_of_visits=time(18),
)
WORD = re.compile(r"[^\W\d_½]+")


@pytest.mark.parametrize("full", [False, True], ids=["plain", "full"])
@pytest.mark.parametrize("doses", [Doses.NONE, Doses.CONFIRMED, Doses.ALL])
@IN_EACH
def test_a_family_s_feed_has_no_word_but_of_its_language_its_site_and_its_drugs(
    plan: Plan, language: str, doses: Doses, full: bool
) -> None:
    written = read_po(BytesIO((LOCALE / language / "LC_MESSAGES" / "protocal.po").read_bytes()))
    translated = (each.string if isinstance(each.string, tuple) else (each.string,) for each in written if each.id)
    words = (WORD.findall(PLACEHOLDER.sub(" ", text)) for said in translated for text in said)
    ours = {word.casefold() for found in words for word in found}
    drugs = {word.casefold() for agent in plan.protocol.agents.values() for word in WORD.findall(agent.written)}
    sites = {word.casefold() for value in vars_of(OF_THE_SITE) for word in WORD.findall(value)}
    record = replace(plan.record, format=1)  # with events that are cancelled
    for each in (plan, replace(plan, record=record)):
        site = replace(OF_THE_SITE, full_on_lock_screen=full)
        data = FeedWriter(each, Reader(Who.FAMILY, language, doses, site=site)).feed()
        said = {word.casefold() for text in shown(data) for word in WORD.findall(MARK.sub(" ", text))}
        assert said & sites == sites, "the site's words are said"
        assert said - ours - drugs - sites - {each.casefold() for each in SIGNS} == set()
        assert not said & {"the", "and", "clinic", "medicine", "your", "of", "until", "call"}


def vars_of(site: ForFamilies) -> list[str]:
    """The texts of a site."""
    return [value for each in fields(site) if isinstance(value := getattr(site, each.name), str)]


@IN_EACH
def test_the_commands_print_what_reads_back_as_planned(language: str, tmp_path: Path) -> None:
    record = tmp_path / "p001.yaml"
    assert run("new", record, *CHILD).returncode == 0
    (tmp_path / "site.yaml").write_text(f"format: 1\nlanguage: {language}\n", encoding="utf-8")
    words = ("--course", "block-1", "--settings", tmp_path / "site.yaml", "-o")
    for command in (("roadmap", record), ("drugs", record, "--format", "pdf"), ("calendar", record)):
        done = run(*command, *words, tmp_path / f"{command[0]}.pdf")
        assert done.returncode == 0, done.stderr
        assert done.stderr.startswith("wrote ")  # the command line stays English


def test_a_word_of_ours_that_is_left_would_be_found(plan: Plan) -> None:
    left = replace(plan, problems=(Problem("S5", "the oral dose is forgotten"),))
    sheet = make_worksheet(left, drug_report(left, left, SITE), SITE)
    assert english_on(worksheet_html(sheet, SITE, plan.issued), plan) >= {"oral", "forgotten"}
