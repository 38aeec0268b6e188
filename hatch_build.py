"""Each translator's catalogue (PO) -> the file that gettext reads (MO), whenever protocal is built or installed."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SOME_DATE = datetime(2000, 1, 1, tzinfo=UTC)  # Babel's is the time of the build, and the same files give the same bytes


class Catalogues(BuildHookInterface):  # type: ignore[type-arg] # its parameter is the builder's own settings
    """What hatchling calls."""

    def initialize(self, _version: str, build_data: dict[str, Any]) -> None:
        """Write them beside what they are made from; a line that cannot be read ends the build and is named."""
        for source in sorted(Path(self.root, "templates", "locale").glob("*/LC_MESSAGES/*.po")):
            compiled = source.with_suffix(".mo")
            with source.open("rb") as stream:
                catalogue = read_po(stream, abort_invalid=True)
            catalogue.creation_date = SOME_DATE
            with compiled.open("wb") as stream:
                write_mo(stream, catalogue)
            build_data["artifacts"].append(compiled.relative_to(self.root).as_posix())
