"""A site's settings file: what it says wins, and what is wrong with it is told like any other mistake."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import time
from decimal import Decimal
from pathlib import Path

import pytest
from conftest import run
from icalendar import Calendar

from protocal.model.doses import Route, parse_liquid, parse_rounding
from protocal.model.problems import Where
from protocal.model.settings import ForFamilies, Settings
from protocal.read.settings import read_settings
from protocal.render.roadmap import make_roadmap
from protocal.workflow.planning import load_plan


def codes(findings: str) -> set[str]:
    return {problem["code"] for problem in json.loads(findings)["problems"]}


def test_closed_days_paper_and_ceilings_come_from_the_file(child: Path, tmp_path: Path) -> None:
    site = tmp_path / "site.yaml"
    site.write_text(
        "format: 1\npaper: a4\nclosed days: [2026-12-25]\nstale days: 14\n"
        "ceilings:\n  anthracyclines:\n    amount: 10\n    factors: {mitoxantrone: 4}\n"
    )
    done = run("check", child, "--settings", site, "--format", "json")
    assert "S24" in codes(done.stdout)
    assert "S24" not in codes(run("check", child, "--format", "json").stdout)
    assert "anthracyclines" in run("drugs", child, "--settings", site).stdout
    assert run("roadmap", child, "-o", tmp_path / "x.pdf", "--course", "block-1", "--settings", site).returncode == 0


def test_what_is_wrong_in_it_is_told_at_its_place(child: Path, tmp_path: Path) -> None:
    site = tmp_path / "site.yaml"
    site.write_text("format: 1\nclosed days: [2026-02-30]\ngrowht: 10\ntablets: {mercaptopurine: [fifty]}\n")
    done = run("plan", child, "--settings", site)
    assert (done.returncode, done.stdout) == (1, "")
    assert f"{site}:2:15: error" in done.stderr
    assert "Did you mean 'growth'?" in done.stderr
    assert "'fifty' is not a tablet" in done.stderr
    assert run("plan", child, "--settings", tmp_path / "none.yaml").returncode == 1


def test_tablets_liquids_and_rounding_are_read_with_their_units_and_places(tmp_path: Path) -> None:
    site = tmp_path / "site.yaml"
    site.write_text(
        "format: 1\n"
        "tablets:\n  mercaptopurine: [50 mg, 20 mg]\n  methotrexate: 10 mg, 2.5 mg\n  dexamethasone: []\n"
        "liquids: {mercaptopurine: 20 mg/mL in steps of 0.1 mL}\n"
        "rounding:\n  vincristine: {IV: nearest 0.1 mg}\n  etoposide: within 5 %\n"
    )
    settings, problems = read_settings(site)
    assert problems == []
    assert settings
    assert settings.strengths_of("mercaptopurine") == (20, 50)
    assert settings.strengths_of("methotrexate") == (Decimal("2.5"), 10)
    assert settings.names_tablets_of("dexamethasone")
    assert not settings.names_tablets_of("thioguanine")
    assert settings.strength_units == (("mercaptopurine", "mg"), ("methotrexate", "mg"))
    assert settings.liquid_of("mercaptopurine") == parse_liquid("20 mg/mL in steps of 0.1 mL")
    assert settings.liquid_of("methotrexate") is None
    assert settings.rounding_of("vincristine", Route.IV) == parse_rounding("nearest 0.1 mg")
    assert settings.rounding_of("vincristine", Route.IM) is None
    assert settings.rounding_of("etoposide", Route.IV) == parse_rounding("within 5 %")
    assert settings.where("tablets", "methotrexate") == Where(str(site), 4, 3)
    assert settings.where("rounding", "methotrexate") is None
    assert hash(settings) == hash(replace(settings, places=())), "the same choices from another file are the same"
    assert settings == replace(settings, places=())


OF_FAMILIES = """\
format: 1
language: en
family:
  visit takes: most of a morning
  lock screen: full
  remind of medicine: "07:30"
  remind of visits: "18:00"
