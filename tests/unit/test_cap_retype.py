"""Retype: ranges, overlaps, zeroing, rights."""

import pytest

from cap_domain import (
    BIG_FRAME,
    CORES,
    DELETE,
    DEVICE,
    IOPORT,
    IRQ,
    MINT,
    MOVE,
    OTHER_BASE,
    OTHER_RAM,
    PAGE,
    POOL_BASE,
    RAM,
    RETYPE,
    REVOKE,
    ROOT,
    TASK,
    Ask,
    Domain,
    E,
    T,
)
from cap_host import Event, the_host

FREE = 40


@pytest.fixture
def domain() -> Domain:
    return Domain(the_host())


def test_retype_of_busy_range_is_refused(domain: Domain) -> None:
    domain.ok(RAM, RETYPE, T.FRAME, 4 * PAGE, 4 * PAGE, 1, TASK | FREE)
    for first, pages in ((4, 4), (3, 2), (7, 1), (5, 1), (0, 100)):
        assert domain.call(RAM, RETYPE, T.FRAME, first * PAGE, pages * PAGE, 1, TASK | 41) == E.RETYPE_BUSY
    domain.ok(RAM, RETYPE, T.FRAME, 0, 4 * PAGE, 1, TASK | 41)
    domain.ok(RAM, RETYPE, T.FRAME, 8 * PAGE, PAGE, 1, TASK | 42)


def test_range_is_free_again_after_the_last_capability_is_deleted(domain: Domain) -> None:
    domain.ok(RAM, RETYPE, T.CNODE, 0, PAGE, 1, TASK | FREE)
    domain.ok(FREE, DELETE)
    domain.ok(RAM, RETYPE, T.VNODE_L1, 0, PAGE, 1, TASK | FREE)


def test_a_part_of_ram_keeps_the_whole_busy_and_may_be_divided_itself(domain: Domain) -> None:
    domain.ok(RAM, RETYPE, T.RAM, 0, 16 * PAGE, 2, TASK | FREE)
    assert domain.call(RAM, RETYPE, T.FRAME, 31 * PAGE, 2 * PAGE, 1, TASK | 42) == E.RETYPE_BUSY
    domain.ok(41, RETYPE, T.FRAME, 15 * PAGE, PAGE, 1, TASK | 42)
    row = domain.at(42)
    assert row is not None and row.base == POOL_BASE + 31 * PAGE


@pytest.mark.parametrize(
    ("offset", "size", "count"),
    [
        (0, 0, 1),
        (0, PAGE, 0),
        (1, PAGE, 1),
        (0, PAGE + 1, 1),
        (0, PAGE, 65),
        (1 << 40, PAGE, 1),
        (0, 1 << 40, 1),
        (PAGE, (1 << 64) - PAGE, 1),
        ((1 << 64) - PAGE, 2 * PAGE, 1),
        (0, 1 << 58, 64),
        (0, PAGE, 1 << 52),
        (0, 1 << 63, 2),
        (0x7FD000 - PAGE, PAGE, 2),
    ],
)
def test_offset_size_and_count_that_leave_the_source_are_refused(
    domain: Domain, offset: int, size: int, count: int
) -> None:
    before = domain.rows()
    assert domain.call(RAM, RETYPE, T.FRAME, offset, size, count, ROOT | 3) == E.RETYPE_RANGE
    assert domain.rows() == before


def test_all_of_a_source_becomes_another_type_but_not_its_own(domain: Domain) -> None:
    assert domain.call(OTHER_RAM, RETYPE, T.RAM, 0, 0x400000, 1, TASK | FREE) == E.RETYPE_RANGE
    domain.ok(OTHER_RAM, RETYPE, T.FRAME, 0, 0x400000, 1, TASK | FREE)


def test_memory_is_zeroed_at_most_sixteen_kibibytes_an_entry(domain: Domain) -> None:
    words = (RAM, RETYPE, T.FRAME, PAGE, 10 * PAGE, 1, TASK | FREE)
    domain.host.events()
    assert [domain.once(*words) for _ in range(3)] == [E.CONTINUE, E.CONTINUE, E.OK]
    assert domain.events(Event.ZERO) == [POOL_BASE + (1 + i) * PAGE for i in range(10)]
    assert domain.host.ask(Ask.IS_ZERO, POOL_BASE + PAGE, 10 * PAGE) == [1]
    assert domain.host.ask(Ask.IS_ZERO, POOL_BASE + 11 * PAGE, PAGE) == [0]


