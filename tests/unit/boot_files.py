"""Boot archives and ELF files made by hand, right and wrong, for the tests of kernel/boot."""

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field

READ, WRITE, EXECUTE = 4, 2, 1
PAGE = 0x1000
KERNEL_WINDOW = 0xFFFFFFFF80000000


@dataclass(frozen=True)
class File:
    """A file of the archive."""

    path: str
    data: bytes
    build_id: str = ""
    core: int | None = None

    @property
    def line(self) -> str:
        core = "-" if self.core is None else str(self.core)
        return f"{self.path} {len(self.data)} {zlib.crc32(self.data):08x} {self.build_id or '-'} {core}\n"


def entry(name: str, data: bytes) -> bytes:
    """One entry of a cpio "newc" archive."""
    fields = (1, 0o100644, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0)
    head = b"070701" + b"".join(b"%08x" % value for value in fields) + name.encode() + b"\0"
    head += bytes(-len(head) % 4)
    return head + data + bytes(-len(data) % 4)


def manifest(files: Sequence[File], run: int = 1, contract: int = 2) -> str:
    return f"skerry 1 {run:016x} {contract:016x}\n" + "".join(file.line for file in files)


def archive(files: Sequence[File], run: int = 1, contract: int = 2, text: str | None = None) -> bytes:
    """A boot archive; with another manifest when one is given."""
    lines = manifest(files, run, contract) if text is None else text
    entries = [entry("manifest", lines.encode()), *(entry(file.path, file.data) for file in files)]
    return b"".join(entries) + entry("TRAILER!!!", b"")


@dataclass(frozen=True)
class Segment:
    """A program header and what it loads. The offset follows the address, as linkers have it."""

    vaddr: int
    data: bytes
    flags: int = READ
    memory: int | None = None
    type: int = 1
    align: int = PAGE

    @property
    def size(self) -> int:
        return len(self.data) if self.memory is None else self.memory

    @property
    def base(self) -> int:
        return self.vaddr // PAGE * PAGE

    @property
    def end(self) -> int:
        return -(-(self.vaddr + self.size) // PAGE) * PAGE

    @property
    def pages(self) -> bytes:
        """What its pages hold once it is loaded."""
        before = bytes(self.vaddr - self.base) + self.data
        return before + bytes(self.end - self.base - len(before))


@dataclass(frozen=True)
class Elf:
    """An ELF64 file. `header` and `program` replace fields by name, for what must be refused."""

    entry: int
    segments: tuple[Segment, ...]
    header: dict[str, int] = field(default_factory=dict)
    program: dict[str, int] = field(default_factory=dict)

    def build(self) -> bytes:
        data = bytearray(64 + 56 * len(self.segments))
        for index, segment in enumerate(self.segments):
            data += bytes((segment.vaddr - len(data)) % PAGE)
            values = _program(segment, len(data)) | (self.program if index == 0 else {})
            struct.pack_into("<IIQQQQQQ", data, 64 + 56 * index, *values.values())
            data += segment.data
        values = _header(self.entry, len(self.segments)) | self.header
        struct.pack_into("<IBBBB8xHHIQQQIHHHHHH", data, 0, *values.values())
        return bytes(data)


def _header(start: int, count: int) -> dict[str, int]:
    names = "magic class data ident abi type machine version entry phoff shoff flags ehsize phsize phnum"
    values = (0x464C457F, 2, 1, 1, 0, 2, 62, 1, start, 64, 0, 0, 64, 56, count, 64, 0, 0)
    return dict(zip([*names.split(), "shsize", "shnum", "shstr"], values, strict=True))


def _program(segment: Segment, offset: int) -> dict[str, int]:
    names = "type flags offset vaddr paddr filesz memsz align"
    numbers = (segment.vaddr, segment.vaddr, len(segment.data), segment.size, segment.align)
    return dict(zip(names.split(), (segment.type, segment.flags, offset, *numbers), strict=True))


def program(base: int, code: int = 100, data: int = 3000, bss: int = 9000) -> Elf:
    """A small program with code, constants and data, as the build makes them."""
    text = Segment(base, bytes(range(1, 101)) * (code // 100 + 1), READ | EXECUTE)
    constants = Segment(text.end, b"constant" * 20, READ)
    variables = Segment(constants.end, b"\x11" * data, READ | WRITE, memory=data + bss)
    return Elf(base, (text, constants, variables))
