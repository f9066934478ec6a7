"""The stop storm: cores come and go, again and again, while programs on all of them call services everywhere.

Twelve rounds here; SKERRY_STORM_ROUNDS=100 is the whole show.
"""

import os
import random
import re

import pytest

from replies import all_answered, answering, pairs
from skerry.testing.factory import MachineFactory
from skerry.testing.machine import Machine

CORES = 8
ROUNDS = int(os.environ.get("SKERRY_STORM_ROUNDS", "12"))
SEED = int(os.environ.get("SKERRY_STORM_SEED", "1"))
CLIENT = f"storm call 20 {CORES}"
STARTED = re.compile(r"^domain (\d+\.\d+)", re.MULTILINE)


def spawn(shell: Machine, program: str, core: int) -> str:
    """Starts it; returns the domain's number."""
    printed = shell.shell(f"spawn {program} on {core} &")
    started = STARTED.search(printed)
    assert started is not None, printed
    return started[1]


def core_of(domain: str) -> int:
    return int(domain.partition(".")[0])


@pytest.mark.slow
def test_the_stop_storm(machine: MachineFactory) -> None:
    """Every call ends with its result or an expected error within its deadline, and in the end all is as before."""
    lot = random.Random(SEED)
    shell = machine(smp=CORES, timeout=300 + 20 * ROUNDS)
    servers = {core: spawn(shell, "storm serve", core) for core in range(CORES)}
    clients: list[str] = []
    survivors = 0
    for _ in range(ROUNDS):
        before, clients = clients, [spawn(shell, CLIENT, core) for core in lot.sample(range(CORES), 3)]
        victim = lot.randrange(1, CORES)
        image = lot.choice(["", " image tickless"])
        assert f"core {victim}: stopped" in shell.shell(f"core stop {victim}")
        assert f"core {victim}: started" in shell.shell(f"core start {victim}{image}")
        servers[victim] = spawn(shell, "storm serve", victim)
        clients = [client for client in clients if core_of(client) != victim]
        survivors += await_all(shell, [client for client in before if core_of(client) != victim])
    survivors += await_all(shell, clients)
    assert survivors > ROUNDS
    for number in servers.values():
        shell.shell(f"kill {number}")
    assert answering(shell.shell("cores")) == list(range(CORES))
    pinged = shell.shell("ping all")
    assert all_answered(pinged) and len(pairs(pinged)) == CORES * (CORES - 1) // 2
    assert "leaks: none" in shell.shell("leaks")


def await_all(shell: Machine, clients: list[str]) -> int:
    """They end well, each by itself."""
    for client in clients:
        printed = shell.shell(f"wait {client}")
        assert "error" not in printed and "storm" not in printed, printed
    return len(clients)
