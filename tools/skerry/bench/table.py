"""The figures for people: one table a suite, with the peers beside."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from skerry.bench.figures import Figure
from skerry.bench.record import Result
from skerry.bench.suite import Peer, Suite

VERDICTS = {True: "met", False: "missed", None: ""}
COLOURS = {True: "green", False: "red", None: ""}


@dataclass(frozen=True)
class Row:
    """A path's cells, as text."""

    title: str
    target: str
    median: str
    spread: str
    range: str
    met: bool | None
    peers: tuple[str, ...]


def number(value: float | None) -> str:
    """With thousands' commas, and no fraction where there is none."""
    return "" if value is None else f"{value:,.1f}".removesuffix(".0")


def rows(suite: Suite, figures: Sequence[Figure], peers: Sequence[Peer]) -> list[Row]:
    """The table's content."""
    return [
        Row(
            title=figure.path.title,
            target=number(figure.path.target),
            median=number(figure.median),
            spread=number(figure.spread),
            range=f"{number(figure.least)} to {number(figure.most)}",
            met=figure.met,
            peers=tuple(_peer_cell(peer, suite.name, figure.path.name) for peer in peers),
        )
        for figure in figures
    ]


def _peer_cell(peer: Peer, suite: str, path: str) -> str:
    found = peer.figures.get((suite, path))
    return "" if found is None else number(found.value)


def show(result: Result, peers: Sequence[Peer], console: Console) -> None:
    """Print one suite: the first run, and whether the others are equal."""
    suite, run = result.suite, result.runs[0]
    peers = [peer for peer in peers if any(key[0] == suite.name for key in peer.figures)]
    table = Table(title=f"{suite.name}: {suite.doc}, {suite.unit}", title_justify="left")
    table.add_column("path")
    for heading in ("at most", "measured", "spread", "min to max"):
        table.add_column(heading, justify="right")
    table.add_column("")
    for peer in peers:
        table.add_column(peer.title, justify="right")
    for row in rows(suite, run.figures, peers):
        verdict = f"[{COLOURS[row.met]}]{VERDICTS[row.met]}[/]" if row.met is not None else ""
        table.add_row(row.title, row.target, row.median, row.spread, row.range, verdict, *row.peers)
    console.print(table)
    for line in notes(result, peers):
        console.print(line, highlight=False)


def notes(result: Result, peers: Sequence[Peer]) -> list[str]:
    """What the columns mean."""
    run, suite = result.runs[0], result.suite
    counts = {figure.count for figure in run.figures}
    overhead = int(run.samples[suite.overhead][0])
    lines = [
        f"measured: median of {number(min(counts))} samples, less the {overhead} of taking the time; "
        "spread: between the quartiles"
    ]
    if len(result.runs) > 1:
        lines.append(f"{len(result.runs)} runs, {'equal to the digit' if result.repeatable else 'NOT EQUAL'}")
    return lines + [f"{peer.title}: {peer.source}" for peer in peers]
