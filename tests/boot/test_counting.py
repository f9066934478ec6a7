"""Under --icount a run is the same run every time, to the digit."""

import pytest

from skerry.testing.factory import MachineFactory


@pytest.mark.parametrize("smp", [1, 4])
def test_counted_runs_repeat_to_the_digit(machine: MachineFactory, smp: int) -> None:
    first, second = (machine.run("cores; ping all; mem", smp=smp, icount=True) for _ in range(2))
    assert first.output == second.output
    assert first.logs == second.logs
