"""Why an administration is where it is, or is not given: a value, and one sentence for each sort of reason."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from protocal.model.reasons import Cause, Reason, named, reason_text
from protocal.text.message import Said

STOP = datetime(2027, 2, 3, 3, 15, tzinfo=ZoneInfo("America/New_York"))
MONDAY, TUESDAY = date(2026, 11, 30), date(2026, 12, 1)
SENTENCES = {
    Reason(Cause.NAMED, "bed free", MONDAY): "moved from Mon 30-Nov-2026: bed free",
    Reason(Cause.NAMED, moved_from=MONDAY): "moved from Mon 30-Nov-2026",
    Reason(Cause.NAMED, "at 10:00: as asked"): "at 10:00: as asked",
    Reason(Cause.BEFORE_RESTART, "late", TUESDAY): "before the restart: moved from Tue 01-Dec-2026: late",
    Reason(Cause.LEFT_OUT): "left out",
    Reason(Cause.LEFT_OUT, "platelets 40"): "platelets 40",
    Reason(Cause.DIAGNOSTIC, on=MONDAY): "given with the diagnostic lumbar puncture on Mon 30-Nov-2026",
    Reason(Cause.INSTEAD, "allergy", named="erwinia"): "erwinia instead: allergy",
    Reason(Cause.HELD, "ANC 250"): "held, not made up: ANC 250",
    Reason(Cause.CLEARED, named="methotrexate", at=STOP, level="0.08 micromol/L"):
        "methotrexate cleared Wed 03-Feb-2027 03:15: 0.08 micromol/L",
    Reason(Cause.STANDS_STILL, at=STOP):
        "the infusion stands still: stopped Wed 03-Feb-2027 03:15, no resume is recorded",
    Reason(Cause.STANDS_STILL, at=STOP, longest_days=7):
        "the infusion stands still: stopped Wed 03-Feb-2027 03:15 for more than 7 days, a prescriber must decide",
}  # fmt: skip


@pytest.mark.parametrize(("reason", "sentence"), SENTENCES.items(), ids=SENTENCES.values())
def test_each_reason_has_one_sentence(reason: Reason, sentence: str) -> None:
    assert reason_text(reason) == sentence


def test_every_cause_is_tried() -> None:
    assert {reason.cause for reason in SENTENCES} == set(Cause)


def test_the_sentence_keeps_its_pattern_for_other_languages() -> None:
    said = reason_text(Reason(Cause.INSTEAD, named="erwinia"))
    assert isinstance(said, Said)
    assert said.pattern.text == "{product} instead"


def test_where_nothing_was_moved_and_nobody_said_why_there_is_no_reason() -> None:
    assert named("", MONDAY, MONDAY) is None
    assert reason_text(None) == ""
    assert named("", MONDAY, TUESDAY) == Reason(Cause.NAMED, moved_from=MONDAY)
    assert named("", MONDAY, MONDAY, Cause.BEFORE_RESTART) == Reason(Cause.BEFORE_RESTART)
