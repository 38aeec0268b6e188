"""A line of a record's log -> its shape, by the kind of entry that it says it is."""

from typing import Annotated

from protocal.read.by_kind import ByKind
from protocal.read.record.entries.shape import EntryShape

_MODULES = {  # by kind of entry, in the order in which help and JSON Schema list them
    "definition": "therapy",
    "measure": "patient",
    "state": "patient",
    "diagnostic-it": "patient",
    "assign": "therapy",
    "start": "courses",
    "fail": "therapy",
    "end": "therapy",
    "remark": "notes",
    "prior": "patient",
    "adjust": "doses",
    "give": "doses",
    "dispense": "doses",
    "bags": "infusions",
    "delay": "courses",
    "hold": "courses",
    "omit": "doses",
    "move": "doses",
    "substitute": "doses",
    "interrupt": "infusions",
    "resume": "infusions",
    "clear": "infusions",
    "transplant": "therapy",
    "stop": "therapy",
    "undo": "notes",
    "note": "notes",
    "told": "notes",
    "issue": "issues",
    "link": "links",
    "settings": "settings",
}
AnyEntry = Annotated[EntryShape, ByKind("entry", {kind: f"{__name__}.{module}" for kind, module in _MODULES.items()})]
