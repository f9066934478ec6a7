"""Long operations begun, left alone and resumed in any order: nothing breaks, and all memory can be had back.

The host program checks its whole state after each kernel entry; here only the end is judged.
"""

from hypothesis import given, settings
from hypothesis import strategies as st

from cap_facts import PAGE, SLOT, E, T
from cap_host import Ask, Host, the_host
from cap_model import Model

COPY, MOVE, DELETE, REVOKE, RETYPE = 0, 2, 3, 4, 5
RAM, FRAME = 1 << 6, 1 << 6 | 3
ROOT_CNODE, TASK_CNODE = 2, 7
CNODES, TABLES, DISPATCHERS = range(32, 40), range(40, 42), range(42, 44)
CNODE_PAGES = 4  # 256 slots: more than one kernel entry looks through
# Kernel entries are judged by the functions they enter: several times what the longest takes today would be a mistake.
MOST_CALLS = 30000

step = st.tuples(
    st.sampled_from(["delete", "revoke", "move", "copy", "idle"]), st.integers(0, 1000), st.integers(0, 63)
)


def call(host: Host, address: int, operation: int, *words: int) -> None:
    """One step; zeroing alone is done to its end."""
    while host.invoke_once(address, operation, *words)[0] == E.CONTINUE and operation == RETYPE:
        pass


def furnish(host: Host, links: list[tuple[int, int]]) -> None:
    """CNodes full of capabilities, two full page tables, two dispatchers, and CNodes linked to each other at random."""
    call(host, RAM, RETYPE, T.CNODE, 0, CNODE_PAGES * PAGE, 4, TASK_CNODE << 32 | CNODES[0])
    call(host, RAM, RETYPE, T.CNODE, 4 * CNODE_PAGES * PAGE, CNODE_PAGES * PAGE, 4, TASK_CNODE << 32 | CNODES[4])
    objects = [(slot, T.VNODE_L1) for slot in TABLES] + [(slot, T.DISPATCHER) for slot in DISPATCHERS]
    for i, (slot, kind) in enumerate(objects):
        call(host, RAM, RETYPE, kind, (64 + i) * PAGE, PAGE, 1, TASK_CNODE << 32 | slot)
    for i, slot in enumerate(CNODES):
        for place in range(0, 40, 2):
            call(host, FRAME, COPY, slot << 32 | place)
        if i < 4:
            call(host, slot, COPY, 2 << 32 | 2 + i)  # into the root, so that addresses lead through it
    for place, (inner, outer) in enumerate(links):
        call(host, CNODES[inner], COPY, CNODES[outer] << 32 | 41 + place)
    for i, table in enumerate(TABLES):
        for index in range(0, 128, 2):
            call(host, table, 16, index, FRAME, 0, 1, 1, CNODES[index // 2 % 8] << 32 | 70 + i * 64 + index // 2)


def take_step(host: Host, what: str, which: int, where: int) -> None:
    if what == "idle":
        host.ask(Ask.END_STEP)
        return
    keep = range(0x400000, 0x401000 + 32 * SLOT)  # the root, and what the domain began with
    memory = range(0x402000, 0x403000)
    addresses = [a for key, a in Model(host.dump()).addresses() if key not in keep and key not in memory]
    if what == "revoke" and which % 8 == 0:
        addresses = [RAM, FRAME]
    if addresses:
        word = (CNODES[which % 8] if which % 2 else TASK_CNODE) << 32 | where
        operation = {"delete": DELETE, "revoke": REVOKE, "move": MOVE, "copy": COPY}[what]
        call(host, addresses[which % len(addresses)], operation, word)


@settings(max_examples=60, deadline=None)
@given(
    links=st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=12),
    steps=st.lists(step, min_size=5, max_size=40),
)
def test_no_order_of_abandoned_steps_breaks_or_loses_anything(
    links: list[tuple[int, int]], steps: list[tuple[str, int, int]]
) -> None:
    host = the_host()
    host.ask(Ask.RESET)
    furnish(host, links)
    for what, which, where in steps:
        take_step(host, what, which, where)
    assert host.invoke(RAM, REVOKE)[0] == E.OK
    assert host.most_calls < MOST_CALLS
    inside = [row for row in host.dump() if row.type != T.RAM and 0x403000 <= row.base < 0xC00000]
    assert inside == []
    assert host.invoke(RAM, RETYPE, T.FRAME, 0, 0x7FD000, 1, ROOT_CNODE << 32 | 60)[0] == E.OK
