"""Domains that are started anew: after a fault, after their core's stop or death, here or elsewhere; core 0's, too."""

import re

import pytest

from skerry.testing.factory import MachineFactory
from skerry.testing.machine import Machine
from test_home import MOVED


def running(shell: Machine) -> list[int]:
    """The cores on which `supervised` runs."""
    shell.type("ps; echo listed\r")
    listed = shell.expect(r"upcalls[\s\S]*?\nlisted\r")
    shell.expect("skerry> ")
    return sorted(int(core) for core in re.findall(r"^(\d+)\.\d+ +supervised ", listed, re.MULTILINE))


def spawn(shell: Machine, rule: str, core: int) -> None:
    shell.type(f"spawn supervised {rule} on {core} &\r")
    shell.expect(f"supervised {rule.split()[0]} on core {core}")
    shell.expect("skerry> ")


@pytest.mark.parametrize("how", ["core stop 2", "panic 2", "crash 2 hang"])
def test_one_waits_for_its_core_the_other_goes_on(machine: MachineFactory, how: str) -> None:
    shell = machine(smp=4)
    shell.expect_panics()
    spawn(shell, "here", 2)
    spawn(shell, "elsewhere", 2)
    shell.type(how + "\r")
    shell.expect("supervised elsewhere on core [013]")
    shell.wait_log(2, "parked")
    assert len(running(shell)) == 1
    shell.type("core start 2\r")
    shell.expect("supervised here on core 2")
    assert len(running(shell)) == 2


def test_they_outlive_the_home(machine: MachineFactory) -> None:
    shell = machine(smp=3)
    shell.expect_panics()
    spawn(shell, "elsewhere", 0)
    spawn(shell, "here", 0)
    shell.type("panic 0\r")
    shell.expect(MOVED.format(0, 1))
    shell.expect("supervised elsewhere on core [12]")  # before the prompt, or after it
    shell.type("core start 0\r")
    shell.expect("supervised here on core 0")
    assert len(running(shell)) == 2


def test_a_fault_is_followed_by_a_new_start_but_not_for_ever(machine: MachineFactory) -> None:
    shell = machine(smp=2)
    shell.type("spawn supervised here faulting on 1 &\r")
    shell.expect("given up, it has failed 5 times at once", timeout=60)
    shell.expect("skerry> ")
    assert running(shell) == []


def test_who_is_killed_or_exits_has_ended(machine: MachineFactory) -> None:
    shell = machine(smp=2)
    spawn(shell, "elsewhere", 1)
    shell.type("kill 1.1\r")
    assert running(shell) == []
    shell.type("core stop 1; core start 1\r")
    assert running(shell) == []
    assert "leaks: none" in shell.shell("leaks")


def test_only_a_few_may_choose_on_a_core(machine: MachineFactory) -> None:
    shell = machine(smp=2)
    for _ in range(8):
        spawn(shell, "here", 1)
    shell.type("spawn supervised here on 1\r")
    shell.expect("no supervision: ")
    assert len(running(shell)) == 8
