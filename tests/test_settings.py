"""A site's settings file: what it says wins, and what is wrong with it is told like any other mistake."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from conftest import run

from protocal.model.doses import Route, parse_liquid, parse_rounding
from protocal.model.problems import Where
from protocal.model.settings import Settings
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
