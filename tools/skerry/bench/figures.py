"""From values to figures: median, spread, target met or missed. Pure."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from skerry.bench.measures import MEASURES, Values
from skerry.bench.suite import BenchPath, Suite


@dataclass(frozen=True)
class Figure:
    """One measure of one path of one run. `spread` is the distance between the quartiles; net where the measure is."""

    path: BenchPath
    measure: str
    median: float
    spread: float
    least: int
    most: int
    count: int
    met: bool | None = None


def figure(path: BenchPath, measure: str, values: Sequence[int], headline: str = "ticks") -> Figure:
    """Of net values; only the headline measure has a target to meet."""
    low, median, high = _quartiles(values)
    met = median <= path.target if path.target is not None and measure == headline else None
    return Figure(path, measure, median, high - low, min(values), max(values), len(values), met)


def figures(suite: Suite, values: Values) -> tuple[Figure, ...]:
    """Every path of the suite, in its order, and every measure that there is of it."""
    return tuple(
        figure(path, measure, _net(suite, values, measure, of_path), suite.headline)
        for path in suite.paths
        for measure, of_path in values[path.name].items()
    )


def _net(suite: Suite, values: Values, measure: str, of_path: Sequence[int]) -> list[int]:
    if not suite.overhead or not MEASURES[measure].net:
        return list(of_path)
    overhead = int(statistics.median_low(values[suite.overhead][measure]))
    return [value - overhead for value in of_path]


def _quartiles(samples: Sequence[int]) -> tuple[float, float, float]:
    if len(samples) < 2:
        return (samples[0], samples[0], samples[0])
    low, median, high = statistics.quantiles(samples, n=4, method="inclusive")
    return low, median, high
