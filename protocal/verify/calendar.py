"""A family's PDF and its plan -> every dose, drug or date that is not printed as the plan has it."""

from __future__ import annotations

import re
from calendar import monthrange
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

from protocal.model.days import ONE_DAY
from protocal.model.evidence import Evidence
from protocal.model.plan import Plan
from protocal.model.problems import Problem
from protocal.model.settings import Settings
from protocal.plan.expand import OPEN_DAYS
from protocal.plan.open_rescues import open_ends
from protocal.render.wording.catalogues import messages
from protocal.render.wording.family import FamilyWords, first_up
from protocal.text.format import paper_date
from protocal.verify.expected import AtHome, Entry, at_home, dates_of, family_dates, going_on, is_at_home
from protocal.verify.expected_stock import stock_faults, take_in
from protocal.verify.pdf_words import PrintedPage, Word, differences, read_pages
from protocal.verify.tables import Doses, is_start_of

_SAME_LINE = 6.0  # points within which the date of a cell and its first line stand
_IN_ROW = 3.0  # points within which the day numbers of a week stand
_BESIDE = 1.5  # points by which the heads of columns may stand unevenly
_POCKET_DAYS = 14
_NAMED = "named"


def calendar_problems(
    pdf: bytes,
    plan: Plan,
    settings: Settings,
    *,
    unverified_doses: bool = False,
    courses: Sequence[str] = (),
    since: date | None = None,
    until: date | None = None,
) -> list[Problem]:
    """What month pages have otherwise than the plan; nothing if all is as it must be."""
    reader = _Reader(plan, settings, unverified_doses=unverified_doses)
    for page in read_pages(pdf):
        reader.read_month(page)
    return reader.problems(family_dates(plan, courses, since, until))


def pocket_problems(
    pdf: bytes, plan: Plan, settings: Settings, first: date, *, unverified_doses: bool = False
) -> list[Problem]:
    """What the page of fourteen days has otherwise than the plan; nothing if all is as it must be."""
    reader = _Reader(plan, settings, unverified_doses=unverified_doses)
    days = [first + ONE_DAY * count for count in range(_POCKET_DAYS)]
    for page in read_pages(pdf):
        reader.read_days(page, days)
    return reader.problems(set(days), all_of_them=True)


