"""Domains: started anywhere, ended by others, awaited; and everything that they had returns."""

import re

from replies import plain
from skerry.testing.factory import MachineFactory

NUMBER = re.compile(r"domain (\d+\.\d+)")


def test_a_domain_of_another_core_is_killed_and_its_end_is_told(machine: MachineFactory) -> None:
    shell = machine(smp=3)
    for core in (0, 2):
        match = NUMBER.search(shell.shell(f"spawn sleep 1000000 on {core} &"))
        assert match is not None
        assert f"core {core}: not compared, 1 more domains run" in shell.shell("leaks")
        assert "error" not in shell.shell(f"kill {match[1]}")
        assert f"domain {match[1]} was killed" in shell.shell(f"wait {match[1]}")
        assert f"no domain {match[1]} runs" in shell.shell(f"kill {match[1]}")
    assert plain(shell.shell("leaks")) == "leaks: none\n"


def test_a_mistake_with_domains_gets_one_clear_line(machine: MachineFactory) -> None:
    mistakes = {
        "kill": "kill wants one domain",
        "kill x": "not a domain",
        "wait 7.1": "no core 7",
        "kill 0.": "not a domain",
    }
    result = machine.run("; ".join(mistakes), smp=1, check=False)
    for command, words in zip(result.commands, mistakes.values(), strict=True):
        assert words in command.output and command.output.count("\n") == 1


def test_programs_start_programs(machine: MachineFactory) -> None:
    """With arguments and capabilities, made of a limited memory, awaited and killed."""
    result = machine.run("spawn nursery with 1024; spawn nursery with 1024 on 1", smp=2)
    assert result.output.count("\nok ") == 28
    assert "not ok" not in result.output


def test_hundreds_of_domains_come_and_go(machine: MachineFactory) -> None:
    """More than a server has places for clients, or a monitor for domains."""
    shell = machine(smp=2)
    line = "; ".join(["spawn hello; spawn hello on 1"] * 8)
    assert sum(shell.shell(line).count("hello from core") for _ in range(9)) == 144
