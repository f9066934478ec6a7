"""Memory that domains on several cores share as equals: as on one core, whoever changes it meanwhile, whoever dies."""

import re

import pytest

from skerry.testing.factory import MachineFactory
from skerry.testing.machine import Machine

VIEW = re.compile(r"^ *(\d+) +\d+ +(\d+)  [0-9]", re.MULTILINE)
COUNTS = re.compile(r"(RAM|frame): (\d+) retypes, (\d+) found busy, (\d+) revokes, (\d+) moves, (\d+) races won by one")


def until(shell: Machine, command: str, seen: str) -> str:
    """Background programs print whenever they do, so the prompt says nothing."""
    shell.type(command + "\r")
    return shell.expect(seen)


def offered(shell: Machine, *cores: int) -> None:
    for core in cores:
        until(shell, f"spawn shares serve w{core} on {core} &", f"w{core} is offered")


@pytest.mark.parametrize(("cores", "leader", "seed"), [(3, 1, 1), (3, 0, 2), (5, 4, 3)])
def test_changes_from_all_cores_at_once_are_as_on_one(
    machine: MachineFactory, cores: int, leader: int, seed: int
) -> None:
    """After each storm no page is two's, all know one owner, after a revoke one has it; of those that race one wins."""
    rounds = 8
    workers = [core for core in range(cores) if core != leader]
    shell = machine(smp=cores)
    offered(shell, *workers)
    shell.type(f"spawn shares lead {seed} {rounds} {' '.join(f'w{core}' for core in workers)} on {leader} &\r")
    output = shell.expect(r"frame: [^\n]* won by one")
    found = {row[0]: [int(count) for count in row[1:]] for row in COUNTS.findall(output)}
    assert found["RAM"][4] == rounds and found["frame"][4] == 2 * rounds
    assert all(count > rounds for row in found.values() for count in row[:2])
    assert all(count > 0 for row in found.values() for count in row[2:4])
    for core in workers:
        until(shell, f"kill {core}.{6 if core == 0 else 1}", "skerry> ")
    until(shell, "leaks", "leaks: none")


def test_memory_that_no_other_core_shares_costs_no_message(machine: MachineFactory) -> None:
    output = machine.run("members; spawn shares alone on 1; members", smp=3).output
    before, after = output.split("50 retypes and revokes of memory that nobody else has")
    assert len(VIEW.findall(before)) == 3
    assert VIEW.findall(before) == VIEW.findall(after)


@pytest.mark.parametrize(("worker", "leader"), [(2, 1), (2, 0), (0, 1)])
def test_what_must_be_is_refused_by_name(machine: MachineFactory, worker: int, leader: int) -> None:
    serve = f"spawn shares serve w on {worker} &"
    kill = f"kill {worker}.{6 if worker == 0 else 1}"
    output = machine.run(f"{serve}; spawn shares rules w on {leader}; {kill}; leaks", smp=3).output
    assert "refused what must be, and revoked with what it was cut from" in output
    assert "leaks: none" in output


def test_when_the_owner_dies_the_lowest_core_that_holds_it_owns_it(machine: MachineFactory) -> None:
    shell = machine(smp=4)
    offered(shell, 2, 3)
    until(shell, "spawn shares lose 3 w2 w3 on 1 &", "core 3 owns it")
    until(shell, "panic 3", "told to fail")
    shell.expect("1 of 2 workers are left, and one of all wins")
    until(shell, "kill 2.1", "skerry> ")
    until(shell, "leaks", "leaks: none")
    assert "core 3 PANIC (practice)" in shell.panic_text(3)


@pytest.mark.parametrize(("victim", "seed"), [(2, 1), (3, 2)])
def test_a_core_that_dies_in_the_middle_of_changes_leaves_the_others_as_one(
    machine: MachineFactory, victim: int, seed: int
) -> None:
    """Owner or not, and whatever it had begun: the others agree about it, and go on."""
    shell = machine(smp=4)
    offered(shell, 2, 3)
    until(shell, f"spawn shares storms {seed} w2 w3 on 1 &", "storms begin")
    until(shell, f"panic {victim}", "told to fail")
    shell.expect("1 of 2 workers are left")
    until(shell, f"kill {5 - victim}.1", "skerry> ")
    until(shell, "leaks", "leaks: none")
    assert f"core {victim} PANIC (practice)" in shell.panic_text(victim)


def test_memory_outlives_its_home_until_the_last_one_drops_it(machine: MachineFactory) -> None:
    """Of the dead core's memory what is shared is not taken back; who is left divides and revokes it as before."""
    shell = machine(smp=4)
    offered(shell, 2, 3)
    until(shell, "spawn shares orphan 1 w2 w3 on 1 &", "core 1 owns it")
    until(shell, "panic 1", "told to fail")
    first = shell.expect("and dropped")
    both = first + shell.expect("and dropped")
    assert both.count("retyped and revoked: ERR_OK") == 1, "the other one's was revoked"
    until(shell, "core start 1", "core 1: started")
    for core in (2, 3):
        until(shell, f"kill {core}.1", "skerry> ")
    until(shell, "leaks", "leaks: none")
    log = shell.core_log(0)
    assert log.index("core 1 is dead") < log.index("of a dead core are held no more")
    assert "core 1 PANIC (practice)" in shell.panic_text(1)
