"""All cores' logs in order of time.

Stamps are of one clock (the TSC, from core 0's start), so lines are merged by stamp; a line without one stays
behind the line before it on its own core.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from heapq import merge

from skerry.console.lines import LogLine, parse_log


@dataclass(frozen=True)
class MergedLine:
    core: int
    line: LogLine


def _ordered(core: int, text: str) -> list[tuple[int, int, int, MergedLine]]:
    """Lines of a core with a sort key: its latest stamp so far, the core, the line's number."""
    stamp, keyed = 0, []
    for number, line in enumerate(parse_log(text)):
        stamp = max(stamp, line.stamp or 0)
        keyed.append((stamp, core, number, MergedLine(core, line)))
    return keyed


def merge_logs(logs: Mapping[int, str]) -> list[MergedLine]:
    """Every line of every core's log, oldest first."""
    return [entry[3] for entry in merge(*(_ordered(core, text) for core, text in logs.items()))]


def merged_text(line: MergedLine, width: int = 3) -> str:
    """One line of merged.log."""
    stamp = line.line.stamp
    clock = " " * 14 if stamp is None else f"[{stamp // 1_000_000:5}.{stamp % 1_000_000:06}]"
    return f"{clock} {line.core:>{width}} | {line.line.text}"
