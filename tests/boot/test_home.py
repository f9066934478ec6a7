"""The machine's home dies, core 0 first: console, devices and shell come up on another core, and one line says so."""

import re

import pytest

from replies import all_answered, core_lines, pairs
from skerry.testing.factory import MachineFactory
from skerry.testing.machine import Machine
from test_members import views

MOVED = "core {} is gone: the console, the devices and the shell go on on core {}"


def moves(shell: Machine, command: str, old: int, new: int) -> None:
    """The home ends with this command, and another core goes on."""
    shell.type(command + "\r")
    shell.expect(MOVED.format(old, new))
    shell.expect("skerry> ")


@pytest.mark.parametrize("how", ["panic 0", "crash 0 hang", "core stop 0"])
def test_core_0_ends_and_core_1_goes_on(machine: MachineFactory, how: str) -> None:
    shell = machine(smp=4)
    shell.expect_panics()
    moves(shell, how, 0, 1)
    state = "stopped" if how == "core stop 0" else "dead"
    assert {core: line.state for core, line in core_lines(shell.shell("cores")).items()} == {
        0: state,
        **dict.fromkeys((1, 2, 3), "answering"),
    }
    assert views(shell) == dict.fromkeys((1, 2, 3), (3, "1-3"))
    assert all_answered(shell.shell("ping all"))
    assert "hello from core 3" in shell.shell("spawn hello on 3")
    assert "00:1f.2" in shell.shell("spawn lspci"), "the PCI domain is there"
    assert "core 0: started" in shell.shell("core start 0")
    assert views(shell) == dict.fromkeys(range(4), (4, "0-3"))
    assert "hello from core 0" in shell.shell("spawn hello on 0")
    pinged = shell.shell("ping all")
    assert all_answered(pinged) and len(pairs(pinged)) == 6
    assert "leaks: none" in shell.shell("leaks")
    assert shell.poweroff().success


def test_one_home_after_the_other(machine: MachineFactory) -> None:
    """Each time the memory of the dead comes to the next home, which starts them again from it."""
    shell = machine(smp=3)
    shell.expect_panics()
    moves(shell, "panic 0", 0, 1)
    moves(shell, "panic 1", 1, 2)
    assert "core 0: started" in shell.shell("core start 0")
    assert "core 1: started" in shell.shell("core start 1 image tickless")
    moves(shell, "crash 2 hang", 2, 0)
    assert "core 2: started" in shell.shell("core start 2")
    assert {live for _, live in views(shell).values()} == {"0-2"}
    assert all_answered(shell.shell("ping all"))
    assert "leaks: none" in shell.shell("leaks")


def test_all_memory_of_a_dead_home_is_found(machine: MachineFactory) -> None:
    """What the cores have in sum is what it was, but for the odd pieces that only the core that booted can have."""
    shell = machine(smp=3)
    shell.expect_panics()
    before = memory(shell)
    moves(shell, "panic 0", 0, 1)
    shell.shell("core start 0")
    assert before - memory(shell) < 12 << 10


def memory(shell: Machine) -> int:
    """KiB of RAM that the monitors have, in sum."""
    return sum(int(line[1]) for line in re.findall(r"^ *(\d+) +\d+ +\d+ +(\d+)", shell.shell("mem"), re.MULTILINE))


def test_core_0_that_heeds_nothing_stays_where_it_is(machine: MachineFactory) -> None:
    """An INIT would send it through the firmware: nothing is taken from it, and the log says so."""
    shell = machine(smp=3)
    shell.type("crash 0 deaf\r")
    shell.wait_log(1, "core 0 may be dead, but is not out of the way")
    assert "home" not in shell.core_log(1)


def test_services_of_other_cores_outlive_the_home(machine: MachineFactory) -> None:
    shell = machine(smp=4)
    shell.expect_panics()
    shell.type("spawn bindings serve echo on 3 &\r")
    shell.expect("echo is offered")
    shell.type("spawn bindings hold echo on 2 &\r")
    shell.expect("echo is on core 3")
    moves(shell, "panic 0", 0, 1)
    shell.type("spawn bindings hold echo on 1 &\r")
    shell.expect("echo is on core 3")
    shell.type("core stop 3\r")
    for _ in range(2):
        shell.expect("echo is gone: ERR_PEER_DEAD")


def test_a_run_goes_on_behind_the_command_that_ended_the_home(machine: MachineFactory) -> None:
    run = machine.run("echo one; panic 0; echo two; core start 0; members; core stop 1; echo three", smp=3)
    assert [command.status for command in run.commands] == [0] * 7
    assert "2 of 2 live cores agree" not in run.output and "3 of 3 live cores agree" in run.output


@pytest.mark.parametrize("how", ["msi", "intx"])
def test_a_driver_elsewhere_keeps_its_device(machine: MachineFactory, how: str) -> None:
    """The new home's PCI and interrupt domains are told whose the devices are."""
    shell = machine(smp=4, machine="edu")
    shell.expect_panics()
    shell.type(f"spawn edu {how} 20 after go on 2 &\r")
    shell.expect("20 raised, 20 arrived")
    moves(shell, "panic 0", 0, 1)
    assert "error" not in shell.shell("core start 0")
    shell.type("spawn kv put go now on 3\r")
    shell.expect("20 raised, 20 arrived")
