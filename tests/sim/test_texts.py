"""The replicated journal: every core has the same texts in the same order, whoever dies or returns."""

import pytest

from agreement import (
    PATIENT,
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
from schedules import random_texts


def put(core: int, size: int = 8, topic: int = 0) -> Op:
    return Op(core, 0, 2, PATIENT, (size, topic))


def texts(cores: int, *ops: Op, crashes: int = 0, doubts: int = 0, ticks: int = 0, restarts: int = 0) -> Scenario:
    faults = {"crashes": crashes, "doubts": doubts, "ticks": ticks, "restarts": restarts}
    return Scenario(cores, ops, Protocol.TEXTS, membership=True, **faults)


def test_ten_thousand_histories_leave_one_journal() -> None:
    for seed in range(SCHEDULES):
        failure = simulator().seed(random_texts(seed), seed + 1, trace=False).failure
        assert not failure, f"{failure}: simulator().seed(random_texts({seed}), {seed + 1}).steps"


@pytest.mark.parametrize(
    ("scenario", "at_least"),
    [
        (texts(2, put(0), put(1)), 80),
        (texts(2, put(0, 60), put(1, 100)), 180),
        (texts(2, put(0, 60), crashes=1, doubts=1, ticks=1, restarts=1), 1000),
    ],
)
def test_every_interleaving_of_a_small_machine_leaves_one_journal(scenario: Scenario, at_least: int) -> None:
    explored = fast_simulator().explore(scenario, most_states=1_000_000)
    assert not explored.failure, explored
    assert explored.complete and explored.states >= at_least and explored.ends > 0, explored


def test_a_full_journal_throws_out_what_later_texts_made_superfluous_and_refuses_the_rest() -> None:
    replaced = texts(3, *(put(core, 90, 1) for core in (0, 1, 2) * 4))
    full = texts(3, *(put(core, 90) for core in (0, 1, 2) * 4))
    for seed in range(200):
        assert not simulator().seed(replaced, seed + 1, trace=False).failure
        assert not simulator().seed(full, seed + 1, trace=False).failure


LOCKED = "if (journal->by.number != 0) {"
WHOLE = "stage->got != (1UL << before) - 1"
BEGINS = "copy->ready = copy->began = agree_has(&agree->live, agree->config->self);"


def test_two_texts_at_the_same_place_are_caught_and_shrunk() -> None:
    hasty = Mutant("appends-what-is-locked", "journal.c", LOCKED, "if (false) {")
    steps = shortest_failure(hasty.simulator(), texts(3, put(0), put(1)))
    assert 0 < len(steps) < SHORT, steps


def test_a_text_of_which_pieces_are_missing_is_caught() -> None:
    careless = Mutant("takes-what-is-not-whole", "journal.c", WHOLE, "false").simulator()
    scenario = texts(4, *(put(core, 100) for core in range(4)))  # more than there are stages
    assert any(careless.seed(scenario, seed + 1, trace=False).failure for seed in range(2000))


def test_a_newcomer_without_a_copy_that_answers_is_caught() -> None:
    liar = Mutant("newcomer-has-read-all", "copy.c", BEGINS, "copy->ready = copy->began = true;")
    explored = liar.simulator().explore(texts(2, put(0), doubts=1, ticks=1, restarts=1), most_states=1_000_000)
    assert explored.failure and 0 < len(explored.path) < SHORT, explored
