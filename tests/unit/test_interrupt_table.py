"""The CPU driver's interrupt table over a model of the local APIC: lines in service, acknowledged in any order."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boot_host import CONTRACT, ROOT
from small_host import host_program, run_host

FIRST, LAST = CONTRACT.constant("VECTOR_USER_FIRST"), CONTRACT.constant("VECTOR_LEVEL_LAST")
EDGE = CONTRACT.constant("VECTOR_EDGE_FIRST")
SOURCES = (ROOT / "tests/unit/interrupt_host.c", ROOT / "kernel/core/interrupt.c")
VECTORS = [FIRST, FIRST + 1, LAST - 1, LAST, EDGE, EDGE + 0x20]
ORDERS = st.tuples(st.sampled_from(["arrive", "arrive", "ack", "ack", "bind", "unbind"]), st.sampled_from(VECTORS))


def obey(orders: list[tuple[str, int]]) -> list[tuple[str, list[int]]]:
    text = "".join(f"{what} {vector}\n" for what, vector in orders).encode()
    lines = run_host(host_program(SOURCES, (ROOT / "kernel",)), [], text)
    return [(line.split()[0], [int(word) for word in line.split()[1:]]) for line in lines]


@settings(max_examples=150, deadline=None)
@given(st.lists(ORDERS, max_size=40))
def test_a_line_is_in_service_until_it_and_all_above_it_are_acknowledged(orders: list[tuple[str, int]]) -> None:
    waiting: set[int] = set()  # in service, not acknowledged
    bound: set[int] = set()
    orders += [("ack", vector) for vector in VECTORS]
    for (what, vector), (result, in_service) in zip(orders, obey(orders), strict=True):
        if what == "arrive" and result != "held":
            assert result == ("notified" if vector in bound else "dropped")
            waiting |= {vector} if vector <= LAST else set()
        elif what == "ack":
            assert result == ("ok" if vector in waiting else "none")
            waiting.discard(vector)
        elif what == "bind":
            bound.add(vector)
        elif what == "unbind":
            bound.discard(vector)
        assert waiting <= set(in_service)
        assert all(any(above >= held for above in waiting) for held in in_service)
    assert not waiting


@pytest.mark.parametrize("vector", [FIRST, LAST])
def test_an_unbound_line_does_not_come_again(vector: int) -> None:
    again = obey([("arrive", vector), ("arrive", vector), ("ack", vector), ("arrive", vector)])
    assert again == [("dropped", [vector]), ("held", [vector]), ("ok", []), ("dropped", [vector])]


def test_edges_are_over_at_once_and_lines_do_not_hold_them_back() -> None:
    assert obey([("bind", EDGE), ("arrive", FIRST), ("arrive", EDGE), ("arrive", EDGE)])[1:] == [
        ("dropped", [FIRST]),
        ("notified", [FIRST]),
        ("notified", [FIRST]),
    ]
