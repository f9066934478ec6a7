"""Channels between domains of two cores: streams while ends sleep, peers that break the protocol, sleeping costs."""

import re

import pytest

from skerry.testing.factory import MachineFactory

STRESS = re.compile(r"stress: (\d+) messages each way, slept (\d+) times, woke the other end (\d+) times (.*)\n")


@pytest.mark.parametrize("smp", [2, 4])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_streams_both_ways_lose_nothing_while_both_ends_sleep(machine: MachineFactory, smp: int, seed: int) -> None:
    output = machine.run(f"run channels stress 2000 {seed}", smp=smp).output
    found = STRESS.search(output)
    assert found is not None and found[1] == "2000"
    assert int(found[2]) > 0 and int(found[3]) > 0
    assert found[4] == "by interrupts"


def test_domains_without_a_vector_are_woken_through_their_monitors(machine: MachineFactory) -> None:
    output = machine.run("run channels stress 500 4 shared; run channels stress 500 5 shared", smp=3).output
    found = STRESS.findall(output)
    assert len(found) == 2
    assert all(int(slept) > 0 and int(woke) > 0 for _, slept, woke, _ in found)
    assert all(how == "through the monitors" for *_, how in found)


def test_a_hostile_peer_costs_its_own_channel_and_nothing_else(machine: MachineFactory) -> None:
    output = machine.run("run channels hostile 30; ping all", smp=2).output
    assert "hostile: 30 channels broken, each closed by its peer, which still answers\n" in output


def test_a_sleeping_channel_costs_a_turn_nothing_and_a_wake_up_a_constant(machine: MachineFactory) -> None:
    output = machine.run("run channels idle 20", smp=1, icount=True).output
    least = {
        (kind, int(count)): min(map(int, samples.split()))
        for kind, count, samples in re.findall(r"bench channels path (\w+)-(\d+) (.*)", output)
    }
    assert least["turn", 1] == least["turn", 1000]
    for fewer, more in ((10, 100), (100, 1000)):
        assert least["wake", more] - least["wake", fewer] <= 10 * (more - fewer)
