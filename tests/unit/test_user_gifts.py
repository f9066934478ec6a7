"""RAM that goes round the cores: what a monitor gives, receives and takes back, and its record, against two lists."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boot_host import ROOT
from small_host import host_program, run_host
from user_host import USERLAND, Err

SELF, CHUNKS, OWN, KEPT = 1, 32, 16, 257
FOLDER = ROOT / "tests/unit/gifts"
SOURCES = (
    FOLDER / "host.c",
    USERLAND / "monitor/gifts.c",
    USERLAND / "monitor/neighbours.c",
    USERLAND / "lib/replica/land.c",
)
INCLUDES = (USERLAND / "lib/include", USERLAND, ROOT / "kernel")
Order = tuple[str | int, ...]


def obey(orders: list[Order]) -> list[list[str]]:
    text = "".join(" ".join(map(str, order)) + "\n" for order in orders).encode()
    program = host_program(SOURCES, INCLUDES, ("-D_GNU_SOURCE", f"-I{FOLDER}"))
    return [line.split() for line in run_host(program, [], text)]


@dataclass
class Model:
    """What this core's CPU driver knows of each chunk, and what the record says."""

    owner: list[int | None] = field(default_factory=lambda: [SELF] * OWN + [None] * (CHUNKS - OWN))
    record: list[int] = field(default_factory=lambda: [SELF] * OWN + [0] * (CHUNKS - OWN))
    held: set[int] = field(default_factory=set)  # others have some of it

    def obey(self, order: Order) -> tuple[int, int]:
        """The error and the result that the order must have; makes the change."""
        what, *words = order
        return getattr(self, str(what))(*map(int, words))  # type: ignore[no-any-return]

    def _run(self, count: int) -> int | None:
        firsts = range(CHUNKS - count + 1)
        return next((at for at in firsts if self.owner[at : at + count] == [SELF] * count), None)

    def give(self, core: int, count: int) -> tuple[int, int]:
        first = self._run(count)
        if first is None:
            return Err.NO_MEMORY, 0
        self.owner[first : first + count] = self.record[first : first + count] = [core] * count
        return Err.OK, first

    def fail(self, core: int, count: int) -> tuple[int, int]:
        return (Err.NO_MEMORY if self._run(count) is None else Err.TIMEOUT), 0

    def receive(self, first: int, count: int) -> tuple[int, int]:
        self.owner[first : first + count] = self.record[first : first + count] = [SELF] * count
        return Err.OK, 0

    def passed(self, first: int, count: int, core: int) -> tuple[int, int]:
        self.record[first : first + count] = [core] * count
        return Err.OK, 0

    def back(self, core: int) -> tuple[int, int]:
        for chunk in (chunk for chunk in range(CHUNKS) if self.record[chunk] == core):
            if chunk in self.held:
                self.record[chunk] = KEPT
            else:
                self.owner[chunk] = self.record[chunk] = SELF
        return Err.OK, 0

    def hold(self, chunk: int, held: int) -> tuple[int, int]:
        (self.held.add if held else self.held.discard)(chunk)
        return Err.OK, 0

    def kept(self) -> tuple[int, int]:
        back = [chunk for chunk in range(CHUNKS) if self.record[chunk] == KEPT and chunk not in self.held]
        for chunk in back:
            self.owner[chunk] = self.record[chunk] = SELF
        return Err.OK, len(back)

    def of(self, core: int) -> tuple[int, int]:
        return Err.OK, self.record.count(core)


@st.composite
def orders(draw: st.DrawFn) -> list[Order]:
    """Orders that other monitors may cause: only what another core has is received, or passed on among others."""
    model, made = Model(), list[Order]()
    cores = st.sampled_from([0, 2, 3])
    for _ in range(draw(st.integers(1, 30))):
        kinds = ["give", "give", "fail", "receive", "passed", "passed", "back", "back", "of", "hold", "hold", "kept"]
        what = draw(st.sampled_from(kinds))
        count, first, core = draw(st.integers(1, 4)), draw(st.integers(0, CHUNKS - 4)), draw(cores)
        order: Order = (what, first, count)
        if what in ("back", "of"):
            order = (what, core)
        elif what in ("give", "fail"):
            order = (what, core, count)
        elif what == "hold":
            order = (what, first, count % 2)
        elif what == "kept":
            order = (what,)
        elif {SELF, KEPT} & set(model.record[first : first + count]):
            continue
        elif what == "passed":
            order = (what, first, count, core)
        model.obey(order)
        made.append(order)
    return made


@settings(max_examples=150, deadline=None)
@given(orders())
def test_every_chunk_has_the_owner_that_it_should_have(made: list[Order]) -> None:
    model = Model()
    for order, (err, result, *chunks) in zip(made, obey(made), strict=True):
        assert (int(err), int(result)) == model.obey(order), order
        seen = ["." if owner is None else "f" if owner == SELF else str(owner) for owner in model.owner]
        assert chunks == seen + [str(owner) for owner in model.record], order


def test_a_dead_cores_chunk_that_others_have_comes_back_when_they_have_it_no_more() -> None:
    orders: list[Order] = [("give", 2, 2), ("hold", 1, 1), ("back", 2), ("of", 2), ("kept",), ("hold", 1, 0), ("kept",)]
    answers = obey(orders)
    assert answers[2][2:4] == ["f", "2"]
    assert answers[3][1] == "0", "the core can be started again, with other memory"
    assert answers[4][1:4] == ["0", "f", "2"]
    assert answers[6][1:4] == ["1", "f", "f"]


@pytest.mark.parametrize(
    ("self", "others", "order"),
    [
        (2, (0, 1, 3, 4, 5), "3 1 0 4 5"),
        (0, (7, 6, 5, 4, 3, 2, 1), "1 2 3 4 5 6 7"),
        (4, (0, 1, 2, 3, 5, 6, 7), "5 6 7 3 2 1 0"),
        (3, (8, 2), "2 8"),
    ],
)
def test_the_neighbours_of_one_package_come_first(self: int, others: tuple[int, ...], order: str) -> None:
    (line,) = obey([("near", self, *others)])
    assert " ".join(line) == order
