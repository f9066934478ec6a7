"""An ELF image: its functions, its build id, its bytes, and the source of an address in it."""

from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from pathlib import Path

from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection

from skerry.symbols.dwarf import Place, Unit, read_units


@dataclass(frozen=True)
class Function:
    address: int
    size: int
    name: str


@dataclass(frozen=True)
class Frame:
    """An address and what is known of it; `places` is innermost first and empty without line information."""

    address: int
    function: str
    offset: int
    places: tuple[Place, ...]


class Image:
    """One ELF file, read when first asked."""

    def __init__(self, file: Path) -> None:
        self.file = file

    @cached_property
    def _elf(self) -> ELFFile:
        return ELFFile(BytesIO(self.file.read_bytes()))

    @cached_property
    def functions(self) -> list[Function]:
        """Functions by address; a symbol without a size reaches to the next one."""
        table = self._elf.get_section_by_name(".symtab")
        found: dict[int, Function] = {}
        for symbol in table.iter_symbols() if isinstance(table, SymbolTableSection) else ():
            kind, named = symbol["st_info"]["type"], symbol.name and symbol["st_shndx"] != "SHN_UNDEF"
            if named and kind in ("STT_FUNC", "STT_NOTYPE"):
                known = found.get(symbol["st_value"])
                if known is None or (kind == "STT_FUNC" and not known.size):
                    found[symbol["st_value"]] = Function(symbol["st_value"], symbol["st_size"], symbol.name)
        return [found[address] for address in sorted(found)]

    @cached_property
    def _units(self) -> list[Unit]:
        return read_units(self._elf.get_dwarf_info()) if self._elf.has_dwarf_info() else []

    def function_at(self, address: int) -> Function | None:
        """The function that holds an address."""
        index = bisect_right(self.functions, address, key=lambda function: function.address) - 1
        if index < 0:
            return None
        found = self.functions[index]
        return found if not found.size or address < found.address + found.size else None

    def frame(self, address: int, is_return: bool = False) -> Frame:
        """What an address is; a return address stands for the call before it."""
        looked_up = address - 1 if is_return else address
        unit = next((unit for unit in self._units if unit.covers(looked_up)), None)
        places = tuple(unit.places(looked_up)) if unit else ()
        function = self.function_at(looked_up)
        if function is None:
            return Frame(address, places[-1].function if places else "", 0, places)
        return Frame(address, function.name, address - function.address, places)

    def bytes_at(self, address: int, count: int) -> bytes:
        """What the file says is in memory there; short or empty outside it."""
        for segment in self._elf.iter_segments("PT_LOAD"):
            start = address - segment["p_vaddr"]
            if 0 <= start < segment["p_filesz"]:
                return bytes(segment.data()[start : start + count])
        return b""

    def address_of(self, name: str) -> int | None:
        """The address of a symbol."""
        return next((function.address for function in self.functions if function.name == name), None)


def describe(frame: Frame) -> list[str]:
    """A frame as text, one line for each function that it stands for, innermost first."""
    where = f"{frame.function}+{frame.offset:#x}" if frame.function else "?"
    if not frame.places:
        return [f"{frame.address:#018x} {where}"]
    *inlined, last = frame.places
    lines = [f"{frame.address:#018x} {p.function} (inlined) at {_spot(p)}" for p in inlined]
    return [*lines, f"{frame.address:#018x} {where} at {_spot(last)}"]


def describe_short(frame: Frame) -> str:
    """A frame in one line: innermost function first, where it stands, and where the outermost one does."""
    where = f"{frame.function}+{frame.offset:#x}" if frame.function else "?"
    if not frame.places:
        return f"{frame.address:#x} {where}"
    names = " in ".join([*(place.function for place in frame.places[:-1]), where])
    outer = f", from {_spot(frame.places[-1])}" if len(frame.places) > 1 else ""
    return f"{frame.address:#x} {names} at {_spot(frame.places[0])}{outer}"


def _spot(place: Place) -> str:
    return f"{place.file.removeprefix('./')}:{place.line}"
