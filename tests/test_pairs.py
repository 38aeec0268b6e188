"""Plan and second count agree on definitions and histories that nobody wrote, and where they once did not.

Without a wish 2,000 pairs are compared, some of each definition; PROTOCAL_PAIRS=100000 tries so many others, and
PROTOCAL_SOAK=2 goes on with ever new ones for two hours. Each entry of a history makes one more pair.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from random import Random
from time import monotonic
from typing import NamedTuple

import pytest
from machines import BOY, LOOM, SITE, Chart, Values
from pairs import TINY, compared, definition_of, differences, patient_of, site_of

from protocal.model.plan import Administration, Plan
from protocal.model.settings import Settings

ASKED = int(os.environ.get("PROTOCAL_PAIRS", "0"))
HOURS = float(os.environ.get("PROTOCAL_SOAK", "0"))
SHARES = {"made up": 0.55, "settings": 0.2, "tiny": 0.15, "aall1331": 0.1}
PARTS = 4
LENGTH = 16  # entries of a history
FIRST_OTHER = 1_000_000  # numbers of the pairs of a wish, which nobody tried before


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("definition", SHARES)
def test_plan_and_second_count_agree(definition: str, part: int, tmp_path: Path) -> None:
    wanted = (ASKED or 2000) * SHARES[definition] / PARTS
    number = part + (FIRST_OTHER if ASKED or HOURS else 0)
    end = monotonic() + HOURS * 3600 * SHARES[definition] / PARTS
    count = 0
    while count < wanted or monotonic() < end:
        folder = tmp_path / str(number)
        folder.mkdir()
        count += compared(number, definition, folder, LENGTH)
        shutil.rmtree(folder)
        number += PARTS


# --- where they once did not agree, with what is right


class Once(NamedTuple):
    """A history after which plan and second count, or plan and reason, once differed.

    `edits` are of the loom's definition, a file with an old and a new text; `is_so` has, for administrations by id,
    `date status hours` with two hours at the most, and nothing for one that is not there.
    """

    history: list[Values]
    is_so: Mapping[str, str]
    edits: tuple[tuple[str, str, str], ...] = ()


INVOLVED: Values = {"entry": "state", "fact": "cns", "value": "involved"}
WEFT: Values = {"entry": "start", "course": "weft", "date": "2026-12-15"}
UMBRATE: Values = {"entry": "give", "id": "weft/umb/1", "date": "2026-12-15", "at": "2026-12-15T10:00:00-05:00"}
SHUTTLE: Values = {"entry": "start", "course": "shuttle", "date": "2026-12-29"}
PUMP: Values = {"entry": "give", "id": "shuttle/dri/1", "date": "2026-12-29", "at": "2026-12-29T10:00:00-05:00"}
RUSTA: Values = {"entry": "substitute", "agent": "aspanol", "product": "rusta", "date": "2027-01-16", "why": "allergy"}
NEW_MEASURES: Values = {"entry": "measure", "height": Decimal(113), "again": "2027-01-21", "why": "asked for"}
LATE_PUMP: Values = {
    "entry": "give",
    "id": "shuttle/dri/1",
    "date": "2027-01-05",
    "at": "2027-01-05T10:00:00-05:00",
    "why": "no pump",
}


def stood_still(stop: str, resume: str) -> list[Values]:
    return [
        {"entry": "interrupt", "course": "shuttle", "at": f"{stop}:00-05:00", "why": "fever"},
        *(
            [{"entry": "resume", "course": "shuttle", "at": f"{resume}:00-05:00", "dose": Decimal("9.5"), "why": "x"}]
            if resume
            else []
        ),
    ]


ONCE = {
    "a pump that begins a week late runs all its days, and its course is a week longer": Once(
        [WEFT, SHUTTLE, LATE_PUMP],
        {
            "shuttle/dri/14": "2027-01-18 due 2027-01-18 10:00",
            "heddle/mer/1": "2027-01-23 due",  # day 18 was 15 January
        },
    ),
    "while a pump stands still, its course is as long as the stops before made it": Once(
        [
            *(WEFT, SHUTTLE, PUMP),
            *stood_still("2026-12-30T10:00", "2027-01-03T10:00"),
            *stood_still("2027-01-04T10:00", ""),
        ],
        {"heddle/mer/1": "2027-01-20 due", "shuttle/pre/1/restart-1": "2027-01-03 due"},
    ),
    "a day of a pump that was left out is left out, also while the pump stands still": Once(
        [
            WEFT,
            SHUTTLE,
            PUMP,
            {"entry": "omit", "ids": ["shuttle/dri/10"], "--alone": True, "why": "x"},
            *stood_still("2027-01-04T10:00", ""),
        ],
        {"shuttle/dri/10": "2027-01-07 omitted", "shuttle/dri/11": "2027-01-08 held"},
    ),
    "a pump that is said to stand still after therapy was stopped ended with it": Once(
        [
            *(WEFT, SHUTTLE, {"entry": "bags", "agent": "drippumab", "hours": [96], "date": "2026-12-29"}),
            {"entry": "stop", "date": "2027-01-07", "at": "2027-01-07T03:00:00-05:00", "why": "x"},
            *(PUMP, *stood_still("2027-01-08T10:00", "")),
        ],
        {"shuttle/dri/9": "2027-01-06 due 2027-01-06 10:00", "shuttle/dri/10": ""},
    ),
    "of two measures from one day on, the newer one counts": Once(
        [
            *(WEFT, SHUTTLE, {"entry": "start", "course": "heddle", "date": "2027-01-16"}),
            {**NEW_MEASURES, "date": "2027-01-20", "weight": Decimal("21.4")},
            {**NEW_MEASURES, "date": "2027-01-19", "weight": Decimal("23.4")},
        ],
        {"heddle/weekly/8": "2027-01-23 due", "heddle/mer/1": "2027-01-16 due"},
    ),
    "days of a rescue that a level cut off stand on the dates that they would have had": Once(
        [
            {**WEFT, "date": "2026-12-17", "why": "late"},
            {**UMBRATE, "date": "2026-12-15", "why": "x"},
            {
                "entry": "clear",
                "course": "weft",
                "agent": "umbrate",
                "at": "2026-12-17T12:00:00-05:00",
                "level": "0.08 micromol/L",
            },
        ],
        {"weft/fol/3": "2026-12-17 due 2026-12-17 10:00", "weft/fol/4": "2026-12-18 omitted"},
    ),
    "premedication before a restart is not due after therapy was stopped": Once(
        [
            *(
                WEFT,
                SHUTTLE,
                PUMP,
                {"entry": "stop", "date": "2027-01-05", "at": "2027-01-05T03:00:00-05:00", "why": "x"},
            ),
            *stood_still("2027-01-08T10:00", "2027-01-09T10:00"),
        ],
        {"shuttle/pre/1/restart-1": "", "shuttle/pre/1": "2026-12-29 due"},
    ),
    "premedication before a restart that was given several times has the hours of all of them": Once(
        [
            *(WEFT, SHUTTLE, PUMP, *stood_still("2026-12-30T10:00", "2026-12-31T10:00")),
            {"entry": "give", "id": "shuttle/pre/1/restart-1", "date": "2026-12-31", "at": "2026-12-31T02:00:00-05:00"},
        ],
        {"shuttle/pre/1/restart-1": "2026-12-31 given 2026-12-31 02:00 2026-12-31 08:00"},
        (("courses/shuttle.yaml", "frequency: once\n    route: PO", "frequency: every 6 h x 2\n    route: PO"),),
    ),
    "and so has one of several drugs that are given together": Once(
        [
            *(INVOLVED, WEFT),
            {"entry": "give", "id": "weft/itd/8/tarline", "date": "2026-12-22", "at": "2026-12-22T05:00:00-05:00"},
        ],
        {
            "weft/itd/8/tarline": "2026-12-22 given 2026-12-22 05:00 2026-12-22 17:00",
            "weft/itd/8/umbrate": "2026-12-22 due",
        },
        (
            (
                "courses/weft.yaml",
                "dose: table double\n    frequency: once",
                "dose: table double\n    frequency: every 12 h x 2",
            ),
        ),
    ),
    "a day of a pump that was given at its hour keeps it, whatever is said of the pump later": Once(
        [
            *(WEFT, SHUTTLE, PUMP),
            {"entry": "give", "id": "shuttle/dri/9", "date": "2027-01-06", "at": "2027-01-06T10:00:00-05:00"},
            *stood_still("2027-01-03T12:00", ""),
        ],
        {"shuttle/dri/9": "2027-01-06 given 2027-01-06 10:00", "shuttle/dri/8": "2027-01-05 held"},
    ),
    "a stop of a pump after the transplant that ended it changes nothing": Once(
        [
            *(WEFT, SHUTTLE, {"entry": "bags", "agent": "drippumab", "hours": [96], "date": "2026-12-29"}),
            {"entry": "transplant", "date": "2027-01-03"},
            *(PUMP, *stood_still("2027-01-05T10:00", "")),
        ],
        {"shuttle/dri/5": "2027-01-02 due 2027-01-02 10:00", "shuttle/dri/6": ""},
    ),
    "those after a course that alone waits to a date keep their days, as far as a gap takes it up": Once(
        [
            {"entry": "delay", "course": "weft", "to": "2026-12-20", "why": "fever"},
            {"entry": "delay", "course": "shuttle", "days": 9, "why": "fever"},
            {"entry": "delay", "course": "weft", "to": "2026-12-25", "only": True, "why": "fever"},
        ],
        {"weft/umb/1": "2026-12-25 due", "shuttle/dri/1": "2027-01-12 due"},
    ),
    "hours across a change of clocks set the date": Once(
        [
            {"entry": "start", "course": "weft", "date": "2027-03-10", "why": "late"},
            {**UMBRATE, "date": "2027-03-10", "at": "2027-03-10T23:30:00-05:00"},
        ],
        {
            "weft/fol/3": "2027-03-12 due 2027-03-12 23:30 2027-03-13 05:30",
            "weft/fol/5": "2027-03-15 due 2027-03-15 00:30 2027-03-15 06:30",
        },
    ),
    "a day of a pump that was given on another date than its hour has none": Once(
        [WEFT, SHUTTLE, {"entry": "give", "id": "shuttle/dri/6", "date": "2027-01-03"}, LATE_PUMP],
        {"shuttle/dri/6": "2027-01-03 given", "shuttle/dri/7": "2027-01-11 due 2027-01-11 10:00"},
    ),
    "a dose of a rescue that was given on another date, at no hour, has no hour": Once(
        [WEFT, UMBRATE, {"entry": "give", "id": "weft/fol/4", "date": "2026-12-20", "why": "late"}],
        {"weft/fol/4": "2026-12-20 given"},
    ),
    "a rescue's day is on its date, though its number is delayed beyond treatment failure": Once(
        [
            WEFT,
            {"entry": "fail", "date": "2026-12-20"},
            {"entry": "delay", "course": "weft", "to": "2026-12-24", "from_day": 4, "why": "fever"},
        ],
        {"weft/fol/4": "2026-12-18 due", "weft/asp/5": ""},
    ),
    "a dose that was moved to before treatment failure stays, though its day is delayed beyond it": Once(
        [
            {"entry": "fail", "date": "2026-12-07"},
            {"entry": "move", "id": "warp/it/2", "date": "2026-12-06", "why": "x"},
            {"entry": "delay", "course": "warp", "days": 9, "from_day": 2, "why": "fever"},
        ],
        {"warp/it/2": "2026-12-06 moved", "warp/asp/3": ""},
    ),
    "the salvage route is not cut by the failure that it begins before": Once(
        [
            {"entry": "fail", "date": "2026-12-20"},
            {"entry": "start", "course": "mend-1", "date": "2026-12-18", "why": "x"},
        ],
        {"mend-1/dri/14": "2026-12-31 due", "mend-2/dri/1": "2027-01-05 due"},
    ),
    "nor is what is moved beyond that failure and the course": Once(
        [
            {"entry": "fail", "date": "2026-12-20"},
            {"entry": "start", "course": "mend-1", "date": "2026-12-04", "why": "x"},
            {"entry": "move", "id": "mend-1/it/8", "date": "2026-12-24", "why": "x"},
        ],
        {"mend-1/dri/14": "2026-12-17 due", "mend-1/it/8": "2026-12-24 moved"},
    ),
    "a rescue dose that was moved while its infusion was not recorded has no hours of another date": Once(
        [
            *(WEFT, UMBRATE, {"entry": "undo", "line": 8, "why": "a slip"}),
            {"entry": "move", "id": "weft/fol/3", "date": "2026-12-16", "--alone": True, "why": "x"},
            {"entry": "undo", "line": 9, "why": "a slip"},
        ],
        {"weft/fol/3": "2026-12-16 moved", "weft/fol/4": "2026-12-18 due 2026-12-18 10:00 2026-12-18 16:00"},
    ),
    "a rescue is not held where its infusion was moved onto held days, however long it goes on": Once(
        [
            WEFT,
            {"entry": "hold", "course": "weft", "date": "2026-12-16", "days": 6, "rule": "skip", "why": "x"},
            {"entry": "move", "id": "weft/umb/1", "date": "2026-12-16", "why": "x"},
            {"entry": "give", "id": "weft/umb/1", "date": "2026-12-16", "at": "2026-12-16T10:00:00-05:00"},
        ],
        {
            "weft/fol/3": "2026-12-18 due 2026-12-18 10:00 2026-12-18 16:00",
            "weft/fol/5": "2026-12-20 due 2026-12-20 10:00 2026-12-20 16:00",
            "weft/asp/5": "2026-12-19 held",
        },
    ),
    "a series bears neither the cap nor the doses a day of the drug that it replaces": Once(
        [WEFT, {**RUSTA, "date": "2026-12-16"}],
        {"weft/asp/5": "2026-12-19 omitted", "weft/asp/5/rusta-1": "2026-12-21 due"},
        (
            (
                "courses/weft.yaml",
                "dose: 100 units/m2\n    frequency: once",
                "dose: 100 units/m2\n    max: 5 units\n    frequency: BID",
            ),
        ),
    ),
    "a transplant ends the cycles that had not begun": Once(
        [
            {"entry": "start", "course": "cloth-1", "date": "2027-02-22", "why": "x"},
            {"entry": "transplant", "date": "2027-05-20"},
        ],
        {
            "cloth-1/mer/47": "2027-04-09 due",
            "cloth-2/mer/1": "2027-05-17 due",
            "cloth-2/mer/4": "",
            "cloth-3/mer/1": "",
        },
    ),
    "a transplant on the first day of a cycle leaves nothing of it": Once(
        [
            {"entry": "start", "course": "cloth-1", "date": "2027-02-22", "why": "x"},
            {"entry": "transplant", "date": "2027-05-17"},
        ],
        {"cloth-1/mer/47": "2027-04-09 due", "cloth-2/mer/1": ""},
    ),
    "what follows a course that would begin after the end of therapy does not begin in its place": Once(
        [
            INVOLVED,
            {"entry": "stop", "date": "2027-02-20", "why": "x"},
            {"entry": "delay", "course": "lamp", "to": "2027-02-22", "why": "fever"},
        ],
        {"heddle/mer/21": "2027-02-05 due", "cloth-1/mer/1": ""},
    ),
    "a stop ends a series that runs on past its course": Once(
        [
            WEFT,
            SHUTTLE,
            {"entry": "start", "course": "heddle", "date": "2027-01-16"},
            RUSTA,
            {"entry": "delay", "course": "heddle", "days": 20, "from_day": 4, "why": "fever"},
            {"entry": "stop", "date": "2027-02-12", "why": "x"},
        ],
        {"heddle/asp/4/rusta-2": "2027-02-10 due", "heddle/asp/4/rusta-3": ""},
    ),
    "a stop ends what was moved beyond a course that was over by then": Once(
        [
            {"entry": "move", "id": "warp/it/8", "date": "2026-12-16", "why": "x"},
            {"entry": "stop", "date": "2026-12-15", "why": "x"},
        ],
        {"warp/it/8": "", "warp/vin/9": "2026-12-09 due"},
    ),
    "a dose of a series that was moved and then left out stands on the date that it was moved to": Once(
        [
            {**RUSTA, "date": "2026-12-01"},
            {"entry": "move", "id": "warp/asp/3/rusta-1", "date": "2026-12-05", "why": "x"},
            {"entry": "omit", "ids": ["warp/asp/3/rusta-1"], "--alone": True, "why": "x"},
        ],
        {"warp/asp/3/rusta-1": "2026-12-05 omitted", "warp/asp/3/rusta-2": "2026-12-07 due"},
    ),
    "what is given before an infusion stays where it was moved to, once the infusion has begun": Once(
        [WEFT, SHUTTLE, {"entry": "move", "id": "shuttle/pre/1", "date": "2026-12-30", "why": "x"}, PUMP],
        {"shuttle/pre/1": "2026-12-30 moved", "shuttle/dri/2": "2026-12-30 due 2026-12-30 10:00"},
    ),
    "the hour of a dose on a count of weekdays is kept": Once(
        [{"entry": "give", "id": "warp/vin/2", "date": "2026-12-02", "at": "2026-12-02T09:00:00-05:00"}],
        {"warp/vin/2": "2026-12-02 given 2026-12-02 09:00", "warp/vin/6": ""},
        (("courses/warp.yaml", "days: 1, 9\n", "days: first 3 weekdays\n"),),
    ),
    "what is given on weekdays stays on weekdays when the days left of a course wait": Once(
        [{"entry": "delay", "course": "warp", "days": 2, "from_day": 2, "why": "fever"}],
        {
            "warp/vin/1": "2026-12-01 due",
            "warp/vin/2": "2026-12-04 due",
            "warp/vin/3": "",
            "warp/vin/5": "2026-12-07 due",
        },
        (("courses/warp.yaml", "days: 1, 9\n", "days: 1-5 weekdays\n"),),
    ),
}


@pytest.mark.parametrize("name", ONCE)
def test_they_agree_where_they_once_did_not(name: str, tmp_path: Path) -> None:
    once = ONCE[name]
    folder = tmp_path / "loom"
    shutil.copytree(LOOM, folder)
    for file, old, new in once.edits:
        text = (folder / file).read_text(encoding="utf-8")
        assert old in text
        (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    chart = Chart(replace(BOY, protocol=str(folder)), Settings(clearances=SITE.clearances), anew=False)
    try:
        for values in once.history:
            tried = chart.add(values)
            assert tried.after, tried.refused
        assert dict(stand(chart.plan, once.is_so)) == once.is_so
        assert differences(chart) == []
    finally:
        chart.close()


def stand(plan: Plan, idents: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    lines = {str(each.id): each for each in plan.administrations}
    return ((ident, _stands(lines[ident]) if ident in lines else "") for ident in idents)


def _stands(line: Administration) -> str:
    return " ".join([str(line.date), line.status.value, *(f"{at:%Y-%m-%d %H:%M}" for at in line.times[:2])])


def test_a_delay_within_radiation_leaves_its_fractions_on_working_days() -> None:
    chart = Chart(anew=False)
    try:
        lamp: Values = {"entry": "start", "course": "lamp", "date": "2027-03-18", "why": "late"}
        wait: Values = {"entry": "delay", "course": "lamp", "days": 10, "from_day": 3, "why": "fever"}
        for values in (INVOLVED, lamp, wait):
            assert chart.add(values).after
        fractions = [f"{each.date:%a %d-%b}" for each in chart.plan.procedures if each.course == "lamp"]
        assert fractions == ["Thu 18-Mar", "Fri 19-Mar", "Tue 30-Mar", "Wed 31-Mar", "Thu 01-Apr"]
        assert differences(chart) == []
    finally:
        chart.close()


def test_a_series_for_a_dose_that_would_be_before_its_course_is_planned_and_asked_about() -> None:
    chart = Chart(anew=False)
    try:
        assert chart.add({**RUSTA, "date": "2026-11-01"}).after
        tried = chart.add({"entry": "move", "id": "warp/asp/3", "date": "2026-11-27", "why": "x"})
        assert tried.refused.startswith("asks: warp/asp/3 is omitted")
    finally:
        chart.close()


# --- the generator


def test_the_same_number_makes_the_same_pair_and_others_make_others(tmp_path: Path) -> None:
    def texts(number: int, name: str) -> tuple[str, str]:
        dice = Random(number)
        folder = definition_of(dice, tmp_path / name)
        (tmp_path / f"{name}-site").mkdir()
        site, patient = site_of(dice, tmp_path / f"{name}-site", "made up"), patient_of(dice, str(folder))
        text = "".join(path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.yaml")))
        return text, f"{site.text} {patient.born} {patient.height}"

    assert texts(1, "a") == texts(1, "b")
    assert len({texts(number, f"c{number}") for number in range(8)}) == 8
    assert TINY.is_dir()
