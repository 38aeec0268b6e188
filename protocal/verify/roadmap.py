"""A roadmap's PDF and its plan -> every dose that is not printed on its date below its drug, and once."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from gettext import NullTranslations

from protocal.model.doses import Route
from protocal.model.plan import Administration, Plan
from protocal.model.problems import Problem
from protocal.model.settings import Settings
from protocal.render.wording.catalogues import messages
from protocal.text.format import paper_date
from protocal.verify.expected import (
    Entry,
    chosen_courses,
    dates_of,
    drug_by_route,
    made_of,
    made_of_orders,
    on_grids,
    on_open_days,
    on_orders,
    on_overview,
    sheet_dates,
)
from protocal.verify.expected_products import Products
from protocal.verify.pdf_words import PrintedPage, Word, differences, read_pages
from protocal.verify.tables import (
    Column,
    Doses,
    Table,
    column_of,
    columns,
    drug_named,
    head_columns,
    is_start_of,
    row_of,
    tables,
)

_HEAD_OF_PAGE = 130.0  # points from the top in which the course's title stands
_SAME_LINE, _BELOW = 4.0, 32.0  # points within which words stand in one line, or belong to the dose above them
_AS_TALL = 0.85  # of a row's largest dose, as what is as large as it
_SIGNED_APART = 12.0  # points that lines to sign are apart at the least
_OF_INTRATHECAL = 30.0  # points above the head of the intrathecal block that its caption stands in


def roadmap_problems(
    pdf: bytes,
    plan: Plan,
    settings: Settings,
    courses: Sequence[str] = (),
    *,
    since: date | None = None,
    until: date | None = None,
) -> list[Problem]:
    """What the pages of some courses, or of all, have otherwise than the plan; nothing if all is as it must be."""
    reader = _Reader(plan, settings, courses)
    for page in read_pages(pdf):
        reader.read(page)
    due = list(on_grids(plan, settings, courses, since, until))
    open_ = list(on_open_days(plan, settings, courses, since, until))
    expected = Counter([*(entry for entry, _line in due), *(entry for entry, _at in open_)])
    expected += on_orders(plan, settings, courses, since, until) + made_of_orders(plan, courses, since, until)
    if not courses and since is None and until is None:
        expected += on_overview(plan)
    lines = reader.lines_to_sign([line for _entry, line in due], Counter(at for _entry, at in open_))
    return differences(expected, reader.found + reader.made_of(), [*reader.faults, *lines])


def overview_problems(pdf: bytes, plan: Plan, settings: Settings) -> list[Problem]:
    """The same of the page with the whole therapy alone."""
    reader = _Reader(plan, settings, ())
    for page in read_pages(pdf):
        reader.read(page)
    return differences(on_overview(plan), reader.found)


@dataclass(slots=True)
class _Reader:
    """Reads the pages of one plan, one after the other."""

    plan: Plan
    settings: Settings
    courses: Sequence[str]
    found: Counter[Entry] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    numbered: dict[tuple[str, date], list[str]] = field(default_factory=dict)
    repeated: dict[tuple[str, date, str], list[str]] = field(default_factory=dict)
    last_date: dict[tuple[str, bool], date] = field(default_factory=dict)
    orders: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    text: NullTranslations = field(init=False)
    titles: dict[str, str] = field(init=False)
    dates: dict[str, date] = field(init=False)
    written: list[str] = field(init=False)
    doses: Doses = field(init=False)
    a_line: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        self.text = messages(self.settings.language)
        _ = self.text.gettext
        chosen = [each.course.title for each in chosen_courses(self.plan, self.courses)]
        self.titles = {printed: title for title in chosen for printed in (title, _(title))}
        self.dates = {said: day for day in dates_of(self.plan) for said in sheet_dates(day, self.settings)}
        self.written = [agent.written for agent in self.plan.protocol.agents.values()]
        self.doses = Doses(self.text, (_("held"), _("omitted")))
        blank = "\0"
        templates = (_("dose {number}"), _("+{hours} h"), _("{count} doses"))
        patterns = [
            re.escape(template.format(number=blank, hours=blank, count=blank)).replace(re.escape(blank), r"\d+")
            for template in templates
        ]
        words = "|".join([*map(re.escape, (_("morning"), _("evening"))), *patterns])
        self.a_line = re.compile(rf"(?:^|\s)(?:{words})")

    def read(self, page: PrintedPage) -> None:
        """Take in what a page has."""
        _ = self.text.gettext
        heads = [word for word in page.words if word.top > page.height - _HEAD_OF_PAGE and word.text in self.titles]
        course = self.titles[max(heads, key=lambda word: word.height).text] if heads else ""
        if any(word.text == _("Whole therapy") for word in page.words):
            self._read_overview(page)
        for table in tables(page, _("Date due"), _("Drug, route")):
            if table.is_grid:
                self._read_grid(page, table, course)
            else:
                self._read_orders(page, table, course)

    def _read_overview(self, page: PrintedPage) -> None:
        """The first date right of each course's title."""
        for title in (word for word in page.words if word.text in self.titles):
            beside = [word for word in page.words if word.text in self.dates and word.left > title.right]
            line = [word for word in beside if abs(word.middle - title.middle) < _SAME_LINE]
            if line:
                day = self.dates[min(line, key=lambda word: word.left).text]
                self.found[Entry("whole therapy", self.titles[title.text], paper_date(day))] += 1

    # --- day grids and the intrathecal block

    def _read_grid(self, page: PrintedPage, table: Table, course: str) -> None:
        heads = columns(page, table.head)
        inside = [word for word in page.words if table.has(word)]
        dates = {
            word: self.dates[word.text]
            for word in inside
            if abs(word.left - table.head.left) < _SAME_LINE and word.text in self.dates
        }
        is_intrathecal = _is_intrathecal(page, table, self.text)
        self._check_order(page, course, dates, is_intrathecal=is_intrathecal)
        drugs = {column: self._drug(column, is_intrathecal=is_intrathecal) for column in heads}
        by_column: dict[Column | None, list[Word]] = {}
        for word in inside:
            by_column.setdefault(column_of(word, heads), []).append(word)
        for word in inside:
            if not (dose := self.doses(word.text)):
                continue
            day, column = row_of(word, dates), column_of(word, heads)
            drug = drugs.get(column, "") if column else ""
            place = f"{course}, {paper_date(dates[day])}" if day else f"{course or 'no course'}, on no date"
            beside = [each for each in by_column.get(column, ()) if _is_beside(each, word)]
            said = " ".join([*(each.text for each in sorted(beside, key=lambda each: each.left)), dose])
            self.found[Entry(place, drug or "below no drug", said)] += 1
            if day and column:
                below = [each for each in by_column[column] if _is_below(each, word)]
                self.repeated.setdefault((course, dates[day], drug), []).extend(each.text for each in below)
        self._count_lines(inside, dates, heads, course)

    def _drug(self, column: Column, *, is_intrathecal: bool) -> str:
        """The drug of a column with its way in; empty for a column of something else."""
        by_mouth = self.text.pgettext("narrow", "by mouth")
        drug, rest = drug_named(column.said, self.written)
        if not drug:
            return ""
        squeezed = rest.replace(" ", "")
        words = {route: by_mouth if route is Route.PO else route.value for route in Route}
        ways = [route.value for route, said in words.items() if squeezed.startswith(said.replace(" ", ""))]
        if ways:
            return f"{drug} {max(ways, key=len)}"
        return f"{drug} {Route.IT.value}" if is_intrathecal else drug

    def _check_order(self, page: PrintedPage, course: str, dates: dict[Word, date], *, is_intrathecal: bool) -> None:
        """Dates follow each other down a course's pages, each once: only of intrathecal doses two may be on one."""
        for _word, day in sorted(dates.items(), key=lambda pair: -pair[0].top):
            last = self.last_date.get((course, is_intrathecal))
            if last and (day < last or (day == last and not is_intrathecal)):
                one, other = paper_date(day), paper_date(last)
                self.faults.append(f"{course}, page {page.number}: the row of {one} stands below that of {other}")
            self.last_date[course, is_intrathecal] = day

    # --- lines to sign

    def _count_lines(
        self, inside: Sequence[Word], dates: dict[Word, date], heads: Sequence[Column], course: str
    ) -> None:
        """Count the lines that are numbered or named as one of several doses of a date."""
        which = next((column for column in heads if is_start_of(column.said, self.text.gettext("Which"))), None)
        labels: dict[date, list[Word]] = {}
        for word in inside:
            named = which and abs(word.left - which.left) < _SAME_LINE and self.a_line.search(word.text)
            if named and (day := row_of(word, dates)):
                labels.setdefault(dates[day], []).append(word)
        for on, words in labels.items():
            lines: list[Word] = []
            for word in sorted(words, key=lambda word: -word.middle):
                if not lines or lines[-1].middle - word.middle >= _SIGNED_APART:
                    lines.append(word)
            self.numbered.setdefault((course, on), []).extend(word.text for word in lines)

    def lines_to_sign(self, due: Sequence[Administration], open_doses: Mapping[tuple[str, date], int]) -> Iterator[str]:
        """Dates on which the doses of the day do not each have their line, nor a word that says how many they are.

        `open_doses` are those on dates of a course that are given only as long as a level has not cleared.
        """
        _ = self.text.gettext
        titles = {each.course.id: each.course.title for each in self.plan.courses}
        needed: Counter[tuple[str, date]] = Counter(open_doses)
        for line in due:
            anchor = line.order_line.first_dose
            is_clocked = anchor is not None and not anchor.before
            if not line.status.takes_place or line.route is Route.IT or (line.per_day == 1 and not is_clocked):
                continue
            at = (titles[line.course], line.date)
            notes = self.repeated.get((*at, drug_by_route(self.plan, line)), [])
            times = _("twice a day") if line.per_day == 2 else _("{count} times").format(count=line.per_day)
            together = _("{count} doses").format(count=line.per_day)
            if times not in notes:
                needed[at] += 1 if any(together in label for label in self.numbered.get(at, ())) else line.per_day
        for at in sorted({*needed, *self.numbered}):
            wanted, there = needed[at], len(self.numbered.get(at, ()))
            if wanted != there:
                yield (
                    f"{at[0]}, {paper_date(at[1])}: {wanted} lines to sign, one for each of several doses of the day,"
                    f" should be printed, and {there} are"
                )

    # --- order tables

    def _read_orders(self, page: PrintedPage, table: Table, course: str) -> None:
        _ = self.text.gettext
        heads = [word for words in head_columns(page, table.head) for word in words]
        inside = [word for word in page.words if table.has(word)]
        own = [word for word in inside if abs(word.left - table.head.left) < _SAME_LINE]
        names = {}
        for word in own:
            lines = [word.text, *(each.text for each in own if 0 < word.bottom - each.top < 2 * word.height)]
            drug = drug_named(" ".join(lines), self.written)[0]
            if drug and drug.startswith(word.text.partition(" ")[0]):
                names[word] = drug
        rows: dict[Word | None, list[Word]] = {}
        for word in inside:
            if name := row_of(word, names):
                self.orders.setdefault((course, names[name]), []).append(word.text)
            if self.doses(word.text) and any(_is_dose(head, self.text) for head in _nearest(word, heads)):
                rows.setdefault(row_of(word, names), []).append(word)
        for name, words in rows.items():
            tallest = max(word.height for word in words)
            for word in words:
                if word.height > tallest * _AS_TALL:  # what is smaller is part of its working
                    drug = names[name] if name else "no drug"
                    self.found[Entry(f"{course}, orders", drug, self.doses(word.text))] += 1

    def made_of(self) -> Counter[Entry]:
        """What the doses of each drug are made of by the order tables, once for each course."""
        products = Products.of(self.plan.administrations, self.text)
        return Counter(
            entry
            for (course, drug), texts in self.orders.items()
            for entry in made_of(course, drug, products.within(" ".join(texts)))
        )


