"""Invocations from a seed: the twin of userland/programs/fuzz/generate.c, row for row and choice for choice."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from skerry.abi import Contract
from skerry.fuzz.tables import (
    BADGES,
    EVERY,
    FLAG_WORDS,
    ODD_COUNTS,
    ODD_INDICES,
    SAME,
    WORD,
    Kind,
    Row,
    odd_words,
    rows,
    sought,
    useful_types,
)

ARENA_ROOT, ARENA_ROOTS, ARENA_CNODES, ARENA_SLOTS = 56, 8, 4, 24
ARENA_PIECES, ARENA_PAGES, ARENA_STEPS = 8, 8, 400
PLACES = ARENA_CNODES * ARENA_SLOTS
UNKNOWN = 31


@dataclass(frozen=True)
class Invocation:
    """A generated invocation."""

    cap: int
    operation: int
    words: tuple[int, ...]


@dataclass
class Generator:
    """The stream of one seed."""

    contract: Contract
    seed: int
    more_rows: tuple["Row", ...] = ()
    believed: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._state = (self.seed * 0x9E3779B97F4A7C15 + 1) & WORD or 1
        self._t: Any = self.contract.enum("cap_type")
        self._err: Any = self.contract.enum("err")
        self._sought = sought(self._t)
        self._page = self.contract.constant("PAGE_SIZE")
        self._root_flag = self.contract.constant("CAPADDR_ROOT")
        self._words = self._word_makers()
        self._rows = rows(self.contract) + self.more_rows
        self._row = self._rows[0]
        self._odd_words = odd_words(self.contract)
        self._odd_addresses = [
            *(0, 64 * 64, 0x7FFFFFFF, self._root_flag | 64, self._root_flag | 0x7FFFFFFF, 1 << 32, 1 << 63, WORD),
        ]

    def reset(self, more: Mapping[int, int] | None = None) -> None:
        """The arena has been made anew; `more` are places with something else than RAM."""
        self.believed = [0] * PLACES
        self.believed[:ARENA_PIECES] = [self._t.RAM] * ARENA_PIECES
        for place, kind in (more or {}).items():
            self.believed[place] = kind

    def next(self) -> Invocation:
        """The next invocation."""
        self._row = self._row_pick()
        cap = self._address(self._row.types) & EVERY
        kinds = [*self._row.kinds, *[Kind.ANY] * (6 - len(self._row.kinds))]
        return Invocation(cap, self._row.operation, tuple(self._word(kind) for kind in kinds))

    def learn(self, invocation: Invocation, err: int) -> None:
        """What came of the last one."""
        source, word = place_at(invocation.cap), self._destination(invocation)
        place = self._place_in(word)
        if err == self._err.OK:
            self._made(invocation, source, place)
        elif err == self._err.SLOT_OCCUPIED and place is not None and self.believed[place] == 0:
            self.believed[place] = UNKNOWN
        gone = err == self._err.CAP_EMPTY or (err == self._err.OK and self._row.operation in (2, 3))
        if gone and source is not None:
            self.believed[source] = 0

    def _made(self, invocation: Invocation, source: int | None, place: int | None) -> None:
        retype = self._row.operation == 5
        count = invocation.words[3] if retype else 1
        kind = invocation.words[0] if retype else self._row.makes
        if self._row.makes == SAME:
            kind = UNKNOWN if source is None else self.believed[source]
        if kind == 0 or place is None:
            return
        for at in range(place, min(place + count, PLACES)):
            self.believed[at] = kind & 0xFF

    def _destination(self, invocation: Invocation) -> int:
        kinds = self._row.kinds
        return invocation.words[kinds.index(Kind.SLOT_WORD)] if Kind.SLOT_WORD in kinds else 0

    def _next(self) -> int:
        state = self._state
        state ^= state << 13 & WORD
        state ^= state >> 7
        state ^= state << 17 & WORD
        self._state = state
        return state

    def _pick(self, n: int) -> int:
        return self._next() % n

    def _choose(self, table: Sequence[int]) -> int:
        return table[self._pick(len(table))]

    def _row_pick(self) -> Row:
        left = self._pick(sum(row.weight for row in self._rows))
        for row in self._rows:
            if left < row.weight:
                return row
            left -= row.weight
        raise AssertionError("the weights add up")

    def _odd_word(self) -> int:
        return self._next() if self._pick(4) == 0 else self._choose(self._odd_words)

    def _place_of(self, types: int) -> int:
        places = [at for at, kind in enumerate(self.believed) if kind != 0 and types >> kind & 1]
        if not places and types != EVERY:
            return self._place_of(EVERY)
        return places[self._pick(len(places))] if places else self._pick(PLACES)

    def _place_empty(self) -> int:
        place = 0
        for _ in range(8):
            place = self._pick(PLACES)
            if self.believed[place] == 0:
                break
        return place

    def _place_in(self, word: int) -> int | None:
        cnode, slot = (word >> 32) - (self._root_flag | ARENA_ROOT), word & EVERY
        return cnode * ARENA_SLOTS + slot if 0 <= cnode < ARENA_CNODES and slot < ARENA_SLOTS else None

    def _address(self, types: int) -> int:
        choice = self._pick(64)
        if choice < 58:
            return address_of(self._place_of(types))
        if choice < 60:
            cnode = ARENA_ROOT + self._pick(ARENA_ROOTS)
            return cnode << 6 | self._pick(64)
        if choice == 60:
            return self._root_flag | (ARENA_ROOT + self._pick(ARENA_ROOTS))
        return self._choose(self._odd_addresses)

    def _slot_word(self) -> int:
        choice = self._pick(32)
        if choice < 26:
            place = self._place_empty()
            return (self._root_flag | (ARENA_ROOT + place // ARENA_SLOTS)) << 32 | place % ARENA_SLOTS
        if choice < 28:
            cnode = self._root_flag | (ARENA_ROOT + self._pick(ARENA_ROOTS))
            return cnode << 32 | self._pick(70)
        if choice < 30:
            cnode = address_of(self._place_of(1 << self._t.CNODE))
            return cnode << 32 | self._pick(ARENA_SLOTS)
        if choice == 30:
            return self.contract.constant("CAP_ROOT_CNODE") << 32 | (ARENA_ROOT + self._pick(12))
        return self._odd_word()

    def _word(self, kind: Kind) -> int:
        if kind in self._sought:
            return self._address(self._sought[kind])
        return self._words.get(kind, self._odd_word)()

    def _mostly(self, usual: Callable[[], int], odd: Callable[[], int], one_in: int = 8) -> Callable[[], int]:
        return lambda: odd() if self._pick(one_in) == 0 else usual()

    def _word_makers(self) -> dict[Kind, Callable[[], int]]:
        t, page, mostly, odd = self._t, self._page, self._mostly, self._odd_word
        kinds, divided = useful_types(t), (t.DEVICE, t.IOPORT, t.IRQ, t.CORE)

        def odd_count() -> int:
            return self._choose(ODD_COUNTS)

        return {
            Kind.SLOT_WORD: self._slot_word,
            Kind.TYPE: mostly(mostly(lambda: self._choose(kinds), lambda: self._pick(len(t))), odd, 16),
            Kind.TYPE_FRAME: lambda: int(t.FRAME),
            Kind.TYPE_DIVIDED: lambda: self._choose(divided),
            Kind.RIGHTS: mostly(lambda: 15, lambda: self._pick(18), 3),
            Kind.BADGE: lambda: self._choose(BADGES),
            Kind.OFFSET: mostly(lambda: self._pick(ARENA_PAGES + 2) * page, odd),
            Kind.SIZE: mostly(mostly(lambda: page, lambda: self._pick(16) * page, 3), odd),
            Kind.COUNT: mostly(lambda: 1 + self._pick(3), odd_count),
            Kind.ONE: mostly(lambda: 1, odd_count),
            Kind.NOTHING: mostly(lambda: 0, odd),
            Kind.INDEX: mostly(lambda: self._pick(24), lambda: self._choose(ODD_INDICES)),
            Kind.FLAGS: lambda: self._choose(FLAG_WORDS),
            Kind.BIT: mostly(lambda: self._pick(66), odd),
            Kind.VADDR: mostly(lambda: self._pick(1024) * page, odd, 4),
        }


def place_at(address: int) -> int | None:
    """The place that an address names, if it is one."""
    cnode, slot = (address >> 6) - ARENA_ROOT, address & 63
    return cnode * ARENA_SLOTS + slot if 0 <= cnode < ARENA_CNODES and slot < ARENA_SLOTS else None


def address_of(place: int) -> int:
    return (ARENA_ROOT + place // ARENA_SLOTS) << 6 | place % ARENA_SLOTS
