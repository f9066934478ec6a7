"""Suites and peers: suites/NAME.toml and peers.toml as frozen dataclasses.

A suite says what the guest runs, how a run is counted, and which paths it measures against which targets. A peer is
another system with its figures for the same paths.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path
from typing import Any

from skerry.errors import UserError

TICKS = "ticks"  # the measure that every suite has: the guest's own samples

HERE = Path(__file__).resolve().parent


class Mode(Enum):
    """How a suite is counted. README.md says what each means."""

    ICOUNT = "icount"
    MODEL = "model"
    TIMED = "timed"

    @property
    def counted(self) -> bool:
        """Whether two runs must be equal to the digit."""
        return self is not Mode.TIMED

    @property
    def says(self) -> str:
        return MODE_TEXTS[self]


MODE_TEXTS = {
    Mode.ICOUNT: "instructions of all cores, counted under -icount: deterministic",
    Mode.MODEL: "instructions and cache lines under -icount, critical path by the coherence model: deterministic",
    Mode.TIMED: "the wall clock, in host cycles where no unit is named: noisy, good as a ratio within one run",
}


@dataclass(frozen=True)
class BenchPath:
    """Something that is measured. `target` is the most that it may take; None: we only want to know.

    A sample is of `per` operations, a figure of one. `linux` names the paths of the Linux peer that do the same. `host`
    names what is measured from outside instead (hostside.py). `unit`, `modes`: where not the suite's. `paper` names the
    paper's series that it stands beside.
    """

    name: str
    title: str
    target: int | None = None
    per: int = 1
    linux: tuple[str, ...] = ()
    host: str = ""
    unit: str = ""
    modes: tuple[Mode, ...] = ()
    paper: str = ""


@dataclass(frozen=True)
class Suite:
    """`command` is for the guest's shell; `overhead` names the path whose median is taken off every sample.

    `cores` are the machine sizes that it is run on; `headline` is the measure (measures.py) that targets are about.
    `guest` is what the guest's program calls the suite, which may measure more paths than this one shows. `reading`
    explains the figures on the page. `samples`: where there can only be so many.
    `drawn`: the measures that its plot shows, where that is not the headline.
    `machine`: where the user names none; `cores` are then how many of all its cores take part, which the command says.
    `sizes`: the same of machines that the user may name.
    """

    name: str
    doc: str
    command: str
    unit: str
    modes: tuple[Mode, ...]
    cores: tuple[int, ...]
    overhead: str
    paths: tuple[BenchPath, ...]
    headline: str
    guest: str
    reading: str
    samples: int | None = None
    drawn: tuple[str, ...] = ()
    machine: str = ""
    sizes: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    def counted_as(self, mode: Mode) -> "Suite":
        """With the paths that there are in this mode."""
        return replace(self, paths=tuple(path for path in self.paths if not path.modes or mode in path.modes))


@dataclass(frozen=True)
class PeerFigure:
    """One figure of another system, and what exactly it is of where that needs saying."""

    value: int
    of: str = ""


@dataclass(frozen=True)
class Peer:
    """`figures` by the guest's suite and path."""

    name: str
    title: str
    source: str
    figures: Mapping[tuple[str, str], PeerFigure]


def suite_names(folder: Path = HERE / "suites") -> list[str]:
    """The suites that may be asked for by name."""
    return sorted(path.stem for path in folder.glob("*.toml"))


def load_suite(name: str, folder: Path = HERE / "suites") -> Suite:
    """A suite by name."""
    known = suite_names(folder)
    if name not in known:
        raise UserError(f"no suite {name!r}", f"use one of {', '.join(known)} (--suite NAME)")
    table = tomllib.loads((folder / f"{name}.toml").read_text())
    paths = tuple(_path(row) for row in table.pop("path"))
    modes, cores = tuple(Mode(mode) for mode in table.pop("modes")), tuple(table.pop("cores"))
    optional = {"headline": TICKS, "guest": name, "reading": ""}
    drawn = tuple(table.pop("drawn", ()))
    sizes = {machine: tuple(counts) for machine, counts in table.pop("sizes", {}).items()}
    return Suite(name=name, paths=paths, modes=modes, cores=cores, drawn=drawn, sizes=sizes, **{**optional, **table})


def _path(row: dict[str, Any]) -> BenchPath:
    modes = tuple(Mode(mode) for mode in row.get("modes", ()))
    return BenchPath(**{**row, "linux": tuple(row.get("linux", ())), "modes": modes})


def load_peers(file: Path = HERE / "peers.toml") -> tuple[Peer, ...]:
    """All peers, in the order in which tables show them."""
    return tuple(_peer(row) for row in tomllib.loads(file.read_text())["peer"])


def _peer(row: dict[str, Any]) -> Peer:
    own = {key: row.pop(key) for key in ("name", "title", "source")}
    figures = {(suite, path): _figure(value) for suite, paths in row.items() for path, value in paths.items()}
    return Peer(figures=figures, **own)


def _figure(value: int | dict[str, Any]) -> PeerFigure:
    return PeerFigure(**value) if isinstance(value, dict) else PeerFigure(value)
