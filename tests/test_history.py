"""With which revision a course becomes another."""

from __future__ import annotations

from in_memory import (
    NOWHERE,
    SITE,
    adjusted,
    child,
    day,
    delayed,
    given,
    held,
    left,
    moved,
    noted,
    plan_of,
    recorded,
    started,
    undone,
)

from protocal.account import editions
from protocal.change.history import revisions
from protocal.model.entries import Ending, Entry, HoldRule, Remark, Remarked
from protocal.model.plan import Plan

SOON = day("2027-01-10")  # in Block 2

# Lines 1 to 4 of every log are: measure, start of Block 1, CNS status, arm.


def told(*later: Entry, together: tuple[int, ...] = ()) -> Plan:
    return plan_of(recorded(child(*later), *together))


def of(plan: Plan, course: str) -> list[int]:
    return [each.revision for each in editions(plan)[course]]


def allergic() -> Remarked:
    return Remarked(kind=Remark.ALLERGY, text="pegaspargase", where=NOWHERE)


def test_each_revision_is_planned_once_up_to_that_of_the_plan() -> None:
    plan = told(delayed("block-2", 7), noted())
    assert [each.revision for each in revisions(plan)] == [1, 2, 3, 4, 5, 6]
    assert [each.revision for each in revisions(plan_of(plan.record, SITE, 5))] == [1, 2, 3, 4, 5]
    assert list(revisions(plan))[-1] is plan
    assert [each.revision for each in revisions(plan, [2, 4, 4])] == [2, 4, 4]


def test_a_version_is_of_the_revision_whose_line_made_it() -> None:
    """Block 1 begins to be with line 2, its punctures come with line 3; the delay of line 5 is Block 2's."""
    plan = told(delayed("block-2", 7), noted(), moved("block-1/vcr/22", "2026-12-23"))
    assert of(plan, "block-1") == [2, 3, 7]
    assert of(plan, "block-2") == [4, 5]
    assert of(plan, "maintenance-1") == [4, 5]
    assert [each.revision for each in editions(plan, [4, 6])["block-2"]] == [4, 6], "of those that are wanted alone"
    found = editions(plan)["block-2"]
    assert [str(each.days[0].date) for each in found] == ["2026-12-29", "2027-01-05"]


def test_the_last_line_of_a_log_makes_a_version_and_the_first_that_dates_a_course_too() -> None:
    assert of(told(delayed("block-2", 7)), "block-2") == [4, 5]
    assert of(told(), "block-2") == [4]


def test_a_version_ends_where_the_plan_no_longer_has_the_course() -> None:
    ending = Ending(date=SOON, why="as agreed", where=NOWHERE)
    plan = told(ending, noted(), undone(5))
    assert [each.revision for each in editions(plan)["blina-cycle-1"]] == [4, 5, 7]
    assert [bool(each.days) for each in editions(plan)["blina-cycle-1"]] == [True, False, True]


def test_a_plan_at_an_earlier_revision_knows_nothing_of_later_lines() -> None:
    record = recorded(child(delayed("block-2", 7), allergic()))
    assert of(plan_of(record, SITE, 4), "block-2") == [4]


def test_a_line_that_did_not_fit_and_was_taken_back_made_no_version() -> None:
    """Written by hand: Block 2 before Block 1. It was never planned, and the line after it took it back."""
    plan = told(started("block-2", "2026-11-20"), undone(5), noted())
    assert [each.revision for each in revisions(plan)] == [1, 2, 3, 4, 6, 7]
    assert of(plan, "block-2") == [4]


def test_only_courses_with_a_date_have_versions_in_the_order_in_which_they_came() -> None:
    plan = told(started("block-2", "2026-12-29"))
    assert list(editions(plan)) == [each.course.id for each in plan.courses]
    undated = plan_of(recorded(child(arm="A")))
    assert list(editions(undated)) == ["block-1", "block-2", "block-3"]


def test_editions_name_courses_of_the_plan_first_and_then_those_that_are_gone() -> None:
    ending = Ending(date=SOON, why="as agreed", where=NOWHERE)
    found = list(editions(told(ending)))
    assert found[:3] == ["block-1", "block-2", "blina-cycle-1"]
    assert len(found) > 10


def test_an_edition_is_made_anew_where_the_log_says_something_of_its_course_alone() -> None:
    plan = told(
        started("block-2", "2026-12-29"),
        given("block-2/vcr/1", "2026-12-29"),
        adjusted("vincristine", "50", "2027-06-01"),
    )
    found = editions(plan)
    assert [each.revision for each in found["block-2"]] == [4, 5, 6]
    assert [each.revision for each in found["blina-cycle-1"]] == [4]
    assert [each.revision for each in found["continuation-2"]] == [4, 7]
    left_out = editions(told(left("block-1/vcr/8")))
    assert [each.revision for each in left_out["block-1"]] == [2, 3, 5]


def test_a_course_of_which_only_the_last_day_changes_has_a_new_edition() -> None:
    """Days 28 and later of Block 2 wait two days; nothing is given on any of them."""
    plan = told(delayed("block-2", 2, from_day=28))
    assert of(plan, "block-2") == [4, 5]


def test_a_hold_of_days_without_drugs_makes_an_edition_though_the_plan_is_the_same() -> None:
    """Nothing is due on 10 December; the account says that the day is held."""
    plan = told(held("block-1", "2026-12-10", 1, HoldRule.SKIP))
    assert [each.revision for each in editions(plan)["block-1"]] == [2, 3, 5]


def test_what_is_said_of_a_course_that_is_gone_makes_no_edition() -> None:
    """The hold of the cycle is undone when therapy has ended before it."""
    ending = Ending(date=SOON, why="as agreed", where=NOWHERE)
    plan = told(held("blina-cycle-1", "2027-02-01", 1, HoldRule.SKIP), ending, undone(5))
    assert [each.revision for each in editions(plan)["blina-cycle-1"]] == [4, 5, 6]
