"""Who is alive, as all monitors agree on it: one view for all cores at boot, one for each that stops or starts."""

import re

import pytest

from skerry.testing.factory import MachineFactory
from skerry.testing.machine import Machine

LINE = re.compile(r"^ *(\d+) +(\d+) +\d+ +(.+?)\r?$", re.MULTILINE)


def views(shell: Machine) -> dict[int, tuple[int, str]]:
    """Of each core that is live: its epoch, and whom it takes for live."""
    printed = shell.shell("members")
    found = {int(core): (int(epoch), live) for core, epoch, live in LINE.findall(printed)}
    assert f"{len(found)} of {len(found)} live cores agree" in printed
    return found


@pytest.mark.parametrize(("cores", "view"), [(1, (1, "0")), (3, (2, "0-2")), (6, (2, "0-5"))])
def test_all_cores_come_in_with_one_view(machine: MachineFactory, cores: int, view: tuple[int, str]) -> None:
    assert views(machine(smp=cores)) == dict.fromkeys(range(cores), view)


def test_a_stop_and_a_start_are_views(machine: MachineFactory) -> None:
    shell = machine(smp=5)
    shell.shell("core stop 3")
    assert views(shell) == dict.fromkeys((0, 1, 2, 4), (3, "0-2 4"))
    shell.shell("core stop 1; core start 3 image tickless")
    assert views(shell) == dict.fromkeys((0, 2, 3, 4), (5, "0 2-4"))
    shell.shell("core start 1")
    assert views(shell) == dict.fromkeys(range(5), (6, "0-4"))
