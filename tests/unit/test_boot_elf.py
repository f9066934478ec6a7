"""kernel/boot/elf.c: what a linker makes is loaded right, and everything else is refused."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boot_files import EXECUTE, PAGE, READ, WRITE, Elf, Segment, program
from boot_host import OP_ELF, Err, Host

BASE = 0x400000
LOADABLE = 64 << 20  # what the host program loads (boot_host.c)
GOOD = program(BASE)
TEXT, CONSTANTS, VARIABLES = GOOD.segments


def error_of(boot: Host, data: bytes) -> int:
    return boot.ask(OP_ELF, data).word()


@st.composite
def programs(draw: st.DrawFn) -> Elf:
    """Well-formed files: 1 to 8 segments at odd addresses, apart by whole pages, the first one code."""
    segments: list[Segment] = []
    at = draw(st.sampled_from([0, BASE, 0xFFFFFFFF80000000]))
    for index in range(draw(st.integers(1, 8))):
        data = draw(st.binary(min_size=1, max_size=50)) * draw(st.integers(1, 200))
        flags = READ | EXECUTE if index == 0 else draw(st.sampled_from([READ, READ | WRITE, READ | EXECUTE]))
        vaddr = at + draw(st.integers(0, PAGE - 1))
        segments.append(Segment(vaddr, data, flags, memory=len(data) + draw(st.integers(0, 3 * PAGE))))
        at = segments[-1].end + PAGE * draw(st.integers(0, 2))
    entry = segments[0].vaddr + draw(st.integers(0, len(segments[0].data) - 1))
    return Elf(entry, tuple(segments))


@given(elf=programs())
def test_a_good_file_is_loaded_as_its_headers_say(boot: Host, elf: Elf) -> None:
    answer = boot.ask(OP_ELF, elf.build())
    assert answer.words(3) == [Err["OK"], elf.entry, len(elf.segments)]
    for segment in elf.segments:
        assert answer.words(3) == [segment.base, segment.end - segment.base, segment.flags]
        assert answer.take(segment.end - segment.base) == segment.pages
    assert answer.left == 0


def with_first(**fields: int) -> Elf:
    return replace(GOOD, program=fields)


def with_header(**fields: int) -> Elf:
    return replace(GOOD, header=fields)


def segments(*parts: Segment) -> Elf:
    return replace(GOOD, segments=parts)


BIG = 2**64 - 1
DAMAGED = {
    "magic": with_header(magic=0x464C457E),
    "32 bits": with_header(**{"class": 1}),
    "big endian": with_header(data=2),
    "identification version": with_header(ident=0),
    "version": with_header(version=2),
    "machine": with_header(machine=3),
    "header size": with_header(ehsize=63),
    "program header size": with_header(phsize=32),
    "no segments": with_header(phnum=0),
    "program headers outside": with_header(phoff=len(GOOD.build()) - 56),
    "program headers far outside": with_header(phoff=BIG),
    "program headers wildly outside": with_header(phoff=2**62),
    "program headers at the end": with_header(phoff=len(GOOD.build())),
    "too many program headers": with_header(phnum=65535),
    "entry in no segment": replace(GOOD, entry=TEXT.base - 1),
    "entry in data": replace(GOOD, entry=VARIABLES.vaddr),
    "entry behind the code": replace(GOOD, entry=TEXT.vaddr + len(TEXT.data)),
    "contents outside": with_first(filesz=2**20, memsz=2**20),
    "contents far outside": with_first(filesz=BIG, memsz=BIG),
    "offset outside": with_first(offset=2**20),
    "offset far outside": with_first(offset=BIG - 4095 + BASE % PAGE),
    "more in the file than in memory": with_first(memsz=len(TEXT.data) - 1),
    "only in the file": with_first(memsz=0),
    "memory past the end": with_first(memsz=BIG - BASE),
    "address at the end": with_first(vaddr=BIG - 4095),
    "address in the last page": with_first(vaddr=BIG - 7, align=0),
    "not aligned as stated": with_first(vaddr=BASE + 8),
    "alignment not a power of two": with_first(align=0x1800),
    "writable code": segments(replace(TEXT, flags=READ | WRITE | EXECUTE), CONSTANTS, VARIABLES),
    "not readable": segments(TEXT, replace(CONSTANTS, flags=WRITE)),
    "unknown flag": segments(TEXT, replace(CONSTANTS, flags=READ | 8)),
    "overlap": segments(TEXT, replace(CONSTANTS, vaddr=TEXT.base, align=0)),
    "shared page": segments(TEXT, replace(CONSTANTS, vaddr=TEXT.end - 8)),
    "descending": segments(TEXT, VARIABLES, CONSTANTS),
}


@pytest.mark.parametrize("elf", DAMAGED.values(), ids=DAMAGED.keys())
def test_a_wrong_field_is_refused(boot: Host, elf: Elf) -> None:
    assert error_of(boot, elf.build()) == Err["FORMAT"]


MANY = tuple(Segment(BASE + 2 * PAGE * i, b"\x90", READ | EXECUTE) for i in range(9))
UNSUPPORTED = {
    "position independent": with_header(type=3),
    "object file": with_header(type=1),
    "dynamic": segments(*GOOD.segments, replace(CONSTANTS, type=2)),
    "interpreter": segments(*GOOD.segments, replace(CONSTANTS, type=3)),
    "nine segments": Elf(BASE, MANY),
}


@pytest.mark.parametrize("elf", UNSUPPORTED.values(), ids=UNSUPPORTED.keys())
def test_what_cannot_be_loaded_here_has_its_own_error(boot: Host, elf: Elf) -> None:
    assert error_of(boot, elf.build()) == Err["UNSUPPORTED"]


def test_other_program_headers_and_empty_segments_are_passed_over(boot: Host) -> None:
    stack = Segment(0, b"", READ | WRITE, type=0x6474E551)
    empty = Segment(VARIABLES.end + PAGE, b"")
    elf = segments(stack, *GOOD.segments, empty)
    assert boot.ask(OP_ELF, elf.build()).words(3) == [Err["OK"], BASE, 3]


def test_a_file_cut_short_anywhere_is_refused(boot: Host) -> None:
    whole = program(BASE, data=100).build()
    for size in range(len(whole)):
        assert error_of(boot, whole[:size]) == Err["FORMAT"], size


@given(elf=programs(), data=st.data())
def test_flipped_header_bits_never_lead_outside(boot: Host, elf: Elf, data: st.DataObject) -> None:
    damaged = bytearray(elf.build())
    headers = 64 + 56 * len(elf.segments)
    for bit in data.draw(st.lists(st.integers(0, headers * 8 - 1), min_size=1, max_size=4)):
        damaged[bit // 8] ^= 1 << bit % 8
    answer = boot.ask(OP_ELF, bytes(damaged))
    error = answer.word()
    assert error in (Err["OK"], Err["FORMAT"], Err["UNSUPPORTED"])
    if error != Err["OK"]:
        return
    _, count = answer.words(2)
    end = 0
    for _ in range(count):
        base, size, flags = answer.words(3)
        assert base % PAGE == size % PAGE == 0 and end <= base < base + size <= BIG
        assert flags & (WRITE | EXECUTE) != WRITE | EXECUTE
        end = base + size
        answer.take(size if size <= LOADABLE else 0)
    assert answer.left == 0


@given(noise=st.binary(max_size=300))
def test_noise_is_refused(boot: Host, noise: bytes) -> None:
    assert error_of(boot, noise) == Err["FORMAT"]
    assert error_of(boot, GOOD.build()[:20] + noise) in (Err["FORMAT"], Err["UNSUPPORTED"])
