"""Lines of a core's log: `[    0.123456] text`, seconds since core 0 began."""

import re
from dataclasses import dataclass

_STAMPED = re.compile(r"\[\s*(\d+)\.(\d{6})\] (.*)")
_UP = re.compile(r"cpu: core (\d+) up, apic (\d+), build ([0-9a-f]{40})\b")


@dataclass(frozen=True)
class LogLine:
    """One line; `stamp` is in microseconds, None for text that has none (the loader's)."""

    stamp: int | None
    text: str


@dataclass(frozen=True)
class CoreUp:
    """A CPU driver's first line."""

    core: int
    apic: int
    build: str


def parse_line(line: str) -> LogLine:
    """Split the stamp off a line."""
    match = _STAMPED.fullmatch(line.rstrip("\r"))
    if match is None:
        return LogLine(None, line.rstrip("\r"))
    return LogLine(int(match[1]) * 1_000_000 + int(match[2]), match[3])


def parse_log(text: str) -> list[LogLine]:
    """All whole lines of a log."""
    return [parse_line(line) for line in text.split("\n") if line]


def core_up(line: LogLine) -> CoreUp | None:
    """The report of a CPU driver that has come up, if this is one."""
    match = _UP.match(line.text)
    return CoreUp(int(match[1]), int(match[2]), match[3]) if match else None


def loader_complaint(text: str) -> str | None:
    """The last thing that the loader said, if it was the last to say anything on this port."""
    lines = [line for line in text.replace("\r", "").split("\n") if line]
    if not lines or not lines[-1].startswith("loader: "):
        return None
    return lines[-1].removeprefix("loader: ")
