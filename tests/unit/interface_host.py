"""The host program of interface_host.c, and the sample interface that it is made from."""

from functools import cache
from pathlib import Path

from skerry import abi, interfaces
from skerry.testing.host_program import HostProgram, Recipe, build

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests/golden/interfaces"
SERVE, ADD, ECHO, QUICK, FILL = range(5)
ADD_OP, ECHO_OP, TICK_OP, SWAP_OP, MIX_OP, FILL_OP = range(1, 7)
CONTRACT = abi.load(ROOT / "kernel/abi")
SAMPLE = interfaces.load(GOLDEN / "if", CONTRACT)[0]


@cache
def the_host() -> HostProgram:
    """One program for a test run, made from the goldens: a test compares these with what is generated."""
    generated = GOLDEN / "generated"
    recipe = Recipe(
        root=ROOT,
        name="interface_host",
        sources=(ROOT / "tests/unit/interface_host.c", generated / "if/sample_service.c"),
        include=(
            ROOT / "tests/unit/interface_host_include",
            generated / "include",
            ROOT / "userland/lib/include",
            ROOT / "userland",
        ),
    )
    return HostProgram(build(recipe))
