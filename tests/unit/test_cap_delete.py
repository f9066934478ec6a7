"""The end of objects, delete and revoke."""

import pytest

from cap_domain import (
    BIG_FRAME,
    COPY,
    DELETE,
    ENDPOINT,
    FIRST_CNODES,
    IOPORT,
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
    Domain,
    E,
    T,
)
from cap_host import Event, the_host

FIRST, SECOND = 32, 33


@pytest.fixture
def domain() -> Domain:
    return Domain(the_host())


def test_a_cnode_ends_with_its_last_capability_and_takes_what_it_holds(domain: Domain) -> None:
    domain.make(T.CNODE, FIRST)
    domain.make(T.FRAME, 40)
    domain.ok(40, COPY, FIRST << 32 | 5)
    domain.ok(FIRST, COPY, TASK | 41)
    domain.ok(FIRST, DELETE)
    assert domain.count(T.FRAME) == 3  # with the machine's own
    domain.ok(41, DELETE)
    assert domain.count(T.FRAME) == 2


def test_the_last_way_into_a_ring_can_be_deleted_from_within(domain: Domain) -> None:
    """The root names SECOND, which holds the last capability of FIRST, which holds another of SECOND."""
    for slot in (FIRST, SECOND):
        domain.make(T.CNODE, slot)
    domain.reach(SECOND, 2)
    domain.ok(SECOND, MOVE, FIRST << 32 | 1)
    domain.ok(FIRST, MOVE, ROOT_ADDRESS + 2 << 32 | 5)
    domain.ok(2 << 6 | 5, DELETE)
    assert domain.count(T.CNODE) == FIRST_CNODES + 1
    domain.ok(ROOT_ADDRESS | 2, DELETE)
    assert domain.count(T.CNODE) == FIRST_CNODES


def test_a_deep_chain_of_cnodes_ends_in_bounded_steps(domain: Domain) -> None:
    depth = 300
    domain.ok(RAM, RETYPE, T.CNODE, 0, PAGE, 1, TASK | FIRST)
    for i in range(1, depth):
        domain.ok(RAM, RETYPE, T.CNODE, i * PAGE, PAGE, 1, TASK | SECOND)
        domain.ok(FIRST, MOVE, SECOND << 32 | i % 64)
        domain.ok(SECOND, MOVE, TASK | FIRST)
    assert domain.count(T.CNODE) == FIRST_CNODES + depth
    assert domain.steps(FIRST, DELETE) >= depth * 64 // 256
    assert domain.count(T.CNODE) == FIRST_CNODES


def long_end(domain: Domain, slot: int, at: int) -> None:
    """A CNode whose end takes several entries."""
    domain.ok(RAM, RETYPE, T.CNODE, at * PAGE, 16 * PAGE, 1, TASK | slot)
    for i in range(8):
        domain.ok(IOPORT, COPY, slot << 32 | 100 * i)


def test_a_capability_that_is_going_is_as_good_as_gone(domain: Domain) -> None:
    long_end(domain, FIRST, 0)
    assert domain.once(FIRST, DELETE) == E.CONTINUE
    for operation in (COPY, MOVE, REVOKE, MINT):
        assert domain.call(FIRST, operation, TASK | 50) == E.CAP_EMPTY
    assert domain.call(IOPORT, COPY, FIRST << 32 | 1) == E.CAP_EMPTY
    assert domain.call(IOPORT, COPY, TASK | FIRST) == E.SLOT_OCCUPIED
    assert domain.call(RAM, RETYPE, T.FRAME, 0, PAGE, 1, TASK | 50) == E.RETYPE_BUSY
    domain.ok(FIRST, DELETE)
    assert domain.at(FIRST) is None
    domain.ok(RAM, RETYPE, T.FRAME, 0, PAGE, 1, TASK | 50)


def test_an_end_that_was_abandoned_is_finished_by_the_next_who_deletes(domain: Domain) -> None:
    long_end(domain, FIRST, 0)
    long_end(domain, SECOND, 16)
    assert domain.once(FIRST, DELETE) == E.CONTINUE
    domain.ok(SECOND, DELETE)
    assert (domain.at(FIRST), domain.at(SECOND)) == (None, None)


def test_a_simple_delete_does_not_wait_for_another_s_end(domain: Domain) -> None:
    long_end(domain, FIRST, 0)
    domain.ok(BIG_FRAME, COPY, TASK | 40)
    assert domain.once(FIRST, DELETE) == E.CONTINUE
    assert domain.once(40, DELETE) == E.OK


def test_an_abandoned_end_is_finished_by_the_idle_loop(domain: Domain) -> None:
    long_end(domain, FIRST, 0)
    assert domain.once(FIRST, DELETE) == E.CONTINUE
    domain.host.finish_endings()
    assert domain.at(FIRST) is None


def test_revoke_of_ram_finishes_ends_that_others_began_in_it(domain: Domain) -> None:
    long_end(domain, FIRST, 0)
    assert domain.once(FIRST, DELETE) == E.CONTINUE
    domain.ok(RAM, REVOKE)
    assert domain.at(FIRST) is None


def test_a_dispatcher_ends_once_and_its_kept_capabilities_with_it(domain: Domain) -> None:
    for slot, kind in ((40, T.DISPATCHER), (41, T.CNODE), (42, T.VNODE_L4), (43, T.FRAME)):
        domain.make(kind, slot)
    domain.ok(40, SETUP, 41, 42, 43, 0)
    for slot in (41, 42, 43):
        domain.ok(slot, DELETE)
    assert domain.count(T.VNODE_L4) == 1
    domain.host.events()
    domain.ok(40, COPY, TASK | 44)
    domain.ok(40, DELETE)
    assert domain.events(Event.DISPATCHER_END) == []
    domain.ok(44, DELETE)
    assert len(domain.events(Event.DISPATCHER_END)) == 1
    assert (domain.count(T.VNODE_L4), domain.count(T.CNODE)) == (0, FIRST_CNODES)


def test_a_domain_whose_capability_space_names_its_dispatcher_ends_by_revoke(domain: Domain) -> None:
    for slot, kind in ((40, T.DISPATCHER), (41, T.CNODE), (42, T.VNODE_L4), (43, T.FRAME)):
        domain.make(kind, slot)
    domain.ok(40, SETUP, 41, 42, 43, 0)
    domain.ok(40, MOVE, 41 << 32 | 1)
    for slot in (41, 42, 43):
        domain.ok(slot, DELETE)
    assert domain.count(T.DISPATCHER) == 1
    domain.ok(RAM, REVOKE)
    assert (domain.count(T.DISPATCHER), domain.count(T.CNODE)) == (0, FIRST_CNODES)


def test_endpoints_and_notifications_outlive_their_dispatcher_and_keep_its_memory_busy(domain: Domain) -> None:
    domain.make(T.DISPATCHER, 40)
    domain.ok(40, ENDPOINT, TASK | 41)
    domain.ok(40, NOTIFICATION, TASK | 42, 5)
    domain.ok(40, DELETE)
    assert domain.at(41) is not None
    assert domain.call(RAM, RETYPE, T.FRAME, 0, PAGE, 1, TASK | 43) == E.RETYPE_BUSY
    domain.ok(41, DELETE)
    domain.ok(42, DELETE)
    domain.ok(RAM, RETYPE, T.FRAME, 0, PAGE, 1, TASK | 43)
