"""Groups of cores and the protocol of shootdowns: the monitors go by what the knowledge base says."""

import re

import pytest

from replies import plain
from skerry.testing.factory import MachineFactory
from skerry.testing.machine import Machine

Groups = dict[int, set[int]]
Apart = dict[tuple[int, int], int]
GROUP = re.compile(r"group (\d+): cores([\d -]+)(?:; distances([\d ]+))?")


def cores_of(text: str) -> set[int]:
    """Runs of cores, as `trees` prints them."""
    found = set()
    for run in text.split():
        first, _, last = run.partition("-")
        found |= set(range(int(first), int(last or first) + 1))
    return found


def in_use(shell: Machine) -> tuple[str, Groups, Apart]:
    """The protocol, the groups and the distances between them that all monitors go by."""
    printed = plain(shell.shell("trees"))
    protocol = re.search(r"protocol of shootdowns: (\w+), says the knowledge base", printed)
    same = re.search(r"(\d+) of (\d+) live cores go by these", printed)
    assert protocol is not None and same is not None and same[1] == same[2], printed
    groups: Groups = {}
    apart: Apart = {}
    for group, cores, distances in GROUP.findall(printed):
        groups[int(group)] = cores_of(cores)
        apart |= {(int(group), to): int(far) for to, far in enumerate(distances.split()) if to != int(group)}
    return protocol[1], groups, {(a, b): far for (a, b), far in apart.items() if a in groups and b in groups}


def asked(shell: Machine, question: str) -> list[list[str]]:
    return [line.split("\t") for line in plain(shell.shell(f"skb ask {question}")).splitlines()[1:-1]]


def concluded(shell: Machine) -> tuple[str, Groups, Apart]:
    """The same as `skb ask` gives it."""
    groups: Groups = {}
    for core, group in asked(shell, "tree_group(C, G)"):
        groups.setdefault(int(group), set()).add(int(core))
    apart = {(int(a), int(b)): int(far) for a, b, far in asked(shell, "group_apart(G, H, D)")}
    ((protocol,),) = asked(shell, "protocol(shootdown, P)")
    return protocol, groups, apart


@pytest.mark.parametrize("name", ["numa-4x4", "lopsided"])
def test_monitors_go_by_what_the_knowledge_base_says(machine: MachineFactory, name: str) -> None:
    shell = machine(machine=name)
    used = in_use(shell)
    assert used == concluded(shell) and used[0] == "numa"
    assert len(used[1]) == (4 if name == "numa-4x4" else 3)
    shell.shell("core stop 5; core stop 4")
    assert in_use(shell) == concluded(shell) and in_use(shell)[1][1] == {6, 7}
    shell.shell("core start 4")
    assert in_use(shell) == concluded(shell) and in_use(shell)[1][1] == {4, 6, 7}
    assert "leaks: none" in shell.shell("leaks")


def test_a_preference_that_is_told_is_the_protocol_of_all_cores(machine: MachineFactory) -> None:
    shell = machine(machine="lopsided")
    for preferred in ("broadcast", "multicast", "unicast"):
        shell.shell(f"skb on 8 tell prefer({preferred}).")
        assert in_use(shell)[0] == preferred
        assert "not ok" not in shell.shell("spawn span for 60")
        shell.shell("skb retract prefer(_).")
    assert in_use(shell)[0] == "numa"


def test_a_new_home_goes_on_and_asks_its_own_replica(machine: MachineFactory) -> None:
    shell = machine(machine="lopsided")
    shell.shell("skb tell prefer(multicast).")
    shell.shell("core stop 0")
    used = in_use(shell)
    assert used == concluded(shell) and used[0] == "multicast" and used[1][0] == {1, 2, 3}
    shell.shell("skb tell prefer(unicast).; core start 0")
    used = in_use(shell)
    assert used == concluded(shell) and used[0] == "unicast" and used[1][0] == {0, 1, 2, 3}


def test_nonsense_is_refused_and_a_flat_machine_is_cut_when_told_so(machine: MachineFactory) -> None:
    shell = machine(smp=4)
    assert in_use(shell) == ("unicast", {0: {0, 1, 2, 3}}, {})
    shell.shell("skb tell flat_from(4).")
    assert in_use(shell) == ("numa", {0: {0, 1}, 1: {2, 3}}, {(0, 1): 10, (1, 0): 10})
    for nonsense in (
        "tree_group(2, 0).",
        "tree_group(3, 4000).",
        "tree_group(2, far).",
        "protocol(shootdown, pigeon).",
    ):
        shell.shell(f"skb tell {nonsense}")
        assert in_use(shell)[:2] == ("numa", {0: {0, 1}, 1: {2, 3}})
        shell.shell(f"skb retract {nonsense}")
    shell.wait_log(0, "the knowledge base says nothing of use about groups of cores")
    shell.shell("skb retract flat_from(4).")
    assert in_use(shell)[0] == "unicast"


def test_a_replica_that_ended_is_started_anew_and_asked(machine: MachineFactory) -> None:
    shell = machine(smp=2)
    found = re.search(r"(0\.\d+) +skb ", shell.shell("ps"))
    assert found is not None
    shell.shell(f"kill {found[1]}")
    shell.shell("skb on 1 tell prefer(broadcast).")
    assert in_use(shell)[0] == "broadcast"
    assert "leaks: none" in shell.shell("leaks")
