"""Cores that are stopped and started while the system runs: in good order, by force, and again and again."""

import re

import pytest

from replies import all_answered, answering, core_lines, pairs
from skerry.testing.factory import MachineFactory
from skerry.testing.machine import Machine

FENCED = re.compile(r"core 3 fenced and parked, from rip 0x[0-9a-f]+")


def states(shell: Machine) -> dict[int, str]:
    return {line.core: line.state for line in core_lines(shell.shell("cores")).values()}


def test_a_stopped_core_is_gone_for_the_others_and_comes_back(machine: MachineFactory) -> None:
    shell = machine(smp=4)
    assert all_answered(shell.shell("ping all"))
    assert "core 2: stopped" in shell.shell("core stop 2")
    assert "core 2 parked" in shell.core_log(2)
    assert states(shell) == {0: "answering", 1: "answering", 2: "stopped", 3: "answering"}
    pinged = shell.shell("ping all")
    assert all_answered(pinged) and sorted(pairs(pinged)) == [(0, 1), (0, 3), (1, 3)]
    assert "error: 'hello' on core 2:" in shell.shell("spawn hello on 2")
    assert "core 2: started" in shell.shell("core start 2")
    assert answering(shell.shell("cores")) == [0, 1, 2, 3]
    pinged = shell.shell("ping all")
    assert all_answered(pinged) and len(pairs(pinged)) == 6
    assert "hello from core 2" in shell.shell("spawn hello on 2")


@pytest.mark.parametrize("how", ["crash 3 hang", "crash 3 undefined", "panic 3"])
def test_a_core_that_does_not_answer_is_fenced_and_started_again(machine: MachineFactory, how: str) -> None:
    shell = machine(smp=4)
    shell.expect_panics()
    shell.shell(how)
    assert "core 3: stopped" in shell.shell("core stop 3")
    assert FENCED.search(shell.core_log(3))
    shell.shell("core start 3")
    assert "hello from core 3" in shell.shell("spawn hello on 3")
    assert all_answered(shell.shell("ping all"))


def test_what_cannot_be_stopped_or_started_is_refused_by_name(machine: MachineFactory) -> None:
    shell = machine(smp=3, cores=2)
    for command, why in {
        "core stop 0": "the core that starts the others cannot be stopped",
        "core stop 2": "it was not started",
        "core stop 7": "no core 7",
        "core start 1": "it runs",
        "core start 2": "the archive has no such image for it",
        "core start 1 image": "one of `core stop 2`",
        "core restart 1": "one of `core stop 2`",
    }.items():
        assert why in shell.shell(command), command
    shell.shell("core stop 1")
    assert "it is stopped already" in shell.shell("core stop 1")
    assert "the archive has no such image for it" in shell.shell("core start 1 image nonsense")
    assert "core 1: started" in shell.shell("core start 1")
