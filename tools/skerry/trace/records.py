"""The bytes of one core's trace port, as events. kernel/abi/trace.toml says what they mean.

A port carries records of several writers, each batch behind a SOURCE record; what the port's own records say (when it
began, who wrote, what was lost, names) is taken in here, so that events hold only what happened.
"""

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from skerry.abi import Contract

CPU_DRIVER = 0  # as a source; as a dispatcher, nobody: the core is idle
NAME_PIECE = 4


class TraceError(Exception):
    """Bytes that are no trace."""


@dataclass(frozen=True)
class Event:
    """Something that happened: `source` is the dispatcher that recorded it, or the CPU driver."""

    time: int  # TSC ticks since time 0
    kind: str
    detail: int
    a: int
    b: int
    source: int


@dataclass(frozen=True)
class Format:
    """What the contract says of records."""

    size: int
    kinds: Mapping[int, str]
    states: Mapping[int, str]
    upcalls: Mapping[int, str]
    phases: Mapping[int, str]


@dataclass(frozen=True)
class CoreTrace:
    """One core's trace; times are TSC ticks, `khz` of which are a millisecond."""

    core: int
    khz: int
    begin: int
    end: int
    events: tuple[Event, ...]  # in order of time
    names: Mapping[int, str]
    lost: int = 0
    whole: bool = True  # tracing was switched off before the machine ended


def trace_format(contract: Contract) -> Format:
    """The contract's enumerations, from numbers to names."""

    def names(enum: str) -> dict[int, str]:
        return {value.value: value.name for value in contract.enums[enum].values}

    size = contract.struct("trace_record").size
    enums = ("trace_kind", "dispatcher_state", "trace_upcall", "trace_agree")
    return Format(size, *map(names, enums))


def decode(data: bytes, form: Format) -> Iterator[tuple[int, str, int, int, int]]:
    """Time, kind, detail, a, b of each record; a last one that was cut short is left out."""
    for at in range(0, len(data) - form.size + 1, form.size):
        stamp, a, b = struct.unpack_from("<QII", data, at)
        kind = form.kinds.get(stamp & 0xFF)
        if kind in (None, "NOTHING"):
            raise TraceError(f"no record at byte {at}: {data[at : at + form.size].hex()}")
        yield stamp >> 16, kind, stamp >> 8 & 0xFF, a, b


@dataclass
class _Reader:
    """What is known while a port is read."""

    core: int | None = None
    khz: int = 0
    begin: int = 0
    end: int = 0
    ended: bool = False
    source: int = CPU_DRIVER
    lost: int = 0
    events: list[Event] = field(default_factory=list)
    letters: dict[int, dict[int, bytes]] = field(default_factory=dict)

    def take(self, time: int, kind: str, detail: int, a: int, b: int) -> None:
        if kind == "BEGIN":
            self.begin = self.begin if self.core is not None else time
            self.core, self.khz, self.ended = b, a, False
        elif self.core is None:
            raise TraceError(f"a {kind} record before the first BEGIN")
        elif kind == "SOURCE":
            self.source = a
        elif kind == "LOST":
            self.lost += a
        elif kind == "END":
            self.ended = True
        elif kind == "NAME":
            self.letters.setdefault(a, {})[detail] = struct.pack("<I", b)
        else:
            self.events.append(Event(time, kind, detail, a, b, self.source))
        self.end = max(self.end, time)


def read_core(data: bytes, form: Format) -> CoreTrace | None:
    """The trace in a port's bytes; None when there is none."""
    reader = _Reader()
    for record in decode(data, form):
        reader.take(*record)
    if reader.core is None:
        return None
    if reader.khz == 0:
        raise TraceError("the BEGIN record has no frequency")
    return CoreTrace(
        core=reader.core,
        khz=reader.khz,
        begin=reader.begin,
        end=reader.end,
        events=tuple(sorted(reader.events, key=lambda event: event.time)),
        names={number: _name(pieces) for number, pieces in reader.letters.items()},
        lost=reader.lost,
        whole=reader.ended,
    )


def _name(pieces: Mapping[int, bytes]) -> str:
    text = b"".join(pieces.get(place, b"") for place in range(NAME_PIECE))
    return text.split(b"\0")[0].decode("ascii", "replace")
