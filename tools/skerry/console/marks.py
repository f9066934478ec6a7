"""The `@@` marks that the shell puts around the commands of --run.

Each mark carries the run id, so that no program's output can be taken for one by accident, nor an old image's
for this build's. The reader is fed COM1's bytes as they come, and hands on events: a command began, some of its
output, it ended, all are done.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Begin:
    number: int
    command: str


@dataclass(frozen=True)
class Output:
    text: str


@dataclass(frozen=True)
class End:
    number: int
    status: int


@dataclass(frozen=True)
class Done:
    status: int


Mark = Begin | Output | End | Done


class MarkReader:
    """Turns COM1's text into marks; output is handed on line by line."""

    def __init__(self, run_id: str) -> None:
        self._mark = re.compile(
            rf"@@ {re.escape(run_id)} (?:begin (\d+) (.*)|end (\d+) status (\d+)|done status (\d+))"
        )
        self._rest = ""

    def feed(self, text: str) -> list[Mark]:
        """Events in the text that has come; an unfinished line is kept for the next call."""
        *lines, self._rest = (self._rest + text).split("\n")
        found: list[Mark] = []
        for line in lines:
            found += self._line(line.rstrip("\r"))
        return found

    def rest(self) -> str:
        """What stood after the last line's end."""
        rest, self._rest = self._rest, ""
        return rest

    def _line(self, line: str) -> list[Mark]:
        match = self._mark.search(line)
        if match is None:
            return [Output(line)]
        # A command that ends its output in mid-line leaves the mark behind it.
        before: list[Mark] = [Output(line[: match.start()])] if match.start() else []
        if match[1] is not None:
            return [*before, Begin(int(match[1]), match[2])]
        if match[3] is not None:
            return [*before, End(int(match[3]), int(match[4]))]
        return [*before, Done(int(match[5]))]


@dataclass(frozen=True)
class Progress:
    """How far the commands have come."""

    begun: tuple[str, ...] = ()
    statuses: tuple[int, ...] = ()
    done: int | None = None

    def after(self, mark: Mark) -> "Progress":
        """The progress once `mark` was seen."""
        match mark:
            case Begin(_, command):
                return Progress((*self.begun, command), self.statuses, self.done)
            case End(_, status):
                return Progress(self.begun, (*self.statuses, status), self.done)
            case Done(status):
                return Progress(self.begun, self.statuses, status)
            case _:
                return self

    @property
    def running(self) -> str | None:
        """The command that began and has not ended."""
        return self.begun[-1] if len(self.begun) > len(self.statuses) else None


def encode_commands(commands: str) -> str:
    """--run's commands as one word of the kernel command line: percent-encoded but for letters and digits."""
    plain = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./,:+;")
    return "".join(chr(byte) if byte in plain else f"%{byte:02x}" for byte in commands.encode())
