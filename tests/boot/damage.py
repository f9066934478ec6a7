"""Damaged copies of a boot archive."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

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