def _is_intrathecal(page: PrintedPage, table: Table, text: NullTranslations) -> bool:
    """Whether a table is the intrathecal block's: below its caption, and no other days between them."""
    _ = text.gettext
    name = _("INTRATHECAL, by lumbar puncture (LP) only. Sign here.").partition(",")[0]
    captions = [word for word in page.words if word.text.startswith(name) and word.bottom > table.head.top]
    if not captions:
        return False
    caption = min(captions, key=lambda word: word.bottom)
    return not any(
        each.is_grid and table.head.top < each.head.bottom < caption.bottom
        for each in tables(page, _("Date due"), _("Drug, route"))
    )


def _is_dose(head: Word, text: NullTranslations) -> bool:
    _ = text.gettext
    return is_start_of(_("Dose"), head.text) or is_start_of(head.text, _("Dose and working"))


def _nearest(word: Word, heads: Sequence[Word]) -> list[Word]:
    """The heads that a word stands below, or that it is nearest to."""
    apart = [max(0.0, head.left - word.right, word.left - head.right) for head in heads]
    return [head for head, distance in zip(heads, apart, strict=True) if distance <= min(apart)]


def _is_beside(word: Word, dose: Word) -> bool:
    """Whether a word of a dose's column stands left of it."""
    return word.right <= dose.left + 1 and abs(word.middle - dose.middle) < _SAME_LINE


def _is_below(word: Word, dose: Word) -> bool:
    """Whether a word of a dose's column stands right below it."""
    return -1 <= dose.bottom - word.top <= _BELOW and abs(word.right - dose.right) < 2 * _SAME_LINE
