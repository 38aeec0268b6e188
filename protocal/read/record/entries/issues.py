"""What was given out of a record -> entries."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from protocal.model.entries import Entry, Issued, IssuedSheet
from protocal.model.problems import Where
from protocal.read.fields import made_of
from protocal.read.record.entries.shape import EntryShape
from protocal.read.record.fields import Line

Digest = Annotated[str, made_of("[0-9a-f]{32}", 32, "the digest that protocal wrote")]


class SheetShape(BaseModel):
    """A sheet or feed, as in `roadmap/block-1`, with the number of its issue and digests of what it says."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sheet: Annotated[str, made_of("[a-z0-9][a-z0-9./-]*", 80, "the name that protocal wrote")]
    number: Annotated[int, Field(ge=1, strict=True)]
    says: Digest
    facts: Digest


class IssueShape(EntryShape):
    """Sheets and feeds that were given out; only protocal writes it."""

    entry: Literal["issue"]
    sheets: Annotated[list[SheetShape], Field(min_length=1)]
    options: dict[Line, Line] = Field({})

    def as_entry(self, where: Where, timezone: str) -> Entry:  # noqa: ARG002 - some shapes need it
        """The entry as the plan knows it."""
        return Issued(
            recorded=self.recorded,
            by=self.by,
            why=self.why,
            accepted=self.accepted,
            seal=self.seal,
            sheets=tuple(IssuedSheet(each.sheet, each.number, each.says, each.facts) for each in self.sheets),
            options=tuple(self.options.items()),
            where=where,
        )


SHAPES: dict[str, type[EntryShape]] = {
    "issue": IssueShape,
}
