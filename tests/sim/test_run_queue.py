"""The run queue by itself, with any numbers that fit in its arguments, in any order that a caller may call it in."""

from hypothesis import given, settings
from hypothesis import strategies as st

from simulated_core import Policy, drive

CALLS, TASKS = 16, 8
ADMIT, WEIGHT, READY, CHARGE, TURN, ADD = 0, 2, 4, 10, 13, 14
EDGES = [
    0,
    1,
    2,
    39,
    40,
    100,
    9999,
    10000,
    10001,
    10**5,
    10**9,
    1 << 44,
    (1 << 44) + 1,
    1 << 47,
    1 << 48,
    (1 << 48) + 1,
]
SPANS = st.sampled_from([*EDGES, 1 << 62, 1 << 63, (1 << 64) - 1]) | st.integers(0, (1 << 64) - 1)
PAUSES = st.sampled_from([0, 0, 0, 1, 1000, 10**6, 1 << 44])
TIMES = st.sampled_from([0, 1, 10**6, 1 << 50, 1 << 61])  # all in all less than 2^63
OTHER_CALLS = st.sampled_from([call for call in range(CALLS) if call != CHARGE])
PLAIN = st.tuples(PAUSES, OTHER_CALLS, st.integers(0, TASKS - 1), SPANS, SPANS)
CHARGES = st.tuples(PAUSES, st.just(CHARGE), st.integers(0, TASKS - 1), st.sampled_from(EDGES), st.just(0))
BEGINNING = [(0, call, task, 0, 0) for task in range(3) for call in (ADMIT, READY)]


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from([Policy.RBED, Policy.RBED, Policy.RBED, Policy.RUN_TO_BLOCK]),
    SPANS,
    TIMES,
    st.lists(PLAIN | CHARGES, max_size=200),
)
def test_every_call_leaves_the_queue_sound(
    policy: Policy, quantum: int, now: int, calls: list[tuple[int, int, int, int, int]]
) -> None:
    drive(policy, quantum, now, [*BEGINNING, *calls])  # check.c looks after each call


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(1, 10000), min_size=2, max_size=TASKS), st.sampled_from([0, 10**5, 1 << 44, 1 << 63]))
def test_weights_hold_at_any_quantum(weights: list[int], quantum: int) -> None:
    """However they were come by: the odd ones get theirs as a gift, while they wait."""
    begin = [
        (0, call, i, weight - (call == ADD), 0)
        for i, weight in enumerate(weights)
        for call in ((ADMIT, READY, ADD) if i % 2 else (ADMIT, WEIGHT, READY))
    ]
    turns = drive(Policy.RBED, quantum, 0, [*begin, *[(0, TURN, 0, 0, 0)] * 2000])[len(begin) :]
    for i, weight in enumerate(weights):
        due = 2000 * weight / sum(weights)
        assert abs(turns.count(i) - due) <= 1 + len(weights) * weight / sum(weights) + due / 100
