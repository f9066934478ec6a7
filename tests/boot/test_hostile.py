"""Programs that try to leave their domain: each ends contained, by name, and the machine goes on as before."""

import re
from dataclasses import dataclass

import pytest

from replies import all_answered, answering
from skerry.testing.factory import MachineFactory
from skerry.testing.machine import Machine

ROW = re.compile(r"^  (\S+) +(exit|fault|stopped) +\S", re.MULTILINE)
FAULT = re.compile(
    r"^domain \d+\.\d+ \(hostile\): (page fault|exception) \d+.*, address 0x[0-9a-f]+, rip 0x[0-9a-f]+", re.MULTILINE
)
STOPPED = re.compile(r"^domain (\d+)\.\d+ \(hostile\): stopped without a word", re.MULTILINE)
CAUSE = re.compile(r"cpu: hostile stopped: (page fault \d+, .* at 0x[0-9a-f]+|its .* was revoked)")
# Those that keep a core busy for a while, one at a time.
HOGS = (("loop",), ("fault-storm",), ("flood-monitor",), ("dispatchers",))


@dataclass(frozen=True)
class Case:
    """A row of what `spawn hostile` lists: how the domain ends if all is well."""

    name: str
    ends: str


def cases(shell: Machine) -> list[Case]:
    """What the program offers."""
    found = [Case(match[1], match[2]) for match in ROW.finditer(shell.shell("spawn hostile").replace("\r\n", "\n"))]
    assert len(found) > 30
    return found


def check(shell: Machine, case: Case, core: int) -> None:
    """Run one and hold what it prints, and what the core logs, against what it promises."""
    before = len(shell.core_log(core))
    said = shell.shell(f"spawn hostile {case.name} on {core}").replace("\r\n", "\n")
    assert f"hostile {case.name}: contained" in said and "ESCAPED" not in said, said
    assert ("was stopped by a fault" in said) == (case.ends != "exit"), said
    if case.ends == "exit":
        assert "error: " not in said, said
    elif case.ends == "fault":
        assert FAULT.search(said), said
    else:
        assert STOPPED.search(said), said
        assert CAUSE.search(shell.core_log(core)[before:]), said


def check_unharmed(shell: Machine, smp: int) -> None:
    """Every core answers every other, every core runs programs, and nothing hostile is left."""
    assert answering(shell.shell("cores")) == list(range(smp))
    assert smp == 1 or all_answered(shell.shell("ping all"))
    for core in range(smp):
        assert f"hello from core {core}" in shell.shell(f"spawn hello on {core}")
    assert "hostile" not in shell.shell("ps")
    assert not shell.panics()


@pytest.mark.parametrize("profile", ["release", "debug"])
@pytest.mark.parametrize("smp", [1, 4])
def test_every_hostile_program_is_contained(machine: MachineFactory, smp: int, profile: str) -> None:
    shell = machine(smp=smp, profile=profile, timeout=150)
    for number, case in enumerate(cases(shell)):
        check(shell, case, number % smp)
    check_unharmed(shell, smp)
    assert shell.poweroff().success


@pytest.mark.parametrize("core", [0, 1])
@pytest.mark.parametrize("hogs", HOGS, ids="-".join)
def test_the_others_run_beside_hostile_programs(machine: MachineFactory, hogs: tuple[str, ...], core: int) -> None:
    """No dialogue, for what the hostile ones print stands between the lines of what is asked.

    Once, when they end, it may stand in the middle of one: each thing is asked thrice.
    """
    asked = ("cores", "ping all", f"spawn hello on {core}") * 3
    commands = [command for case in hogs for command in (f"spawn hostile {case} on {core} &", *asked)]
    result = machine.run("; ".join(commands), smp=2, timeout=120)
    outputs = [command.output for command in result.commands]
    for number, case in enumerate(hogs):
        own = outputs[number * (1 + len(asked)) :][1 : 1 + len(asked)]
        assert any(answering(cores) == [0, 1] for cores in own[0::3]), case
        assert any(all_answered(pinged) for pinged in own[1::3]), case
        assert any(f"hello from core {core}" in hello for hello in own[2::3]), case
    assert not result.panic_texts
    assert "ESCAPED" not in result.output
