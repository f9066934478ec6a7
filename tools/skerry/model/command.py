"""`invoke model`: the critical path of each protocol over cores, as a table and as CSV to plot."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from skerry.errors import parse_count
from skerry.machine.spec import load_machine
from skerry.model.machines import ModelMachine, stated_machine, wide_machine
from skerry.model.paper import paper_lines
from skerry.model.runs import MOST_CORES, Outcome, Topology, run
from skerry.workspace import Workspace

WIDE = "wide"
PIPELINED = 16


@dataclass(frozen=True)
class ModelOptions:
    """Which machine, how many of its cores at most, and where the CSV file goes."""

    machine: str
    cores: int
    out: Path | None


def model_task(machine: str, cores: str, out: str, workspace: Workspace) -> int:
    """What was typed; all cores that there are when nothing is said."""
    most = MOST_CORES if machine == WIDE else load_machine(machine, workspace.machines).cores
    limit = parse_count("--cores", cores, 2, MOST_CORES) if cores else most
    return model(ModelOptions(machine, limit, Path(out) if out else None), workspace)


def model(options: ModelOptions, workspace: Workspace) -> int:
    """Run the protocols on more and more cores."""
    outcomes: list[Outcome] = []
    for phases in (1, 2):
        rows = [_row(machine, phases) for machine in _machines(options, workspace)]
        outcomes += [outcome for row in rows for outcome in row]
        _print(f"{_title(phases)}, {options.machine}: ticks on the critical path", rows)
    _print_paper(options.machine, outcomes)
    if options.out is not None:
        write_csv(options.out, outcomes)
        print(f"written to {options.out}")
    return 0


def _title(phases: int) -> str:
    return "one phase" if phases == 1 else f"two phases (the last column: {PIPELINED} in flight, each)"


def _machines(options: ModelOptions, workspace: Workspace) -> list[ModelMachine]:
    sizes = [size for size in (2, 4, 8, 12, 16, 24, 32, 64, 128, 256, 512, 1024) if size <= options.cores]
    if options.machine == WIDE:
        return [wide_machine(size) for size in sizes]
    return [stated_machine(options.machine, size, workspace) for size in sizes]


def _row(machine: ModelMachine, phases: int) -> list[Outcome]:
    row = [run(machine, phases, topology) for topology in Topology]
    return [*row, run(machine, phases, Topology.NUMA, PIPELINED)] if phases == 2 else row


def _print(title: str, rows: list[list[Outcome]]) -> None:
    table = Table(title=title)
    for column in ["cores", *(outcome.topology.name.lower() for outcome in rows[0])]:
        table.add_column(column, justify="right")
    for row in rows:
        table.add_row(str(row[0].cores), *(f"{outcome.each:,.0f}" for outcome in row))
    Console().print(table)


def _print_paper(machine: str, outcomes: Sequence[Outcome]) -> None:
    """How far it is from Figures 6 and 8."""
    for line in paper_lines(machine, outcomes):
        print(line)


def write_csv(file: Path, outcomes: Iterable[Outcome]) -> None:
    """A line a run."""
    rows = [{**asdict(outcome), "topology": outcome.topology.name.lower()} for outcome in outcomes]
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", newline="") as out:
        writer = csv.DictWriter(out, rows[0])
        writer.writeheader()
        writer.writerows(rows)
