"""Reservations: a ready task gets its budget in every period, and no more while others want the core.

By the end of each period, to the tick, but for system calls; where best-effort tasks are urgent, two quanta later at
most. A reserved task that wakes waits a quantum at most for best effort.
"""

import pytest
from hypothesis import given, settings

from simulated_core import COST, QUANTUM, Op, Policy, Scenario, Source, Task, Trace, drive, run, simulate, step
from workloads import BUSY, SEEDS, Workload, workloads

LENGTH = 300 * QUANTUM
SYSTEM_CALLS = 10 * COST  # in the way of a deadline, at most: one cannot be interrupted
LEAST = QUANTUM // 256
ADMIT, RESERVE = 0, 3


def check_budgets(task: Task, index: int, trace: Trace, late: int) -> None:
    """Period by period, from the second: the first is spent waiting."""
    used = trace.history[index].used
    for period in range(1, LENGTH // task.period - 1):
        end = (period + 1) * task.period
        assert used(end) <= period * task.budget + SYSTEM_CALLS
        if end + late <= LENGTH:
            assert used(end + late) >= period * task.budget


def check_regular(task: Task, index: int, trace: Trace, late: int) -> None:
    """Each time that it wakes, it is done with what it does before the next."""
    history = trace.history[index]
    done = iter(history.blocks)
    for wake in history.wakes:
        if wake > 2 * task.period:
            finished = next((time for time in done if time >= wake), LENGTH)
            assert finished - wake <= task.period + late or finished == LENGTH


def check_all(work: Workload, trace: Trace, late: int) -> None:
    for index in work.greedy:
        check_budgets(work.tasks[index], index, trace, late)
    for index in work.regular:
        check_regular(work.tasks[index], index, trace, late)


@settings(max_examples=40, deadline=None)
@given(workloads(wakers=0), SEEDS)
def test_each_gets_its_budget_by_the_end_of_each_period_and_no_more(work: Workload, seed: int) -> None:
    check_all(work, simulate(work.scenario(LENGTH, seed, tickless=True)), SYSTEM_CALLS)


@settings(max_examples=40, deadline=None)
@given(workloads(), SEEDS)
def test_urgent_tasks_delay_it_by_two_quanta_at_most(work: Workload, seed: int) -> None:
    check_all(work, simulate(work.scenario(LENGTH, seed)), 2 * QUANTUM + SYSTEM_CALLS)


def test_periods_shorter_than_the_delay_are_made_up_for() -> None:
    urgent = Task((run(QUANTUM), step(Op.BLOCK)))
    short = Task(budget=1000, period=10000)
    trace = simulate(Scenario((BUSY, urgent, short), LENGTH, (Source(1, QUANTUM),)))
    check_budgets(short, 2, trace, 2 * QUANTUM + SYSTEM_CALLS)


def test_a_budget_that_was_not_wanted_in_time_is_no_claim_on_others() -> None:
    late = Task((step(Op.BLOCK), run(100), step(Op.BLOCK), run(1 << 40)), budget=50 * QUANTUM, period=100 * QUANTUM)
    steady = Task(budget=60 * QUANTUM, period=150 * QUANTUM)
    wakes = (Source(1, 1 << 40, first=990 * QUANTUM), Source(1, 1 << 40, first=1040 * QUANTUM))
    trace = simulate(Scenario((BUSY, late, steady), 1400 * QUANTUM, wakes))
    assert trace.history[2].used(1200 * QUANTUM) >= 7 * 60 * QUANTUM - SYSTEM_CALLS


def test_a_long_budget_does_not_shut_out_best_effort() -> None:
    long = Task(budget=900 * QUANTUM, period=1000 * QUANTUM)
    trace = simulate(Scenario((BUSY, long), 3000 * QUANTUM))
    for begin, end in trace.windows(20 * QUANTUM):
        assert trace.history[0].used_in(begin, end) >= QUANTUM


def test_an_urgent_task_gets_the_core_from_a_reserved_one_once_in_a_period_of_the_server() -> None:
    driver = Task((run(300), step(Op.BLOCK)))
    tasks = (driver, Task(budget=90 * QUANTUM, period=100 * QUANTUM))
    trace = simulate(Scenario(tasks, 1000 * QUANTUM, (Source(0, QUANTUM, first=200 * QUANTUM),)))
    assert max(trace.history[0].latencies()[1:]) == 0


def test_a_reserved_task_that_wakes_waits_for_best_effort_a_quantum_at_most() -> None:
    reserved = Task((step(Op.BLOCK), run(1000)), budget=QUANTUM, period=100 * QUANTUM)
    tasks = (BUSY, BUSY, reserved)
    trace = simulate(Scenario(tasks, 1000 * QUANTUM, (Source(2, 7 * QUANTUM, 200 * QUANTUM, irregular=True),)))
    assert max(trace.history[2].latencies()[1:]) <= QUANTUM


def test_a_throttled_task_runs_when_nobody_else_does() -> None:
    trace = simulate(Scenario((Task(budget=QUANTUM, period=10 * QUANTUM),), 100 * QUANTUM))
    assert not trace.idle and trace.ticks[0] == 100 * QUANTUM


def test_a_throttled_task_gives_way_at_once() -> None:
    tasks = (Task(budget=QUANTUM, period=50 * QUANTUM), Task((step(Op.BLOCK), run(1000))))
    trace = simulate(Scenario(tasks, 500 * QUANTUM, (Source(1, QUANTUM),), tickless=True))
    assert max(trace.history[1].latencies()[1:]) <= QUANTUM  # but for when it uses its budget


@pytest.mark.parametrize(
    ("trick", "part"),
    [
        ((run(1000), step(Op.RESERVE, 5 * QUANTUM, 10 * QUANTUM)), 50),
        ((run(1000), step(Op.RESERVE, QUANTUM, 10 * QUANTUM), run(1000), step(Op.WEIGHT, 100)), 50),
        ((run(9 * QUANTUM), step(Op.RESERVE, 390, 500), run(1000), step(Op.RESERVE, 9 * QUANTUM, 10 * QUANTUM)), 90),
    ],
)
def test_reserving_again_and_again_earns_nothing(trick: tuple[tuple[int, int, int], ...], part: int) -> None:
    trace = simulate(Scenario((BUSY, Task(trick)), 1000 * QUANTUM))
    assert trace.ticks[1] <= (10 * part + 3) * QUANTUM


def reserved(*wanted: tuple[int, int], policy: Policy = Policy.RBED) -> list[bool]:
    """Which of these reservations are admitted, one task each."""
    admit = [(0, ADMIT, i, 0, 0) for i in range(len(wanted))]
    calls = [*admit, *((0, RESERVE, i, budget, period) for i, (budget, period) in enumerate(wanted))]
    return [bool(answer) for answer in drive(policy, QUANTUM, 0, calls)[len(wanted) :]]


def test_no_more_than_90_percent_are_reserved() -> None:
    assert reserved((QUANTUM, 2 * QUANTUM), (4 * QUANTUM, 10 * QUANTUM), (LEAST, 1 << 40)) == [True, True, False]
    assert reserved((9 * QUANTUM + 1, 10 * QUANTUM), (9 * QUANTUM, 10 * QUANTUM)) == [False, True]


def test_a_small_share_counts_for_more_than_nothing() -> None:
    assert reserved((9 * QUANTUM - 1, 10 * QUANTUM), (LEAST, 1 << 48)) == [True, False]


def test_bad_numbers_are_refused() -> None:
    wanted = [(0, 0), (0, 100), (2, 1), (LEAST - 1, QUANTUM), (QUANTUM, 1 << 49), ((1 << 64) - 1, (1 << 64) - 1)]
    assert not any(reserved(*wanted))


def test_nothing_is_reserved_where_tasks_run_to_block() -> None:
    assert reserved((QUANTUM, 10 * QUANTUM), policy=Policy.RUN_TO_BLOCK) == [False]
