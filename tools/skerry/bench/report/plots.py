"""The pictures of a suite: ours and peers' on the left, the paper's on the right."""

from collections.abc import Sequence
from pathlib import Path
from textwrap import fill
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Picture
from matplotlib.figure import FigureBase

from skerry.bench.measures import MEASURES
from skerry.bench.paper.figures import PaperFigure, paper_figures
from skerry.bench.record import SKERRY, Result
from skerry.bench.report.bars import Bar, Group, drawn, groups
from skerry.bench.report.curves import Curve, curves
from skerry.bench.suite import TICKS, Mode, Peer

COLOURS = {SKERRY: "#1f5fa8", "linux": "#d9822b", "sel4": "#7a7a7a", "sel4-smp": "#a0a0a0", "barrelfish": "#7b4f9d"}
PAPER_COLOUR = "#3f7f5f"
LINE_STYLES = ("-", "--", "-.", ":")
MARKERS = "osD^vPX"
LABEL_ROOM = 12  # times the longest bar: what a label beside it takes of a logarithmic axis
PAPER_WIDTH, CURVE_WIDTH = 34, 46  # characters that a line of text has room for
SETTINGS: Any = {"svg.hashsalt": "skerry", "svg.fonttype": "none", "font.size": 9, "font.family": "DejaVu Sans"}
WAYS = {
    Mode.ICOUNT: "counted under -icount",
    Mode.MODEL: "coherence model under -icount",
    Mode.TIMED: "wall clock, noisy",
}


def axis_label(result: Result, unit: str = "") -> str:
    """The unit and how it was counted."""
    if unit:
        return f"{unit} ({WAYS[result.mode]})"
    if result.mode is Mode.TIMED:
        return f"host cycles ({WAYS[result.mode]})"
    measures = [MEASURES[name] for name in drawn(result)]
    what = " and ".join(f"{measure.unit}: {measure.title}" for measure in measures)
    if measures[0].name == TICKS:
        what = "instructions"
    return f"{what} ({WAYS[result.mode]})"


def draw(result: Result, peers: Sequence[Peer]) -> Picture:
    """Bars for one number of cores, curves for several."""
    sizes = sorted({run.cores for run in result.runs})
    paper = [figure for figure in paper_figures(result.suite.name) if figure.series]
    with mpl.rc_context(SETTINGS):
        if len(sizes) == 1:
            return _bar_picture(result, groups(result, sizes[0], peers), paper)
        return _curve_picture(result, paper)


def save(picture: Picture, folder: Path, name: str) -> list[Path]:
    """As PNG and as SVG, neither with a date in it."""
    files = [folder / f"{name}.png", folder / f"{name}.svg"]
    with mpl.rc_context(SETTINGS):
        picture.savefig(files[0], dpi=130, metadata={"Software": None})
        picture.savefig(files[1], metadata={"Date": None})
    return files


def _bar_picture(result: Result, shown: Sequence[Group], paper: Sequence[PaperFigure]) -> Picture:
    """A panel for each unit."""
    units = list(dict.fromkeys(group.unit for group in shown))
    panels = [[group for group in shown if group.unit == unit] for unit in units]
    heights = [0.24 * sum(len(group.bars) + 1.4 for group in panel) + 0.8 for panel in panels]
    beside = [0.2 * len(figure.series) + 0.9 for figure in paper]
    height = max(2.6, sum(heights) + 0.3, sum(beside))
    picture = Picture(figsize=(13.5 if paper else 10, height), layout="constrained")
    parts = picture.subfigures(1, 2 if paper else 1, squeeze=False, width_ratios=(2.2, 1) if paper else (1,))[0]
    left, right = parts[0], parts[1:]
    for axes, unit, panel in zip(_column(left, heights), units, panels, strict=True):
        _bars(axes, panel)
        axes.set_xlabel(axis_label(result, unit) + ", logarithmic")
    left.suptitle(f"{result.suite.name}: {result.suite.doc}", x=0.02, ha="left")
    for part in right:
        for axes, figure in zip(_column(part, beside), paper, strict=True):
            _paper_bars(axes, figure)
    return picture


def _column(part: FigureBase, heights: Sequence[float]) -> Sequence[Axes]:
    """Panels one below the other."""
    return list(part.subplots(len(heights), 1, squeeze=False, height_ratios=heights)[:, 0])