@dataclass(slots=True)
class _Reader:
    """Reads the pages of one plan, one after the other: first each date's words, then what they say."""

    plan: Plan
    settings: Settings
    unverified_doses: bool = field(kw_only=True)
    cells: dict[date, list[str]] = field(default_factory=dict)
    strays: list[str] = field(default_factory=list)
    texts: dict[tuple[date, date], str] = field(default_factory=dict)

    # --- where dates stand

    @property
    def words(self) -> FamilyWords:
        """The words of the family's language."""
        return FamilyWords(messages(self.settings.language))

    def read_month(self, page: PrintedPage) -> None:
        """Take in the cells of a month: seven columns, and a number in each cell that is a date of the month."""
        words = self.words
        months = {_in_any_order(words.month(day)): day.replace(day=1) for day in dates_of(self.plan)}
        titles = [word for word in page.words if _in_any_order(word.text) in months]
        edges = _edges(page, [first_up(weekday) for weekday in words.weekdays])
        if not titles or not edges:
            take_in(self.texts, page)
            return
        month = months[_in_any_order(max(titles, key=lambda word: word.height).text)]
        take_in(self.texts, page, (month, month.replace(day=monthrange(month.year, month.month)[1])))
        lefts = [left for left, _right, _weekday in edges]
        head = max(word.bottom for word in page.words if word.text in map(first_up, words.weekdays))
        numbers: dict[Word, date] = {}
        for word in page.words:
            column = _column(word, lefts)
            if word.top < head and word.text.isdecimal() and column is not None:
                day = _date(month, int(word.text))
                if day and day.weekday() == edges[column][2]:
                    numbers[word] = day
        rows = _rows(numbers)
        if not rows:
            return
        foot = page.rule_below(min(rows) - _SAME_LINE, lefts[0], edges[-1][1])
        found: dict[date | None, list[Word]] = {day: [] for day in numbers.values()}
        for word in page.words:
            column, row = _column(word, lefts), _row(word, rows)
            if word in numbers or column is None or row is None or word.middle < foot or word.top >= head:
                continue
            own = [day for number, day in numbers.items() if number in rows[row] and _column(number, lefts) == column]
            found.setdefault(own[0] if own else None, []).append(word)
        self._keep(page, found)

    def read_days(self, page: PrintedPage, days: Sequence[date]) -> None:
        """Take in the rows of days under each other, each with its date at the left."""
        take_in(self.texts, page, (days[0], days[-1]))
        words = self.words
        labels = {first_up(f"{words.weekday(day)} {words.day_and_month(day)}"): day for day in days}
        numbers: dict[Word, date] = {}
        for word in page.words:
            if word.left < page.width / 4:
                for label, day in labels.items():
                    if is_start_of(word.text, label) and any(map(str.isdecimal, word.text)):
                        numbers[word] = day
        rows = _rows(numbers)
        if not rows:
            return
        top, left = max(rows), min(word.left for word in numbers)
        foot = page.rule_below(min(rows) - _SAME_LINE, left, page.width - left)
        found: dict[date | None, list[Word]] = {day: [] for day in numbers.values()}
        for word in page.words:
            row = _row(word, rows)
            if word not in numbers and row is not None and foot <= word.middle <= top + _SAME_LINE:
                found[numbers[rows[row][0]]].append(word)
        ordered = [day for _number, day in sorted(numbers.items(), key=lambda pair: -pair[0].middle)]
        for one, other in pairwise(ordered):
            if other <= one:
                self.strays.append(f"the row of {paper_date(other)} stands below that of {paper_date(one)}")
        self._keep(page, found)

    def _keep(self, page: PrintedPage, found: Mapping[date | None, Iterable[Word]]) -> None:
        for day, words in found.items():
            said = " ".join(word.text for word in words)
            if day:
                self.cells.setdefault(day, []).append(said)
            elif named := self._named(said):
                self.strays.append(f"page {page.number}: {named[0][0]} is printed where there is no date")

    # --- what stands there

    def problems(self, days: set[date], *, all_of_them: bool = False) -> list[Problem]:
        """What differs on the dates that were chosen, and on those that were not."""
        due: dict[date, list[AtHome]] = {}
        for each in at_home(self.plan, self.settings, unverified_doses=self.unverified_doses):
            due.setdefault(each.date, []).append(each)
        in_clinic, may = self._in_clinic(), self._may_be_named()
        expected: Counter[Entry] = Counter()
        found: Counter[Entry] = Counter()
        faults = list(self.strays)
        for day in sorted({*days, *self.cells}):
            chosen, cells, place = day in days, self.cells.get(day, []), paper_date(day)
            here = due.get(day, []) if chosen else []
            clinic = in_clinic.get(day, {}) if chosen else {}
            if not cells and (here or clinic or all_of_them):
                faults.append(f"{place}: the date is missing")
            elif len(cells) > 1:
                faults.append(f"{place}: the date is printed {len(cells)} times")
            expected.update(Entry(place, each.drug, " ".join(each.says)) for each in here)
            expected.update(Entry(place, drug, _NAMED) for drug in clinic)
            spared = may.get(day, set()) if chosen else set()
            doses, named = self._doses(cells, here, spared)
            found.update(Entry(place, drug, said) for drug, said in doses)
            found.update(Entry(place, drug, _NAMED) for drug in named if drug in clinic or drug not in spared)
        return differences(
            expected,
            found,
            faults + stock_faults(self.texts, self.plan, self.settings, unverified_doses=self.unverified_doses),
        )

    def _in_clinic(self) -> dict[date, dict[str, None]]:
        """The drugs whose names must stand on a date, without a dose: the clinic gives them."""
        found: dict[date, dict[str, None]] = {}
        agents = self.plan.protocol.agents
        for line in self.plan.administrations:
            if line.status.takes_place and not is_at_home(line):
                found.setdefault(line.date, {})[agents[line.agent].written] = None
        for course in self.plan.courses:
            for on, agent in going_on(self.plan, course):
                found.setdefault(on, {})[agents[agent].written] = None
        return found

    def _may_be_named(self) -> dict[date, set[str]]:
        """The drugs whose names may stand on a date besides: those that a first dose is counted from, open rescues."""
        found: dict[date, set[str]] = {}
        agents = self.plan.protocol.agents
        courses = [course for each in self.plan.protocol.in_force for course in each.courses.values()]
        orders = [order for course in courses for order in course.orders]
        for line in self.plan.administrations:
            if line.status.takes_place and (anchor := line.order_line.first_dose):
                others = (agent for order in orders if order.key == anchor.order for agent in order.agents)
                found.setdefault(line.date, set()).update(agents[agent].written for agent in others)
        for _course, end in open_ends(self.plan):
            for late in range(1, OPEN_DAYS + 1):
                found.setdefault(end.last.date + ONE_DAY * late, set()).add(agents[end.last.agent].written)
        return found

    def _doses(
        self, cells: Sequence[str], due: Sequence[AtHome], spared: set[str]
    ) -> tuple[list[tuple[str, str]], set[str]]:
        """The doses of a date, each with what is said of it, and the drugs that are only named.

        What is said of a dose may name a drug that its hours are counted from, one of `spared`.
        """
        left = list(due)
        doses: list[tuple[str, str]] = []
        named: set[str] = set()
        for cell in cells:
            pairs = self._named(cell)
            while pairs:
                drug, said = pairs.pop(0)
                if pairs and pairs[0][0] in spared and any(each.drug == drug for each in left):
                    whole = " ".join((said, *pairs[0]))
                    if not self._fitting(left, drug, said) and self._fitting(left, drug, whole):
                        said = whole
                        pairs.pop(0)
                if best := self._fitting(left, drug, said):
                    left.remove(best)
                    doses.append((drug, " ".join(best.says)))
                elif self._amounts(said) or self._blanks(said):
                    doses.append((drug, said))
                else:
                    named.add(drug)
        return doses, named

    def _fitting(self, due: Sequence[AtHome], drug: str, said: str) -> AtHome | None:
        """The dose of a drug of which a text says all, if there is one."""
        fits = [each for each in due if each.drug == drug and self._says(said, each.says)]
        return max(fits, key=lambda each: len(" ".join(each.says)), default=None)

    def _named(self, said: str) -> list[tuple[str, str]]:
        """Each drug that a text names, with the text up to the next one; a line may break behind a hyphen."""
        names = sorted((agent.written for agent in self.plan.protocol.agents.values()), key=len, reverse=True)
        spelt = (
            "".join(f"{re.escape(letter)} ?" if letter in "-/" else re.escape(letter) for letter in n) for n in names
        )
        pattern = re.compile(rf"(?<![\w-])(?:{'|'.join(f'({each})' for each in spelt)})(?![\w-])")
        found = list(pattern.finditer(said))
        ends = [*(match.start() for match in found[1:]), len(said)]
        return [
            (names[(match.lastindex or 1) - 1], said[match.end() : end].strip())
            for match, end in zip(found, ends, strict=False)
        ]

    def _says(self, said: str, parts: Sequence[str]) -> bool:
        """Whether a text has all its parts, and neither an amount nor a mark besides."""
        whole = all(re.search(rf"(?<![\w.,]){re.escape(part)}(?!\d|[.,]\d)", said) for part in parts)
        alike = self._amounts(said) == self._amounts(" ".join(parts)) and self._blanks(said) == self._blanks(parts[0])
        mark = Evidence.UNVERIFIED.mark
        return whole and alike and said.count(mark) == parts.count(mark)

    def _amounts(self, said: str) -> list[str]:
        return Doses(messages(self.settings.language)).within(said)

    def _blanks(self, said: str) -> int:
        return said.count(messages(self.settings.language).gettext("how much:"))


