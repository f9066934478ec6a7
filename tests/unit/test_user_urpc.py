"""URPC, both ends: order, windows, sleeping, hostile frames, and two threads that race for real."""

import random
from collections import deque

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from user_host import Ask, Err, the_host, words

HOST = the_host()
LINE = 64
WRAP = 1 << 24
SEND, RECEIVE, SLEEP = range(3)
STEPS = st.lists(st.tuples(st.sampled_from([SEND, SEND, RECEIVE, RECEIVE, SLEEP]), st.integers(0, 1)), max_size=120)


def reset(lines: int, carried: int = 0) -> int:
    """A channel whose rings have so many lines and that has carried so many messages; returns what it has."""
    answer = HOST.ask(Ask.RESET, words((6 + 2 * lines) * LINE, carried))
    assert answer.words(2) == [Err.OK, Err.OK]
    return answer.word()


class Side:
    """A model of what one side has sent that the other has not taken, and of its sleep."""

    def __init__(self, index: int) -> None:
        self.index = index
        self.under_way: deque[int] = deque()
        self.unacknowledged = 0  # sent, and as far as this side can know not taken
        self.sent = 0
        self.asleep = False
        self.peer_wakes = 0  # wake-ups asked for by the other side before this one slept

    def wakes(self) -> int:
        return HOST.ask(Ask.STATE, words(self.index, 0)).word()

    def send(self) -> int:
        self.sent += 1
        payload = [self.sent, *range(6), 1 + self.index]
        return HOST.ask(Ask.SEND, words(self.index, 0), words(*payload)).word()


@settings(max_examples=120, deadline=None)
@given(lines=st.integers(2, 9), start=st.sampled_from([0, 1, 5, WRAP - 4, WRAP - 1, 3 * WRAP - 2]), steps=STEPS)
def test_messages_arrive_once_and_in_order(lines: int, start: int, steps: list[tuple[int, int]]) -> None:
    assert reset(lines, start) == lines
    sides = [Side(0), Side(1)]
    for step, index in steps:
        me, peer = sides[index], sides[1 - index]
        wake_if_asleep(me)
        if step == SEND:
            check_send(me, peer, lines)
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


def check_send(me: Side, peer: Side, lines: int) -> None:
    error = me.send()
    if error == Err.BUSY:
        me.sent -= 1
        # The receiver owes an acknowledgement for less than half of the window, unless it rides on what waits here.
        assert peer.under_way or len(me.under_way) > lines - (lines + 1) // 2
        return
    assert error == Err.OK
    me.under_way.append(me.sent)
    assert len(me.under_way) <= lines
    if peer.asleep:
        assert me.wakes() == peer.peer_wakes + 1, "a sleeping receiver is woken, once"


def check_receive(me: Side, peer: Side) -> None:
    answer = HOST.ask(Ask.RECEIVE, words(me.index, 0))
    error = answer.word()
    if not peer.under_way:
        assert error == Err.NOT_READY
        return
    assert error == Err.OK
    assert answer.words(8) == [1 + peer.index, peer.under_way.popleft(), *range(6)]


def check_sleep(me: Side, peer: Side) -> None:
    before = peer.wakes()
    slept = HOST.ask(Ask.SLEEP, words(me.index, 0)).word()
    assert bool(slept) == (not peer.under_way), "nobody falls asleep over a message"
    me.asleep, me.peer_wakes = bool(slept), before


def test_a_sender_that_waits_for_room_is_woken() -> None:
    lines = reset(4)
    me, peer = Side(0), Side(1)
    assert [me.send() for _ in range(lines)] == [Err.OK] * lines
    assert me.send() == Err.BUSY
    assert HOST.ask(Ask.SLEEP, words(0, 1)).word() == 1
    for _ in range(lines // 2):
        assert HOST.ask(Ask.RECEIVE, words(1, 0)).word() == Err.OK
    assert peer.wakes() == 1
    assert HOST.ask(Ask.STATE, words(0, 0)).words(2)[1] == 1, "there is room now"


def test_room_that_came_before_the_sleep_keeps_the_sender_awake() -> None:
    lines = reset(4)
    me = Side(0)
    for _ in range(lines):
        me.send()
    for _ in range(lines // 2):
        HOST.ask(Ask.RECEIVE, words(1, 0))
    assert HOST.ask(Ask.SLEEP, words(0, 1)).word() == 0


@settings(max_examples=150, deadline=None)
@given(
    lines=st.integers(2, 6),
    steps=STEPS,
    pokes=st.lists(st.tuples(st.integers(64, 18 * LINE - 1), st.integers(0, (1 << 64) - 1)), min_size=1, max_size=40),
)
def test_a_hostile_frame_gives_errors_and_nothing_else(
    lines: int, steps: list[tuple[int, int]], pokes: list[tuple[int, int]]
) -> None:
    reset(lines)
    rnd = random.Random(len(steps))
    for step, index in steps:
        HOST.ask(Ask.POKE, words(*rnd.choice(pokes)))
        if step == SEND:
            assert Side(index).send() in (Err.OK, Err.BUSY, Err.PEER_DEAD)
        elif step == RECEIVE:
            assert HOST.ask(Ask.RECEIVE, words(index, 0)).word() in (Err.OK, Err.NOT_READY, Err.FORMAT)
        else:
            HOST.ask(Ask.SLEEP, words(index, 0))
            HOST.ask(Ask.AWAKE, words(index, 0))


def test_a_sequence_out_of_order_breaks_the_channel_for_good() -> None:
    reset(4)
    header = (6 + 4) * LINE + 56  # of the first line from side 1 to side 0
    HOST.ask(Ask.POKE, words(header, 1 | 5 << 16))
    assert HOST.ask(Ask.RECEIVE, words(0, 0)).word() == Err.FORMAT
    HOST.ask(Ask.POKE, words(header, 1 | 1 << 16))
    assert HOST.ask(Ask.RECEIVE, words(0, 0)).word() == Err.FORMAT
    assert Side(0).send() == Err.PEER_DEAD


def test_an_acknowledgement_of_what_was_never_sent_breaks_the_channel() -> None:
    reset(4)
    HOST.ask(Ask.POKE, words((6 + 4) * LINE + 56, 1 | 1 << 16 | 3 << 40))
    assert HOST.ask(Ask.RECEIVE, words(0, 0)).word() == Err.FORMAT


@pytest.mark.parametrize("size", [0, 64, 6 * LINE, 8 * LINE, 9 * LINE + 8])
def test_a_frame_too_small_for_two_lines_a_ring_is_refused(size: int) -> None:
    if size >= 4 * 8:
        assert HOST.ask(Ask.RESET, words(size, 0)).words(2) == [Err.FORMAT, Err.FORMAT]


@pytest.mark.parametrize("lines", [2, 3, 29])
@pytest.mark.parametrize("lockstep", [False, True])
def test_two_threads_lose_no_message_and_no_wake_up(lines: int, lockstep: bool) -> None:
    reset(lines)
    answer = HOST.ask(Ask.STRESS, words(100_000, lines, lockstep))
    assert answer.text() == ""
    assert answer.word() > 0, "they slept now and then"
