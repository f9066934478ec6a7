"""Domains that span cores: memory at one address on all of them, and what is left when a part of one ends."""

import re
import time
from pathlib import Path

import pytest

from checkout import copied_checkout
from skerry.testing.factory import MachineFactory
from skerry.testing.machine import Machine
from skerry.workspace import default_workspace

RESULT = re.compile(r"ok \d+ - ")  # lines of several cores may stand in one
NAMED = re.compile(r"^(\d+\.\d+) +span\b", re.MULTILINE)


def spans(shell: Machine) -> list[str]:
    return NAMED.findall(shell.shell("ps"))


def settled(shell: Machine, count: int) -> list[str]:
    """When so many are left, or after a while."""
    for _ in range(50):
        if len(spans(shell)) == count:
            break
        time.sleep(0.1)
    return spans(shell)


def hold(shell: Machine, core: int) -> list[str]:
    """A domain on all cores whose home is this one; each part of it by its number, the home's first."""
    shell.shell("leaks")
    shell.type(f"spawn span hold on {core} &\r")
    shell.expect("they count together")
    shell.expect("skerry> ")
    return sorted(spans(shell), key=lambda number: not number.startswith(f"{core}."))


@pytest.mark.parametrize(("cores", "where"), [(2, 1), (3, 0), (6, 4)])
def test_no_core_uses_a_translation_that_has_been_replaced_protected_or_unmapped(
    machine: MachineFactory, cores: int, where: int
) -> None:
    shell = machine(smp=cores)
    printed = shell.shell(f"spawn span 60 on {where}")
    assert "1..14" in printed and f"span: {cores - 1} members" in printed
    assert "not ok" not in printed and len(RESULT.findall(printed)) == 14, printed
    assert "leaks: none" in shell.shell("leaks")


def test_on_a_machine_with_sockets_the_tree_is_used(machine: MachineFactory) -> None:
    shell = machine(machine="numa-4x4", smp=8)
    printed = shell.shell("spawn span 20 on 5")
    assert "not ok" not in printed and len(RESULT.findall(printed)) == 14, printed


def test_members_end_with_their_home(machine: MachineFactory) -> None:
    shell = machine(smp=4)
    home, *members = hold(shell, 2)
    assert len(members) == 3
    shell.shell(f"kill {home}")
    assert not spans(shell)
    assert "leaks: none" in shell.shell("leaks")


def test_a_member_that_ends_leaves_the_others_alone(machine: MachineFactory) -> None:
    shell = machine(smp=3)
    home, first, second = hold(shell, 0)
    shell.shell(f"kill {first}")
    assert spans(shell) == sorted((home, second))
    shell.shell(f"kill {home}")
    assert not spans(shell)
    assert "leaks: none" in shell.shell("leaks")


@pytest.mark.parametrize(("how", "left"), [("core stop 2", 3), ("panic 2", 3), ("core stop 1", 0), ("panic 1", 0)])
def test_a_core_that_ends_takes_its_member_or_the_whole_of_its_domain_along(
    machine: MachineFactory, how: str, left: int
) -> None:
    shell = machine(smp=4)
    shell.expect_panics()
    hold(shell, 1)
    shell.type(how + "\r")
    shell.expect("skerry> ")
    if how.startswith("panic"):
        shell.wait_log(0, f"core {how[-1]} is dead")
    assert len(settled(shell, left)) == left
    if left:
        shell.shell(f"kill {spans(shell)[0]}")
    shell.shell(f"core start {how[-1]}")
    assert "leaks: none" in shell.shell("leaks")


def test_the_program_of_the_walk_through_adds_up(machine: MachineFactory, tmp_path: Path) -> None:
    text = (default_workspace().root / "userland/programs/README.md").read_text()
    program = re.search(r"`userland/programs/adder.c`:\n\n```c\n(.*?)```", text, re.DOTALL)
    assert program
    copy = copied_checkout(machine, tmp_path)
    (tmp_path / "userland/programs/adder.c").write_text(program[1])
    assert "3 members added up to 30000" in copy.run("spawn adder on 1", smp=4).output
