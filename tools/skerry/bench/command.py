"""`invoke bench`: suites to runs to figures to files and tables."""

import sys
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from skerry.bench.compare import compare_task
from skerry.bench.facts import host_facts
from skerry.bench.record import Result, to_csv, to_json
from skerry.bench.report.page import write_report
from skerry.bench.runs import BenchFailure, BenchOptions, run_suite
from skerry.bench.suite import load_peers, load_suite
from skerry.bench.table import show
from skerry.errors import UserError, parse_count
from skerry.machine import process
from skerry.run.options import RunOptions
from skerry.workspace import Workspace

FAILED = 1
PEERS = ("linux",)
WIDTH = 200  # of a table that goes to a file


def bench_task(
    suites: Sequence[str],
    peers: Sequence[str],
    samples: str,
    repeat: str,
    out: str,
    run: RunOptions,
    workspace: Workspace,
) -> int:
    """What the command line says, checked and done."""
    options = BenchOptions(
        suites=tuple(suites) or ("core",),
        samples=parse_count("--samples", samples, 1, 4096),
        repeat=parse_count("--repeat", repeat, 1, 1000),
        out=Path(out) if out else default_out(workspace),
        run=run,
        peers=parse_peers(peers),
    )
    return bench(options, workspace)


def compare(before: str, after: str) -> int:
    """What changed between two folders."""
    return compare_task(Path(before), Path(after))


def bench(options: BenchOptions, workspace: Workspace) -> int:
    """All suites; 0 when each gave its figures and, where counted, the same ones in each run."""
    process.find_qemu()
    suites = [load_suite(name) for name in options.suites]
    try:
        results = [run_suite(suite, mode, options, workspace) for suite in suites for mode in suite.modes]
    except BenchFailure as failure:
        print("\n".join(failure.lines), file=sys.stderr)
        return FAILED
    files = write(results, options.out, workspace)
    console = Console(width=None if sys.stdout.isatty() else WIDTH, highlight=False)
    for result in results:
        show(result, load_peers(), console)
    print(f"written: {workspace.relative(files[0])}, and beside it {', '.join(file.name for file in files[1:])}")
    unequal = [result.suite.name for result in results if result.mode.counted and not result.repeatable]
    for name in unequal:
        print(f"suite {name}: counted runs differ; that is a fault of the machine or of this tool", file=sys.stderr)
    return FAILED if unequal else 0


def write(results: Sequence[Result], folder: Path, workspace: Workspace) -> list[Path]:
    """A JSON file a suite, one CSV file of all, the page and its pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    host = host_facts(workspace.root)
    texts = {f"{result.name}.json": to_json(result, host) for result in results}
    texts["figures.csv"] = to_csv(results)
    for name, text in texts.items():
        (folder / name).write_text(text)
    return [*write_report(results, load_peers(), host, folder), *(folder / name for name in texts)]


def parse_peers(names: Sequence[str]) -> tuple[str, ...]:
    """Peers that can be run live."""
    for name in names:
        if name not in PEERS:
            raise UserError(f"no peer {name!r} can be run", f"use {', '.join(PEERS)} (--peer NAME)")
    return tuple(names)


def default_out(workspace: Workspace) -> Path:
    """A folder of its own for each benchmark."""
    return workspace.build / "bench" / time.strftime("%Y%m%d-%H%M%S")
