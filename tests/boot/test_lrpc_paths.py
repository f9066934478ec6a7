"""The two paths of LRPC: what the fast one does must be what the complete one does, case by case."""

import pytest

from replies import plain
from skerry.testing.factory import MachineFactory

CASES = 400


def cases(machine: MachineFactory, name: str, seed: int) -> list[str]:
    result = machine.run(f"spawn lrpc_cases {seed} {CASES} on 1", smp=2, machine=name)
    return [line for line in plain(result.output).splitlines() if line.startswith("case ")]


@pytest.mark.parametrize("seed", [1, 7])
def test_both_paths_do_the_same(machine: MachineFactory, seed: int) -> None:
    fast = cases(machine, "fast-lrpc", seed)
    slow = cases(machine, "slow-lrpc", seed)
    assert len(fast) == CASES
    assert fast == slow
    for outcome in ("ERR_OK, 1 messages", "ERR_BUSY", "ERR_PEER_DEAD", "ERR_CAP_RIGHTS", "ERR_CAP_ADDRESS", "cap 1"):
        assert any(outcome in line for line in fast), f"no case ended in {outcome}"
