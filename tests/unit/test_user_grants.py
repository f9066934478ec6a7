"""etc/devices as a monitor reads it: whoever is not named gets nothing, and a wrong line gives nothing."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boot_host import ROOT
from small_host import host_program, run_host
from user_host import RENAMED, USERLAND, Err

PORTS, ISA, PCI = range(3)
SOURCES = (ROOT / "tests/unit/grants_host.c", USERLAND / "monitor/grants.c", USERLAND / "lib/string.c")
INCLUDES = (USERLAND / "lib/include", USERLAND, ROOT / "kernel")
RENAMINGS = tuple(f"-D{name}=skerry_{name}" for name in RENAMED if not name.endswith("printf"))
FILE = """
# a comment
serial ports 0x3f8 8   # COM1
serial\tisa 4
abcdefghijklmnop isa 5
nic pci 0x8086 0x10d3"""


def ask(text: bytes, name: str, kind: int, first: int, second: int = 0) -> tuple[int, int, int, list[str]]:
    program = host_program(SOURCES, INCLUDES, ("-fno-builtin", *RENAMINGS))
    *log, last = run_host(program, [name, str(kind), str(first), str(second)], text)
    error, found, with_it = map(int, last.split())
    return error, found, with_it, log


@pytest.mark.parametrize(
    ("name", "kind", "first", "second", "expected"),
    [
        ("serial", PORTS, 0x3F8, 0, (Err.OK, 0x3F8, 8)),
        ("serial", ISA, 4, 0, (Err.OK, 4, 0)),
        ("abcdefghijklmnop", ISA, 5, 0, (Err.OK, 5, 0)),
        ("serial", PORTS, 0x3F9, 0, None),
        ("serial", ISA, 0x3F8, 0, None),
        ("seria", ISA, 4, 0, None),
        ("serial2", ISA, 4, 0, None),
        ("nic", PCI, 0x8086, 0x10D3, (Err.OK, 0x8086, 0x10D3)),
        ("nic", PCI, 0x8086, 0x10D4, None),
        ("#", ISA, 4, 0, None),
        ("", ISA, 0, 0, None),
    ],
)
def test_only_what_is_granted_is_found(
    name: str, kind: int, first: int, second: int, expected: tuple[int, int, int] | None
) -> None:
    error, found, with_it, log = ask(FILE.encode(), name, kind, first, second)
    assert log == []
    assert (error, found, with_it) == (expected or (Err.CAP_RIGHTS, first, second))


@pytest.mark.parametrize("kind", ["", "isa", "isa x", "isa 1 2", "ports 1", "pci 1", "irq 4", "ports 1 2 3", "isa -1"])
def test_a_line_that_is_wrong_is_named_and_gives_nothing(kind: str) -> None:
    error, *_, log = ask(f"\nfine isa 7\nbad {kind}\n".encode(), "bad", ISA, 1)
    assert error == Err.CAP_RIGHTS
    assert len(log) == 1 and "line 3 gives nothing" in log[0]


def test_a_name_that_is_too_long_is_not_cut_to_another() -> None:
    error, *_, log = ask(b"abcdefghijklmnopq isa 5\n", "abcdefghijklmnop", ISA, 5)
    assert error == Err.CAP_RIGHTS and len(log) == 1


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=600))
def test_any_bytes_are_read_without_harm(text: bytes) -> None:
    ask(text, "serial", PORTS, 0x3F8)
