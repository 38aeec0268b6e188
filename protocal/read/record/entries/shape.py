"""What every entry of a log may say -> the entry as the plan knows it."""

from dataclasses import fields

from pydantic import BaseModel, ConfigDict

from protocal.model.entries import Entry
from protocal.model.problems import Where
from protocal.read.record.fields import Line, Time, Why


class EntryShape(BaseModel):
    """What every entry of the log may say."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)  # a log has few of all kinds

    entry: str
    recorded: Time | None = None
    by: Line = ""
    why: Why = ""
    accepted: Line = ""
    seal: str = ""

    def as_entry(self, where: Where, timezone: str) -> Entry:  # noqa: ARG002 - some shapes need it
        """The entry as the plan knows it, with what that has of this shape's values."""
        kind = self._kind()
        return kind(
            **{each.name: getattr(self, each.name) for each in fields(kind) if each.name not in ("number", "where")},
            where=where,
        )

    def _kind(self) -> type[Entry]:
        raise NotImplementedError
