"""What is wrong, and where: a place and a sentence -> a `Problem` value."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from protocal.model.frozen import frozen
from protocal.text.invisible import visible

_LONGEST = 600
_END = 200


class Severity(str, Enum):
    """How much a problem matters: an error stops the work, a warning is printed with it."""

    ERROR = "error"
    WARNING = "warning"


class Origin(str, Enum):
    """What somebody wrote: a file, or an option or an argument of a command."""

    FILE = "file"
    OPTION = "option"
    ARGUMENT = "argument"


@frozen
class Where:
    """A place in a user's file; line and column count from 1, and 0 stands for the file as a whole.

    What was typed has its option or its argument, as it is named, in the place of a file.
    """

    file: str
    line: int = 0
    column: int = 0
    origin: Origin = Origin.FILE

    @classmethod
    def at_option(cls, name: str) -> Where:
        """The place of what was typed at an option, by its name without hyphens."""
        return cls(f"--{name}", origin=Origin.OPTION)

    @classmethod
    def at_argument(cls, name: str) -> Where:
        """The place of an argument, by its name, or of a command's words as a whole."""
        return cls(name, origin=Origin.ARGUMENT)

    @property
    def is_typed(self) -> bool:
        """Whether it is a place on the command line."""
        return self.origin is not Origin.FILE

    def __str__(self) -> str:
        file = visible(self.file)
        return f"{file}:{self.line}:{self.column}" if self.line else file


@frozen
class Problem:
    """A mistake in a user's file or wish, with its place and what to do about it.

    Attributes:
        source: where the safety rule comes from that found it; empty for a mistake in what was written.
    """

    code: str
    message: str
    where: Where | None = None
    remedy: str = ""
    severity: Severity = Severity.ERROR
    source: str = ""

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        remedy = f"\n  {one_line(self.remedy)}" if self.remedy else ""
        return f"{place}{self.severity.value}: {one_line(self.message)} [{self.code}]{remedy}"


def one_line(text: str) -> str:
    """Text that may quote a file or bear its name, safe for a terminal: in one line, all of it visible, not too long.

    The end stays, for it says what is wrong with a long value.
    """
    line = visible(text)
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - _END]}…{line[-_END:]}"


def has_errors(problems: Iterable[Problem]) -> bool:
    """Whether any of the problems stops the work."""
    return any(problem.severity is Severity.ERROR for problem in problems)


class ProtocalError(Exception):
    """Raised when work cannot go on because of mistakes in the user's files; carries all of them."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class UsageError(Exception):
    """Raised when a command was used wrongly: an unknown course, `--from` after `--to`; exit status 2.

    As a text it is a line, a line with the remedy, and the same for each of the others.
    """

    def __init__(self, message: str, remedy: str = "", others: Iterable[UsageError] = ()) -> None:
        self.message = message
        self.remedy = remedy
        self.others = tuple(others)
        super().__init__(message)

    def __str__(self) -> str:
        remedy = f"\n  {one_line(self.remedy)}" if self.remedy else ""
        return f"{one_line(self.message)}{remedy}" + "".join(f"\nerror: {other}" for other in self.others)

    @classmethod
    def at_options(cls, problems: Iterable[Problem]) -> UsageError:
        """What is wrong with the options of a command; an option may be used in several places, but is told once."""
        once = {(problem.where, problem.message): problem for problem in problems}.values()
        first, *others = (cls(f"{each.where}: {each.message}", each.remedy) for each in once)
        return cls(first.message, first.remedy, others)


class LackingError(Exception):
    """Raised when this machine lacks something that the work needs; exit status 3."""
