"""Parsers of consoles, on recorded logs and on text that arrives in pieces."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skerry.console.faults import domain_fault
from skerry.console.follow import Follower
from skerry.console.lines import CoreUp, core_up, loader_complaint, parse_line, parse_log
from skerry.console.marks import Begin, Done, End, Mark, MarkReader, Output, Progress, encode_commands
from skerry.console.merge import merge_logs, merged_text
from skerry.console.panic import find_panics, is_record_line

LOGS = Path(__file__).resolve().parents[1] / "logs"
RUN_ID = "0123456789abcdef"
SERIAL = f"""Skerry\r
@@ {RUN_ID} begin 1 cores\r
core 0 up\r
@@ {RUN_ID} end 1 status 0\r
@@ {RUN_ID} begin 2 echo -n half; mem\r
half@@ {RUN_ID} end 2 status 1\r
@@ {RUN_ID} done status 1\r
"""
MARKS: list[Mark] = [
    Output("Skerry"),
    Begin(1, "cores"),
    Output("core 0 up"),
    End(1, 0),
    Begin(2, "echo -n half; mem"),
    Output("half"),
    End(2, 1),
    Done(1),
]


def test_a_stamped_line_is_split() -> None:
    line = parse_line("[   12.000345] cpu: hello\r")
    assert (line.stamp, line.text) == (12_000_345, "cpu: hello")
    assert parse_line("loader: no stamp").stamp is None


def test_each_core_reports_its_build() -> None:
    builds = ("9b055c7f", "54cebe77", "b30835d5", "5388d168")
    for core, build in enumerate(builds):
        text = (LOGS / f"boot-4.core-{core}.log").read_text()
        (up,) = filter(None, map(core_up, parse_log(text)))
        assert up == CoreUp(core, core, up.build)
        assert up.build.startswith(build) and len(up.build) == 40


def test_only_a_last_loader_line_is_a_complaint() -> None:
    assert loader_complaint("loader: a\nloader: archive damaged\n") == "archive damaged"
    assert loader_complaint((LOGS / "boot-4.core-0.log").read_text()) is None


def test_a_panic_in_mid_line_is_found_whole() -> None:
    (panic,) = find_panics((LOGS / "panic-midline.log").read_text())
    assert (panic.core, panic.kind, panic.complete, panic.practice) == (2, "practice", True, True)
    assert panic.message == "asked for by a kernel capability"
    assert panic.build == "9f3c2a7d51e84b06c2d9e1f0a3b4c5d6e7f80912"
    assert panic.rip == 0xFFFFFFFF80001234
    assert panic.registers["r15"] == 0xE
    assert panic.backtrace == (0xFFFFFFFF80001234, 0xFFFFFFFF80004567, 0xFFFFFFFF80000089)
    assert panic.dispatcher == {"name": "monitor", "state": "RUNNING", "disabled": "1", "rip": "0x401b20"}


def test_a_record_cut_short_keeps_what_came() -> None:
    (panic,) = find_panics((LOGS / "panic-cut.log").read_text())
    assert (panic.complete, panic.registers["vector"], panic.registers["rax"]) == (False, 14, 1)
    assert panic.backtrace == ()


def test_a_second_panic_while_writing_the_first_is_a_record_of_its_own() -> None:
    text = (LOGS / "panic-cut.log").read_text() + (LOGS / "panic-midline.log").read_text()
    assert [(panic.core, panic.complete) for panic in find_panics(text)] == [(1, False), (2, True)]


def test_lines_of_a_record_are_known() -> None:
    lines = (LOGS / "panic-midline.log").read_text().splitlines()
    assert [is_record_line(line) for line in lines] == [False, False, True, True, True, True, True, True, True]


@given(st.text(alphabet="PANIC-REGBTcore=0x123 \n:", max_size=200))
def test_no_text_breaks_the_panic_parser(text: str) -> None:
    find_panics(f"PANIC core=1 kind=fault build=ab: {text}")


@given(st.integers(0, 2000))
def test_a_log_that_ends_anywhere_can_be_read(length: int) -> None:
    text = (LOGS / "panic-midline.log").read_text()[:length]
    assert len(find_panics(text)) == bool(re.search(r"PANIC core=2 kind=practice build=\w{40}:", text))


@given(st.lists(st.integers(1, 40), min_size=1, max_size=20))
def test_marks_do_not_depend_on_how_the_bytes_arrive(sizes: list[int]) -> None:
    reader, at = MarkReader(RUN_ID), 0
    found: list[Mark] = []
    for size in [*sizes, len(SERIAL)]:
        found += reader.feed(SERIAL[at : at + size])
        at += size
    assert found == MARKS


def test_progress_follows_the_marks() -> None:
    progress = Progress()
    for mark in MARKS:
        progress = progress.after(mark)
    assert progress == Progress(("cores", "echo -n half; mem"), (0, 1), 1)
    assert Progress(("a", "b"), (0,)).running == "b"
    assert progress.running is None


def test_commands_are_one_word_of_the_command_line() -> None:
    assert encode_commands("cores; ping all") == "cores;%20ping%20all"
    assert encode_commands('"%="') == "%22%25%3d%22"


@given(st.text(max_size=50))
def test_encoded_commands_hold_no_blank(text: str) -> None:
    encoded = encode_commands(text)
    assert encoded.isascii() and encoded.isprintable() and " " not in encoded


def test_merged_lines_are_in_order_of_time() -> None:
    logs = {core: (LOGS / f"boot-4.core-{core}.log").read_text() for core in range(4)}
    merged = merge_logs(logs)
    assert merged[0].line.text.startswith("loader:")
    stamps = [line.line.stamp for line in merged if line.line.stamp is not None]
    assert stamps == sorted(stamps)
    assert len(stamps) == 5
    assert merged_text(merged[2], 1) == f"[    0.010293] 0 | {merged[2].line.text}"


def test_a_line_without_stamp_stays_behind_the_one_before_it() -> None:
    merged = merge_logs({0: "[    0.000003] a\n  more of a\n[    0.000009] c\n", 1: "[    0.000005] b\n"})
    assert [line.line.text for line in merged] == ["a", "  more of a", "b", "c"]


def test_a_follower_sees_each_byte_once(tmp_path: Path) -> None:
    file = tmp_path / "core-0.log"
    follower = Follower(file)
    assert follower.look() == ""
    file.write_bytes(b"half of \xc3")
    assert follower.look() == "half of "
    with file.open("ab") as stream:
        stream.write(b"\xa4")
    assert follower.look() == "ä"
    assert follower.text == "half of ä"


@pytest.mark.parametrize(
    ("text", "domain", "rip"),
    [
        ("cpu: hello stopped: page fault 14, error 0x6, address 0x10, at 0x400123", "hello", 0x400123),
        ("monitor: page fault while disabled at 0x41bcc8, rip 0x401b20, error 0x1: stopped", "monitor", 0x401B20),
        ("monitor: domain 0.3 (hello): page fault 14, rip 0x400123, error 0x6: stopped", "hello", 0x400123),
    ],
)
def test_a_stopped_domain_is_noticed(text: str, domain: str, rip: int) -> None:
    fault = domain_fault(2, text)
    assert fault is not None
    assert (fault.core, fault.domain, fault.rip) == (2, domain, rip)


@pytest.mark.parametrize("text", ["cpu: core 2 up", "monitor: core 2 joined", "PANIC-DISPATCHER name=a rip=0x1"])
def test_other_lines_report_no_stopped_domain(text: str) -> None:
    assert domain_fault(0, text) is None
