"""A protocol's name, version or path -> the folder of its definition."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from protocal import resources
from protocal.model.problems import UsageError
from protocal.model.protocol import by_version
from protocal.read.definition.build import PROTOCOL_FILE
from protocal.text.suggest import did_you_mean, nearest


def shelves(extra: Sequence[Path] = ()) -> tuple[Path, ...]:
    """The folders in which protocols are looked for, each `SHELF/PROTOCOL/VERSION/protocol.yaml`.

    Raises UsageError for a folder that is not there.
    """
    check_shelves(extra)
    return (*extra, resources.folder("schedules"))


def check_shelves(folders: Sequence[Path]) -> None:
    """Raise UsageError for a folder that is not there."""
    for folder in folders:
        if not folder.is_dir():
            raise UsageError(
                f"there is no folder {folder} to look for protocols in", "Correct --schedules, or PROTOCAL_SCHEDULES."
            )


def protocols_on(shelf: Path) -> Iterator[tuple[str, tuple[Path, ...]]]:
    """Each protocol of a shelf with the folders of its versions, oldest first."""
    for folder in sorted(shelf.iterdir()) if shelf.is_dir() else ():
        versions = versions_in(folder)
        if versions:
            yield folder.name, versions


def versions_in(folder: Path) -> tuple[Path, ...]:
    """The folders of a protocol's versions, oldest first: `0.9` before `0.10`."""
    found = [file.parent for file in folder.glob(f"*/{PROTOCOL_FILE}")] if folder.is_dir() else []
    return tuple(sorted(found, key=_in_order))


def _in_order(folder: Path) -> list[tuple[int, str]]:
    return by_version(folder.name)


def find_definition(name: str, version: str = "", extra: Sequence[Path] = ()) -> Path:
    """The folder of a definition, by a path to it or by the protocol's id; the newest version if none is named.

    What comes with protocal and what stands on shelves is found together. Raises UsageError if there is none.
    """
    path = Path(name)
    if here := _folders_at(path):
        return here[0] if here[0] in (path, path.parent) else _version(here, name, version)
    known: dict[str, dict[str, Path]] = {}
    for shelf in shelves(extra):
        for protocol, folders in protocols_on(shelf):
            versions = known.setdefault(protocol.casefold(), {})
            for folder in folders:
                versions.setdefault(folder.name, folder)  # a site's own comes before ours of the same version
    if versions := known.get(name.casefold(), {}):
        return _version(sorted(versions.values(), key=_in_order), name, version)
    path_too = "" if nearest(name, known) else " Or give a path to a folder."
    raise UsageError(f"no protocol is called '{name}'", did_you_mean(name, known) + path_too)


def _folders_at(path: Path) -> tuple[Path, ...]:
    """The definitions that a path means: one that it is, or the versions in it; none if it is no such path."""
    with suppress(OSError):  # a name that no file can have
        if (path / PROTOCOL_FILE).is_file():
            return (path,)
        if path.name == PROTOCOL_FILE and path.is_file():
            return (path.parent,)
        return versions_in(path)
    return ()


def _version(folders: Sequence[Path], name: str, version: str) -> Path:
    if not version:
        return folders[-1]
    for folder in folders:
        if folder.name == version:
            return folder
    have = ", ".join(folder.name for folder in folders)
    raise UsageError(f"protocol '{name}' has no version '{version}'", f"It has {have}.")


def is_path(name: str) -> bool:
    """Whether a name is the path of a definition, and not a protocol's id."""
    return bool(_folders_at(Path(name)))


def definitions_of(name: str, extra: Sequence[Path] = ()) -> tuple[Path, ...]:
    """Every definition folder that a path or an id means.

    All those on a shelf, all versions of a protocol, or the one that a file is in.

    Raises UsageError if there is none.
    """
    path = Path(name)
    if here := _folders_at(path):
        return here
    with suppress(OSError):  # a name that no file can have
        if on_shelf := tuple(folder for _protocol, folders in protocols_on(path) for folder in folders):
            return on_shelf
    with suppress(OSError):  # a name that no file can have
        if path.is_file():
            for folder in path.resolve().parents:
                if (folder / PROTOCOL_FILE).is_file():
                    return (Path(os.path.relpath(folder)),)
            raise UsageError(f"{name} is not part of a definition", f"Its folder has no {PROTOCOL_FILE}.")
    return (find_definition(name, "", extra),)
