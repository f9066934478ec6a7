"""Page tables and mappings."""

from typing import Any

import pytest

from cap_domain import (
    BIG_FRAME,
    COPY,
    DELETE,
    MAP,
    MINT,
    PAGE,
    POOL_BASE,
    PROTECT,
    RAM,
    RETYPE,
    REVOKE,
    TASK,
    Ask,
    Domain,
    E,
    M,
    T,
)
from cap_host import Event, the_host

L4, L3, L2, L1, FRAME, DST = 32, 33, 34, 35, 36, 50
RW, RX = M.READ | M.WRITE, M.READ | M.EXECUTE
LARGE = 2 << 20
HEAD, WRITABLE, NO_EXECUTE, UNCACHED, BIG = 1 << 9, 1 << 1, 1 << 63, 1 << 4, 1 << 7


@pytest.fixture
def domain() -> Domain:
    """With a page table of each level and a frame of four pages."""
    made = Domain(the_host())
    for slot, kind in ((L4, T.VNODE_L4), (L3, T.VNODE_L3), (L2, T.VNODE_L2), (L1, T.VNODE_L1)):
        made.make(kind, slot)
    made.make(T.FRAME, FRAME, 4)
    return made


def map_pages(domain: Domain, index: int, count: int = 1, flags: int = RW, dst: int = DST) -> Any:
    return domain.call(L1, MAP, index, FRAME, 0, count, flags, TASK | dst)


def test_entries_hold_the_frame_s_pages_with_the_flags_asked_for(domain: Domain) -> None:
    domain.ok(L1, MAP, 7, FRAME, PAGE, 3, RW, TASK | DST)
    base = POOL_BASE + 5 * PAGE
    assert [domain.entry(L1, 7 + i) for i in range(3)] == [
        base + i * PAGE | NO_EXECUTE | 0b111 | (HEAD if i == 0 else 0) for i in range(3)
    ]
    assert domain.entry(L1, 6) == domain.entry(L1, 10) == 0


def test_writable_and_executable_at_once_is_refused(domain: Domain) -> None:
    assert map_pages(domain, 0, flags=RW | M.EXECUTE) == E.MAP_FLAGS
    assert map_pages(domain, 0, flags=RX) == E.OK
    assert domain.call(DST, PROTECT, RW | M.EXECUTE) == E.MAP_FLAGS


@pytest.mark.parametrize("flags", [0, M.WRITE, M.EXECUTE, 32 | M.READ, 1 << 32 | M.READ, 1 << 63 | M.READ])
def test_unknown_flags_and_pages_that_cannot_be_read_are_refused(domain: Domain, flags: int) -> None:
    assert map_pages(domain, 0, flags=flags) == E.MAP_FLAGS


def test_a_frame_is_mapped_within_its_rights(domain: Domain) -> None:
    domain.ok(FRAME, MINT, TASK | 40, M.READ, 0)
    assert domain.call(L1, MAP, 0, 40, 0, 1, RW, TASK | DST) == E.CAP_RIGHTS
    domain.ok(L1, MAP, 0, 40, 0, 1, M.READ, TASK | DST)
    assert domain.call(DST, PROTECT, RW) == E.CAP_RIGHTS
    assert domain.call(DST, PROTECT, RX) == E.CAP_RIGHTS


def test_protect_rewrites_the_run_and_flushes(domain: Domain) -> None:
    assert map_pages(domain, 4, 4) == E.OK
    domain.host.events()
    domain.ok(DST, PROTECT, M.READ | M.UNCACHED)
    assert [domain.entry(L1, 4 + i) & WRITABLE for i in range(4)] == [0] * 4
    assert [domain.entry(L1, 4 + i) & UNCACHED for i in range(4)] == [UNCACHED] * 4
    assert domain.entry(L1, 4) & HEAD and not domain.entry(L1, 5) & HEAD
    assert len(domain.events(Event.FLUSH)) == 1


def test_the_cpu_driver_s_half_of_a_top_table_cannot_be_mapped(domain: Domain) -> None:
    for index in (255, 256, 300, 511, 512, 1 << 32, (1 << 64) - 1):
        assert domain.call(L4, MAP, index, L3, 0, 1, 0, TASK | DST) == E.MAP_SLOT
    domain.ok(L4, MAP, 254, L3, 0, 1, 0, TASK | DST)


@pytest.mark.parametrize(("index", "count"), [(512, 1), (510, 3), (1 << 63, 1), ((1 << 64) - 1, 1), ((1 << 64) - 1, 2)])
def test_indexes_past_the_table_are_refused(domain: Domain, index: int, count: int) -> None:
    assert map_pages(domain, index, count) == E.MAP_SLOT


