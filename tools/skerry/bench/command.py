"""`invoke bench`: suites to runs to figures to files and tables."""

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console

from skerry.bench.facts import host_facts
from skerry.bench.figures import figures
from skerry.bench.record import Result, Run, to_csv, to_json
from skerry.bench.samples import SamplesError, read_samples
from skerry.bench.session import Session, run_session
from skerry.bench.suite import Suite, load_peers, load_suite
from skerry.bench.table import show
from skerry.machine import process
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
    unequal = [result.suite.name for result in results if result.suite.icount and not result.repeatable]
    for name in unequal:
        print(f"suite {name}: counted runs differ; that is a fault of the machine or of this tool", file=sys.stderr)
    return FAILED if unequal else 0


def run_suite(suite: Suite, options: BenchOptions, workspace: Workspace) -> Result:
    """Boot as often as wanted."""
    commands = suite.command.format(samples=options.samples)
    wishes = replace(options.run.wishes, icount=suite.icount, smp=options.run.wishes.smp or suite.cores)
    wanted = replace(options.run, wishes=wishes, commands=commands)
    hardware = find_hardware(wanted, workspace)
    artefacts = obtain(wanted, hardware.cores, workspace)
    sessions = (run_session(wanted, hardware, artefacts, workspace) for _ in range(options.repeat))
    return Result(suite, tuple(_run(suite, session, options.samples) for session in sessions))


def _run(suite: Suite, session: Session, samples: int) -> Run:
    """The figures of a session, or why there are none."""
    if not session.verdict.success:
        raise BenchFailure([f"suite {suite.name} failed", *session.console_end(), *session.complaint])
    wanted = [path.name for path in suite.paths]
    try:
        found = read_samples(session.output, suite.name, [*wanted, suite.overhead], samples)
    except SamplesError as error:
        raise BenchFailure([f"suite {suite.name}: {error}", *session.console_end(), *session.complaint]) from None
    return Run(session, found, figures(suite, found))


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
