"""What went wrong while nobody sits at a terminal -> words for a log, without anything that a file or a request says.

A message may quote a record, and a request bears a reader's address: neither belongs in a log.
"""

from __future__ import annotations

import traceback
from pathlib import Path

from protocal.model.problems import LackingError, ProtocalError, Severity, UsageError

_MOST = 5


def what_failed(error: Exception) -> str:
    """An exception in a few words: the codes of what is wrong with a file, or where our own code failed."""
    if isinstance(error, ProtocalError):
        found = [each.code for each in error.problems if each.severity is Severity.ERROR]
        codes = list(dict.fromkeys(found))
        return ", ".join([*codes[:_MOST], *(["…"] if len(codes) > _MOST else [])]) or "an error without a code"
    if isinstance(error, LackingError):  # speaks of the machine alone
        return str(error).partition("\n")[0]
    if isinstance(error, UsageError):
        return "something that it names is not there or not usable"
    if isinstance(error, OSError):
        return why_unreadable(error)
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"a fault of protocal itself, {type(error).__name__}{place}"


def why_unreadable(error: OSError) -> str:
    """The system's own words, without the name of the file."""
    return error.strerror or type(error).__name__
