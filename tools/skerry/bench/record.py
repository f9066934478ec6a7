"""What is kept of a benchmark: a JSON file a suite with everything, one CSV file with the figures.

README.md documents the JSON's keys; SCHEMA changes whenever they do.
"""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from skerry.bench.facts import HostFacts
from skerry.bench.figures import Figure
from skerry.bench.measures import Values
from skerry.bench.suite import BenchPath, Mode, Suite

SCHEMA = "skerry-bench-2"
CSV_COLUMNS = (
    "suite", "mode", "system", "cores", "run", "path", "title", "measure", "median", "spread", "min", "max", "samples",
    "target", "met",
)  # fmt: skip
SKERRY = "skerry"


@dataclass(frozen=True)
class Run:
    """One boot of a suite. `facts` is where and of what: the exact command line, the build, the seconds."""

    system: str
    cores: int
    facts: Mapping[str, Any]
    values: Values
    figures: tuple[Figure, ...]


@dataclass(frozen=True)
class Result:
    """A suite, run once or more; `mode` is how it was counted: where QEMU has no plugins, less than it asks for."""

    suite: Suite
    mode: Mode
    runs: tuple[Run, ...]

    @property
    def name(self) -> str:
        """Of its file: the suite's, with the mode where it is not the suite's first."""
        return self.suite.name if self.mode is self.suite.modes[0] else f"{self.suite.name}-{self.mode.value}"

    @property
    def repeatable(self) -> bool:
        """Whether all runs of a system on as many cores have the same values."""
        first: dict[tuple[str, int], Values] = {}
        return all(first.setdefault((run.system, run.cores), run.values) == run.values for run in self.runs)


def to_json(result: Result, host: HostFacts) -> str:
    """The whole record."""
    suite = result.suite
    table = {
        "schema": SCHEMA,
        "suite": suite.name,
        "doc": suite.doc,
        "unit": suite.unit,
        "mode": result.mode.value,
        "headline": suite.headline,
        "host": asdict(host),
        "repeatable": result.repeatable,
        "paths": [_path(path, suite) for path in suite.paths],
        "runs": [_run(run) for run in result.runs],
    }
    return json.dumps(table, indent=1) + "\n"


def _path(path: BenchPath, suite: Suite) -> dict[str, Any]:
    return {
        "name": path.name,
        "title": path.title,
        "target": path.target,
        "unit": path.unit or suite.unit,
        "per": path.per,
    }


def _run(run: Run) -> dict[str, Any]:
    figures: dict[str, dict[str, Any]] = {}
    for figure in run.figures:
        figures.setdefault(figure.path.name, {})[figure.measure] = _figure(figure)
    values = {path: {name: list(found) for name, found in of.items()} for path, of in run.values.items()}
    return {"system": run.system, "cores": run.cores, **run.facts, "values": values, "figures": figures}


def _figure(figure: Figure) -> dict[str, Any]:
    return {
        "median": figure.median,
        "spread": figure.spread,
        "min": figure.least,
        "max": figure.most,
        "samples": figure.count,
        "target": figure.path.target if figure.met is not None else None,
        "met": figure.met,
    }


def to_csv(results: Sequence[Result]) -> str:
    """A line a run, path and measure."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    for result in results:
        for number, run in enumerate(result.runs, 1):
            names = (result.suite.name, result.mode.value, run.system, run.cores, number)
            for figure in run.figures:
                of = (figure.path.name, figure.path.title, figure.measure)
                writer.writerow((*names, *of, *_figure(figure).values()))
    return text.getvalue()
