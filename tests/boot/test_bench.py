"""`invoke bench`: figures that repeat, and failures that show themselves."""

import json
import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from skerry.bench.command import bench
from skerry.bench.record import SCHEMA
from skerry.bench.runs import BenchFailure, BenchOptions, run_suite
from skerry.bench.suite import BenchPath, Mode, Suite, load_suite
from skerry.errors import UserError
from skerry.machine.hardware import Wishes
from skerry.peers.linux.kernel import kernel
from skerry.plugins import coherence
from skerry.run.options import RunOptions
from skerry.testing.factory import MachineFactory
from skerry.workspace import default_workspace

FEW = 50


def options(out: Path, repeat: int = 1, samples: int = FEW) -> BenchOptions:
    return BenchOptions(("core",), samples, repeat, out, RunOptions())


def suite(command: str) -> Suite:
    path = BenchPath("null", "a call")
    return Suite(
        "core", "a suite that fails", command, "ticks", (Mode.ICOUNT,), (1,), "null", (path,), "ticks", "core", ""
    )


@pytest.mark.parametrize(
    ("name", "cores"), [("table1", 1), ("stubs", 1), ("pages", 1), ("boot", 1), ("table3", 2), ("figure7", 4)]
)
def test_a_suite_of_the_paper_or_of_the_host_gives_its_figures(name: str, cores: int, tmp_path: Path) -> None:
    """And the same ones in another boot."""
    machine = RunOptions(wishes=Wishes(smp=cores))
    assert bench(replace(options(tmp_path), suites=(name,), run=machine), default_workspace()) == 0
    record = json.loads((tmp_path / f"{name}.json").read_text())
    assert {path["name"] for path in record["paths"]} == set(record["runs"][0]["figures"])
    assert (tmp_path / "report.html").stat().st_size > 10_000
    suite = load_suite(name)
    again = run_suite(suite, suite.modes[0], replace(options(tmp_path), run=machine), default_workspace())
    values = {path: {name: list(found) for name, found in of.items()} for path, of in again.runs[0].values.items()}
    assert values == record["runs"][0]["values"]


def test_a_thousand_times_as_many_capabilities_cost_less_than_twice_as_much(tmp_path: Path) -> None:
    assert bench(replace(options(tmp_path), suites=("caps",)), default_workspace()) == 0
    (run,) = json.loads((tmp_path / "caps.json").read_text())["runs"]
    took = {path: figures["ticks"]["median"] for path, figures in run["figures"].items()}
    for operation in ("lookup", "copy", "delete", "retype", "revoke"):
        assert 0 < took[f"{operation}-100"] <= took[f"{operation}-100000"] <= 2 * took[f"{operation}-100"], took


def test_two_counted_runs_give_identical_figures(tmp_path: Path) -> None:
    assert bench(options(tmp_path, repeat=2), default_workspace()) == 0
    record = json.loads((tmp_path / "core.json").read_text())
    first, second = record["runs"]
    assert record["repeatable"]
    assert first["values"] == second["values"]
    assert first["figures"] == second["figures"]
    assert set(first["figures"]) == {path.name for path in load_suite("core").paths}
    assert all(len(values["ticks"]) == FEW for values in first["values"].values())


def test_a_record_says_what_was_run_where(tmp_path: Path) -> None:
    assert bench(options(tmp_path), default_workspace()) == 0
    record = json.loads((tmp_path / "core.json").read_text())
    (run,) = record["runs"]
    assert (record["schema"], record["mode"]) == (SCHEMA, "icount")
    assert record["host"]["cpu"]
    assert "-icount shift=0,sleep=off" in run["qemu"]
    assert len(run["core_builds"]["0"]) == 40
    assert (tmp_path / "figures.csv").read_text().startswith("suite,mode,system,")


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("run fault null", "failed"),
        ("run bench nosuch", "failed"),
        ("echo nothing {samples}", "did not end; it came to no path at all"),
        ("echo bench core path null 1; echo bench core end 1 1", f"path null has 1 samples of {FEW}"),
    ],
)
def test_a_guest_that_dies_or_prints_too_little_fails_with_its_last_lines(
    tmp_path: Path, command: str, why: str
) -> None:
    with pytest.raises(BenchFailure, match=why) as caught:
        run_suite(suite(command), Mode.ICOUNT, options(tmp_path), default_workspace())
    assert "the console's end:" in caught.value.lines
    assert any(line.startswith("again: invoke boot") for line in caught.value.lines)


