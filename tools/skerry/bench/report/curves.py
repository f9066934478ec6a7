"""What a plot over numbers of cores shows: a curve for each path of each system."""

from dataclasses import dataclass

from skerry.bench.record import SKERRY, Result
from skerry.bench.report.bars import headline


@dataclass(frozen=True)
class Curve:
    """Points of (cores, value); `unit` where it is not the suite's."""

    label: str
    system: str
    points: tuple[tuple[int, float], ...]
    unit: str = ""


def curves(result: Result, measure: str | None = None) -> list[Curve]:
    """The first run of each system and size."""
    wanted = measure or headline(result)
    units = {name: path.unit for path in result.suite.paths for name in (path.name, *path.linux)}
    points: dict[tuple[str, str, str], dict[int, float]] = {}
    for run in result.runs:
        for figure in run.figures:
            if figure.measure == wanted:
                points.setdefault((run.system, figure.path.title, units[figure.path.name]), {}).setdefault(
                    run.cores, figure.median
                )
    return [
        Curve(
            title if system == SKERRY else f"{system.capitalize()}: {title}", system, tuple(sorted(found.items())), unit
        )
        for (system, title, unit), found in points.items()
    ]
