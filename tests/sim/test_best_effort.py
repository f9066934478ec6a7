"""Proportional share: weights decide, and nothing that a task does gets it more.

Let N best-effort tasks get S ticks together in an interval. Then one that could run all the time got at least its
weight's part of S - N quanta, less two quanta; and one that wakes, however often, got no more than its part of S + N
quanta, and two quanta. S is at least what is not reserved, less two quanta.
"""

import pytest
from hypothesis import given, settings

from simulated_core import COST, NOBODY, QUANTUM, Op, Scenario, Source, Step, Task, Trace, run, simulate, step
from workloads import BUSY, SEEDS, Workload, anything, workloads

LENGTH = 300 * QUANTUM
WINDOWS = (5 * QUANTUM, 20 * QUANTUM, 100 * QUANTUM, LENGTH)


def slack(part: float, tasks: int) -> float:
    """How far from its part a task's time may be, in ticks."""
    return (2 + part * tasks) * QUANTUM


def windows(trace: Trace) -> list[tuple[int, int]]:
    return [window for length in WINDOWS for window in trace.windows(length)]


@settings(max_examples=40, deadline=None)
@given(workloads(), SEEDS)
def test_each_gets_its_weights_part_and_all_what_is_not_reserved(work: Workload, seed: int) -> None:
    trace = simulate(work.scenario(LENGTH, seed))
    fair, all_weights = work.fair, work.weight(work.fair)
    for begin, end in windows(trace):
        together = sum(trace.history[i].used_in(begin, end) for i in fair)
        assert together >= work.unreserved * (end - begin) - 2 * QUANTUM
        for i in range(work.busy):
            part = work.tasks[i].weighs / all_weights
            assert trace.history[i].used_in(begin, end) >= part * together - slack(part, len(fair))
    assert not trace.idle


@settings(max_examples=30, deadline=None)
@given(workloads(), SEEDS)
def test_waking_however_often_gets_no_more_than_the_weights_part(work: Workload, seed: int) -> None:
    trace = simulate(work.scenario(LENGTH, seed, tickless=True))
    fair, busy_weights = work.fair, work.weight(list(range(work.busy)))
    for begin, end in windows(trace):
        together = sum(trace.history[i].used_in(begin, end) for i in fair)
        for i in fair[work.busy :]:
            part = work.tasks[i].weighs / (busy_weights + work.tasks[i].weighs)
            assert trace.history[i].used_in(begin, end) <= part * together + slack(part, len(fair))


