"""A suite to its runs: boots of Skerry and, where wanted, of a peer, in turns."""

import os
import sys
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from skerry.bench import linux
from skerry.bench.figures import figures
from skerry.bench.hostside import host_values
from skerry.bench.measures import Values, of_intervals, of_samples
from skerry.bench.record import SKERRY, Result, Run
from skerry.bench.samples import SamplesError, read_samples
from skerry.bench.session import run_session
from skerry.bench.suite import TICKS, Mode, Suite
from skerry.errors import UserError
from skerry.machine import process
from skerry.machine.hardware import Hardware
from skerry.peers.linux.boot import run_linux
from skerry.plugins import coherence
from skerry.run.artefacts import Artefacts
from skerry.run.launch import find_hardware
from skerry.run.obtain import obtain
from skerry.run.options import RunOptions
from skerry.workspace import Workspace


@dataclass(frozen=True)
class BenchOptions:
    """`run` is what every boot of every suite has in common; its commands and its counting are the suite's."""

    suites: tuple[str, ...]
    samples: int
    repeat: int
    out: Path
    run: RunOptions
    peers: tuple[str, ...] = ()


TIMED_SAMPLES = 200  # at most, by the wall clock: on a busy host each may take a turn of its scheduler


class BenchFailure(Exception):
    """A run that gave no figures. The lines say why, with the console's end."""

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__(lines[0])
        self.lines = list(lines)


def run_suite(suite: Suite, mode: Mode, options: BenchOptions, workspace: Workspace) -> Result:
    """Boot as often as wanted, on each number of cores; a peer boots after each boot of ours."""
    mode = _possible_mode(suite, mode, workspace)
    suite = suite.counted_as(mode)
    smp, machine = options.run.wishes.smp, options.run.machine
    sizes = (smp,) if smp else suite.sizes.get(machine, suite.cores)
    runs: list[Run] = []
    samples = suite.samples or (options.samples if mode.counted else min(options.samples, TIMED_SAMPLES))
    for size in sizes:
        plan = plan_for(suite, mode, size, replace(options, samples=samples), workspace)
        for _ in range(options.repeat):
            runs.append(run_plan(plan, suite, samples, workspace))
            # A peer boots on all cores of the machine.
            if "linux" in options.peers and linux.paths_of(suite) and plan.cores == plan.hardware.cores:
                runs.append(_run_linux(plan, suite, samples, workspace))
    return Result(suite, mode, tuple(runs))


def _possible_mode(suite: Suite, mode: Mode, workspace: Workspace) -> Mode:
    """The one wanted, or where QEMU has no plugins, with a line that says so, instructions alone."""
    if mode is not Mode.MODEL:
        return mode
    why = coherence.unsupported(process.find_qemu(), workspace)
    if why is None:
        return mode
    print(f"suite {suite.name}: {why}; instructions are counted, critical path and lines are left out", file=sys.stderr)
    return Mode.ICOUNT


@dataclass(frozen=True)
class Plan:
    """A suite on one number of cores: everything but the boot."""

    options: RunOptions
    hardware: Hardware
    artefacts: Artefacts
    mode: Mode
    cores: int  # that take part

    @property
    def watched(self) -> bool:
        """Whether the plugin is loaded."""
        return self.mode is Mode.MODEL


def plan_for(suite: Suite, mode: Mode, cores: int, options: BenchOptions, workspace: Workspace) -> Plan:
    """Checked and built."""
    accel = options.run.wishes.accel
    if mode is Mode.TIMED and accel == "auto" and any(not path.host for path in suite.paths):
        accel = "tcg"  # a thread a core: with round robin a message would cost a turn of all others
        _warn_of_load(suite, cores)
    whole = suite.machine or options.run.machine in suite.sizes
    wishes = replace(options.run.wishes, icount=mode.counted, smp=None if whole else cores, accel=accel)
    commands = suite.command.format(samples=suite.samples or options.samples, cores=cores)
    wanted = replace(options.run, wishes=wishes, commands=commands)
    if suite.machine and wanted.machine == RunOptions.machine:
        wanted = replace(wanted, machine=suite.machine)
    hardware = find_hardware(wanted, workspace)
    if mode is Mode.MODEL:
        wanted = replace(wanted, plugins=(coherence.plugin_argument(hardware, workspace),))
    if cores > hardware.cores:
        raise UserError(f"suite {suite.name}: machine {wanted.machine} has no {cores} cores", "give a smaller --smp")
    return Plan(wanted, hardware, obtain(wanted, hardware.cores, workspace), mode, cores)


def _warn_of_load(suite: Suite, cores: int) -> None:
    free = (os.cpu_count() or 1) - os.getloadavg()[0]
    if free < cores:
        words = f"{max(free, 0):.1f} host CPUs are free for {cores} cores"
        print(f"suite {suite.name}: {words}: messages wait for turns of the host's scheduler", file=sys.stderr)


def run_plan(plan: Plan, suite: Suite, samples: int, workspace: Workspace) -> Run:
    """The figures of a boot, or why there are none."""
    session = run_session(plan.options, plan.hardware, plan.artefacts, workspace)
    if not session.verdict.success:
        raise BenchFailure([f"suite {suite.name} failed", *session.console_end(), *session.complaint])
    wanted = {path.name for path in suite.paths if not path.host} | ({suite.overhead} if suite.overhead else set())
    try:
        seen = host_values(suite.paths, session.moments)
        report = session.folder if plan.watched else None
        values = {**seen, **(_values(session.output, suite.guest, wanted, samples, report) if wanted else {})}
    except (SamplesError, coherence.ReportError) as error:
        raise BenchFailure([f"suite {suite.name}: {error}", *session.console_end(), *session.complaint]) from None
    found = figures(suite.paths, values, suite.overhead, suite.headline if plan.watched else TICKS)
    return Run(SKERRY, plan.cores, session.facts, values, found)


def _values(output: str, guest: str, wanted: Collection[str], samples: int, report: Path | None) -> Values:
    """A guest's output, and the plugin's report in its folder, to values."""
    found = read_samples(output, guest, sorted(wanted), samples)
    return of_samples(found) if report is None else of_intervals(found, coherence.read_report(report), samples)


def _run_linux(plan: Plan, suite: Suite, samples: int, workspace: Workspace) -> Run:
    """The same of the Linux peer, on the same hardware."""
    paths = linux.paths_of(suite)
    inside = [linux.OVERHEAD, *(path.name for path in paths if not path.host)]
    names = [*inside, *(path.name for path in paths if path.host)]
    guest = run_linux(plan.hardware, names, samples, plan.options.plugins, workspace)
    complaint = [*guest.console_end(), f"see {workspace.relative(guest.folder)}"]
    try:
        found = _values(guest.output, linux.GUEST, inside, samples, guest.folder if plan.watched else None)
        values = {**found, **host_values(paths, guest.moments)}
    except (SamplesError, coherence.ReportError) as error:
        raise BenchFailure([f"suite {suite.name}, peer linux: {error}", *complaint]) from None
    facts = {**guest.facts, "machine": plan.hardware.spec.name, "memory_mib": plan.hardware.memory}
    return Run(linux.GUEST, plan.hardware.cores, facts, values, figures(paths, values, linux.OVERHEAD))
