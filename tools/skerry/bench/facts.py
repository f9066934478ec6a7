"""What a record says about where it was made: the host's CPU, the checkout's revision."""

import os
import platform
import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class HostFacts:
    """`revision` is git's, with `-dirty` when the checkout differs from it; empty outside of git."""

    cpu: str
    cpus: int
    load: float
    revision: str


def host_facts(root: Path) -> HostFacts:
    """Of this computer and this checkout."""
    return HostFacts(_cpu(), os.cpu_count() or 1, round(os.getloadavg()[0], 2), _revision(root))


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
