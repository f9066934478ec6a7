"""Archives that are damaged, or hold fewer images than the machine has cores."""

from pathlib import Path

import pytest

from damage import flipped, renamed, truncated
from replies import answering, core_lines
from skerry.testing.factory import MachineFactory


@pytest.mark.parametrize("part", [0.1, 0.5, 0.95])
def test_a_truncated_archive_is_refused_by_name(machine: MachineFactory, tmp_path: Path, part: float) -> None:
    damaged = truncated(machine.artefacts(2), part, tmp_path)
    result = machine.run("cores", smp=2, artefacts=damaged, check=False)
    assert (result.verdict.name, result.verdict.status) == ("BAD_ARCHIVE", 69)
    assert "archive" in result.verdict.reason


@pytest.mark.parametrize("name", ["core/0", "bin/monitor"])
def test_what_core_0_needs_is_checked_by_the_loader(machine: MachineFactory, tmp_path: Path, name: str) -> None:
    damaged = flipped(machine.artefacts(2), name, tmp_path)
    result = machine.run("cores", smp=2, artefacts=damaged, check=False)
    assert (result.verdict.name, result.verdict.status) == ("BAD_IMAGE", 70)
    assert name in result.verdict.reason


def test_a_damaged_image_costs_its_core_only(machine: MachineFactory, tmp_path: Path) -> None:
    damaged = flipped(machine.artefacts(4), "core/2", tmp_path)
    result = machine.run("cores; ping all", smp=4, artefacts=damaged)
    assert answering(result.output) == [0, 1, 3]
    assert core_lines(result.output)[2].rest == "(its image in the archive is damaged)"


def test_a_damaged_program_is_refused_when_it_is_started(machine: MachineFactory, tmp_path: Path) -> None:
    damaged = flipped(machine.artefacts(2), "bin/hello", tmp_path)
    result = machine.run("run hello; echo after", smp=2, artefacts=damaged, check=False)
    assert [command.status for command in result.commands] == [1, 0]
    assert "damaged" in result.commands[0].output


def test_a_renamed_file_does_not_fit_the_manifest(machine: MachineFactory, tmp_path: Path) -> None:
    damaged = renamed(machine.artefacts(2), "core/1", tmp_path)
    assert machine.run("cores", smp=2, artefacts=damaged, check=False).verdict.name == "BAD_ARCHIVE"


def test_more_cores_than_images_run_with_those_there_are(machine: MachineFactory) -> None:
    shell = machine(smp=4, cores=2, wait=False)
    assert "has 4 cores, the archive has images for 2" in shell.boot()
    cores = core_lines(shell.shell("cores"))
    assert [cores[core].state for core in range(4)] == ["answering"] * 2 + ["not started"] * 2
    assert cores[3].rest == "(no image for it in the archive)"
    assert shell.poweroff().success
