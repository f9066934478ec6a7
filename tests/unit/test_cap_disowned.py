"""Memory that is nobody's: the domain copies, maps and drops it; only the kernel capability divides or revokes."""

import pytest

from cap_domain import (
    COPY,
    DELETE,
    MAP,
    MOVE,
    OTHER_BASE,
    OTHER_RAM,
    PAGE,
    RETYPE,
    REVOKE,
    TASK,
    Ask,
    Domain,
    E,
    M,
    T,
)
from cap_facts import CORE, NOBODY
from cap_host import the_host

KERNEL, OBJECT, MARK, COPIED, CHILD, TABLE, MAPPING, OTHER = range(20, 28)  # slots of the task CNode
KERNEL_REVOKE, SHARE, DISOWN, KERNEL_RETYPE, RELATIVES = 26, 27, 28, 29, 30
TASK_SLOTS = 0x401000
PAGES = 4


@pytest.fixture
def domain() -> Domain:
    made = Domain(the_host())
    made.host.ask(Ask.CREATE, TASK_SLOTS + KERNEL * 64, T.KERNEL, 15, CORE, 0, 1, 0)
    return made


def disowned(domain: Domain, kind: int) -> None:
    """A part of OTHER_RAM, as its home core's monitor keeps it: disowned, and marked."""
    domain.ok(OTHER_RAM, RETYPE, kind, 0, PAGES * PAGE, 1, TASK | OBJECT)
    domain.ok(KERNEL, DISOWN, OBJECT)
    domain.ok(OBJECT, COPY, TASK | MARK)
    domain.ok(KERNEL, SHARE, MARK)


def owner(domain: Domain, slot: int) -> int | None:
    row = domain.rows().get(TASK_SLOTS + slot * 64)
    return None if row is None else row.owner


def relatives(domain: Domain, offset: int = 0, size: int = PAGES * PAGE) -> list[int]:
    error, results = domain.host.invoke(KERNEL, RELATIVES, OBJECT, offset, size)
    assert error == E.OK
    return list(results[:3])


@pytest.mark.parametrize("kind", [T.RAM, T.FRAME])
def test_who_has_it_can_copy_and_drop_it_and_no_more(domain: Domain, kind: int) -> None:
    disowned(domain, kind)
    domain.ok(OBJECT, COPY, TASK | COPIED)
    domain.ok(COPIED, MOVE, TASK | OTHER)
    assert domain.call(OTHER, RETYPE, kind, 0, PAGE, 1, TASK | CHILD) == E.FOREIGN
    assert domain.call(OTHER, REVOKE) == E.FOREIGN
    domain.ok(OTHER, DELETE)
    assert owner(domain, OBJECT) == NOBODY


@pytest.mark.parametrize("kind", [T.RAM, T.FRAME])
def test_what_it_was_cut_from_is_neither_revoked_nor_used_there(domain: Domain, kind: int) -> None:
    disowned(domain, kind)
    domain.ok(OBJECT, DELETE)
    assert domain.call(OTHER_RAM, REVOKE) == E.SHARED
    assert domain.call(OTHER_RAM, RETYPE, T.FRAME, 0, PAGE, 1, TASK | CHILD) == E.SHARED
    domain.ok(OTHER_RAM, RETYPE, T.FRAME, PAGES * PAGE, PAGE, 1, TASK | CHILD)
    domain.ok(MARK, DELETE)
    domain.ok(OTHER_RAM, REVOKE)


def test_what_was_made_of_it_is_its_makers_alone(domain: Domain) -> None:
    disowned(domain, T.RAM)
    domain.host.ask(Ask.FILL, OTHER_BASE, PAGES * PAGE)
    domain.ok(KERNEL, KERNEL_RETYPE, OBJECT, T.FRAME, PAGE, 2 * PAGE, 1, TASK | CHILD)
    assert owner(domain, CHILD) == CORE
    assert domain.host.ask(Ask.IS_ZERO, OTHER_BASE + PAGE, 2 * PAGE) == [1]
    domain.ok(CHILD, RETYPE, T.FRAME, 0, PAGE, 1, TASK | COPIED)
    assert domain.call(KERNEL, KERNEL_RETYPE, OBJECT, T.FRAME, 2 * PAGE, 2 * PAGE, 1, TASK | OTHER) == E.RETYPE_BUSY
    domain.ok(CHILD, REVOKE)
    assert domain.at(COPIED) is None
    domain.ok(KERNEL, KERNEL_REVOKE, OBJECT)
    assert domain.at(CHILD) is None


def test_relatives_are_copies_descendants_and_what_makes_a_part_busy(domain: Domain) -> None:
    disowned(domain, T.RAM)
    assert relatives(domain) == [0, 0, 0], "the mark is none"
    domain.ok(OBJECT, COPY, TASK | COPIED)
    domain.ok(KERNEL, KERNEL_RETYPE, OBJECT, T.FRAME, PAGE, PAGE, 1, TASK | CHILD)
    assert relatives(domain) == [1, 1, 1]
    assert relatives(domain, 2 * PAGE, PAGE) == [1, 1, 0]
    domain.ok(COPIED, DELETE)
    domain.ok(CHILD, DELETE)
    assert relatives(domain) == [0, 0, 0]


def test_a_mapping_of_a_disowned_frame_is_a_descendant(domain: Domain) -> None:
    disowned(domain, T.FRAME)
    domain.make(T.VNODE_L1, TABLE)
    domain.ok(TABLE, MAP, 0, OBJECT, 0, 1, M.READ, TASK | MAPPING)
    assert relatives(domain) == [0, 1, 0]
    domain.ok(KERNEL, KERNEL_REVOKE, OBJECT)
    assert relatives(domain) == [0, 0, 0]


def test_all_copies_are_disowned_an_entry_each(domain: Domain) -> None:
    domain.ok(OTHER_RAM, RETYPE, T.FRAME, 0, PAGE, 1, TASK | OBJECT)
    domain.ok(OBJECT, COPY, TASK | COPIED)
    domain.ok(OBJECT, COPY, TASK | OTHER)
    assert domain.once(KERNEL, DISOWN, OBJECT) == E.CONTINUE
    assert owner(domain, OBJECT) == CORE
    domain.ok(KERNEL, DISOWN, OBJECT)
    assert [owner(domain, slot) for slot in (OBJECT, COPIED, OTHER)] == [NOBODY] * 3
    assert domain.call(KERNEL, DISOWN, OBJECT) == E.FOREIGN


def test_what_is_marked_is_not_disowned_nor_what_contains_a_mark(domain: Domain) -> None:
    disowned(domain, T.RAM)
    assert domain.call(KERNEL, DISOWN, OTHER_RAM) == E.SHARED
    domain.ok(OTHER_RAM, RETYPE, T.FRAME, PAGES * PAGE, PAGE, 1, TASK | CHILD)
    domain.ok(KERNEL, SHARE, CHILD)
    assert domain.call(KERNEL, DISOWN, CHILD) == E.SHARED


def test_only_what_is_nobodys_is_divided_by_the_kernel_capability(domain: Domain) -> None:
    assert domain.call(KERNEL, KERNEL_RETYPE, OTHER_RAM, T.FRAME, 0, PAGE, 1, TASK | CHILD) == E.ARGUMENT
