"""The mapping database: relations against plain loops, and cost against the logarithm."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cap_facts import BADGED, CORE, Cap, T, order
from cap_host import Ask, Relation, the_host
from cap_model import Model

HOST = the_host()
MEMORY = 0x401000 + 40 * 64  # empty slots of the task CNode, for 24 capabilities
PAGE = 4096
COPIES, PAGES, NESTED, MAPPINGS = range(4)
INSERT, REMOVE, COPY, DESCENDANT, ANCESTOR, OVERLAP = range(6)


@st.composite
def nested(draw: st.DrawFn) -> list[Cap]:
    """Frames of one range that nest, some of them copies of others."""
    caps = [Cap(T.FRAME, 15, CORE, 1 << 40, 16 * PAGE)]
    for _ in range(draw(st.integers(0, 12))):
        outer = caps[draw(st.integers(0, len(caps) - 1))]
        pages = outer.size // PAGE
        first = draw(st.integers(0, pages - 1))
        part = Cap(T.FRAME, 15, CORE, outer.base + first * PAGE, draw(st.integers(1, pages - first)) * PAGE)
        clear = all(part.end <= c.base or c.end <= part.base or inside(part, c) or inside(c, part) for c in caps)
        if clear:
            caps.append(part)
    return draw(st.permutations(caps))


def inside(part: Cap, whole: Cap) -> bool:
    return whole.base <= part.base and part.end <= whole.end


@settings(max_examples=150, deadline=None)
@given(caps=nested(), first=st.integers(0, 15), pages=st.integers(1, 16))
def test_queries_agree_with_plain_loops(caps: list[Cap], first: int, pages: int) -> None:
    HOST.ask(Ask.RESET)
    model = Model(HOST.dump())
    mine = {MEMORY + i * 64: cap for i, cap in enumerate(caps)}
    for key, cap in mine.items():
        HOST.ask(Ask.CREATE, key, cap.type, cap.rights, cap.owner, cap.base, cap.size, 0)
    model.slots |= mine
    for key, cap in mine.items():
        check_relations(model, key, cap, first * PAGE, pages * PAGE)


def check_relations(model: Model, key: int, cap: Cap, offset: int, size: int) -> None:
    none = (1 << 64) - 1
    others = {k: c for k, c in model.slots.items() if k != key}
    copies = [k for k, c in others.items() if cap.is_copy(c)]
    found = HOST.ask(Ask.RELATIVE, Relation.COPY, key)[0]
    assert found in copies if copies else found == none
    below = [(order(c, k), k) for k, c in others.items() if cap.is_above(c)]
    assert HOST.ask(Ask.RELATIVE, Relation.DESCENDANT, key)[0] == (min(below)[1] if below else none)
    above = [c.size for c in others.values() if c.is_above(cap)]
    found = HOST.ask(Ask.RELATIVE, Relation.ANCESTOR, key)[0]
    assert found == none if not above else model.slots[found].size == min(above)
    if offset + size <= cap.size:
        hit = [k for _, k in sorted(below) if overlaps(model.slots[k], cap.base + offset, size)]
        found = HOST.ask(Ask.RELATIVE, Relation.OVERLAP, key, cap.base + offset, size)[0]
        assert found == (hit[0] if hit else none)


def overlaps(cap: Cap, base: int, size: int) -> bool:
    return cap.type not in BADGED and cap.base < base + size and base < cap.end


@pytest.mark.parametrize("kind", [COPIES, PAGES, NESTED, MAPPINGS])
def test_cost_grows_with_the_logarithm_whatever_the_arrangement(kind: int) -> None:
    """Counted in functions entered: about ten a node, at most 1.44 log2(n) nodes a descent, four descents a query."""
    for count in (100, 1000, 100000):
        HOST.ask(Ask.BULK, count, kind)
        cost = HOST.ask(Ask.COST, 100)
        height = 1.44 * math.log2(count) + 1
        assert max(cost[COPY], cost[DESCENDANT], cost[ANCESTOR], cost[OVERLAP]) <= 40 * height + 50
        assert max(cost[INSERT], cost[REMOVE]) <= 40 * height + 50
    HOST.ask(Ask.RESET)
