"""The first word of a command line -> the modules whose commands it may mean, imported.

A command imports its own module only; whoever asks for help, or mistypes, gets them all.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

COMMANDS = {  # by module, in the order in which help lists them
    "checks": ("check",),
    "courses": ("start", "assign", "delay", "hold", "fail", "transplant", "stop", "end"),
    "definitions": ("protocols", "show", "lint", "schema"),
    "doctor": ("doctor",),
    "doses": ("give", "dispense", "omit", "move", "adjust", "substitute", "measure"),
    "drugs": ("drugs",),
    "family": ("calendar",),
    "infusions": ("bags", "interrupt", "resume", "clear"),
    "links": ("link", "site"),
    "log": ("log",),
    "notes": ("note", "prior", "undo"),
    "issue": ("roadmap", "feed"),
    "issued": ("issued", "told"),
    "plans": ("plan", "diff", "why"),
    "publishing": ("publish",),
    "recounting": ("recount",),
    "records": ("new",),
    "reviewing": ("review", "sign", "compare"),
    "serving": ("serve",),
    "upgrading": ("upgrade",),
}
_VERSION = "--version"  # is told without any command


def import_commands(words: Sequence[str]) -> None:
    """Import what adds the commands that these words may mean."""
    first = words[0] if words else ""
    if first == _VERSION:
        return
    for module in [module for module, names in COMMANDS.items() if first in names] or COMMANDS:
        import_module(f"protocal.cli.{module}")
