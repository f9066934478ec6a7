"""`invoke campaign`: units to outcomes, those that are missing, to one report."""

import json
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console

from skerry.bench.facts import host_facts
from skerry.campaign.engine import elsewhere, here
from skerry.campaign.report import show, write
from skerry.campaign.units import Unit
from skerry.campaign.work import Outcome, prepare
from skerry.workspace import Workspace

FAILED = 1
WIDTH = 160


@dataclass(frozen=True)
class CampaignOptions:
    """`scheduler`: the address of Dask's, or nothing."""

    units: tuple[Unit, ...]
    out: Path
    jobs: int
    scheduler: str = ""


def campaign(options: CampaignOptions, workspace: Workspace) -> int:
    """0 when every unit succeeded, now or before."""
    options.out.mkdir(parents=True, exist_ok=True)
    revision = host_facts(workspace.root).revision
    loaded = ((unit, _load(unit, revision, options.out)) for unit in options.units)
    known = {unit.name: outcome for unit, outcome in loaded if outcome is not None}
    missing = [unit for unit in options.units if unit.name not in known]
    print(f"{len(options.units)} units, {len(known)} done before", flush=True)
    for unit in {(unit.machine, unit.cores): unit for unit in missing}.values():
        prepare(unit, workspace.root)
    by_name = {unit.name: unit for unit in missing}
    for number, outcome in enumerate(_spread(missing, options, workspace), 1):
        _save(by_name[outcome.name], revision, outcome, options.out)
        known[outcome.name] = outcome
        print(f"[{number}/{len(missing)}] {outcome.name}: {outcome.verdict}", flush=True)
    done = [(unit, known[unit.name]) for unit in options.units]
    show(done, Console(width=None if sys.stdout.isatty() else WIDTH, highlight=False))
    print(f"written: {', '.join(workspace.relative(path) for path in write(done, options.out))}")
    return 0 if all(outcome.success for _, outcome in done) else FAILED


def _spread(missing: Sequence[Unit], options: CampaignOptions, workspace: Workspace) -> Iterator[Outcome]:
    keep = options.out.resolve()
    if options.scheduler:
        return elsewhere(missing, workspace.root, keep, options.scheduler)
    return here(missing, workspace.root, keep, options.jobs)


def default_jobs() -> int:
    """As many boots at once as this computer has CPUs."""
    return os.cpu_count() or 1


def _file(unit: Unit, out: Path) -> Path:
    return out / f"{unit.name}.json"


def _save(unit: Unit, revision: str, outcome: Outcome, out: Path) -> None:
    """Whole or not at all: an interrupted campaign goes on from what is there."""
    new = _file(unit, out).with_suffix(".new")
    new.write_text(
        json.dumps({"unit": asdict(unit), "revision": revision, "outcome": asdict(outcome)}, indent=1) + "\n"
    )
    new.replace(_file(unit, out))


def _load(unit: Unit, revision: str, out: Path) -> Outcome | None:
    """A unit's outcome, if the very same unit has been done with this checkout's revision."""
    try:
        table = json.loads(_file(unit, out).read_text())
    except (OSError, ValueError):
        return None
    if table["unit"] != asdict(unit) or table["revision"] != revision:
        return None
    return Outcome(**{**table["outcome"], "complaint": tuple(table["outcome"]["complaint"])})
