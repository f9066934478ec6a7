"""The boot archive: cpio in its "newc" form, with nothing in it that depends on when or where it was made."""

from collections.abc import Iterable
from dataclasses import dataclass

MAGIC = "070701"
REGULAR_FILE = 0o100644
TRAILER = "TRAILER!!!"


@dataclass(frozen=True)
class Entry:
    """A file of the archive; with another `mode` a folder or a device."""

    path: str
    data: bytes
    mode: int = REGULAR_FILE
    device: tuple[int, int] = (0, 0)


def pack(entries: Iterable[Entry]) -> bytes:
    """The archive's bytes, entries in the order given."""
    out = bytearray()
    for number, entry in enumerate(entries, start=1):
        out += _record(number, entry.mode, entry)
    return bytes(out + _record(0, 0, Entry(TRAILER, b"")))


def _record(inode: int, mode: int, entry: Entry) -> bytes:
    """Header, name and data, the last two padded to four bytes."""
    name = entry.path.encode() + b"\0"
    # inode, mode, uid, gid, links, mtime, size, device (2), special device (2), length of the name, checksum
    numbers = (inode, mode, 0, 0, 1, 0, len(entry.data), 0, 0, *entry.device, len(name), 0)
    header = MAGIC + "".join(f"{number:08x}" for number in numbers)
    return _padded(header.encode() + name) + _padded(entry.data)


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)
