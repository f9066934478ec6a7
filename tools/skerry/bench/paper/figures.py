"""The paper's figures, from NAME.toml beside this file."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Series:
    """A value, or points of (cores, value)."""

    name: str
    value: float | None
    points: tuple[tuple[int, float], ...]


@dataclass(frozen=True)
class Claim:
    """What the paper says of series without giving figures: one is `straight`, or one is `cheaper` `than` another."""

    says: str
    straight: str = ""
    cheaper: str = ""
    than: str = ""


@dataclass(frozen=True)
class PaperFigure:
    """One table or plot. `read` says how exact its values are; `machine`, if any, models that which it was taken on."""

    title: str
    unit: str
    read: str
    note: str
    series: tuple[Series, ...]
    machine: str = ""
    claims: tuple[Claim, ...] = ()

    @property
    def is_curve(self) -> bool:
        return any(series.points for series in self.series)

    @property
    def number(self) -> str:
        """As one refers to it: Figure 6."""
        return self.title.partition(":")[0]

    @property
    def names(self) -> set[str]:
        """Of the series that figures of ours may stand beside."""
        claimed = {name for claim in self.claims for name in (claim.straight, claim.cheaper, claim.than) if name}
        return {series.name for series in self.series} | claimed


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
    claims = tuple(Claim(**row) for row in table.get("claims", ()))
    optional = {"note": table.get("note", ""), "machine": table.get("machine", ""), "claims": claims}
    return PaperFigure(table["title"], table["unit"], table["read"], series=series, **optional)
