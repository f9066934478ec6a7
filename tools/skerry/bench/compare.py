"""`invoke bench --compare A B`: what changed between two folders of records, beyond noise.

Counted figures (icount, model) have no noise: any change of a median, or of the values behind it, is one. Timed figures
change when a two-sided Mann-Whitney U test of their samples (normal approximation) gives p < 0.001 and the medians are
more than 5 % apart: samples of one boot are not independent of each other, which alone would make p small.
"""

import json
import math
import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from skerry.bench.record import SCHEMA
from skerry.bench.suite import Mode
from skerry.bench.table import number
from skerry.errors import UserError

SIGNIFICANCE = 0.001
LEAST_RATIO = 0.05
UNCHANGED, CHANGED = 0, 1


@dataclass(frozen=True)
class Key:
    """What is compared with its like."""

    suite: str
    system: str
    cores: int
    path: str
    measure: str

    def __str__(self) -> str:
        cores = f"{self.cores} core{'s' if self.cores > 1 else ''}"
        return f"{self.suite}, {self.system}, {cores}, {self.path}, {self.measure}"


@dataclass(frozen=True)
class Measured:
    """All values of all runs, and the median of the runs' medians, net of the overhead."""

    mode: Mode
    median: float
    values: tuple[int, ...]


@dataclass(frozen=True)
class Change:
    """A finding. `words` say what it rests on."""

    key: Key
    before: float
    after: float
    words: str

    def __str__(self) -> str:
        ratio = f"{(self.after / self.before - 1) * 100:+.1f} %" if self.before else "was 0"
        return f"{self.key}: {number(self.before)} -> {number(self.after)} ({ratio}; {self.words})"


def compare_task(before: Path, after: Path) -> int:
    """Print every change; status 1 when there is one."""
    first, second = read_folder(before), read_folder(after)
    both = [key for key in first if key in second]
    if not both:
        raise UserError(f"{before} and {after} have nothing in common", "compare two runs of the same suites")
    changes = list(compare(first, second))
    for change in changes:
        print(change)
    for only, where in ((first.keys() - second.keys(), before), (second.keys() - first.keys(), after)):
        if only:
            print(f"{len(only)} figures are only in {where}")
    print(f"{len(both)} figures compared, {len(changes)} changed beyond noise")
    return CHANGED if changes else UNCHANGED


def compare(before: Mapping[Key, Measured], after: Mapping[Key, Measured]) -> Iterator[Change]:
    """The changes of what both have."""
    for key, old in before.items():
        new = after.get(key)
        words = None if new is None else _difference(old, new)
        if new is not None and words is not None:
            yield Change(key, old.median, new.median, words)


def _difference(old: Measured, new: Measured) -> str | None:
    if old.mode is not new.mode:
        return f"counted as {old.mode.value} and as {new.mode.value}"
    if old.mode.counted:
        return None if old.values == new.values else "counted: no noise"
    p = mann_whitney(old.values, new.values)
    apart = abs(new.median - old.median) > LEAST_RATIO * abs(old.median)
    return f"timed: p = {p:.1g}" if p < SIGNIFICANCE and apart else None


def mann_whitney(first: Sequence[float], second: Sequence[float]) -> float:
    """Two-sided p of the U test, by the normal approximation with ties corrected for."""
    n, m = len(first), len(second)
    ranks: dict[float, float] = {}
    ties, at = 0, 1
    for value, group in groupby(sorted([*first, *second])):
        count = len(list(group))
        ranks[value] = at + (count - 1) / 2
        ties += count**3 - count
        at += count
    u = sum(ranks[value] for value in first) - n * (n + 1) / 2
    variance = n * m / 12 * (n + m + 1 - ties / ((n + m) * (n + m - 1)))
    return math.erfc(abs(u - n * m / 2) / math.sqrt(2 * variance)) if variance > 0 else 1.0


def read_folder(folder: Path) -> dict[Key, Measured]:
    """The records of a folder, however many suites."""
    files = sorted(folder.glob("*.json"))
    if not files:
        raise UserError(f"{folder} has no records", "give folders that `invoke bench --out` wrote")
    found: dict[Key, Measured] = {}
    for file in files:
        table = json.loads(file.read_text())
        if table.get("schema") != SCHEMA:
            raise UserError(f"{file} is not a record of this version ({SCHEMA})", "measure again")
        found.update(_read(file.stem, table))
    return found


def _read(name: str, table: Mapping[str, Any]) -> dict[Key, Measured]:
    values: dict[Key, tuple[int, ...]] = {}
    medians: dict[Key, list[float]] = {}
    for run in table["runs"]:
        for path, figures in run["figures"].items():
            for measure, figure in figures.items():
                key = Key(name, run["system"], run["cores"], path, measure)
                values[key] = values.get(key, ()) + tuple(run["values"][path][measure])
                medians.setdefault(key, []).append(figure["median"])
    mode = Mode(table["mode"])
    return {key: Measured(mode, statistics.median(medians[key]), found) for key, found in values.items()}
