"""Services by name across cores: bound on demand, ended from either side, and nothing left over."""

import re

import pytest

from skerry.testing.factory import MachineFactory
from skerry.testing.machine import Machine

VIEW = re.compile(r"^ *(\d+) +\d+ +(\d+)  [0-9]", re.MULTILINE)


def channel_ends(table: str) -> dict[tuple[str, str], list[str]]:
    """Rows of `chan` by both domains' numbers."""
    rows = [line.split() for line in table.splitlines()]
    return {(row[0], row[1]): row for row in rows if len(row) == 10}


def until(shell: Machine, command: str, seen: str) -> None:
    """Background programs print whenever they do, so the prompt says nothing."""
    shell.type(command + "\r")
    shell.expect(seen)


def test_a_service_is_found_and_called_from_every_core(machine: MachineFactory) -> None:
    calls = "; ".join(f"spawn bindings call echo 200 on {core}" for core in range(4))
    result = machine.run(f"spawn bindings serve echo on 2 &; {calls}; kill 2.1", smp=4)
    assert result.output.count("200 calls answered") == 4
    assert result.output.count("echo is on core 2") == 3
    assert result.output.count("echo is here") == 1


def test_a_name_that_nobody_offers_is_not_found(machine: MachineFactory) -> None:
    result = machine.run("spawn bindings call nobody 1 on 1", smp=2, check=False)
    assert "nobody: ERR_NOT_FOUND" in result.output


def test_the_end_of_either_side_is_told_to_the_other(machine: MachineFactory) -> None:
    shell = machine(smp=3)
    until(shell, "spawn bindings serve echo on 1 &", "echo is offered")
    for core in (0, 2):
        until(shell, f"spawn bindings hold echo on {core} &", "echo is on core 1")
    until(shell, "kill 2.1", "a client of core 2 is gone: ERR_PEER_DEAD")
    until(shell, "kill 1.1", "echo is gone: ERR_PEER_DEAD")
    until(shell, "leaks", "leaks: none")


def test_a_frame_that_a_dead_core_may_have_comes_back_once_that_is_fenced(machine: MachineFactory) -> None:
    shell = machine(smp=3)
    until(shell, "spawn bindings serve echo on 2 &", "echo is offered")
    until(shell, "spawn bindings hold echo on 1 &", "echo is on core 2")
    until(shell, "panic 2", "told to fail")
    assert "core 2 PANIC (practice)" in shell.panic_text(2)
    until(shell, "cores", "2 of 3 cores answer")
    until(shell, "kill 1.1", "skerry> ")
    until(shell, "leaks", "leaks: none")
    assert "core 2 fenced and parked" in shell.core_log(2)


def test_chan_asks_domains_about_their_channels(machine: MachineFactory) -> None:
    """What one end has sent the other has received; who does not answer its monitor holds nobody up."""
    shell = machine(smp=3)
    until(shell, "spawn bindings serve echo on 1 &", "echo is offered")
    until(shell, "spawn bindings hold echo on 2 &", "echo is on core 1")
    until(shell, "spawn bindings deaf echo on 0 &", "echo is on core 1")
    shell.type("chan\r")
    ends = channel_ends(shell.expect(r"2\.1 +1\.1 [^\n]*\n"))
    server, client = ends["1.1", "2.1"], ends["2.1", "1.1"]
    assert server[2] == client[2], "the label"
    assert (server[5], server[6]) == (client[6], client[5])
    assert server[3] == client[3] == "asleep"
    deaf = next(end for (here, there), end in ends.items() if there == "1.1" and here.startswith("0."))
    assert deaf[3] == "silent"


def test_memory_is_lent_over_a_channel_and_comes_back(machine: MachineFactory) -> None:
    """Everything else is refused by name, and so is taking it back by force; its owner may also just end."""
    result = machine.run(
        "spawn bindings serve echo on 1 &; spawn bindings lend echo on 2; spawn bindings leave echo; kill 1.1", smp=3
    )
    assert result.output.count("lends memory, word 7") == 2
    assert result.output.count("lent, and refused what must be") == 2


@pytest.mark.parametrize(("cores", "owner"), [(3, 0), (5, 4)])
def test_memory_that_was_lent_is_revoked_on_all_cores_by_agreement(
    machine: MachineFactory, cores: int, owner: int
) -> None:
    """The servers have it mapped; the CPU driver refuses to revoke it alone; after the agreement nobody has it."""
    servers = [core for core in range(1, cores) if core != owner]
    serve = "; ".join(f"spawn bindings serve s{core} on {core} &" for core in servers)
    recall = f"spawn bindings recall 10 {' '.join(f's{core}' for core in servers)} on {owner}"
    kill = "; ".join(f"kill {core}.1" for core in servers)
    output = machine.run(f"members; {serve}; {recall}; {kill}; members", smp=cores).output
    assert f"10 loans to each of {len(servers)} servers recalled" in output
    transactions = [
        {int(core): int(count) for core, count in VIEW.findall(part)} for part in output.split("servers recalled")
    ]
    assert transactions[1][owner] - transactions[0][owner] == 10
    assert f"{cores} of {cores} live cores agree" in output
