"""The command line: words typed by a person in, printed results and an exit status out.

The only place that prints, reads the clock or exits. Exit status: 0 fine, 1 an error in the user's files, 2 wrong use,
3 something is lacking on this machine.
"""

from __future__ import annotations

import gc
import os
import sys
from typing import NoReturn

from protocal.words.problems import LackingError, ProtocalError, UsageError


def main() -> NoReturn:
    """Run the command line and exit with its status.

    A command is short and what it makes lives to its end, so that the collector of cycles would only cost time.
    """
    gc.disable()
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # to look for them costs more than to read a record
    from protocal.cli import (  # noqa: F401 - importing them adds their commands
        checks,
        courses,
        definitions,
        doctor,
        doses,
        drugs,
        family,
        infusions,
        log,
        outputs,
        plans,
        records,
    )
    from protocal.cli.root import app

    try:
        app(prog_name="protocal")
        status = 0
    except ProtocalError as error:
        for problem in error.problems:
            print(problem, file=sys.stderr)  # noqa: T201 - the command line prints
        status = 1
    except UsageError as error:
        remedy = f"\n  {error.remedy}" if error.remedy else ""
        print(f"error: {error.message}{remedy}", file=sys.stderr)  # noqa: T201 - the command line prints
        status = 2
    except LackingError as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201 - the command line prints
        status = 3
    except BrokenPipeError:  # the reader of a pipe has gone, as in `protocal plan ... | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 0
    finally:
        gc.freeze()  # else the end of the process is one great collection
    sys.exit(status)
