"""Machines for the model: those of qemu/machines that state costs, and wide ones beyond what QEMU can run."""

from dataclasses import dataclass

from skerry.errors import UserError
from skerry.machine.costs import pair_costs
from skerry.machine.spec import load_machine
from skerry.workspace import Workspace

WIDE_SOCKET, WIDE_GROUP = 16, 8  # cores of a socket; sockets of a group
WIDE_LINES = (257, 295, 303)  # within a socket, a group, and beyond: as the 8x4 machine's, and a hop more


@dataclass(frozen=True)
class ModelMachine:
    """Sockets of equal size, and what a line costs between two of them."""

    name: str
    cores: int
    per_socket: int
    lines: tuple[tuple[int, ...], ...]

    @property
    def sockets(self) -> int:
        return len(self.lines)


@dataclass(frozen=True)
class ModelTree:
    """From core 0: each core's parent, and its place in the order of sending."""

    parent: tuple[int, ...]
    rank: tuple[int, ...]


def stated_machine(name: str, cores: int, workspace: Workspace) -> ModelMachine:
    """One of qemu/machines, or its first cores."""
    spec = load_machine(name, workspace.machines)
    if not spec.costs.by_distance:
        raise UserError(f"machine {name!r} states no costs by distance", "take numa-4x4 or numa-8x4")
    if not 1 <= cores <= spec.cores:
        raise UserError(f"machine {name!r} has {spec.cores} cores, not {cores}", "take fewer, or --machine wide")
    per_socket = spec.cores // spec.sockets
    sockets = -(-cores // per_socket)
    lines = [[spec.costs.line[10]] * sockets for _ in range(sockets)]
    for pair in pair_costs(spec, spec.cores):
        if max(pair.source, pair.target) < sockets * per_socket:
            lines[pair.source // per_socket][pair.target // per_socket] = pair.line
    return ModelMachine(name, cores, per_socket, tuple(map(tuple, lines)))


def wide_machine(cores: int) -> ModelMachine:
    """Sockets of 16 cores in groups of 8."""
    sockets = -(-cores // WIDE_SOCKET)

    def line(a: int, b: int) -> int:
        return WIDE_LINES[0 if a == b else 1 if a // WIDE_GROUP == b // WIDE_GROUP else 2]

    lines = tuple(tuple(line(a, b) for b in range(sockets)) for a in range(sockets))
    return ModelMachine("wide", cores, WIDE_SOCKET, lines)


def tree_from_0(machine: ModelMachine, farthest_first: bool) -> ModelTree:
    """A message to the first core of each socket, which passes it on within; where there are groups of sockets, by way
    of the first socket of each. Farthest first, or by number."""
    parent = []
    for core in range(machine.cores):
        socket, first = core // machine.per_socket, core % machine.per_socket == 0
        head = socket - socket % WIDE_GROUP if machine.sockets > WIDE_GROUP else 0
        if not first:
            parent.append(socket * machine.per_socket)
        else:
            parent.append(0 if socket == head else head * machine.per_socket)

    def far(core: int) -> tuple[int, int]:
        return (-machine.lines[parent[core] // machine.per_socket][core // machine.per_socket], core)

    def near(core: int) -> tuple[int, int]:
        return (0, core)

    order = sorted(range(machine.cores), key=far if farthest_first else near)
    rank = {core: place for place, core in enumerate(order)}
    return ModelTree(tuple(parent), tuple(rank[core] for core in range(machine.cores)))
