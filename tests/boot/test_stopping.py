"""Cores that are stopped and started while the system runs: in good order, by force, and again and again."""

import re
from pathlib import Path

import pytest

from damage import mute
from replies import all_answered, answering, core_lines, pairs
from skerry.testing.factory import MachineFactory
from skerry.testing.machine import Machine

RAM = re.compile(r"^ *(\d+) +\d+ +\d+ +(\d+) +\d+ +\d+\s*$", re.MULTILINE)
UP = re.compile(r"core \d+ up, .* class (\w+),")
STORM = re.compile(r"^\d\.\d+ +storm ", re.MULTILINE)
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


@pytest.mark.parametrize("how", ["crash 3 hang", "crash 3 undefined", "panic 3", "crash 3 deaf"])
def test_a_core_that_does_not_answer_is_fenced_and_started_again(machine: MachineFactory, how: str) -> None:
    shell = machine(smp=4)
    shell.expect_panics()
    shell.shell(how)
    assert "core 3: stopped" in shell.shell("core stop 3")
    if how == "crash 3 deaf":
        assert "core 3 does not heed a non-maskable interrupt: it is reset" in shell.core_log(0)
    else:
        assert FENCED.search(shell.core_log(3))
    shell.shell("core start 3")
    assert "hello from core 3" in shell.shell("spawn hello on 3")
    assert all_answered(shell.shell("ping all"))


def test_what_cannot_be_stopped_or_started_is_refused_by_name(machine: MachineFactory) -> None:
    shell = machine(smp=3, cores=2)
    for command, why in {
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
    assert "the last core cannot be stopped" in shell.shell("core stop 0")
    assert "the archive has no such image for it" in shell.shell("core start 1 image nonsense")
    assert "core 1: started" in shell.shell("core start 1")


def test_a_core_is_started_again_with_another_image(machine: MachineFactory) -> None:
    shell = machine(smp=4)
    shell.shell("core stop 2; core start 2 image tickless")
    assert re.search(r"core 2 up, .* class tickless", shell.core_log(2))
    assert "hello from core 2" in shell.shell("spawn hello on 2")
    assert all_answered(shell.shell("ping all"))
    shell.shell("core stop 2; core start 2")
    assert [match[1] for match in UP.finditer(shell.core_log(2))] == ["default", "tickless", "default"]


def memory(shell: Machine) -> dict[int, int]:
    """KiB of RAM that each core has."""
    return {int(match[1]): int(match[2]) for match in RAM.finditer(shell.shell("mem"))}


def test_a_hungry_core_is_fed_by_its_neighbours_and_a_stop_brings_it_all_back(machine: MachineFactory) -> None:
    shell = machine(smp=4)
    before = memory(shell)
    assert "core 2: 60 of 60 MiB eaten, all as written" in shell.shell("spawn eat 60 on 2")
    fed = memory(shell)
    assert sum(fed.values()) == sum(before.values()) and fed[2] > 60 * 1024
    assert "core 3 gave" in shell.core_log(2).split("core 0 gave")[0], "the nearest is asked first"
    shell.shell("core stop 2; core stop 3; core start 3; core start 2")
    after = memory(shell)
    assert sum(after.values()) == sum(before.values()) and after[2] == before[2]


def test_a_core_asks_nobody_while_it_has_enough(machine: MachineFactory) -> None:
    shell = machine(smp=2)
    assert "core 1: 16 of 16 MiB eaten" in shell.shell("spawn eat 16 on 1")
    assert " gave " not in shell.core_log(1)


def test_a_domain_that_chose_so_goes_on_elsewhere_the_others_end(machine: MachineFactory) -> None:
    shell = machine(smp=4)
    shell.shell("spawn sleep 3600000 on 2 &")
    shell.type("spawn storm serve moving on 2 &\r")
    shell.expect("storm.2 moves")
    shell.type("core stop 2\r")
    shell.expect("storm.3 moves")  # the nearest core takes it
    shell.type("core stop 3\r")
    shell.expect("storm.[01] moves")
    shell.type("core start 2; core start 3; ps; cores\r")
    listed = shell.expect("4 of 4 cores answer")
    assert len(STORM.findall(listed)) == 1 and " sleep " not in listed


def test_the_hardware_of_a_fenced_core_is_anybodys_again(machine: MachineFactory) -> None:
    shell = machine(smp=3)
    shell.shell("spawn keys 1 on 1 &")
    shell.expect("keys: waiting for 1")
    shell.expect("skerry> ")
    assert "no keyboard: " in shell.shell("spawn keys 1 on 2")
    shell.shell("crash 1 hang; core stop 1")
    shell.shell("spawn keys 1 on 2 &")
    shell.expect("keys: waiting for 1")
    shell.expect("skerry> ")
    shell.shell("core stop 2; core start 1; core start 2")


@pytest.mark.parametrize(("server", "client"), [(2, 1), (1, 2)])
def test_channels_of_a_stopped_core_close_with_an_error_on_the_other_side(
    machine: MachineFactory, server: int, client: int
) -> None:
    shell = machine(smp=3)
    until(shell, f"spawn bindings serve echo on {server} &", "echo is offered")
    until(shell, f"spawn bindings hold echo on {client} &", f"echo is on core {server}")
    gone = "echo is gone: ERR_PEER_DEAD" if server == 2 else "a client of core 2 is gone: ERR_PEER"
    until(shell, "core stop 2", gone)
    if server == 2:
        until(shell, "spawn bindings call echo 1 on 1", "echo: ERR_NOT_FOUND")
    else:
        until(shell, "kill 1.1", "skerry> ")
    until(shell, "core start 2", "core 2: started")
    until(shell, "leaks", "leaks: none")


def until(shell: Machine, command: str, seen: str) -> None:
    """Programs in the background print whenever they do, so the prompt says nothing."""
    shell.type(command + "\r")
    shell.expect(seen)


@pytest.mark.slow
def test_a_core_whose_image_says_no_hello_is_parked_and_started_with_another(
    machine: MachineFactory, tmp_path: Path
) -> None:
    shell = machine(smp=3, artefacts=mute(machine.artefacts(3), "core/2", tmp_path), timeout=300)
    assert states(shell)[2] == "not started"
    assert "core 2: started" in shell.shell("core start 2 image tickless")  # by way of a reset
    assert "hello from core 2" in shell.shell("spawn hello on 2")
    shell.shell("core stop 2")
    assert "said no hello: it is stopped again" in shell.shell("core start 2")  # from its park block
    assert states(shell)[2] == "stopped"
    assert "core 2: started" in shell.shell("core start 2 image tickless")
    assert all_answered(shell.shell("ping all"))


def test_a_program_that_never_waits_leaves_a_core_without_slices_its_monitor(machine: MachineFactory) -> None:
    shell = machine(smp=3)
    shell.shell("core stop 1; core start 1 image tickless")
    started = re.search(r"domain (1\.\d+)", shell.shell("spawn hostile loop on 1 &"))
    assert started and all_answered(shell.shell("ping all"))
    assert "contained" in shell.shell(f"wait {started[1]}")
    assert "dead" not in shell.shell("cores")
