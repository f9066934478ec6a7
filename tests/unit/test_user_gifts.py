"""RAM that goes round the cores: what a monitor gives, hears of, receives and takes back, against a list of owners."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boot_host import ROOT
from small_host import host_program, run_host
from user_host import USERLAND, Err

SELF, CHUNKS, OWN = 1, 32, 16
FOLDER = ROOT / "tests/unit/gifts"
SOURCES = (FOLDER / "host.c", USERLAND / "monitor/gifts.c", USERLAND / "monitor/neighbours.c")
INCLUDES = (USERLAND / "lib/include", USERLAND, ROOT / "kernel")
Order = tuple[str | int, ...]


def obey(orders: list[Order]) -> list[list[str]]:
    text = "".join(" ".join(map(str, order)) + "\n" for order in orders).encode()
    program = host_program(SOURCES, INCLUDES, ("-D_GNU_SOURCE", f"-I{FOLDER}"))
    return [line.split() for line in run_host(program, [], text)]


@dataclass
class Model:
    """What this core knows of each chunk: who has it, and which gifts there are."""

    owner: list[int | None] = field(default_factory=lambda: [SELF] * OWN + [None] * (CHUNKS - OWN))
    gifts: dict[int, int] = field(default_factory=dict)  # chunk -> core

    def free(self, chunk: int) -> bool:
        return self.owner[chunk] == SELF

    def back(self, chunk: int) -> None:
        self.owner[chunk] = SELF
        del self.gifts[chunk]

    def obey(self, order: Order) -> tuple[int, int]:
        """The error and the result that the order must have; makes the change."""
        what, *words = order
        return getattr(self, str(what))(*map(int, words))  # type: ignore[no-any-return]

    def give(self, core: int, count: int) -> tuple[int, int]:
        runs = (first for first in range(CHUNKS - count + 1) if all(map(self.free, range(first, first + count))))
        first = next(runs, None)
        if first is None:
            return Err.NO_MEMORY, 0
        for chunk in range(first, first + count):
            self.owner[chunk] = self.gifts[chunk] = core
        return Err.OK, first

    def receive(self, first: int, count: int) -> tuple[int, int]:
        for chunk in range(first, first + count):
            if chunk in self.gifts:
                self.back(chunk)
            self.owner[chunk] = SELF
        return Err.OK, 0

    def passed(self, first: int, count: int, old: int, new: int) -> tuple[int, int]:
        chunks = range(first, first + count)
        if any(self.gifts.get(chunk) != old for chunk in chunks):
            return Err.ARGUMENT, 0
        for chunk in chunks:
            self.owner[chunk] = self.gifts[chunk] = new
        return Err.OK, 0

    def undo(self, first: int, count: int) -> tuple[int, int]:
        for chunk in range(first, first + count):
            if chunk in self.gifts:
                self.back(chunk)
        return Err.OK, 0

    def take(self, core: int) -> tuple[int, int]:
        for chunk in [chunk for chunk, other in self.gifts.items() if other == core]:
            self.back(chunk)
        return Err.OK, 0

    def of(self, core: int) -> tuple[int, int]:
        return Err.OK, sum(other == core for other in self.gifts.values())


@st.composite
def orders(draw: st.DrawFn) -> list[Order]:
    """Orders that other monitors may cause: received is only what this core does not have."""
    model, made = Model(), list[Order]()
    cores = st.sampled_from([0, 2, 3])
    for _ in range(draw(st.integers(1, 30))):
        what = draw(st.sampled_from(["give", "give", "receive", "passed", "undo", "take", "of"]))
        count, first, core = draw(st.integers(1, 4)), draw(st.integers(0, CHUNKS - 4)), draw(cores)
        order: Order = (what, first, count)
        if what in ("take", "of"):
            order = (what, core)
        elif what == "give":
            order = (what, core, count)
        elif what == "passed":
            order = (what, first, count, core, draw(cores))
        if what == "receive" and any(map(model.free, range(first, first + count))):
            continue
        model.obey(order)
        made.append(order)
    return made


@settings(max_examples=150, deadline=None)
@given(orders())
def test_every_chunk_has_the_owner_that_it_should_have(made: list[Order]) -> None:
    model = Model()
    host = [("back", *order[1:]) if order[0] == "take" else order for order in made]
    for order, (err, result, *chunks) in zip(made, obey(host), strict=True):
        assert (int(err), int(result)) == model.obey(order), order
        seen = ["." if owner is None else "f" if owner == SELF else str(owner) for owner in model.owner]
        assert chunks == seen, order


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