def _date(month: date, number: int) -> date | None:
    try:
        return month.replace(day=number)
    except ValueError:
        return None


def _in_any_order(text: str) -> tuple[str, ...]:
    """A title's words: beside a name that is written from right to left they are read in another order."""
    return tuple(sorted(text.split()))


def _edges(page: PrintedPage, weekdays: Sequence[str]) -> list[tuple[float, float, int]]:
    """Left and right of the seven columns, with their weekday; nothing if their heads do not stand evenly in a line."""
    heads = sorted((word for word in page.words if word.text in weekdays), key=lambda word: word.left)
    if len(heads) != len(weekdays) or len({word.text for word in heads}) != len(weekdays):
        return []
    for where in ("left", "centre", "right"):
        places = [getattr(word, where) for word in heads]
        width = (places[-1] - places[0]) / (len(heads) - 1)
        if all(abs(places[index] - places[0] - index * width) < _BESIDE for index in range(len(heads))):
            before = {"left": _IN_ROW, "centre": width / 2, "right": width - _IN_ROW}[where]
            return [
                (place - before, place - before + width, weekdays.index(word.text))
                for place, word in zip(places, heads, strict=True)
            ]
    return []


def _column(word: Word, lefts: Sequence[float]) -> int | None:
    found = [index for index, left in enumerate(lefts) if left <= word.centre]
    return found[-1] if found else None


def _rows(numbers: Iterable[Word]) -> dict[float, list[Word]]:
    """Dates by the line that they stand in."""
    found: dict[float, list[Word]] = {}
    for word in numbers:
        near = next((line for line in found if abs(line - word.middle) < _IN_ROW), word.middle)
        found.setdefault(near, []).append(word)
    return found


def _row(word: Word, rows: Iterable[float]) -> float | None:
    """The line of dates that a word stands beside or below."""
    return min((line for line in rows if line >= word.middle - _SAME_LINE), default=None)
