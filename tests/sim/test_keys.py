"""The replicated key-value table: histories of puts and reads are linearisable, whoever dies or returns."""

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
from schedules import random_keys


def put(core: int) -> Op:
    return Op(core, 0, 2, PATIENT)


def read(core: int) -> Op:
    return Op(core, 0, 0)


def keys(cores: int, *ops: Op, crashes: int = 0, doubts: int = 0, ticks: int = 0, restarts: int = 0) -> Scenario:
    faults = {"crashes": crashes, "doubts": doubts, "ticks": ticks, "restarts": restarts}
    return Scenario(cores, ops, Protocol.KEYS, membership=True, **faults)


def test_ten_thousand_histories_are_linearisable() -> None:
    for seed in range(SCHEDULES):
        failure = simulator().seed(random_keys(seed), seed + 1, trace=False).failure
        assert not failure, f"{failure}: simulator().seed(random_keys({seed}), {seed + 1}).steps"


@pytest.mark.parametrize(
    ("scenario", "at_least"),
    [
        (keys(2, put(0), put(1), read(0), read(1)), 300),
        (keys(3, put(0), read(1), read(2)), 100),
        (keys(2, put(0), read(1), crashes=1, doubts=1, ticks=1, restarts=1), 1000),
    ],
)
def test_every_interleaving_of_a_small_machine_is_linearisable(scenario: Scenario, at_least: int) -> None:
    explored = fast_simulator().explore(scenario, most_states=1_000_000)
    assert not explored.failure, explored
    assert explored.complete and explored.states >= at_least and explored.ends > 0, explored


LOCKED = "if (kv->entry[i].by.number != 0 && same(&kv->entry[i].key, key)) {"
BEGINS = "copy->ready = copy->began = agree_has(&agree->live, agree->config->self);"


def test_reads_of_what_is_locked_are_caught_and_shrunk() -> None:
    hasty = Mutant("reads-what-is-locked", "kv.c", LOCKED, "if (false) {")
    steps = shortest_failure(hasty.simulator(), keys(3, put(0), read(1), read(2)))
    assert 0 < len(steps) < SHORT, steps


def test_a_newcomer_without_a_copy_that_answers_is_caught() -> None:
    liar = Mutant("newcomer-knows-all", "copy.c", BEGINS, "copy->ready = copy->began = true;")
    explored = liar.simulator().explore(keys(2, put(0), doubts=1, ticks=1, restarts=1), most_states=1_000_000)
    assert explored.failure and 0 < len(explored.path) < SHORT, explored
