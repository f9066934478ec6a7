"""Every control-register bit is gated by what the processor says it has, so old, Intel and crippled models boot too."""

import pytest

from replies import all_answered
from skerry.testing.factory import MachineFactory

MODELS = [
    "Nehalem",
    "Haswell-noTSX",
    "Icelake-Server,la57=off",
    "EPYC",
    "max,la57=off,vendor=GenuineIntel",
    "max,la57=off,-fsgsbase",
    "max,la57=off,-xsave",
    "max,la57=off,-smep,-smap,-umip",
    "max,la57=off,-pdpe1gb",
]


@pytest.mark.parametrize("cpu", MODELS)
def test_a_processor_model_boots_and_passes_messages(machine: MachineFactory, cpu: str) -> None:
    result = machine.run("ping all; spawn hello on 1; spawn lrpc_cases 5 30", smp=2, cpu=cpu)
    assert all_answered(result.commands[0].output)
    assert "hello from core 1" in result.output
    assert "30 cases" in result.output
