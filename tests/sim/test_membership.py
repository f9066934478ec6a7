"""Membership by agreement: who is alive, found out and agreed on while cores die, are taken for dead, and come back."""

import pytest

from agreement import (
    SCHEDULES,
    SHORT,
    Mutant,
    Op,
    Scenario,
    fast_simulator,
    shortest_failure,
    simulator,
)
from schedules import random_scenario, with_membership


@pytest.mark.parametrize("phases", [1, 2])
def test_ten_thousand_schedules_of_deaths_and_returns(phases: int) -> None:
    for seed in range(SCHEDULES // 2):
        scenario = with_membership(random_scenario(seed, phases), seed)
        failure = simulator().seed(scenario, seed + 1, trace=False).failure
        again = f"simulator().seed(with_membership(random_scenario({seed}, {phases}), {seed}), {seed + 1}).steps"
        assert not failure, f"{failure}: {again}"


@pytest.mark.parametrize(
    ("scenario", "at_least"),
    [
        (Scenario(2, (), membership=True, crashes=1, doubts=1, ticks=2), 200),
        (Scenario(2, (), membership=True, doubts=2, ticks=3, restarts=1), 1500),
        (Scenario(3, (), membership=True, crashes=1, doubts=1, ticks=1, restarts=1), 3000),
        (Scenario(3, (), membership=True, crashes=1, doubts=2, ticks=2), 150_000),
        (Scenario(3, (Op(0, 0b111),), membership=True, crashes=1, doubts=1, ticks=1), 30_000),
    ],
)
def test_every_interleaving_of_a_small_machine_agrees(scenario: Scenario, at_least: int) -> None:
    explored = fast_simulator().explore(scenario, most_states=1_000_000)
    assert not explored.failure, explored
    assert explored.complete and explored.states >= at_least and explored.ends > 0, explored


FENCE = "        membership->config->fence(membership->config->context, core);\n"
PAUSE = "    agree_pause(agree, work->id);\n    return ERR_CONTINUE;"


def test_a_core_declared_dead_before_it_was_fenced_is_caught_and_shrunk() -> None:
    hasty = Mutant(
        "declared-before-fenced", "membership.c", FENCE, FENCE + "        membership_fenced(membership, core);\n"
    )
    steps = shortest_failure(hasty.simulator(), Scenario(3, (), membership=True, doubts=1, ticks=2))
    assert 0 < len(steps) < SHORT, steps


def test_a_core_let_in_while_something_is_in_flight_is_caught() -> None:
    hasty = Mutant("let-in-at-once", "membership.c", PAUSE, "    return ERR_OK;")
    scenario = Scenario(3, (Op(0, 0b101),), membership=True, crashes=1, doubts=1, ticks=1, restarts=1)
    explored = hasty.simulator().explore(scenario, most_states=1_000_000)
    assert "has_begun_something" in explored.failure and 0 < len(explored.path) < SHORT, explored
