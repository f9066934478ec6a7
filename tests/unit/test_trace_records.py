"""The decoder of trace ports: what the bytes say, and what bytes it refuses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skerry.trace.records import TraceError, decode, read_core
from trace_bytes import FORMAT, KHZ, NUMBERS, name, port, record

KINDS = sorted(set(NUMBERS) - {"NOTHING"})
WORD = st.integers(0, (1 << 32) - 1)
FIELDS = st.tuples(st.integers(0, (1 << 48) - 1), st.sampled_from(KINDS), st.integers(0, 255), WORD, WORD)


@given(st.lists(FIELDS))
def test_every_record_is_read_as_it_was_written(fields: list[tuple[int, str, int, int, int]]) -> None:
    data = b"".join(record(time, kind, a, b, detail) for time, kind, detail, a, b in fields)
    assert list(decode(data, FORMAT)) == fields


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        core = read_core(data, FORMAT)
    except TraceError:
        return
    assert core is None or core.khz > 0


@given(st.integers(0, 3 * FORMAT.size))
def test_a_trace_cut_short_keeps_its_whole_records(cut: int) -> None:
    whole = port(1, [record(5, "SWITCH", 7), record(6, "UPCALL", 7)])
    core = read_core(whole[: len(whole) - cut], FORMAT)
    kept = 3 - -(-cut // FORMAT.size)
    assert (core is None) if kept == 0 else (core is not None and len(core.events) == kept - 1 and not core.whole)


def test_no_bytes_are_no_trace() -> None:
    assert read_core(b"", FORMAT) is None


def test_a_record_of_no_kind_is_refused_with_its_place() -> None:
    with pytest.raises(TraceError, match="no record at byte 16: 00000000"):
        read_core(port(0, [bytes(16)]), FORMAT)


def test_a_trace_begins_with_begin() -> None:
    with pytest.raises(TraceError, match="SWITCH record before the first BEGIN"):
        read_core(record(1, "SWITCH"), FORMAT)


def test_names_sources_and_losses_are_taken_out_of_the_events() -> None:
    records = [record(1, "SOURCE"), name(2, 9, "shell"), record(3, "LOST", 12), record(4, "UPCALL", 9)]
    records += [record(5, "SOURCE", 9), record(3, "SEND", 1, 2)]
    core = read_core(port(3, records, end=50), FORMAT)
    assert core is not None
    assert (core.core, core.khz, core.lost, core.names, core.whole) == (3, KHZ, 12, {9: "shell"}, True)
    assert [(event.kind, event.source) for event in core.events] == [("SEND", 9), ("UPCALL", 0)]
    assert (core.begin, core.end) == (0, 50)


def test_tracing_twice_in_a_run_is_one_trace() -> None:
    data = port(0, [record(2, "MARK", 1)], 1, 10) + port(0, [record(22, "MARK", 2)], 21, 30)
    core = read_core(data, FORMAT)
    assert core is not None
    assert (core.begin, core.end, [event.a for event in core.events]) == (1, 30, [1, 2])
