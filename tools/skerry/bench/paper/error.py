"""How far are figures of ours from the paper's? Arithmetic only.

The size's error at a point that both have is ours / paper - 1. The shape's is the same after all of ours are multiplied
by one factor, that which makes the first common point equal; that point says nothing then and is left out.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from skerry.bench.paper.figures import PaperFigure


@dataclass(frozen=True)
class Measured:
    """A figure of ours: `label` as we call it, `series` the paper's that it stands beside."""

    label: str
    series: str
    cores: int
    value: float


@dataclass(frozen=True)
class Point:
    """A figure of ours where the paper has one, too."""

    ours: Measured
    paper: float

    @property
    def error(self) -> float:
        return self.ours.value / self.paper - 1

    def times(self, factor: float) -> "Point":
        return replace(self, ours=replace(self.ours, value=self.ours.value * factor))

    def __str__(self) -> str:
        return f"{self.ours.label} at {self.ours.cores} cores"


@dataclass(frozen=True)
class Errors:
    """Of several points: the mean of the absolute errors, and the point with the largest."""

    mean: float
    worst: Point


@dataclass(frozen=True)
class Shape:
    """`factor` makes `fitted` equal; `errors` are of the other points."""

    factor: float
    fitted: Point
    errors: Errors


def common_points(figure: PaperFigure, measured: Iterable[Measured]) -> list[Point]:
    """In the order of what was measured."""
    known = {(series.name, cores): value for series in figure.series for cores, value in series.points}
    return [Point(of, known[of.series, of.cores]) for of in measured if (of.series, of.cores) in known]


def errors(points: Sequence[Point]) -> Errors:
    """Of one point or more."""
    worst = max(points, key=lambda point: abs(point.error))
    return Errors(sum(abs(point.error) for point in points) / len(points), worst)


def shape(points: Sequence[Point]) -> Shape | None:
    """The first is that with the fewest cores, of several the one measured first; one number of cores has no shape."""
    if len({point.ours.cores for point in points}) < 2:
        return None
    first = min(points, key=lambda point: point.ours.cores)
    factor = first.paper / first.ours.value
    return Shape(factor, first, errors([point.times(factor) for point in points if point is not first]))


def percent(error: float) -> str:
    return f"{error:+.0%}"


def summary(figure: PaperFigure, points: Sequence[Point]) -> str:
    """One line: the size's errors, then the shape's."""
    count = f"{len(points)} point{'s' if len(points) > 1 else ''}"
    line = f"against the paper's {figure.number} ({figure.read}), {count}: error {_words(errors(points))}"
    found = shape(points)
    if found is None:
        return line
    return f"{line}; its shape, ours times {found.factor:.3f} ({found.fitted} made equal): {_words(found.errors)}"


def _words(found: Errors) -> str:
    return f"mean {found.mean:.0%}, largest {percent(found.worst.error)} ({found.worst})"
