"""A folder in; two small definitions in it, and the records of made-up children, long, short and by hand, out."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path

from fuzz.running import run

TESTS = Path(__file__).parent.parent
_CHILD = ("--born", "2019-01-20", "--sex", "male", "--height", "112", "--weight", "19.4", "--start", "2026-12-01")
_ZONE = ("--timezone", "America/New_York")
LOOM = ("--protocol", "loom", "--id", "L-1", *_CHILD, *_ZONE, "--cns", "clear", "--risk", "low", "--arm", "L")
TINY = ("--protocol", "tiny", "--id", "T-1", *_CHILD, *_ZONE, "--arm", "P")
BUNDLED = ("--protocol", "aall1331", "--id", "P-1", *_CHILD, *_ZONE, "--cns", "cns2", "--risk", "low", "--arm", "D")
STORY = """\
  - {entry: give, id: warp/vin/1, date: 2026-12-01, dose: 0.78}
  - {entry: remark, kind: allergy, text: "penicillin: rash"}
  - {entry: move, id: warp/it/8, date: 2026-12-09, why: no theatre}
  - {entry: start, course: weft, date: 2026-12-15}
  - {entry: give, id: weft/umb/1, date: 2026-12-15, at: 2026-12-15T09:30:00-05:00}
  - {entry: clear, course: weft, agent: umbrate, at: 2026-12-19T09:00:00-05:00, level: 0.08 micromol/L}
  - {entry: delay, course: shuttle, days: 3, why: ANC 320}
  - {entry: start, course: shuttle, date: 2027-01-01}
  - {entry: give, id: shuttle/dri/1, date: 2027-01-01, at: 2027-01-01T10:00:00-05:00}
  - {entry: bags, agent: drippumab, hours: [48, 96], date: 2027-01-03}
  - {entry: interrupt, course: shuttle, at: 2027-01-05T04:00:00-05:00, why: fever}
  - {entry: resume, course: shuttle, at: 2027-01-06T10:00:00-05:00, dose: 9.5, why: afebrile}
  - {entry: omit, ids: [shuttle/it/8], why: platelets}
  - {entry: measure, date: 2027-01-20, height: 112.5, weight: 19.9}
  - {entry: adjust, agent: mercadol, percent: 50, date: 2027-02-01, to: 2027-02-14}
  - {entry: substitute, agent: aspanol, product: rusta, date: 2027-02-01, why: allergy}
  - {entry: prior, agent: vinbane, amount: 20, unit: mg/m2}
  - {entry: note, text: the family asks for Mondays}
  - {entry: undo, line: 13, why: slip}
"""
_SITE = """\
format: 1
closed days: [2026-12-25]
clearances: {umbrate: below 0.1 micromol/L}
level draws: {umbrate: "24 h, 48 h"}
"""


@dataclass(frozen=True)
class Base:
    """A record that reads well, and the definition that it is of."""

    name: str
    data: bytes
    definition: str


def lay_bases(folder: Path) -> tuple[Base, ...]:
    """Put the definitions and a site's settings into an empty folder; the records that nobody has changed yet."""
    shutil.copytree(TESTS / "machines" / "1", folder / "loom")
    shutil.copytree(TESTS / "tiny" / "1", folder / "tiny")
    (folder / "site.yaml").write_text(_SITE, encoding="utf-8")
    with chdir(folder):
        short = _made("short.yaml", LOOM)
        long = short + STORY.encode()
        Path("long.yaml").write_bytes(long)
        _done(("note", "long.yaml", "as read back", "--settings", "site.yaml"))
        sealed = Path("long.yaml").read_bytes()
        bases = (
            Base("by hand", long, "loom"),
            Base("without a seal", _bare(short) + STORY.encode(), "loom"),
            Base("sealed", sealed, "loom"),
            Base("short", short, "loom"),
            Base("tiny", _bare(_made("tiny.yaml", TINY)), "tiny"),
            Base("bundled", _bare(_made("bundled.yaml", BUNDLED)), "aall1331"),
        )
    for name in ("short.yaml", "long.yaml", "long.yaml.last", "tiny.yaml", "bundled.yaml"):
        (folder / name).unlink()
    return bases


def _made(name: str, options: Sequence[str]) -> bytes:
    _done(("new", name, *options))
    return Path(name).read_bytes()


def _done(words: Sequence[str]) -> None:
    ran = run(list(words))
    assert ran.status == 0, f"{words}: {ran.raised} {ran.err}"


def _bare(data: bytes) -> bytes:
    """A record as somebody would write it by hand: any change in it counts."""
    lines = data.decode().splitlines(keepends=True)
    return "".join(each for each in lines if not each.lstrip().startswith(("seal:", "recorded:", "#"))).encode()
