"""Scenarios for the simulated machine (agree/), the schedules that are tried on them, and what their traces say."""

from dataclasses import dataclass, field
from enum import IntEnum
from functools import cache
from pathlib import Path
from struct import pack

from hypothesis import HealthCheck, find, settings
from hypothesis import strategies as st

from skerry.testing.host_program import HostProgram, Recipe, build

ROOT = Path(__file__).resolve().parents[2]
HERE = ROOT / "tests/sim/agree"
TESTED = (ROOT / "userland/lib/agree", ROOT / "userland/lib/replica")
HEADERS = ROOT / "userland/lib/include"
SMALL = (
    "-DAGREE_CORES=8",
    "-DAGREE_WINDOW=3",
    "-DAGREE_QUEUE=8",
    "-DAGREE_BATCH=2",
    "-DKV_ENTRIES=3",
    "-DOWNER_OBJECTS=3",
    "-DSPAN_PAGES=2",
    "-DLAND_RUNS=12",
    "-DLAND_DEVICES=1",
    "-DJOURNAL_TEXT=100",
    "-DJOURNAL_STAGES=2",
)
SCHEDULE_STEPS = 400
SCHEDULES = 10_000  # of each protocol
SHORT = 30  # steps that a shrunk failure must be below
CHOICES = st.lists(st.integers(0, 63), max_size=50)
NEEDS_ALL, ALONE = 1, 2
PATIENT = 60 << 8  # ticks of time to the deadline


class Protocol(IntEnum):
    """In the order of world.c's table."""

    LOCKS = 0
    KEYS = 1
    CAPS = 2
    MAPS = 3
    TEXTS = 4
    LAND = 5


class Wish(IntEnum):
    """For a page, as in maps.c."""

    FAULT = 0
    MAP = 1
    UNMAP = 2
    PROTECT = 3


class Change(IntEnum):
    """Of a capability, as in owner.h."""

    COPY = 1
    DELETE = 2
    REVOKE = 3
    RETYPE = 4
    MOVE = 5


class Event(IntEnum):
    """As in world.h."""

    DELIVER = 0
    SUBMIT = 1
    ANSWER = 2
    TELL = 3
    DECLARE = 4
    FENCE = 5
    TICK = 6
    WAKE = 7
    CRASH = 8
    RESTART = 9
    DOUBT = 10


MESSAGES = ("ask", "vote", "decide", "ack", "view", "report", "reported", "note")


@dataclass(frozen=True)
class Op:
    """Something that a core wants agreed on; `words` mean what the protocol says."""

    core: int
    members: int
    phases: int = 2
    flags: int = 0
    words: tuple[int, ...] = ()

    def encode(self) -> list[int]:
        words = [*self.words, 0, 0, 0, 0, 0, 0][:6]
        return [self.core, self.phases, self.members, self.flags, *words]


@dataclass(frozen=True)
class Scenario:
    """A machine, what it is to agree on, and what may go wrong."""

    cores: int
    ops: tuple[Op, ...]
    protocol: Protocol = Protocol.LOCKS
    topology: int = 0
    crashes: int = 0
    ticks: int = 0
    restarts: int = 0
    doubts: int = 0
    membership: bool = False  # by the protocol; without: views come from outside

    def encode(self) -> list[int]:
        head = [self.protocol, self.cores, self.topology, self.crashes, self.ticks, self.restarts, self.doubts]
        head += [int(self.membership), len(self.ops)]
        return head + [word for op in self.ops for word in op.encode()]


@dataclass(frozen=True)
class Run:
    """What came of a schedule: what failed, if anything did, and two words a step."""

    failure: str
    words: tuple[int, ...] = field(repr=False)

    @property
    def steps(self) -> list[str]:
        return [_step(a, b) for a, b in zip(self.words[::2], self.words[1::2], strict=True)]


