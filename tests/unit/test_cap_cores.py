"""RAM that goes to another core, comes back from one that is parked, or is adopted from another core."""

import pytest

from cap_domain import (
    BIG_FRAME,
    COPY,
    DELETE,
    DEVICE,
    MAP,
    OTHER_BASE,
    OTHER_RAM,
    PAGE,
    POOL_BASE,
    RAM,
    RETYPE,
    REVOKE,
    TASK,
    Ask,
    Domain,
    E,
    M,
    R,
    T,
)
from cap_facts import CORE
from cap_host import the_host

KERNEL, GIVEN, FRAME, TABLE, MAPPING, OTHER = range(20, 26)  # slots of the task CNode
GIVE, RECLAIM, ADOPT, KERNEL_REVOKE, SHARE = 18, 23, 24, 26, 27
TASK_SLOTS = 0x401000
CHUNK = 1 << 21
PEER = CORE + 1
FAR = 1 << 40


@pytest.fixture
def domain() -> Domain:
    made = Domain(the_host())
    made.host.ask(Ask.CREATE, TASK_SLOTS + KERNEL * 64, T.KERNEL, 15, CORE, 0, 1, 0)
    return made


def given(domain: Domain) -> None:
    """Two pages of RAM, of which something was made and mapped, are another core's."""
    domain.ok(OTHER_RAM, RETYPE, T.RAM, 0, 2 * PAGE, 1, TASK | GIVEN)
    domain.ok(GIVEN, RETYPE, T.FRAME, 0, PAGE, 1, TASK | FRAME)
    domain.make(T.VNODE_L1, TABLE)
    domain.ok(TABLE, MAP, 0, FRAME, 0, 1, M.READ, TASK | MAPPING)
    domain.ok(KERNEL, GIVE, GIVEN, PEER)


def slot(domain: Domain, number: int) -> tuple[int, int, int] | None:
    row = domain.rows().get(TASK_SLOTS + number * 64)
    return None if row is None else (row.type, row.owner, row.base)


def test_what_is_given_is_revoked_and_busy_and_nobody_can_use_it(domain: Domain) -> None:
    given(domain)
    assert slot(domain, FRAME) is None and slot(domain, MAPPING) is None
    assert slot(domain, GIVEN) == (T.RAM, PEER, OTHER_BASE)
    assert domain.call(GIVEN, RETYPE, T.FRAME, 0, PAGE, 1, TASK | FRAME) == E.FOREIGN
    assert domain.call(OTHER_RAM, RETYPE, T.FRAME, 0, PAGE, 1, TASK | FRAME) == E.RETYPE_BUSY
    assert domain.call(KERNEL, GIVE, GIVEN, PEER + 1) == E.FOREIGN


def test_what_comes_back_is_zeroed_before_it_is_used_and_shares_are_gone(domain: Domain) -> None:
    given(domain)
    share = TASK_SLOTS + FRAME * 64
    domain.host.ask(Ask.CREATE, share, T.FRAME, 3, PEER, OTHER_BASE, PAGE, 0)
    domain.ok(TABLE, MAP, 0, FRAME, 0, 1, M.READ, TASK | MAPPING)
    domain.host.ask(Ask.FILL, OTHER_BASE, 2 * PAGE)
    domain.ok(KERNEL, RECLAIM, GIVEN)
    assert slot(domain, FRAME) is None and slot(domain, MAPPING) is None
    assert slot(domain, GIVEN) == (T.RAM, CORE, OTHER_BASE)
    domain.ok(GIVEN, RETYPE, T.FRAME, 0, 2 * PAGE, 1, TASK | FRAME)
    assert domain.host.ask(Ask.IS_ZERO, OTHER_BASE, 2 * PAGE) == [1]


def test_zeroing_that_was_begun_before_does_not_count_afterwards(domain: Domain) -> None:
    domain.ok(OTHER_RAM, RETYPE, T.RAM, 0, 8 * PAGE, 1, TASK | GIVEN)
    assert domain.once(GIVEN, RETYPE, T.FRAME, 0, 8 * PAGE, 1, TASK | FRAME) == E.CONTINUE
    domain.ok(KERNEL, GIVE, GIVEN, PEER)
    domain.host.ask(Ask.FILL, OTHER_BASE, 8 * PAGE)
    domain.ok(KERNEL, RECLAIM, GIVEN)
    domain.ok(GIVEN, RETYPE, T.FRAME, 0, 8 * PAGE, 1, TASK | FRAME)
    assert domain.host.ask(Ask.IS_ZERO, OTHER_BASE, 8 * PAGE) == [1]


