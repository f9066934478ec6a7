"""What a core has mapped: a walk of its page tables, from outside, in a running machine. [SDM3 4.5]

The walk reads physical memory through a function, so it works on a live machine and on recorded memory alike.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

ENTRIES = 512
TABLE_BYTES = 4096
PRESENT, WRITE, LARGE, NO_EXECUTE = 1 << 0, 1 << 1, 1 << 7, 1 << 63
ADDRESS = 0x000F_FFFF_FFFF_F000
KERNEL_HALF = range(ENTRIES // 2, ENTRIES)
TOP_LEVEL = 4

ReadMemory = Callable[[int, int], bytes]


@dataclass(frozen=True)
class Page:
    """One leaf: `size` bytes at virtual `vaddr` are physical `paddr`."""

    vaddr: int
    paddr: int
    size: int
    writable: bool
    executable: bool


def kernel_pages(read: ReadMemory, cr3: int) -> list[Page]:
    """Every page of the kernel half of the address space that `cr3` names."""
    found: list[Page] = []
    for index in KERNEL_HALF:
        found.extend(_entry(read, _table(read, cr3 & ADDRESS)[index], TOP_LEVEL, _extend(index << 39)))
    return found


def _table(read: ReadMemory, address: int) -> tuple[int, ...]:
    raw = read(address, TABLE_BYTES)
    return tuple(int.from_bytes(raw[i : i + 8], "little") for i in range(0, TABLE_BYTES, 8))


def _extend(vaddr: int) -> int:
    """Addresses of the upper half are sign-extended."""
    return vaddr | 0xFFFF << 48 if vaddr >> 47 & 1 else vaddr


def _entry(read: ReadMemory, entry: int, level: int, vaddr: int) -> Iterator[Page]:
    """The leaves below one entry of a table of `level`."""
    if not entry & PRESENT:
        return
    if level == 1 or (entry & LARGE and level < TOP_LEVEL):
        size = TABLE_BYTES << 9 * (level - 1)
        paddr = entry & ADDRESS & ~(size - 1)
        yield Page(vaddr, paddr, size, bool(entry & WRITE), not entry & NO_EXECUTE)
        return
    step = TABLE_BYTES << 9 * (level - 2)
    for index, below in enumerate(_table(read, entry & ADDRESS)):
        yield from _entry(read, below, level - 1, vaddr + index * step)
