"""`invoke boot` as a user sees it: output, exit status, files left behind, the terminal afterwards."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pexpect
import pytest

from scripted import HALT, RUN_ID, SPIN, Script
from skerry.workspace import default_workspace

PROGRAM = [sys.executable, str(Path(__file__).with_name("scripted_boot.py"))]
GOOD = f"@@ {RUN_ID} begin 1 cores\r\ncore 0\r\n@@ {RUN_ID} end 1 status 0\r\n@@ {RUN_ID} done status 0\r\n"
PANIC = "[    0.000001] PANIC core=0 kind=assert build=: broken promise\n[    0.000001] PANIC-END\n"
BANNER = "Skerry 0123: 2 cores\r\nskerry> "


def saved(folder: Path, script: bytes) -> str:
    file = folder / "script"
    file.write_bytes(script)
    return str(file)


def run(script: str, *more: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*PROGRAM, script, *more], input=typed, capture_output=True, text=True, timeout=60, check=False
    )


def qemus_of(script: str) -> Sequence[str]:
    """Processes that still run this script's machine."""
    lines = (path.read_bytes().split(b"\0") for path in Path("/proc").glob("[0-9]*/cmdline") if path.is_file())
    return [str(line) for line in lines if script.encode() in line and line[0].endswith(b"qemu-system-x86_64")]


def test_output_goes_out_without_marks_and_the_verdict_apart(tmp_path: Path) -> None:
    done = run(saved(tmp_path, Script().com1(GOOD).exit(0x10).end()), "cores")
    assert done.returncode == 0
    assert done.stdout == "skerry> cores\ncore 0\n"
    assert done.stderr.startswith("success: 1 command succeeded (2 cores, round robin, ")


def test_a_panic_is_shown_and_is_the_status(tmp_path: Path) -> None:
    done = run(saved(tmp_path, Script().log(0, PANIC).end(SPIN)), "cores")
    assert done.returncode == 64
    assert "core 0 PANIC (assert): broken promise" in done.stderr
    assert "panic: core 0 panicked (assert): broken promise" in done.stderr.splitlines()[-1]
    assert 'again: invoke boot --smp 2 --accel tcg-rr --run "cores"' in done.stderr
    assert "Traceback" not in done.stderr


def test_a_run_leaves_its_files_behind(tmp_path: Path) -> None:
    log = "[    0.000001] cpu: one\n"
    done = run(saved(tmp_path, Script().log(1, log).com1(GOOD).exit(0x10).end()), "cores", "--logs")
    assert "core 1 | cpu: one" in done.stderr
    folder = default_workspace().root / done.stderr.rpartition("; ")[2].strip().rstrip(")")
    facts = json.loads((folder / "verdict.json").read_text())
    assert (facts["verdict"], facts["statuses"], facts["accel"]) == ("SUCCESS", [0], "round_robin")
    assert (folder / "com1.log").read_bytes().decode() == GOOD
    assert (folder / "core-1.log").read_text() == log
    assert (folder / "merged.log").read_text() == "[    0.000001] 1 | cpu: one\n"
    assert "-append 'run_id=0123456789abcdef run=cores'" in (folder / "qemu-command").read_text()
    assert not (folder / "com1.in").exists()


def test_commands_from_a_pipe(tmp_path: Path) -> None:
    script = Script().com1(BANNER).com1("cores\r\ncore 0\r\nskerry> ").exit(0x10).end()
    done = run(saved(tmp_path, script), typed="cores\n")
    assert done.returncode == 0
    assert "core 0" in done.stdout


def test_a_missing_qemu_is_one_line(tmp_path: Path) -> None:
    argv = [*PROGRAM, saved(tmp_path, b""), "cores"]
    done = subprocess.run(argv, env={"PATH": str(tmp_path)}, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("skerry: qemu-system-x86_64 is not on PATH; next: ")
    assert done.stderr.count("\n") == 1


@pytest.fixture
def terminal(tmp_path: Path) -> pexpect.spawn:
    """A terminal with a machine at its prompt, which then does nothing."""
    script = saved(tmp_path, Script().com1(BANNER).end(HALT))
    child = pexpect.spawn(PROGRAM[0], [PROGRAM[1], script], timeout=30, encoding="utf-8")
    child.script = script
    child.expect_exact("skerry> ")
    return child


def test_ctrl_bracket_leaves_and_restores_the_terminal(terminal: pexpect.spawn) -> None:
    terminal.send("\x1d")
    terminal.expect("left at your request")
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 0
    assert not qemus_of(terminal.script)


@pytest.mark.parametrize("signal", [15, 9])
def test_nothing_is_left_running_after_a_kill(terminal: pexpect.spawn, signal: int) -> None:
    assert qemus_of(terminal.script)
    terminal.kill(signal)
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == (143 if signal == 15 else None)
    assert not qemus_of(terminal.script)


def test_a_panic_is_shown_on_a_raw_terminal(tmp_path: Path) -> None:
    script = saved(tmp_path, Script().com1(BANNER).log(0, PANIC).end(SPIN))
    child = pexpect.spawn(PROGRAM[0], [PROGRAM[1], script], timeout=30, encoding="utf-8")
    child.expect("core 0 PANIC")
    child.expect("panic")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 64