def test_only_ram_that_was_given_can_be_reclaimed(domain: Domain) -> None:
    domain.host.ask(Ask.CREATE, TASK_SLOTS + OTHER * 64, T.FRAME, 3, PEER, FAR, PAGE, 0)
    for address in (RAM, OTHER_RAM, BIG_FRAME, DEVICE, OTHER):
        assert domain.call(KERNEL, RECLAIM, address) == E.ARGUMENT
    assert domain.call(KERNEL, RECLAIM, OTHER + 1) == E.CAP_EMPTY
    given(domain)
    domain.ok(KERNEL, RECLAIM, GIVEN)
    assert domain.call(KERNEL, RECLAIM, GIVEN) == E.ARGUMENT, "it is this core's own again"


def test_adopted_chunks_are_ram_of_this_core(domain: Domain) -> None:
    domain.ok(KERNEL, ADOPT, FAR, 2 * CHUNK, TASK | OTHER)
    assert slot(domain, OTHER) == (T.RAM, CORE, FAR)
    domain.ok(OTHER, RETYPE, T.RAM, CHUNK, PAGE, 1, TASK | GIVEN)
    domain.ok(KERNEL, GIVE, OTHER, PEER)
    assert slot(domain, GIVEN) is None


@pytest.mark.parametrize(
    ("base", "size"), [(FAR + PAGE, CHUNK), (FAR, PAGE), (FAR, 0), ((1 << 64) - CHUNK, 2 * CHUNK), (1 << 52, CHUNK)]
)
def test_only_whole_chunks_that_exist_can_be_adopted(domain: Domain, base: int, size: int) -> None:
    assert domain.call(KERNEL, ADOPT, base, size, TASK | OTHER) == E.ARGUMENT


def test_nothing_is_adopted_that_this_core_has_any_capability_in(domain: Domain) -> None:
    for base in (POOL_BASE, OTHER_BASE):
        assert domain.call(KERNEL, ADOPT, base // CHUNK * CHUNK, CHUNK, TASK | OTHER) == E.RETYPE_BUSY
    domain.host.ask(Ask.CREATE, TASK_SLOTS + FRAME * 64, T.FRAME, R.READ | R.GRANT, PEER, FAR + CHUNK - PAGE, PAGE, 0)
    assert domain.call(KERNEL, ADOPT, FAR, CHUNK, TASK | OTHER) == E.RETYPE_BUSY
    domain.ok(FRAME, COPY, TASK | GIVEN)
    domain.ok(KERNEL, ADOPT, FAR + CHUNK, CHUNK, TASK | OTHER)


def shared(domain: Domain) -> None:
    """A frame of the domain's, and the monitor's mark that another core has a capability for it too."""
    domain.ok(OTHER_RAM, RETYPE, T.RAM, 0, 4 * PAGE, 1, TASK | GIVEN)
    domain.ok(GIVEN, RETYPE, T.FRAME, 0, PAGE, 1, TASK | FRAME)
    domain.ok(FRAME, COPY, TASK | OTHER)
    domain.ok(KERNEL, SHARE, OTHER)


@pytest.mark.parametrize("whose", [OTHER_RAM, GIVEN, FRAME])
def test_what_is_shared_with_another_core_is_not_revoked(domain: Domain, whose: int) -> None:
    shared(domain)
    assert domain.call(whose, REVOKE) == E.SHARED
    assert slot(domain, FRAME) == (T.FRAME, CORE, OTHER_BASE)
    domain.ok(OTHER, DELETE)
    domain.ok(whose, REVOKE)


def test_what_is_shared_is_busy_even_when_its_owner_has_dropped_it(domain: Domain) -> None:
    shared(domain)
    domain.ok(FRAME, DELETE)
    assert domain.call(GIVEN, RETYPE, T.FRAME, 0, PAGE, 1, TASK | FRAME) == E.SHARED
    domain.ok(GIVEN, RETYPE, T.FRAME, PAGE, PAGE, 1, TASK | FRAME)
    domain.ok(OTHER, DELETE)
    domain.ok(FRAME, DELETE)
    domain.ok(GIVEN, RETYPE, T.FRAME, 0, PAGE, 1, TASK | FRAME)


def test_the_monitors_revoke_leaves_the_mark(domain: Domain) -> None:
    shared(domain)
    domain.ok(KERNEL, KERNEL_REVOKE, GIVEN)
    gone = domain.at(FRAME)
    assert gone is None or gone.type == T.NULL
    assert slot(domain, OTHER) == (T.FRAME, CORE, OTHER_BASE)
    assert domain.call(KERNEL, SHARE, OTHER) == E.NOT_READY
