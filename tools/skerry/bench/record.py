"""What is kept of a benchmark: one JSON file with everything, one CSV file with the figures.

README.md documents the JSON's keys; SCHEMA changes whenever they do.
"""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from skerry.bench.facts import HostFacts
from skerry.bench.figures import Figure
from skerry.bench.samples import Samples
from skerry.bench.session import Session
from skerry.bench.suite import Suite

SCHEMA = "skerry-bench-1"
CSV_COLUMNS = ("suite", "path", "title", "unit", "run", "median", "spread", "min", "max", "samples", "target", "met")


@dataclass(frozen=True)
class Run:
    """One boot of a suite."""

    session: Session
    samples: Samples
    figures: tuple[Figure, ...]


@dataclass(frozen=True)
class Result:
    """A suite, run once or more."""

    suite: Suite
    runs: tuple[Run, ...]

    @property
    def repeatable(self) -> bool:
        """Whether all runs have the same samples."""
        return all(run.samples == self.runs[0].samples for run in self.runs)


def to_json(result: Result, host: HostFacts) -> str:
    """The whole record."""
    suite = result.suite
    table = {
        "schema": SCHEMA,
        "suite": suite.name,
        "doc": suite.doc,
        "unit": suite.unit,
        "mode": "icount" if suite.icount else "wall clock",
        "host": asdict(host),
        "repeatable": result.repeatable,
        "paths": [asdict(path) for path in suite.paths],
        "runs": [_run(suite, run) for run in result.runs],
    }
    return json.dumps(table, indent=1) + "\n"


def _run(suite: Suite, run: Run) -> dict[str, Any]:
    launch = run.session.launch
    hardware, artefacts = launch.hardware, launch.artefacts
    return {
        "command": launch.options.commands,
        "seconds": round(run.session.seconds, 3),
        "qemu": run.session.qemu_command,
        "machine": hardware.spec.name,
        "cores": hardware.cores,
        "memory_mib": hardware.memory,
        "cpu": hardware.cpu,
        "accel": hardware.accel.name.lower(),
        "icount": hardware.icount,
        "profile": launch.options.images.profile,
        "toolchain": launch.options.images.toolchain,
        "build": artefacts.run_id,
        "core_builds": {str(core): build for core, build in artefacts.builds.items()},
        "overhead": suite.overhead,
        "samples": {name: list(values) for name, values in run.samples.items()},
        "figures": {figure.path.name: _figure(figure) for figure in run.figures},
    }


def _figure(figure: Figure) -> dict[str, Any]:
    return {
        "median": figure.median,
        "spread": figure.spread,
        "min": figure.least,
        "max": figure.most,
        "samples": figure.count,
        "target": figure.path.target,
        "met": figure.met,
    }


def to_csv(results: Sequence[Result]) -> str:
    """A line a path and run."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    for result in results:
        for number, run in enumerate(result.runs, 1):
            for figure in run.figures:
                names = (result.suite.name, figure.path.name, figure.path.title, result.suite.unit, number)
                writer.writerow((*names, *_figure(figure).values()))
    return text.getvalue()
