"""Pages of a domain that spans cores: after an unmap or protect is done no core uses an old translation."""

import pytest

from agreement import (
    SCHEDULES,
    SHORT,
    Mutant,
    Op,
    Protocol,
    Scenario,
    Wish,
    fast_simulator,
    shortest_failure,
    simulator,
)
from schedules import random_maps


def wish(core: int, what: Wish, rights: int = 0) -> Op:
    return Op(core, 0, 1, 0, (what, 0, rights))


def maps(cores: int, *ops: Op, topology: int = 0, crashes: int = 0, doubts: int = 0, ticks: int = 0) -> Scenario:
    faults = {"crashes": crashes, "doubts": doubts, "ticks": ticks}
    return Scenario(cores, ops, Protocol.MAPS, topology, membership=True, **faults)


def test_ten_thousand_schedules_of_faults_and_shootdowns() -> None:
    for seed in range(SCHEDULES):
        failure = simulator().seed(random_maps(seed), seed + 1, trace=False).failure
        assert not failure, f"{failure}: simulator().seed(random_maps({seed}), {seed + 1}).steps"


USE = (wish(0, Wish.MAP, rights=3), wish(1, Wish.FAULT), wish(2, Wish.FAULT))
TREE = 2
# Core 3 hears from the home directly, and of the unmap by way of core 2, if that has asked before.
BY_ANOTHER_WAY = maps(4, USE[0], wish(2, Wish.FAULT), wish(3, Wish.FAULT), wish(0, Wish.UNMAP), topology=TREE)


@pytest.mark.parametrize(
    ("scenario", "at_least"),
    [
        (maps(3, *USE, wish(0, Wish.UNMAP), topology=TREE), 100),
        (BY_ANOTHER_WAY, 100),
        (maps(3, *USE, wish(0, Wish.PROTECT, rights=1), wish(0, Wish.UNMAP)), 500),
        (maps(3, *USE[:2], wish(0, Wish.UNMAP), topology=TREE, crashes=1, doubts=1, ticks=1), 10_000),
    ],
)
def test_every_interleaving_of_a_small_machine_is_safe(scenario: Scenario, at_least: int) -> None:
    explored = fast_simulator().explore(scenario, most_states=1_000_000)
    assert not explored.failure, explored
    assert explored.complete and explored.states >= at_least and explored.ends > 0, explored


OVERTAKEN = "    if (translation->version < span->floor[page]) {"
DROPPED = "            if (span->local[page].version < version) {"


def test_an_answer_that_was_overtaken_by_an_unmap_is_caught() -> None:
    gullible = Mutant("takes-old-translations", "span.c", OVERTAKEN, "    if (false) {")
    explored = gullible.simulator().explore(BY_ANOTHER_WAY, most_states=1_000_000)
    assert explored.failure and 0 < len(explored.path) < SHORT, explored


def test_a_translation_kept_after_its_shootdown_is_caught_and_shrunk() -> None:
    lazy = Mutant("keeps-translations", "span.c", DROPPED, "            if (false) {")
    steps = shortest_failure(lazy.simulator(), maps(2, *USE[:2], wish(0, Wish.UNMAP)))
    assert 0 < len(steps) < SHORT, steps
