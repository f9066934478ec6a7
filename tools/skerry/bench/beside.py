"""What of a result stands beside the paper's figures, and what a table says of it."""

from skerry.bench.paper.claims import claim_lines
from skerry.bench.paper.error import Measured, Point, common_points, summary
from skerry.bench.paper.figures import PaperFigure, paper_figures
from skerry.bench.record import SKERRY, Result
from skerry.bench.suite import Mode


def points_of(result: Result) -> dict[tuple[str, int], Point]:
    """By label of the path and number of cores; none where the costs are another machine's."""
    return {
        (point.ours.label, point.ours.cores): point
        for figure in _figures(result)
        if _machine(result) == figure.machine
        for system in _systems(result)
        for point in common_points(figure, measured(result, system))
    }


def paper_lines(result: Result) -> list[str]:
    """Of each figure: a line with our errors, or why there are none, one with each peer's, and one a claim."""
    lines: list[str] = []
    for figure in _figures(result):
        if _machine(result) != figure.machine:
            lines.append(f"the paper's {figure.number} is of another machine: to compare, --machine {figure.machine}")
            continue
        for system in _systems(result):
            points = common_points(figure, measured(result, system))
            if points:
                lines.append(label(system, summary(figure, points)))
            elif system == SKERRY:
                lines.append(_pointless(figure))
        lines += claim_lines(figure, measured(result, SKERRY))
    return lines


def label(system: str, text: str) -> str:
    """Whose it is, where it is a peer's."""
    return text if system == SKERRY else f"{system.capitalize()}: {text}"


def measured(result: Result, system: str) -> list[Measured]:
    """The headline of each path that has a series in the paper; of each size the first run."""
    firsts = {run.cores: run for run in reversed(result.runs) if run.system == system}
    return [
        Measured(label(system, figure.path.title), figure.path.paper, cores, figure.median)
        for cores, run in sorted(firsts.items())
        for figure in run.figures
        if figure.path.paper and figure.measure == result.suite.headline
    ]


def _figures(result: Result) -> list[PaperFigure]:
    """Those that can be compared with: the model's costs are fitted to the paper's processors, others' are not."""
    if result.mode is not Mode.MODEL or not result.runs or not any(path.paper for path in result.suite.paths):
        return []
    return [figure for figure in paper_figures(result.suite.name) if figure.machine]


def _systems(result: Result) -> list[str]:
    return list(dict.fromkeys(run.system for run in result.runs))


def _machine(result: Result) -> str:
    return str(result.runs[0].facts["machine"])


def _pointless(figure: PaperFigure) -> str:
    if any(series.points for series in figure.series):
        sizes = sorted({cores for series in figure.series for cores, _ in series.points})
        return f"the paper's {figure.number} is known at {' and '.join(map(str, sizes))} cores: no point in common"
    return f"no point of the paper's {figure.number} is known, so no error is stated"
