"""Doing one unit, in whatever process and on whatever computer the engine chose."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from skerry.bench.runs import BenchFailure, BenchOptions, plan_for, run_plan
from skerry.bench.session import run_session
from skerry.bench.suite import load_suite
from skerry.campaign.units import Unit
from skerry.errors import UserError
from skerry.machine.hardware import Wishes
from skerry.run.launch import find_hardware
from skerry.run.obtain import obtain
from skerry.run.options import BuildChoice, RunOptions, reproduce
from skerry.workspace import Workspace

KEPT_LINES = 60
SAMPLES = 200  # of each path of a suite


@dataclass(frozen=True)
class Outcome:
    """How a unit ended. `figures`: medians by path and measure; `again`: the command that does it once more."""

    name: str
    success: bool
    verdict: str
    reason: str
    seconds: float
    again: str
    figures: Mapping[str, float] = field(default_factory=dict)
    complaint: tuple[str, ...] = ()


def options_of(unit: Unit, build: bool) -> RunOptions:
    """The run that a unit is."""
    wishes = Wishes(smp=unit.cores, icount=unit.icount, seed=unit.seed)
    return RunOptions(unit.machine, wishes, BuildChoice(build=build), commands=unit.commands or None)


def prepare(unit: Unit, root: Path) -> None:
    """Build what a unit boots; a machine that cannot have so many cores is refused here."""
    workspace, options = Workspace(root), options_of(unit, build=True)
    obtain(options, find_hardware(options, workspace).cores, workspace)


def work(unit: Unit, root: Path, keep: Path) -> Outcome:
    """Do it; never raises for what the guest does."""
    workspace = Workspace(root)
    return _suite(unit, workspace) if unit.suite else _commands(unit, workspace, keep)


def _commands(unit: Unit, workspace: Workspace, keep: Path) -> Outcome:
    options = options_of(unit, build=False)
    hardware = find_hardware(options, workspace)
    session = run_session(options, hardware, obtain(options, hardware.cores, workspace), workspace)
    verdict = session.verdict
    complaint: tuple[str, ...] = ()
    if not verdict.success:
        complaint = (*session.console_end(), *session.complaint)[-KEPT_LINES:]
        shutil.copytree(session.folder, keep / unit.name, dirs_exist_ok=True, ignore=shutil.ignore_patterns("com1.*"))
    again = reproduce(options)
    return Outcome(
        unit.name, verdict.success, verdict.name.lower(), verdict.reason, session.seconds, again, {}, complaint
    )


def _suite(unit: Unit, workspace: Workspace) -> Outcome:
    suite, options = load_suite(unit.suite), options_of(unit, build=False)
    suite = suite.counted_as(suite.modes[0])
    samples = suite.samples or SAMPLES
    again = f"invoke bench --suite {unit.suite} --machine {unit.machine} --smp {unit.cores}"
    bench = BenchOptions((unit.suite,), SAMPLES, 1, workspace.build, options)
    try:
        run = run_plan(plan_for(suite, suite.modes[0], unit.cores, bench, workspace), suite, samples, workspace)
    except (BenchFailure, UserError) as failure:
        lines = failure.lines if isinstance(failure, BenchFailure) else [str(failure)]
        return Outcome(unit.name, False, "no figures", lines[0], 0.0, again, {}, tuple(lines[-KEPT_LINES:]))
    medians = {f"{figure.path.name} {figure.measure}": figure.median for figure in run.figures}
    seconds: Any = run.facts["seconds"]
    return Outcome(unit.name, True, "success", "", float(seconds), again, medians)
