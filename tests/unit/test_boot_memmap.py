"""kernel/boot/memmap.c: whatever firmware claims, the map is sorted and says what each page is."""

import struct
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from boot_files import PAGE
from boot_host import OP_MEMMAP, Err, Host

SET, TAKE, COVERS, TOTAL, TRIM = range(5)
NONE, RAM, RESERVED, ACPI, ARCHIVE = range(5)
PAGES = 64
CHUNK = 0x200000
FULL = 128


@dataclass(frozen=True)
class Step:
    """One call; `value` is the type or the size."""

    call: int
    base: int
    end: int
    value: int


@dataclass(frozen=True)
class Outcome:
    """What each call said, what was taken, and the map at the end."""

    results: list[int]
    taken: list[int]
    regions: list[tuple[int, int, int]]


def run(boot: Host, *steps: Step) -> Outcome:
    words = [struct.pack("<4Q", s.call, s.base, s.end, s.value) for s in steps]
    answer = boot.ask(OP_MEMMAP, b"".join(words))
    pairs = [answer.words(2) for _ in steps]
    regions = [(base, size, kind) for base, size, kind in (answer.words(3) for _ in range(answer.left // 24))]
    return Outcome([pair[0] for pair in pairs], [pair[1] for pair in pairs], regions)


def claim(base: int, size: int, kind: int) -> Step:
    return Step(SET, base, base + size, kind)


ADDRESSES = st.integers(0, PAGES * PAGE)
CLAIMS = st.builds(
    lambda ends, kind: Step(SET, min(ends), max(ends), kind),
    st.tuples(ADDRESSES, ADDRESSES),
    st.sampled_from([NONE, RAM, RAM, RESERVED, ACPI]),
)


def model(steps: list[Step]) -> list[int]:
    """What each page is: the last claim on it, RAM only where it has the whole page."""
    pages = [NONE] * (PAGES + 1)
    for step in steps:
        whole = step.value == RAM
        first = -(-step.base // PAGE) if whole else step.base // PAGE
        last = step.end // PAGE if whole else -(-step.end // PAGE)
        for page in range(first, last) if step.base < step.end else ():
            pages[page] = step.value
    return pages


@given(steps=st.lists(CLAIMS, max_size=30))
def test_the_last_claim_on_a_page_holds(boot: Host, steps: list[Step]) -> None:
    outcome = run(boot, *steps)
    pages = [NONE] * (PAGES + 1)
    end, kind = 0, NONE
    for base, size, region_kind in outcome.regions:
        assert base % PAGE == size % PAGE == 0 and size > 0 and region_kind != NONE
        assert base > end or (base == end and region_kind != kind) or end == 0, "neighbours of a type are one"
        end, kind = base + size, region_kind
        pages[base // PAGE : end // PAGE] = [region_kind] * (size // PAGE)
    assert pages == model(steps)


@given(steps=st.lists(CLAIMS, max_size=20), ends=st.tuples(ADDRESSES, ADDRESSES))
def test_totals_and_cover_agree_with_the_pages(boot: Host, steps: list[Step], ends: tuple[int, int]) -> None:
    low, high = min(ends) // PAGE, max(ends) // PAGE
    part = (low * PAGE, high * PAGE, RAM)
    outcome = run(boot, *steps, Step(TOTAL, *part), Step(COVERS, *part))
    pages = model(steps)[low:high]
    assert outcome.results[-2] == pages.count(RAM) * PAGE
    if pages:
        assert outcome.results[-1] == (pages.count(RAM) == len(pages))


def test_an_empty_range_is_covered_only_inside_a_region(boot: Host) -> None:
    steps = [claim(PAGE, PAGE, RAM), Step(COVERS, PAGE, PAGE, RAM), Step(COVERS, 8 * PAGE, 8 * PAGE, RAM)]
    assert run(boot, *steps).results == [Err["OK"], 1, 0]


def test_the_lowest_whole_chunks_are_taken(boot: Host) -> None:
    outcome = run(
        boot,
        claim(0x1000, 3 * CHUNK, RAM),
        claim(8 * CHUNK, 8 * CHUNK, RAM),
        Step(TAKE, 0, 2**32, CHUNK),
        Step(TAKE, 2 * CHUNK, 2**32, 2 * CHUNK),
        Step(TAKE, 0, 2**32, CHUNK),
        Step(TAKE, 0, 12 * CHUNK, 3 * CHUNK),
    )
    assert outcome.results == [Err["OK"]] * 5 + [Err["NOT_FOUND"]]
    assert outcome.taken[2:] == [CHUNK, 8 * CHUNK, 2 * CHUNK, 0]
    assert outcome.regions == [
        (PAGE, CHUNK - PAGE, RAM),
        (3 * CHUNK, PAGE, RAM),
        (10 * CHUNK, 6 * CHUNK, RAM),
    ]


def test_memory_above_4_gib_and_absurd_addresses_are_kept_or_clipped(boot: Host) -> None:
    top = 2**52
    absurd = (Step(SET, top - PAGE, 2**64 - 1, RESERVED), Step(SET, 2**63, 2**64 - 1, RAM))
    outcome = run(boot, claim(2**32, 2**40, RAM), *absurd)
    assert outcome.results == [Err["OK"]] * 3
    assert outcome.regions == [(2**32, 2**40, RAM), (top - PAGE, PAGE, RESERVED)]


def test_a_full_list_refuses_more_and_stays_as_it_is(boot: Host) -> None:
    steps = [claim(2 * i * PAGE, PAGE, RAM) for i in range(FULL + 1)]
    outcome = run(boot, *steps, claim(PAGE // 2, 1, NONE))
    assert outcome.results == [Err["OK"]] * FULL + [Err["NO_MEMORY"], Err["OK"]]
    assert outcome.regions == [(2 * i * PAGE, PAGE, RAM) for i in range(1, FULL)]


def test_trimming_drops_the_smallest_but_never_the_archive(boot: Host) -> None:
    kinds = [(0, 1, ARCHIVE), (10, 3, RAM), (20, 2, RAM), (30, 2, RESERVED), (40, 9, RAM)]
    steps = [claim(page * PAGE, count * PAGE, kind) for page, count, kind in kinds]
    outcome = run(boot, *steps, Step(TRIM, 0, 0, 3), Step(TRIM, 0, 0, 2), Step(TRIM, 0, 0, 2))
    assert outcome.results[-3:] == [2 * PAGE, 3 * PAGE, 0]
    assert outcome.regions == [(0, PAGE, ARCHIVE), (40 * PAGE, 9 * PAGE, RAM)]
