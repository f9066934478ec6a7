"""kernel/boot/layout.c: a core is laid out completely, and its entry tables map just what they must."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from boot_files import EXECUTE, KERNEL_WINDOW, PAGE, READ, WRITE, Elf, Segment, program
from boot_host import CONTRACT, OP_LAYOUT, OP_PARK, Err, Host

CHUNK = CONTRACT.constant("CHUNK_SIZE")
REGION = CONTRACT.constant("IMAGE_REGION_SIZE")
PARK = CONTRACT.constant("PARK_SIZE")
BOOT = CONTRACT.struct("boot_data")
TABLES = 7
PRESENT, WRITABLE, USER, LARGE, NO_EXECUTE = 1, 2, 4, 1 << 7, 1 << 63
ADDRESS = 0x000FFFFFFFFFF000
IMAGE = program(KERNEL_WINDOW)
MONITOR = program(CONTRACT.constant("USER_STATIC_BASE"))


@dataclass(frozen=True)
class Request:
    """What layout_core is asked, with values that can be told apart."""

    base: int = 2 * CHUNK
    park: int = 20 * CHUNK + 3 * PARK
    image: Elf = IMAGE
    monitor: Elf = MONITOR
    cmdline: bytes = b"run_id=1 run=help"
    pools: tuple[tuple[int, int], ...] = ((16 * CHUNK, 2 * CHUNK),)
    regions: tuple[tuple[int, int, int], ...] = ((PAGE, PAGE, 1), (8 * PAGE, PAGE, 4))

    def blobs(self) -> list[bytes]:
        # core, apic, starter, flags, tsc_khz, apic_khz, start_tsc, archive base and size, rsdp, channel base and size,
        # park block, starts
        about = (3, 5, 7, 1, 2_600_000, 1_000_000, 123456789, 0x1F000, 0x4321, 0xF59E0, 0x8000, 0x2000)
        words = (self.base, *about, self.park, 9)
        lists = bytearray(BOOT.size)
        for name, rows, form in (("pools", self.pools, "<QQ"), ("regions", self.regions, "<QQI4x")):
            struct.pack_into("<I", lists, BOOT.offset(name[:-1] + "_count"), len(rows))
            for index, row in enumerate(rows[:16]):
                struct.pack_into(form, lists, BOOT.offset(name) + index * struct.calcsize(form), *row)
        parts = (self.image.build(), self.monitor.build(), struct.pack("<15Q", *words), self.cmdline + b"\0")
        return [*parts, bytes(lists)]


@dataclass(frozen=True)
class Mapping:
    """A page that the entry tables map."""

    vaddr: int
    paddr: int
    size: int
    flags: int


@dataclass(frozen=True)
class Laid:
    """What came out: the outputs and the region, and the park block that its tables lead to."""

    base: int
    park: int
    cr3: int
    entry: int
    boot_data: int
    written: int
    region: bytes
    parked: bytes

    def at(self, paddr: int, size: int) -> bytes:
        if self.park <= paddr < self.park + PARK:
            return self.parked[paddr - self.park :][:size]
        offset = paddr - self.base
        assert offset >= 0 and offset + size <= REGION, f"{paddr:#x} is outside the region"
        return self.region[offset : offset + size]

    def field(self, name: str, row: int = 0, step: int = 0, form: str = "") -> tuple[Any, ...]:
        field = next(f for f in BOOT.fields if f.name == name)
        form = form or {4: "<I", 8: "<Q"}[field.size]
        return struct.unpack(form, self.at(self.boot_data + field.offset + row * step, struct.calcsize(form)))

    def word(self, name: str) -> int:
        return int(self.field(name)[0])

    def mappings(self) -> list[Mapping]:
        return list(self._walk(self.cr3, 4, 0))

    def _walk(self, table: int, level: int, vaddr: int) -> Iterator[Mapping]:
        for index, entry in enumerate(struct.unpack("<512Q", self.at(table, PAGE))):
            size = PAGE << 9 * (level - 1)
            start = vaddr + index * size
            start |= 0xFFFF << 48 if level == 4 and index >= 256 else 0
            if not entry & PRESENT:
                assert entry == 0
            elif level == 1 or entry & LARGE:
                yield Mapping(start, entry & ADDRESS, size, entry & ~ADDRESS)
            else:
                assert entry & WRITABLE, "the leaves decide about rights"
                yield from self._walk(entry & ADDRESS, level - 1, start)


def lay_out(boot: Host, request: Request) -> Laid:
    answer = boot.ask(OP_LAYOUT, *request.blobs())
    assert answer.word() == Err["OK"]
    cr3, entry, boot_data, written = answer.words(4)
    block = park_block(boot, request.park).block
    return Laid(request.base, request.park, cr3, entry, boot_data, written, answer.take(REGION), block)


@dataclass(frozen=True)
class Park:
    """A park block, whether it may lie there, and where in its code the tables are and where it ends."""

    place_ok: bool
    tables: int
    end: int
    block: bytes


def park_block(boot: Host, base: int) -> Park:
    answer = boot.ask(OP_PARK, struct.pack("<Q", base))
    place_ok, tables, end = answer.words(3)
    return Park(bool(place_ok), tables, end, answer.take(PARK))


def error_of(boot: Host, request: Request) -> int:
    return boot.ask(OP_LAYOUT, *request.blobs()).word()


def park_pages(base: int) -> set[Mapping]:
    """The code, and the mailbox with the stack."""
    mailbox = base + PAGE
    return {Mapping(base, base, PAGE, PRESENT), Mapping(mailbox, mailbox, PAGE, PRESENT | WRITABLE | NO_EXECUTE)}


@st.composite
def requests(draw: st.DrawFn) -> Request:
    base = draw(st.integers(1, 2047).filter(lambda chunk: not 16 <= chunk < 18)) * CHUNK
    park = draw(st.integers(CHUNK // PARK, (1 << 32) // PARK - 1)) * PARK
    assume(park // CHUNK not in (base // CHUNK, 16, 17))
    sizes = st.integers(1, 5 * PAGE)
    image = program(KERNEL_WINDOW, *(draw(sizes) for _ in range(3)))
    monitor = program(0x400000, *(draw(sizes) for _ in range(3)))
    return Request(base, park, image, monitor)


@settings(max_examples=60, deadline=None)
@given(request=requests())
def test_entry_tables_map_the_window_the_region_low_memory_and_the_park_page_only(boot: Host, request: Request) -> None:
    laid = lay_out(boot, request)
    window = {
        Mapping(
            vaddr,
            request.base + vaddr - KERNEL_WINDOW,
            PAGE,
            PRESENT | (WRITABLE if s.flags & WRITE else 0) | (0 if s.flags & EXECUTE else NO_EXECUTE),
        )
        for s in request.image.segments
        for vaddr in range(s.base, s.end, PAGE)
    }
    region = Mapping(request.base, request.base, CHUNK, PRESENT | WRITABLE | LARGE | NO_EXECUTE)
    low = Mapping(0, 0, CHUNK, PRESENT | LARGE)
    mapped = laid.mappings()
    wanted = window | {region, low} | park_pages(request.park)
    assert set(mapped) == wanted and len(mapped) == len(wanted)
    assert not any(m.flags & WRITABLE and not m.flags & NO_EXECUTE for m in mapped)
    assert not any(m.flags & USER for m in mapped)


@settings(max_examples=60, deadline=None)
@given(request=requests())
def test_every_part_is_in_its_place_and_the_rest_is_free(boot: Host, request: Request) -> None:
    laid = lay_out(boot, request)
    image_end = request.image.segments[-1].end - KERNEL_WINDOW
    assert laid.region[:image_end] == b"".join(s.pages for s in request.image.segments)
    assert laid.word("image_base") == request.base and laid.word("image_size") == image_end
    assert laid.boot_data == laid.word("self") == request.base + image_end
    assert laid.cr3 == laid.boot_data + PAGE
    at = laid.cr3 + TABLES * PAGE
    for index, s in enumerate(request.monitor.segments):
        assert laid.field("segments", index, 32, "<QQQII") == (s.base, at, s.end - s.base, s.flags, 0)
        assert laid.at(at, s.end - s.base) == s.pages
        at += s.end - s.base
    assert laid.written == at - request.base
    assert laid.word("free_base") == at and laid.word("free_size") == request.base + REGION - at
    assert laid.at(at, laid.word("free_size")).count(0xEE) == laid.word("free_size"), "free pages are left alone"


def test_boot_data_says_what_the_starter_said(boot: Host) -> None:
    request = Request()
    laid = lay_out(boot, request)
    wanted = {
        "magic": CONTRACT.constant("BOOT_MAGIC"),
        "contract": CONTRACT.hash,
        "monitor_entry": MONITOR.entry,
    }
    wanted |= {"core": 3, "apic": 5, "starter": 7, "flags": 1, "tsc_khz": 2_600_000, "apic_khz": 1_000_000}
    wanted |= {"start_tsc": 123456789, "archive_base": 0x1F000, "archive_size": 0x4321, "rsdp": 0xF59E0}
    wanted |= {"channel_base": 0x8000, "channel_size": 0x2000}
    wanted |= {"starts": 9, "park": request.park, "park_table": request.park + 5 * PAGE}
    wanted |= {"segment_count": 3, "pool_count": 1, "region_count": 2}
    assert {name: laid.word(name) for name in wanted} == wanted
    assert laid.field("pools", 0, 16, "<QQ") == request.pools[0]
    assert [laid.field("regions", i, 24, "<QQII") for i in (0, 1)] == [(*row, 0) for row in request.regions]
    assert laid.field("cmdline", form="<2048s") == (request.cmdline.ljust(2048, b"\0"),)
    assert laid.entry == IMAGE.entry


def test_the_longest_command_line_fits_and_a_longer_one_is_refused(boot: Host) -> None:
    assert error_of(boot, Request(cmdline=b"x" * 2047)) == Err["OK"]
    assert error_of(boot, Request(cmdline=b"x" * 2048)) == Err["NO_MEMORY"]


def test_gaps_between_segments_are_cleared_and_not_mapped(boot: Host) -> None:
    far = replace(IMAGE.segments[2], vaddr=IMAGE.segments[2].vaddr + 4 * PAGE)
    image = replace(IMAGE, segments=(*IMAGE.segments[:2], far))
    laid = lay_out(boot, Request(image=image))
    gap = IMAGE.segments[1].end
    assert laid.at(laid.base + gap - KERNEL_WINDOW, 4 * PAGE) == bytes(4 * PAGE)
    assert not any(gap <= m.vaddr < gap + 4 * PAGE for m in laid.mappings())


def sized(base: int, pages: int) -> Elf:
    """A program of so many pages."""
    code = Segment(base, b"\x90", READ | EXECUTE)
    return Elf(base, (code, Segment(base + PAGE, b"", READ | WRITE, memory=(pages - 1) * PAGE)))


def test_a_region_can_be_filled_to_the_last_page_and_no_further(boot: Host) -> None:
    room = REGION // PAGE - 1 - TABLES - 100
    full = Request(image=sized(KERNEL_WINDOW, 100), monitor=sized(0x400000, room))
    assert lay_out(boot, full).word("free_size") == 0
    for pages in (room + 1, REGION // PAGE, 2**26):
        assert error_of(boot, replace(full, monitor=sized(0x400000, pages))) == Err["NO_MEMORY"]
    assert error_of(boot, replace(full, image=sized(KERNEL_WINDOW, REGION // PAGE))) == Err["NO_MEMORY"]


WRONG_INPUT = {
    "region at 0": (Request(base=0), "ARGUMENT"),
    "region not aligned": (Request(base=CHUNK + PAGE), "ARGUMENT"),
    "region above 4 GiB": (Request(base=1 << 32), "ARGUMENT"),
    "no pool": (Request(pools=()), "ARGUMENT"),
    "pool not aligned": (Request(pools=((16 * CHUNK + PAGE, CHUNK),)), "ARGUMENT"),
    "pool of part of a chunk": (Request(pools=((16 * CHUNK, CHUNK + PAGE),)), "ARGUMENT"),
    "empty pool": (Request(pools=((16 * CHUNK, 0),)), "ARGUMENT"),
    "pool over the region": (Request(pools=((CHUNK, 2 * CHUNK),)), "ARGUMENT"),
    "pool over the top": (Request(pools=((2**64 - CHUNK, 2 * CHUNK),)), "ARGUMENT"),
    "too many pools": (Request(pools=((16 * CHUNK, CHUNK),) * 17), "NO_MEMORY"),
    "too many regions": (Request(regions=((PAGE, PAGE, 1),) * 57), "NO_MEMORY"),
    "park block not aligned": (Request(park=20 * CHUNK + PAGE), "ARGUMENT"),
    "park block below 2 MiB": (Request(park=CHUNK - PARK), "ARGUMENT"),
    "park block above 4 GiB": (Request(park=1 << 32), "ARGUMENT"),
    "park block in the region": (Request(park=3 * CHUNK - PARK), "ARGUMENT"),
    "park block in the pool": (Request(park=17 * CHUNK), "ARGUMENT"),
    "image below the window": (Request(image=program(KERNEL_WINDOW - PAGE)), "FORMAT"),
    "image above the window": (Request(image=program(KERNEL_WINDOW + REGION)), "FORMAT"),
    "image in user space": (Request(image=MONITOR), "FORMAT"),
    "monitor in the window": (Request(monitor=IMAGE), "FORMAT"),
    "monitor at 0": (Request(monitor=program(0)), "FORMAT"),
}


@pytest.mark.parametrize(("request_", "error"), WRONG_INPUT.values(), ids=WRONG_INPUT.keys())
def test_wrong_input_is_refused(boot: Host, request_: Request, error: str) -> None:
    assert error_of(boot, request_) == Err[error]


@settings(max_examples=30, deadline=None)
@given(place=st.integers(CHUNK // PARK, (1 << 32) // PARK - 1))
def test_a_park_block_maps_itself_and_its_nmi_gate_leads_to_its_start(boot: Host, place: int) -> None:
    base = place * PARK
    park = park_block(boot, base)
    assert park.place_ok and park.end <= PAGE
    gates = park.block[park.tables : park.tables + 3 * 16]
    low, selector, ist, kind, middle, high, _ = struct.unpack("<HHBBHII", gates[32:])
    assert (low | middle << 16 | high << 32, selector, ist, kind) == (base, 8, 0, 0x8E)
    assert gates[:32] == bytes(32), "nothing but an NMI is expected"
    cr3, gdt_limit, gdt, idt_limit, idt = struct.unpack_from("<QHQHQ", park.block, park.tables + 48)
    assert (idt, idt_limit) == (base + park.tables, 3 * 16 - 1)
    assert (gdt_limit, cr3) == (2 * 8 - 1, base + 2 * PAGE)
    assert park.block[gdt - base :][:16] == struct.pack("<QQ", 0, 0x00209B0000000000)
    assert park.block[PAGE : 2 * PAGE] == bytes(PAGE), "no letter, and nobody there"
    walker = Laid(0, base, cr3, 0, 0, 0, b"", park.block)
    low = Mapping(0, 0, CHUNK, PRESENT | LARGE)
    assert set(walker.mappings()) == park_pages(base) | {low}


@pytest.mark.parametrize("base", [0, CHUNK - PARK, CHUNK + PAGE, 1 << 32])
def test_a_park_block_lies_between_2_mib_and_4_gib(boot: Host, base: int) -> None:
    assert not park_block(boot, base).place_ok
