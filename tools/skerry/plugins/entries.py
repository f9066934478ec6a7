"""The longest time, in instructions, that a CPU driver was away from user space, measured in tests' machines."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from skerry.workspace import Workspace

SOURCE = Path(__file__).with_name("entries.c")
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
    """What `-plugin` wants, compiled if the source is newer; None where it cannot be compiled."""
    library = workspace.build / "plugins" / "entries.so"
    if not library.exists() or library.stat().st_mtime < SOURCE.stat().st_mtime:
        library.parent.mkdir(parents=True, exist_ok=True)
        new = library.with_suffix(f".{id(library)}.new")
        argv = [sys.executable, "-m", "ziglang", "cc", "-O2", "-shared", "-fPIC", "-o", str(new), str(SOURCE)]
        if subprocess.run(argv, capture_output=True, check=False).returncode != 0:
            return None
        new.replace(library)
    return f"{library},out={REPORT}"


def longest_entry(runs: Path, since: float) -> Longest | None:
    """The longest of all runs that ended after `since` (seconds since the epoch)."""
    reports = [path for path in runs.glob(f"*/{REPORT}") if path.stat().st_mtime >= since]
    found = [entry for path in reports for entry in _read(path)]
    return max(found, key=lambda entry: entry.instructions, default=None)


def _read(path: Path) -> list[Longest]:
    rows = (line.split() for line in path.read_text().splitlines())
    return [Longest(int(row[1]), int(row[0]), path.parent.name) for row in rows if len(row) == 3]
