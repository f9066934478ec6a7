"""One report of a campaign: a table for the terminal, a CSV file a unit a line, and a page."""

import csv
import io
import statistics
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from skerry.campaign.units import Unit
from skerry.campaign.work import Outcome
from skerry.render import render

TEMPLATE = Path(__file__).with_name("report.html.j2")
COLUMNS = ("machine", "cores", "what", "units", "succeeded", "failed", "seconds a unit", "seeds agree")


@dataclass(frozen=True)
class Line:
    """All seeds of one machine, size and job. `agree`: of a suite, whether every seed gave the same figures."""

    machine: str
    cores: int
    what: str
    count: int
    good: int
    seconds: float
    agree: str

    @property
    def cells(self) -> tuple[str, ...]:
        numbers = (self.count, self.good, self.count - self.good)
        return (self.machine, str(self.cores), self.what, *map(str, numbers), f"{self.seconds:.1f}", self.agree)


def lines(done: Sequence[tuple[Unit, Outcome]]) -> list[Line]:
    """In the units' order."""
    groups: dict[tuple[str, int, str], list[Outcome]] = defaultdict(list)
    for unit, outcome in done:
        groups[unit.machine, unit.cores, unit.suite or "commands"].append(outcome)
    return [_line(*key, outcomes) for key, outcomes in groups.items()]


def _line(machine: str, cores: int, what: str, outcomes: Sequence[Outcome]) -> Line:
    good = [outcome for outcome in outcomes if outcome.success]
    measured = [outcome.figures for outcome in good if outcome.figures]
    agree = "" if not measured else "yes" if all(figures == measured[0] for figures in measured) else "no"
    seconds = statistics.fmean(outcome.seconds for outcome in outcomes)
    return Line(machine, cores, what, len(outcomes), len(good), seconds, agree)


def write(done: Sequence[tuple[Unit, Outcome]], folder: Path) -> list[Path]:
    """The files."""
    table, page = folder / "campaign.csv", folder / "campaign.html"
    table.write_text(_csv(done))
    failed = [outcome for _, outcome in done if not outcome.success]
    page.write_text(render(TEMPLATE, columns=COLUMNS, lines=lines(done), failed=failed, count=len(done)))
    return [page, table]


def show(done: Sequence[tuple[Unit, Outcome]], console: Console) -> None:
    """The table, and how to do each failed unit again."""
    table = Table(*COLUMNS)
    for line in lines(done):
        table.add_row(*line.cells)
    console.print(table)
    for _, outcome in done:
        if not outcome.success:
            console.print(
                f"{outcome.name}: {outcome.verdict}: {outcome.reason}; again: {outcome.again}", highlight=False
            )


def _csv(done: Sequence[tuple[Unit, Outcome]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("machine", "cores", "seed", "what", "success", "verdict", "reason", "seconds", "again"))
    for unit, outcome in done:
        what = unit.suite or unit.commands
        own = (outcome.success, outcome.verdict, outcome.reason, round(outcome.seconds, 3), outcome.again)
        writer.writerow((unit.machine, unit.cores, unit.seed, what, *own))
    return text.getvalue()
