"""What the generator chooses from: the tables of userland/programs/fuzz/generate.c."""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from skerry.abi import Contract

WORD = (1 << 64) - 1
EVERY = (1 << 32) - 1
SAME = 17
ODD_COUNTS = (0, 31, 32, 33, 64, 512, 513, WORD)
ODD_INDICES = (254, 255, 256, 510, 511, 512, 1 << 32, WORD)
FLAG_WORDS = (1, 1, 3, 3, 3, 5, 5, 0, 2, 7, 9, 17, 19, 21, 25, 0x1001, 1 << 32 | 1)
BADGES = (0, 0, 0, 1, 7, 0x30, 99, 239, 240, 1 << 60)


class Kind(Enum):
    """What an argument is taken for."""

    ANY = auto()
    SOURCE = auto()
    CNODE = auto()
    TOP_TABLE = auto()
    FRAME = auto()
    TABLE_1 = auto()
    TABLE_2 = auto()
    TABLE_3 = auto()
    SLOT_WORD = auto()
    TYPE = auto()
    TYPE_FRAME = auto()
    TYPE_DIVIDED = auto()
    RIGHTS = auto()
    BADGE = auto()
    OFFSET = auto()
    SIZE = auto()
    COUNT = auto()
    ONE = auto()
    NOTHING = auto()
    INDEX = auto()
    FLAGS = auto()
    BIT = auto()
    VADDR = auto()


@dataclass(frozen=True)
class Row:
    """One way to invoke: how often, what, on which types, and what success leaves in the destination."""

    weight: int
    operation: int
    types: int
    makes: int
    kinds: tuple[Kind, ...]


def tables(t: Any) -> int:
    return int(1 << t.VNODE_L4 | 1 << t.VNODE_L3 | 1 << t.VNODE_L2 | 1 << t.VNODE_L1)


def sought(t: Any) -> dict[Kind, int]:
    """The types that an argument is looked for among."""
    return {
        Kind.SOURCE: 1 << t.FRAME | tables(t),
        Kind.CNODE: 1 << t.CNODE,
        Kind.TOP_TABLE: 1 << t.VNODE_L4,
        Kind.FRAME: 1 << t.FRAME,
        Kind.TABLE_1: 1 << t.VNODE_L1,
        Kind.TABLE_2: 1 << t.VNODE_L2,
        Kind.TABLE_3: 1 << t.VNODE_L3,
    }


def useful_types(t: Any) -> tuple[int, ...]:
    return (
        *(t.RAM, t.RAM, t.FRAME, t.FRAME, t.CNODE, t.VNODE_L4),
        *(t.VNODE_L3, t.VNODE_L2, t.VNODE_L1, t.VNODE_L1, t.DISPATCHER),
    )


def odd_words(contract: Contract) -> tuple[int, ...]:
    page = contract.constant("PAGE_SIZE")
    return (
        *(0, 1, 2, page - 1, page, page + 1, 1 << 31, (1 << 32) - 1),
        *(1 << 32, 1 << 44, 1 << 52, 1 << 63, contract.constant("USER_TOP"), WORD, WORD - page + 1),
    )


def rows(contract: Contract) -> tuple[Row, ...]:
    """The table, in the order of generate.c."""
    t: Any = contract.enum("cap_type")
    k = Kind
    ram, frame, dispatcher = 1 << t.RAM, 1 << t.FRAME, 1 << t.DISPATCHER
    copyable = EVERY & ~(ram | 1 << t.MAPPING)
    mapping = int(t.MAPPING)
    return (
        Row(9, 0, copyable, SAME, (k.SLOT_WORD,)),
        Row(1, 0, EVERY, SAME, (k.SLOT_WORD,)),
        Row(8, 1, copyable, SAME, (k.SLOT_WORD, k.RIGHTS, k.BADGE)),
        Row(5, 2, EVERY, SAME, (k.SLOT_WORD,)),
        Row(7, 3, EVERY & ~ram, 0, ()),
        Row(1, 3, EVERY, 0, ()),
        Row(2, 4, EVERY, 0, ()),
        Row(26, 5, ram, 0, (k.TYPE, k.OFFSET, k.SIZE, k.COUNT, k.SLOT_WORD)),
        Row(4, 5, frame, 0, (k.TYPE_FRAME, k.OFFSET, k.SIZE, k.COUNT, k.SLOT_WORD)),
        Row(3, 16, tables(t), mapping, (k.INDEX, k.SOURCE, k.OFFSET, k.COUNT, k.FLAGS, k.SLOT_WORD)),
        Row(8, 16, 1 << t.VNODE_L1, mapping, (k.INDEX, k.FRAME, k.OFFSET, k.COUNT, k.FLAGS, k.SLOT_WORD)),
        Row(3, 16, 1 << t.VNODE_L2, mapping, (k.INDEX, k.TABLE_1, k.NOTHING, k.ONE, k.FLAGS, k.SLOT_WORD)),
        Row(3, 16, 1 << t.VNODE_L3, mapping, (k.INDEX, k.TABLE_2, k.NOTHING, k.ONE, k.FLAGS, k.SLOT_WORD)),
        Row(3, 16, 1 << t.VNODE_L4, mapping, (k.INDEX, k.TABLE_3, k.NOTHING, k.ONE, k.FLAGS, k.SLOT_WORD)),
        Row(5, 16, 1 << t.MAPPING, 0, (k.FLAGS,)),
        Row(4, 16, dispatcher, 0, (k.CNODE, k.TOP_TABLE, k.FRAME, k.VADDR)),
        Row(2, 16, frame, 0, ()),
        Row(2, 16, 1 << t.NOTIFICATION, 0, ()),
        Row(1, 18, dispatcher, 0, ()),
        Row(1, 19, dispatcher, 0, ()),
        Row(4, 20, dispatcher, int(t.ENDPOINT), (k.SLOT_WORD,)),
        Row(4, 21, dispatcher, int(t.NOTIFICATION), (k.SLOT_WORD, k.BIT)),
        Row(2, 22, dispatcher, 0, ()),
        Row(1, 23, dispatcher, 0, ()),
        Row(1, 24, dispatcher, 0, ()),
        Row(2, 25, dispatcher, 0, (k.CNODE,)),
        Row(1, 26, EVERY, 0, ()),
        Row(1, 1000, EVERY, 0, ()),
    )
