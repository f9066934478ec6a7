"""Addresses, slot words, and what the contract's table refuses."""

import pytest

from cap_domain import (
    BIG_FRAME,
    COPY,
    CORES,
    DEVICE,
    IDENTIFY,
    IOPORT,
    MINT,
    MOVE,
    PAGE,
    RAM,
    RETYPE,
    ROOT,
    ROOT_ADDRESS,
    TASK,
    Ask,
    Domain,
    E,
    T,
)
from cap_host import CONTRACT, Event, the_host

CNODE = 32
NOTIFY = 17
VECTOR = CONTRACT.constant("VECTOR_USER_FIRST") + 1


@pytest.fixture
def domain() -> Domain:
    return Domain(the_host())


@pytest.mark.parametrize(
    "address",
    [
        64 << 6,  # past the root
        5 << 6,  # through an empty root slot
        ROOT_ADDRESS | 64,
        ROOT_ADDRESS | 0x7FFFFFFF,
        1 << 32,  # right in its low half only
        1 << 32 | BIG_FRAME,
        (1 << 64) - 1,
    ],
)
def test_addresses_that_name_no_slot_are_refused(domain: Domain, address: int) -> None:
    assert domain.call(address, IDENTIFY) == E.CAP_ADDRESS


def test_a_root_slot_that_holds_no_cnode_leads_nowhere(domain: Domain) -> None:
    domain.ok(BIG_FRAME, COPY, ROOT | 5)
    assert domain.call(5 << 6, IDENTIFY) == E.CAP_ADDRESS
    domain.ok(ROOT_ADDRESS | 5, IDENTIFY)


def test_looking_through_a_cnode_needs_read(domain: Domain) -> None:
    domain.make(T.CNODE, CNODE)
    domain.ok(BIG_FRAME, COPY, CNODE << 32 | 1)
    domain.ok(CNODE, MINT, ROOT | 5, 2, 0)
    domain.ok(CNODE, MINT, ROOT | 6, 1, 0)
    assert domain.call(5 << 6 | 1, IDENTIFY) == E.CAP_RIGHTS
    domain.ok(6 << 6 | 1, IDENTIFY)


def test_putting_into_a_cnode_needs_write(domain: Domain) -> None:
    domain.make(T.CNODE, CNODE)
    domain.ok(CNODE, MINT, TASK | 40, 1, 0)
    assert domain.call(BIG_FRAME, COPY, 40 << 32 | 1) == E.CAP_RIGHTS


def test_a_foreign_cnode_is_neither_looked_through_nor_filled(domain: Domain) -> None:
    domain.host.ask(Ask.CREATE, 0x400000 + 5 * 64, T.CNODE, 15, 4, 1 << 30, PAGE, 0)
    assert domain.call(5 << 6, IDENTIFY) == E.CAP_ADDRESS
    assert domain.call(BIG_FRAME, COPY, (ROOT_ADDRESS | 5) << 32) == E.FOREIGN
    domain.ok(ROOT_ADDRESS | 5, MOVE, ROOT | 6)


def test_a_slot_word_names_an_empty_slot_inside_a_cnode(domain: Domain) -> None:
    for index in (64, 1000, (1 << 32) - 1):
        assert domain.call(BIG_FRAME, COPY, TASK | index) == E.SLOT_RANGE
    assert domain.call(BIG_FRAME, COPY, TASK | IOPORT) == E.SLOT_OCCUPIED
    assert domain.call(BIG_FRAME, COPY, IOPORT << 32) == E.CAP_TYPE
    assert domain.call(BIG_FRAME, COPY, 0) == E.CAP_EMPTY


def test_large_cnodes_take_capabilities_in_all_their_slots(domain: Domain) -> None:
    domain.make(T.CNODE, CNODE, 4)
    domain.ok(BIG_FRAME, COPY, CNODE << 32 | 255)
    assert domain.call(BIG_FRAME, COPY, CNODE << 32 | 256) == E.SLOT_RANGE


@pytest.mark.parametrize("operation", [6, 15, 18, 1 << 31, 1 << 32, 1 << 32 | IDENTIFY, (1 << 64) - 1])
def test_operations_that_a_type_does_not_have_are_refused(domain: Domain, operation: int) -> None:
    assert domain.call(BIG_FRAME, operation) == E.CAP_OPERATION


def test_an_operation_needs_its_rights(domain: Domain) -> None:
    domain.ok(BIG_FRAME, MINT, TASK | 40, 2, 0)
    assert domain.call(40, IDENTIFY) == E.CAP_RIGHTS
    assert domain.call(40, COPY, TASK | 41) == E.CAP_RIGHTS


def test_frames_and_devices_tell_where_they_are(domain: Domain) -> None:
    assert domain.host.invoke(BIG_FRAME, IDENTIFY) == (E.OK, [1 << 32, 1 << 32, 0, 0])
    assert domain.host.invoke(DEVICE, IDENTIFY) == (E.OK, [0xFEC00000, 0x400000, 0, 0])


def test_a_refused_invocation_returns_zeroes_and_changes_nothing(domain: Domain) -> None:
    before = domain.rows()
    for address, operation, words in (
        (BIG_FRAME, COPY, (TASK | 64,)),
        (RAM, RETYPE, (T.FRAME, 0, PAGE, 2, TASK | 63)),
        (RAM, RETYPE, (T.FRAME, 1, PAGE, 1, TASK | 40)),
        (CORES, MINT, (TASK | 40, 15, 300)),
    ):
        err, results = domain.host.invoke(address, operation, *words)
        assert err != E.OK and results == [0, 0, 0, 0]
    assert domain.rows() == before


def test_both_paths_of_a_notification_of_another_core_check_and_do_the_same(domain: Domain) -> None:
    one, badged, weak, wide, foreign = 40, 41, 42, 43, 44
    domain.ok(CORES, RETYPE, T.CORE, 5, 1, 1, TASK | one)
    domain.ok(one, MINT, TASK | badged, 15, VECTOR)
    domain.ok(one, MINT, TASK | weak, 1, VECTOR)
    domain.ok(CORES, MINT, TASK | wide, 15, VECTOR)
    domain.ok(BIG_FRAME, COPY, TASK | foreign)
    domain.host.events()
    for address, refusal in (
        (one, E.ARGUMENT),
        (weak, E.CAP_RIGHTS),
        (wide, E.ARGUMENT),
        (foreign, E.CAP_OPERATION),
        (60, E.CAP_EMPTY),
    ):
        # The host takes the fast path every other time.
        assert [domain.call(address, NOTIFY) for _ in range(2)] == [refusal] * 2
    assert domain.events(Event.INTERRUPT) == []
    for _ in range(2):
        err, results = domain.host.invoke(badged, NOTIFY, 1, 2, 3, 4)
        assert err == E.OK and results == [0, 0, 0, 0]
    assert domain.events(Event.INTERRUPT) == [5 << 8 | VECTOR] * 2
