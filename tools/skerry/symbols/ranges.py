"""Address ranges of DWARF entries: DW_AT_low_pc with DW_AT_high_pc, or DW_AT_ranges of version 4 or 5."""

from dataclasses import dataclass
from typing import Any

from elftools.dwarf.descriptions import describe_form_class
from elftools.dwarf.ranges import BaseAddressEntry


@dataclass(frozen=True)
class Range:
    low: int
    high: int

    def __contains__(self, address: object) -> bool:
        return isinstance(address, int) and self.low <= address < self.high


def _listed(die: Any, offset: int) -> list[Range]:
    unit = die.cu
    lists = unit.dwarfinfo.range_lists()
    if lists is None:
        return []
    top = unit.get_top_DIE().attributes.get("DW_AT_low_pc")
    base, found = top.value if top else 0, []
    for entry in lists.get_range_list_at_offset(offset, unit):
        if isinstance(entry, BaseAddressEntry):
            base = entry.base_address
        else:
            shift = 0 if entry.is_absolute else base
            found.append(Range(entry.begin_offset + shift, entry.end_offset + shift))
    return found


def ranges_of(die: Any) -> list[Range]:
    """The addresses that an entry covers; none for a declaration."""
    listed = die.attributes.get("DW_AT_ranges")
    if listed is not None:
        return _listed(die, listed.value)
    low, high = die.attributes.get("DW_AT_low_pc"), die.attributes.get("DW_AT_high_pc")
    if low is None or high is None:
        return []
    end = high.value if describe_form_class(high.form) == "address" else low.value + high.value
    return [Range(low.value, end)]


def covers(die: Any, address: int) -> bool:
    """Whether an address lies in an entry."""
    return any(address in part for part in ranges_of(die))
