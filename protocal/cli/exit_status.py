"""Words typed by a person -> a command that is run, and its exit status, whatever becomes of it.

0 fine, 1 an error in the user's files, 2 wrong use, 3 something is lacking on this machine; and what no command
foresees: 70 a fault of protocal itself, 74 output that cannot be written, 130 interrupted with Ctrl-C.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

# Everything else is imported where Ctrl-C is already waited for.

_DEBUG = "--debug"
FINE, WRONG_FILE, WRONG_USE, LACKING = range(4)
FAULT, UNWRITTEN, INTERRUPTED = 70, 74, 130  # the first two as in sysexits.h, the last as a shell has it


def main() -> NoReturn:
    """Run the command line and exit with its status.

    A command is short and what it makes lives to its end, so that the collector of cycles would only cost time.
    """
    gc.disable()
    try:
        status = _run(sys.argv[1:])
    except KeyboardInterrupt:
        status = INTERRUPTED
        _say("interrupted; what had been written by then is whole")
    finally:
        gc.freeze()  # else the end of the process is one great collection
    sys.exit(status)


def _run(words: Sequence[str]) -> int:
    """The status of a command, whatever becomes of it."""
    from protocal.cli.streams import (
        InterruptedByUserError,
        OutputError,
        ReaderGoneError,
        drop_output,
        take_streams,
    )

    options = words[: words.index("--")] if "--" in words else words
    debug = _DEBUG in options
    if debug:
        words = [word for index, word in enumerate(words) if index >= len(options) or word != _DEBUG]
    take_streams()
    try:
        status = _command(words)
        sys.stdout.flush()  # what cannot be written is told now, and not by the end of the process
    except ReaderGoneError:  # as in `protocal plan ... | head`
        drop_output()
        return FINE
    except OutputError as error:
        _tell(
            f"error: {error}\n"
            "  A file that it writes may be written all the same: look at it before you run the command again."
        )
        drop_output()
        return UNWRITTEN
    except InterruptedByUserError:
        raise KeyboardInterrupt from None
    except Exception as error:  # noqa: BLE001 - the one place that catches what nobody foresaw
        _tell(_fault(error, with_trace=debug))
        return FAULT
    return status


def _command(words: Sequence[str]) -> int:
    """Run one command; its own exceptions as what they say and their status."""
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # to look for them costs more than to read a record
    from protocal.cli.commands import import_commands
    from protocal.cli.root import app
    from protocal.model.problems import LackingError, ProtocalError, UsageError

    import_commands(words)
    try:
        app(args=words, prog_name="protocal")
    except SystemExit as stopped:  # the library's own way to end: help, or an option that it refuses
        return stopped.code if isinstance(stopped.code, int) else FINE
    except ProtocalError as error:
        for problem in error.problems:
            _say(str(problem))
        return WRONG_FILE
    except UsageError as error:
        _say(f"error: {error}")
        return WRONG_USE
    except LackingError as error:
        _say(f"error: {error}")
        return LACKING
    return FINE


def _fault(error: Exception, *, with_trace: bool) -> str:
    """What nobody foresaw, in one line; with the trace if it was asked for."""
    import traceback
    from pathlib import Path

    from protocal.model.problems import one_line

    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    what = one_line(f"{type(error).__name__}{place}: {error}")[:300]
    line = (
        f"error: this is a fault of protocal, not yours ({what}); report it to those you have protocal from, with what"
        f" you typed and what {_DEBUG} adds"
    )
    return "".join([*traceback.format_exception(error), line]) if with_trace else line


def _say(text: str) -> None:
    print(text, file=sys.stderr)  # noqa: T201 - the command line prints


def _tell(text: str) -> None:
    """Say the last thing that there is to say, if anybody can hear it."""
    from contextlib import suppress

    from protocal.cli.streams import OutputError, ReaderGoneError

    with suppress(OutputError, ReaderGoneError, OSError):
        _say(text)