def _step(a: int, b: int) -> str:
    event, first, second = Event(a & 0xFF), a >> 8 & 0xFF, a >> 16 & 0xFF
    if event is Event.DELIVER:
        what = MESSAGES[a >> 24 & 0xFF]
        number = f"{a >> 32 & 0xFF}.{a >> 40 & 0xFF}#{b & 0xFFFFFFFF}"
        return f"{first}->{second} {what} {number} attempt {a >> 48} result {b >> 48}"
    if event is Event.SUBMIT:
        return f"core {first} submits {second}"
    if event is Event.FENCE:
        return f"core {first} fences {second}"
    return f"core {first} {event.name.lower()}" if event is not Event.DECLARE else "declare"


@dataclass(frozen=True)
class Explored:
    """What all interleavings of a scenario came to."""

    failure: str
    states: int
    steps: int
    ends: int
    deepest: int
    complete: bool
    path: tuple[int, ...] = field(repr=False)


class Simulator:
    """The host program, of the protocols as they are or of a mutant of them."""

    def __init__(self, tested: tuple[Path, ...] = TESTED, sanitized: bool = True) -> None:
        sources = tuple(sorted(path for folder in (HERE, *tested) for path in folder.glob("*.c")))
        recipe = Recipe(ROOT, "agree", sources, (HERE, HEADERS, *tested), flags=SMALL, sanitized=sanitized)
        self._program = HostProgram(build(recipe))

    def _ask(self, what: int, arguments: tuple[int, int, int], scenario: Scenario, tail: list[int]) -> Run:
        words = self._program.ask(what, *arguments, *scenario.encode(), *tail)
        length, rest = words[0], words[1:]
        text = pack(f"<{length}Q", *rest[:length]).rstrip(b"\0").decode()
        return Run(text, tuple(rest[length:]))

    def choices(self, scenario: Scenario, choices: list[int]) -> Run:
        """What happens next is choice modulo what may; then everything is brought to its end."""
        return self._ask(0, (0, 0, 0), scenario, choices)

    def seed(self, scenario: Scenario, seed: int, trace: bool = True) -> Run:
        return self._ask(1, (seed, SCHEDULE_STEPS, int(trace)), scenario, [])

    def explore(self, scenario: Scenario, most_states: int) -> Explored:
        run = self._ask(2, (most_states, 0, 0), scenario, [])
        states, steps, ends, deepest, complete, *path = run.words
        return Explored(run.failure, states, steps, ends, deepest, bool(complete), tuple(path))


@cache
def simulator() -> Simulator:
    return Simulator()


@cache
def fast_simulator() -> Simulator:
    """Without sanitizers: for exploring."""
    return Simulator(sanitized=False)


@dataclass(frozen=True)
class Mutant:
    """A protocol broken on purpose: a text of the source, which stands there once, and what it becomes."""

    name: str
    file: str
    old: str
    new: str

    def simulator(self) -> Simulator:
        """Of a copy with the mutation; without sanitizers, for it is the invariants that are to catch it."""
        folder = ROOT / "build" / "host" / f"mutant-{self.name}"
        folder.mkdir(parents=True, exist_ok=True)
        found = 0
        for path in (path for tested in TESTED for path in tested.glob("*.[ch]")):
            text = path.read_text()
            found += text.count(self.old) if path.name == self.file else 0
            write_when_changed(folder / path.name, text.replace(self.old, self.new) if path.name == self.file else text)
        assert found == 1, f"{self.name}: {self.file} has {self.old!r} {found} times"
        return Simulator((folder,), sanitized=False)


def write_when_changed(path: Path, text: str) -> None:
    """So that the program need not be built again."""
    if not path.exists() or path.read_text() != text:
        path.write_text(text)


def shortest_failure(broken: Simulator, scenario: Scenario) -> list[str]:
    """Hypothesis looks for choices that fail, and shrinks them."""
    quick = settings(max_examples=20_000, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    choices = find(CHOICES, lambda tried: bool(broken.choices(scenario, tried).failure), settings=quick)
    return broken.choices(scenario, choices).steps
