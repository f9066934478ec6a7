"""Random sequences of invocations: kernel/cap and the model agree on every error, result and capability."""

from collections.abc import Callable

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from cap_facts import BADGED, CORE, PAGE, SLOT, VNODES, Cap, E, Refused, T
from cap_host import Ask, Row, the_host
from cap_model import Model

HOST = the_host()
COPY, MINT, MOVE, DELETE, REVOKE, RETYPE = range(6)
MAP = PROTECT = SETUP = 16
ENDPOINT, NOTIFICATION = 20, 21
ROOT_CNODE, TASK_CNODE = 2, 7  # where the domain finds these two

small = st.integers(0, 12)
pick = st.integers(0, 1000)
rights = st.sampled_from([15, 15, 15, 0, 1, 3, 5, 7, 9, 11, 16, 1 << 63])
flags = st.sampled_from([1, 1, 3, 3, 5, 0, 2, 7, 9, 17, 19, 21, 25, 33, 1 << 32 | 1])
word = st.one_of(
    st.integers(0, 300),
    st.sampled_from([PAGE, 2 * PAGE, 1 << 31, 1 << 32, (1 << 32) - 1, 1 << 44, 1 << 52, 1 << 63, (1 << 64) - 1]),
    st.integers(0, (1 << 64) - 1),
)


def comparable(row: Row) -> tuple[int, Cap]:
    extra = row.extra if row.type in BADGED else 0
    return row.slot, Cap(row.type, row.rights, row.owner, row.base, row.size, extra, row.span, row.flags & 2 != 0)


