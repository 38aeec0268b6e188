"""A protocol -> where its tables of doses have holes or overlap, or lack what an order asks of them."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import combinations

from protocal.model.doses import ByTable
from protocal.model.problems import Problem
from protocal.model.protocol import Protocol
from protocal.model.table import By, Table
from protocal.read.definition.lint.lines import orders_of, unknown
from protocal.text.format import figure, runs


def table_bands(protocol: Protocol) -> Iterator[Problem]:
    """Rows of a table neither overlap nor leave out an age or a weight that may come; each has every column."""
    for table in protocol.tables.values():
        for band in table.bands:
            if len(band.values) != len(table.columns):
                yield Problem(
                    "table-row",
                    f"row '{band.text}' has {len(band.values)} doses for {len(table.columns)} columns",
                    band.where,
                    f"Write one for each of {', '.join(table.columns)}.",
                )
        by_age = table.by is By.AGE
        yield from _rows_by_age(protocol, table) if by_age else _rows_by_weight(table)
        if table.bands and all(band.high is not None for band in table.bands):
            yield Problem(
                "table-hole",
                f"table '{table.id}' has no open last row",
                table.where,
                f"Patients grow during therapy: let the last row be open, as in '{'9-' if by_age else '20-'}'.",
            )


def _rows_by_age(protocol: Protocol, table: Table) -> Iterator[Problem]:
    low, high = protocol.ages
    ages = range(low, max([high, *(int(band.low) for band in table.bands)]) + 1)
    for first, second in combinations(table.bands, 2):
        if both := [age for age in range(ages.stop) if first.holds(age) and second.holds(age)]:
            yield Problem(
                "overlapping-bands",
                f"age {runs(both)} is in rows '{first.text}' and '{second.text}'",
                second.where,
                "Let each age stand in one row.",
            )
    if holes := [age for age in ages if table.band(age) is None]:
        yield Problem(
            "table-hole",
            f"table '{table.id}' has no row for age {runs(holes)}",
            table.where,
            f"The protocol takes ages {low} to {high}: add a row.",
        )


def _rows_by_weight(table: Table) -> Iterator[Problem]:
    """Rows begin at 0 kg, and each goes on where the one before it ends."""
    bands = sorted(table.bands, key=lambda band: band.low)
    for first, second in combinations(bands, 2):
        if first.high is None or second.low < first.high:
            yield Problem(
                "overlapping-bands",
                f"{figure(second.low)} kg is in rows '{first.text}' and '{second.text}'",
                second.where,
                "Let each weight stand in one row.",
            )
    covered = Decimal(0)
    for band in bands:
        if band.low > covered:
            yield Problem(
                "table-hole",
                f"table '{table.id}' has no row from {figure(covered)} to under {figure(band.low)} kg",
                table.where,
                "Let each row begin where the one before it ends, and the first at 0, as in '<10'.",
            )
        covered = max(covered, band.high if band.high is not None else band.low)


def tables_used(protocol: Protocol) -> Iterator[Problem]:
    """A table that an order names exists and has a column for each of its agents."""
    for _course, order in orders_of(protocol):
        for rule in order.doses:
            if not isinstance(rule.dose, ByTable):
                continue
            table = protocol.tables.get(rule.dose.table)
            if table is None:
                yield unknown("unknown-table", "table", rule.dose.table, protocol.tables, order.where)
                continue
            for agent in order.agents:
                if agent not in table.columns:
                    yield Problem(
                        "table-column",
                        f"table '{table.id}' has no column for {agent}",
                        order.where,
                        f"It has {', '.join(table.columns)}.",
                    )
