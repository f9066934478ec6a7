"""The QEMU command line of a run.

QEMU runs in the run's folder, so consoles are named without a path; kernel and archive are absolute. COM1 is a
pair of named pipes there (skerry.run.serial says why), QMP a socket that QEMU inherits from us.
QEMU starts stopped (-S), so that no byte is lost and no event missed before we listen.
"""

from dataclasses import dataclass
from pathlib import Path

from skerry.machine.hardware import Hardware


@dataclass(frozen=True)
class Ports:
    """I/O ports that the contract gives to the machine's ends of our wires."""

    exit: int
    log_base: int
    trace_base: int | None = None


@dataclass(frozen=True)
class Guest:
    """What runs on the machine."""

    loader: Path
    archive: Path
    cmdline: str
    ports: Ports


@dataclass(frozen=True)
class Wires:
    """The inherited file descriptor of QMP, the port of gdb's stub when one is wanted, TCG plugins with arguments."""

    qmp: int
    gdb_port: int | None = None
    plugins: tuple[str, ...] = ()


def core_log(core: int) -> str:
    """File name, in the run's folder, of what a core wrote to its debug port."""
    return f"core-{core}.log"


def core_trace(core: int) -> str:
    """The same for its trace port."""
    return f"trace-{core}.bin"


def processor_argv(hw: Hardware) -> list[str]:
    """Accelerator, processors, and how time passes."""
    cpu, accel = hw.cpu, hw.accel.value
    room = hw.socket_room
    most = "" if hw.cores == hw.spec.sockets * room else f",maxcpus={hw.spec.sockets * room}"
    args = ["-smp", f"{hw.cores}{most},sockets={hw.spec.sockets},cores={room},threads=1"]
    if hw.icount:
        # An iteration of rep movs counts as one instruction; these flags keep the guest from using it.
        cpu += ",erms=off,fsrm=off"
        args += ["-icount", "shift=0,sleep=off", "-rtc", "base=2020-01-01,clock=vm", "-seed", str(hw.seed)]
    return ["-accel", accel, "-cpu", cpu, *args]


def memory_argv(hw: Hardware) -> list[str]:
    """Memory and its nodes."""
    args = ["-m", f"{hw.memory}M"]
    nodes = len(hw.spec.distances)
    if not nodes:
        return args
    share, per_node = hw.memory // nodes, hw.socket_room
    for node in range(nodes):
        size = share if node else hw.memory - share * (nodes - 1)
        cpus = f"{node * per_node}-{(node + 1) * per_node - 1}"
        args += ["-object", f"memory-backend-ram,id=ram{node},size={size}M"]
        args += ["-numa", f"node,nodeid={node},cpus={cpus},memdev=ram{node}"]
    for src, row in enumerate(hw.spec.distances):
        for dst, value in enumerate(row):
            args += ["-numa", f"dist,src={src},dst={dst},val={value}"]
    return args


def _firmware(hw: Hardware) -> list[str]:
    return ["-bios", "qboot.rom"] if hw.spec.firmware == "qboot" else []


def _debug_port(name: str, base: int, core: int, file: str) -> list[str]:
    """A port of a core, whose bytes go to a file."""
    device = f"isa-debugcon,iobase={base + core:#x},chardev={name}{core}"
    return ["-chardev", f"file,id={name}{core},path={file}", "-device", device]


def _consoles(hw: Hardware, wires: Wires, ports: Ports) -> list[str]:
    args = ["-chardev", "pipe,id=com1,path=com1,logfile=com1.log", "-serial", "chardev:com1"]
    args += ["-chardev", f"socket,id=qmp,fd={wires.qmp}", "-mon", "chardev=qmp,mode=control"]
    for core in range(hw.cores):
        args += _debug_port("log", ports.log_base, core, core_log(core))
        if ports.trace_base is not None:
            args += _debug_port("trace", ports.trace_base, core, core_trace(core))
    if wires.gdb_port is not None:
        args += ["-gdb", f"tcp:127.0.0.1:{wires.gdb_port}"]
    for plugin in wires.plugins:
        args += ["-plugin", plugin]
    return args


def qemu_argv(qemu: str, hw: Hardware, guest: Guest, wires: Wires) -> list[str]:
    """The whole argument list."""
    return [
        qemu, "-M", "q35", "-nodefaults", "-no-user-config", "-display", "none", "-S",
        # A reset (so a triple fault) stops the machine instead of ending it: its registers can still be read.
        "-action", "reboot=shutdown,shutdown=pause",
        *processor_argv(hw), *memory_argv(hw), *_firmware(hw), *_consoles(hw, wires, guest.ports),
        "-device", f"isa-debug-exit,iobase={guest.ports.exit:#x},iosize=4",
        *hw.spec.devices,
        "-kernel", str(guest.loader), "-initrd", str(guest.archive), "-append", guest.cmdline,
    ]  # fmt: skip


def plain_argv(qemu: str, hw: Hardware, guest: Guest) -> list[str]:
    """The same machine without us: COM1 on the terminal, logs dropped. For people, and for the README."""
    return [
        qemu, "-M", "q35", "-nodefaults", "-display", "none", "-no-reboot", "-serial", "stdio",
        *processor_argv(hw), *memory_argv(hw), *_firmware(hw),
        "-device", f"isa-debug-exit,iobase={guest.ports.exit:#x},iosize=4",
        "-kernel", str(guest.loader), "-initrd", str(guest.archive), "-append", guest.cmdline,
    ]  # fmt: skip