class Capabilities(RuleBasedStateMachine):
    """A domain that does what it likes."""

    @initialize()
    def start(self) -> None:
        """A domain that has something of everything."""
        HOST.ask(Ask.RESET)
        self.model = Model(HOST.dump())
        self.first = frozenset(cap.identity for cap in self.model.slots.values())
        ram, other, task = 1 << 6, 1 << 6 | 1, 0
        for i, kind in enumerate([T.CNODE, T.CNODE, *VNODES, T.VNODE_L1, T.DISPATCHER, T.DISPATCHER, T.FRAME]):
            self.call(ram, RETYPE, kind, (16 + i) * PAGE, PAGE, 1, TASK_CNODE << 32 | 32 + i)
        self.call(task << 6 | 32, COPY, TASK_CNODE << 32 | 50)
        for i in range(2):  # into the root, so that addresses lead through them
            self.call(task << 6 | 32 + i, COPY, ROOT_CNODE << 32 | 2 + i)
        self.call(other, RETYPE, T.FRAME, 0, 4 * PAGE, 2, TASK_CNODE << 32 | 44)
        self.call(other, RETYPE, T.RAM, 16 * PAGE, 8 * PAGE, 2, TASK_CNODE << 32 | 46)
        for i in range(2):
            self.call(task << 6 | 39 + i, ENDPOINT, TASK_CNODE << 32 | 51 + i)

    def call(self, address: int, operation: int, *words: int) -> int:
        """Invoke on both sides, and compare everything."""
        source = self.model.at(address)
        padded = (*words, *[0] * (6 - len(words)))
        wanted, wanted_results = self.model.invoke(address, operation, padded)
        err, results = HOST.invoke(address, operation, *words)
        if operation in (DELETE, REVOKE) and wanted == E.OK and err in (E.CAP_EMPTY, E.CAP_ADDRESS):
            HOST.finish_endings()  # it took its own slot with it, so that going on found nothing to go on with
            err = wanted
        assert (err, results) == (wanted, wanted_results)
        actual = dict(comparable(row) for row in HOST.dump())
        assert actual == self.model.slots
        if operation == RETYPE and err == E.OK and source is not None and source.type == T.RAM and words[0] == T.FRAME:
            base, size = source.base + words[1], words[2] * words[3]
            assert HOST.ask(Ask.IS_ZERO, base, size) == [1]
            HOST.ask(Ask.FILL, base, size, 0xEE)
        return err

    def having(self, index: int, suits: Callable[[Cap], bool]) -> int:
        """Address of a capability that suits, if the domain has one; else of any, else one that leads nowhere."""
        usable = [(self.model.slots[key], address) for key, address in self.model.addresses()]
        good = [address for cap, address in usable if suits(cap)]
        choice = good or [address for cap, address in usable if self.spare(cap)] or [1]
        return choice[index % len(choice)]

    def spare(self, cap: Cap) -> bool:
        """Not what the domain began with, without which the rest of a sequence is dull."""
        return cap.identity not in self.first

    def of_type(self, index: int, *types: int) -> int:
        return self.having(index, lambda cap: cap.type in types)

    def slot(self, index: int) -> int:
        """A slot word: a CNode that the domain has, and an empty slot of it, mostly."""
        cnode = self.of_type(index // 8, T.CNODE)
        cap = self.model.at(cnode)
        if cap is None or cap.type != T.CNODE or index % 16 == 15:
            return cnode << 32 | index % 80
        free = [i for i in range(cap.size // SLOT) if cap.base + i * SLOT not in self.model.slots]
        return cnode << 32 | (free[min(index % 8, len(free) - 1)] if free else 0)

    @rule(source=pick, kind=st.integers(0, 17), at=small, size=st.integers(0, 4), count=small, dst=pick)
    def retype_ram(self, source: int, kind: int, at: int, size: int, count: int, dst: int) -> None:
        self.call(self.of_type(source, T.RAM), RETYPE, kind, at * PAGE, size * PAGE, count, self.slot(dst))

    @rule(source=pick, kind=st.sampled_from([*VNODES, *VNODES, T.CNODE, T.DISPATCHER, T.FRAME]), at=small, dst=pick)
    def make_object(self, source: int, kind: int, at: int, dst: int) -> None:
        self.call(self.of_type(source, T.RAM), RETYPE, kind, at * PAGE, PAGE, 1, self.slot(dst))

    @rule(source=pick, at=small, size=small, count=st.integers(0, 3), dst=pick)
    def retype_same(self, source: int, at: int, size: int, count: int, dst: int) -> None:
        address = self.having(source, lambda cap: cap.type in (T.FRAME, T.DEVICE, T.IOPORT, T.IRQ, T.CORE))
        kind = self.kind_at(address)
        unit = PAGE if kind in (T.FRAME, T.DEVICE) else 1
        self.call(address, RETYPE, kind, at * unit, size * unit, count, self.slot(dst))

    def kind_at(self, address: int) -> int:
        cap = self.model.at(address)
        return cap.type if cap is not None else 0

    @rule(source=pick, dst=pick)
    def copy(self, source: int, dst: int) -> None:
        self.call(self.having(source, lambda cap: cap.type not in (T.RAM, T.MAPPING)), COPY, self.slot(dst))

    @rule(source=pick, dst=pick, mask=rights, badge=st.sampled_from([0, 0, 1, 7, 48, 99, 239, 240, 1 << 60]))
    def mint(self, source: int, dst: int, mask: int, badge: int) -> None:
        self.call(self.having(source, lambda cap: badge == 0 or cap.type in BADGED), MINT, self.slot(dst), mask, badge)

    @rule(source=pick, dst=pick)
    def move(self, source: int, dst: int) -> None:
        self.call(self.having(source, self.spare), MOVE, self.slot(dst))

    @rule(source=pick)
    def delete(self, source: int) -> None:
        self.call(self.having(source, self.spare), DELETE)

    @rule(source=pick)
    def delete_object(self, source: int) -> None:
        self.call(self.having(source, lambda cap: self.spare(cap) and T.CNODE <= cap.type <= T.DISPATCHER), DELETE)

    @rule(source=pick)
    def revoke(self, source: int) -> None:
        self.call(self.having(source, lambda cap: self.spare(cap) and cap.type != T.RAM), REVOKE)

    @rule(source=pick)
    def revoke_ram(self, source: int) -> None:
        all_of_it = source % 16 == 0
        self.call(self.having(source, lambda cap: cap.type == T.RAM and (all_of_it or self.spare(cap))), REVOKE)

    @rule(
        table=pick, source=pick, index=st.one_of(small, word), at=small, count=st.integers(0, 4), flag=flags, dst=pick
    )
    def map_frame(self, table: int, source: int, index: int, at: int, count: int, flag: int, dst: int) -> None:
        vnode = self.of_type(table, T.VNODE_L1)
        frame = self.of_type(source, T.FRAME, T.DEVICE)
        self.call(vnode, MAP, index, frame, at * PAGE, count, flag, self.slot(dst))

    @rule(table=pick, source=pick, index=st.one_of(small, st.just(255), word), flag=flags, dst=pick)
    def map_large(self, table: int, source: int, index: int, flag: int, dst: int) -> None:
        vnode = self.of_type(table, T.VNODE_L2, T.VNODE_L3)
        self.call(vnode, MAP, index, self.of_type(source, T.FRAME), 0, 1, flag | 16, self.slot(dst))

    @rule(table=pick, source=pick, index=st.one_of(small, st.just(255), word), flag=flags, dst=pick)
    def map_table(self, table: int, source: int, index: int, flag: int, dst: int) -> None:
        vnode = self.of_type(table, T.VNODE_L4, T.VNODE_L3, T.VNODE_L2)
        level = self.kind_at(vnode)
        self.call(vnode, MAP, index, self.of_type(source, level + 1), 0, 1, flag, self.slot(dst))

    @rule(present=st.booleans())
    def gigabyte_pages(self, present: bool) -> None:
        HOST.ask(Ask.GIGABYTE, int(present))
        self.model.gigabyte_pages = present

    @rule(source=pick, flag=flags)
    def protect(self, source: int, flag: int) -> None:
        self.call(self.of_type(source, T.MAPPING), PROTECT, flag)

    @rule(source=pick, dst=pick, bit=st.integers(0, 64), endpoint=st.booleans())
    def face(self, source: int, dst: int, bit: int, endpoint: bool) -> None:
        self.call(self.of_type(source, T.DISPATCHER), ENDPOINT if endpoint else NOTIFICATION, self.slot(dst), bit)

    @rule(source=pick, cspace=pick, vspace=pick, frame=pick)
    def setup(self, source: int, cspace: int, vspace: int, frame: int) -> None:
        words = (self.of_type(cspace, T.CNODE), self.of_type(vspace, T.VNODE_L4), self.of_type(frame, T.FRAME), 0)
        self.call(self.of_type(source, T.DISPATCHER), SETUP, *words)

    @rule(kind=st.sampled_from([T.FRAME, T.FRAME, T.RAM, T.CNODE, T.ENDPOINT, T.VNODE_L1]), at=small, dst=pick)
    def come_from_another_core(self, kind: int, at: int, dst: int) -> None:
        """What the monitor does with a capability that another core's has sent."""
        try:
            key, _ = self.model.empty_slot(self.slot(dst))
        except Refused:
            return
        cap = Cap(kind, 15, CORE + 1, 0x10000000 + at * PAGE, PAGE)
        HOST.ask(Ask.CREATE, key, cap.type, cap.rights, cap.owner, cap.base, cap.size, 0)
        self.model.slots[key] = cap

    @rule(source=pick, operation=st.one_of(st.integers(0, 24), word), words=st.lists(word, max_size=6))
    def nonsense(self, source: int, operation: int, words: list[int]) -> None:
        address = self.having(source, self.spare)
        self.call(address, operation, *words)

    @rule(address=word, operation=st.integers(0, 24), words=st.lists(word, max_size=6))
    def nonsense_address(self, address: int, operation: int, words: list[int]) -> None:
        self.call(address, operation, *words)


Capabilities.TestCase.settings = settings(
    max_examples=200, stateful_step_count=50, deadline=None, suppress_health_check=list(HealthCheck)
)
TestCapabilities = Capabilities.TestCase
