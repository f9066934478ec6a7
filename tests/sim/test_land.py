"""The record of who owns which memory: never two users of a chunk, and none lost, whoever gives, dies, or returns."""

from dataclasses import replace

import pytest

from agreement import (
    SCHEDULES,
    SHORT,
    Mutant,
    Op,
    Protocol,
    Scenario,
    fast_simulator,
    shortest_failure,
    simulator,
)
from schedules import random_land


def give(core: int, chunk: int, to: int, count: int = 1) -> Op:
    return Op(core, 0, 1, 0, (chunk, count, to))


def land(cores: int, *ops: Op, crashes: int = 0, doubts: int = 0, ticks: int = 0, restarts: int = 0) -> Scenario:
    faults = {"crashes": crashes, "doubts": doubts, "ticks": ticks, "restarts": restarts}
    return Scenario(cores, ops, Protocol.LAND, membership=True, **faults)


def test_ten_thousand_schedules_lose_no_chunk() -> None:
    for seed in range(SCHEDULES):
        failure = simulator().seed(random_land(seed), seed + 1, trace=False).failure
        assert not failure, f"{failure}: simulator().seed(random_land({seed}), {seed + 1}).steps"


GIVEN_ON = (give(0, 0, 1), give(1, 0, 2))


@pytest.mark.parametrize(
    ("scenario", "at_least"),
    [
        (land(2, give(0, 0, 1), give(1, 0, 0), give(0, 2, 1)), 100),
        (land(2, give(0, 0, 1), give(1, 1, 0), crashes=1, doubts=1, ticks=1), 1000),
        (land(2, give(0, 0, 1), crashes=1, doubts=1, ticks=1, restarts=1), 1000),
        (land(3, *GIVEN_ON), 80),
        (land(3, give(0, 0, 1), crashes=1, doubts=1, ticks=1, restarts=1), 5000),
        (land(3, *GIVEN_ON, crashes=1, doubts=1, ticks=1), 5000),
    ],
)
def test_every_interleaving_of_a_small_machine_loses_no_chunk(scenario: Scenario, at_least: int) -> None:
    explored = fast_simulator().explore(scenario, most_states=1_000_000)
    assert not explored.failure, explored
    assert explored.complete and explored.states >= at_least and explored.ends > 0, explored


NEWEST = "if (old.owner == LAND_NOBODY || old.stamp < run.stamp) {"
WAITS = "(record->flags & AGREE_AFTER_THE_DEAD) && agree->recovering"
RARE = range(28_000, 300_000)  # one in tens of thousands
BEGINS = "copy->ready = copy->began = agree_has(&agree->live, agree->config->self);"


def test_changes_that_count_in_the_order_in_which_they_come_are_caught_and_shrunk() -> None:
    """Core 2 hears that core 1 has given a chunk on before it hears that core 1 was given it."""
    last = Mutant("last-word-wins", "land.c", NEWEST, "if (true) {")
    steps = shortest_failure(last.simulator(), land(3, *GIVEN_ON))
    assert 0 < len(steps) < SHORT, steps


def test_a_newcomer_that_does_not_wait_for_a_copy_is_caught() -> None:
    liar = Mutant("newcomer-needs-no-copy", "copy.c", BEGINS, "copy->ready = copy->began = true;")
    scenario = land(2, give(0, 0, 1), crashes=1, doubts=1, ticks=1, restarts=1)
    explored = liar.simulator().explore(scenario, most_states=1_000_000)
    assert explored.failure and 0 < len(explored.path) < SHORT, explored


def test_a_home_that_buries_before_the_dead_have_given_all_they_had_begun_to_give_is_caught() -> None:
    """The home, and who was given a chunk by the dead, would use it: of that only the latter
    knows, and its word that it has let go, which comes by a tree, overtakes its report."""
    hasty = Mutant("buries-at-once", "participant.c", WAITS, "false && agree->recovering")
    scenario = replace(land(4, give(1, 1, 3), crashes=1, doubts=1, ticks=2), topology=2)
    broken = hasty.simulator()
    seed = next(seed for seed in RARE if broken.seed(scenario, seed, trace=False).failure)
    assert not simulator().seed(scenario, seed).failure
