"""From events to runs, messages and arrows; and the check of what a viewer gets."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skerry.trace.records import CoreTrace, read_core
from skerry.trace.summary import summary
from skerry.trace.timeline import NOBODY, Message, build
from skerry.trace.validate import problems
from skerry.trace.viewer import to_json
from trace_bytes import FORMAT, STATE, UPCALL, name, port, record

MONITOR, SHELL, OTHER, CHANNEL = 10, 20, 30, 0xC0FFEE


def core(number: int, records: Sequence[bytes], end: int = 1000) -> CoreTrace:
    read = read_core(port(number, records, end=end), FORMAT)
    assert read is not None
    return read


def message(time: int, kind: str, count: int, dispatcher: int, side: int = 0) -> bytes:
    return record(time, "SOURCE", dispatcher) + record(time, kind, CHANNEL, count, side)


def two_cores() -> list[CoreTrace]:
    """Core 0's shell calls its monitor, which sends core 1's a message; core 1 idles before and after."""
    blocked, runnable = STATE["BLOCKED"], STATE["RUNNABLE"]
    zero = [name(1, SHELL, "shell"), name(1, MONITOR, "monitor"), record(10, "SWITCH", SHELL)]
    zero += [record(100, "LRPC", MONITOR, SHELL), record(110, "SWITCH", MONITOR, SHELL, runnable)]
    zero += [record(115, "UPCALL", MONITOR, 0, UPCALL["LRPC"]), message(200, "SEND", 1, MONITOR)]
    zero += [record(300, "SOURCE"), record(400, "SWITCH", NOBODY, MONITOR, blocked)]
    one = [record(20, "SWITCH", NOBODY), record(210, "INTERRUPT", 0, 0, 0xEF), record(220, "SWITCH", OTHER)]
    one += [message(250, "RECEIVE", 1, OTHER), record(0, "SOURCE"), record(500, "SWITCH", NOBODY, OTHER, blocked)]
    return [core(0, zero), core(1, one)]


def arrows(rows: Sequence[dict[str, Any]], category: str) -> list[tuple[Any, ...]]:
    ends = {(row["id"], row["ph"]): row for row in rows if row["ph"] in "sf" and row["cat"] == category}
    numbers = sorted({number for number, _ in ends})
    return [(ends[n, "s"]["pid"], ends[n, "s"]["ts"], ends[n, "f"]["pid"], ends[n, "f"]["ts"]) for n in numbers]


def test_runs_lie_between_switches() -> None:
    runs = build(two_cores()).runs
    assert [(run.dispatcher, run.begin, run.end) for run in runs[0]] == [
        (SHELL, 10, 110), (MONITOR, 110, 400), (NOBODY, 400, 1000)]  # fmt: skip
    assert [run.left for run in runs[0]] == [STATE["RUNNABLE"], STATE["BLOCKED"], None]


def test_an_arrow_leads_from_the_send_to_its_receive_and_from_a_call_to_its_upcall() -> None:
    rows = to_json(build(two_cores()), FORMAT)["traceEvents"]
    assert arrows(rows, "message") == [(1, 0.2, 2, 0.25)]
    assert arrows(rows, "call") == [(1, 0.1, 1, 0.115)]


def test_the_file_is_one_that_viewers_take() -> None:
    assert problems(to_json(build(two_cores()), FORMAT)) == []


def test_the_summary_counts_what_happened() -> None:
    lines = summary(build(two_cores()))
    assert lines[1].split()[:4] == ["0", "1.000", "39.4", "%"]
    assert [line.split()[:2] for line in lines if " shell " in line or " monitor " in line] == [
        ["0", "monitor"], ["0", "shell"]]  # fmt: skip
    assert lines[-1].split() == ["0xc0ffee.0", "core", "0", "core", "1", "1", "1", "0.050", "0.050"]


def matched(sends: Sequence[bytes], receives: Sequence[bytes]) -> list[tuple[int | None, int | None]]:
    found = build([core(0, sends), core(1, receives)]).messages
    return [(one.sent.time if one.sent else None, one.received.time if one.received else None) for one in found]


def test_numbers_that_come_again_are_matched_in_the_order_of_time() -> None:
    sends = [message(100, "SEND", 5, MONITOR), message(300, "SEND", 5, MONITOR)]
    receives = [message(50, "RECEIVE", 5, OTHER), message(150, "RECEIVE", 5, OTHER), message(350, "RECEIVE", 5, OTHER)]
    assert matched(sends, receives) == [(None, 50), (100, 150), (300, 350)]


def test_the_two_directions_of_a_channel_are_apart() -> None:
    assert matched([message(100, "SEND", 5, MONITOR, 1)], [message(150, "RECEIVE", 5, OTHER, 0)]) == [
        (100, None), (None, 150)]  # fmt: skip


@given(st.lists(st.tuples(st.integers(0, 900), st.sampled_from(["SEND", "RECEIVE"]), st.integers(0, 3)), max_size=30))
def test_every_end_belongs_to_one_message_and_none_arrives_before_it_was_sent(
    ends: list[tuple[int, str, int]],
) -> None:
    found: Sequence[Message] = build([core(0, [message(*end, MONITOR) for end in ends])]).messages
    assert sum(one.sent is not None for one in found) == sum(kind == "SEND" for _, kind, _ in ends)
    assert sum(one.received is not None for one in found) == sum(kind == "RECEIVE" for _, kind, _ in ends)
    assert all(one.sent.time <= one.received.time for one in found if one.sent and one.received)


SLICE = {"ph": "X", "name": "a", "pid": 1, "tid": 1, "ts": 0, "dur": 10}
ARROW = {"ph": "s", "name": "m", "cat": "m", "pid": 1, "tid": 1, "ts": 0, "id": 1}


@pytest.mark.parametrize(
    ("rows", "word"),
    [
        ([{"ph": "Q"}], "no known phase"),
        ([{**SLICE, "name": 1}], "without a good 'name'"),
        ([{**SLICE, "dur": -1}], "negative"),
        ([SLICE, {**SLICE, "ts": 5}], "outlasts"),
        ([SLICE, ARROW], "only one end"),
        ([SLICE, {**ARROW, "ts": 3}], "no slice begins"),
        ([SLICE, {**SLICE, "ts": 20}, {**ARROW, "ts": 20}, {**ARROW, "ph": "f", "bp": "e"}], "ends before it begins"),
    ],
)
def test_what_a_viewer_would_drop_is_found(rows: list[dict[str, Any]], word: str) -> None:
    assert any(word in problem for problem in problems({"traceEvents": rows}))


def test_a_file_without_events_is_found() -> None:
    assert problems([]) == ["no list traceEvents"]
