"""Storms: cores come and go, again and again, while programs on all of them call services everywhere.

A few rounds of each here; SKERRY_STORM_ROUNDS=100, SKERRY_KILL_ROUNDS=200 and SKERRY_MEMORY_ROUNDS=12 are the whole
show.
"""

import os
import random
import re
import time
from collections.abc import Callable
from itertools import count

import pytest

from replies import all_answered, answering, core_lines, pairs
from skerry.testing.factory import MachineFactory
from skerry.testing.machine import Machine
from test_audit import audited

CORES = 8
ROUNDS = int(os.environ.get("SKERRY_STORM_ROUNDS", "12"))
KILL_ROUNDS = int(os.environ.get("SKERRY_KILL_ROUNDS", "5"))
MEMORY_ROUNDS = int(os.environ.get("SKERRY_MEMORY_ROUNDS", "2"))
MEMORY_ROUND = 5.0  # seconds
SEED = int(os.environ.get("SKERRY_STORM_SEED", "1"))
CLIENT = f"storm call 20 {CORES}"
SPAN = "span churn 30"  # a domain on all cores, whose memory changes under it
STARTED = re.compile(r"^domain (\d+\.\d+)\r", re.MULTILINE)
MARKS = count()


def ask(shell: Machine, command: str) -> str:
    """What it printed, and whoever else meanwhile: prompts come and go with that, so another mark ends it."""
    mark = f"done{next(MARKS)}"
    shell.type(f"{command}; echo {mark}\r")
    return shell.expect(rf"\n{mark}\r")


def spawn(shell: Machine, program: str, core: int) -> str:
    """Starts it; returns the domain's number."""
    printed = ask(shell, f"spawn {program} on {core} &")
    started = STARTED.search(printed)
    assert started is not None, printed
    return started[1]


def core_of(domain: str) -> int:
    return int(domain.partition(".")[0])


@pytest.mark.slow
def test_the_stop_storm(machine: MachineFactory) -> None:
    """Every call ends with its result or an expected error within its deadline, and in the end all is as before."""
    weather(machine, ROUNDS, stop)


@pytest.mark.slow
def test_the_kill_storm(machine: MachineFactory) -> None:
    """The same with cores that panic, loop, or loop deaf to all interrupts, and that the others miss; core 0, too."""
    weather(machine, KILL_ROUNDS, kill_or_stop)


def home_of(shell: Machine) -> int:
    """The core that the shell is on."""
    found = re.search(r"^(\d+)\.\d+ +shell\b", ask(shell, "ps"), re.MULTILINE)
    assert found is not None
    return int(found[1])


def do(shell: Machine, command: str, core: int, home: int) -> None:
    """Ends the core by a command; when it is the home, there is a new prompt on another one."""
    shell.type(command + "\r")
    if core == home:
        shell.expect(f"core {core} is gone: the console, the devices and the shell go on on core")
        shell.expect("skerry> ")


def stop(shell: Machine, victim: int, home: int, lot: random.Random) -> None:
    do(shell, f"core stop {victim}", victim, home)
    assert core_lines(ask(shell, "cores"))[victim].state == "stopped"


def kill_or_stop(shell: Machine, victim: int, home: int, lot: random.Random) -> None:
    ways = ["panic {}", "crash {} hang", "core stop {}"] + ["crash {} deaf"] * (victim != 0)
    do(shell, lot.choice(ways).format(victim), victim, home)
    while core_lines(ask(shell, "cores"))[victim].state not in ("dead", "stopped"):
        time.sleep(0.2)  # the test's deadline ends this


def weather(machine: MachineFactory, rounds: int, end_core: Callable[[Machine, int, int, random.Random], None]) -> None:
    lot = random.Random(SEED)
    shell = machine(smp=CORES, timeout=300 + 30 * rounds)
    shell.expect_panics()
    servers = {core: spawn(shell, "storm serve", core) for core in range(CORES)}
    clients: list[str] = []
    survivors = 0
    for _ in range(rounds):
        before, clients = clients, [spawn(shell, CLIENT, core) for core in lot.sample(range(CORES), 3)]
        clients.append(spawn(shell, SPAN, lot.randrange(CORES)))
        victim, home = lot.randrange(CORES), home_of(shell)
        image = lot.choice(["", " image tickless"])
        end_core(shell, victim, home, lot)
        assert f"core {victim}: started" in ask(shell, f"core start {victim}{image}")
        servers[victim] = spawn(shell, "storm serve", victim)
        clients = [client for client in clients if core_of(client) != victim]
        survivors += await_all(shell, [client for client in before if core_of(client) != victim])
    survivors += await_all(shell, clients)
    assert survivors > rounds
    kill_all(shell, servers)
    assert answering(ask(shell, "cores")) == list(range(CORES))
    pinged = ask(shell, "ping all")
    assert all_answered(pinged) and len(pairs(pinged)) == CORES * (CORES - 1) // 2
    assert "leaks: none" in ask(shell, "leaks")  # of a home that has changed, since this very moment
    servers = {core: spawn(shell, "storm serve", core) for core in range(CORES)}
    await_all(shell, [spawn(shell, CLIENT, core) for core in range(CORES)])
    kill_all(shell, servers)
    assert "leaks: none" in ask(shell, "leaks")
    audited(shell)


@pytest.mark.slow
def test_the_memory_storm(machine: MachineFactory) -> None:
    """All cores retype, revoke, pass on, unmap and protect the same memory at once, and a core is killed every 5 s.

    After each death those that are left agree on what is whose, and in the end nothing is lost, or two cores'.
    """
    lot = random.Random(SEED)
    shell = machine(smp=CORES, timeout=300 + 30 * MEMORY_ROUNDS)
    shell.expect_panics()
    workers = {core: spawn(shell, f"shares serve w{core}", core) for core in range(CORES)}
    churns: list[str] = []
    for number in range(MEMORY_ROUNDS):
        leader, victim, home = lot.randrange(CORES), lot.randrange(CORES), home_of(shell)
        names = " ".join(f"w{core}" for core in range(CORES) if core != leader)
        leading = spawn(shell, f"shares storms {number + 1} {names}", leader)
        churns = [spawn(shell, SPAN, lot.randrange(CORES))]
        time.sleep(MEMORY_ROUND)
        do(shell, lot.choice(["panic {}", "crash {} hang"]).format(victim), victim, home)
        while core_lines(ask(shell, "cores"))[victim].state != "dead":
            time.sleep(0.2)  # the test's deadline ends this
        await_all(shell, [one for one in (*churns, leading) if core_of(one) != victim])
        assert f"core {victim}: started" in ask(shell, f"core start {victim}")
        workers[victim] = spawn(shell, f"shares serve w{victim}", victim)
    kill_all(shell, workers)
    assert answering(ask(shell, "cores")) == list(range(CORES))
    assert "leaks: none" in ask(shell, "leaks")
    audited(shell)


def kill_all(shell: Machine, domains: dict[int, str]) -> None:
    for number in domains.values():
        ask(shell, f"kill {number}")


def await_all(shell: Machine, clients: list[str]) -> int:
    """They end well, each by itself."""
    for client in clients:
        printed = ask(shell, f"wait {client}")
        assert "error" not in printed and "storm:" not in printed, printed
    return len(clients)
