"""From values to figures: median, spread, target met or missed. Pure."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from skerry.bench.measures import MEASURES, Values
from skerry.bench.suite import TICKS, BenchPath


@dataclass(frozen=True)
class Figure:
    """One measure of one path of one run. `spread` is the distance between the quartiles; net where the measure is."""

    path: BenchPath
    measure: str
    median: float
    spread: float
    least: float
    most: float
    count: int
    met: bool | None = None


def figure(path: BenchPath, measure: str, values: Sequence[float], headline: str = TICKS) -> Figure:
    """Of net values of single operations; only the headline measure has a target to meet."""
    low, median, high = _quartiles(values)
    met = median <= path.target if path.target is not None and measure == headline else None
    return Figure(path, measure, median, high - low, min(values), max(values), len(values), met)


def figures(paths: Sequence[BenchPath], values: Values, overhead: str, headline: str = TICKS) -> tuple[Figure, ...]:
    """Every path, in their order, and every measure that there is of it."""
    return tuple(
        figure(path, measure, _net(values, overhead, path, measure), headline)
        for path in paths
        for measure in values[path.name]
    )


def _net(values: Values, overhead: str, path: BenchPath, measure: str) -> list[float]:
    """Less the overhead, and divided: whole numbers stay whole."""
    kind = MEASURES[measure]
    less = int(statistics.median_low(values[overhead][measure])) if overhead and kind.net and not path.host else 0
    per = path.per if kind.divisible else 1
    return [(value - less) / per if per > 1 else value - less for value in values[path.name][measure]]


def _quartiles(samples: Sequence[float]) -> tuple[float, float, float]:
    if len(samples) < 2:
        return (samples[0], samples[0], samples[0])
    low, median, high = statistics.quantiles(samples, n=4, method="inclusive")
    return low, median, high
