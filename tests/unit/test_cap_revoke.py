"""Revoke, what it takes with it, and what minting gives away."""

import pytest

from cap_domain import (
    BIG_FRAME,
    COPY,
    CORES,
    DELETE,
    ENDPOINT,
    FIRST_CNODES,
    IRQ,
    MAP,
    MINT,
    MOVE,
    NOTIFICATION,
    PAGE,
    RAM,
    RETYPE,
    REVOKE,
    ROOT_ADDRESS,
    SETUP,
    TASK,
    Ask,
    Domain,
    E,
    T,
)
from cap_host import Event, the_host

FIRST, SECOND = 32, 33


@pytest.fixture
def domain() -> Domain:
    return Domain(the_host())


def ring(domain: Domain, count: int) -> None:
    """CNodes of which each holds the last capability of the next, and the last one that of the first."""
    for i in range(count):
        domain.make(T.CNODE, FIRST + i)
    domain.reach(FIRST + count - 1, 2)
    for i in range(count - 1, 0, -1):
        domain.ok(FIRST + i, MOVE, FIRST + i - 1 << 32 | 3 * i)
    domain.ok(FIRST, MOVE, ROOT_ADDRESS + 2 << 32 | 63)
    domain.ok(ROOT_ADDRESS | 2, DELETE)


@pytest.mark.parametrize("count", [2, 3, 4, 7])
def test_a_ring_of_cnodes_that_nothing_else_names_ends_by_revoke(domain: Domain, count: int) -> None:
    ring(domain, count)
    assert domain.count(T.CNODE) == FIRST_CNODES + count
    domain.ok(RAM, REVOKE)
    assert domain.count(T.CNODE) == FIRST_CNODES
    domain.ok(RAM, RETYPE, T.FRAME, 0, 16 * PAGE, 1, TASK | FIRST)


def test_a_cnode_that_holds_its_own_last_capability_ends_by_revoke(domain: Domain) -> None:
    domain.make(T.CNODE, FIRST)
    domain.ok(FIRST, COPY, FIRST << 32 | 9)
    domain.ok(FIRST, DELETE)
    assert domain.count(T.CNODE) == FIRST_CNODES + 1
    domain.ok(RAM, REVOKE)
    assert domain.count(T.CNODE) == FIRST_CNODES


def test_a_revoke_that_takes_a_kept_capability_says_so(domain: Domain) -> None:
    for slot, kind in ((40, T.DISPATCHER), (41, T.CNODE), (42, T.VNODE_L4), (43, T.FRAME)):
        domain.make(kind, slot)
    domain.ok(40, SETUP, 41, 42, 43, 0)
    row = domain.at(40)
    assert row is not None
    domain.host.events()
    domain.ok(43, REVOKE)
    assert domain.events(Event.KEPT_LOST) == [row.base + 2 * 64]


def test_revoking_a_dispatcher_takes_its_endpoints(domain: Domain) -> None:
    domain.make(T.DISPATCHER, 40)
    domain.ok(40, ENDPOINT, TASK | 41)
    domain.ok(41, MINT, TASK | 42, 2, 77)
    domain.ok(40, NOTIFICATION, TASK | 43, 5)
    domain.ok(40, REVOKE)
    assert [domain.at(slot) is None for slot in (40, 41, 42, 43)] == [False, True, True, True]


def test_revoking_an_endpoint_without_badge_takes_those_with_one(domain: Domain) -> None:
    domain.make(T.DISPATCHER, 40)
    domain.ok(40, ENDPOINT, TASK | 41)
    for badge in (1, 2):
        domain.ok(41, MINT, TASK | 41 + badge, 15, badge)
    domain.ok(42, COPY, TASK | 44)
    domain.ok(42, REVOKE)
    assert [domain.at(slot) is None for slot in (41, 42, 43, 44)] == [False, False, False, True]
    domain.ok(41, REVOKE)
    assert [domain.at(slot) is None for slot in (41, 42, 43)] == [False, True, True]


def test_a_badge_is_given_once(domain: Domain) -> None:
    domain.make(T.DISPATCHER, 40)
    domain.ok(40, ENDPOINT, TASK | 41)
    domain.ok(41, MINT, TASK | 42, 15, 9)
    assert domain.call(42, MINT, TASK | 43, 15, 8) == E.ARGUMENT
    domain.ok(42, MINT, TASK | 43, 2, 0)
    row = domain.at(43)
    assert row is not None and (row.extra, row.rights) == (9, 2)
    assert domain.call(40, MINT, TASK | 44, 15, 1) == E.ARGUMENT
    assert domain.call(CORES, MINT, TASK | 44, 15, 0x20) == E.ARGUMENT
    domain.ok(CORES, MINT, TASK | 44, 15, 0x30)


def test_minting_adds_no_rights(domain: Domain) -> None:
    domain.ok(BIG_FRAME, MINT, TASK | 40, 9, 0)
    for rights in (2, 15, 16, 1 << 63 | 1):
        assert domain.call(40, MINT, TASK | 41, rights, 0) == E.CAP_RIGHTS
    domain.ok(40, MINT, TASK | 41, 1, 0)
    assert domain.call(41, COPY, TASK | 42) == E.CAP_RIGHTS


