"""kernel/cap on this computer, under its sanitizers, against the model: all answers, now and then all capabilities."""

import time
from typing import Any

from skerry.abi import Contract
from skerry.fuzz.generate import (
    ARENA_CNODES,
    ARENA_PAGES,
    ARENA_PIECES,
    ARENA_ROOT,
    ARENA_STEPS,
    Generator,
    Invocation,
)
from skerry.fuzz.models import cap_facts, cap_host, cap_model
from skerry.fuzz.tables import Kind, Row

DUMP_STEPS = 50
PROGRESS_SECONDS = 10
E, T, PAGE = cap_facts.E, cap_facts.T, cap_facts.PAGE
ROOT_WORD, ROOT_FLAG = 2 << 32, 1 << 31
RAM, OTHER_RAM, DEVICE, BIG_FRAME = 64, 65, 66, 67  # addresses in the host machine's memory CNode
IOPORT, IRQ, CORES = 9, 10, 11
COPY, DELETE, REVOKE, RETYPE = 0, 3, 4, 5
FOREIGN_CORE = 4
# In slots behind the pieces of RAM: what a guest's program has not.
EXTRA = (T.DEVICE, T.FRAME, T.IOPORT, T.IRQ, T.CORE, T.RAM, T.FRAME)


class Differs(Exception):
    """The host and the model disagree."""


def host_rows() -> tuple[Row, ...]:
    """What is done to capabilities that a guest's program has not."""
    divided = 1 << T.IOPORT | 1 << T.IRQ | 1 << T.CORE
    slot, small = Kind.SLOT_WORD, Kind.INDEX
    return (
        Row(6, RETYPE, divided, 0, (Kind.TYPE_DIVIDED, small, Kind.COUNT, Kind.COUNT, slot)),
        Row(3, RETYPE, 1 << T.DEVICE, 0, (Kind.TYPE_DIVIDED, Kind.OFFSET, Kind.SIZE, Kind.COUNT, slot)),
        Row(2, 16, 1 << T.DEVICE, 0, ()),
    )


class Round:
    """A machine with an arena like the guest's, and with more kinds of capabilities in it."""

    def __init__(self, host: Any, generator: Generator) -> None:
        self._host, self._generator = host, generator
        host.ask(cap_host.Ask.RESET)
        self.model = cap_model.Model([])
        self._arrange()
        self.model = cap_model.Model(host.dump())
        generator.reset({ARENA_PIECES + i: int(kind) for i, kind in enumerate(EXTRA)})

    def _arrange(self) -> None:
        first = (ROOT_FLAG | ARENA_ROOT) << 32
        self._must(RAM, RETYPE, T.CNODE, 0, PAGE, ARENA_CNODES, ROOT_WORD | ARENA_ROOT)
        self._must(RAM, RETYPE, T.RAM, ARENA_CNODES * PAGE, ARENA_PAGES * PAGE, ARENA_PIECES, first)
        for i, source in enumerate((DEVICE, BIG_FRAME, IOPORT, IRQ, CORES)):
            self._must(source, COPY, first | ARENA_PIECES + i)
        self._must(OTHER_RAM, RETYPE, T.RAM, 0, 16 * PAGE, 1, first | ARENA_PIECES + 5)
        cnode = next(row.base for row in self._host.dump() if row.type == T.CNODE and row.base == 0x403000)
        slot = cnode + (ARENA_PIECES + 6) * cap_facts.SLOT
        self._host.ask(cap_host.Ask.CREATE, slot, T.FRAME, 15, FOREIGN_CORE, 1 << 40, 16 * PAGE, 0)

    def _must(self, address: int, operation: int, *words: int) -> None:
        err, _ = self._host.invoke(address, operation, *words)
        assert err == E.OK, E(err).name

    def step(self, invocation: Invocation) -> int:
        """On both sides; the model's answer."""
        cap, operation, words = invocation.cap, invocation.operation, invocation.words
        wanted, wanted_results = self.model.invoke(cap, operation, words)
        err, results = self._host.invoke(cap, operation, *words)
        if operation in (DELETE, REVOKE) and wanted == E.OK and err in (E.CAP_EMPTY, E.CAP_ADDRESS):
            self._host.finish_endings()  # it took its own slot with it
            err = wanted
        if (err, results) != (wanted, wanted_results):
            answers = f"kernel/cap answered {E(err).name} {results}, the model {E(wanted).name} {wanted_results}"
            raise Differs(f"operation {operation} on 0x{cap:x} with {', '.join(map(hex, words))}: {answers}")
        return wanted

    def compare(self) -> None:
        """Every capability."""
        actual = {}
        for row in self._host.dump():
            extra = row.extra if row.type in cap_facts.BADGED else 0
            kept = row.flags & 2 != 0
            cap = cap_facts.Cap(row.type, row.rights, row.owner, row.base, row.size, extra, row.span, kept)
            actual[row.slot] = cap
        if actual != self.model.slots:
            keys = sorted(k for k in {*actual, *self.model.slots} if actual.get(k) != self.model.slots.get(k))
            raise Differs(f"the slot at 0x{keys[0]:x} holds {actual.get(keys[0])}, not {self.model.slots.get(keys[0])}")


class HostFuzzer:
    """Rounds of one seed."""

    def __init__(self, contract: Contract, seed: int) -> None:
        self.seed, self.steps, self.succeeded = seed, 0, 0
        self._generator = Generator(contract, seed, host_rows())
        self._host = cap_host.the_host()

    def round(self) -> None:
        """ARENA_STEPS steps; an AssertionError of the host's, or Differs, names what went wrong."""
        with_host = Round(self._host, self._generator)
        for _ in range(ARENA_STEPS):
            invocation = self._generator.next()
            try:
                err = with_host.step(invocation)
                if self.steps % DUMP_STEPS == 0:
                    with_host.compare()
            except (AssertionError, Differs) as error:
                place = f"seed {self.seed}, step {self.steps}"
                raise Differs(f"{place}: {error} (operation {invocation.operation} on 0x{invocation.cap:x})") from None
            self._generator.learn(invocation, err)
            self.steps += 1
            self.succeeded += err == E.OK


def fuzz_host(contract: Contract, seed: int, seconds: float) -> int:
    """Play for so long; status 1 and one line for a disagreement."""
    begin = shown = time.monotonic()
    fuzzer = HostFuzzer(contract, seed)
    while (now := time.monotonic()) < begin + seconds:
        try:
            fuzzer.round()
        except Differs as found:
            print(f"fuzz: {found}")
            return 1
        if now >= shown + PROGRESS_SECONDS:
            shown = now
            print(f"fuzz: seed {seed}: {fuzzer.steps:,} steps", flush=True)
    print(f"fuzz: seed {seed}: {fuzzer.steps:,} answers agree, {fuzzer.succeeded:,} of them successes")
    return 0
