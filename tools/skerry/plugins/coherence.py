"""Critical paths and cache lines moved, from the plugin coherence.c: its arguments and its report."""

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from skerry.machine.costs import pair_costs
from skerry.machine.hardware import Hardware
from skerry.plugins.library import HERE, library
from skerry.workspace import Workspace

SOURCES = tuple(HERE / name for name in ("coherence.c", "costs.c", "intervals.c", "line_set.c", "lines.c"))
REPORT = "coherence.txt"
MOST_CORES = 64
MEASURES = ("sum", "own", "cp0", "cp1", "moved", "moved_own", "code", "data")


@dataclass(frozen=True)
class Interval:
    """One interval that the guest marked: its group, the core that began it, and the measures by name."""

    group: int
    core: int
    values: Mapping[str, int]


class ReportError(Exception):
    """The plugin's report is missing or not whole."""


def unsupported(qemu: str, workspace: Workspace) -> str | None:
    """Why this QEMU cannot run the plugin, in a line; None when it can."""
    path = library("coherence", SOURCES, workspace)
    if path is None:
        return "the plugin cannot be compiled on this computer"
    argv = [qemu, "-M", "none", "-display", "none", "-nodefaults", "-plugin", f"{path},probe=on"]
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False)
    if "coherence: ready" in done.stderr:
        return None
    return f"this QEMU loads no TCG plugin ({(done.stderr.splitlines() or ['it says nothing'])[-1]})"


def plugin_argument(hardware: Hardware, workspace: Workspace) -> str:
    """What `-plugin` wants for a run on this machine, of a QEMU for which `unsupported` has no objection."""
    path = library("coherence", SOURCES, workspace)
    costs = workspace.build / "plugins" / f"costs-{hardware.spec.name}-{hardware.cores}.txt"
    rows = pair_costs(hardware.spec, hardware.cores)
    text = "".join(f"{row.source} {row.target} {row.line} {row.interrupt}\n" for row in rows)
    if not costs.exists() or costs.read_text() != text:
        costs.write_text(text)
    return f"{path},out={REPORT},costs={costs}"


def read_report(folder: Path) -> list[Interval]:
    """The intervals of a run that is over, in the order in which they ended."""
    try:
        lines = (folder / REPORT).read_text().splitlines()
    except FileNotFoundError:
        raise ReportError(f"{REPORT} is missing: the plugin did not come to its end") from None
    if not lines or lines[-1] != f"end {len(lines) - 1}":
        raise ReportError(f"{REPORT} is not whole")
    return [_interval(line.split()) for line in lines[:-1]]


def _interval(words: Sequence[str]) -> Interval:
    values = {name: int(value) for name, value in zip(words[3::2], words[4::2], strict=True)}
    if words[0] != "interval" or tuple(values) != MEASURES:
        raise ReportError(f"{REPORT}: a damaged line: {' '.join(words)}")
    return Interval(int(words[1]), int(words[2]), values)
