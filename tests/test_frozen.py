"""Values of `frozen` are like those of a frozen dataclass, whatever is asked of them."""

from __future__ import annotations

import copy
import inspect
import pickle
from dataclasses import FrozenInstanceError, asdict, dataclass, field, fields, is_dataclass, replace
from typing import Any

import pytest

from protocal.model.frozen import frozen


@frozen
class Dosed:
    """One of ours."""

    drug: str
    mg: int = 1
    days: list[int] = field(default_factory=list, repr=False)
    where: str = field(default="", compare=False)


@dataclass(frozen=True)
class Plain:
    """The same as the library makes it."""

    drug: str
    mg: int = 1
    days: list[int] = field(default_factory=list, repr=False)
    where: str = field(default="", compare=False)


@frozen
class Timed(Dosed):
    hour: int = 8


@frozen(kw_only=True)
class Named:
    name: str
    born: int


@frozen(eq=False)
class Itself:
    name: str


@frozen
class Checked:
    days: tuple[int, ...]

    def __post_init__(self) -> None:
        if not self.days:
            raise ValueError("no days")


@frozen
class Spoken:
    name: str

    def __repr__(self) -> str:
        return "spoken"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Spoken)

    def __hash__(self) -> int:
        return 7


@frozen
class Held:
    days: list[Any]


@frozen
class Bare:
    pass


def test_it_is_a_dataclass_with_the_same_fields() -> None:
    assert is_dataclass(Dosed)
    assert [each.name for each in fields(Dosed)] == [each.name for each in fields(Plain)]
    assert Dosed.__match_args__ == Plain.__match_args__
    assert inspect.signature(Dosed) == inspect.signature(Plain).replace(
        parameters=list(inspect.signature(Dosed).parameters.values())
    )
    assert list(inspect.signature(Dosed).parameters) == list(inspect.signature(Plain).parameters)


@pytest.mark.parametrize("args", [("vcr",), ("vcr", 2), ("vcr", 2, [1]), ("vcr", 2, [1], "a line")])
def test_it_is_made_and_printed_as_by_the_library(args: tuple[Any, ...]) -> None:
    ours, theirs = Dosed(*args), Plain(*args)
    assert repr(ours) == repr(theirs).replace("Plain", "Dosed")
    assert asdict(ours) == asdict(theirs)
    assert Dosed(**asdict(ours)) == ours


@pytest.mark.parametrize(("args", "named"), [((), {}), (("vcr", 1, [], "", 5), {}), (("vcr",), {"dose": 1})])
def test_wrong_arguments_are_a_mistake(args: tuple[Any, ...], named: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match=r"__init__\(\)"):
        Dosed(*args, **named)
    with pytest.raises(TypeError):
        Named("Ann", 2019)


def test_each_has_a_default_of_its_own() -> None:
    one = Dosed("vcr")
    one.days.append(8)
    assert Dosed("vcr").days == []


def test_equal_are_those_of_one_class_whose_compared_fields_are() -> None:
    assert Dosed("vcr", where="line 1") == Dosed("vcr", where="line 2")
    assert Dosed("vcr") != Dosed("vcr", 2)
    assert Dosed("vcr") != Plain("vcr")
    assert Timed("vcr") != Dosed("vcr")
    assert Timed("vcr", hour=9) != Timed("vcr")
    assert Bare() == Bare()
    assert Dosed("vcr").__eq__("vcr") is NotImplemented


def test_equal_values_have_one_hash() -> None:
    assert hash(Checked((1, 2))) == hash(Checked((1, 2)))
    assert len({Checked((1,)), Checked((1,)), Checked((2,)), Bare(), Bare()}) == 3
    with pytest.raises(TypeError, match="unhashable"):
        hash(Dosed("vcr"))  # its days are a list


def test_without_equality_each_is_itself_alone() -> None:
    one, other = Itself("x"), Itself("x")
    assert one != other
    assert len({one, other, one}) == 2


def test_nothing_can_be_set_or_deleted() -> None:
    one = Timed("vcr")
    for name in ("mg", "hour", "typo"):
        with pytest.raises(FrozenInstanceError, match=f"cannot assign to field '{name}'"):
            setattr(one, name, 2)
    with pytest.raises(FrozenInstanceError, match="cannot delete field 'mg'"):
        del one.mg
    assert one == Timed("vcr")


def test_replace_makes_another() -> None:
    one = Timed("vcr", 2, [8], "line 1", 20)
    assert replace(one, mg=3) == Timed("vcr", 3, [8], "line 1", 20)
    assert one.mg == 2
    assert replace(Named(name="Ann", born=2019), born=2020).born == 2020
    with pytest.raises(ValueError, match="no days"):
        replace(Checked((1,)), days=())


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_it_is_pickled_and_copied_with_all_it_has(protocol: int) -> None:
    for one in (Timed("vcr", 2, [8], "line 1", 20), Checked((1,)), Named(name="Ann", born=2019)):
        for other in (pickle.loads(pickle.dumps(one, protocol)), copy.copy(one), copy.deepcopy(one)):
            assert type(other) is type(one)
            assert asdict(other) == asdict(one)


def test_what_a_class_says_itself_stays() -> None:
    assert repr(Spoken("a")) == "spoken"
    assert Spoken("a") == Spoken("b")
    assert hash(Spoken("a")) == 7


def test_what_contains_itself_is_printed_all_the_same() -> None:
    one = Held([0])
    one.days[0] = one
    assert repr(one) == "Held(days=[...])"