def test_memory_used_again_is_zeroed_again(domain: Domain) -> None:
    for _ in range(2):
        domain.ok(OTHER_RAM, RETYPE, T.FRAME, 0, 4 * PAGE, 1, TASK | FREE)
        assert domain.host.ask(Ask.IS_ZERO, OTHER_BASE, 4 * PAGE) == [1]
        domain.host.ask(Ask.FILL, OTHER_BASE, 4 * PAGE, 0x77)
        domain.ok(FREE, DELETE)


def test_zeroing_progress_is_lost_when_something_is_made_meanwhile(domain: Domain) -> None:
    whole = (OTHER_RAM, RETYPE, T.FRAME, 0, 8 * PAGE, 1, TASK | FREE)
    assert domain.once(*whole) == E.CONTINUE
    domain.ok(OTHER_RAM, RETYPE, T.FRAME, 0, PAGE, 1, TASK | 41)
    domain.host.ask(Ask.FILL, OTHER_BASE, PAGE, 0x77)
    domain.ok(41, DELETE)
    domain.ok(*whole)
    assert domain.host.ask(Ask.IS_ZERO, OTHER_BASE, 8 * PAGE) == [1]


def test_zeroing_progress_is_lost_through_a_part_of_the_ram_too(domain: Domain) -> None:
    whole = (OTHER_RAM, RETYPE, T.FRAME, 0, 8 * PAGE, 1, TASK | FREE)
    assert domain.once(*whole) == E.CONTINUE
    domain.ok(OTHER_RAM, RETYPE, T.RAM, 0, 2 * PAGE, 1, TASK | 41)
    domain.ok(41, RETYPE, T.FRAME, 0, PAGE, 1, TASK | 42)
    domain.host.ask(Ask.FILL, OTHER_BASE, PAGE, 0x77)
    domain.ok(42, DELETE)
    domain.ok(41, DELETE)
    domain.ok(*whole)
    assert domain.host.ask(Ask.IS_ZERO, OTHER_BASE, 8 * PAGE) == [1]


def test_zeroing_of_another_range_starts_from_its_beginning(domain: Domain) -> None:
    assert domain.once(OTHER_RAM, RETYPE, T.FRAME, 0, 8 * PAGE, 1, TASK | FREE) == E.CONTINUE
    domain.ok(OTHER_RAM, RETYPE, T.FRAME, 2 * PAGE, 8 * PAGE, 1, TASK | FREE)
    assert domain.host.ask(Ask.IS_ZERO, OTHER_BASE + 2 * PAGE, 8 * PAGE) == [1]


def test_progress_moves_with_the_capability(domain: Domain) -> None:
    words = (RETYPE, T.FRAME, 0, 8 * PAGE, 1, TASK | FREE)
    assert domain.once(OTHER_RAM, *words) == E.CONTINUE
    domain.ok(OTHER_RAM, MOVE, TASK | 41)
    assert domain.once(41, *words) == E.OK


def test_ram_and_devices_are_not_zeroed(domain: Domain) -> None:
    domain.host.events()
    domain.ok(RAM, RETYPE, T.RAM, 0, 64 * PAGE, 4, TASK | FREE)
    domain.ok(DEVICE, RETYPE, T.DEVICE, 0, PAGE, 4, TASK | 50)
    assert domain.events(Event.ZERO) == []


def test_kernel_objects_are_made_of_pool_ram_only(domain: Domain) -> None:
    for kind in (T.CNODE, T.VNODE_L4, T.VNODE_L1, T.DISPATCHER):
        assert domain.call(OTHER_RAM, RETYPE, kind, 0, PAGE, 1, TASK | FREE) == E.NOT_POOL


def test_page_tables_and_dispatchers_have_one_size(domain: Domain) -> None:
    for kind in (T.VNODE_L4, T.VNODE_L1, T.DISPATCHER):
        assert domain.call(RAM, RETYPE, kind, 0, 2 * PAGE, 1, TASK | FREE) == E.RETYPE_RANGE


def test_each_new_dispatcher_is_initialised(domain: Domain) -> None:
    domain.host.events()
    domain.ok(RAM, RETYPE, T.DISPATCHER, 0, PAGE, 3, TASK | FREE)
    assert domain.events(Event.DISPATCHER_INIT) == [POOL_BASE + i * PAGE for i in range(3)]


def test_types_not_in_the_contract_s_list_are_refused(domain: Domain) -> None:
    for source, kind in ((RAM, T.DEVICE), (RAM, T.MAPPING), (RAM, T.NULL), (RAM, 17), (RAM, 1 << 32 | T.FRAME),
                         (BIG_FRAME, T.RAM), (BIG_FRAME, T.CNODE), (IOPORT, T.IRQ), (8, T.KERNEL)):  # fmt: skip
        assert domain.call(source, RETYPE, kind, 0, PAGE, 1, TASK | FREE) == E.RETYPE_TYPE


