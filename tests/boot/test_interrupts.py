"""Interrupts to drivers in user space: messages, level-triggered lines, the keyboard; who may have them; deadlines."""

import re
import sys
from pathlib import Path

import pexpect
import pytest

from checkout import copied_checkout
from replies import all_answered
from skerry.machine.keyboard import press
from skerry.testing.factory import MachineFactory
from skerry.testing.machine import Machine
from skerry.workspace import default_workspace

DEADLINE_BOUND = 2000  # TSC ticks (ns under --icount) from a deadline to the fibre, with the core to itself
SLICE = 1_000_000  # and what another core may take first where cores take turns

EDU = {0: "", 1: " on 1", 3: " on 3"}


@pytest.mark.parametrize("where", EDU.values())
def test_messages_and_lines_reach_a_driver_as_often_as_raised(machine: MachineFactory, where: str) -> None:
    programs = ("edu factorial 10", "edu msi 100", "edu intx 100", "messages 20", "messages 20")
    output = machine.run("; ".join(f"spawn {program}{where}" for program in programs), machine="edu").output
    assert "edu: 10! = 3628800\n" in output
    assert "edu: msi, 100 raised, 100 arrived, no more\n" in output
    assert "edu: intx, 100 raised, 100 arrived, no more; held: once, then once again\n" in output
    assert output.count("messages: 20 raised, 10 and 10 arrived, no more\n") == 2


@pytest.mark.parametrize("where", EDU.values())
def test_a_driver_that_ends_with_its_line_in_service_harms_nobody(machine: MachineFactory, where: str) -> None:
    ends = [f"spawn edu {end}{where}; spawn edu intx 10{other}" for end in ("die", "leave") for other in EDU.values()]
    run = machine.run(f"{'; '.join(ends)}; cores; ping all", machine="edu", check=False)
    assert run.output.count("the line is raised and in service, ending now\n") == len(ends)
    assert run.output.count("edu: intx, 10 raised, 10 arrived, no more") == len(ends)
    assert "4 of 4 cores answer" in run.output
    assert all_answered(run.output)


def test_a_core_that_dies_with_a_line_in_service_harms_no_other(machine: MachineFactory) -> None:
    shell = machine(machine="edu")
    shell.expect_panics()
    shell.shell("spawn edu hold on 3 &")
    shell.expect("raised and in service, holding it")
    shell.expect("skerry> ")
    shell.shell("panic 3")
    assert "3 of 4 cores answer" in shell.shell("cores")
    assert "edu: " in shell.shell("spawn edu intx 1")  # it is core 3's for good, until cores agree on who is dead
    assert "arrived, no more" in shell.shell("spawn messages 10 on 1")
    assert shell.poweroff().success


def test_a_device_has_one_driver_at_a_time(machine: MachineFactory) -> None:
    shell = machine(smp=2)
    shell.shell("spawn keys 1 &")
    shell.expect("keys: waiting for 1")
    shell.expect("skerry> ")
    assert "no keyboard: " in shell.shell("spawn keys 1")
    press_one(shell, "x")
    shell.expect("keys: 1 keystrokes")
    shell.type("spawn keys 1\r")
    shell.expect("keys: waiting for 1")


@pytest.mark.parametrize("where", ["", " on 1"])
def test_a_program_without_grants_gets_nothing(machine: MachineFactory, where: str) -> None:
    run = machine.run(f"spawn refused{where}", machine="edu")
    assert run.output.endswith("refused: 0 given\n")


def press_one(shell: Machine, character: str) -> None:
    assert press(shell.observer.live.qmp, character)


@pytest.mark.parametrize("where", ["", " on 1"])
@pytest.mark.parametrize("name", ["default", "seabios"])
def test_a_driver_in_user_space_counts_keystrokes(machine: MachineFactory, name: str, where: str) -> None:
    shell = machine(smp=2, machine=name)
    shell.type(f"spawn keys 3{where}\r")
    shell.expect("keys: waiting for 3")
    for count, (character, code) in enumerate([("a", "1e"), ("b", "30"), ("1", "02")], start=1):
        press_one(shell, character)
        shell.expect(f"keys: {count}, scan code 0x{code}")
    counted = re.search(r"keys: 3 keystrokes by (\d+) interrupts", shell.expect(r"keystrokes by \d+ interrupts"))
    assert counted and 3 <= int(counted[1]) <= 6
    assert shell.poweroff().success


def blocks(readme: Path) -> list[str]:
    """What a walk-through has to be typed."""
    return re.findall(r"^```\w*\n(.*?)^```", readme.read_text(), re.MULTILINE | re.DOTALL)


def test_the_walk_through_works_as_typed(machine: MachineFactory, tmp_path: Path) -> None:
    root = default_workspace().root
    copy = copied_checkout(machine, tmp_path)
    program, grants = blocks(root / "userland" / "drivers" / "README.md")
    (tmp_path / "userland" / "programs" / "count.c").write_text(program)
    assert "no keyboard for me" in copy(smp=1).shell("spawn count")
    copy.built.clear()
    devices = tmp_path / "userland" / "etc" / "devices"
    devices.write_text(devices.read_text() + grants)
    shell = copy(smp=1)
    shell.type("spawn count\r")
    shell.expect("count: press keys")
    for character in "ab":
        press_one(shell, character)
    for count, code in enumerate(["1c", "f0", "1c", "32", "f0", "32"], start=1):
        shell.expect(f"count: interrupt {count}, scan code 0x{code}")


def test_the_terminal_becomes_the_keyboard() -> None:
    argv = ["-m", "invoke", "boot", "--smp", "1"]
    shell = pexpect.spawn(sys.executable, argv, cwd=default_workspace().root, encoding="utf-8", timeout=60)
    shell.expect("skerry> ")
    shell.send("spawn keys 2\r")
    shell.expect("keys: waiting for 2")
    shell.send("\x1cyz")
    shell.expect("keys: 1, scan code 0x15")
    shell.expect("keys: 2, scan code 0x2c")
    shell.send("\x1cpoweroff\r")
    shell.expect(pexpect.EOF)
    shell.close()
    assert shell.exitstatus == 0


@pytest.mark.parametrize("name", ["default", "seabios"])
def test_the_bus_is_listed_and_every_function_has_its_addresses(machine: MachineFactory, name: str) -> None:
    output = machine.run("spawn lspci", machine=name, smp=1).output
    assert "00:00.0 8086:29c0 class 0600.00\n" in output
    bars = re.findall(r"bar \d: (memory|ports) 0x([0-9a-f]+), 0x([0-9a-f]+) bytes", output)
    assert len(bars) >= 3
    assert all(int(base, 16) and int(base, 16) % int(size, 16) == 0 for _, base, size in bars)


def test_deadlines_are_kept_to_the_tick_of_a_core_of_its_own(machine: MachineFactory) -> None:
    run = machine.run(f"spawn deadlines {DEADLINE_BOUND}", smp=1, icount=True)
    assert "0 early" in run.output


def test_deadlines_of_a_core_among_others_are_late_by_a_turn_at_most(machine: MachineFactory) -> None:
    run = machine.run(f"spawn deadlines {DEADLINE_BOUND + 2 * SLICE} on 1", smp=2, icount=True)
    assert "0 early" in run.output
