"""What is known about a run when it has ended: everything that the verdict depends on."""

from dataclasses import dataclass, field
from enum import Enum

from skerry.console.marks import Progress
from skerry.console.panic import Panic


class Stopped(Enum):
    """Why we ended the machine; NOT when it ended by itself."""

    NOT = "not"
    PANIC = "panic"
    STALL = "stall"
    DEADLINE = "deadline"
    RESET = "reset"
    LEFT = "left"


@dataclass(frozen=True)
class Evidence:
    """`last_panic` is one after which no core was left.

    `qemu_status` is None while nobody has it, and when we ended QEMU ourselves.
    """

    stopped: Stopped
    qemu_status: int | None
    seconds: float
    quiet: float
    panics: tuple[Panic, ...] = ()
    last_panic: Panic | None = None
    commands: str | None = None
    progress: Progress = field(default_factory=Progress)
    loader: str | None = None
    stale: str | None = None
    qemu_says: str = ""
    prompt: bool = False
