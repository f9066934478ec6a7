"""`invoke bench`: figures that repeat, and failures that show themselves."""

import json
from pathlib import Path

import pytest

from skerry.bench.command import BenchFailure, BenchOptions, bench, run_suite
from skerry.bench.suite import BenchPath, Suite, load_suite
from skerry.run.options import RunOptions
from skerry.workspace import default_workspace

FEW = 50


def options(out: Path, repeat: int = 1, samples: int = FEW) -> BenchOptions:
    return BenchOptions(("core",), samples, repeat, out, RunOptions())


def suite(command: str) -> Suite:
    return Suite("core", "a suite that fails", command, "ticks", True, 1, "null", (BenchPath("null", "a call"),))


def test_two_counted_runs_give_identical_figures(tmp_path: Path) -> None:
    assert bench(options(tmp_path, repeat=2), default_workspace()) == 0
    record = json.loads((tmp_path / "core.json").read_text())
    first, second = record["runs"]
    assert record["repeatable"]
    assert first["samples"] == second["samples"]
    assert first["figures"] == second["figures"]
    assert set(first["figures"]) == {path.name for path in load_suite("core").paths}
    assert all(len(values) == FEW for values in first["samples"].values())


def test_a_record_says_what_was_run_where(tmp_path: Path) -> None:
    assert bench(options(tmp_path), default_workspace()) == 0
    record = json.loads((tmp_path / "core.json").read_text())
    (run,) = record["runs"]
    assert (record["schema"], record["mode"]) == ("skerry-bench-1", "icount")
    assert record["host"]["cpu"]
    assert "-icount shift=0,sleep=off" in run["qemu"]
    assert len(run["core_builds"]["0"]) == 40
    assert (tmp_path / "figures.csv").read_text().startswith("suite,path,")


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
        run_suite(suite(command), options(tmp_path), default_workspace())
    assert "the console's end:" in caught.value.lines
    assert any(line.startswith("again: invoke boot") for line in caught.value.lines)
