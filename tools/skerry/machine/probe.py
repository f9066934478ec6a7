"""Does KVM work here? Ask a guest: only one that has printed under KVM, after a system call, proves it.

The probe has the run's processor model and two cores, since hosts exist where KVM runs the plainest guest only.
Answers are kept for as long as this computer stays up and QEMU stays the same, in build/probe.json.
"""

import json
import os
import subprocess
import tempfile
import zlib
from pathlib import Path

from skerry.errors import UserError
from skerry.machine import process
from skerry.render import write_if_changed
from skerry.toolchain import toolchain
from skerry.workspace import Workspace

DEVICE = Path("/dev/kvm")
SECONDS = 5.0
GUEST_OK = 1  # isa-debug-exit's status for the 0 that the probe writes


def kvm_works(workspace: Workspace, cpu: str) -> bool:
    """Whether a guest prints under KVM on this processor model."""
    if not os.access(DEVICE, os.R_OK | os.W_OK):
        return False
    stamp, key = workspace.build / "probe.json", f"{_host()} {cpu}"
    answers = _read(stamp)
    if key not in answers:
        answers[key] = run_probe(workspace, "kvm", cpu)
        stamp.parent.mkdir(parents=True, exist_ok=True)
        write_if_changed(stamp, json.dumps(answers, indent=1) + "\n")
    return bool(answers[key])


def run_probe(workspace: Workspace, accel: str, cpu: str) -> bool:
    """Start the probe under an accelerator and see whether its byte arrives."""
    try:
        guest, qemu = build_probe(workspace), process.find_qemu()
    except UserError:
        return False
    with tempfile.TemporaryDirectory(dir=guest.parent) as name:
        output = Path(name) / "probe.out"
        qemu_process = process.start(_argv(qemu, guest, accel, cpu), output.parent)
        try:
            status = qemu_process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            return False
        finally:
            process.stop(qemu_process)
        return status == GUEST_OK and output.is_file() and output.read_bytes() == b"!"


def _argv(qemu: str, guest: Path, accel: str, cpu: str) -> list[str]:
    return [
        qemu, "-M", "q35", "-accel", accel, "-cpu", cpu, "-smp", "2", "-m", "32M", "-bios", "qboot.rom",
        "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", "-kernel", str(guest),
        "-chardev", "file,id=probe,path=probe.out", "-device", "isa-debugcon,iobase=0x1000,chardev=probe",
        "-device", "isa-debug-exit,iobase=0xf4,iosize=4",
    ]  # fmt: skip


def build_probe(workspace: Workspace) -> Path:
    """The probe's ELF, up to date."""
    return tiny_guest(workspace, Path(__file__).with_name("probe.S"))


def tiny_guest(workspace: Workspace, source: Path) -> Path:
    """A guest of one assembly file with the entry `guest_entry`, made when it is older than its source."""
    script = Path(__file__).with_name("tiny.ld")
    folder = workspace.build / "tiny"
    folder.mkdir(parents=True, exist_ok=True)
    guest = folder / f"{source.stem}.elf"
    if not guest.is_file() or guest.stat().st_mtime < max(path.stat().st_mtime for path in (source, script)):
        tools = toolchain("zig", workspace)
        with tempfile.TemporaryDirectory(dir=folder) as name:  # several tests may want it at once
            made = Path(name)
            _run([*tools.compiler, "-c", str(source), "-o", str(made / "guest.o")], workspace)
            _run([*tools.linker, "-T", str(script), str(made / "guest.o"), "-o", str(made / "guest")], workspace)
            (made / "guest").replace(guest)
    return guest


def _run(argv: list[str], workspace: Workspace) -> None:
    try:
        subprocess.run(argv, cwd=workspace.root, check=True, capture_output=True, timeout=60)
    except (OSError, subprocess.SubprocessError) as error:
        raise UserError(f"the probe guest cannot be built: {error}", "run tools/bootstrap again") from None


def _host() -> str:
    qemu = Path(process.find_qemu()).resolve().stat()
    booted = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    guest = zlib.crc32(Path(__file__).with_name("probe.S").read_bytes())
    return f"{booted} {qemu.st_size} {qemu.st_mtime_ns} {os.geteuid()} {guest:08x}"


def _read(stamp: Path) -> dict[str, object]:
    try:
        known = json.loads(stamp.read_text())
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}
