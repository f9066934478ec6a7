"""One run of the model: a machine, a protocol, a topology."""

from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from pathlib import Path

from skerry.model.machines import ModelMachine, tree_from_0
from skerry.testing.host_program import HostProgram, Recipe, build

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
MOST_CORES = 1024
MESSAGE = 12  # instructions of a send, and of a receive: half of the paper's ring, as in the machines' costs


class Topology(IntEnum):
    """As in agree_tree.h."""

    UNICAST = 0
    BROADCAST = 1
    MULTICAST = 2
    NUMA = 3


@dataclass(frozen=True)
class Outcome:
    """Ticks until the last of the transactions was done, messages, and ticks of all cores."""

    machine: str
    cores: int
    phases: int
    topology: Topology
    in_flight: int
    critical_path: int
    messages: int
    busy: int

    @property
    def each(self) -> float:
        """Ticks a transaction."""
        return self.critical_path / self.in_flight


@cache
def _program() -> HostProgram:
    engine = ROOT / "userland/lib/agree"
    sources = (
        HERE / "model.c",
        *(engine / f"{name}.c" for name in ("coordinator", "message", "participant", "receive", "recovery")),
    )
    flags = (f"-DAGREE_CORES={MOST_CORES}", "-DAGREE_BATCH=1", "-DAGREE_WINDOW=17")
    include = (ROOT / "userland/lib/include", engine)
    recipe = Recipe(ROOT, "agree-model", (*sources, engine / "tree.c"), include, flags=flags, sanitized=False)
    return HostProgram(build(recipe))


def run(machine: ModelMachine, phases: int, topology: Topology, in_flight: int = 1) -> Outcome:
    """`in_flight` transactions begun at once by core 0, which concern every core."""
    tree = tree_from_0(machine, farthest_first=topology is Topology.NUMA)
    head = [machine.cores, machine.per_socket, phases, topology, in_flight, MESSAGE, MESSAGE]
    lines = [line for row in machine.lines for line in row]
    path, messages, busy, committed = _program().ask(*head, *lines, *tree.parent, *tree.rank)
    if committed != in_flight:
        raise RuntimeError(f"{in_flight - committed} of {in_flight} transactions were not committed")
    return Outcome(machine.name, machine.cores, phases, topology, in_flight, path, messages, busy)
