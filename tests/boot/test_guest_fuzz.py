"""A guest's hundred thousand invocations, each answer compared with the model's."""

import pytest

from skerry import abi
from skerry.fuzz.replay import replay
from skerry.testing.factory import MachineFactory


@pytest.mark.parametrize(("seed", "count", "profile"), [(20261, 100_000, "release"), (20262, 30_000, "debug")])
def test_the_cpu_driver_agrees_with_the_model(machine: MachineFactory, seed: int, count: int, profile: str) -> None:
    result = machine.run(f"spawn fuzz {seed} {count}; cores", smp=1, profile=profile, timeout=120)
    replayed = replay(result.output, abi.load(machine.workspace.contract))
    assert (replayed.seed, replayed.steps) == (seed, count)
    assert replayed.succeeded > count // 10
    assert not result.panic_texts


def test_the_cpu_driver_agrees_with_the_model_on_another_core(machine: MachineFactory) -> None:
    result = machine.run("spawn fuzz 20263 20000 on 1", smp=2, timeout=120)
    assert replay(result.output, abi.load(machine.workspace.contract)).steps == 20000
