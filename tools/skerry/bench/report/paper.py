"""The paper's figures, from ../paper/NAME.toml."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[1] / "paper"


@dataclass(frozen=True)
class Series:
    """A value, or points of (cores, value)."""

    name: str
    value: float | None
    points: tuple[tuple[int, float], ...]


@dataclass(frozen=True)
class PaperFigure:
    """One table or plot. `read` says how exact its values are."""

    title: str
    unit: str
    read: str
    note: str
    series: tuple[Series, ...]

    @property
    def is_curve(self) -> bool:
        return any(series.points for series in self.series)


def paper_figures(name: str, folder: Path = FOLDER) -> list[PaperFigure]:
    """What the paper has beside a suite: none, one, or two."""
    file = folder / f"{name}.toml"
    if not file.exists():
        return []
    table = tomllib.loads(file.read_text())
    second = table.get("second")
    return [_figure(table)] + ([_figure({"read": table["read"], **second})] if second else [])


def _figure(table: Mapping[str, Any]) -> PaperFigure:
    series = tuple(
        Series(row["name"], row.get("value"), tuple((int(cores), value) for cores, value in row.get("points", ())))
        for row in table["series"]
    )
    return PaperFigure(table["title"], table["unit"], table["read"], table.get("note", ""), series)