def test_tasks_that_wake_in_turn_leave_a_busy_one_its_share() -> None:
    wakers = [Task((run(QUANTUM * 99 // 100), step(Op.BLOCK))) for _ in range(10)]
    sources = [Source(i + 1, 10 * QUANTUM, first=1 + i * QUANTUM) for i in range(10)]
    trace = simulate(Scenario((BUSY, *wakers), 1100 * QUANTUM, tuple(sources)))
    assert trace.ticks[0] >= 85 * QUANTUM


def test_one_that_wakes_ten_thousand_times_a_second_and_would_take_all_gets_half() -> None:
    waker = Task((run(9500), step(Op.BLOCK)))
    trace = simulate(Scenario((BUSY, waker), 1000 * QUANTUM, (Source(1, 10000),)))
    assert trace.ticks[0] == pytest.approx(500 * QUANTUM, abs=2 * QUANTUM)


@pytest.mark.parametrize("busy", [1, 5, 40])
def test_a_woken_task_that_uses_little_gets_the_core_at_once(busy: int) -> None:
    driver = Task((run(300), step(Op.BLOCK)))
    tasks = (*[BUSY] * busy, driver)
    source = Source(busy, QUANTUM, first=10 * QUANTUM * busy, irregular=True)
    history = simulate(Scenario(tasks, 2000 * QUANTUM, (source,))).history[busy]
    assert len(history.wakes) > 1000
    assert max(history.latencies()[1:]) == 0


def test_urgent_tasks_wait_for_each_other_in_their_order() -> None:
    drivers = [Task((run(1000), step(Op.BLOCK))) for _ in range(4)]
    sources = [Source(1 + i, 20 * QUANTUM, first=30 * QUANTUM + i) for i in range(4)]
    trace = simulate(Scenario((BUSY, *drivers), 400 * QUANTUM, tuple(sources)))
    for i, history in enumerate(trace.history[1:]):
        assert max(history.latencies()[1:]) <= i * (1000 + COST)


def test_a_long_sleep_earns_no_credit() -> None:
    sleeper = Task((step(Op.BLOCK, 300 * QUANTUM), run(1 << 40)))
    trace = simulate(Scenario((BUSY, sleeper), 500 * QUANTUM))
    woke = trace.history[1].wakes[-1]
    assert trace.history[0].used_in(woke, woke + 20 * QUANTUM) >= 8 * QUANTUM


def test_time_alone_leaves_no_debt() -> None:
    late = Task((step(Op.BLOCK, 300 * QUANTUM), run(1 << 40)), weight=10000)
    trace = simulate(Scenario((Task(weight=10000), late), 500 * QUANTUM, tickless=True))
    woke = trace.history[1].wakes[-1]
    assert trace.history[0].used_in(woke, woke + 20 * QUANTUM) >= 8 * QUANTUM


@pytest.mark.parametrize("tickless", [False, True])
@pytest.mark.parametrize(
    "tricks",
    [
        [(run(1000), step(Op.WEIGHT, 100))],
        [(run(QUANTUM - 600), step(Op.WEIGHT, 1), run(1000), step(Op.WEIGHT, 100))],
        [(run(QUANTUM // 2), step(Op.WEIGHT, 100), step(Op.BLOCK, 1))],
        [(run(QUANTUM // 2), step(Op.RESERVE, QUANTUM // 100, 1 << 40), step(Op.WEIGHT, 100))],
        [(run(QUANTUM - COST), step(Op.BLOCK, 1))],
        [(run(1000), step(Op.YIELD, 2)), (run(1000), step(Op.YIELD, 1))],
        [(run(1000), step(Op.CALL, 2)), (run(1000), step(Op.CALL, 1))],
        [(run(1000), step(Op.CALL, 2)), (run(5000), step(Op.BLOCK))],
        [(run(1000), step(Op.CALL, 2)), (run(1000), step(Op.CALL, 3)), (run(1000), step(Op.CALL, 1))],
        [(run(1000), step(Op.NOTIFY, 2), step(Op.BLOCK, 9)), (run(1000), step(Op.NOTIFY, 1), step(Op.BLOCK, 9))],
        [(step(Op.START, 2), run(1000)), (run(QUANTUM // 2), step(Op.EXIT))],
    ],
)
def test_no_trick_costs_others_their_share(tricks: list[tuple[Step, ...]], tickless: bool) -> None:
    tasks = [BUSY, *(Task(program) for program in tricks)]
    trace = simulate(Scenario(tuple(tasks), 1000 * QUANTUM, tickless=tickless))
    assert trace.ticks[0] >= 1000 * QUANTUM // len(tasks) - 4 * QUANTUM


def test_a_budget_that_ends_in_a_system_call_has_ended() -> None:
    ring = [Task((run(100), step(Op.CALL, 1 + (i + 1) % 3))) for i in range(3)]
    trace = simulate(Scenario((BUSY, *ring), 1000 * QUANTUM, cost=5000))
    assert trace.ticks[0] >= 246 * QUANTUM


@pytest.mark.parametrize("tickless", [False, True])
@pytest.mark.parametrize("others", [(), (BUSY,)])
def test_a_receiver_s_old_deadline_neither_wakes_it_again_nor_stands_for_the_slice(
    others: tuple[Task, ...], tickless: bool
) -> None:
    """Called before its deadline, it runs, or waits for the core, when that comes; one comes long after the slice."""
    for before, deadline, work in (
        (1000, 3000, QUANTUM // 2),
        (1000, 3000, 5 * QUANTUM),
        (3 * QUANTUM, 90 * QUANTUM, QUANTUM),
    ):
        caller = Task((run(before), step(Op.CALL, 1)))
        server = Task((step(Op.BLOCK, deadline), run(work)))
        trace = simulate(Scenario((caller, server, *others), 300 * QUANTUM, tickless=tickless))
        assert sum(trace.ticks) >= 290 * QUANTUM
        assert trace.ticks[0] > 50 * QUANTUM


def test_those_who_yield_take_turns() -> None:
    polite = Task((run(1000), step(Op.YIELD, NOBODY)))
    trace = simulate(Scenario((polite, polite, polite), 20 * QUANTUM))
    turns = trace.order[3:]
    assert all(a != b != c != a for a, b, c in zip(turns, turns[1:], turns[2:], strict=False))


def test_one_who_yields_lets_another_run_each_time() -> None:
    polite = Task((run(1000), step(Op.YIELD, NOBODY)))
    trace = simulate(Scenario((BUSY, polite), 100 * QUANTUM))
    assert all(end - begin <= 1000 + COST for begin, end in trace.history[1].runs)


def test_yielding_once_costs_nothing_of_the_share() -> None:
    yields = Task((run(30 * QUANTUM), step(Op.YIELD, NOBODY)))
    trace = simulate(Scenario((BUSY, yields), 1000 * QUANTUM))
    assert trace.ticks[1] >= 497 * QUANTUM


@pytest.mark.parametrize("op", [Op.NOTIFY, Op.START])
def test_on_a_tickless_core_one_who_is_woken_by_a_busy_one_gets_turns(op: Op) -> None:
    busy = Task((run(2 * QUANTUM), step(op, 1), run(1 << 40)))
    woken = Task((step(Op.BLOCK), run(1 << 40)) if op == Op.NOTIFY else (run(1 << 40),), started=op == Op.NOTIFY)
    trace = simulate(Scenario((busy, woken), 100 * QUANTUM, tickless=True))
    assert trace.ticks[1] >= 47 * QUANTUM


@settings(max_examples=100, deadline=None)
@given(anything())
def test_whatever_programs_do_the_queue_is_sound_and_the_core_works(scenario: Scenario) -> None:
    simulate(scenario)  # machine.c and check.c look after each kernel entry
