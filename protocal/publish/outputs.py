"""A sheet, feed, workbook or code and where it goes -> a file in the place of no other that matters."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from enum import Enum
from pathlib import Path

from protocal.model.frozen import frozen
from protocal.model.problems import UsageError
from protocal.publish.atomic import PRIVATE, Access, aside, cannot_write, followed, other_names, place_new, sync_folder
from protocal.publish.lock import lock_of
from protocal.publish.marks import is_ours, is_record
from protocal.publish.record_files import last_of

_REMEDY = "Choose another name; `-o -` writes to standard output."


class Kind(Enum):
    """What is written, and whether it bears the patient's name or birth date, or leads to what does."""

    ROADMAP = "roadmap"
    CALENDAR = "calendar"
    WORKSHEET = "worksheet"
    WORKBOOK = "workbook"
    FEED = "feed"
    REVIEW = "review"
    QR = "qr"

    @property
    def access(self) -> Access:
        """Who may read it where it is new: only its owner what names the patient, anybody whom the umask lets else."""
        return Access(0o666) if self in (Kind.WORKBOOK, Kind.FEED, Kind.REVIEW) else PRIVATE


@frozen
class Wish:
    """What the user said of an output.

    Attributes:
        force: a file that we did not make may be replaced, too.
        mode: who may read and write it, as for `chmod`; as the kind has it, or the file that is replaced, if None.
    """

    force: bool = False
    mode: int | None = None


def check_output(target: Path, source: Path, wish: Wish = Wish()) -> Path:
    """The file that an output is to be written to, behind all links; to be asked before long work.

    Raises UsageError if it must not be: only regular files are replaced, and neither the record that it is made from
    (the `source`), nor any other, nor a record's last good copy is, whatever was wished.
    """
    real = followed(target, _REMEDY)
    try:
        _check_records(real, target, source)
        if real.exists() and not wish.force and not is_ours(real):
            raise UsageError(f"{target} exists and was not made by protocal", "Choose another name, or add --force.")
    except OSError as error:
        raise cannot_write(target, error) from error
    return real


def write_output(target: Path, data: bytes, kind: Kind, source: Path, wish: Wish = Wish()) -> tuple[str, ...]:
    """Write a sheet, feed or workbook; what must be told of what was written is returned.

    Raises UsageError if it cannot be written; then nothing has changed.
    """
    real = check_output(target, source, wish)
    try:
        found = real.stat() if real.exists() else None
        access = Access.like(found) if found else kind.access
        if wish.mode is not None:
            access = replace(access, mode=wish.mode, exact=True)
        with aside(real, data, access) as part:
            if found:
                part.replace(real)
            else:
                place_new(part, real)
        sync_folder(real.parent)
        return (*other_names(found, target), *_lost_group(found, real, target)) if found else ()
    except FileExistsError:
        raise UsageError(
            f"{target} was made by somebody else in the meantime, and nothing was written", "Run the command again."
        ) from None
    except OSError as error:
        raise cannot_write(target, error) from error


def _check_records(real: Path, target: Path, source: Path) -> None:
    remedy = "Choose another name."
    if _is_same(real, source):
        raise UsageError(f"{target} is the record itself, and a record is never overwritten", remedy)
    if any(each.is_file() and is_record(each) for each in (real, last_of(real))):  # or the place of one that is broken
        raise UsageError(f"{target} is a patient's record, and a record is never overwritten", remedy)
    for record in _kept_beside(real):
        if _is_same(record, source) or (record.is_file() and is_record(record)):
            raise UsageError(f"{target} is a name that is kept for what stands beside the record {record}", remedy)


def _kept_beside(real: Path) -> Iterator[Path]:
    """The files whose last good copy, or whose lock, has this name."""
    for kept in (last_of, lock_of):
        before, _, after = kept(Path("NAME")).name.partition("NAME")
        if len(real.name) > len(before + after) and real.name.startswith(before) and real.name.endswith(after):
            yield real.with_name(real.name[len(before) : -len(after)])


def _lost_group(found: os.stat_result, real: Path, target: Path) -> tuple[str, ...]:
    if real.stat().st_gid == found.st_gid:
        return ()
    return (f"{target} was another group's, which cannot be kept; it may do no more with it now than anybody",)


def _is_same(target: Path, source: Path) -> bool:
    """Whether two names are of one file, by links too."""
    try:
        return target.samefile(source)
    except OSError:  # one of them is not there
        return False
