"""From samples to figures: median, spread, target met or missed. Pure."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from skerry.bench.samples import Samples
from skerry.bench.suite import BenchPath, Suite


@dataclass(frozen=True)
class Figure:
    """One path of one run. `spread` is the distance between the quartiles; all are net of the overhead."""

    path: BenchPath
    median: float
    spread: float
    least: int
    most: int
    count: int

    @property
    def met(self) -> bool | None:
        """None: there is no target."""
        return None if self.path.target is None else self.median <= self.path.target


def figure(path: BenchPath, samples: Sequence[int]) -> Figure:
    """Of net samples."""
    low, median, high = _quartiles(samples)
    return Figure(path, median, high - low, min(samples), max(samples), len(samples))


def figures(suite: Suite, samples: Samples) -> tuple[Figure, ...]:
    """Every path of the suite, in its order."""
    overhead = int(statistics.median_low(samples[suite.overhead])) if suite.overhead else 0
    return tuple(figure(path, [value - overhead for value in samples[path.name]]) for path in suite.paths)


def _quartiles(samples: Sequence[int]) -> tuple[float, float, float]:
    if len(samples) < 2:
        return (samples[0], samples[0], samples[0])
    low, median, high = statistics.quantiles(samples, n=4, method="inclusive")
    return low, median, high
