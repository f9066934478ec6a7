"""A domain on the host machine, for directed tests: its capabilities by slot number, errors by name."""

from typing import Any

from cap_facts import PAGE, E, M, R, T
from cap_host import Ask, Host, Row

TASK, ROOT = 7 << 32, 2 << 32  # slot words of slot 0 of the task CNode and of the root CNode
ROOT_ADDRESS = 1 << 31  # address of slot 0 of the root CNode
FIRST_CNODES = 5  # capabilities of the machine's own CNodes, the kept one included
RAM, OTHER_RAM, DEVICE, BIG_FRAME = 64, 65, 66, 67  # addresses in the memory CNode
IOPORT, IRQ, CORES = 9, 10, 11  # in the task CNode
POOL_BASE, OTHER_BASE = 0x403000, 0x2000000  # of the two RAM capabilities
COPY, MINT, MOVE, DELETE, REVOKE, RETYPE = range(6)
MAP = PROTECT = SETUP = IDENTIFY = 16
ENDPOINT, NOTIFICATION = 20, 21

__all__ = ["PAGE", "Ask", "E", "M", "R", "T"]


class Domain:
    """Every operation returns the error; `ok` asserts that there is none."""

    def __init__(self, host: Host) -> None:
        self.host = host
        host.ask(Ask.RESET)
        self._next_page = 0

    def call(self, address: int, operation: int, *words: int) -> Any:
        return E(self.host.invoke(address, operation, *words)[0])

    def once(self, address: int, operation: int, *words: int) -> Any:
        """One kernel entry; CONTINUE shows."""
        return E(self.host.invoke_once(address, operation, *words)[0])

    def ok(self, address: int, operation: int, *words: int) -> None:
        assert self.call(address, operation, *words) == E.OK

    def make(self, kind: int, slot: int, pages: int = 1, ram: int = RAM) -> int:
        """An object of fresh memory; returns its address and leaves its capability in a slot of the task CNode."""
        self.ok(ram, RETYPE, kind, self._next_page * PAGE, pages * PAGE, 1, TASK | slot)
        self._next_page += pages
        return slot

    def reach(self, cnode: int, root_slot: int) -> None:
        """Let addresses lead through a CNode."""
        self.ok(cnode, COPY, ROOT | root_slot)

    def steps(self, address: int, operation: int) -> int:
        """Kernel entries until the operation has ended well."""
        for entries in range(1, 100000):
            err = self.once(address, operation)
            if err != E.CONTINUE:
                assert err == E.OK
                return entries
        raise AssertionError("never ends")

    def rows(self) -> dict[int, Row]:
        return {row.slot: row for row in self.host.dump()}

    def at(self, address: int) -> Row | None:
        """What a slot of the task CNode holds."""
        return self.rows().get(0x401000 + address * 64)

    def count(self, kind: int) -> int:
        return sum(row.type == kind for row in self.host.dump())

    def entry(self, table: int, index: int) -> int:
        """A page-table entry, by the address of the table's capability."""
        row = self.at(table)
        assert row is not None
        return self.host.ask(Ask.ENTRY, row.base, index)[0]

    def events(self, kind: int) -> list[int]:
        return [value for event, value in self.host.events() if event == kind]
