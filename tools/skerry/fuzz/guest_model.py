"""The model of capabilities, with the arena of userland/programs/fuzz and what the CPU driver's dispatchers add."""

from dataclasses import replace

from skerry.fuzz.generate import ARENA_CNODES, ARENA_PAGES, ARENA_PIECES, ARENA_ROOT
from skerry.fuzz.models import cap_facts, cap_host, cap_model

E, T = cap_facts.E, cap_facts.T
Cap = cap_facts.Cap
need = cap_facts.need
PAGE, SLOT, CORE = cap_facts.PAGE, cap_facts.SLOT, cap_facts.CORE
NEW, STOPPED = 0, 1
ALL = 15
USER_TOP = cap_host.CONTRACT.constant("USER_TOP")
# What every domain finds in its task CNode; arguments may name these, though nothing is done to them.
TASK = {1: T.DISPATCHER, 2: T.CNODE, 3: T.VNODE_L4, 4: T.FRAME, 5: T.RAM, 6: T.ENDPOINT, 7: T.CNODE}
TASK[cap_host.CONTRACT.constant("CAP_TRACE")] = T.NOTIFICATION
MONITORS = (T.ENDPOINT, T.NOTIFICATION)
MONITOR_RIGHTS = 2

# Where the model's domain has its root and task CNodes; no invocation can tell.
ROOT_BASE, TASK_BASE, OWN_BASE = 0x300000, 0x301000, 0x302000
MEMORY_SLOT = 40  # of the task CNode: the capability that the arena is made of
CHUNK = 0x200000


class GuestModel(cap_model.Model):
    """`base` is the physical address of the arena in the guest. In the model it lies in the model's pool."""

    def __init__(self, base: int, gigabyte_pages: bool) -> None:
        super().__init__([])
        self.gigabyte_pages = gigabyte_pages
        self.base = cap_facts.POOL.start + base % CHUNK
        self.shift = base - self.base
        self.states: dict[int, int] = {}
        self.attached: set[int] = set()
        self.reset()

    def reset(self) -> None:
        """As arena.c makes it."""
        size = (ARENA_CNODES + ARENA_PIECES * ARENA_PAGES) * PAGE
        self.states, self.attached = {}, set()
        self.slots = {
            cap_facts.ROOT: Cap(T.CNODE, ALL, CORE, ROOT_BASE, PAGE, kept=True),
            ROOT_BASE: Cap(T.CNODE, ALL, CORE, TASK_BASE, PAGE),
            TASK_BASE + MEMORY_SLOT * SLOT: Cap(T.RAM, ALL, CORE, self.base, size),
        }
        for slot, kind in TASK.items():
            rights = MONITOR_RIGHTS if kind in MONITORS else ALL
            base = {2: ROOT_BASE, 7: TASK_BASE}.get(slot, OWN_BASE + slot * PAGE)
            self.slots[TASK_BASE + slot * SLOT] = Cap(kind, rights, CORE, base, PAGE)
        for i in range(ARENA_CNODES):
            self.slots[ROOT_BASE + (ARENA_ROOT + i) * SLOT] = Cap(T.CNODE, ALL, CORE, self.base + i * PAGE, PAGE)
        for i in range(ARENA_PIECES):
            piece = self.base + (ARENA_CNODES + i * ARENA_PAGES) * PAGE
            self.slots[self.base + i * SLOT] = Cap(T.RAM, ALL, CORE, piece, ARENA_PAGES * PAGE)

    def delete(self, key: int) -> None:
        """With what a dispatcher stands on it stops."""
        if self.slots[key].kept and key != cap_facts.ROOT:
            self.states[key // PAGE * PAGE] = STOPPED
        super().delete(key)

    def _cap_retype(self, key: int, cap: Cap, words: list[int], found: list[int], room: int) -> None:
        super()._cap_retype(key, cap, words, found, room)
        if words[0] == T.DISPATCHER:
            for i in range(words[3]):
                self.states[cap.base + words[1] + i * PAGE] = NEW
                self.attached.discard(cap.base + words[1] + i * PAGE)

    def _frame_identify(self, key: int, cap: Cap, words: list[int], found: list[int], room: int) -> list[int]:
        return [cap.base + self.shift, cap.size]

    def _dispatcher_setup(self, key: int, cap: Cap, words: list[int], found: list[int], room: int) -> None:
        need(self.states[cap.base] == NEW and cap.base not in self.attached, E.NOT_READY)
        need(self.slots[found[2]].size == PAGE, E.NOT_POOL)
        need(words[3] % PAGE == 0 and words[3] < USER_TOP, E.ADDRESS)
        super()._dispatcher_setup(key, cap, words, found, room)
        self.attached.add(cap.base)

    def _dispatcher_stop(self, key: int, cap: Cap, words: list[int], found: list[int], room: int) -> None:
        self.states[cap.base] = STOPPED

    def _dispatcher_name(self, key: int, cap: Cap, words: list[int], found: list[int], room: int) -> None:
        need(self.states[cap.base] == NEW, E.NOT_READY)

    def _dispatcher_info(self, key: int, cap: Cap, words: list[int], found: list[int], room: int) -> list[int]:
        return [self.states[cap.base], 0, 0, 0]

    def _dispatcher_weight(self, key: int, cap: Cap, words: list[int], found: list[int], room: int) -> None:
        need(False, E.ARGUMENT)  # none of them ever runs

    _dispatcher_reserve = _dispatcher_weight

    def _dispatcher_cspace(self, key: int, cap: Cap, words: list[int], found: list[int], room: int) -> None:
        kept = self.slots.get(cap.base)
        if kept is None:
            raise cap_facts.Refused(E.NOT_READY)
        copies = [k for k, other in self.slots.items() if k != cap.base and kept.is_copy(other)]
        need(bool(copies), E.RETYPE_BUSY)
        self.slots[cap.base] = replace(self.slots[found[0]], kept=True)
