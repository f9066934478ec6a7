"""Owners and holders of capabilities, changed from all cores: never two owners, no use after revoke, nothing lost."""

import pytest

from agreement import (
    PATIENT,
    SCHEDULES,
    SHORT,
    Change,
    Mutant,
    Op,
    Protocol,
    Scenario,
    fast_simulator,
    shortest_failure,
    simulator,
)
from schedules import random_caps


def wish(core: int, change: Change, name: int = 0, target: int = 0) -> Op:
    return Op(core, 0, 2, PATIENT, (change, name, target))


def caps(cores: int, *ops: Op, crashes: int = 0, doubts: int = 0, ticks: int = 0) -> Scenario:
    return Scenario(cores, ops, Protocol.CAPS, membership=True, crashes=crashes, doubts=doubts, ticks=ticks)


def test_ten_thousand_schedules_of_changes_keep_every_object() -> None:
    for seed in range(SCHEDULES):
        failure = simulator().seed(random_caps(seed), seed + 1, trace=False).failure
        assert not failure, f"{failure}: simulator().seed(random_caps({seed}), {seed + 1}).steps"


COPY_01 = wish(0, Change.COPY, target=1)


@pytest.mark.parametrize(
    ("scenario", "at_least"),
    [
        (caps(2, COPY_01, wish(1, Change.REVOKE), wish(0, Change.RETYPE)), 100),
        (caps(2, COPY_01, wish(0, Change.MOVE, target=1), wish(1, Change.DELETE), crashes=1, doubts=1, ticks=1), 1000),
        (caps(3, COPY_01, wish(0, Change.COPY, target=2), wish(1, Change.REVOKE), wish(2, Change.RETYPE)), 500),
        (caps(3, COPY_01, wish(1, Change.COPY, target=2), crashes=1, doubts=1, ticks=1), 5000),
    ],
)
def test_every_interleaving_of_a_small_machine_keeps_every_object(scenario: Scenario, at_least: int) -> None:
    explored = fast_simulator().explore(scenario, most_states=1_000_000)
    assert not explored.failure, explored
    assert explored.complete and explored.states >= at_least and explored.ends > 0, explored


LOCKED = "    if (object->by.number != 0) {"
REVOKED = "        object->used = agree_has(&object->holders, self);\n"


def test_changes_that_do_not_exclude_each_other_are_caught() -> None:
    open_door = Mutant("objects-unlocked", "owner.c", LOCKED, "    if (false) {")
    scenario = caps(2, COPY_01, wish(0, Change.REVOKE), wish(1, Change.RETYPE))
    explored = open_door.simulator().explore(scenario, most_states=1_000_000)
    assert explored.failure and 0 < len(explored.path) < SHORT, explored


def test_a_copy_that_outlives_its_revoke_is_caught_and_shrunk() -> None:
    kept = Mutant("revoke-keeps-copies", "owner.c", REVOKED, "        (void)self;\n")
    steps = shortest_failure(kept.simulator(), caps(2, COPY_01, wish(0, Change.REVOKE)))
    assert 0 < len(steps) < SHORT, steps


def test_a_retype_that_does_not_ask_for_descendants_elsewhere_is_caught() -> None:
    asked = "    return asks ? owners->refuses(owners->context, operation) : ERR_OK;"
    blind = Mutant("descendants-unasked", "owner.c", asked, "    (void)asks;\n    return ERR_OK;")
    scenario = caps(2, COPY_01, wish(0, Change.RETYPE), wish(1, Change.RETYPE))
    explored = blind.simulator().explore(scenario, most_states=1_000_000)
    assert explored.failure and 0 < len(explored.path) < SHORT, explored
