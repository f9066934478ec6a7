"""URPC, both ends: order, windows, sleeping, hostile frames, and two threads that race for real."""

import random
from collections import deque
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from user_host import Ask, Err, the_host, words

HOST = the_host()
LINE = 64
HEAD = 3 * LINE
LAP_WRAP, TAKEN_WRAP = 0xFFFF, 1 << 24
NO_ROOM = -1
SEND, RECEIVE, SLEEP = range(3)
STEPS = st.lists(
    st.tuples(st.sampled_from([SEND, SEND, RECEIVE, RECEIVE, SLEEP]), st.integers(0, 1), st.integers(0, 7)),
    max_size=120,
)
# Bytes of a slot, and slots of a ring.
SHAPES = st.one_of(
    st.tuples(st.just(64), st.integers(2, 9)),
    st.tuples(st.just(32), st.sampled_from([2, 12, 14])),
    st.tuples(st.just(16), st.sampled_from([4, 28, 32])),
)


@dataclass(frozen=True)
class Ring:
    """The shape of a channel's two rings."""

    slot: int
    slots: int

    def needs(self, count: int) -> int:
        """Slots of a message."""
        each = self.slot // 8 - 1
        return max(1, -(-count // each))

    def fits(self, count: int) -> bool:
        return self.needs(count) <= max(1, self.slots // 4)


def reset(slots: int, carried: int = 0, slot: int = LINE) -> Ring:
    """A channel that has carried so many slots."""
    answer = HOST.ask(Ask.RESET, words(HEAD + 2 * slots * slot, carried, slot))
    assert answer.words(2) == [Err.OK, Err.OK]
    assert answer.word() == slots
    return Ring(slot, slots)


class Side:
    """A model of what one side has sent that the other has not taken, and of its sleep."""

    def __init__(self, index: int) -> None:
        self.index = index
        self.under_way: deque[tuple[int, int]] = deque()  # number and words of a message
        self.sent = 0
        self.asleep = False
        self.peer_wakes = 0  # wake-ups asked for by the other side before this one slept

    def wakes(self) -> int:
        return HOST.ask(Ask.STATE, words(self.index, 0)).word()

    def send(self, count: int = 1) -> int:
        self.sent += 1
        payload = [self.sent, *range(6), 1 + self.index]
        return HOST.ask(Ask.SEND, words(self.index, 0), words(*payload, count)).word()


@settings(max_examples=150, deadline=None)
@given(
    shape=SHAPES, laps=st.sampled_from([0, 1, LAP_WRAP - 1, 3 * LAP_WRAP - 2]), more=st.integers(-4, 20), steps=STEPS
)
def test_messages_arrive_once_and_in_order(
    shape: tuple[int, int], laps: int, more: int, steps: list[tuple[int, int, int]]
) -> None:
    exchange(reset(shape[1], max(0, laps * shape[1] + more), shape[0]), steps)


@settings(max_examples=60, deadline=None)
@given(shape=SHAPES, start=st.sampled_from([TAKEN_WRAP - 4, TAKEN_WRAP - 1, 3 * TAKEN_WRAP - 2]), steps=STEPS)
def test_counts_that_wrap_are_no_offence(shape: tuple[int, int], start: int, steps: list[tuple[int, int, int]]) -> None:
    exchange(reset(shape[1], start, shape[0]), steps)


def exchange(ring: Ring, steps: list[tuple[int, int, int]]) -> None:
    """Do it, and take what is left."""
    sides = [Side(0), Side(1)]
    for step, index, count in steps:
        me, peer = sides[index], sides[1 - index]
        wake_if_asleep(me)
        if step == SEND:
            check_send(me, peer, ring, count)
        elif step == RECEIVE:
            check_receive(me, peer)
        else:
            check_sleep(me, peer)
    for me, peer in (sides, sides[::-1]):
        wake_if_asleep(me)
        while me.under_way:
            check_receive(peer, me)


def wake_if_asleep(me: Side) -> None:
    if me.asleep:
        HOST.ask(Ask.AWAKE, words(me.index, 0))
        me.asleep = False


def check_send(me: Side, peer: Side, ring: Ring, count: int) -> None:
    error = me.send(count)
    if not ring.fits(count):
        assert error == Err.ARGUMENT
    if error != Err.OK:
        me.sent -= 1
    if error == Err.BUSY:
        # When all has been taken there is room for whatever may be sent, unless the news of it waits here.
        assert peer.under_way or me.under_way
        return
    if error == Err.OK:
        me.under_way.append((me.sent, count))
        assert sum(ring.needs(size) for _, size in me.under_way) <= ring.slots
        if peer.asleep:
            assert me.wakes() == peer.peer_wakes + 1, "a sleeping receiver is woken, once"


def check_receive(me: Side, peer: Side) -> None:
    answer = HOST.ask(Ask.RECEIVE, words(me.index, 0))
    error = answer.word()
    if not peer.under_way:
        assert error == Err.NOT_READY
        return
    assert error == Err.OK
    number, count = peer.under_way.popleft()
    assert answer.words(1 + count) == [1 + peer.index, *[number, *range(6)][:count]]


def check_sleep(me: Side, peer: Side) -> None:
    before = peer.wakes()
    slept = HOST.ask(Ask.SLEEP, words(me.index, NO_ROOM)).word()
    assert bool(slept) == (not peer.under_way), "nobody falls asleep over a message"
    me.asleep, me.peer_wakes = bool(slept), before


@pytest.mark.parametrize(("slot", "slots", "count"), [(64, 4, 1), (64, 2, 7), (32, 12, 7), (16, 28, 7), (16, 32, 1)])
def test_a_sender_that_waits_for_room_is_woken(slot: int, slots: int, count: int) -> None:
    ring = reset(slots, 0, slot)
    me, peer = Side(0), Side(1)
    sent = slots // ring.needs(count)
    assert [me.send(count) for _ in range(sent)] == [Err.OK] * sent
    assert me.send(count) == Err.BUSY
    assert HOST.ask(Ask.SLEEP, words(0, count)).word() == 1
    for _ in range(sent):
        assert HOST.ask(Ask.RECEIVE, words(1, 0)).word() == Err.OK
    assert peer.wakes() >= 1
    HOST.ask(Ask.AWAKE, words(0, 0))
    assert me.send(count) == Err.OK, "there is room now"


def test_room_that_came_before_the_sleep_keeps_the_sender_awake() -> None:
    ring = reset(4)
    me = Side(0)
    for _ in range(ring.slots):
        me.send()
    for _ in range(ring.slots // 2):
        HOST.ask(Ask.RECEIVE, words(1, 0))
    assert HOST.ask(Ask.SLEEP, words(0, 1)).word() == 0


@settings(max_examples=200, deadline=None)
@given(
    shape=SHAPES,
    steps=STEPS,
    pokes=st.lists(st.tuples(st.integers(64, 18 * LINE - 1), st.integers(0, (1 << 64) - 1)), min_size=1, max_size=40),
)
def test_a_hostile_frame_gives_errors_and_nothing_else(
    shape: tuple[int, int], steps: list[tuple[int, int, int]], pokes: list[tuple[int, int]]
) -> None:
    reset(shape[1], 0, shape[0])
    rnd = random.Random(len(steps))
    for step, index, count in steps:
        where, value = rnd.choice(pokes)
        # Also words that are nearly right: of the first laps, with all flags, or the mark.
        HOST.ask(Ask.POKE, words(where, rnd.choice([value, value & 0xFFFFFF000003FFFF, 1])))
        if step == SEND:
            assert Side(index).send(count) in (Err.OK, Err.BUSY, Err.PEER_DEAD, Err.ARGUMENT)
        elif step == RECEIVE:
            assert HOST.ask(Ask.RECEIVE, words(index, 0)).word() in (Err.OK, Err.NOT_READY, Err.FORMAT)
        else:
            HOST.ask(Ask.SLEEP, words(index, rnd.choice([NO_ROOM, 1])))
            HOST.ask(Ask.AWAKE, words(index, 0))


FIRST_FROM_1 = HEAD + 4 * LINE  # the first header from side 1 to side 0, with four slots of a line
MORE = 1 << 39


def header(lap: int, count: int = 1, flags: int = 0) -> int:
    return 1 | lap << 16 | count << 32 | flags


@pytest.mark.parametrize("value", [header(2), header(LAP_WRAP), header(0), 1], ids=["next", "before", "none", "mark"])
def test_a_lap_out_of_order_breaks_the_channel_for_good(value: int) -> None:
    reset(4)
    HOST.ask(Ask.POKE, words(FIRST_FROM_1, value))
    assert HOST.ask(Ask.RECEIVE, words(0, 0)).word() == Err.FORMAT
    HOST.ask(Ask.POKE, words(FIRST_FROM_1, header(1)))
    assert HOST.ask(Ask.RECEIVE, words(0, 0)).word() == Err.FORMAT
    assert Side(0).send() == Err.PEER_DEAD
    assert HOST.ask(Ask.SLEEP, words(0, NO_ROOM)).word() == 0


@pytest.mark.parametrize(
    ("value", "slot"),
    [
        (header(1, 7, MORE), 64),
        (header(1, 1, MORE), 64),
        (header(1, 4), 32),
        (header(1, 2), 16),
        (header(1, 1, MORE), 16),
    ],
    ids=["the rest is missing", "more after a slot that is not full", "too many words", "the same", "the rest"],
)
def test_a_message_that_cannot_be_breaks_the_channel(value: int, slot: int) -> None:
    reset(4 * LINE // slot, 0, slot)
    HOST.ask(Ask.POKE, words(FIRST_FROM_1, value))
    assert HOST.ask(Ask.RECEIVE, words(0, 0)).word() == Err.FORMAT


def test_a_message_longer_than_there_is_room_for_breaks_the_channel() -> None:
    reset(4)
    HOST.ask(Ask.POKE, words(FIRST_FROM_1 + LINE, header(1, 7)))
    HOST.ask(Ask.POKE, words(FIRST_FROM_1, header(1, 7, MORE)))
    assert HOST.ask(Ask.RECEIVE, words(0, 0)).word() == Err.FORMAT


def test_an_acknowledgement_of_what_was_never_sent_breaks_the_channel() -> None:
    ring = reset(4)
    for _ in range(ring.slots):
        assert Side(0).send() == Err.OK
    HOST.ask(Ask.POKE, words(2 * LINE, 5))  # side 1's word of acknowledgements
    assert Side(0).send() == Err.PEER_DEAD
    assert HOST.ask(Ask.RECEIVE, words(0, 0)).word() == Err.FORMAT


def test_one_in_a_header_gives_no_room_that_is_not_there() -> None:
    ring = reset(4)
    HOST.ask(Ask.POKE, words(FIRST_FROM_1, header(1) | 3 << 40))
    assert HOST.ask(Ask.RECEIVE, words(0, 0)).word() == Err.OK
    assert [Side(0).send() for _ in range(ring.slots)] == [Err.OK] * ring.slots
    assert Side(0).send() == Err.BUSY, "it was about messages that had not been sent"


@pytest.mark.parametrize("size", [64, HEAD, HEAD + 2 * LINE, HEAD + 3 * LINE + 8])
def test_a_frame_too_small_for_two_slots_a_ring_is_refused(size: int) -> None:
    assert HOST.ask(Ask.RESET, words(size, 0, LINE)).words(2) == [Err.FORMAT, Err.FORMAT]


@pytest.mark.parametrize("slot", [8, 24, 128])
def test_a_slot_that_is_no_part_of_a_line_is_refused(slot: int) -> None:
    assert HOST.ask(Ask.RESET, words(4096, 0, slot)).words(2) == [Err.FORMAT, Err.FORMAT]


@settings(max_examples=60, deadline=None)
@given(
    lengths=st.lists(st.integers(0, 63), min_size=1, max_size=40),
    shape=st.sampled_from([(64, 36), (32, 84), (16, 252)]),
)
def test_long_messages_arrive_whole(lengths: list[int], shape: tuple[int, int]) -> None:
    reset(shape[1], 0, shape[0])
    assert HOST.ask(Ask.LONG, words(len(lengths), 0), words(*lengths)).text() == ""


@pytest.mark.parametrize(("slot", "slots"), [(64, 2), (64, 3), (64, 29), (32, 12), (16, 4), (16, 100)])
@pytest.mark.parametrize("lockstep", [False, True])
def test_two_threads_lose_no_message_and_no_wake_up(slot: int, slots: int, lockstep: bool) -> None:
    reset(slots, 0, slot)
    answer = HOST.ask(Ask.STRESS, words(50_000, slots, lockstep, max(1, min(2, slot // 8 - 1))))
    assert answer.text() == ""
    assert answer.word() > 0, "they slept now and then"
