"""What the events of all cores amount to: who ran when, and which messages went from where to where."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from skerry.trace.records import CPU_DRIVER, CoreTrace, Event

NOBODY = CPU_DRIVER


@dataclass(frozen=True)
class Run:
    """A dispatcher had the core, or nobody. `left` is the number of the state in which it was then, None at the end."""

    dispatcher: int
    begin: int
    end: int
    left: int | None


@dataclass(frozen=True)
class Place:
    """Where and when something happened."""

    core: int
    dispatcher: int
    time: int


@dataclass(frozen=True)
class Channel:
    """One direction of a channel: the page of its frame, and the side that sends."""

    page: int
    side: int

    def __str__(self) -> str:
        return f"{self.page:#x}.{self.side}"


@dataclass(frozen=True)
class Message:
    """A message, as far as it was seen."""

    channel: Channel
    number: int
    sent: Place | None
    received: Place | None


@dataclass(frozen=True)
class Timeline:
    """All of a run. Times are TSC ticks, the same clock on every core."""

    cores: tuple[CoreTrace, ...]
    runs: dict[int, tuple[Run, ...]]
    messages: tuple[Message, ...]
    calls: tuple[tuple[Place, Place], ...]  # LRPC, from the sender to the receiver's upcall

    @property
    def khz(self) -> int:
        return self.cores[0].khz

    @property
    def begin(self) -> int:
        return min(core.begin for core in self.cores)


def build(cores: Iterable[CoreTrace]) -> Timeline:
    """The timeline of these cores."""
    ordered = tuple(sorted(cores, key=lambda core: core.core))
    runs = {core.core: tuple(find_runs(core)) for core in ordered}
    calls = tuple(call for core in ordered for call in find_calls(core))
    return Timeline(ordered, runs, tuple(find_messages(ordered)), calls)


def find_runs(core: CoreTrace) -> Iterator[Run]:
    """Between one SWITCH and the next; before the first nothing is known."""
    switches = [event for event in core.events if event.kind == "SWITCH"]
    for event, after in pairwise(switches):
        yield Run(event.a, event.time, after.time, after.detail)
    if switches:
        yield Run(switches[-1].a, switches[-1].time, max(core.end, switches[-1].time), None)


def find_calls(core: CoreTrace) -> Iterator[tuple[Place, Place]]:
    """Each LRPC record and the upcall that it led to."""
    call: Event | None = None
    for event in core.events:
        if event.kind == "LRPC":
            call = event
        elif event.kind == "UPCALL" and call is not None:
            if event.a == call.a:
                yield Place(core.core, call.b, call.time), Place(core.core, event.a, event.time)
            call = None


def find_messages(cores: Sequence[CoreTrace]) -> list[Message]:
    """Sends matched with receives by channel and number. A frame may serve several channels, one after the other: then
    numbers come again, and each send gets the first receive after it."""
    ends: dict[tuple[Channel, int], tuple[list[Place], list[Place]]] = defaultdict(lambda: ([], []))
    for core in cores:
        for event in core.events:
            if event.kind in ("SEND", "RECEIVE"):
                place = Place(core.core, event.source, event.time)
                ends[Channel(event.a, event.detail & 1), event.b][event.kind == "RECEIVE"].append(place)
    found = [message for (channel, number), (sent, received) in ends.items()
             for message in _match(channel, number, sent, received)]  # fmt: skip
    return sorted(found, key=lambda message: (_first(message).time, message.channel.page, message.number))


def _match(channel: Channel, number: int, sent: list[Place], received: list[Place]) -> Iterator[Message]:
    sent, received = (sorted(places, key=lambda place: place.time) for places in (sent, received))
    for place in sent:
        while received and received[0].time < place.time:
            yield Message(channel, number, None, received.pop(0))
        yield Message(channel, number, place, received.pop(0) if received else None)
    yield from (Message(channel, number, None, place) for place in received)


def _first(message: Message) -> Place:
    place = message.sent or message.received
    assert place is not None
    return place
