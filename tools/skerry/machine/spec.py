"""Machine descriptions: qemu/machines/NAME.toml as a frozen dataclass.

A description is data that people edit, so every mistake in one is answered with the file, the key, and what is
allowed there. What a single run changes (--smp, --mem, --accel) is not here but in hardware.py.
"""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from skerry.errors import UserError
from skerry.machine.costs import LOCAL_DISTANCE, Costs

MAX_CORES = 255  # xAPIC ids; FACTS of QEMU 7.2: no x2APIC under TCG
FIRMWARES = ("qboot", "seabios")


@dataclass(frozen=True)
class Timeouts:
    """Seconds, on an idle host with few cores; hardware.py scales them."""

    run: int = 120
    stall: int = 20


@dataclass(frozen=True)
class MachineSpec:
    """One file of qemu/machines."""

    name: str
    doc: str
    cores: int
    sockets: int = 1
    socket_cores: int | None = None  # room of a socket, where the last one is not full
    distances: tuple[tuple[int, ...], ...] = ()
    memory: int | None = None
    cpu: str = "max,la57=off"
    firmware: str = "qboot"
    devices: tuple[str, ...] = ()
    timeouts: Timeouts = Timeouts()
    costs: Costs = field(default_factory=Costs)

    def holds(self, cores: int) -> bool:
        """Whether this many cores fill all sockets, or with `socket_cores` all but the last."""
        if self.socket_cores is None:
            return cores % self.sockets == 0
        return (self.sockets - 1) * self.socket_cores < cores <= self.sockets * self.socket_cores


class _Table:
    """A TOML table that is emptied key by key; what is left over at the end was not known to us."""

    def __init__(self, file: Path, prefix: str, values: dict[str, object]) -> None:
        self.file, self.prefix, self.values = file, prefix, dict(values)

    def refuse(self, key: str, why: str) -> UserError:
        return UserError(f"{self.file}: {self.prefix}{key}: {why}", "correct that key (qemu/README.md lists them)")

    def text(self, key: str, default: str | None = None) -> str:
        value = self.values.pop(key, default)
        if not isinstance(value, str) or not value:
            raise self.refuse(key, "wants a text" if value is not None else "is missing")
        return value

    def number(self, key: str, default: int | None, low: int, high: int) -> int:
        value = self.values.pop(key, default)
        if value is None:
            raise self.refuse(key, "is missing")
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise self.refuse(key, f"wants a whole number from {low} to {high}, not {value!r}")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        value = self.values.pop(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.refuse(key, "wants a list of texts")
        return tuple(value)

    def table(self, key: str) -> "_Table":
        value = self.values.pop(key, {})
        if not isinstance(value, dict):
            raise self.refuse(key, "wants a table")
        return _Table(self.file, f"{self.prefix}{key}.", value)

    def end(self) -> None:
        for key in self.values:
            raise self.refuse(key, "is not a key of a machine")


def _distances(table: _Table, sockets: int) -> tuple[tuple[int, ...], ...]:
    rows = table.values.pop("distances", [])
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise table.refuse("distances", "wants a list of rows")
    if rows and (len(rows) != sockets or any(len(row) != sockets for row in rows)):
        raise table.refuse("distances", f"wants {sockets} rows of {sockets} numbers, one row a socket")
    for i, row in enumerate(rows):
        for j, value in enumerate(row):
            if not isinstance(value, int) or not 10 <= value <= 254 or (value == 10) != (i == j):
                raise table.refuse(f"distances[{i}][{j}]", "wants 10 to itself and 11 to 254 to others")
    return tuple(tuple(row) for row in rows)


def _ticks(table: _Table, key: str, wanted: set[int]) -> dict[int, int]:
    """Ticks by distance, for exactly the distances that the machine has."""
    rows = table.values.pop(key, None)
    if not isinstance(rows, dict) or {str(distance) for distance in wanted} != set(rows):
        raise table.refuse(key, f"wants ticks for the distances {', '.join(map(str, sorted(wanted)))}")
    for distance, ticks in rows.items():
        if not isinstance(ticks, int) or isinstance(ticks, bool) or not 0 <= ticks <= 1_000_000:
            raise table.refuse(f"{key}.{distance}", "wants a whole number of ticks from 0 to 1000000")
    return {int(distance): ticks for distance, ticks in rows.items()}


def _costs(table: _Table, distances: tuple[tuple[int, ...], ...]) -> Costs:
    if "costs" not in table.values:
        return Costs()
    costs = table.table("costs")
    wanted = {value for row in distances for value in row} or {LOCAL_DISTANCE}
    found = Costs(costs.text("doc"), _ticks(costs, "line", wanted), _ticks(costs, "interrupt", wanted), True)
    costs.end()
    return found


def read_machine(file: Path) -> MachineSpec:
    """Read and check one description."""
    try:
        values = tomllib.loads(file.read_text())
    except tomllib.TOMLDecodeError as error:
        raise UserError(f"{file}: {error}", "correct the TOML of that line") from None
    table = _Table(file, "", values)
    cores = table.number("cores", None, 1, MAX_CORES)
    sockets = table.number("sockets", 1, 1, 64)
    times = table.table("timeouts")
    distances = _distances(table, sockets)
    spec = MachineSpec(
        name=file.stem,
        doc=table.text("doc"),
        cores=cores,
        sockets=sockets,
        socket_cores=table.number("socket_cores", 1, 1, MAX_CORES) if "socket_cores" in values else None,
        distances=distances,
        memory=table.number("memory", 256, 2, 1 << 20) if "memory" in values else None,
        cpu=table.text("cpu", MachineSpec.cpu),
        firmware=table.text("firmware", MachineSpec.firmware),
        devices=table.texts("devices"),
        timeouts=Timeouts(run=times.number("run", 120, 1, 86400), stall=times.number("stall", 20, 1, 86400)),
        costs=_costs(table, distances),
    )
    times.end()
    table.values.pop("class", None)  # classes of cores: skerry.plan reads those
    table.end()
    if spec.socket_cores is None and cores % sockets:
        raise table.refuse("cores", f"must be a multiple of sockets = {sockets}, or socket_cores be given")
    if spec.socket_cores is not None and not spec.holds(cores):
        raise table.refuse("cores", f"must fill all but the last of {sockets} sockets of {spec.socket_cores}")
    if spec.firmware not in FIRMWARES:
        raise table.refuse("firmware", f"must be one of {', '.join(FIRMWARES)}")
    return spec


def machine_names(folder: Path) -> list[str]:
    """The machines that may be asked for by name."""
    return sorted(file.stem for file in folder.glob("*.toml"))


def load_machine(name: str, folder: Path) -> MachineSpec:
    """A machine by name."""
    known = machine_names(folder)
    if name not in known:
        raise UserError(f"no machine {name!r}", f"use one of {', '.join(known)} (--machine NAME)")
    return read_machine(folder / f"{name}.toml")
