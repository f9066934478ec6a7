"""A machine as one run wants it: the description, with --smp, --mem and --accel applied and checked."""

from dataclasses import dataclass

from skerry.errors import UserError
from skerry.machine.accel import Accel, Host, choose
from skerry.machine.spec import MAX_CORES, MachineSpec

LEAST_MEMORY = 48  # MiB; with less, core 0 has no room for its first programs


@dataclass(frozen=True)
class Wishes:
    """What the command line may change about a machine; None keeps the description's.

    `seed`: of the random numbers of counted runs.
    """

    smp: int | None = None
    memory: int | None = None
    cpu: str | None = None
    accel: str = "auto"
    icount: bool = False
    seed: int = 1


@dataclass(frozen=True)
class Hardware:
    """Everything about the machine that QEMU must be told."""

    spec: MachineSpec
    cores: int
    memory: int
    cpu: str
    accel: Accel
    icount: bool
    seed: int = 1

    @property
    def socket_room(self) -> int:
        """Cores that a socket has room for; the last one may be partly empty."""
        return self.spec.socket_cores or self.cores // self.spec.sockets

    @property
    def emulated(self) -> bool:
        return self.icount or self.accel.emulated

    @property
    def slowness(self) -> float:
        """What deadlines are multiplied by: many cores take turns on few host CPUs, and counting costs."""
        return (1 + self.cores / 32) * (2 if self.icount else 1)


def default_memory(cores: int) -> int:
    """MiB that a machine gets when nobody says: room for each core's images, pool and programs."""
    return max(256, 96 + 8 * cores)


def _cores(spec: MachineSpec, wanted: int | None) -> int:
    cores = spec.cores if wanted is None else wanted
    if not 1 <= cores <= MAX_CORES:
        raise UserError(f"--smp {cores}: a machine has 1 to {MAX_CORES} cores", f"use --smp 1 to --smp {MAX_CORES}")
    if not spec.holds(cores):
        room = spec.socket_cores
        advice = f"a multiple of {spec.sockets}"
        if room is not None:
            advice = f"{(spec.sockets - 1) * room + 1} to {spec.sockets * room} cores"
        size = "equal size" if room is None else f"{room} cores, all but the last full"
        raise UserError(
            f"--smp {cores}: machine {spec.name} has {spec.sockets} sockets of {size}",
            f"use {advice}, or another --machine",
        )
    return cores


def parse_memory(text: str) -> int:
    """MiB from what a person types after --mem: 512, 512M, 2G."""
    units = {"M": 1, "G": 1024}
    unit = units.get(text[-1:].upper())
    digits = text if unit is None else text[:-1]
    if not digits.isascii() or not digits.isdigit():
        raise UserError(f"--mem {text}: not an amount of memory", "use MiB such as --mem 512, or --mem 2G")
    return int(digits) * (unit or 1)


def _memory(spec: MachineSpec, cores: int, wanted: int | None) -> int:
    if wanted is None:
        return spec.memory or default_memory(cores)
    if not LEAST_MEMORY <= wanted <= 1 << 20:
        raise UserError(
            f"--mem {wanted}M: a machine needs {LEAST_MEMORY} MiB to {1 << 20} MiB",
            f"use --mem {default_memory(cores)} or leave it out",
        )
    return wanted


def configure(spec: MachineSpec, wishes: Wishes, host: Host) -> Hardware:
    """Check a run's wishes against the machine; every refusal says what to type instead."""
    cores = _cores(spec, wishes.smp)
    return Hardware(
        spec=spec,
        cores=cores,
        memory=_memory(spec, cores, wishes.memory),
        cpu=wishes.cpu or spec.cpu,
        accel=choose(wishes.accel, cores, wishes.icount, host),
        icount=wishes.icount,
        seed=wishes.seed,
    )
