"""Capability spaces that grow."""

from skerry.testing.factory import MachineFactory


def test_a_full_capability_space_gets_a_larger_root(machine: MachineFactory) -> None:
    result = machine.run("spawn slots; spawn slots on 1", smp=2)
    assert result.output.count("6000 slots taken and given back") == 2
