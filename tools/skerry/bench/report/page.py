"""One HTML page that needs nothing else: every suite's picture, tables, notes and exact commands."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from skerry.bench.facts import HostFacts
from skerry.bench.paper.figures import paper_figures
from skerry.bench.record import Result
from skerry.bench.report.plots import draw, save
from skerry.bench.suite import MODE_TEXTS, Peer
from skerry.bench.table import Grid, grids, notes
from skerry.render import render

TEMPLATE = Path(__file__).with_name("page.html.j2")
PAGE = "report.html"


@dataclass(frozen=True)
class Way:
    """A way to count."""

    key: str
    text: str


@dataclass(frozen=True)
class Section:
    """A suite's part of the page; `picture` is SVG."""

    name: str
    doc: str
    mode: str
    reading: tuple[str, ...]
    picture: str
    tables: tuple[Grid, ...]
    notes: tuple[str, ...]
    commands: tuple[str, ...]


def write_report(results: Sequence[Result], peers: Sequence[Peer], host: HostFacts, folder: Path) -> list[Path]:
    """The page, and each picture as PNG and SVG beside it."""
    files: list[Path] = []
    sections = []
    for result in results:
        saved = save(draw(result, peers), folder, result.name)
        files += saved
        sections.append(_section(result, peers, saved[1].read_text()))
    page = folder / PAGE
    ways = [Way(mode.value, text) for mode, text in MODE_TEXTS.items()]
    page.write_text(render(TEMPLATE, made=_made(host), ways=ways, sections=sections))
    return [page, *files]


def _made(host: HostFacts) -> str:
    where = f"on {host.cpu}, {host.cpus} CPUs, load {host.load}"
    return f"{host.time} {where}; {host.qemu}; revision {host.revision or 'unknown'}"


def _section(result: Result, peers: Sequence[Peer], svg: str) -> Section:
    """The XML declaration of the picture's file is not HTML's."""
    paper = [
        f"In the paper, {figure.title}: {figure.note}." for figure in paper_figures(result.suite.name) if figure.note
    ]
    firsts = {(run.system, run.cores): run for run in reversed(result.runs)}
    commands = [f"{system}, {cores} cores: {run.facts['qemu']}" for (system, cores), run in sorted(firsts.items())]
    return Section(
        name=result.name,
        doc=result.suite.doc,
        mode=result.mode.value,
        reading=(result.suite.reading, *paper) if result.suite.reading else tuple(paper),
        picture=svg[svg.index("<svg") :],
        tables=tuple(grids(result, peers)),
        notes=tuple(notes(result, peers)),
        commands=tuple(commands),
    )