def test_the_model_repeats_and_changes_no_figure_of_the_guest(tmp_path: Path) -> None:
    """The plugin sees as many instructions as the guest's own clock, and a machine with one core moves no line."""
    modelled = load_suite("core")
    watched = run_suite(modelled, Mode.MODEL, options(tmp_path, repeat=2), default_workspace())
    plain = run_suite(load_suite("core"), Mode.ICOUNT, options(tmp_path), default_workspace())
    assert watched.mode is Mode.MODEL
    assert watched.repeatable
    for path, of_path in watched.runs[0].values.items():
        # Between which two instructions of a loop an interrupt arrives, a plugin may change.
        assert path == "interrupt" or of_path["ticks"] == plain.runs[0].values[path]["ticks"]
        faults = 1 if path.startswith("fault") else 0  # an instruction that faults counts each time that it is tried
        assert [value - 2 - faults for value in of_path["sum"]] == list(of_path["ticks"])
        assert of_path["cp0"] == of_path["cp1"] == of_path["sum"]
        assert set(of_path["moved"]) == {0}
        assert min(of_path["code"]) > 0


@pytest.mark.slow
def test_shared_lines_and_messages_cost_what_moves_between_the_cores(tmp_path: Path) -> None:
    """Figure 3: in place nothing moves, shared lines and their lock all do, a message moves two lines each way."""
    here = RunOptions(wishes=Wishes(smp=1))
    there = RunOptions(wishes=Wishes(smp=4))
    few = replace(options(tmp_path, samples=20), run=here)
    alone = run_suite(load_suite("figure3"), Mode.MODEL, few, default_workspace())
    twice = replace(options(tmp_path, repeat=2, samples=20), run=there)
    shared = run_suite(load_suite("figure3"), Mode.MODEL, twice, default_workspace())
    assert shared.repeatable
    one = {(figure.path.name, figure.measure): figure.median for figure in alone.runs[0].figures}
    four = {(figure.path.name, figure.measure): figure.median for figure in shared.runs[0].figures}
    assert one["shared-8", "moved"] == 0
    assert four["shared-8", "moved"] == 9
    assert one["shared-8", "cp1"] < 100 < 9 * 100 * 4 < four["shared-8", "cp1"]
    assert four["message-8", "cp1"] < four["shared-8", "cp1"]
    assert four["server-8-64", "cp1"] < four["message-8", "cp1"] / 2


def test_what_cores_share_is_retyped_one_by_one_and_many_at_once(machine: MachineFactory) -> None:
    """By some of the cores there are; and everything is given back."""
    run = machine.run("run bench retypes 2 3 for 300; leaks", smp=4, icount=True)
    printed, leaks = run.commands
    assert "bench retypes end 4 2" in printed.output
    samples = {line.split()[3]: line.split()[4:] for line in printed.output.splitlines() if " path " in line}
    assert {path.name for path in load_suite("figure8").paths} | {"overhead"} == set(samples)
    assert all(int(value.split("x")[0]) > 10_000 for path in ("retype", "retype-pipelined") for value in samples[path])
    assert "leaks: none" in leaks.output


def test_a_command_waits_as_long_as_it_is_told(machine: MachineFactory) -> None:
    commands = "run sleep 1500 for 1; run sleep 12000 for 60; run sleep 1 for 0"
    short, enough, wrong = machine.run(commands, smp=1, icount=True, check=False).commands
    assert "still runs after 1 s: going on without it" in short.output
    assert (enough.output, enough.status) == ("", 0)
    assert "error: '0' is not seconds to wait" in wrong.output


def test_without_plugins_instructions_are_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.setattr(coherence, "unsupported", lambda qemu, workspace: "this QEMU loads no TCG plugin (say so)")
    modelled = load_suite("core")
    result = run_suite(modelled, Mode.MODEL, options(tmp_path), default_workspace())
    assert result.mode is Mode.ICOUNT
    assert set(result.runs[0].values["null"]) == {"ticks"}
    assert "this QEMU loads no TCG plugin (say so); instructions are counted" in capsys.readouterr().err


@pytest.mark.slow
def test_linux_runs_beside_us_on_the_same_machine(tmp_path: Path) -> None:
    try:
        kernel(default_workspace())
    except UserError as error:
        pytest.skip(f"Debian's kernel package cannot be had here: {error.message}")
    result = run_suite(
        load_suite("core"), Mode.MODEL, replace(options(tmp_path), peers=("linux",)), default_workspace()
    )
    ours, theirs = result.runs
    assert (ours.system, theirs.system) == ("skerry", "linux")
    same = ("-smp", "-m", "-icount", "-accel")
    argv = [shlex.split(run.facts["qemu"]) for run in (ours, theirs)]
    assert [argv[0][argv[0].index(flag) + 1] for flag in same] == [argv[1][argv[1].index(flag) + 1] for flag in same]
    found = {(figure.path.name, figure.measure): figure for figure in theirs.figures}
    assert 200 < found["null", "sum"].median < 500
    assert found["futex", "sum"].median > found["null", "sum"].median
    assert found["yield-2", "sum"].count == FEW