@pytest.mark.parametrize(
    ("offset", "count"),
    [(0, 0), (0, 5), (PAGE, 4), (1, 1), (4 * PAGE, 1), (1 << 63, 1), ((1 << 64) - PAGE, 2), (0, 1 << 52), (0, 513)],
)
def test_offsets_and_counts_that_leave_the_frame_are_refused(domain: Domain, offset: int, count: int) -> None:
    assert domain.call(L1, MAP, 0, FRAME, offset, count, RW, TASK | DST) == E.MAP_RANGE


def test_an_entry_in_use_is_not_mapped_over(domain: Domain) -> None:
    assert map_pages(domain, 3, 2) == E.OK
    for index in (1, 2, 3, 4):
        assert map_pages(domain, index, 3, dst=51) == E.MAP_OCCUPIED
    assert map_pages(domain, 5, 1, dst=51) == E.OK


def test_only_the_next_lower_table_fits(domain: Domain) -> None:
    for table, fitting in ((L4, L3), (L3, L2), (L2, L1)):
        for lower in (L3, L2, L1):
            wanted = E.OK if lower == fitting else E.MAP_LEVEL
            assert domain.call(table, MAP, 9, lower, 0, 1, 0, TASK | 40 + 3 * (table - L4) + lower - L3) == wanted
    assert domain.call(L1, MAP, 0, L1, 0, 1, 0, TASK | DST) == E.MAP_LEVEL
    assert domain.call(L4, MAP, 0, L4, 0, 1, 0, TASK | DST) == E.CAP_TYPE


def test_a_table_is_mapped_once_and_whole(domain: Domain) -> None:
    for offset, count in ((0, 2), (0, 0), (PAGE, 1)):
        assert domain.call(L2, MAP, 0, L1, offset, count, 0, TASK | DST) == E.MAP_RANGE
    assert domain.call(L2, MAP, 0, L1, 0, 1, M.LARGE, TASK | DST) == E.MAP_FLAGS


def test_a_mapped_table_cannot_be_protected(domain: Domain) -> None:
    domain.ok(L2, MAP, 0, L1, 0, 1, M.READ, TASK | DST)
    assert domain.call(DST, PROTECT, M.READ) == E.CAP_RIGHTS


def test_large_pages_go_into_level_two_tables_when_aligned(domain: Domain) -> None:
    assert domain.call(L2, MAP, 0, BIG_FRAME, 0, 1, RW, TASK | DST) == E.MAP_LEVEL
    assert domain.call(L1, MAP, 0, BIG_FRAME, 0, 1, RW | M.LARGE, TASK | DST) == E.MAP_LEVEL
    assert domain.call(L2, MAP, 0, BIG_FRAME, PAGE, 1, RW | M.LARGE, TASK | DST) == E.MAP_RANGE
    assert domain.call(L4, MAP, 0, BIG_FRAME, 0, 1, RW | M.LARGE, TASK | DST) == E.MAP_LEVEL
    domain.ok(L2, MAP, 1, BIG_FRAME, LARGE, 2, RW | M.LARGE, TASK | DST)
    wanted = (1 << 32) + LARGE | NO_EXECUTE | BIG | 0b111
    assert [domain.entry(L2, 1), domain.entry(L2, 2)] == [wanted | HEAD, wanted + LARGE]
    domain.ok(DST, PROTECT, M.READ | M.LARGE)
    assert domain.entry(L2, 2) & (WRITABLE | BIG) == BIG


def test_a_frame_that_is_not_aligned_takes_no_large_page(domain: Domain) -> None:
    domain.ok(BIG_FRAME, RETYPE, T.FRAME, PAGE, 2 * LARGE, 1, TASK | 40)
    assert domain.call(L2, MAP, 0, 40, 0, 1, RW | M.LARGE, TASK | DST) == E.MAP_RANGE
    domain.ok(L2, MAP, 0, 40, LARGE - PAGE, 1, RW | M.LARGE, TASK | DST)


def test_gigabyte_pages_only_where_the_cpu_has_them(domain: Domain) -> None:
    words = (MAP, 0, BIG_FRAME, 1 << 30, 3, RW | M.LARGE, TASK | DST)
    assert domain.call(L3, *words) == E.UNSUPPORTED
    domain.host.ask(Ask.GIGABYTE, 1)
    domain.ok(L3, *words)
    assert domain.entry(L3, 2) & ~(NO_EXECUTE | BIG | 7) == (1 << 32) + (3 << 30)
    assert domain.call(L3, MAP, 8, BIG_FRAME, 1 << 30, 4, RW | M.LARGE, TASK | 51) == E.MAP_RANGE


def test_protect_takes_the_large_flag_of_large_mappings_only(domain: Domain) -> None:
    assert map_pages(domain, 0) == E.OK
    assert domain.call(DST, PROTECT, M.READ | M.LARGE) == E.MAP_LEVEL


def test_deleting_a_mapping_clears_its_entries_and_flushes_once(domain: Domain) -> None:
    for _ in range(2):  # the host takes the fast path every other time
        assert map_pages(domain, 3, 4) == E.OK
        domain.host.events()
        domain.ok(DST, DELETE)
        assert [domain.entry(L1, i) for i in range(2, 8)] == [0] * 6
        assert len(domain.events(Event.FLUSH)) == 1


