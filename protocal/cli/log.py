"""The command that prints a record's log: `log`."""

from __future__ import annotations

from protocal.cli.options import RecordFile, echo, warn
from protocal.cli.root import app
from protocal.model.problems import ProtocalError


@app.command("log")
def show_log(file: RecordFile) -> None:
    """Print the log, line by line, with what no longer counts.

    Example: `protocal log p001.yaml`
    """
    from protocal.read.record.read import read_record
    from protocal.render.terminal.log import log_text

    record, problems = read_record(file)
    if record is None:
        raise ProtocalError(problems)
    echo(log_text(record))
    warn(problems)
