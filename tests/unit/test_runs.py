"""Every way in which a run can end, played by the scripted guest under real QEMU."""

import os
from pathlib import Path

import pytest

from scripted import HALT, RESET, RUN_ID, SPIN, Script, observed, play
from skerry.machine.hardware import Wishes
from skerry.run.evidence import Stopped
from skerry.run.options import RunOptions
from skerry.run.piped import run_piped
from skerry.run.verdict import guest_code

GOOD = f"@@ {RUN_ID} begin 1 cores\r\ncore 0\r\n@@ {RUN_ID} end 1 status 0\r\n@@ {RUN_ID} done status 0\r\n"
BAD = f"@@ {RUN_ID} begin 1 cores\r\n@@ {RUN_ID} end 1 status 3\r\n@@ {RUN_ID} done status 1\r\n"
PANIC = """[    0.000001] PANIC core=1 kind=assert build=: broken promise
[    0.000001] PANIC-REG rip=0x100000 rsp=0x1
[    0.000001] PANIC-END
"""


def test_commands_that_succeed(tmp_path: Path) -> None:
    played = play(Script().com1(GOOD).exit(0x10).end(), tmp_path)
    assert (played.verdict.name, played.verdict.status) == ("SUCCESS", 0)
    assert "Output(text='core 0')" in played.output


def test_a_failed_command_is_named(tmp_path: Path) -> None:
    played = play(Script().com1(BAD).exit(0x11).end(), tmp_path)
    assert (played.verdict.name, played.verdict.status) == ("FAILURE", 1)
    assert "`cores`" in played.verdict.reason


def test_success_without_the_closing_mark_is_lost(tmp_path: Path) -> None:
    played = play(Script().com1("all is well\r\n").exit(0x10).end(), tmp_path)
    assert played.verdict.name == "LOST"


def test_marks_of_another_build_do_not_count(tmp_path: Path) -> None:
    played = play(Script().com1(GOOD.replace(RUN_ID, "f" * 16)).exit(0x10).end(), tmp_path)
    assert played.verdict.name == "LOST"


def test_a_triple_fault_is_told_apart_and_located(tmp_path: Path) -> None:
    played = play(Script().com1("about to fall\r\n").end(RESET), tmp_path)
    assert (played.verdict.name, played.verdict.status) == ("TRIPLE_FAULT", 66)
    assert any("core 0" in line for line in played.states)


def test_a_silent_halt_is_a_hang(tmp_path: Path) -> None:
    played = play(Script().com1("starting\r\n").end(HALT), tmp_path, timeout=3)
    assert (played.verdict.name, played.verdict.status) == ("HANG", 65)
    assert any("core 0 halted" in line for line in played.states)


def test_a_silent_loop_is_a_hang(tmp_path: Path) -> None:
    assert play(Script().end(SPIN), tmp_path, timeout=3).verdict.name == "HANG"


@pytest.mark.parametrize(
    ("code", "name"), [(0x12, "BAD_ARCHIVE"), (0x13, "BAD_IMAGE"), (0x14, "NO_MEMORY"), (0x15, "BAD_CPU")]
)
def test_the_loaders_complaint_becomes_the_reason(tmp_path: Path, code: int, name: str) -> None:
    played = play(Script().log(0, "loader: hello\nloader: something is wrong\n").exit(code).end(), tmp_path)
    assert (played.verdict.name, played.verdict.reason) == (name, "something is wrong")


def test_an_unknown_exit_code_is_lost(tmp_path: Path) -> None:
    assert play(Script().exit(0x55).end(), tmp_path).verdict.name == "LOST"


def test_a_panic_of_the_last_core_ends_the_run_at_once(tmp_path: Path) -> None:
    script = Script().log(0, PANIC.replace("core=1", "core=0")).end(SPIN)
    played = play(script, tmp_path)
    assert (played.verdict.name, played.verdict.status) == ("PANIC", 64)
    assert played.evidence.seconds < 5
    assert played.shown[0] == "core 0 PANIC (assert): broken promise"


def test_another_cores_panic_lets_the_commands_finish_and_fails_the_run(tmp_path: Path) -> None:
    played = play(Script().log(0, "core 0 lives\n").log(1, PANIC).com1(GOOD).exit(0x10).end(), tmp_path)
    assert played.verdict.name == "PANIC"
    assert "Output(text='core 0')" in played.output


def test_a_practice_panic_of_another_core_fails_nothing(tmp_path: Path) -> None:
    practice = PANIC.replace("assert", "practice")
    played = play(Script().log(0, "core 0 lives\n").log(1, practice).com1(GOOD).exit(0x10).end(), tmp_path)
    assert played.verdict.name == "SUCCESS"
    assert played.shown[0].startswith("core 1 PANIC (practice)")


def test_a_record_cut_short_is_shown_all_the_same(tmp_path: Path) -> None:
    cut = PANIC.split("PANIC-END")[0].replace("core=1", "core=0")
    played = play(Script().log(0, "half a li" + cut).end(SPIN), tmp_path)
    assert played.verdict.name == "PANIC"
    assert "  (the record was cut short)" in played.shown


def test_output_before_qemu_exits_is_not_lost(tmp_path: Path) -> None:
    text = "".join(f"line {n}\r\n" for n in range(3000))
    played = play(Script().com1(GOOD.replace("core 0\r\n", text)).exit(0x10).end(), tmp_path)
    assert played.verdict.name == "SUCCESS"
    assert len([mark for mark in played.output if "line" in mark]) == 3000


def test_only_odd_exit_statuses_carry_a_code() -> None:
    assert [guest_code(status) for status in (0, 1, 33, -9, 34)] == [None, 0, 16, None, None]


def test_a_prompt_in_the_last_words_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine has ended before anyone looks."""
    options = RunOptions(timeout=30, wishes=Wishes(smp=2, accel="tcg-rr"))
    script = Script().com1("Skerry\r\nskerry> bye\r\n").exit(0x10).end()
    with Path(os.devnull).open() as nothing, observed(script, tmp_path, options, []) as observer:
        monkeypatch.setattr("sys.stdin", nothing)
        observer.live.process.wait(30)
        assert run_piped(observer) == (Stopped.NOT, True)
