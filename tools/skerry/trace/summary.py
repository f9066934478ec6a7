"""The timeline in words and figures: a line a core, a line a dispatcher, a line a direction of each channel."""

from collections import Counter
from collections.abc import Iterator
from statistics import median

from skerry.trace.records import CoreTrace
from skerry.trace.timeline import NOBODY, Channel, Message, Timeline


def summary(timeline: Timeline) -> list[str]:
    """All of it."""
    return [*_cores(timeline), "", *_dispatchers(timeline), *_channels(timeline)]


def _us(ticks: float, khz: int) -> str:
    return f"{ticks * 1000 / khz:.3f}"


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "-"


def _cores(timeline: Timeline) -> Iterator[str]:
    yield "core     traced us      busy      idle  switches  upcalls  interrupts      sent  received  lost"
    for core in timeline.cores:
        kinds = Counter(event.kind for event in core.events)
        runs = timeline.runs[core.core]
        idle = sum(run.end - run.begin for run in runs if run.dispatcher == NOBODY)
        busy = sum(run.end - run.begin for run in runs) - idle
        note = "" if core.whole else "  (cut short: the machine ended while it was traced)"
        yield (
            f"{core.core:4}  {_us(core.end - core.begin, core.khz):>12}  {_share(busy, busy + idle):>8}"
            f"  {_share(idle, busy + idle):>8}  {kinds['SWITCH']:8}  {kinds['UPCALL']:7}  {kinds['INTERRUPT']:10}"
            f"  {kinds['SEND']:8}  {kinds['RECEIVE']:8}  {core.lost:4}{note}"
        )


def _dispatchers(timeline: Timeline) -> Iterator[str]:
    yield "core  dispatcher             ran us     share  times  upcalls"
    for core in timeline.cores:
        yield from _dispatchers_of(core, timeline)


def _dispatchers_of(core: CoreTrace, timeline: Timeline) -> Iterator[str]:
    runs = [run for run in timeline.runs[core.core] if run.dispatcher != NOBODY]
    whole = sum(run.end - run.begin for run in timeline.runs[core.core])
    ran: Counter[int] = Counter()
    for run in runs:
        ran[run.dispatcher] += run.end - run.begin
    times = Counter(run.dispatcher for run in runs)
    upcalls = Counter(event.a for event in core.events if event.kind == "UPCALL")
    for number, ticks in ran.most_common():
        name = core.names.get(number, hex(number))
        yield (
            f"{core.core:4}  {name:<16}  {_us(ticks, core.khz):>11}  {_share(ticks, whole):>8}"
            f"  {times[number]:5}  {upcalls[number]:7}"
        )


def _channels(timeline: Timeline) -> Iterator[str]:
    """Latency: from the record of the sender to that of the receiver."""
    channels: dict[Channel, list[Message]] = {}
    for message in timeline.messages:
        channels.setdefault(message.channel, []).append(message)
    if channels:
        yield from ("", "channel       from        to          messages  matched  latency us: median         max")
    for channel, messages in channels.items():
        late = [m.received.time - m.sent.time for m in messages if m.sent and m.received]
        sender = next((m.sent for m in messages if m.sent), None)
        receiver = next((m.received for m in messages if m.received), None)
        cores = [f"core {place.core}" if place else "?" for place in (sender, receiver)]
        figures = (_us(median(late), timeline.khz), _us(max(late), timeline.khz)) if late else ("-", "-")
        yield (
            f"{channel!s:<12}  {cores[0]:<10}  {cores[1]:<10}  {len(messages):8}  {len(late):7}"
            f"  {figures[0]:>18}  {figures[1]:>10}"
        )
