"""What the shell's commands print, read into Python."""

import re
from dataclasses import dataclass

CORE = re.compile(r"^ *(\d+) +(\d+|-) +(answering|not answering|not started|stopped|dead) *(\S.*?)?\s*$", re.MULTILINE)
# Another core's line may have begun in the same place: its text comes in pieces.
PAIR = re.compile(r"(\d+) <-> (\d+) +min (\d+) +median (\d+) +mean (\d+) +max (\d+) ticks")
SUM = re.compile(r"ping all: (\d+) of (\d+) pairs answered")


@dataclass(frozen=True)
class CoreLine:
    """A line of `cores`; `rest` is build id and uptime, or why it did not start."""

    core: int
    state: str
    rest: str

    @property
    def build(self) -> str:
        return self.rest.split()[0]


def plain(text: str) -> str:
    """Lines as the shell wrote them."""
    return text.replace("\r\n", "\n")


def core_lines(text: str) -> dict[int, CoreLine]:
    """The cores that `cores` listed."""
    found = (CoreLine(int(match[1]), match[3], match[4] or "") for match in CORE.finditer(plain(text)))
    return {line.core: line for line in found}


def answering(text: str) -> list[int]:
    """The cores that answered."""
    return [line.core for line in core_lines(text).values() if line.state == "answering"]


def pairs(text: str) -> dict[tuple[int, int], int]:
    """Pairs that answered a ping, with the median of their round trips."""
    return {(int(match[1]), int(match[2])): int(match[4]) for match in PAIR.finditer(plain(text))}


def all_answered(text: str) -> bool:
    """Whether `ping all` says that every pair answered."""
    match = SUM.search(text)
    return match is not None and match[1] == match[2] and int(match[1]) == len(pairs(text))
