"""Bytes of a trace port, as a core's monitor would write them, for the tests of the decoder and of what follows it."""

import struct
from collections.abc import Iterable

from skerry import abi
from skerry.trace.records import Format, trace_format
from skerry.workspace import default_workspace

CONTRACT = abi.load(default_workspace().contract)
FORMAT: Format = trace_format(CONTRACT)
NUMBERS = {name: number for number, name in FORMAT.kinds.items()}
STATE = {name: number for number, name in FORMAT.states.items()}
UPCALL = {name: number for number, name in FORMAT.upcalls.items()}
KHZ = 1_000_000  # a tick is a nanosecond


def record(time: int, kind: str, a: int = 0, b: int = 0, detail: int = 0) -> bytes:
    return struct.pack("<QII", time << 16 | detail << 8 | NUMBERS[kind], a, b)


def name(time: int, dispatcher: int, text: str) -> bytes:
    padded = text.encode().ljust(16, b"\0")
    pieces = (struct.unpack_from("<I", padded, 4 * place)[0] for place in range(4))
    return b"".join(record(time, "NAME", dispatcher, letters, place) for place, letters in enumerate(pieces))


def port(core: int, records: Iterable[bytes], begin: int = 0, end: int | None = None) -> bytes:
    """A whole file; without `end` the machine ended first."""
    last = b"" if end is None else record(end, "END")
    return record(begin, "BEGIN", KHZ, core) + b"".join(records) + last