def test_all_destination_slots_must_be_empty_and_in_the_cnode(domain: Domain) -> None:
    domain.make(T.FRAME, 42)
    assert domain.call(RAM, RETYPE, T.RAM, 8 * PAGE, PAGE, 3, TASK | 40) == E.SLOT_OCCUPIED
    assert domain.call(RAM, RETYPE, T.RAM, 8 * PAGE, PAGE, 3, TASK | 62) == E.SLOT_RANGE
    domain.ok(RAM, RETYPE, T.RAM, 8 * PAGE, PAGE, 3, TASK | 61)


def test_parts_have_the_rights_of_the_source(domain: Domain) -> None:
    domain.ok(BIG_FRAME, MINT, TASK | FREE, 1, 0)
    domain.ok(FREE, RETYPE, T.FRAME, PAGE, PAGE, 1, TASK | 41)
    row = domain.at(41)
    assert row is not None and row.rights == 1


def test_ports_vectors_and_cores_divide_by_one(domain: Domain) -> None:
    domain.ok(IOPORT, RETYPE, T.IOPORT, 0x3F8, 8, 1, TASK | FREE)
    domain.ok(IRQ, RETYPE, T.IRQ, 1, 1, 3, TASK | 41)
    domain.ok(CORES, RETYPE, T.CORE, 2, 1, 1, TASK | 44)
    rows = [domain.at(slot) for slot in (40, 41, 43, 44)]
    assert [(row.base, row.size) for row in rows if row] == [(0x3F8, 8), (0x31, 1), (0x33, 1), (2, 1)]
    assert domain.call(IOPORT, RETYPE, T.IOPORT, 0x3FF, 1, 1, TASK | 45) == E.RETYPE_BUSY
    assert domain.call(IOPORT, RETYPE, T.IOPORT, 0xFFFF, 2, 1, TASK | 45) == E.RETYPE_RANGE


def test_a_core_with_a_vector_is_not_divided(domain: Domain) -> None:
    domain.ok(CORES, MINT, TASK | FREE, 15, 0x40)
    assert domain.call(FREE, RETYPE, T.CORE, 0, 1, 1, TASK | 41) == E.RETYPE_TYPE


def test_a_device_part_of_busy_range_is_refused_until_revoked(domain: Domain) -> None:
    domain.ok(DEVICE, RETYPE, T.DEVICE, 0, 2 * PAGE, 1, TASK | FREE)
    assert domain.call(DEVICE, RETYPE, T.DEVICE, PAGE, PAGE, 1, TASK | 41) == E.RETYPE_BUSY
    domain.ok(DEVICE, REVOKE)
    domain.ok(DEVICE, RETYPE, T.DEVICE, PAGE, PAGE, 1, TASK | 41)


def test_a_foreign_frame_is_not_divided_nor_revoked(domain: Domain) -> None:
    domain.host.ask(Ask.CREATE, 0x401000 + FREE * 64, T.FRAME, 15, 4, 1 << 30, 4 * PAGE, 0)
    assert domain.call(FREE, RETYPE, T.FRAME, 0, PAGE, 1, TASK | 41) == E.FOREIGN
    assert domain.call(FREE, REVOKE) == E.FOREIGN
    domain.ok(FREE, DELETE)


@pytest.mark.parametrize(
    ("kind", "base", "size", "valid"),
    [
        (T.RAM, 0, PAGE, True),
        (T.RAM, 0, 0, False),
        (T.RAM, 1, PAGE, False),
        (T.RAM, 0, 1 << 43, True),
        (T.RAM, 0, (1 << 43) + PAGE, False),
        (T.FRAME, 0, 1 << 52, True),
        (T.FRAME, PAGE, 1 << 52, False),
        (T.FRAME, (1 << 64) - PAGE, 2 * PAGE, False),
        (T.IOPORT, 0, 1 << 16, True),
        (T.IOPORT, 1, 1 << 16, False),
        (T.IRQ, 255, 1, True),
        (T.IRQ, 256, 1, False),
        (T.KERNEL, 0, 1, True),
        (T.KERNEL, 1, 1, False),
        (T.NULL, 0, PAGE, False),
        (17, 0, PAGE, False),
        (255, 0, PAGE, False),
    ],
)
def test_a_range_must_lie_in_its_space(domain: Domain, kind: int, base: int, size: int, valid: bool) -> None:
    assert domain.host.ask(Ask.RANGE_VALID, kind, base, size) == [int(valid)]
