"""What a run is asked to do, from the command line or from a test."""

from dataclasses import dataclass, field
from enum import Enum

from skerry.machine.hardware import Wishes


@dataclass(frozen=True)
class BuildChoice:
    """Which images a run needs. `cores` is how many of them; None means one a core."""

    profile: str = "release"
    toolchain: str = "zig"
    cores: int | None = None
    build: bool = True


class Tracing(Enum):
    """Whether the machine has trace ports, and whether its cores use them from their start."""

    NONE = "none"
    PORTS = "ports"
    BOOT = "boot"


@dataclass(frozen=True)
class RunOptions:
    """One run. Without `commands` it is for someone at the serial console; `interactive` lets them take their time."""

    machine: str = "default"
    wishes: Wishes = field(default_factory=Wishes)
    images: BuildChoice = field(default_factory=BuildChoice)
    commands: str | None = None
    timeout: float | None = None
    show_logs: bool = False
    interactive: bool = False
    gdb_port: int | None = None
    plugins: tuple[str, ...] = ()
    tracing: Tracing = Tracing.NONE


def reproduce(options: RunOptions) -> str:
    """The command that does this run again."""
    wishes, images = options.wishes, options.images
    words = ["invoke boot" if options.tracing is Tracing.NONE else "invoke trace"]
    for flag, value, default in (
        ("machine", options.machine, "default"),
        ("smp", wishes.smp, None),
        ("mem", wishes.memory, None),
        ("cpu", wishes.cpu, None),
        ("accel", wishes.accel, "auto"),
        ("cores", images.cores, None),
        ("profile", images.profile, "release"),
        ("toolchain", images.toolchain, "zig"),
    ):
        if value != default:
            words.append(f"--{flag} {value}")
    if wishes.icount:
        words.append("--icount")
    if options.tracing is Tracing.BOOT:
        words.append("--from-boot")
    if options.commands is not None:
        words.append(f'--run "{options.commands}"')
    return " ".join(words)
