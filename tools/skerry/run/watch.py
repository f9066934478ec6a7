"""Panics and stopped domains, noticed while the machine runs.

A record is handed on once it is complete, or when nothing has been added to it for a moment: a core that dies
again while writing one must not hide the first half.
"""

import time
from collections.abc import Collection, Mapping

from skerry.console.faults import DomainFault, domain_fault
from skerry.console.lines import core_up, parse_line, parse_log
from skerry.console.panic import Panic, find_panics

PATIENCE = 1.0  # seconds that an unfinished record may stay unfinished


class PanicWatch:
    """Reads the cores' logs as they grow."""

    def __init__(self, cores: int) -> None:
        self.seen: list[Panic] = []
        self._reported = [0] * cores
        self._suspects: dict[int, float] = {}

    def feed(self, core: int, new: str, text: str) -> None:
        """Take note of a core's new text; `text` is all of its log."""
        if core in self._suspects or "PANIC" in text[-len(new) - 8 :]:
            self._suspects[core] = time.monotonic()

    def ready(self, logs: Mapping[int, str], now: float | None = None) -> list[Panic]:
        """Records that can be shown; each is returned once. With `now` = infinity, all that there are."""
        found = []
        for core, since in list(self._suspects.items()):
            records = find_panics(logs[core])[self._reported[core] :]
            late = (time.monotonic() if now is None else now) - since > PATIENCE
            shown = records if late else [record for record in records if record.complete]
            found += shown
            self._reported[core] += len(shown)
            if len(shown) == len(records):
                del self._suspects[core]
        self.seen += found
        return found


class FaultWatch:
    """Domains that were stopped, line by line as the logs grow."""

    def __init__(self) -> None:
        self._rest: dict[int, str] = {}

    def feed(self, core: int, new: str) -> list[DomainFault]:
        """Reports in a core's new text; an unfinished line is kept."""
        *lines, self._rest[core] = (self._rest.get(core, "") + new).split("\n")
        return [fault for line in lines if (fault := domain_fault(core, parse_line(line).text))]


def stale_core(logs: Mapping[int, str], builds: Mapping[int, str], spares: Collection[str] = ()) -> str | None:
    """A core that reported another build id than its images here have: proof of a stale image."""
    for core, text in logs.items():
        for up in filter(None, map(core_up, parse_log(text))):
            if up.core in builds and up.build != builds[up.core] and up.build not in spares:
                return f"core {core} runs build {up.build[:12]}, not this build's {builds[up.core][:12]}"
    return None
