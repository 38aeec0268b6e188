"""The site's rules of a line of the log, in the words of its settings file -> an entry."""

from typing import Literal

from protocal.model.entries import Entry, Ruled
from protocal.model.problems import Where
from protocal.read.record.entries.shape import EntryShape
from protocal.read.rules import RulesShape, rules_of


class SettingsLineShape(RulesShape, EntryShape):
    """The site's rules from the day on which a command wrote this line; those of the first line hold for all days."""

    entry: Literal["settings"]

    def as_entry(self, where: Where, timezone: str) -> Entry:  # noqa: ARG002 - as of any shape
        """The entry with all rules as one value."""
        names = ("recorded", "by", "why", "accepted", "seal")
        rules = rules_of(self, lambda _key, _agent: where)
        return Ruled(**{name: getattr(self, name) for name in names}, rules=rules, where=where)


SHAPES: dict[str, type[EntryShape]] = {"settings": SettingsLineShape}
