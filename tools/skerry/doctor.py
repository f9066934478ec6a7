"""`invoke doctor`: what is missing on this computer, each finding with the command that mends it.

A finding is `needed` (the status is 2 without it) or only good to have.
"""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from skerry.errors import EXIT_USAGE, UserError
from skerry.machine import accel, probe, process
from skerry.machine.hardware import default_memory
from skerry.machine.spec import MachineSpec, load_machine
from skerry.run.style import style_of
from skerry.toolchain import toolchain
from skerry.workspace import Workspace

BOOTSTRAP = "tools/bootstrap"


@dataclass(frozen=True)
class Finding:
    """One line of the report."""

    what: str
    good: bool
    detail: str
    mend: str = ""
    needed: bool = True


def doctor(workspace: Workspace) -> int:
    """Print the findings; 0 when nothing needed is missing."""
    findings = list(examine(workspace))
    style = style_of(sys.stdout)
    for finding in findings:
        mark = style.good("ok     ") if finding.good else style.bad("missing" if finding.needed else "no     ")
        print(f"{mark} {finding.what:<22} {finding.detail}")
        if not finding.good:
            print(f"{'':30} -> {finding.mend}")
    return 0 if all(finding.good or not finding.needed for finding in findings) else EXIT_USAGE


def examine(workspace: Workspace) -> Iterator[Finding]:
    """All findings, in the order in which they matter."""
    spec = load_machine("default", workspace.machines)
    yield _python()
    yield _packages(workspace)
    yield _compiler("zig", workspace, True, BOOTSTRAP)
    yield _compiler("gcc", workspace, False, "sudo apt-get install gcc binutils   (for --toolchain gcc)")
    qemu = _qemu()
    yield qemu
    if qemu.good:
        yield _firmware()
        yield _tcg(workspace, spec)
        yield _kvm(workspace, spec)
    yield _cpus(spec, lambda: qemu.good and probe.kvm_works(workspace, spec.cpu))
    yield _memory(spec)
    yield _program("gdb", "sudo apt-get install gdb   (for invoke debug)")


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    return Finding("Python 3.11 or newer", sys.version_info >= (3, 11), version, "sudo apt-get install python3-venv")


def _packages(workspace: Workspace) -> Finding:
    project = tomllib.loads((workspace.root / "pyproject.toml").read_text())["project"]
    wrong = []
    for pin in project["dependencies"]:
        name, _, version = pin.partition("==")
        try:
            found = metadata.version(name)
        except metadata.PackageNotFoundError:
            found = "absent"
        if found != version:
            wrong.append(f"{name} {found}, not {version}")
    detail = "; ".join(wrong) or f"all {len(project['dependencies'])} as pyproject.toml pins them"
    return Finding("Python packages", not wrong, detail, BOOTSTRAP)


def _compiler(name: str, workspace: Workspace, needed: bool, mend: str) -> Finding:
    try:
        detail = toolchain(name, workspace).version
    except UserError as error:
        return Finding(f"toolchain {name}", False, error.message, mend, needed)
    return Finding(f"toolchain {name}", True, detail, needed=needed)


def _qemu() -> Finding:
    try:
        path = process.find_qemu()
        done = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=20, check=True)
    except (UserError, OSError, subprocess.SubprocessError) as error:
        return Finding("QEMU", False, str(error).partition(";")[0], process.INSTALL)
    found = re.search(r"version (\S+)", done.stdout)
    return Finding("QEMU", True, f"{path} {found[1] if found else '?'}")


def _firmware() -> Finding:
    argv = [process.find_qemu(), "-L", "help"]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=20, check=False)
    folders = [Path(line.strip()) for line in done.stdout.splitlines() if line.strip()]
    lacking = [n for n in ("qboot.rom", "pvh.bin") if not any((folder / n).is_file() for folder in folders)]
    detail = f"without {', '.join(lacking)}" if lacking else "qboot.rom, pvh.bin"
    return Finding("QEMU's firmware", not lacking, detail, "sudo apt-get install qemu-system-data")


def _tcg(workspace: Workspace, spec: MachineSpec) -> Finding:
    prints = probe.run_probe(workspace, "tcg", spec.cpu)
    detail = "a probe guest prints" if prints else "a probe guest does not print"
    return Finding("emulation (TCG)", prints, detail, f"{process.INSTALL}   (reinstall)")


def _kvm(workspace: Workspace, spec: MachineSpec) -> Finding:
    if not probe.DEVICE.exists():
        return Finding("KVM", False, "no /dev/kvm", "not needed: runs are emulated", needed=False)
    if not os.access(probe.DEVICE, os.R_OK | os.W_OK):
        return Finding("KVM", False, "/dev/kvm is not ours to open", "sudo usermod -aG kvm $USER, log in anew", False)
    if probe.kvm_works(workspace, spec.cpu):
        return Finding("KVM", True, "a probe guest prints", needed=False)
    return Finding("KVM", False, "/dev/kvm is there, a probe guest fails", "not needed: runs are emulated", False)


def _cpus(spec: MachineSpec, kvm_works: Callable[[], bool]) -> Finding:
    host = accel.this_host(kvm_works)
    chosen = accel.choose("auto", spec.cores, False, host).name.lower().replace("_", " ")
    detail = f"{host.cpus}, load {host.load:.1f}; {spec.cores} cores would run under {chosen}"
    return Finding("CPUs", host.cpus >= 2, detail, "everything works, only slower", needed=False)


def _memory(spec: MachineSpec) -> Finding:
    text = Path("/proc/meminfo").read_text()
    found = re.search(r"MemAvailable:\s+(\d+) kB", text)
    free = int(found[1]) // 1024 if found else 0
    wanted = default_memory(spec.cores) + 256
    return Finding(
        "free memory", free >= wanted, f"{free} MiB; a run takes up to {wanted}", "close something, or --mem 64"
    )


def _program(name: str, mend: str, which: Callable[[str], str | None] = shutil.which) -> Finding:
    path = which(name)
    return Finding(name, path is not None, path or "not on PATH", mend, needed=False)
