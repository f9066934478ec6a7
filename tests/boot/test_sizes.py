"""Machines of every size and kind come up, and all their cores answer each other."""

from itertools import combinations

import pytest

from replies import all_answered, core_lines, pairs
from skerry.run.artefacts import Artefacts
from skerry.testing.factory import BatchResult, MachineFactory

CHECK = "cores; ping all"
SAMPLED_ABOVE = 16


def everyone_answers(result: BatchResult, smp: int) -> None:
    """Every core is listed, answers, and pings with every other (of many cores, a sample)."""
    listed, pinged = (command.output for command in result.commands)
    cores = core_lines(listed)
    assert sorted(cores) == list(range(smp))
    assert {line.state for line in cores.values()} == {"answering"}
    if smp == 1:
        assert "nobody to ping" in pinged
    elif smp <= SAMPLED_ABOVE:
        assert sorted(pairs(pinged)) == list(combinations(range(smp), 2))
    else:
        assert all_answered(pinged)
        assert {core for pair in pairs(pinged) for core in pair} == set(range(smp))


def builds_are(result: BatchResult, artefacts: Artefacts) -> None:
    """Each core runs its own image of this build."""
    for core, line in core_lines(result.commands[0].output).items():
        assert line.build == artefacts.builds[core]


@pytest.mark.parametrize("smp", [1, 2, 3, 4, 8, 16])
def test_all_cores_run_their_own_image_and_answer(machine: MachineFactory, smp: int) -> None:
    result = machine.run(CHECK, smp=smp)
    everyone_answers(result, smp)
    builds_are(result, machine.artefacts(smp))


@pytest.mark.slow
@pytest.mark.parametrize("smp", [64, 255])
def test_many_cores(machine: MachineFactory, smp: int) -> None:
    everyone_answers(machine.run(CHECK, smp=smp, machine="large" if smp == 255 else "default"), smp)


@pytest.mark.parametrize("smp", [1, 2, 4])
@pytest.mark.parametrize("accel", ["tcg", "tcg-rr"])
def test_every_accelerator(machine: MachineFactory, accel: str, smp: int) -> None:
    everyone_answers(machine.run(CHECK, smp=smp, accel=accel), smp)


@pytest.mark.parametrize("smp", [1, 2, 4, 8])
def test_counting_instructions(machine: MachineFactory, smp: int) -> None:
    everyone_answers(machine.run(CHECK, smp=smp, icount=True), smp)


@pytest.mark.parametrize(("name", "cores"), [("qemu64", 4), ("seabios", 4), ("numa-4x4", 16), ("numa-8x4", 32)])
def test_every_machine(machine: MachineFactory, name: str, cores: int) -> None:
    everyone_answers(machine.run(CHECK, machine=name), cores)


@pytest.mark.parametrize("cpu", ["max", "qemu64", "Nehalem"])
def test_every_processor(machine: MachineFactory, cpu: str) -> None:
    everyone_answers(machine.run(CHECK, smp=2, cpu=cpu), 2)


@pytest.mark.parametrize("profile", ["release", "debug"])
@pytest.mark.parametrize("toolchain", ["zig", "gcc"])
def test_every_toolchain_and_profile(machine: MachineFactory, toolchain: str, profile: str) -> None:
    everyone_answers(machine.run(CHECK, smp=4, toolchain=toolchain, profile=profile), 4)


@pytest.mark.parametrize(("smp", "mem"), [(1, 48), (1, 64), (4, 64), (4, 128), (8, 96), (4, 3072), (4, 6144)])
def test_every_amount_of_memory(machine: MachineFactory, smp: int, mem: int) -> None:
    everyone_answers(machine.run(CHECK, smp=smp, mem=mem), smp)


@pytest.mark.slow
def test_many_boots_in_a_row(machine: MachineFactory) -> None:
    for _ in range(25):
        everyone_answers(machine.run(CHECK, smp=4), 4)
