"""The agreement engine by itself: one phase and two, under schedules by seed, by Hypothesis, and all there are."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agreement import (
    CHOICES,
    SCHEDULES,
    SHORT,
    Mutant,
    Op,
    Scenario,
    Simulator,
    fast_simulator,
    shortest_failure,
    simulator,
)
from schedules import random_scenario

TREE = 2  # a topology with inner nodes
EVERYONE = 0b111


@pytest.mark.parametrize("phases", [1, 2])
def test_ten_thousand_schedules_with_deaths_keep_every_promise(phases: int) -> None:
    for seed in range(SCHEDULES):
        scenario = random_scenario(seed, phases)
        failure = simulator().seed(scenario, seed + 1, trace=False).failure
        assert not failure, f"{failure}: simulator().seed(random_scenario({seed}, {phases}), {seed + 1}).steps"


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 1 << 32), st.sampled_from([1, 2]), CHOICES)
def test_no_choice_of_what_happens_next_breaks_a_promise(seed: int, phases: int, choices: list[int]) -> None:
    assert not simulator().choices(random_scenario(seed, phases), choices).failure


def test_a_seed_gives_the_same_trace_byte_for_byte() -> None:
    again = Simulator()
    lengths = set()
    for seed in range(50):
        scenario = random_scenario(seed, 2)
        first, second = simulator().seed(scenario, seed + 1), again.seed(scenario, seed + 1)
        assert first.words == second.words
        lengths.add(len(first.steps))
    assert len(lengths) > 10


def one(phases: int, members: int = EVERYONE, refuses: int = 0) -> tuple[Op, ...]:
    return (Op(0, members, phases, words=(0, refuses)),)


def two(phases: int, members: int = EVERYONE) -> tuple[Op, ...]:
    """In conflict, from two cores."""
    return (Op(0, members, phases), Op(1, members, phases))


@pytest.mark.parametrize(
    ("scenario", "at_least"),
    [
        (Scenario(2, two(1, 3), crashes=1, ticks=1), 500),
        (Scenario(2, two(2, 3), crashes=1, ticks=1), 2000),
        (Scenario(3, two(1), crashes=1, topology=TREE), 5000),
        (Scenario(3, one(2), crashes=2, topology=TREE), 2000),
        (Scenario(3, one(2, refuses=0b100), crashes=1, ticks=1, topology=TREE), 5000),
        (Scenario(3, two(2), crashes=1, topology=TREE), 50000),
        (Scenario(3, one(2, members=0b110), crashes=1, ticks=1), 1000),
    ],
)
def test_every_interleaving_of_a_small_machine_keeps_every_promise(scenario: Scenario, at_least: int) -> None:
    explored = fast_simulator().explore(scenario, most_states=1_000_000)
    assert not explored.failure, explored
    assert explored.complete and explored.states >= at_least and explored.ends > 0, explored


ACKED = "record->told || !agree_empty(&record->waiting) || record->own != AGREE_OWN_DONE"
VOTED = "        record->result = record->result == ERR_OK ? message->result : record->result;\n"
FOUND = "record->state == AGREE_COMMITTED || record->commit_found"
HEARD_ALL = "if (agree_empty(&missing)) {"
WAITS = "        record->own = AGREE_OWN_WAITING;\n        agree->waiters++;"

MUTANTS = [
    (
        Mutant("early-report", "participant.c", ACKED, "record->told || record->own != AGREE_OWN_DONE"),
        Scenario(3, one(1)),
    ),
    (
        Mutant("deaf-to-no", "participant.c", VOTED, ""),
        Scenario(3, one(2, refuses=0b100), topology=TREE),
    ),
    (
        Mutant("orphans-aborted", "recovery.c", FOUND, "record->state == AGREE_COMMITTED"),
        Scenario(3, one(1), crashes=1),
    ),
    (
        Mutant("hasty-recovery", "recovery.c", HEARD_ALL, "if (agree_empty(&missing) || !agree_empty(&agree->live)) {"),
        Scenario(3, one(1), crashes=1),
    ),
    (
        Mutant("conflict-ignored", "participant.c", WAITS, "        record->own = AGREE_OWN_YES;"),
        Scenario(3, two(2)),
    ),
]


@pytest.mark.parametrize(("mutant", "scenario"), MUTANTS, ids=[mutant.name for mutant, _ in MUTANTS])
def test_a_broken_protocol_is_caught_and_shrunk(mutant: Mutant, scenario: Scenario) -> None:
    broken = mutant.simulator()
    steps = shortest_failure(broken, scenario)
    assert 0 < len(steps) < SHORT, steps


def test_young_transactions_that_wait_for_old_ones_are_caught_in_a_deadlock() -> None:
    mutant = Mutant("no-order", "participant.c", "vote == ERR_BUSY && record->stamp < holder", "vote == ERR_BUSY")
    broken = mutant.simulator()
    scenarios = [(random_scenario(seed, 2), seed + 1) for seed in range(3000)]
    failures = [broken.seed(scenario, seed, trace=False).failure for scenario, seed in scenarios]
    assert any("ERR_TIMEOUT" in failure for failure in failures)
