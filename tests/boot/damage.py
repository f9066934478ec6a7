"""Damaged copies of a boot archive."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path

from elftools.elf.elffile import ELFFile

from skerry.run.artefacts import Artefacts

HEADER = 110  # bytes of a cpio newc header


@dataclass(frozen=True)
class Member:
    name: str
    header: int
    data: int
    size: int


def members(archive: bytes) -> Iterator[Member]:
    """The files of a cpio newc archive."""
    at = 0
    while True:
        size, name_size = int(archive[at + 54 : at + 62], 16), int(archive[at + 94 : at + 102], 16)
        name = archive[at + HEADER : at + HEADER + name_size - 1].decode()
        if name == "TRAILER!!!":
            return
        data = at + (HEADER + name_size + 3) // 4 * 4
        yield Member(name, at, data, size)
        at = data + (size + 3) // 4 * 4


def find(archive: bytes, name: str) -> Member:
    return next(member for member in members(archive) if member.name == name)


def with_archive(artefacts: Artefacts, data: bytes, folder: Path) -> Artefacts:
    """The same build with another archive."""
    path = folder / "damaged.cpio"
    path.write_bytes(data)
    return replace(artefacts, archive=path)


def flipped(artefacts: Artefacts, name: str, folder: Path) -> Artefacts:
    """One bit of one file is wrong."""
    whole = artefacts.archive.read_bytes()
    data, member = bytearray(whole), find(whole, name)
    data[member.data + member.size // 2] ^= 0x10
    return with_archive(artefacts, bytes(data), folder)


def renamed(artefacts: Artefacts, name: str, folder: Path) -> Artefacts:
    """One file is called something else."""
    data = artefacts.archive.read_bytes()
    member = find(data, name)
    at = member.header + HEADER
    return with_archive(artefacts, data[:at] + b"x" + data[at + 1 :], folder)


def truncated(artefacts: Artefacts, part: float, folder: Path) -> Artefacts:
    """The archive ends early."""
    data = artefacts.archive.read_bytes()
    return with_archive(artefacts, data[: int(len(data) * part)], folder)


def mute(artefacts: Artefacts, name: str, folder: Path) -> Artefacts:
    """A core image, whole by its checksum, that does nothing but halt from its first instruction on."""
    data = bytearray(artefacts.archive.read_bytes())
    member = find(bytes(data), name)
    image = bytes(data[member.data : member.data + member.size])
    elf = ELFFile(BytesIO(image))
    entry = elf["e_entry"]
    text = next(s for s in elf.iter_segments("PT_LOAD") if s["p_vaddr"] <= entry < s["p_vaddr"] + s["p_filesz"])
    at = member.data + entry - text["p_vaddr"] + text["p_offset"]
    data[at : at + 4] = b"\xfa\xf4\xeb\xfc"  # cli; hlt; jmp back to the cli
    mended = zlib.crc32(data[member.data : member.data + member.size])
    before, after = (f" {crc:08x} ".encode() for crc in (zlib.crc32(image), mended))
    manifest = find(bytes(data), "manifest")
    line = data.index(f"{name} {member.size}".encode(), manifest.data)
    assert data[line : line + 60].count(before) == 1
    at = data.index(before, line)
    data[at : at + len(after)] = after
    return with_archive(artefacts, bytes(data), folder)
