"""What a record says about where and when it was made: the host's CPU, QEMU, the checkout's revision."""

import os
import platform
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from skerry.machine.process import find_qemu


@dataclass(frozen=True)
class HostFacts:
    """`revision` is git's, with `-dirty` when the checkout differs from it; empty outside of git."""

    cpu: str
    cpus: int
    load: float
    revision: str
    qemu: str
    time: str


def host_facts(root: Path) -> HostFacts:
    """Of this computer and this checkout."""
    return HostFacts(_cpu(), os.cpu_count() or 1, round(os.getloadavg()[0], 2), _revision(root), _qemu(), _now())


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


def _revision(root: Path) -> str:
    argv = ["git", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
    try:
        done = subprocess.run(argv, cwd=root, capture_output=True, text=True, timeout=30, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()


def _qemu() -> str:
    done = subprocess.run([find_qemu(), "--version"], capture_output=True, text=True, timeout=30, check=False)
    return (done.stdout.splitlines() or ["unknown"])[0]


def _now() -> str:
    return time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime())