def test_ram_and_mappings_are_moved_not_copied(domain: Domain) -> None:
    assert domain.call(RAM, COPY, TASK | 40) == E.NOT_COPYABLE
    assert domain.call(RAM, MINT, TASK | 40, 1, 0) == E.NOT_COPYABLE
    domain.ok(RAM, MOVE, TASK | 40)
    assert domain.call(RAM, REVOKE) == E.CAP_EMPTY


def test_the_last_capability_of_a_vector_ends_its_binding(domain: Domain) -> None:
    domain.ok(IRQ, RETYPE, T.IRQ, 4, 1, 1, TASK | 40)
    domain.ok(40, COPY, TASK | 41)
    domain.host.events()
    domain.ok(40, DELETE)
    assert domain.events(Event.IRQ_END) == []
    domain.ok(41, DELETE)
    assert domain.events(Event.IRQ_END) == [0x34]


def test_a_revoke_may_take_its_own_slot_with_it(domain: Domain) -> None:
    """A part of the RAM lies in a CNode made of that part's neighbour; both descend from what is revoked."""
    domain.ok(RAM, RETYPE, T.RAM, 0, 64 * PAGE, 1, TASK | 40)
    domain.ok(40, RETYPE, T.CNODE, 0, PAGE, 1, TASK | 41)
    domain.reach(41, 2)
    domain.ok(40, MOVE, 41 << 32 | 5)
    err = domain.call(2 << 6 | 5, REVOKE)
    domain.host.finish_endings()
    assert err in (E.OK, E.CAP_EMPTY, E.CAP_ADDRESS)
    assert domain.count(T.CNODE) == FIRST_CNODES


def test_a_domain_that_deletes_its_own_capability_space_is_left_with_nothing(domain: Domain) -> None:
    root = 2
    domain.ok(root, REVOKE)  # also the one that its dispatcher keeps
    assert domain.call(root, DELETE) == E.CAP_ADDRESS


def test_a_large_revoke_proceeds_in_bounded_steps(domain: Domain) -> None:
    domain.ok(RAM, RETYPE, T.CNODE, 0, 16 * PAGE, 1, TASK | 40)
    for i in range(1000):
        domain.ok(BIG_FRAME, COPY, 40 << 32 | i)
    assert domain.steps(BIG_FRAME, REVOKE) >= 1000 // 64
    assert domain.count(T.FRAME) == 1


def test_dropping_a_capability_ends_nothing(domain: Domain) -> None:
    domain.make(T.CNODE, FIRST)
    domain.make(T.DISPATCHER, 40)
    domain.ok(40, ENDPOINT, FIRST << 32 | 1)
    domain.ok(40, ENDPOINT, TASK | 41)
    domain.host.events()
    domain.host.ask(Ask.DROP, 0x401000 + 41 * 64)
    assert domain.at(41) is None
    assert domain.host.events() == []


@pytest.mark.parametrize("first", range(3))
def test_a_ring_through_a_dispatcher_s_kept_slot_ends_by_revoke(domain: Domain, first: int) -> None:
    """A CNode holds the dispatcher, which keeps another CNode, which holds the first; any of them may be met first."""
    order = [(40, T.CNODE), (41, T.DISPATCHER), (42, T.CNODE)]
    for slot, kind in order[first:] + order[:first] + [(43, T.VNODE_L4), (44, T.FRAME)]:
        domain.make(kind, slot)
    domain.reach(42, 2)
    domain.ok(41, SETUP, 42, 43, 44, 0)
    domain.ok(41, MOVE, 40 << 32 | 1)
    domain.ok(40, MOVE, 42 << 32 | 2)
    domain.ok(42, DELETE)
    domain.ok(ROOT_ADDRESS | 2, DELETE)
    domain.ok(RAM, REVOKE)
    assert (domain.count(T.CNODE), domain.count(T.DISPATCHER)) == (FIRST_CNODES, 0)


def test_no_entry_of_the_longest_operations_does_more_than_bounded_work(domain: Domain) -> None:
    """Counted in functions entered, inlined ones included."""
    domain.host.most_calls = 0
    for slot, kind in ((40, T.VNODE_L1), (41, T.VNODE_L1)):
        domain.make(kind, slot)
    domain.ok(BIG_FRAME, RETYPE, T.FRAME, 0, 512 * PAGE, 1, TASK | 42)
    domain.ok(40, MAP, 0, 42, 0, 512, 1, TASK | 43)
    domain.ok(RAM, RETYPE, T.CNODE, 8 * PAGE, 64 * PAGE, 1, TASK | 44)
    for part in (0, 32):
        domain.ok(RAM, RETYPE, T.DISPATCHER, (80 + part) * PAGE, PAGE, 32, 44 << 32 | part)
    for i in range(512):
        domain.ok(41, MAP, i, 42, i * PAGE, 1, 1, 44 << 32 | 64 + i)
    domain.ok(42, REVOKE)
    domain.ok(44, DELETE)
    assert domain.host.most_calls < 25000
