"""An ELF file as plain rows: what the checks, the stripper and the size table ask about."""

import io
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from elftools.elf.elffile import ELFFile
from elftools.elf.sections import NoteSection, SymbolTableSection

FLAG_EXECUTE, FLAG_WRITE, FLAG_READ = 1, 2, 4
SECTION_WRITE, SECTION_ALLOC, SECTION_EXECUTE = 1, 2, 4


@dataclass(frozen=True)
class Segment:
    """A program header."""

    type: str
    flags: int
    vaddr: int
    paddr: int
    offset: int
    file_size: int
    memory_size: int
    align: int

    @property
    def end(self) -> int:
        return self.vaddr + self.memory_size

    @property
    def flag_text(self) -> str:
        return "".join(c if self.flags & f else "-" for c, f in (("R", 4), ("W", 2), ("X", 1)))


@dataclass(frozen=True)
class Section:
    """A section that takes memory."""

    name: str
    flags: int
    address: int
    size: int
    data: bytes


@dataclass(frozen=True)
class Symbol:
    """A symbol; `section` is SHN_UNDEF for one that nothing defines."""

    name: str
    value: int
    size: int
    type: str
    binding: str
    section: str


@dataclass(frozen=True)
class Image:
    """A linked ELF file."""

    path: Path
    entry: int
    kind: str
    machine: str
    segments: tuple[Segment, ...]
    sections: tuple[Section, ...]
    symbol_table: bytes
    build_id: str
    data: bytes

    @property
    def loads(self) -> tuple[Segment, ...]:
        return tuple(s for s in self.segments if s.type == "PT_LOAD")

    @cached_property
    def symbols(self) -> tuple[Symbol, ...]:
        """All that have a name. Slow to read, so an image that is only compared goes by `symbol_table`."""
        return _symbols(ELFFile(io.BytesIO(self.data)))

    @cached_property
    def functions(self) -> tuple[Symbol, ...]:
        """Code symbols by address."""
        return tuple(sorted((s for s in self.symbols if s.type in ("STT_FUNC", "STT_NOTYPE")), key=_address))

    def symbol_at(self, address: int) -> str:
        """The function that an address lies in, as name+offset."""
        before = [s for s in self.functions if s.value <= address and s.name]
        return f"{before[-1].name}+{address - before[-1].value:#x}" if before else "?"

    def sizes(self) -> dict[str, int]:
        """Bytes of code, constants, data and zero-filled data."""
        total = dict.fromkeys(("text", "rodata", "data", "bss"), 0)
        for section in self.sections:
            total[_size_class(section)] += section.size
        return total


def read_image(path: Path) -> Image:
    """Parse one file."""
    data = path.read_bytes()
    elf = ELFFile(io.BytesIO(data))
    tables = (elf.get_section_by_name(name) for name in (".symtab", ".strtab"))
    return Image(
        path=path,
        entry=elf["e_entry"],
        kind=elf["e_type"],
        machine=elf["e_machine"],
        segments=tuple(_segment(row.header) for row in elf.iter_segments()),
        sections=tuple(_section(row) for row in elf.iter_sections() if row["sh_flags"] & SECTION_ALLOC),
        symbol_table=b"".join(table.data() for table in tables if table is not None),
        build_id=_build_id(elf),
        data=data,
    )


def _address(symbol: Symbol) -> int:
    return symbol.value


def _size_class(section: Section) -> str:
    if section.flags & SECTION_EXECUTE:
        return "text"
    if not section.flags & SECTION_WRITE:
        return "rodata"
    return "data" if section.data else "bss"


def _segment(header) -> Segment:  # type: ignore[no-untyped-def]
    return Segment(
        type=str(header["p_type"]),
        flags=header["p_flags"],
        vaddr=header["p_vaddr"],
        paddr=header["p_paddr"],
        offset=header["p_offset"],
        file_size=header["p_filesz"],
        memory_size=header["p_memsz"],
        align=header["p_align"],
    )


def _section(row) -> Section:  # type: ignore[no-untyped-def]
    data = b"" if row["sh_type"] == "SHT_NOBITS" else bytes(row.data())
    return Section(row.name, row["sh_flags"], row["sh_addr"], row["sh_size"], data)


def _symbols(elf: ELFFile) -> tuple[Symbol, ...]:
    table = elf.get_section_by_name(".symtab")
    if not isinstance(table, SymbolTableSection):
        return ()
    return tuple(
        Symbol(
            name=row.name,
            value=row["st_value"],
            size=row["st_size"],
            type=row["st_info"]["type"],
            binding=row["st_info"]["bind"],
            section=str(row["st_shndx"]),
        )
        for row in table.iter_symbols()
        if row.name
    )


def _build_id(elf: ELFFile) -> str:
    """The hexadecimal build id, or nothing."""
    for section in elf.iter_sections():
        if isinstance(section, NoteSection):
            for note in section.iter_notes():
                if note["n_type"] == "NT_GNU_BUILD_ID":
                    return str(note["n_desc"])
    return ""
