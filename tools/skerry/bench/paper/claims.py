"""Does what the paper says of a figure, without giving its points, hold of ours? Arithmetic only."""

from collections.abc import Sequence
from statistics import linear_regression

from skerry.bench.paper.error import Measured, Point, errors, percent
from skerry.bench.paper.figures import Claim, PaperFigure


def claim_lines(figure: PaperFigure, measured: Sequence[Measured]) -> list[str]:
    """A line a claim of which something was measured."""
    found = [(claim, _judged(claim, measured)) for claim in figure.claims]
    return [f"{figure.number} says: {claim.says}. Here: {'; '.join(of)}" for claim, of in found if of]


def _judged(claim: Claim, measured: Sequence[Measured]) -> list[str]:
    if claim.straight:
        return straightness([of for of in measured if of.series == claim.straight])
    cheap = [of for of in measured if of.series == claim.cheaper]
    dear = {of.cores: of.value for of in measured if of.series == claim.than}
    return [
        f"{label} {_ratios([of for of in cheap if of.label == label], dear)}"
        for label in dict.fromkeys(of.label for of in cheap if of.cores in dear)
    ]


def straightness(measured: Sequence[Measured]) -> list[str]:
    """How far a curve of three points or more is from the straight line that fits it best, by least squares."""
    if len(measured) < 3:
        return []
    slope, base = linear_regression([of.cores for of in measured], [of.value for of in measured])
    found = errors([Point(of, base + slope * of.cores) for of in measured])
    line = f"{base:,.0f} + {slope:,.0f} a core"
    return [f"within {abs(found.worst.error):.0%} of {line} (mean {found.mean:.0%}, farthest {_where(found.worst)})"]


def _where(point: Point) -> str:
    return f"{percent(point.error)} at {point.ours.cores} cores"


def _ratios(cheap: Sequence[Measured], dear: dict[int, float]) -> str:
    return ", ".join(f"{dear[of.cores] / of.value:.1f} times at {of.cores} cores" for of in cheap if of.cores in dear)
