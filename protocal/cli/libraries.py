"""The installed protocal's own metadata -> each library that it declares, held against its range.

The ranges are read from the metadata, where `pyproject.toml` has put them. Each library is imported, too: that it is
there does not say that it works.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import PackageNotFoundError, requires, version
from typing import TYPE_CHECKING

from protocal.model.frozen import frozen

if TYPE_CHECKING:
    from packaging.specifiers import SpecifierSet

_MODULES = {  # elsewhere the name of the library
    "fonttools": "fontTools.ttLib",
    "python-dateutil": "dateutil.relativedelta",
    "pyyaml": "yaml",
}
_PRESSED = ("weasyprint", "pypdfium2")  # which the page that is printed tries, more slowly and more thoroughly
_EXTRA = re.compile(r"""extra == ['"]([^'"]+)['"]""")


@frozen
class Declared:
    """A library that protocal declares.

    Attributes:
        name: as `pip` knows it.
        wanted: what `pip install` takes to get a version that will do.
        found: the version that is here, if it will do; empty if not.
        lack: what is wrong with the one that is here; empty if none is.
        extra: the extra of protocal's that wants it; empty if protocal does.
    """

    name: str
    wanted: str
    found: str = ""
    lack: str = ""
    extra: str = ""


def declared(distribution: str = "protocal") -> Iterator[Declared]:
    """Every library of this machine's protocal. Raises ImportError where they cannot be told."""
    from packaging.requirements import Requirement

    try:
        lines = requires(distribution) or ()
    except PackageNotFoundError as error:
        raise ImportError(f"{distribution} is not installed") from error
    for line in lines:
        requirement = Requirement(line)
        extra = found[1] if (found := _EXTRA.search(line)) else ""
        if not requirement.marker or requirement.marker.evaluate({"extra": extra}):  # else for other machines
            yield _looked_for(requirement.name, requirement.specifier, extra)


def _looked_for(name: str, range_: SpecifierSet, extra: str) -> Declared:
    wanted = f"'{name}{range_}'"
    try:
        here = version(name)
    except PackageNotFoundError:
        return Declared(name, wanted, extra=extra)
    if not range_.contains(here, prereleases=True):
        return Declared(name, wanted, lack=f"{here} is here, {range_} is needed", extra=extra)
    if lack := broken(name):
        return Declared(name, f"--force-reinstall {wanted}", lack=lack, extra=extra)
    return Declared(name, wanted, here, extra=extra)


def broken(name: str) -> str:
    """Why a library cannot be imported; empty if it can."""
    if name in _PRESSED:
        return ""
    try:
        import_module(_MODULES.get(name, name))
    except Exception as error:  # noqa: BLE001 - whatever a broken library raises
        return reason(error)
    return ""


def reason(error: Exception) -> str:
    """An error in one line."""
    return str(error).partition("\n")[0] or type(error).__name__
