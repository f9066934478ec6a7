"""File, line and inlined functions of an address.

Only the compile unit that holds the address is read, which takes some ten milliseconds, so nothing needs to be
cached on disk and a panic is readable at once.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from skerry.symbols.ranges import covers

CODE_TAGS = ("DW_TAG_subprogram", "DW_TAG_inlined_subroutine", "DW_TAG_lexical_block")


@dataclass(frozen=True)
class Place:
    """A point in the source. `function` is empty when DWARF does not name one (assembly)."""

    function: str
    file: str
    line: int


@dataclass(frozen=True)
class LineRow:
    low: int
    high: int
    file: str
    line: int


class Unit:
    """A compile unit and, once asked for, its line table."""

    def __init__(self, dwarf: Any, cu: Any) -> None:
        self._dwarf, self._cu = dwarf, cu
        self._rows: list[LineRow] | None = None

    def covers(self, address: int) -> bool:
        return covers(self._cu.get_top_DIE(), address)

    def places(self, address: int) -> list[Place]:
        """Innermost first: the inlined functions at an address and the function that they are in."""
        row = next((row for row in self._lines() if row.low <= address < row.high), None)
        file, line = (row.file, row.line) if row else ("?", 0)
        found = []
        for die in reversed(self._chain(address)):
            found.append(Place(_name(die), file, line))
            if die.tag == "DW_TAG_inlined_subroutine":
                file = self._file_name(_number(die, "DW_AT_call_file"))
                line = _number(die, "DW_AT_call_line")
        return found or [Place("", file, line)]

    def _chain(self, address: int) -> list[Any]:
        """The function and the inlined functions round an address, outermost first."""
        chain, level = [], self._cu.get_top_DIE()
        while level is not None:
            inner = None
            for die in level.iter_children():
                if die.tag in CODE_TAGS and covers(die, address):
                    inner = die
                    break
            if inner is not None and inner.tag != "DW_TAG_lexical_block":
                chain.append(inner)
            level = inner
        return chain

    def _lines(self) -> list[LineRow]:
        if self._rows is None:
            self._rows = list(self._read_lines())
        return self._rows

    def _read_lines(self) -> Any:
        program = self._dwarf.line_program_for_CU(self._cu)
        before = None
        for entry in program.get_entries() if program else ():
            state = entry.state
            if state is None:
                continue
            if before is not None and state.address > before.address:
                yield LineRow(before.address, state.address, self._file_name(before.file), before.line)
            before = None if state.end_sequence else state

    def _file_name(self, index: int) -> str:
        header = self._dwarf.line_program_for_CU(self._cu).header
        files, folders = header["file_entry"], header["include_directory"]
        first = 0 if header["version"] >= 5 else 1
        if not first <= index < len(files) + first:
            return "?"
        entry = files[index - first]
        folder = folders[entry.dir_index - first] if first <= entry.dir_index < len(folders) + first else b""
        return str(Path(folder.decode()) / entry.name.decode())


def _number(die: Any, name: str) -> int:
    attribute = die.attributes.get(name)
    return int(attribute.value) if attribute else 0


def _name(die: Any) -> str:
    """A function's name, through the abstract entry that it is an instance of."""
    for _ in range(4):
        attribute = die.attributes.get("DW_AT_name")
        if attribute is not None:
            return str(attribute.value.decode())
        origin = next((a for a in ("DW_AT_abstract_origin", "DW_AT_specification") if a in die.attributes), None)
        if origin is None:
            return ""
        die = die.get_DIE_from_attribute(origin)
    return ""


def read_units(dwarf: Any) -> list[Unit]:
    """Every compile unit, none of them read yet."""
    return [Unit(dwarf, cu) for cu in dwarf.iter_CUs()]
