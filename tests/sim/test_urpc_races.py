"""URPC in every order of its steps: no message and no wake-up is lost; and protocols that are broken on purpose."""

from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from pathlib import Path

import pytest

from skerry.testing.host_program import HostProgram, Recipe, build

ROOT = Path(__file__).resolve().parents[2]
HERE = ROOT / "tests/sim/urpc"
LIBRARY = ROOT / "userland/lib"
LOST = "a wake-up is lost: whoever is left sleeps for ever"


class Break(IntEnum):
    """As in sim.h: what is not at one go any more, or does not wait for the store buffer."""

    NOTHING = 0
    EXCHANGE = 1
    REPLACE = 2
    BUFFER = 3


@dataclass(frozen=True)
class Scenario:
    """The rings, and how many messages of how many words each end sends. With `echo` end 1 answers only."""

    sends: tuple[int, int]
    slots: int = 2
    slot: int = 64
    words: int = 1
    echo: bool = False


@dataclass(frozen=True)
class Found:
    """What was tried, and what failed."""

    runs: int
    states: int
    choices: tuple[int, ...]
    failure: str


@cache
def simulator() -> HostProgram:
    recipe = Recipe(
        root=ROOT,
        name="urpc_sim",
        sources=(*sorted(HERE.glob("*.c")), LIBRARY / "urpc.c", LIBRARY / "urpc_frame.c"),
        include=(HERE / "stub", HERE, LIBRARY / "include", ROOT / "userland"),
        sanitized=False,  # which knows nothing of a stack for each end; tests/unit/test_user_urpc.py has it
    )
    return HostProgram(build(recipe))


def explore(scenario: Scenario, broken: Break = Break.NOTHING) -> Found:
    shape = (scenario.slots, scenario.slot, scenario.words)
    answer = simulator().ask(*shape, *scenario.sends, scenario.echo, broken)
    runs, states, steps = answer[:3]
    return Found(runs, states, tuple(answer[3 : 3 + steps]), "".join(map(chr, answer[3 + steps :])))


ONE_WAY = Scenario((2, 0))
FULL = Scenario((3, 0))  # one more than the ring holds: the sender sleeps, too
PING = Scenario((2, 2), echo=True)
BOTH = Scenario((2, 2))


@pytest.mark.parametrize(
    ("scenario", "least"),
    [
        (ONE_WAY, 300),
        (FULL, 5000),
        (PING, 10000),
        (BOTH, 3000),
        (Scenario((2, 0), slots=8, slot=32, words=6), 3000),
        (Scenario((5, 0), slots=4, slot=16), 50000),
    ],
    ids=["one way", "full window", "ping", "both ways", "messages of two slots", "short slots"],
)
def test_no_order_of_steps_loses_a_message_or_a_wake_up(scenario: Scenario, least: int) -> None:
    found = explore(scenario)
    assert found.failure == ""
    assert found.states > least, "all of them were tried"


@pytest.mark.parametrize("broken", [Break.EXCHANGE, Break.REPLACE, Break.BUFFER])
@pytest.mark.parametrize("scenario", [ONE_WAY, FULL, PING, BOTH], ids=["one way", "full window", "ping", "both ways"])
def test_what_is_not_done_at_one_go_loses_a_wake_up(scenario: Scenario, broken: Break) -> None:
    found = explore(scenario, broken)
    assert found.failure == LOST
    assert found.choices, "a run to look at"