def test_a_mapping_outlives_the_frame_capability_and_keeps_the_memory_busy(domain: Domain) -> None:
    assert map_pages(domain, 3, 4) == E.OK
    domain.ok(FRAME, DELETE)
    assert domain.entry(L1, 3) != 0
    assert domain.call(RAM, RETYPE, T.FRAME, 4 * PAGE, PAGE, 1, TASK | 40) == E.RETYPE_BUSY
    domain.ok(DST, DELETE)
    domain.ok(RAM, RETYPE, T.FRAME, 4 * PAGE, PAGE, 1, TASK | 40)


def test_revoking_a_frame_unmaps_it(domain: Domain) -> None:
    assert map_pages(domain, 3, 4) == E.OK
    assert map_pages(domain, 9, 1, dst=51) == E.OK
    domain.ok(FRAME, REVOKE)
    assert domain.count(T.MAPPING) == 0
    assert domain.entry(L1, 3) == domain.entry(L1, 9) == 0


def test_revoking_a_part_leaves_mappings_of_the_whole_that_reach_beyond(domain: Domain) -> None:
    domain.ok(FRAME, RETYPE, T.FRAME, 0, 2 * PAGE, 1, TASK | 40)
    assert map_pages(domain, 0, 3) == E.OK
    domain.ok(L1, MAP, 8, 40, 0, 2, RW, TASK | 51)
    domain.ok(40, REVOKE)
    assert (domain.at(DST) is not None, domain.at(51)) == (True, None)


def test_a_mapped_frame_can_be_divided(domain: Domain) -> None:
    assert map_pages(domain, 3, 4) == E.OK
    domain.ok(FRAME, RETYPE, T.FRAME, 0, PAGE, 2, TASK | 40)


def test_the_end_of_a_table_takes_its_mappings_with_it(domain: Domain) -> None:
    for i in range(6):
        domain.ok(L1, MAP, 3 * i, FRAME, 0, 1 + i % 3, M.READ, TASK | DST + i)
    domain.ok(L1, COPY, TASK | 40)
    domain.ok(L1, DELETE)
    assert domain.count(T.MAPPING) == 6
    domain.ok(40, DELETE)
    assert domain.count(T.MAPPING) == 0


def test_neighbouring_runs_of_adjacent_memory_are_told_apart(domain: Domain) -> None:
    for i in range(4):
        domain.ok(L1, MAP, i, FRAME, i * PAGE, 1, M.READ, TASK | DST + i)
    domain.ok(DST + 1, DELETE)
    assert [bool(domain.entry(L1, i)) for i in range(4)] == [True, False, True, True]
    domain.ok(L1, DELETE)
    assert domain.count(T.MAPPING) == 0


def test_a_table_full_of_mappings_ends_in_bounded_steps(domain: Domain) -> None:
    domain.ok(RAM, RETYPE, T.CNODE, 32 * PAGE, 8 * PAGE, 1, TASK | 40)
    for i in range(512):
        domain.ok(L1, MAP, i, FRAME, 0, 1, M.READ, 40 << 32 | i)
    assert domain.count(T.MAPPING) == 512
    steps = 0
    while (err := domain.once(L1, DELETE)) == E.CONTINUE:
        steps += 1
    assert (err, domain.count(T.MAPPING)) == (E.OK, 0)
    assert steps >= 7


def test_ending_a_lower_table_empties_it_and_leaves_it_linked_until_unmapped(domain: Domain) -> None:
    domain.ok(L2, MAP, 0, L1, 0, 1, 0, TASK | DST)
    assert map_pages(domain, 0, dst=51) == E.OK
    domain.ok(L1, DELETE)
    assert domain.at(51) is None
    assert domain.call(RAM, RETYPE, T.FRAME, 3 * PAGE, PAGE, 1, TASK | 41) == E.RETYPE_BUSY
    domain.ok(DST, DELETE)
    domain.ok(RAM, RETYPE, T.FRAME, 3 * PAGE, PAGE, 1, TASK | 41)


def test_foreign_tables_are_neither_mapped_nor_mapped_into(domain: Domain) -> None:
    domain.host.ask(Ask.CREATE, 0x401000 + 40 * 64, T.VNODE_L1, 15, 4, 1 << 30, PAGE, 0)
    assert domain.call(40, MAP, 0, FRAME, 0, 1, M.READ, TASK | DST) == E.FOREIGN
    assert domain.call(L2, MAP, 0, 40, 0, 1, 0, TASK | DST) == E.FOREIGN


def test_foreign_frames_can_be_mapped(domain: Domain) -> None:
    domain.host.ask(Ask.CREATE, 0x401000 + 40 * 64, T.FRAME, 3, 4, 1 << 30, PAGE, 0)
    domain.ok(L1, MAP, 0, 40, 0, 1, RW, TASK | DST)
