"""Struct layouts: whatever list of fields is stated, it is taken if and only if every byte has one name."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from skerry.abi import ContractError
from skerry.abi.entry import Entry
from skerry.abi.model import Struct
from skerry.abi.structs import SCALARS, read_structs

KINDS = st.sampled_from(sorted(SCALARS))
COUNTS = st.one_of(st.none(), st.integers(1, 9))
PAD = "u8"


def read(size: int, fields: list[dict[str, Any]]) -> Struct:
    return read_structs(
        [Entry("f.toml", "struct s", {"name": "s", "size": size, "doc": "A struct.", "fields": fields})]
    )[0]


def field(index: int, kind: str, offset: int, count: int | None) -> dict[str, Any]:
    row = {"name": f"f{index}", "type": kind, "offset": offset}
    return row if count is None else {**row, "count": count}


def laid_out(rows: list[tuple[str, int | None]]) -> tuple[int, list[dict[str, Any]]]:
    """The fields as a C compiler places them, its padding as fields, and the size."""
    fields: list[dict[str, Any]] = []
    end, align = 0, 1
    for kind, count in [*rows, ("", None)]:
        step = SCALARS[kind].size if kind else align
        align = max(align, step)
        if end % step:
            fields.append(field(len(fields), PAD, end, step - end % step))
            end += step - end % step
        if kind:
            fields.append(field(len(fields), kind, end, count))
            end += step * (count or 1)
    return end, fields


layouts = st.lists(st.tuples(KINDS, COUNTS), min_size=1, max_size=12).map(laid_out)


@given(layouts)
def test_every_padded_layout_is_taken_as_stated(layout: tuple[int, list[dict[str, Any]]]) -> None:
    size, fields = layout
    struct = read(size, fields)
    assert [item.offset for item in struct.fields] == [row["offset"] for row in fields]
    assert sum(item.size for item in struct.fields) == struct.size == size
    assert all(size % SCALARS[item.type].size == 0 for item in struct.fields)


def has_name_for_every_byte(size: int, fields: list[dict[str, Any]]) -> bool:
    """The rule, said in the plainest way: the bytes that fields name, in order, are 0 to size - 1."""
    named: list[int] = []
    for row in fields:
        width = SCALARS[row["type"]].size
        if row["offset"] % width or size % width:
            return False
        named += range(row["offset"], row["offset"] + width * row.get("count", 1))
    return named == list(range(size))


@given(layouts, st.data())
def test_damaged_layout_is_refused_unless_still_complete(
    layout: tuple[int, list[dict[str, Any]]], data: st.DataObject
) -> None:
    size, fields = layout
    victim = data.draw(st.sampled_from(fields))
    victim["offset"] = data.draw(st.integers(0, size + 8))
    victim["type"] = data.draw(KINDS)
    size = data.draw(st.sampled_from([size, size + 1, size + 8]))
    if has_name_for_every_byte(size, fields):
        assert read(size, fields).size == size
        return
    try:
        read(size, fields)
    except ContractError as refusal:
        assert str(refusal).startswith("f.toml: struct s: ")
    else:
        raise AssertionError(f"taken: {size} {fields}")
