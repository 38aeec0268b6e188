"""The command line: words typed by a person -> printed results and an exit status (`exit_status.py`)."""

from protocal.cli.exit_status import main

__all__ = ["main"]
