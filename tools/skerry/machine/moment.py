"""A moment of a run as only the host sees it."""

from dataclasses import dataclass

from skerry.machine import process


@dataclass(frozen=True)
class Moment:
    """Seconds since the machine was let go, and CPU seconds that QEMU had used by then."""

    seconds: float
    cpu: float


def moment(seconds: float, pid: int) -> Moment:
    """Now."""
    return Moment(seconds, process.cpu_seconds(pid))
