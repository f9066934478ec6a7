"""From options to a running machine: hardware checked, files found, command line made, QEMU started."""

import math
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from skerry.abi import Contract
from skerry.console.marks import encode_commands
from skerry.errors import UserError
from skerry.machine import accel, probe, process
from skerry.machine.command import Guest, Ports, Wires, plain_argv, qemu_argv
from skerry.machine.hardware import Hardware, configure
from skerry.machine.spec import load_machine
from skerry.run.artefacts import Artefacts
from skerry.run.live import Live
from skerry.run.options import RunOptions, Tracing
from skerry.workspace import Workspace


@dataclass(frozen=True)
class Launch:
    """All that a run is made of; nothing is started yet."""

    options: RunOptions
    hardware: Hardware
    artefacts: Artefacts
    guest: Guest
    qemu: str
    folder: Path

    @property
    def deadline(self) -> float:
        """Seconds that the run may take."""
        usual = math.inf if self.options.interactive else self.hardware.spec.timeouts.run * self.hardware.slowness
        return self.options.timeout or usual

    @property
    def stall(self) -> float:
        """Seconds without a byte on any console, after which a run hangs."""
        return self.hardware.spec.timeouts.stall * self.hardware.slowness


def find_hardware(options: RunOptions, workspace: Workspace) -> Hardware:
    """The machine that the options describe, checked before anything is built."""
    spec = load_machine(options.machine, workspace.machines)
    cpu = options.wishes.cpu or spec.cpu
    host = accel.this_host(lambda: probe.kvm_works(workspace, cpu))
    return configure(spec, options.wishes, host)


def command_line(run_id: str, options: RunOptions, limit: int, counted: bool) -> str:
    """The kernel command line; `counted` keeps monitors from looking after each other, for runs that repeat."""
    words = [f"run_id={run_id}"]
    if counted:
        words.append("counted")
    if options.tracing is Tracing.BOOT:
        words.append("trace")
    if options.commands is not None:
        words.append(f"run={encode_commands(options.commands)}")
    line = " ".join(words)
    if len(line) >= limit:
        raise UserError(f"--run: {len(line)} characters once encoded; {limit - 1} fit", "run fewer commands at once")
    return line


def prepare(options: RunOptions, hardware: Hardware, artefacts: Artefacts, contract: Contract, folder: Path) -> Launch:
    """Everything but the process."""
    limit = next(f.size for f in contract.struct("boot_data").fields if f.name == "cmdline")
    line = command_line(artefacts.run_id, options, limit, hardware.icount)
    trace_base = contract.constant("PORT_TRACE_BASE") if options.tracing is not Tracing.NONE else None
    ports = Ports(contract.constant("PORT_EXIT"), contract.constant("PORT_LOG_BASE"), trace_base)
    guest = Guest(artefacts.loader, artefacts.archive, line, ports)
    return Launch(options, hardware, artefacts, guest, process.find_qemu(), folder)


@contextmanager
def started(launch: Launch, paused: bool = False) -> Iterator[Live]:
    """The machine, running (or waiting for gdb to let it run); it ends with the block."""

    def argv(qmp: int) -> list[str]:
        wires = Wires(qmp, launch.options.gdb_port, launch.options.plugins)
        return qemu_argv(launch.qemu, launch.hardware, launch.guest, wires)

    (launch.folder / "qemu-command").write_text(_commands(launch, argv(3)))
    with Live(argv, launch.folder, launch.hardware.cores) as live:
        if not live.go(paused):
            raise UserError(_refusal(launch.folder), f"see {launch.folder / 'qemu-command'}")
        yield live


def _commands(launch: Launch, argv: list[str]) -> str:
    """What ran, and how to run the same by hand."""
    plain = plain_argv(launch.qemu, launch.hardware, launch.guest)
    return (
        "# what ran; com1 is a pair of named pipes, QMP an inherited socket\n"
        f"{shlex.join(argv)}\n\n# the same by hand, without logs\n{shlex.join(plain)}\n"
    )


def qemu_words(folder: Path) -> str:
    """What QEMU itself has printed, in one line."""
    try:
        words = (folder / "qemu.log").read_text(errors="replace").split("\n")
    except FileNotFoundError:
        return ""
    return "; ".join(word.removeprefix("qemu-system-x86_64: ").strip() for word in words if word.strip())


def _refusal(folder: Path) -> str:
    return f"QEMU did not start: {qemu_words(folder) or 'it gave no reason'}"
