"""The text that `invoke boot` and its like were given, as typed options; every mistake is named with its mending."""

import re
import sys

from skerry.errors import UserError, parse_count
from skerry.machine.hardware import Wishes, parse_memory
from skerry.machine.spec import MAX_CORES
from skerry.run.options import BuildChoice, RunOptions


def parse_wishes(smp: str, mem: str, cpu: str, accel: str, icount: bool) -> Wishes:
    """What the options say about the machine."""
    return Wishes(
        smp=parse_count("--smp", smp, 1, MAX_CORES) if smp else None,
        memory=parse_memory(mem) if mem else None,
        cpu=cpu or None,
        accel=accel,
        icount=icount,
    )


def parse_images(build: bool, cores: str, profile: str, toolchain: str) -> BuildChoice:
    """What the options say about the images."""
    count = parse_count("--cores", cores, 1, MAX_CORES) if cores else None
    return BuildChoice(profile=profile, toolchain=toolchain, cores=count, build=build)


def parse_seconds(text: str) -> float | None:
    """A time-out."""
    if not text:
        return None
    if not re.fullmatch(r"\d+(\.\d+)?", text) or float(text) <= 0:
        raise UserError(f"--timeout {text!r} is no time", "give --timeout seconds, such as --timeout 30")
    return float(text)


def parse_run(
    machine: str, wishes: Wishes, images: BuildChoice, run: str | None, timeout: str, logs: bool
) -> RunOptions:
    """A whole run."""
    if run is not None and not run.strip(" ;"):
        raise UserError("--run has no command", 'give one, such as --run "cores; ping all"')
    return RunOptions(
        machine=machine,
        wishes=wishes,
        images=images,
        commands=run,
        timeout=parse_seconds(timeout),
        show_logs=logs,
        interactive=run is None and sys.stdin.isatty(),
    )
