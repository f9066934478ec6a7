"""Workloads that Hypothesis chooses: busy tasks, ones that wake often, sleepers, yielders and reserved ones."""

from dataclasses import dataclass, field
from fractions import Fraction

from hypothesis import strategies as st

from simulated_core import COST, FOREVER, NOBODY, QUANTUM, Op, Policy, Scenario, Source, Step, Task, run, step

WEIGHTS = st.sampled_from([1, 10, 50, 100, 100, 300, 1000, 10000])
RUNS = st.sampled_from([500, 3000, 20000, QUANTUM // 2, QUANTUM, 3 * QUANTUM])
WAKES = st.sampled_from([2000, 10000, 50000, QUANTUM, 5 * QUANTUM])
SLEEPS = st.sampled_from([1, 1000, QUANTUM, 5 * QUANTUM])
BUDGETS = st.sampled_from([1000, QUANTUM // 10, QUANTUM, 5 * QUANTUM, 30 * QUANTUM])
PERCENTS = st.lists(st.sampled_from([1, 10, 30, 49, 89]), max_size=3).filter(lambda parts: sum(parts) <= 89)
SEEDS = st.integers(1, 1 << 60)


@dataclass
class Workload:
    """Busy best-effort tasks come first."""

    busy: int = 0
    tasks: list[Task] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)

    def add(self, task: Task, wakes: int = 0, first: int = 1, irregular: bool = False) -> None:
        if wakes:
            self.sources.append(Source(len(self.tasks), wakes, first, irregular))
        self.tasks.append(task)

    @property
    def fair(self) -> list[int]:
        return [i for i, task in enumerate(self.tasks) if not task.budget]

    @property
    def greedy(self) -> list[int]:
        """Reserved ones that always want more."""
        return [i for i, task in enumerate(self.tasks) if task.budget and len(task.program) == 1]

    @property
    def regular(self) -> list[int]:
        """Reserved ones that need a little less than their budget in each period."""
        return [i for i, task in enumerate(self.tasks) if task.budget and len(task.program) > 1]

    @property
    def wakes(self) -> bool:
        """Is there a best-effort task that can be urgent?"""
        return any(step[0] == Op.BLOCK for i in self.fair for step in self.tasks[i].program)

    @property
    def unreserved(self) -> Fraction:
        """The best-effort tasks' part of the core."""
        shares = (-(-task.budget * 10000 // task.period) for task in self.tasks if task.budget)
        return 1 - Fraction(sum(shares), 10000)

    def weight(self, tasks: list[int]) -> int:
        return sum(self.tasks[i].weighs for i in tasks)

    def scenario(self, end: int, seed: int = 1, tickless: bool = False, emulated: bool = False) -> Scenario:
        return Scenario(tuple(self.tasks), end, tuple(self.sources), tickless=tickless, emulated=emulated, seed=seed)


@st.composite
def workloads(draw: st.DrawFn, wakers: int = 5) -> Workload:
    """One or more busy tasks with all the others that are there at most."""
    work = Workload()
    for weight in draw(st.lists(WEIGHTS, min_size=1, max_size=5)):
        work.add(Task(weight=weight))
    work.busy = len(work.tasks)
    for weight in draw(st.lists(WEIGHTS, max_size=wakers)):
        program = (run(draw(RUNS)), step(Op.BLOCK))
        work.add(Task(program, weight), draw(WAKES), draw(st.integers(1, QUANTUM)), draw(st.booleans()))
    for weight in draw(st.lists(WEIGHTS, max_size=2 if wakers else 0)):
        work.add(Task((run(draw(RUNS)), step(Op.BLOCK, draw(SLEEPS))), weight))
    for weight in draw(st.lists(WEIGHTS, max_size=2)):
        work.add(Task((run(draw(RUNS)), step(Op.YIELD, NOBODY)), weight))
    for percent in draw(PERCENTS):
        add_reserved(work, draw(BUDGETS), percent, draw(st.booleans()), draw(st.integers(1, QUANTUM)))
    return work


def add_reserved(work: Workload, budget: int, percent: int, greedy: bool, first: int) -> None:
    period = budget * 100 // percent + 1
    if greedy:
        work.add(Task(budget=budget, period=period))
    else:
        work.add(Task((step(Op.BLOCK), run(budget - 2 * COST)), budget=budget, period=period), period, first)


@st.composite
def programs(draw: st.DrawFn, tasks: int) -> tuple[Step, ...]:
    """Anything that a dispatcher can do, mistakes included."""
    others = st.integers(0, tasks - 1)
    ticks = st.sampled_from([1, 100, 500, 3000, QUANTUM // 2, QUANTUM, 3 * QUANTUM])
    weights = st.sampled_from([0, 1, 2, 99, 100, 101, 10000, 10001, 1 << 63])
    spans = st.sampled_from(
        [0, 1, 390, 1000, 33333, QUANTUM, 9 * QUANTUM, 10 * QUANTUM, 1 << 47, 1 << 48, (1 << 64) - 1]
    )
    steps = st.one_of(
        st.builds(run, ticks),
        st.builds(run, ticks),
        st.builds(step, st.just(Op.BLOCK), st.sampled_from([0, 0, 1, 500, QUANTUM, 10 * QUANTUM])),
        st.builds(step, st.sampled_from([Op.YIELD, Op.CALL, Op.NOTIFY, Op.START]), others),
        st.builds(step, st.sampled_from([Op.YIELD, Op.EXIT]), st.just(NOBODY)),
        st.builds(step, st.just(Op.WEIGHT), weights),
        st.builds(step, st.just(Op.RESERVE), spans, spans),
    )
    return (*draw(st.lists(steps, max_size=7)), run(draw(ticks)))


@st.composite
def anything(draw: st.DrawFn) -> Scenario:
    """Any programs at all."""
    count = draw(st.integers(1, 9))
    tasks = [Task(draw(programs(count)), started=i == 0 or draw(st.booleans())) for i in range(count)]
    source = st.builds(Source, st.integers(0, count - 1), WAKES, st.integers(1, QUANTUM), st.booleans())
    return Scenario(
        tuple(tasks),
        30 * QUANTUM,
        tuple(draw(st.lists(source, max_size=4))),
        policy=draw(st.sampled_from([Policy.RBED, Policy.RBED, Policy.RUN_TO_BLOCK])),
        tickless=draw(st.booleans()),
        emulated=draw(st.booleans()),
        seed=draw(SEEDS),
    )


BUSY = Task((run(FOREVER),))
