"""Panic records of a CPU driver.

A record may begin in the middle of a line (the core, or its monitor, was writing one), may be cut short (the core
died a second time while writing it), and may be read while it is still growing. So the reader looks for its words
wherever they stand, and says by `complete` whether the record's end was there.
"""

import re
from dataclasses import dataclass, field

_HEAD = re.compile(r"PANIC core=(\d+) kind=(\w+) build=([0-9a-f]*): ?([^\r\n]*)")
_PAIR = re.compile(r"\b([a-z][a-z0-9]*)=(0x[0-9a-f]+|\S+)")
_ADDRESS = re.compile(r"0x[0-9a-f]+")
_WORDS = ("PANIC-REG ", "PANIC-BT", "PANIC-DISPATCHER ", "PANIC-END")
PRACTICE = "practice"


@dataclass(frozen=True)
class Panic:
    """One record."""

    core: int
    kind: str
    build: str
    message: str
    registers: dict[str, int] = field(default_factory=dict)
    backtrace: tuple[int, ...] = ()
    dispatcher: dict[str, str] = field(default_factory=dict)
    complete: bool = False

    @property
    def practice(self) -> bool:
        """Asked for by the shell's `panic` command, so no failure of the run."""
        return self.kind == PRACTICE

    @property
    def rip(self) -> int | None:
        return self.registers.get("rip")


def _tails(body: str, word: str) -> list[str]:
    """What follows `word` on each line that has it."""
    return [line.split(word, 1)[1] for line in body.splitlines() if word in line]


def _number(text: str) -> int:
    try:
        return int(text, 0)
    except ValueError:
        return 0


def _record(head: re.Match[str], body: str) -> Panic:
    body, end, _ = body.partition("PANIC-END")
    registers = {name: _number(value) for tail in _tails(body, "PANIC-REG ") for name, value in _PAIR.findall(tail)}
    backtrace = [int(word, 16) for tail in _tails(body, "PANIC-BT") for word in _ADDRESS.findall(tail)]
    dispatcher = {name: value for tail in _tails(body, "PANIC-DISPATCHER ") for name, value in _PAIR.findall(tail)}
    return Panic(
        core=int(head[1]),
        kind=head[2],
        build=head[3],
        message=head[4].strip(),
        registers=registers,
        backtrace=tuple(backtrace),
        dispatcher=dispatcher,
        complete=bool(end),
    )


def find_panics(text: str) -> list[Panic]:
    """All records in a core's log, in order."""
    heads = list(_HEAD.finditer(text))
    ends = [*(head.start() for head in heads), len(text)][1:]
    return [_record(head, text[head.end() : end]) for head, end in zip(heads, ends, strict=True)]


def is_record_line(line: str) -> bool:
    """Whether a line belongs to a record, so that a reader of the log need not see it twice."""
    return _HEAD.search(line) is not None or any(word in line for word in _WORDS)
