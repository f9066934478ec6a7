"""The replicated table of keys: puts reach every core, whoever dies, and who comes back has a copy."""

import re

from skerry.testing.factory import MachineFactory

COUNTED = re.compile(r"core (\d): 40 puts, (\d+) of others seen")


def test_what_one_core_puts_all_others_read(machine: MachineFactory) -> None:
    shell = machine(smp=4)
    assert "ERR_NOT_FOUND" in shell.shell("spawn kv get color")
    shell.shell("spawn kv put color red on 2")
    for core in range(4):
        assert f"core {core}: red" in shell.shell(f"spawn kv get color on {core}")
    shell.shell("spawn kv put color green on 3")
    assert "core 0: green" in shell.shell("spawn kv get color")
    shell.shell("spawn kv delete color on 1")
    assert "ERR_NOT_FOUND" in shell.shell("spawn kv get color on 2")
    assert "wants one to eight characters" in shell.shell("spawn kv put color ultramarine")


def test_two_cores_that_count_the_same_key_see_each_other_and_agree(machine: MachineFactory) -> None:
    shell = machine(smp=3)
    shell.type("spawn kv count both 40 on 1 &\rspawn kv count both 40 on 2 &\rspawn kv count own 40\r")
    printed = "".join(shell.expect(r"puts, \d+ of others seen") for _ in range(3))
    seen = {int(core): int(others) for core, others in COUNTED.findall(printed)}
    assert set(seen) == {0, 1, 2} and seen[0] == 0


def test_puts_outlive_cores_and_newcomers_get_a_copy(machine: MachineFactory) -> None:
    shell = machine(smp=4)
    shell.expect_panics()
    shell.shell("spawn kv put before one on 3")
    shell.shell("panic 3")
    shell.shell("spawn kv put during two on 1")  # whether the death is known by then or not
    shell.wait_log(0, "core 3 is dead")
    shell.shell("core stop 2; spawn kv put after three on 1; core start 3; core start 2")
    for core in range(4):
        for key, value in (("before", "one"), ("during", "two"), ("after", "three")):
            assert f"core {core}: {value}" in shell.shell(f"spawn kv get {key} on {core}")
