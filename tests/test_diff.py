"""What differs between two plans of a record: courses, doses with their hours, events with theirs, bags."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from in_memory import (
    adjusted,
    bagged,
    child,
    cleared,
    delayed,
    given,
    held,
    interrupted,
    left,
    measured,
    moved,
    noted,
    plan_of,
    resumed,
    started,
)

from protocal.change.diff import Change, CourseChange, Differences, EventChange, Kind, differences
from protocal.model.entries import Entry, HoldRule
from protocal.model.plan import Plan
from protocal.model.settings import Settings

DRAWS = Settings(level_draws=(("methotrexate", (24, 48, 72)),))
BLOCK_2 = started("block-2", "2026-12-29")
PUMP = (
    started("blina-cycle-1", "2027-01-26"),
    bagged("2027-01-26", 96),
    given("blina-cycle-1/blina/1", "2027-01-26 14:00"),
)


def changed(before: tuple[Entry, ...], after: tuple[Entry, ...], settings: Settings = DRAWS) -> Differences:
    return differences(plan_of(child(*before), settings), plan_of(child(*after), settings))


def kinds(found: Differences) -> dict[str, list[str]]:
    return {str(each.line.id): [kind.value for kind in each.kinds] for each in found.lines}


def hours(change: Change) -> tuple[list[str], list[str]]:
    assert change.before
    assert change.after
    return [f"{at:%d-%H}" for at in change.before.times], [f"{at:%d-%H}" for at in change.after.times]


def one(found: Differences, id_: str) -> Change:
    (change,) = (each for each in found.lines if each.line.id == id_)
    return change


def test_a_plan_does_not_differ_from_itself_nor_by_a_line_that_changes_nothing() -> None:
    found = changed((), (noted(),))
    assert found == Differences((), (), (), ())
    assert not found


def test_an_infusion_at_another_hour_moves_though_its_date_is_the_same() -> None:
    """Methotrexate at 20:00 in place of 09:00: it, and each dose of its rescue, is at other hours."""
    found = changed(
        (BLOCK_2, given("block-2/mtx-hd/8", "2027-01-05 09:00")),
        (BLOCK_2, given("block-2/mtx-hd/8", "2027-01-05 20:00")),
    )
    assert found
    infusion, rescue = one(found, "block-2/mtx-hd/8"), one(found, "block-2/lcv/10")
    assert infusion.kinds == rescue.kinds == (Kind.MOVED,)
    assert hours(infusion) == (["05-09"], ["05-20"])
    assert hours(rescue) == (["07-09", "07-15", "07-21", "08-03"], ["07-20", "08-02", "08-08", "08-14"])
    assert infusion.before
    assert infusion.after
    assert infusion.before.date == infusion.after.date


def test_a_level_drawn_at_another_hour_is_moved_though_its_date_is_the_same() -> None:
    found = changed(
        (BLOCK_2, given("block-2/mtx-hd/8", "2027-01-05 09:00")),
        (BLOCK_2, given("block-2/mtx-hd/8", "2027-01-05 11:00")),
    )
    levels = [each for each in found.events if each.event.kind == "drug-level"]
    assert [
        (each.before and f"{each.before.at:%d-%H}", each.after and f"{each.after.at:%d-%H}") for each in levels
    ] == [
        ("06-09", "06-11"),
        ("07-09", "07-11"),
        ("08-09", "08-11"),
    ]
    assert [each.along for each in levels] == [False] * 3


def test_a_pump_at_another_hour_moves_each_of_its_days_its_stop_and_its_bags() -> None:
    later = (*PUMP[:2], given("blina-cycle-1/blina/1", "2027-01-26 16:00"))
    found = changed((BLOCK_2, *PUMP), (BLOCK_2, *later))
    assert hours(one(found, "blina-cycle-1/blina/28")) == (["22-14"], ["22-16"])
    (stop,) = (each for each in found.events if each.event.kind == "pump-stop")
    assert (stop.before and f"{stop.before.at:%d-%H}", f"{stop.event.at:%d-%H}") == ("23-14", "23-16")
    assert [(course, infusion.key) for course, infusion in found.bags] == [("blina-cycle-1", "blina")]


def test_a_pump_that_stopped_gives_later_hours_and_says_where_nothing_is_left_to_give() -> None:
    stop = interrupted("blina-cycle-1", "2027-02-03 03:00")
    found = changed((BLOCK_2, *PUMP), (BLOCK_2, *PUMP, stop, resumed("blina-cycle-1", "2027-02-03 05:00")))
    assert hours(one(found, "blina-cycle-1/blina/9")) == (["03-14"], ["03-16"])
    assert "blina-cycle-1/blina/8" not in kinds(found)  # it had begun before the stop
    assert not found.courses
    gone = changed((BLOCK_2, *PUMP), (BLOCK_2, *PUMP, stop))
    assert kinds(gone)["blina-cycle-1/blina/9"][-1] == "status"
    assert [each.after for each in gone.events if each.event.kind == "pump-stop"] == [None]


def test_other_bags_alone_are_a_difference_of_that_infusion() -> None:
    other = (PUMP[0], bagged("2027-01-26", 72), PUMP[2])
    found = changed((BLOCK_2, *PUMP), (BLOCK_2, *other))
    assert (found.courses, found.lines, found.events) == ((), (), ())
    assert [(course, infusion.bags[0].hours) for course, infusion in found.bags] == [("blina-cycle-1", 72)]
    assert found


def test_a_level_that_has_cleared_takes_the_rest_of_the_rescue_away() -> None:
    infused = given("block-2/mtx-hd/8", "2027-01-05 09:00")
    found = changed((BLOCK_2, infused), (BLOCK_2, infused, cleared("2027-01-09 09:00")))
    gone = [str(each.line.id) for each in found.lines if each.kinds == (Kind.REMOVED,)]
    assert gone == [f"block-2/lcv/{number}" for number in range(12, 29)]
    assert [each.after for each in found.lines if each.kinds == (Kind.REMOVED,)] == [None] * len(gone)
    back = changed((BLOCK_2, infused, cleared("2027-01-09 09:00")), (BLOCK_2, infused))
    assert [str(each.line.id) for each in back.lines if each.kinds == (Kind.ADDED,)] == gone
    assert [each.before for each in back.lines if each.kinds == (Kind.ADDED,)] == [None] * len(gone)


def test_a_dose_on_another_date_is_moved_and_no_course_is() -> None:
    found = changed((), (moved("block-1/vcr/22", "2026-12-23"),))
    assert kinds(found) == {"block-1/vcr/22": ["moved"]}
    assert [each.along for each in found.lines] == [False]
    assert found.courses == ()
    punctured = changed((), (moved("block-1/it-mtx/8", "2026-12-10"),))
    assert [
        (each.event.kind, each.before and each.before.date.day, each.event.date.day) for each in punctured.events
    ] == [("lumbar-puncture", 8, 10)]


def test_an_adjusted_dose_is_another_dose_on_the_same_date() -> None:
    found = changed((), (adjusted("vincristine", "50", "2026-12-20"),))
    first = one(found, "block-1/vcr/22")
    assert first.kinds == (Kind.DOSE,)
    assert (first.before and first.before.dose, first.line.dose) == (Decimal("1.17"), Decimal("0.585"))
    assert "block-1/vcr/15" not in kinds(found)


def test_each_way_in_which_a_dose_differs_is_told() -> None:
    """How much each time, how often, and what it is made of; a dose that is worked out otherwise is the same dose."""
    plan = plan_of(child())

    def after(**values: object) -> list[str]:
        courses = list(plan.courses)
        lines = list(courses[0].administrations)
        lines[0] = lines[0]._replace(**values)  # type: ignore[arg-type]
        courses[0] = replace(courses[0], administrations=tuple(lines))
        return [
            kind.value for each in differences(plan, replace(plan, courses=tuple(courses))).lines for kind in each.kinds
        ]

    assert after(dose=Decimal("9.9")) == ["dose"]
    assert after(per_day=3) == ["dose"]
    assert after(product="something else") == ["dose"]
    assert after(working="another way") == []
    assert after() == []


def test_what_is_left_out_or_held_no_longer_takes_place_and_what_was_given_still_does() -> None:
    assert kinds(changed((), (left("block-1/vcr/8"),))) == {"block-1/vcr/8": ["status"]}
    found = kinds(changed((), (held("block-1", "2026-12-08", 1, HoldRule.SKIP),)))
    assert found == {"block-1/vcr/8": ["status"], "block-1/it-mtx/8": ["status"]}
    assert kinds(changed((left("block-1/vcr/8"),), ())) == {"block-1/vcr/8": ["status"]}
    assert kinds(changed((), (given("block-1/vcr/8", "2026-12-08"),))) == {}
    assert kinds(changed((left("block-1/vcr/8"),), (held("block-1", "2026-12-08", 1, HoldRule.SKIP), left()))) == {
        "block-1/it-mtx/8": ["status"]  # vincristine was left out and is held: either way it is not given
    }


def test_a_delay_moves_courses_and_all_that_is_in_them_along() -> None:
    found = changed((), (delayed("block-2", 7),))
    assert [(each.course.id, each.shift.days) for each in found.courses][:3] == [
        ("block-2", 7), ("blina-cycle-1", 7), ("continuation-1", 7),
    ]  # fmt: skip
    block_2 = [each for each in found.lines if each.line.course == "block-2"]
    assert len(block_2) == len([each for each in plan_of(child()).administrations if each.course == "block-2"])
    assert {each.along for each in block_2} == {True}
    assert {each.along for each in found.events if each.event.course == "block-2"} == {True}
    assert "block-1" not in {each.line.course for each in found.lines}


def test_what_does_not_move_as_far_as_its_course_does_not_move_along() -> None:
    """Block 2 a week later, and its vincristine of 29 December on 7 January: nine days."""
    found = changed(
        (), (delayed("block-2", 7), moved("block-2/vcr/1", "2027-01-07"), moved("block-2/it-mtx/8", "2027-01-14"))
    )
    assert (one(found, "block-2/vcr/1").along, one(found, "block-2/peg/9").along) == (False, True)
    assert {each.along for each in found.events if each.event.course == "block-2"} == {False}


def test_what_moves_with_its_course_and_has_another_dose_does_not_only_move_along() -> None:
    found = changed((), (delayed("block-2", 7), adjusted("vincristine", "50", "2026-12-30")))
    assert (one(found, "block-2/vcr/1").kinds, one(found, "block-2/vcr/1").along) == ((Kind.MOVED, Kind.DOSE), False)


def test_courses_of_one_plan_alone_are_added_or_gone_with_all_that_is_in_them() -> None:
    before, after = plan_of(child(arm="")), plan_of(child())
    added, gone = differences(before, after), differences(after, before)
    assert [each.course.id for each in added.courses] == [each.course.id for each in after.courses[1:]]
    assert [each.course.id for each in gone.courses] == [each.course.id for each in after.courses[1:]]
    assert {each.before for each in added.courses} == {each.after for each in gone.courses} == {None}
    assert {each.shift for each in added.courses} == {timedelta()}
    assert {each.kinds for each in added.lines} == {(Kind.ADDED,)}
    assert {each.kinds for each in gone.lines} == {(Kind.REMOVED,)}
    assert len(added.lines) == len(gone.lines) == len([x for x in after.administrations if x.course != "block-1"])
    assert {each.before for each in added.events} == {each.after for each in gone.events} == {None}
    assert len(added.events) == len([x for x in (*after.procedures, *after.evaluations) if x.course != "block-1"])


def test_bags_of_a_plan_that_had_none_are_told_and_those_that_are_gone_are_not() -> None:
    found = changed((BLOCK_2, PUMP[0], PUMP[1]), (BLOCK_2, *PUMP))
    assert [course for course, _infusion in found.bags] == ["blina-cycle-1"]
    assert changed((BLOCK_2, *PUMP), (BLOCK_2, PUMP[0], PUMP[1])).bags == ()


def test_a_course_that_starts_as_planned_changes_in_that_it_is_no_longer_provisional() -> None:
    found = changed((), (BLOCK_2,))
    assert [(each.course.id, each.shift) for each in found.courses] == [("block-2", timedelta())]
    # and its doses by mouth are given in tablets from now on
    assert kinds(found) == {f"block-2/dex/{number}": ["dose"] for number in range(1, 6)}


def test_a_course_of_which_only_the_last_day_changes_is_told() -> None:
    found = changed((BLOCK_2,), (BLOCK_2, delayed("block-2", 4, from_day=15)))
    assert (found.courses[0].course.id, found.courses[0].shift) == ("block-2", timedelta())
    assert kinds(found)["block-2/cyclo/15"] == ["moved"]
    assert one(found, "block-2/cyclo/15").along is False


def test_a_change_has_the_line_as_it_is_or_as_it_was_if_it_is_gone() -> None:
    plan: Plan = plan_of(child())
    first, second = plan.administrations[:2]
    assert (Change(first, second, ()).line, Change(first, None, ()).line, Change(None, second, ()).line) == (
        second, first, second,
    )  # fmt: skip
    was, now = plan.evaluations[:2]
    assert (EventChange(was, now).event, EventChange(was, None).event) == (now, was)
    block, other = plan.courses[0].course, plan.courses[1].course
    assert (CourseChange(block, other).course, CourseChange(block, None).course) == (other, block)
    assert CourseChange(block, other).shift == timedelta(days=28)
    assert CourseChange(replace(block, dates=None), other).shift == timedelta()
    assert CourseChange(block, replace(other, dates=None)).shift == timedelta()


def test_a_new_measurement_changes_the_doses_of_the_courses_after_it() -> None:
    found = kinds(changed((), (measured("2026-12-29", "115", "23"),)))
    assert found["block-2/vcr/1"] == ["dose"]
    assert not any(id_.startswith("block-1/") for id_ in found)


def test_bags_that_stay_are_no_difference_of_a_course_in_which_something_else_is() -> None:
    found = changed((BLOCK_2, *PUMP), (BLOCK_2, *PUMP, moved("blina-cycle-1/it-mtx/15", "2027-02-10")))
    assert list(kinds(found)) == ["blina-cycle-1/it-mtx/15"]
    assert found.bags == ()


def test_whatever_alone_differs_is_a_difference() -> None:
    plan = plan_of(child())
    course = CourseChange(None, plan.courses[0].course)
    line, event = Change(None, plan.administrations[0], (Kind.ADDED,)), EventChange(None, plan.evaluations[0])
    assert Differences((course,), (), (), ())
    assert Differences((), (line,), (), ())
    assert Differences((), (), (event,), ())


def test_a_course_that_is_the_same_value_in_both_plans_hides_no_difference_of_those_after_it() -> None:
    plan = plan_of(child())
    first, second, *others = plan.courses
    less = second.administrations[0]._replace(dose=Decimal("9.9"))
    after = replace(second, administrations=(less, *second.administrations[1:]))
    found = differences(plan, replace(plan, courses=(first, after, *others)))
    assert kinds(found) == {str(less.id): ["dose"]}
