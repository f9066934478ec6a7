"""Cores that die: their end is shown with names and lines, and costs what ran there and nothing else."""

import re
import time

import pytest

from replies import all_answered, core_lines, pairs
from skerry.testing.factory import MachineFactory

STALL_MS = re.compile(r"given up after (\d+) ms")


@pytest.mark.parametrize("core", [1, 2, 3])
def test_the_others_live_on_after_a_panic(machine: MachineFactory, core: int) -> None:
    shell = machine(smp=4)
    shell.shell(f"panic {core}")
    text = shell.panic_text(core)
    assert f"core {core} PANIC (practice)" in text
    assert re.search(r"crash\S* (\(inlined\) )?at kernel/x86_64/crash\.c:\d+", text)
    assert "inv_kernel_crash" in text and "sys_invoke" in text and "kernel/x86_64/entry.S" in text
    assert re.search(r"^  dispatcher \S+: state ", text, re.MULTILINE)
    states = {line.core: line.state for line in core_lines(shell.shell("cores")).values()}
    assert states == {other: "not answering" if other == core else "answering" for other in range(4)}
    others = [other for other in range(4) if other != core]
    pinged = shell.shell("ping all")
    assert all_answered(pinged)
    assert sorted(pairs(pinged)) == [(a, b) for a in others for b in others if a < b]
    assert shell.poweroff().success


@pytest.mark.parametrize(
    ("command", "registers"),
    [
        ("panic 1", ("rip", "rsp", "rbp", "cr3")),
        ("crash 1 wild 0x100000", ("rip", "rsp", "rbp", "rax", "r15", "cr2", "cr3", "vector", "error")),
    ],
)
def test_a_panic_shows_registers(machine: MachineFactory, command: str, registers: tuple[str, ...]) -> None:
    shell = machine(smp=2)
    shell.expect_panics()
    shell.shell(command)
    text = shell.panic_text(1)
    for register in registers:
        assert re.search(rf"\b{register}=[0-9a-f]{{16}}", text), register


def test_a_panic_of_the_only_core_is_the_verdict(machine: MachineFactory) -> None:
    shell = machine(smp=1)
    shell.type("panic 0\r")
    verdict = shell.wait_verdict()
    assert (verdict.name, verdict.status) == ("PANIC", 64)
    assert "kernel/x86_64/crash.c:" in shell.panic_text(0)


def test_the_shell_does_not_stall_longer_than_it_says(machine: MachineFactory) -> None:
    shell = machine(smp=4)
    stated = STALL_MS.search(shell.shell("help"))
    assert stated is not None
    shell.shell("panic 2")
    for command in ("cores", "ping 0 2", "mem", "ps", "ping all"):
        begun = time.monotonic()
        shell.shell(command)
        # Each command asks the dead core at most twice; the rest is for a busy host.
        assert time.monotonic() - begun < 2 * int(stated[1]) / 1000 + 3, command


@pytest.mark.parametrize("others", [(1, 3), (1, 2, 3)])
def test_several_cores_may_die(machine: MachineFactory, others: tuple[int, ...]) -> None:
    shell = machine(smp=4)
    for core in others:
        shell.shell(f"panic {core}")
    states = {line.core: line.state for line in core_lines(shell.shell("cores")).values()}
    assert [core for core, state in states.items() if state == "not answering"] == list(others)
    assert shell.poweroff().success


def test_a_store_into_another_cores_memory_faults(machine: MachineFactory) -> None:
    shell = machine(smp=4)
    pool = re.search(r"pool (0x[0-9a-f]+)", shell.core_log(2))
    assert pool is not None
    shell.expect_panics()
    shell.shell(f"crash 1 wild {pool[1]}")
    text = shell.panic_text(1)
    assert "core 1 PANIC (fault)" in text
    assert "wild_store" in text and "kernel/x86_64/crash.c" in text
    assert all_answered(shell.shell("ping all"))
    assert "PANIC" not in shell.core_log(2)


@pytest.mark.parametrize(("kind", "panic"), [("assert", "assert"), ("stack", "stack")])
def test_other_ways_to_panic_are_told_apart(machine: MachineFactory, kind: str, panic: str) -> None:
    shell = machine(smp=2)
    shell.expect_panics()
    shell.shell(f"crash 1 {kind}")
    assert f"core 1 PANIC ({panic})" in shell.panic_text(1)


def test_undefined_behaviour_is_named_in_the_debug_profile(machine: MachineFactory) -> None:
    shell = machine(smp=2, profile="debug")
    shell.expect_panics()
    shell.shell("crash 1 undefined")
    text = shell.panic_text(1)
    assert "core 1 PANIC (ubsan)" in text
    assert "kernel/x86_64/crash.c:" in text


def test_a_core_that_hangs_does_not_answer(machine: MachineFactory) -> None:
    shell = machine(smp=4)
    shell.shell("crash 3 hang")
    assert core_lines(shell.shell("cores"))[3].state == "not answering"
    assert shell.poweroff().success


def test_a_hang_of_the_only_core_is_named_and_located(machine: MachineFactory) -> None:
    shell = machine(smp=1, timeout=8)
    shell.type("crash 0 hang\r")
    assert shell.wait_verdict().name == "HANG"
    places = "\n".join(shell.places)
    assert re.search(r"core 0 kernel: .*hang.* at kernel/x86_64/", places)


def test_a_triple_fault_is_named_and_located(machine: MachineFactory) -> None:
    shell = machine(smp=2)
    shell.type("crash 1 triple\r")
    verdict = shell.wait_verdict()
    assert (verdict.name, verdict.status) == ("TRIPLE_FAULT", 66)
    assert "kernel/x86_64/crash.c:" in "\n".join(shell.places)
