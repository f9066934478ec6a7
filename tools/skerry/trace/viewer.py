"""The timeline in the format that Perfetto and Chrome's trace viewer read: JSON, the Trace Event Format.

A process a core; in it a thread for the core itself, which shows who ran, and one a dispatcher, which shows when it ran
and, as short slices inside, its messages. An arrow is a pair of flow events, each of which lies in one of these slices.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from skerry.trace.records import CPU_DRIVER, CoreTrace, Event, Format
from skerry.trace.timeline import NOBODY, Message, Place, Run, Timeline

CORE_THREAD = 0
THREADS = 1000  # thread ids of a core: the viewer wants them different in all processes
SLICE_US = 1.0  # of a message, at most: long enough to be seen
SHOWN = {"SEND": "send", "RECEIVE": "receive", "RING": "wake peer", "SLEEP": "sleep", "AWAKE": "awake", "FULL": "full",
         "AGREE": "agree", "MARK": "mark", "LRPC": "call", "UPCALL": "upcall"}  # fmt: skip
Row = dict[str, Any]


@dataclass(frozen=True)
class _Core:
    """Where a core's events go."""

    trace: CoreTrace
    form: Format
    begin: int  # tick that is 0 in the viewer
    threads: Mapping[int, int]

    def us(self, ticks: int) -> float:
        return round((ticks - self.begin) * 1000 / self.trace.khz, 4)

    def row(self, phase: str, dispatcher: int, time: int, **rest: Any) -> Row:
        thread = self.trace.core * THREADS + self.threads.get(dispatcher, CORE_THREAD)
        return {"ph": phase, "pid": self.trace.core + 1, "tid": thread + 1, "ts": self.us(time), **rest}

    def name(self, dispatcher: int) -> str:
        return self.trace.names.get(dispatcher) or f"dispatcher {dispatcher:#x}"


def to_json(timeline: Timeline, form: Format) -> Row:
    """The whole file."""
    rows: list[Row] = []
    places: dict[Place, Row] = {}
    for trace in timeline.cores:
        core = _Core(trace, form, timeline.begin, _threads(trace))
        rows += _metadata(core)
        rows += _runs(core, timeline.runs[trace.core])
        rows += _instants(core)
        for place, row in _slices(core, timeline.runs[trace.core]):
            places[place] = row
            rows.append(row)
    rows += _arrows(timeline, places)
    return {"displayTimeUnit": "ns", "traceEvents": rows}


def _threads(trace: CoreTrace) -> dict[int, int]:
    """Thread numbers of a core's dispatchers, in the order in which they first appear."""
    seen: dict[int, int] = {}
    for event in trace.events:
        for number in (event.a, event.source) if event.source == CPU_DRIVER else (event.source,):
            if number != NOBODY:
                seen.setdefault(number, len(seen) + 1)
    return seen


def _metadata(core: _Core) -> Iterator[Row]:
    process = {"ph": "M", "pid": core.trace.core + 1}
    yield {**process, "name": "process_name", "args": {"name": f"core {core.trace.core}"}}
    yield {**process, "name": "process_sort_index", "args": {"sort_index": core.trace.core}}
    names = {CORE_THREAD: "who runs"} | {thread: core.name(number) for number, thread in core.threads.items()}
    for thread, name in names.items():
        tid = core.trace.core * THREADS + thread + 1
        yield {**process, "tid": tid, "name": "thread_name", "args": {"name": name}}
        yield {**process, "tid": tid, "name": "thread_sort_index", "args": {"sort_index": thread}}


def _runs(core: _Core, runs: tuple[Run, ...]) -> Iterator[Row]:
    """Each run twice: in the core's thread under its dispatcher's name, and in the dispatcher's own."""
    for run in runs:
        if run.dispatcher == NOBODY:
            continue
        duration = round(core.us(run.end) - core.us(run.begin), 4)
        left = "end of trace" if run.left is None else core.form.states.get(run.left, "?").lower()
        args = {"then": left}
        yield core.row("X", NOBODY, run.begin, dur=duration, cat="run", name=core.name(run.dispatcher), args=args)
        yield core.row("X", run.dispatcher, run.begin, dur=duration, cat="run", name="runs", args=args)


def _instants(core: _Core) -> Iterator[Row]:
    for event in core.trace.events:
        if event.kind == "INTERRUPT":
            name = f"interrupt {event.detail:#x}"
            yield core.row("i", NOBODY, event.time, s="t", cat="interrupt", name=name)
        elif event.kind == "WAKE":
            yield core.row("i", event.a, event.time, s="t", cat="wake", name=f"woken by bit {event.detail}")


def _slices(core: _Core, runs: tuple[Run, ...]) -> Iterator[tuple[Place, Row]]:
    """What may be an arrow's end, each to the next on its thread and within the run that it happened in."""
    shown: dict[int, list[tuple[int, Event]]] = defaultdict(list)
    for event in core.trace.events:
        if event.kind in SHOWN:
            who = event.source or (event.b if event.kind == "LRPC" else event.a)
            shown[who].append((event.time, event))
    for who, events in shown.items():
        bounds = sorted([run.end for run in runs if run.dispatcher == who] + [time for time, _ in events])
        place = 0
        for time, event in events:
            while place < len(bounds) and bounds[place] <= time:
                place += 1
            room = core.us(bounds[place]) - core.us(time) if place < len(bounds) else SLICE_US
            row = core.row("X", who, time, dur=round(min(SLICE_US, room), 4), cat="event", **_words(core, event))
            yield Place(core.trace.core, who, time), row


def _words(core: _Core, event: Event) -> Row:
    """Name and arguments of an event."""
    name = SHOWN[event.kind]
    match event.kind:
        case "SEND" | "RECEIVE":
            args: Row = {"channel": f"{event.a:#x}", "from side": event.detail, "number": event.b}
        case "LRPC":
            return {"name": f"call {core.name(event.a)}", "args": {"capability": bool(event.detail)}}
        case "UPCALL":
            return {"name": f"{name} {core.form.upcalls.get(event.detail, '?').lower()}", "args": {}}
        case "AGREE":
            phase = core.form.phases.get(event.detail, "?").lower()
            number = f"{event.a >> 16}.{event.a & 0xFFFF}"
            return {"name": f"{name} {phase}", "args": {"transaction": number, "epoch": event.b}}
        case "MARK":
            args = {"a": event.a, "b": event.b}
        case _:
            args = {"channel": f"{event.a:#x}", "side": event.detail}
    return {"name": name, "args": args}


def _arrows(timeline: Timeline, places: Mapping[Place, Row]) -> Iterator[Row]:
    pairs = [("message", message.sent, message.received) for message in timeline.messages if _whole(message)]
    pairs += [("call", begin, end) for begin, end in timeline.calls]
    for number, (what, begin, end) in enumerate(pairs, 1):
        first, last = places.get(begin) if begin else None, places.get(end) if end else None
        if first is None or last is None:
            continue
        for phase, row in (("s", first), ("f", last)):
            flow = {"ph": phase, "pid": row["pid"], "tid": row["tid"], "ts": row["ts"], "id": number}
            yield {**flow, "cat": what, "name": what, **({"bp": "e"} if phase == "f" else {})}


def _whole(message: Message) -> bool:
    return message.sent is not None and message.received is not None
