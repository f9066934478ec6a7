"""Names and numbers of one family: each once, and no number left out without a mark."""

from collections.abc import Sequence
from dataclasses import dataclass

from skerry.abi.entry import Entry

Ranges = Sequence[tuple[int, int]]


@dataclass(frozen=True)
class Numbered:
    """An entry with its name and number, as the checks below see it."""

    entry: Entry
    name: str
    number: int


def check_names(rows: Sequence[Numbered]) -> None:
    """Refuse a name that is used twice."""
    seen: dict[str, Entry] = {}
    for row in rows:
        if row.name in seen:
            row.entry.fail(f"the name {row.name} is used twice (also in {seen[row.name].file})")
        seen[row.name] = row.entry


def check_numbers(
    rows: Sequence[Numbered], reserved: Ranges = (), first: int | None = None, noun: str = "number"
) -> None:
    """Refuse a number used twice, and holes that `reserved` does not mark; `first` is where numbers must begin."""
    seen: dict[int, str] = {}
    for row in rows:
        if row.number in seen:
            row.entry.fail(f"the {noun} {row.number} is {seen[row.number]}'s already")
        for low, high in reserved:
            if low <= row.number <= high:
                row.entry.fail(f"the {noun} {row.number} is in the reserved range {low} to {high}")
        seen[row.number] = row.name
    check_holes(sorted(rows, key=lambda row: row.number), reserved, first, noun)


def check_holes(rows: Sequence[Numbered], reserved: Ranges, first: int | None, noun: str) -> None:
    """Walk the sorted rows upwards; each must follow the one before, or a reserved range."""
    expected = first if first is not None else rows[0].number if rows else 0
    for row in rows:
        if row.number < expected:
            row.entry.fail(f"the {noun} {row.number} is too low: these begin at {first}")
        for low, high in sorted(reserved):
            if low <= expected <= high < row.number:
                expected = high + 1
        if row.number > expected:
            hole = f"{expected} to {row.number - 1}" if row.number - 1 > expected else f"{expected}"
            row.entry.fail(f"the {noun} {row.number} leaves a hole: use {hole} first, or mark that in `reserved`")
        expected = row.number + 1


def check_flags(rows: Sequence[Numbered], reserved: Ranges = ()) -> None:
    """The same for flags, where `reserved` counts bits."""
    for row in rows:
        if row.number == 0 or row.number & (row.number - 1):
            row.entry.fail(f"the value {row.number} is not a single bit")
    bits = [Numbered(row.entry, row.name, row.number.bit_length() - 1) for row in rows]
    check_numbers(bits, reserved, first=0, noun="bit")
