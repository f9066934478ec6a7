"""Which accelerator a run gets.

`auto` means: KVM when a probe guest has really printed under it (a /dev/kvm that opens proves nothing); else
QEMU's multi-threaded TCG when the host has a free CPU for each core; else round robin, where all cores take
turns on one host thread. With more cores than free CPUs, multi-threaded TCG makes a polled round trip cost
16 ms instead of half a microsecond.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from skerry.errors import UserError


class Accel(Enum):
    """How QEMU executes the cores; the value is its -accel argument."""

    MTTCG = "tcg,thread=multi"
    ROUND_ROBIN = "tcg,thread=single"
    KVM = "kvm"

    @property
    def emulated(self) -> bool:
        """Whether cores take turns on one host thread."""
        return self is Accel.ROUND_ROBIN


NAMES = {"tcg": Accel.MTTCG, "tcg-rr": Accel.ROUND_ROBIN, "kvm": Accel.KVM}


@dataclass(frozen=True)
class Host:
    """What the choice depends on."""

    cpus: int
    load: float
    kvm_works: Callable[[], bool]

    @property
    def free_cpus(self) -> float:
        return self.cpus - self.load


def this_host(kvm_works: Callable[[], bool]) -> Host:
    """The computer that we run on, as busy as it is now."""
    return Host(len(os.sched_getaffinity(0)), os.getloadavg()[0], kvm_works)


def choose(name: str, cores: int, icount: bool, host: Host) -> Accel:
    """The accelerator for `--accel name`."""
    if name != "auto" and name not in NAMES:
        raise UserError(f"no accelerator {name!r}", f"use --accel auto, {', '.join(NAMES)}")
    if icount:
        if name not in ("auto", "tcg-rr"):
            raise UserError(f"--icount counts instructions in turns, which --accel {name} cannot", "leave --accel out")
        return Accel.ROUND_ROBIN
    if name == "kvm" and not host.kvm_works():
        raise UserError("no guest runs under KVM on this computer", "use --accel auto (invoke doctor says more)")
    if name != "auto":
        return NAMES[name]
    if host.kvm_works():
        return Accel.KVM
    return Accel.MTTCG if cores <= host.free_cpus + 0.5 else Accel.ROUND_ROBIN
