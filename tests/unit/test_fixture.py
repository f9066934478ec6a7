"""The `machine` fixture's machine, driven against the scripted guest: expects, failures, verdicts."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from scripted import HALT, RESET, SPIN, Script, observed
from skerry import abi
from skerry.machine.hardware import Wishes
from skerry.run.options import RunOptions
from skerry.run.verdict import exit_codes
from skerry.testing.failure import MachineFailure
from skerry.testing.machine import Machine
from skerry.workspace import default_workspace

UP = "Skerry: 2 cores\r\nskerry> "
PANIC = "[    0.000001] PANIC core=1 kind=assert build=: broken promise\n[    0.000001] PANIC-END\n"
Boot = Callable[[bytes], Machine]


@pytest.fixture
def boot(tmp_path: Path) -> Iterator[Boot]:
    """Starts a scripted machine with two cores and a short deadline."""
    with ExitStack() as stack:

        def start(script: bytes) -> Machine:
            options = RunOptions(timeout=5, wishes=Wishes(smp=2, accel="tcg-rr"))
            observer = stack.enter_context(observed(script, tmp_path, options, []))
            return Machine(observer, exit_codes(abi.load(default_workspace().contract)))

        yield start


def test_the_banner_comes_before_the_prompt(boot: Boot) -> None:
    assert boot(Script().com1(UP).end(HALT)).boot() == "Skerry: 2 cores\r\n"


def test_a_command_returns_what_it_printed(boot: Boot) -> None:
    machine = boot(Script().com1(UP).com1("cores\r\ncore 0\r\ncore 1\r\nskerry> ").end(HALT))
    machine.boot()
    assert machine.shell("cores") == "core 0\r\ncore 1\r\n"


def test_a_panic_ends_an_expect_at_once(boot: Boot) -> None:
    machine = boot(Script().com1(UP).log(1, PANIC).end(SPIN))
    with pytest.raises(MachineFailure, match=r"core 1 panicked \(assert\): broken promise"):
        machine.expect("never")
    assert machine.observer.live.seconds < 4


def test_a_practice_panic_does_not(boot: Boot) -> None:
    machine = boot(Script().log(1, PANIC.replace("assert", "practice")).com1(UP).end(HALT))
    machine.boot()
    assert "broken promise" in machine.panic_text(1)


def test_a_reset_ends_an_expect(boot: Boot) -> None:
    with pytest.raises(MachineFailure, match="triple fault"):
        boot(Script().com1("half a ban").end(RESET)).boot()


def test_the_end_of_qemu_ends_an_expect_by_name(boot: Boot) -> None:
    machine = boot(Script().log(0, "loader: no archive\n").exit(0x12).end())
    with pytest.raises(MachineFailure, match="no archive"):
        machine.boot()
    assert machine.wait_verdict().name == "BAD_ARCHIVE"


def test_the_deadline_ends_an_expect(boot: Boot) -> None:
    with pytest.raises(MachineFailure, match="deadline of 5 s"):
        boot(Script().end(HALT)).boot()


def test_a_clean_power_off(boot: Boot) -> None:
    machine = boot(Script().com1(UP).com1("leaks\r\nleaks: none\r\n" + UP).exit(0x10).end())
    machine.boot()
    assert machine.poweroff().success


def test_a_failure_shows_consoles_places_and_the_command(boot: Boot) -> None:
    machine = boot(Script().log(0, "[    0.000001] cpu: hello\n").com1(UP).end(HALT))
    machine.boot()
    machine.wait_log(0, "hello")
    text = machine.failure_text()
    assert "Skerry: 2 cores" in text
    assert "0 | cpu: hello" in text
    assert "core 0 halted" in text
    assert "again: invoke boot --smp 2 --accel tcg-rr" in text


def test_qemu_dies_with_its_parent(tmp_path: Path) -> None:
    code = (
        "import sys, time; sys.path.insert(0, sys.argv[1])\n"
        "from pathlib import Path\n"
        "from skerry.machine import process\n"
        "print(process.start(['sleep', '60'], Path(sys.argv[2])).pid, flush=True); time.sleep(60)"
    )
    argv = [sys.executable, "-c", code, str(default_workspace().root / "tools"), str(tmp_path)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = Path("/proc") / parent.stdout.readline().strip()
        parent.kill()
    until = time.monotonic() + 10
    while _runs(child):
        assert time.monotonic() < until, "the child outlived its parent"


def _runs(process: Path) -> bool:
    """Neither gone nor a zombie; whoever inherits it may take it away at any moment."""
    try:
        return (process / "stat").read_text().split()[2] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