def _bars(axes: Axes, shown: Sequence[Group]) -> None:
    at, ticks, labels = 0.0, [], []
    for group in shown:
        axes.text(0, at, group.title, transform=axes.get_yaxis_transform(), weight="bold", va="center", ha="left")
        at += 1
        for bar in group.bars:
            _bar(axes, at, bar)
            ticks.append(at)
            labels.append(bar.label)
            at += 1
        at += 0.4
    axes.set_yticks(ticks, labels)
    axes.set_ylim(at, -0.8)
    axes.set_xscale("log")
    values = [value for group in shown for bar in group.bars for value in (bar.value, bar.inner) if value]
    axes.set_xlim(max(1, min(values, default=1) / 3), max(values, default=1) * LABEL_ROOM)
    axes.grid(axis="x", alpha=0.3)


def _bar(axes: Axes, at: float, bar: Bar) -> None:
    colour = COLOURS.get(bar.system, "#555555")
    text = f" {bar.value:,.0f}" if bar.value >= 100 else f" {bar.value:,.1f}".removesuffix(".0")
    if bar.inner is not None:
        axes.barh(at, bar.value, color=colour, alpha=0.4, height=0.75)
        axes.barh(at, bar.inner, color=colour, height=0.75)
        text += f"  (of it {bar.inner:,.0f} executing, dark)"
    else:
        axes.barh(at, bar.value, color=colour, height=0.75)
    axes.text(bar.value, at, text, va="center", ha="left", fontsize=8)


def _paper_bars(axes: Axes, figure: PaperFigure) -> None:
    shown = [series for series in figure.series if series.value is not None]
    axes.barh(range(len(shown)), [series.value or 0 for series in shown], color=PAPER_COLOUR, height=0.7)
    axes.set_yticks(range(len(shown)), [series.name for series in shown])
    axes.invert_yaxis()
    for at, series in enumerate(shown):
        axes.text(series.value or 0, at, f" {series.value:,g}", va="center", fontsize=8)
    axes.margins(x=0.18)
    _paper_words(axes, figure, axes.set_xlabel)


def _paper_words(axes: Axes, figure: PaperFigure, set_label: object) -> None:
    assert callable(set_label)
    set_label(fill(f"{figure.unit} of the paper's processors ({figure.read})", PAPER_WIDTH))
    axes.set_title(fill(f"the paper, {figure.title}", PAPER_WIDTH), loc="left", fontsize=9)
    axes.grid(axis="x" if not figure.is_curve else "both", alpha=0.3)


def _curve_picture(result: Result, paper: Sequence[PaperFigure]) -> Picture:
    """A panel for each unit, then the paper's."""
    shown = curves(result)
    units = list(dict.fromkeys(curve.unit for curve in shown))
    count = len(units) + len(paper)
    picture = Picture(figsize=(6.8 * count if count > 1 else 9, 4.8), layout="constrained")
    panels = picture.subplots(1, count, squeeze=False)[0]
    for axes, unit in zip(panels, units, strict=False):
        _curves(axes, [curve for curve in shown if curve.unit == unit])
        axes.set_ylabel(fill(axis_label(result, unit), CURVE_WIDTH))
    picture.suptitle(f"{result.suite.name}: {result.suite.doc}", x=0.02, ha="left")
    for panel, figure in zip(panels[len(units) :], paper, strict=True):
        for series in figure.series:
            cores, values = zip(*series.points, strict=True)
            panel.plot(cores, values, "o-", label=series.name)
        _core_axis(panel, sorted({cores for series in figure.series for cores, _ in series.points}))
        _paper_words(panel, figure, panel.set_ylabel)
    return picture


def _curves(axes: Axes, shown: Sequence[Curve]) -> None:
    for number, curve in enumerate(shown):
        cores, values = zip(*curve.points, strict=True)
        own = curve.system == SKERRY
        style = LINE_STYLES[number % len(LINE_STYLES)] if own else "--"
        colour = None if own else COLOURS.get(curve.system)
        axes.plot(cores, values, style, marker=MARKERS[number % len(MARKERS)], color=colour, label=curve.label)
    _core_axis(axes, sorted({cores for curve in shown for cores, _ in curve.points}))


def _core_axis(axes: Axes, sizes: Sequence[int]) -> None:
    axes.set_xticks(sizes)
    axes.set_xlabel("cores")
    axes.set_ylim(bottom=0)
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8)
