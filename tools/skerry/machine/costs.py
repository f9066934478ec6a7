"""What a cache line or an interrupt costs between two cores of a machine, for the model of plugins/coherence.c.

A machine file may state them by NUMA distance (`[costs]`: `line`, `interrupt`); without, every pair costs the same.
Distances need not be symmetric, so neither need the costs.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

LOCAL_DISTANCE = 10


@dataclass(frozen=True)
class Costs:
    """Ticks by distance. Distances that a machine has must all be named; a machine without distances has only 10.

    The defaults are those that the peers' published figures were taken with.
    """

    doc: str = "100 ticks a cache line, 500 an interrupt, between any two cores"
    line: Mapping[int, int] = field(default_factory=lambda: {LOCAL_DISTANCE: 100})
    interrupt: Mapping[int, int] = field(default_factory=lambda: {LOCAL_DISTANCE: 500})
    by_distance: bool = False


@dataclass(frozen=True)
class PairCost:
    """From core `source` to core `target`."""

    source: int
    target: int
    line: int
    interrupt: int


class _Sockets(Protocol):
    """What is needed of a MachineSpec."""

    @property
    def sockets(self) -> int: ...
    @property
    def socket_cores(self) -> int | None: ...
    @property
    def distances(self) -> tuple[tuple[int, ...], ...]: ...
    @property
    def costs(self) -> Costs: ...


def pair_costs(spec: _Sockets, cores: int) -> Iterator[PairCost]:
    """Every ordered pair of different cores."""
    per_socket = spec.socket_cores or cores // spec.sockets
    for source in range(cores):
        for target in range(cores):
            if source != target:
                distance = _distance(spec, source // per_socket, target // per_socket)
                yield PairCost(source, target, spec.costs.line[distance], spec.costs.interrupt[distance])


def _distance(spec: _Sockets, source: int, target: int) -> int:
    if not spec.costs.by_distance or not spec.distances:
        return LOCAL_DISTANCE
    return spec.distances[source][target]
