"""What kernel/cap is to do, said as plainly as Python can: every relation is a loop over all capabilities.

`Model.invoke` gives the error and results that an invocation must have, and changes the model as it must change the
machine; operations in several steps are one here. Nothing of kernel/cap's data structures is known to it.
"""

from collections.abc import Iterator
from dataclasses import replace

from cap_facts import (
    CORE,
    OPERATIONS,
    PAGE,
    POOL,
    RETYPE_MAX,
    ROOT,
    ROOT_FLAG,
    SLOT,
    TYPES,
    VNODES,
    Cap,
    E,
    M,
    R,
    Refused,
    T,
    check_flags,
    need,
    order,
    overlap,
)
from cap_host import CONTRACT, Row


def one_core(cap: Cap) -> None:
    need(cap.size == 1 and cap.base < 255, E.ARGUMENT)


class Model:
    """One core's capabilities and one domain."""

    def __init__(self, rows: list[Row]) -> None:
        self.slots: dict[int, Cap] = {}
        self.gigabyte_pages = False
        for row in rows:
            kept = row.flags & 2 != 0
            self.slots[row.slot] = Cap(row.type, row.rights, row.owner, row.base, row.size, row.extra, row.span, kept)

    # Addresses

    def cnode(self, key: int, err: int) -> Cap:
        cap = self.slots.get(key)
        if cap is None or cap.type != T.CNODE or cap.foreign:
            raise Refused(err)
        return cap

    def lookup(self, address: int) -> int:
        """The slot that a capability address names."""
        need(address >> 32 == 0, E.CAP_ADDRESS)
        root = self.cnode(ROOT, E.CAP_ADDRESS)
        index = address & ~ROOT_FLAG if address & ROOT_FLAG else address >> 6
        need(index < root.size // SLOT, E.CAP_ADDRESS)
        key = root.base + index * SLOT
        if address & ROOT_FLAG:
            return key
        second = self.cnode(key, E.CAP_ADDRESS)
        need(second.rights & R.READ != 0, E.CAP_RIGHTS)
        return second.base + (address & 63) * SLOT

    def get(self, address: int, types: frozenset[int], rights: int) -> int:
        key = self.lookup(address)
        need(key in self.slots, E.CAP_EMPTY)
        cap = self.slots[key]
        need(not types or cap.type in types, E.CAP_TYPE)
        need(rights & ~cap.rights == 0, E.CAP_RIGHTS)
        need(not types or not cap.foreign_object, E.FOREIGN)
        return key

    def empty_slot(self, word: int) -> tuple[int, int]:
        """A destination, and the room from there on."""
        cnode = self.slots[self.get(word >> 32, frozenset([T.CNODE]), R.WRITE)]
        index, count = word & 0xFFFFFFFF, cnode.size // SLOT
        need(index < count, E.SLOT_RANGE)
        key = cnode.base + index * SLOT
        need(key not in self.slots, E.SLOT_OCCUPIED)
        return key, count - index

    def at(self, address: int) -> Cap | None:
        """What an address leads to."""
        try:
            return self.slots.get(self.lookup(address))
        except Refused:
            return None

    def addresses(self) -> list[tuple[int, int]]:
        """All slots in use that capability addresses lead to, with an address of each."""
        root = self.slots.get(ROOT)
        if root is None:
            return []
        found = {}
        for key, cap in self.slots.items():
            if not root.base <= key < root.end or key == ROOT:
                continue
            index = (key - root.base) // SLOT
            found[key] = ROOT_FLAG | index
            if cap.type == T.CNODE and not cap.foreign and cap.rights & R.READ:
                found |= {cap.base + i * SLOT: index << 6 | i for i in range(64)}
        return sorted((key, address) for key, address in found.items() if key in self.slots)

    # Invocation

    def invoke(self, address: int, operation: int, words: tuple[int, ...]) -> tuple[int, list[int]]:
        try:
            return E.OK, self._invoke(address, operation, list(words))
        except Refused as refused:
            return refused.err, [0, 0, 0, 0]

    def _invoke(self, address: int, operation: int, words: list[int]) -> list[int]:
        key = self.lookup(address)
        need(key in self.slots, E.CAP_EMPTY)
        cap = self.slots[key]
        op = OPERATIONS.get((TYPES[cap.type].name, operation))
        if op is None:
            raise Refused(E.CAP_OPERATION)
        need(sum(R[name] for name in op.rights) & ~cap.rights == 0, E.CAP_RIGHTS)
        need(operation < 16 or not cap.foreign_object, E.FOREIGN)
        found: list[int] = [0] * 6
        room = 0
        for i, arg in enumerate(op.args):
            if arg.kind == "cap":
                types = frozenset(T[name] for name in arg.types)
                found[i] = self.get(words[i], types, sum(R[name] for name in arg.rights))
            elif arg.kind == "slot":
                found[i], room = self.empty_slot(words[i])
        act = getattr(self, f"_{op.c_name}", None)
        result = act(key, cap, words, found, room) if act is not None else None
        return [*(result or []), 0, 0, 0, 0][:4]

    def _cap_copy(self, key: int, cap: Cap, words: list[int], found: list[int], room: int) -> None:
        need(not cap.linear, E.NOT_COPYABLE)
        self.slots[found[0]] = replace(cap, kept=False)

    def _cap_mint(self, key: int, cap: Cap, words: list[int], found: list[int], room: int) -> None:
        need(not cap.linear, E.NOT_COPYABLE)
        need(words[1] & ~cap.rights == 0, E.CAP_RIGHTS)
        vector = CONTRACT.constant("VECTOR_USER_FIRST") <= words[2] <= CONTRACT.constant("VECTOR_USER_LAST")
        takes = cap.type == T.ENDPOINT or (cap.type == T.CORE and vector)
        need(words[2] == 0 or (takes and cap.extra == 0), E.ARGUMENT)
        self.slots[found[0]] = replace(cap, rights=words[1], extra=words[2] or cap.extra)

    def _core_start(self, key: int, cap: Cap, words: list[int], found: list[int], room: int) -> None:
        one_core(cap)
        page = self.slots[found[0]]
        low = page.base < CONTRACT.constant("LOW_MEMORY_TOP")
        need(page.size == PAGE and low and cap.base != CORE, E.ARGUMENT)

    def _core_notify(self, key: int, cap: Cap, words: list[int], found: list[int], room: int) -> None:
        one_core(cap)
        need(cap.extra != 0, E.ARGUMENT)

    def _core_nmi(self, key: int, cap: Cap, words: list[int], found: list[int], room: int) -> None:
        one_core(cap)

    def _cap_move(self, key: int, cap: Cap, words: list[int], found: list[int], room: int) -> None:
        self.slots[found[0]] = self.slots.pop(key)

    def _cap_delete(self, key: int, cap: Cap, words: list[int], found: list[int], room: int) -> None:
        self.delete(key)

    def _cap_revoke(self, key: int, cap: Cap, words: list[int], found: list[int], room: int) -> None:
        need(not cap.foreign, E.FOREIGN)
        self.revoke(key)

    def _cap_retype(self, key: int, cap: Cap, words: list[int], found: list[int], room: int) -> None:
        kind, offset, size, count = words[:4]
        need(not cap.foreign, E.FOREIGN)
        badged = cap.type == T.CORE and cap.extra != 0
        allowed = kind in TYPES and TYPES[kind].name in TYPES[cap.type].retype and not badged
        need(allowed, E.RETYPE_TYPE)
        self._retype_range(cap, kind, offset, size, count)
        need(count <= room, E.SLOT_RANGE)
        places = [found[4] + i * SLOT for i in range(count)]
        need(not any(place in self.slots for place in places), E.SLOT_OCCUPIED)
        base = cap.base + offset
        in_pool = base >= POOL.start and base + size * count <= POOL.stop
        need(in_pool or not TYPES[kind].pool, E.NOT_POOL)
        busy = any(
            cap.is_above(other) and overlap(other, base, size * count)
            for other in self.slots.values()
            if cap.type == T.RAM or (other.type == cap.type and (cap.type != T.CORE or other.extra == 0))
        )
        need(not busy, E.RETYPE_BUSY)
        for i, place in enumerate(places):
            self.slots[place] = Cap(kind, cap.rights, CORE, base + i * size, size)

    @staticmethod
    def _retype_range(cap: Cap, kind: int, offset: int, size: int, count: int) -> None:
        unit = PAGE if TYPES[kind].space == "MEMORY" else 1
        good = size > 0 and size % unit == 0 and offset % unit == 0 and 0 < count <= RETYPE_MAX
        if kind in VNODES or kind == T.DISPATCHER:
            good = good and size == PAGE
        good = good and offset + size * count <= cap.size
        need(good and not (kind == cap.type and size == cap.size), E.RETYPE_RANGE)

    def _frame_identify(self, key: int, cap: Cap, words: list[int], found: list[int], room: int) -> list[int]:
        return [cap.base, cap.size]

    _device_identify = _frame_identify

    def _dispatcher_endpoint(self, key: int, cap: Cap, words: list[int], found: list[int], room: int) -> None:
        self.slots[found[0]] = Cap(T.ENDPOINT, 15, CORE, cap.base, cap.size)

    def _dispatcher_notification(self, key: int, cap: Cap, words: list[int], found: list[int], room: int) -> None:
        need(words[1] < 64, E.ARGUMENT)
        self.slots[found[0]] = Cap(T.NOTIFICATION, 15, CORE, cap.base, cap.size, words[1])

    def _dispatcher_setup(self, key: int, cap: Cap, words: list[int], found: list[int], room: int) -> None:
        places = [cap.base + i * SLOT for i in range(3)]
        need(not any(place in self.slots for place in places), E.NOT_READY)
        for place, source in zip(places, found, strict=False):
            self.slots[place] = replace(self.slots[source], kept=True)

    # Mappings

    def _vnode_map(self, key: int, cap: Cap, words: list[int], found: list[int], room: int) -> None:
        index, _, offset, count, flags = words[:5]
        source = self.slots[found[1]]
        page = PAGE << 9 * (cap.level - 1)
        if source.type in VNODES:
            need(source.level + 1 == cap.level, E.MAP_LEVEL)
            need(flags & ~7 == 0, E.MAP_FLAGS)
            need(offset == 0 and count == 1, E.MAP_RANGE)
        else:
            need(cap.level < 4 and (flags & M.LARGE != 0) == (cap.level > 1), E.MAP_LEVEL)
            need(cap.level < 3 or self.gigabyte_pages, E.UNSUPPORTED)
            check_flags(source.rights, flags)
            need(0 < count <= 512 and offset + count * page <= source.size, E.MAP_RANGE)
            need((source.base + offset) % page == 0, E.MAP_RANGE)
        entries = CONTRACT.constant("USER_L4_SLOTS") if cap.level == 4 else 512
        need(index + count <= entries, E.MAP_SLOT)
        need(not any(index <= used < index + count for used in self.entries_used(cap.base)), E.MAP_OCCUPIED)
        table = source.type in VNODES
        self.slots[found[5]] = Cap(
            type=T.MAPPING,
            rights=0 if table else source.rights,
            owner=CORE,
            base=source.base + offset,
            size=PAGE if table else count * page,
            extra=cap.base | index,
            span=count,
        )

    def entries_used(self, table: int) -> Iterator[int]:
        for cap in self.slots.values():
            if cap.type == T.MAPPING and cap.extra & ~(PAGE - 1) == table:
                first = cap.extra & PAGE - 1
                yield from range(first, first + cap.span)

    def _mapping_protect(self, key: int, cap: Cap, words: list[int], found: list[int], room: int) -> None:
        check_flags(cap.rights, words[0])
        need(words[0] & M.LARGE == 0 or cap.size > cap.span * PAGE, E.MAP_LEVEL)

    # Deleting

    def delete(self, key: int) -> None:
        cap = self.slots.pop(key)
        if not cap.foreign and not any(cap.is_copy(other) for other in self.slots.values()):
            self._end(cap)

    def _end(self, cap: Cap) -> None:
        held: list[int] = []
        if cap.type == T.CNODE:
            held = [key for key in self.slots if cap.base <= key < cap.end]
        elif cap.type == T.DISPATCHER:
            held = [cap.base + i * SLOT for i in range(3)]
        elif cap.type in VNODES:
            tables = {key: other.extra & ~(PAGE - 1) for key, other in self.slots.items() if other.type == T.MAPPING}
            held = [key for key, table in tables.items() if table == cap.base]
        for key in held:
            if key in self.slots:
                self.delete(key)

    def revoke(self, key: int) -> None:
        cap = self.slots[key]
        for other in [k for k, c in self.slots.items() if k != key and cap.is_copy(c)]:
            if other in self.slots:
                self.delete(other)
        while key in self.slots:
            below = [(order(c, k), k) for k, c in self.slots.items() if cap.is_above(c)]
            if not below:
                return
            self.delete(min(below)[1])
