"""The figures for people: one table a suite, with the peers beside."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rich.console import Console
from rich.table import Table

from skerry.bench.beside import paper_lines, points_of
from skerry.bench.figures import Figure
from skerry.bench.measures import MEASURES, TICKS
from skerry.bench.paper.error import Point, percent
from skerry.bench.record import SKERRY, Result, Run
from skerry.bench.suite import BenchPath, Mode, Peer, Suite

UNITS = {Mode.ICOUNT: "instructions", Mode.MODEL: "instructions and the coherence model", Mode.TIMED: "host cycles"}
VERDICTS = {True: "met", False: "missed", None: ""}
COLOURS = {"met": "green", "missed": "red"}


@dataclass(frozen=True)
class Row:
    """A path's cells, `medians` is a column a measure, `range` the headline's, `paper` its point and the error."""

    title: str
    target: str
    medians: tuple[str, ...]
    spread: str
    range: str
    met: bool | None
    peers: tuple[str, ...]
    paper: tuple[str, str] = ("", "")


def number(value: float | None) -> str:
    """With thousands' commas, and no fraction where there is none."""
    return "" if value is None else f"{value:,.1f}".removesuffix(".0")


def measures_of(figures: Sequence[Figure]) -> list[str]:
    """The columns: what the samples say only where nothing finer is known."""
    names = list(dict.fromkeys(figure.measure for figure in figures))
    return [name for name in names if name != TICKS.name] or names


def rows(suite: Suite, figures: Sequence[Figure], peers: Sequence[Peer], live: Sequence[Figure] = ()) -> list[Row]:
    """The table's content; below a path what a live peer needed for the same."""
    found = {(figure.path.name, figure.measure): figure for figure in figures}
    theirs = {(figure.path.name, figure.measure): figure for figure in live}
    measures = measures_of(figures)
    made: list[Row] = []
    for path in suite.paths:
        made.append(_row(suite, path, [found[path.name, measure] for measure in measures], peers))
        for name in path.linux if live else ():
            shown = [theirs[name, measure] for measure in measures]
            made.append(_row(suite, shown[0].path, shown, (), f"  Linux: {shown[0].path.title}"))
    return made


def _row(suite: Suite, path: BenchPath, shown: Sequence[Figure], peers: Sequence[Peer], title: str = "") -> Row:
    head = next((figure for figure in shown if figure.measure == suite.headline), shown[0])
    return Row(
        title=title or path.title,
        target=number(path.target),
        medians=tuple(number(figure.median) for figure in shown),
        spread=number(head.spread),
        range=f"{number(head.least)} to {number(head.most)}",
        met=head.met,
        peers=tuple(_peer_cell(peer, suite.guest, path.name) for peer in peers),
    )


def with_paper(row: Row, point: Point | None) -> Row:
    """A row, with the paper's figure where it has one, too."""
    return row if point is None else replace(row, paper=(number(point.paper), percent(point.error)))


def _peer_cell(peer: Peer, suite: str, path: str) -> str:
    found = peer.figures.get((suite, path))
    return "" if found is None else number(found.value)


@dataclass(frozen=True)
class Cell:
    """`kind` is met, missed or nothing."""

    text: str
    kind: str = ""


@dataclass(frozen=True)
class GridRow:
    """`kind` is ours or theirs."""

    kind: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Grid:
    """A table, for a terminal or a page."""

    title: str
    head: tuple[str, ...]
    rows: tuple[GridRow, ...]


def grids(result: Result, peers: Sequence[Peer]) -> list[Grid]:
    """A table for each number of cores."""
    peers = _beside(result, peers)
    sizes = dict.fromkeys(run.cores for run in result.runs)
    return [_grid(result, [run for run in result.runs if run.cores == cores], peers) for cores in sizes]


def show(result: Result, peers: Sequence[Peer], console: Console) -> None:
    """Print one suite."""
    for grid in grids(result, peers):
        table = Table(title=grid.title, title_justify="left")
        for number, heading in enumerate(grid.head):
            table.add_column(heading, justify="right" if number else "left")
        for row in grid.rows:
            table.add_row(*(f"[{COLOURS[c.kind]}]{c.text}[/]" if c.kind else c.text for c in row.cells))
        console.print(table)
    for line in notes(result, peers):
        console.print(line, highlight=False)


def _beside(result: Result, peers: Sequence[Peer]) -> list[Peer]:
    return [peer for peer in peers if any(key[0] == result.suite.guest for key in peer.figures)]


def _grid(result: Result, runs: Sequence[Run], peers: Sequence[Peer]) -> Grid:
    """Of one number of cores: the first run of each system."""
    suite, run = result.suite, next(run for run in runs if run.system == SKERRY)
    live = next((other.figures for other in runs if other.system != SKERRY), ())
    cores = f"{run.cores} core{'s' if run.cores > 1 else ''}"
    measures = [_heading(name, suite) for name in measures_of(run.figures)]
    points = points_of(result)
    head = ("path", "at most", *measures, "spread", "min to max", "", *(peer.title for peer in peers))
    head += ("paper", "error") if points else ()
    found = [
        with_paper(row, points.get((row.title.strip(), run.cores))) for row in rows(suite, run.figures, peers, live)
    ]
    made = tuple(_cells(row, len(peers), bool(points)) for row in found)
    return Grid(f"{suite.name}: {suite.doc}, {cores}, {UNITS[result.mode]}", head, made)


def _cells(row: Row, peers: int, paper: bool) -> GridRow:
    texts = [Cell(text) for text in (row.title, row.target, *row.medians, row.spread, row.range)]
    verdict = Cell(VERDICTS[row.met], VERDICTS[row.met])
    theirs = row.peers or ("",) * peers
    return GridRow(
        "ours" if row.peers or not row.title.startswith(" ") else "theirs",
        (*texts, verdict, *map(Cell, theirs), *map(Cell, row.paper if paper else ())),
    )


def _heading(measure: str, suite: Suite) -> str:
    return "measured" if measure == TICKS.name else f"{measure}{' *' if measure == suite.headline else ''}"


def notes(result: Result, peers: Sequence[Peer]) -> list[str]:
    """What the columns mean."""
    run, suite = result.runs[0], result.suite
    counts = {figure.count for figure in run.figures}
    lines = [
        f"counted: {result.mode.says}",
        f"figures: median of {number(min(counts))} samples{_overhead(suite, run)}; spread: between the quartiles",
    ]
    if result.mode is Mode.MODEL:
        lines += [f"{name}: {MEASURES[name].title}, {MEASURES[name].unit}" for name in measures_of(run.figures)]
        lines.append(f"costs of cp1: {run.facts['costs']}; * is what targets, spread and range are about")
    if len(result.runs) > 1:
        lines.append(
            f"{len(result.runs)} runs, {'repeated ones equal to the digit' if result.repeatable else 'NOT EQUAL'}"
        )
    lines += paper_lines(result)
    if points_of(result):
        lines.append(f"paper: cycles of its processors; error: {suite.headline} / paper - 1")
    return lines + [f"{peer.title}: {peer.source}" for peer in _beside(result, peers)]


def _overhead(suite: Suite, run: Run) -> str:
    if not suite.overhead:
        return ""
    return f", less the {int(run.values[suite.overhead][TICKS.name][0])} of taking the time"
