"""The user stubs, run on the host against a pretended CPU driver that records the registers it is called with.

The stubs' `syscall` instruction is replaced by a call of the recorder in abi_recorder.S; abi_calls.c calls the stubs.
"""

import ctypes
from pathlib import Path

import pytest

from abi_compile import BUILDS, Bench
from skerry import abi

HERE = Path(__file__).parent
SAMPLE = HERE.parent / "golden" / "abi" / "contract"
SAVED = ("rax", "rdi", "rsi", "rdx", "r10", "r12")

U32, U64 = ctypes.c_uint32, ctypes.c_uint64
OK, CONTINUE, BUSY = 0, 1, 2


class Stubs:
    """The compiled stubs with the recorder behind them."""

    def __init__(self, library: Path) -> None:
        self.library = ctypes.CDLL(str(library))
        self.library.call_reset.restype = ctypes.POINTER(U64 * len(SAVED))

    def call(self, name: str, *args: object, answers: tuple[int, ...] = (OK,)) -> tuple[int, dict[str, int]]:
        """The stub's return value, and the registers at its last system call."""
        script = (U64 * 8)(*answers)
        seen = self.library.call_reset(script)
        function = getattr(self.library, name)
        function.restype = U32
        result = int(function(*args))
        assert self.library.call_count() == len(answers)
        return result, dict(zip(SAVED, seen.contents, strict=True))


@pytest.fixture(params=BUILDS, ids="".join)
def stubs(request: pytest.FixtureRequest, tmp_path: Path) -> Stubs:
    bench = Bench(tmp_path, *request.param)
    abi.generate(abi.load(SAMPLE), tmp_path)
    header = tmp_path / "include" / "abi" / "stubs.h"
    header.write_text(header.read_text().replace('"syscall"', '"call recorder"'))
    calls = bench.write("calls.c", (HERE / "abi_calls.c").read_text())
    recorder = bench.write("recorder.S", (HERE / "abi_recorder.S").read_text())
    # A call, unlike a system call, writes to the stack; so there must be no red zone.
    return Stubs(bench.library(bench.compile(calls, "-mno-red-zone"), bench.compile(recorder)))


def test_system_call_passes_its_number_and_arguments(stubs: Stubs) -> None:
    assert stubs.call("call_null", answers=(BUSY,))[0] == BUSY
    result, seen = stubs.call("call_sleep", U64(1 << 40))
    assert (result, seen["rax"], seen["rdi"]) == (OK, 2, 1 << 40)


def test_operation_passes_capability_number_and_words(stubs: Stubs) -> None:
    result, seen = stubs.call("call_map", U32(0xFFFFFFFF), U64(1 << 63), U32(7), U64(9), answers=(OK, OK))
    assert result == OK
    assert seen == {"rax": 1, "rdi": 0xFFFFFFFF, "rsi": 16, "rdx": 1 << 63, "r10": 7, "r12": 9}


def test_slot_word_holds_cnode_and_index(stubs: Stubs) -> None:
    _, seen = stubs.call("call_copy", U32(3), U32(0x80000001), U32(63))
    assert seen["rdx"] == 0x80000001 << 32 | 63


def test_results_arrive_where_the_contract_says(stubs: Stubs) -> None:
    base, size = U64(1), U64(2)
    assert stubs.call("call_identify", U32(5), ctypes.byref(base), ctypes.byref(size))[0] == OK
    assert (base.value, size.value) == (0xD0, 0x80)


def test_result_in_an_argument_register_arrives(stubs: Stubs) -> None:
    value = U64(1)
    _, seen = stubs.call("call_in", U32(5), U64(0x3F8), ctypes.byref(value))
    assert (seen["rdx"], value.value) == (0x3F8, 0xD0)


def test_result_pointers_may_be_null(stubs: Stubs) -> None:
    assert stubs.call("call_identify", U32(5), None, None)[0] == OK


def test_failure_leaves_the_outputs_alone(stubs: Stubs) -> None:
    base, size = U64(1), U64(2)
    assert stubs.call("call_identify", U32(5), ctypes.byref(base), ctypes.byref(size), answers=(BUSY,))[0] == BUSY
    assert (base.value, size.value) == (1, 2)


def test_long_operation_is_invoked_until_it_ends(stubs: Stubs) -> None:
    bits = U64(1)
    result, seen = stubs.call("call_lend", U32(5), U32(6), ctypes.byref(bits), answers=(CONTINUE, CONTINUE, OK))
    assert (result, bits.value) == (OK, 0xD0)
    assert (seen["rax"], seen["rdi"], seen["rsi"], seen["rdx"]) == (1, 5, 17, 6)  # the third time as the first
    assert stubs.call("call_delete", U32(5), answers=(CONTINUE, BUSY))[0] == BUSY


def test_continue_from_a_short_operation_is_handed_out(stubs: Stubs) -> None:
    assert stubs.call("call_copy", U32(3), U32(0), U32(0), answers=(CONTINUE,))[0] == CONTINUE


def test_any_operation_can_be_invoked_raw(stubs: Stubs) -> None:
    result = (U64 * 2)()
    error, seen = stubs.call("call_any", U32(4), U64(99), (U64 * 3)(1, 2, 3), result, answers=(BUSY,))
    assert (error, list(result)) == (BUSY, [0xD0, 0x80])
    assert seen == {"rax": 1, "rdi": 4, "rsi": 99, "rdx": 1, "r10": 2, "r12": 3}
