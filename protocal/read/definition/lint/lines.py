"""A protocol -> its lines as rules go through them, and what is told of a name that nothing has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from protocal.model.agent import Agent
from protocal.model.course import Course, Order
from protocal.model.problems import Problem, Where
from protocal.model.protocol import Protocol
from protocal.text.suggest import did_you_mean


def orders_of(protocol: Protocol) -> Iterator[tuple[Course, Order]]:
    """Every order, with the course that it stands in."""
    for course in protocol.courses.values():
        for order in course.orders:
            yield course, order


def agents_of(protocol: Protocol, order: Order) -> list[Agent]:
    """The agents of an order, as far as they are declared."""
    return [protocol.agents[name] for name in order.agents if name in protocol.agents]


def unknown(code: str, what: str, name: str, known: Iterable[str], where: Where) -> Problem:
    """What is told of a name that nothing has, with the nearest that something has."""
    return Problem(code, f"no {what} is called '{name}'", where, did_you_mean(name, known))
