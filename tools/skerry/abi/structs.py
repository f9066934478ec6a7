"""Structs: every byte has a name, every field lies at a multiple of its alignment, and nothing overlaps."""

from collections.abc import Sequence
from dataclasses import dataclass

from skerry.abi.entry import LOWER, Entry
from skerry.abi.model import Field, Struct
from skerry.abi.numbering import Numbered, check_names


@dataclass(frozen=True)
class Scalar:
    """A type that fields, arguments and results may have, with its C name. Its size is its alignment."""

    c_name: str
    size: int


SCALARS = {
    "u8": Scalar("uint8_t", 1),
    "u16": Scalar("uint16_t", 2),
    "u32": Scalar("uint32_t", 4),
    "u64": Scalar("uint64_t", 8),
    "char": Scalar("char", 1),
    "paddr": Scalar("paddr_t", 8),
    "vaddr": Scalar("vaddr_t", 8),
    "coreid": Scalar("coreid_t", 4),
    "capaddr": Scalar("capaddr_t", 4),
    "err": Scalar("err_t", 4),
}
LARGEST = 1 << 20  # no struct of the contract comes near; a typing error does


def read_structs(entries: Sequence[Entry]) -> tuple[Struct, ...]:
    """The structs in the order stated; a field may use those above its own."""
    known: dict[str, Struct] = {}
    rows = []
    for entry in entries:
        struct = read_struct(entry, known)
        rows.append(Numbered(entry, struct.name, 0))
        check_names(rows)
        if struct.name in SCALARS:
            entry.fail(f"{struct.name} is a scalar type")
        known[struct.name] = struct
    return tuple(known.values())


def read_struct(entry: Entry, known: dict[str, Struct]) -> Struct:
    name, doc, size = entry.name(LOWER), entry.doc(), entry.number("size", LARGEST)
    rows, fields = [], []
    end, align = 0, 1
    for child in entry.tables("fields", "field"):
        field, field_align = read_field(child, known)
        rows.append(Numbered(child, field.name, 0))
        check_names(rows)
        check_place(child, field, field_align, end, size)
        end = field.offset + field.size
        align = max(align, field_align)
        fields.append(field)
    entry.finish()
    if not fields:
        entry.fail("has no fields")
    if end < size:
        entry.fail(f"bytes {end} to {size - 1} at its end have no name: add a pad field, or make the size {end}")
    if size % align:
        entry.fail(f"size {size} is not a multiple of its alignment, {align}: add a pad field")
    return Struct(name, doc, size, align, tuple(fields))


def read_field(entry: Entry, known: dict[str, Struct]) -> tuple[Field, int]:
    """A field and its alignment."""
    name, kind, offset = entry.name(LOWER), entry.text("type"), entry.number("offset", LARGEST)
    doc = entry.remark()
    count = entry.number("count", LARGEST) if entry.has("count") else None
    entry.finish()
    if count == 0:
        entry.fail("`count` must be 1 or more")
    if kind in SCALARS:
        size = align = SCALARS[kind].size
    elif kind in known:
        size, align = known[kind].size, known[kind].align
    else:
        entry.fail(f"unknown type {kind}; there are {', '.join([*SCALARS, *known])} (state a struct above its use)")
    return Field(name, kind, offset, doc, count, size * (count or 1)), align


def check_place(entry: Entry, field: Field, align: int, end: int, size: int) -> None:
    """Refuse a field that is misaligned, overlaps, leaves bytes before it without a name, or passes the end."""
    if field.offset % align:
        entry.fail(f"offset {field.offset} is not a multiple of its alignment, {align}")
    if field.offset < end:
        entry.fail(f"offset {field.offset} overlaps the field before it, which ends at {end}")
    if field.offset > end:
        entry.fail(f"bytes {end} to {field.offset - 1} before it have no name: add a pad field")
    if field.offset + field.size > size:
        entry.fail(f"ends at {field.offset + field.size}, past the struct's size, {size}")
