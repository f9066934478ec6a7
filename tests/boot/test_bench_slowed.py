"""One store more in URPC's send, which no test of URPC could see, is a change that `--compare` sees."""

import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from skerry.bench.compare import CHANGED, UNCHANGED, compare_task
from skerry.bench.facts import host_facts
from skerry.bench.record import Result, to_json
from skerry.bench.runs import BenchOptions, run_suite
from skerry.bench.suite import Mode, load_suite
from skerry.run.options import RunOptions
from skerry.workspace import Workspace, default_workspace

FEW = 40
SENDS = re.compile(r"^( *)(uint64_t before = urpc_exchange\((\w+), .*/\* S3 \*/)$", re.MULTILINE)
NOT_COPIED = shutil.ignore_patterns("run", "bench", "peers", "campaign", "plugins")


def copy_of_the_tree(folder: Path) -> Workspace:
    """Sources and what is built of them, with their times, so that little is built again."""
    root = default_workspace().root
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        if (root / name).is_file():
            shutil.copy2(root / name, folder / name)
    shutil.copytree(root / "build", folder / "build", ignore=NOT_COPIED, symlinks=True)
    return Workspace(folder)


def slow_down(workspace: Workspace) -> None:
    """The word is written as it is."""
    file = workspace.userland / "lib" / "urpc.c"
    text, count = SENDS.subn(r"\1urpc_store(&\3[1], urpc_load(&\3[1])); /* the extra store */\n\1\2", file.read_text())
    assert count > 0, "urpc.c has no step S3 any more: find the send's last store"
    file.write_text(text)


def measured(workspace: Workspace, out: Path) -> Result:
    suite = load_suite("table2")
    options = BenchOptions(("table2",), FEW, 1, out, RunOptions())
    result = run_suite(suite, Mode.MODEL, options, workspace)
    out.mkdir()
    (out / "table2.json").write_text(to_json(replace(result, suite=suite), host_facts(workspace.root)))
    return result


@pytest.mark.slow
def test_an_extra_store_in_urpc_is_caught_by_compare(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plain = measured(default_workspace(), tmp_path / "a")
    measured(default_workspace(), tmp_path / "again")
    assert compare_task(tmp_path / "a", tmp_path / "again") == UNCHANGED, "two runs of a counted suite are identical"
    copy = copy_of_the_tree(tmp_path / "tree")
    slow_down(copy)
    slowed = measured(copy, tmp_path / "b")
    capsys.readouterr()
    assert compare_task(tmp_path / "a", tmp_path / "b") == CHANGED
    changes = [line for line in capsys.readouterr().out.splitlines() if " -> " in line]
    assert any("urpc-round-trip, sum" in line for line in changes)
    assert all("urpc-" in line for line in changes)
    assert plain.runs[0].values["lrpc-round-trip"]["ticks"] == slowed.runs[0].values["lrpc-round-trip"]["ticks"]
