"""Who is alive, as all monitors agree on it: one view for all cores at boot, one for each that stops or starts."""

import re

import pytest

from replies import all_answered, core_lines
from skerry.testing.factory import MachineFactory
from skerry.testing.machine import Machine

FENCED = re.compile(r"core 3 fenced and parked, from rip 0x[0-9a-f]+")
LINE = re.compile(r"^ *(\d+) +(\d+) +\d+ +(.+?)\r?$", re.MULTILINE)


def views(shell: Machine) -> dict[int, tuple[int, str]]:
    """Of each core that is live: its epoch, and whom it takes for live."""
    printed = shell.shell("members")
    found = {int(core): (int(epoch), live) for core, epoch, live in LINE.findall(printed)}
    assert f"{len(found)} of {len(found)} live cores agree" in printed
    return found


@pytest.mark.parametrize(("cores", "view"), [(1, (1, "0")), (3, (2, "0-2")), (6, (2, "0-5"))])
def test_all_cores_come_in_with_one_view(machine: MachineFactory, cores: int, view: tuple[int, str]) -> None:
    assert views(machine(smp=cores)) == dict.fromkeys(range(cores), view)


def test_a_stop_and_a_start_are_views(machine: MachineFactory) -> None:
    shell = machine(smp=5)
    shell.shell("core stop 3")
    assert views(shell) == dict.fromkeys((0, 1, 2, 4), (3, "0-2 4"))
    shell.shell("core stop 1; core start 3 image tickless")
    assert views(shell) == dict.fromkeys((0, 2, 3, 4), (5, "0 2-4"))
    shell.shell("core start 1")
    assert views(shell) == dict.fromkeys(range(5), (6, "0-4"))


@pytest.mark.parametrize("how", ["panic 3", "crash 3 hang", "crash 3 deaf"])
def test_a_core_that_dies_is_missed_fenced_and_left_out_and_can_be_started_again(
    machine: MachineFactory, how: str
) -> None:
    """Nobody says so: its neighbour misses it. Its channels end with an error, and what it had comes back."""
    shell = machine(smp=4)
    shell.expect_panics()
    shell.type("spawn bindings serve echo on 3 &\r")
    shell.expect("echo is offered")
    shell.type("spawn bindings hold echo on 1 &\r")
    shell.expect("echo is on core 3")
    shell.type(how + "\r")
    shell.expect("echo is gone: ERR_PEER_DEAD")
    shell.expect("skerry> ")
    shell.wait_log(0, "core 3 is dead")
    if how == "crash 3 deaf":
        shell.wait_log(0, "core 3 does not heed a non-maskable interrupt: it is reset")
    else:
        assert FENCED.search(shell.core_log(3))
    assert "it is stopped already" in shell.shell("core stop 3")
    assert core_lines(shell.shell("cores"))[3].state == "dead"
    assert views(shell) == dict.fromkeys((0, 1, 2), (3, "0-2"))
    shell.shell("core start 3")
    assert views(shell) == dict.fromkeys(range(4), (4, "0-3"))
    assert "hello from core 3" in shell.shell("spawn hello on 3")
    assert all_answered(shell.shell("ping all"))


def test_two_cores_that_die_at_once_are_both_left_out(machine: MachineFactory) -> None:
    shell = machine(smp=5)
    shell.expect_panics()
    shell.shell("crash 2 hang; panic 3")
    shell.wait_log(0, "core 2 is dead")
    shell.wait_log(0, "core 3 is dead")
    shell.shell("core start 2; core start 3")
    assert {live for _, live in views(shell).values()} == {"0-4"}
    assert all_answered(shell.shell("ping all"))
