"""One boot of the Linux guest, on the hardware of the run that it stands beside."""

import shlex
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from skerry.machine import process
from skerry.machine.command import memory_argv, processor_argv
from skerry.machine.hardware import Hardware
from skerry.machine.moment import Moment, moment
from skerry.peers.linux.initramfs import initramfs
from skerry.peers.linux.kernel import kernel
from skerry.run.folder import new_folder
from skerry.workspace import Workspace

CONSOLE = "com1.log"
CONSOLE_LINES = 20
BOOT_SECONDS = 240  # a counted boot with a plugin, and its benchmarks; times the hardware's slowness
SIGNS = ("bench linux begin", "bench linux idle begin", "bench linux idle end")
TICK = 0.02
WORDS = "console=ttyS0 quiet nokaslr norandmaps mitigations=off tsc=reliable panic=-1"


@dataclass(frozen=True)
class LinuxRun:
    """A boot that is over."""

    folder: Path
    output: str
    qemu: str
    seconds: float
    kernel: str
    command: str
    moments: tuple[Moment, ...]

    def console_end(self) -> list[str]:
        """The last lines that the guest printed, for a complaint."""
        lines = self.output.splitlines()[-CONSOLE_LINES:]
        return ["the console's end:", *(f"  {line}" for line in lines or ["(nothing)"])]

    @property
    def facts(self) -> dict[str, Any]:
        """What a record says of this boot."""
        return {
            "command": self.command,
            "seconds": round(self.seconds, 3),
            "qemu": self.qemu,
            "build": self.kernel,
        }


def run_linux(
    hardware: Hardware, paths: Sequence[str], samples: int, plugins: Sequence[str], workspace: Workspace
) -> LinuxRun:
    """Boot, run the paths by their names, power off."""
    image, archive = kernel(workspace), initramfs(workspace)
    folder = new_folder(workspace.build / "run")
    command = _command(hardware, paths, samples)
    argv = _argv(hardware, image, archive, command, plugins)
    (folder / "qemu-command").write_text(f"{shlex.join(argv)}\n")
    began = time.monotonic()
    guest = process.start(argv, folder)
    try:
        moments = _follow(guest, folder / CONSOLE, began, BOOT_SECONDS * hardware.slowness)
    finally:
        process.stop(guest)
    seconds = time.monotonic() - began
    output = (folder / CONSOLE).read_text(errors="replace") if (folder / CONSOLE).exists() else ""
    return LinuxRun(folder, output, shlex.join(argv), seconds, image.name, command, moments)


def _follow(guest: subprocess.Popen[bytes], console: Path, began: float, limit: float) -> tuple[Moment, ...]:
    """When the guest's program began; or, if it was to idle, when that began and ended.

    A guest that does not end in time is left to be stopped: its output has no end, which is found.
    """
    moments: list[Moment] = []
    while guest.poll() is None and time.monotonic() - began < limit:
        text = console.read_text(errors="replace") if console.exists() else ""
        while len(moments) < len(SIGNS) and SIGNS[len(moments)] in text:
            moments.append(moment(time.monotonic() - began, guest.pid))
        time.sleep(TICK)
    return tuple(moments[1:] if len(moments) == len(SIGNS) else moments * 2)


def _command(hardware: Hardware, paths: Sequence[str], samples: int) -> str:
    words = [WORDS, f"SAMPLES={samples}", f"PATHS={','.join(paths)}"]
    if hardware.icount and hardware.cores > 1:
        words.append(f"maxcpus=1 CORES={hardware.cores}")
    return " ".join(words)


def _argv(hardware: Hardware, image: Path, archive: Path, command: str, plugins: Sequence[str]) -> list[str]:
    same = replace(hardware, cpu=f"{hardware.cpu},monitor=off")
    argv = [process.find_qemu(), "-M", "q35", "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"]
    argv += [*processor_argv(same), *memory_argv(same), "-serial", f"file:{CONSOLE}"]
    for plugin in plugins:
        argv += ["-plugin", plugin]
    return [*argv, "-kernel", str(image), "-initrd", str(archive), "-append", command]
