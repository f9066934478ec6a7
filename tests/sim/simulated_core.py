"""Scenarios for the simulated core (scheduler/), and what its trace says."""

from bisect import bisect_right
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cache, cached_property
from itertools import pairwise
from pathlib import Path

from skerry.testing.host_program import HostProgram, Recipe, build

ROOT = Path(__file__).resolve().parents[2]
HERE = ROOT / "tests/sim/scheduler"
QUANTUM_US = 100
QUANTUM = QUANTUM_US * 1000
COST = 200
NOBODY = 0xFFFF
FOREVER = 1 << 40
Step = tuple[int, int, int]


class Policy(IntEnum):
    RBED = 0
    RUN_TO_BLOCK = 1


class Op(IntEnum):
    """Steps of a program, as in sim.h."""

    RUN = 0
    BLOCK = 1
    YIELD = 2
    CALL = 3
    NOTIFY = 4
    WEIGHT = 5
    RESERVE = 6
    START = 7
    EXIT = 8


def step(op: Op, a: int = 0, b: int = 0) -> Step:
    return (op, a, b)


def run(ticks: int) -> Step:
    return step(Op.RUN, ticks)


@dataclass(frozen=True)
class Task:
    """A dispatcher's program, and its share at the start: a weight, or a budget and a period."""

    program: tuple[Step, ...] = (run(FOREVER),)
    weight: int = 0
    budget: int = 0
    period: int = 0
    started: bool = True
    first: bool = False  # the monitor, where all run to block

    def words(self) -> list[int]:
        steps = [word for one in self.program for word in one]
        return [self.weight, self.budget, self.period, self.started | self.first << 1, len(self.program), *steps]

    @property
    def weighs(self) -> int:
        """As the scheduler has it."""
        return self.weight or 100


@dataclass(frozen=True)
class Source:
    """Interrupts for a task."""

    target: int
    period: int
    first: int = 1
    irregular: bool = False

    def words(self) -> list[int]:
        return [self.first, self.period, self.target, int(self.irregular)]


@dataclass(frozen=True)
class Scenario:
    """What runs on the core."""

    tasks: tuple[Task, ...]
    end: int
    sources: tuple[Source, ...] = ()
    policy: Policy = Policy.RBED
    tickless: bool = False
    emulated: bool = False
    cost: int = COST
    seed: int = 1

    def words(self) -> list[int]:
        head = [self.policy, QUANTUM_US, int(self.tickless), int(self.emulated), self.cost, self.end, self.seed]
        parts = [task.words() for task in self.tasks] + [source.words() for source in self.sources]
        return [*head, len(self.tasks), len(self.sources), *(word for part in parts for word in part)]


@dataclass
class History:
    """One task's times: when it ran, on whose budget, and when it could have."""

    runs: list[tuple[int, int]] = field(default_factory=list)
    wakes: list[int] = field(default_factory=list)
    blocks: list[int] = field(default_factory=list)
    paid: list[tuple[int, int]] = field(default_factory=list)

    @cached_property
    def _sums(self) -> list[int]:
        sums = [0]
        for begin, end in self.paid:
            sums.append(sums[-1] + end - begin)
        return sums

    @cached_property
    def _begins(self) -> list[int]:
        return [begin for begin, _ in self.paid]

    def used(self, until: int) -> int:
        """Ticks of its budget that ran before a time, whoever ran."""
        at = bisect_right(self._begins, until)
        return self._sums[at] - (max(self.paid[at - 1][1] - until, 0) if at else 0)

    def used_in(self, begin: int, end: int) -> int:
        return self.used(end) - self.used(begin)

    def latencies(self) -> list[int]:
        """From each wake-up to the next time it runs."""
        begins = [begin for begin, _ in self.runs]
        waits = []
        for wake in self.wakes:
            at = bisect_right(begins, wake)
            if at and self.runs[at - 1][1] > wake:
                waits.append(0)
            elif at < len(begins):
                waits.append(begins[at] - wake)
        return waits


@dataclass(frozen=True)
class Trace:
    """What a scenario came to."""

    end: int
    history: list[History]
    idle: list[tuple[int, int]]
    ticks: list[int]
    order: list[int]  # of those who ran
    woken: list[int]  # in their order

    def windows(self, length: int, begin: int = 0) -> list[tuple[int, int]]:
        """Windows of a length, overlapping by half."""
        starts = range(begin, self.end - length + 1, max(length // 2, 1))
        return [(start, start + length) for start in starts]


@cache
def program() -> HostProgram:
    """The simulator of this test run."""
    sources = [HERE / f"{name}.c" for name in ("main", "machine", "ops", "check")]
    sources += [ROOT / f"kernel/core/{name}.c" for name in ("heap", "runqueue", "runqueue_slice", "timers")]
    include = (HERE / "stub", HERE, ROOT / "kernel")
    return HostProgram(build(Recipe(ROOT, "scheduler", tuple(sources), include, (ROOT / "kernel/core/schedule.c",))))


def simulate(scenario: Scenario) -> Trace:
    words = program().ask(0, *scenario.words())
    count = len(scenario.tasks)
    ticks = words[len(words) - count :]
    history = [History() for _ in scenario.tasks]
    idle: list[tuple[int, int]] = []
    order: list[int] = []
    woken: list[int] = []
    runs: list[tuple[int, int, int]] = []
    for now, what in zip(words[:-count:2], words[1:-count:2], strict=True):
        who = what >> 16 & 0xFFFF
        match what & 0xFFFF:
            case 0:
                runs.append((now, who, what >> 32))
            case 1:
                history[who].wakes.append(now)
                woken.append(who)
            case 2 | 3:
                history[who].blocks.append(now)
    for (begin, who, payer), (end, _, _) in pairwise(runs):
        if who == NOBODY:
            idle.append((begin, end))
            continue
        order.append(who)
        history[who].runs.append((begin, end))
        if payer != NOBODY:
            history[payer].paid.append((begin, end))
    return Trace(scenario.end, history, idle, ticks, order, woken)


def drive(policy: Policy, quantum: int, now: int, calls: list[tuple[int, int, int, int, int]]) -> list[int]:
    """Calls to a run queue by hand, see ops.c; what each returned."""
    return program().ask(1, policy, quantum, now, *(word for call in calls for word in call))
