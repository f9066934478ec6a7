"""`invoke boot` itself: what a user types in a clone."""

import subprocess
import sys

import pexpect
import pytest

from skerry.workspace import default_workspace

INVOKE = [sys.executable, "-m", "invoke"]
ROOT = default_workspace().root


def invoke(*words: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    argv = [*INVOKE, *words]
    return subprocess.run(argv, cwd=ROOT, input=typed, capture_output=True, text=True, timeout=300, check=False)


def test_commands_and_their_status() -> None:
    done = invoke("boot", "--run", "cores; ping all")
    assert done.returncode == 0, done.stderr
    assert "4 of 4 cores answer" in done.stdout
    assert "@@" not in done.stdout
    assert invoke("boot", "--no-build", "--run", "nonsense").returncode == 1


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["--smp", "0"], "--smp 0 is out of range"),
        (["--smp", "9999"], "--smp 9999 is out of range"),
        (["--smp", "x"], "--smp 'x' is not a number"),
        (["--machine", "nosuch"], "no machine 'nosuch'"),
        (["--mem", "1M"], "--mem 1M"),
        (["--mem", "47"], "--mem 47M: a machine needs 48 MiB"),
        (["--accel", "warp"], "no accelerator 'warp'"),
        (["--profile", "fast"], "--profile"),
        (["--toolchain", "tcc"], "--toolchain"),
        (["--timeout", "soon"], "--timeout"),
        (["--run", ""], "--run has no command"),
    ],
)
def test_a_mistake_is_one_line_with_the_next_step(words: list[str], line: str) -> None:
    done = invoke("boot", *words)
    assert done.returncode == 2
    assert done.stderr.startswith("skerry: ")
    assert line in done.stderr
    assert "; next: " in done.stderr
    assert done.stderr.count("\n") == 1


def test_commands_from_a_pipe() -> None:
    done = invoke("boot", "--smp", "2", typed="cores\necho piped\n")
    assert done.returncode == 0, done.stderr
    assert "2 of 2 cores answer" in done.stdout
    assert "\r\npiped\r\n" in done.stdout or "\npiped" in done.stdout


def test_a_shell_on_a_terminal() -> None:
    child = pexpect.spawn(INVOKE[0], [*INVOKE[1:], "boot", "--smp", "2"], cwd=str(ROOT), timeout=120, encoding="utf-8")
    child.expect_exact("Ctrl-]")
    child.expect_exact("skerry> ")
    child.send("echo typed\r")
    child.expect_exact("\r\ntyped\r\n")
    child.expect_exact("skerry> ")
    child.send("panic 1\r")
    child.expect(r"core 1 PANIC \(practice\)")
    child.expect(r"crash\.c:\d+")
    child.send("poweroff\r")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
