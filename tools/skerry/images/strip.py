"""A stripped ELF: program headers and what they load, nothing else. Symbols and DWARF stay in the full file."""

import struct

from skerry.images.elf import Image, Segment

HEADER = struct.Struct("<16sHHIQQQIHHHHHH")
PROGRAM_HEADER = struct.Struct("<IIQQQQQQ")
IDENT = b"\x7fELF\x02\x01\x01".ljust(16, b"\0")
TYPES = {"PT_LOAD": 1, "PT_NOTE": 4}
ET_EXEC, EM_X86_64, EV_CURRENT = 2, 62, 1


def strip(image: Image, page_size: int) -> bytes:
    """The file that goes into the archive: each segment's offset agrees with its address within a page, as ELF asks."""
    kept = [segment for segment in image.segments if segment.type in TYPES]
    body = bytearray(HEADER.size + PROGRAM_HEADER.size * len(kept))
    offsets: dict[int, int] = {}
    for segment in image.loads:
        skip = (segment.vaddr - len(body)) % page_size
        if segment.file_size:
            body += bytes(skip)
        offsets[segment.vaddr] = len(body) if segment.file_size else segment.vaddr % page_size
        body += image.data[segment.offset : segment.offset + segment.file_size]
    headers = b"".join(_header(image, segment, offsets) for segment in kept)
    body[: HEADER.size + len(headers)] = _file_header(image, len(kept)) + headers
    return bytes(body)


def _file_header(image: Image, count: int) -> bytes:
    size = HEADER.size
    kind = (ET_EXEC, EM_X86_64, EV_CURRENT, image.entry, size, 0, 0, size, PROGRAM_HEADER.size, count, 0, 0, 0)
    return HEADER.pack(IDENT, *kind)


def _header(image: Image, segment: Segment, offsets: dict[int, int]) -> bytes:
    """A program header; a note keeps its place within the segment that loads it."""
    load = next(s for s in image.loads if s.vaddr <= segment.vaddr < s.end or s == segment)
    offset = offsets[load.vaddr] + segment.vaddr - load.vaddr
    sizes = (segment.file_size, segment.memory_size, segment.align)
    return PROGRAM_HEADER.pack(TYPES[segment.type], segment.flags, offset, segment.vaddr, segment.paddr, *sizes)
