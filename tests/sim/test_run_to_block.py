"""Run to block: nobody is preempted but by the monitor, and all run in the order in which they could."""

from hypothesis import given, settings
from hypothesis import strategies as st

from simulated_core import COST, NOBODY, QUANTUM, Op, Policy, Scenario, Source, Task, run, simulate, step
from workloads import BUSY, RUNS, WAKES


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(RUNS, WAKES), min_size=1, max_size=6))
def test_all_run_in_the_order_in_which_they_woke_until_they_block(parts: list[tuple[int, int]]) -> None:
    tasks = tuple(Task((run(ticks), step(Op.BLOCK))) for ticks, _ in parts)
    sources = tuple(Source(i, period, first=1 + 7 * i, irregular=True) for i, (_, period) in enumerate(parts))
    trace = simulate(Scenario(tasks, 100 * QUANTUM, sources, policy=Policy.RUN_TO_BLOCK))
    for history, (ticks, _) in zip(trace.history, parts, strict=True):
        assert all(end - begin == ticks + COST for begin, end in history.runs if end < trace.end)
    assert trace.order == trace.woken[: len(trace.order)]


def test_a_busy_task_keeps_the_core() -> None:
    trace = simulate(Scenario((BUSY, BUSY), 100 * QUANTUM, policy=Policy.RUN_TO_BLOCK))
    assert trace.ticks == [100 * QUANTUM, 0]


def test_those_who_yield_take_turns() -> None:
    polite = Task((run(1000), step(Op.YIELD, NOBODY)))
    trace = simulate(Scenario((polite, polite, polite), QUANTUM, policy=Policy.RUN_TO_BLOCK))
    assert trace.order == [i % 3 for i in range(len(trace.order))]


def test_weights_do_not_change_the_order() -> None:
    heavier = Task((run(1000), step(Op.WEIGHT, 10000), step(Op.YIELD, NOBODY)))
    polite = Task((run(1000), step(Op.YIELD, NOBODY)))
    trace = simulate(Scenario((polite, heavier, polite), QUANTUM, policy=Policy.RUN_TO_BLOCK))
    assert trace.order == [i % 3 for i in range(len(trace.order))]


def test_the_monitor_takes_the_core_and_gives_it_back_to_whom_it_had_it_from() -> None:
    monitor = Task((run(1000), step(Op.BLOCK)), first=True)
    trace = simulate(Scenario((monitor, BUSY, BUSY), 100 * QUANTUM, (Source(0, QUANTUM),), policy=Policy.RUN_TO_BLOCK))
    latencies = trace.history[0].latencies()
    assert len(latencies) > 90 and max(latencies) == 0
    assert trace.ticks[1] > 90 * QUANTUM and trace.ticks[2] == 0
