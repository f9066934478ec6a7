"""`invoke bench`: suites to runs to figures to files and tables."""

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console

from skerry.bench.facts import host_facts
from skerry.bench.figures import figures
from skerry.bench.measures import of_intervals, of_samples
from skerry.bench.record import SKERRY, Result, Run, to_csv, to_json
from skerry.bench.samples import SamplesError, read_samples
from skerry.bench.session import run_session
from skerry.bench.suite import Mode, Suite, load_peers, load_suite
from skerry.bench.table import show
from skerry.machine import process
from skerry.machine.hardware import Hardware
from skerry.plugins import coherence
from skerry.run.artefacts import Artefacts
from skerry.run.launch import find_hardware
from skerry.run.obtain import obtain
from skerry.run.options import RunOptions
from skerry.workspace import Workspace

FAILED = 1
WIDTH = 200  # of a table that goes to a file


@dataclass(frozen=True)
class BenchOptions:
    """`run` is what every boot of every suite has in common; its commands and its counting are the suite's."""

    suites: tuple[str, ...]
    samples: int
    repeat: int
    out: Path
    run: RunOptions


class BenchFailure(Exception):
    """A run that gave no figures. The lines say why, with the console's end."""

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__(lines[0])
        self.lines = list(lines)


def bench(options: BenchOptions, workspace: Workspace) -> int:
    """All suites; 0 when each gave its figures and, where counted, the same ones in each run."""
    process.find_qemu()
    suites = [load_suite(name) for name in options.suites]
    try:
        results = [run_suite(suite, options, workspace) for suite in suites]
    except BenchFailure as failure:
        print("\n".join(failure.lines), file=sys.stderr)
        return FAILED
    files = write(results, options.out, workspace)
    console = Console(width=None if sys.stdout.isatty() else WIDTH, highlight=False)
    for result in results:
        show(result, load_peers(), console)
    print(f"written: {', '.join(str(workspace.relative(file)) for file in files)}")
    unequal = [result.suite.name for result in results if result.mode.counted and not result.repeatable]
    for name in unequal:
        print(f"suite {name}: counted runs differ; that is a fault of the machine or of this tool", file=sys.stderr)
    return FAILED if unequal else 0


def run_suite(suite: Suite, options: BenchOptions, workspace: Workspace) -> Result:
    """Boot as often as wanted, on each number of cores."""
    mode = _possible_mode(suite, workspace)
    sizes = (options.run.wishes.smp,) if options.run.wishes.smp else suite.cores
    plans = [_plan(suite, mode, size, options, workspace) for size in sizes]
    runs = [_run(plan, suite, options.samples, workspace) for plan in plans for _ in range(options.repeat)]
    return Result(suite, mode, tuple(runs))


def _possible_mode(suite: Suite, workspace: Workspace) -> Mode:
    """The suite's, or where QEMU has no plugins, with a line that says so, instructions alone."""
    if suite.mode is not Mode.MODEL:
        return suite.mode
    why = coherence.unsupported(process.find_qemu(), workspace)
    if why is None:
        return suite.mode
    print(f"suite {suite.name}: {why}; instructions are counted, critical path and lines are left out", file=sys.stderr)
    return Mode.ICOUNT


@dataclass(frozen=True)
class Plan:
    """A suite on one number of cores: everything but the boot."""

    options: RunOptions
    hardware: Hardware
    artefacts: Artefacts
    mode: Mode


def _plan(suite: Suite, mode: Mode, cores: int, options: BenchOptions, workspace: Workspace) -> Plan:
    accel = "tcg" if mode is Mode.TIMED and options.run.wishes.accel == "auto" else options.run.wishes.accel
    wishes = replace(options.run.wishes, icount=mode.counted, smp=cores, accel=accel)
    wanted = replace(options.run, wishes=wishes, commands=suite.command.format(samples=options.samples))
    hardware = find_hardware(wanted, workspace)
    if mode is Mode.MODEL:
        wanted = replace(wanted, plugins=(coherence.plugin_argument(hardware, workspace),))
    return Plan(wanted, hardware, obtain(wanted, hardware.cores, workspace), mode)


def _run(plan: Plan, suite: Suite, samples: int, workspace: Workspace) -> Run:
    """The figures of a boot, or why there are none."""
    session = run_session(plan.options, plan.hardware, plan.artefacts, workspace)
    if not session.verdict.success:
        raise BenchFailure([f"suite {suite.name} failed", *session.console_end(), *session.complaint])
    wanted = {path.name for path in suite.paths} | ({suite.overhead} if suite.overhead else set())
    try:
        found = read_samples(session.output, suite.guest, sorted(wanted), samples)
        values = of_samples(found)
        if plan.mode is Mode.MODEL:
            values = of_intervals(found, coherence.read_report(session.folder), samples)
    except (SamplesError, coherence.ReportError) as error:
        raise BenchFailure([f"suite {suite.name}: {error}", *session.console_end(), *session.complaint]) from None
    return Run(SKERRY, plan.hardware.cores, session.facts, values, figures(suite, values))


def write(results: Sequence[Result], folder: Path, workspace: Workspace) -> list[Path]:
    """A JSON file a suite, and one CSV file of all."""
    folder.mkdir(parents=True, exist_ok=True)
    host = host_facts(workspace.root)
    texts = {f"{result.suite.name}.json": to_json(result, host) for result in results}
    texts["figures.csv"] = to_csv(results)
    for name, text in texts.items():
        (folder / name).write_text(text)
    return [folder / name for name in texts]


def default_out(workspace: Workspace) -> Path:
    """A folder of its own for each benchmark."""
    return workspace.build / "bench" / time.strftime("%Y%m%d-%H%M%S")
