"""Treatment protocols in YAML become dated calendars of drugs and lumbar punctures for one patient.

Importing this package loads nothing heavy; the public names are fetched when first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

__all__ = ["__version__", "make_plan", "read_protocol", "read_record"]

if TYPE_CHECKING:
    from protocal.plan import make_plan
    from protocal.read.definition import read_protocol
    from protocal.read.record import read_record

_HOMES = {
    "make_plan": "protocal.plan",
    "read_protocol": "protocal.read.definition",
    "read_record": "protocal.read.record",
}


def __getattr__(name: str) -> Any:  # Any: a module attribute may be of any type
    if name not in _HOMES:
        raise AttributeError(f"module 'protocal' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
