"""An order -> how well it is known, and whether anything confirms its doses."""

from __future__ import annotations

from protocal.model.course import Order
from protocal.model.doses import ByTable
from protocal.model.evidence import Evidence, is_signed, weakest
from protocal.model.protocol import Protocol

_OF_A_DOSE = ("dose", "cap", "all")


def evidence_of(protocol: Protocol, order: Order) -> Evidence:
    """The mark of an order: of its weakest part, its tables included; whoever signed it has looked at them, too."""
    if is_signed(order.backing):
        return Evidence.SIGNED
    tables = [rule.dose.table for rule in order.doses if isinstance(rule.dose, ByTable)]
    return weakest((order.backing.evidence, *(protocol.tables[table].backing.evidence for table in tables)))


def is_unverified(protocol: Protocol, order: Order) -> bool:
    """Whether an order's dose, its cap or its table is known from recollection only.

    For what is made for families: such a dose stands there only if somebody asked for it by name (rule S28).
    """
    if is_signed(order.backing):
        return False
    parts = dict(order.backing.parts)
    own = [parts[part] for part in _OF_A_DOSE if part in parts] or [order.backing.evidence]
    tables = [rule.dose.table for rule in order.doses if isinstance(rule.dose, ByTable)]
    protocol = protocol.of_order(order)
    return weakest((*own, *(protocol.tables[table].backing.evidence for table in tables))) is Evidence.UNVERIFIED
