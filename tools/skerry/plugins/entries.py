"""The longest time, in instructions, that a CPU driver was away from user space, measured in tests' machines."""

from dataclasses import dataclass
from pathlib import Path

from skerry.plugins.library import HERE, library
from skerry.workspace import Workspace

SOURCE = HERE / "entries.c"
REPORT = "entries.txt"


@dataclass(frozen=True)
class Longest:
    """One core's longest entry, and the run in whose folder it was found."""

    instructions: int
    core: int
    run: str

    def __str__(self) -> str:
        return f"{self.instructions:,} instructions, on core {self.core} in {self.run}"


def plugin_argument(workspace: Workspace) -> str | None:
    """What `-plugin` wants, None where it cannot be compiled."""
    path = library("entries", (SOURCE,), workspace)
    return f"{path},out={REPORT}" if path is not None else None


def longest_entry(runs: Path, since: float) -> Longest | None:
    """The longest of all runs that ended after `since` (seconds since the epoch)."""
    reports = [path for path in runs.glob(f"*/{REPORT}") if path.stat().st_mtime >= since]
    found = [entry for path in reports for entry in _read(path)]
    return max(found, key=lambda entry: entry.instructions, default=None)


def _read(path: Path) -> list[Longest]:
    rows = (line.split() for line in path.read_text().splitlines())
    return [Longest(int(row[1]), int(row[0]), path.parent.name) for row in rows if len(row) == 3]