"""


def test_what_a_family_s_calendar_says_and_reminds_of_comes_from_the_file(tmp_path: Path) -> None:
    site = tmp_path / "site.yaml"
    site.write_text(OF_FAMILIES)
    settings, problems = read_settings(site)
    assert problems == []
    assert settings
    assert settings.family == ForFamilies(
        visit_takes="most of a morning",
        full_on_lock_screen=True,
        remind_of_medicine=time(7, 30),
        remind_of_visits=time(18),
    )


def test_without_a_word_of_the_site_a_locked_screen_names_nothing_and_nobody_is_reminded(tmp_path: Path) -> None:
    site = tmp_path / "site.yaml"
    site.write_text("format: 1\nfamily: {lock screen: plain}\n")
    settings, _problems = read_settings(site)
    assert settings
    assert settings.family == ForFamilies()
    assert (settings.family.full_on_lock_screen, settings.family.visit_takes) == (False, "")
    assert (settings.family.remind_of_medicine, settings.family.remind_of_visits) == (None, None)


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("lock screen: full", "lock screen: all", "5:16"),
        ('"07:30"', '"25:00"', "6:23"),
        ('"07:30"', "seven", "6:23"),
        ('"18:00"', '"18:0"', "7:21"),
        ("most of a morning", "[a, b]", "4:16"),
        ("remind of visits", "remind of visit", "7:3"),
    ],
)
def test_what_is_wrong_with_what_a_family_is_told_is_told_at_its_place(
    tmp_path: Path, old: str, new: str, place: str
) -> None:
    site = tmp_path / "site.yaml"
    site.write_text(OF_FAMILIES.replace(old, new))
    settings, problems = read_settings(site)
    assert settings is None
    assert [f"{each.where.line}:{each.where.column}" for each in problems if each.where] == [place]
    assert all(each.remedy for each in problems)


def test_the_feed_of_a_family_says_what_the_site_says(child: Path, tmp_path: Path) -> None:
    site, feed = tmp_path / "site.yaml", tmp_path / "plan.ics"
    site.write_text(OF_FAMILIES)
    assert run("feed", child, "-o", feed, "--settings", site, "--draft").returncode == 0
    found = list(Calendar.from_ical(feed.read_bytes()).walk("VEVENT"))
    visits = [each for each in found if str(each["SUMMARY"]).startswith("Clinic visit: ")]
    assert visits
    assert all("How long it takes: most of a morning" in each["DESCRIPTION"] for each in visits)
    at_home = [each for each in found if str(each["SUMMARY"]).startswith("Medicine at home: dexamethasone")]
    assert at_home
    assert {str(alarm["TRIGGER"].dt) for each in at_home for alarm in each.walk("VALARM")} == {"7:30:00"}
    assert {len(each.walk("VALARM")) for each in visits} == {1}


def test_started_oral_doses_are_planned_in_the_tablets_at_hand(child: Path) -> None:
    """7.8 mg on each of 5 days is 39 mg; halves of 0.5 mg make 39 mg: 8 mg on one day and 7.75 mg on four."""
    settings = Settings(strengths=(("dexamethasone", (Decimal("0.5"), Decimal(4))),))
    plan = load_plan(child, settings)
    dexamethasone = [each for each in plan.administrations if each.agent == "dexamethasone"]
    assert [str(each.dose) for each in dexamethasone if each.course == "block-1"] == ["8", *["7.75"] * 4] * 2
    assert all(bool(each.product) == (each.course == "block-1") for each in dexamethasone)
    started, later = (
        next(row for row in sheet.orders if row.agent == "dexAMETHasone")
        for sheet in make_roadmap(plan, settings).sheets[:2]
    )
    assert started.tablets[0].replace("\N{NO-BREAK SPACE}", " ").endswith("= 2 tablets of 4 mg")
    assert not later.tablets
