"""Capabilities as the model sees them: the contract's numbers, one capability, and how two of them are related."""

from dataclasses import dataclass
from typing import Any

from cap_host import CONTRACT

T: Any = CONTRACT.enum("cap_type")
E: Any = CONTRACT.enum("err")
R: Any = CONTRACT.enum("right")
M: Any = CONTRACT.enum("map")
OPERATIONS = {(target, op.number): op for op in CONTRACT.operations.values() for target in op.targets}
TYPES = {entry.value: entry for entry in CONTRACT.types.values()}

PAGE = CONTRACT.constant("PAGE_SIZE")
SLOT = 64
ROOT_FLAG = CONTRACT.constant("CAPADDR_ROOT")
POOL = range(0x400000, 0xC00000)
CORE = 3
NOBODY = CONTRACT.constant("OWNER_SHARED")
ROOT = 0  # key of the domain's kept root CNode; all other keys are physical addresses of slots
RETYPE_MAX = 32
VNODES = (T.VNODE_L4, T.VNODE_L3, T.VNODE_L2, T.VNODE_L1)
BADGED = (T.MAPPING, T.ENDPOINT, T.NOTIFICATION, T.CORE)
DIVIDED = (T.IOPORT, T.IRQ)
PORTABLE = (T.FRAME, T.DEVICE, T.IOPORT, T.CORE)


class Refused(Exception):
    """An invocation's error."""

    def __init__(self, err: int) -> None:
        super().__init__(E(err).name)
        self.err = err


def need(holds: bool, err: int) -> None:
    if not holds:
        raise Refused(err)


@dataclass(frozen=True)
class Cap:
    type: int
    rights: int
    owner: int
    base: int
    size: int
    extra: int = 0
    span: int = 0
    kept: bool = False

    @property
    def end(self) -> int:
        return self.base + self.size

    @property
    def space(self) -> str:
        return TYPES[self.type].space

    @property
    def badge(self) -> int:
        return self.extra if self.type in BADGED else 0

    @property
    def foreign(self) -> bool:
        return self.owner != CORE

    @property
    def foreign_object(self) -> bool:
        return self.foreign and self.owner != NOBODY and self.type not in PORTABLE

    @property
    def linear(self) -> bool:
        return self.type == T.MAPPING or (self.type == T.RAM and self.owner != NOBODY)

    @property
    def level(self) -> int:
        return 4 - VNODES.index(T(self.type))

    def is_copy(self, other: "Cap") -> bool:
        return self.identity == other.identity

    @property
    def identity(self) -> tuple[int, ...]:
        return (self.type, self.owner, self.base, self.size, self.badge)

    def is_above(self, other: "Cap") -> bool:
        """`other` is a descendant."""
        if self.space != other.space or other.base < self.base or other.end > self.end:
            return False
        part = self.type == other.type and other.size < self.size
        if self.type == T.RAM:
            return part or other.type != T.RAM
        if self.type in (T.FRAME, T.DEVICE):
            return part or other.type == T.MAPPING
        if self.type in VNODES:
            return bool(other.type == T.MAPPING)
        if self.type == T.DISPATCHER:
            return other.type in (T.ENDPOINT, T.NOTIFICATION)
        if self.type in (T.ENDPOINT, T.CORE):
            return self.extra == 0 and self.type == other.type and (part or other.extra != 0)
        return part and self.type in DIVIDED


def overlap(a: Cap, base: int, size: int) -> bool:
    return a.base < base + size and base < a.end


def order(cap: Cap, key: int) -> tuple[int, ...]:
    """Larger before what it contains, leaves last."""
    leaf = cap.type in BADGED and (cap.type != T.CORE or cap.extra != 0)
    return (leaf, cap.base, -cap.end, cap.type, cap.owner, cap.badge, key)


def check_flags(rights: int, flags: int) -> None:
    known = M.READ | M.WRITE | M.EXECUTE | M.UNCACHED | M.LARGE
    both = M.WRITE | M.EXECUTE
    need(flags & ~known == 0 and flags & M.READ != 0 and flags & both != both, E.MAP_FLAGS)
    need(flags & 7 & ~rights == 0, E.CAP_RIGHTS)
