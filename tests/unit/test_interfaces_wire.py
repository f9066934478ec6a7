"""Generated marshalling against its description in Python: what one side packs the other unpacks, and hostile words are
refused by the C exactly where the Python refuses them, with the sanitizers watching."""

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from interface_host import (
    ADD,
    ADD_OP,
    CONTRACT,
    ECHO,
    ECHO_OP,
    FILL,
    FILL_OP,
    MIX_OP,
    QUICK,
    SAMPLE,
    SERVE,
    SWAP_OP,
    TICK_OP,
    the_host,
)
from skerry.interfaces.model import Operation
from skerry.interfaces.wire import Value, WireError, decode, describe, encode

OK = CONTRACT.enum("err")["OK"].value
ARGUMENT = CONTRACT.enum("err")["ARGUMENT"].value
FORMAT = CONTRACT.enum("err")["FORMAT"].value
BUSY = CONTRACT.enum("err")["BUSY"].value


def operation(number: int) -> Operation:
    found = SAMPLE.operation(number)
    assert found is not None
    return found


ADD_CALL, ECHO_CALL, SWAP_CALL = operation(ADD_OP), operation(ECHO_OP), operation(SWAP_OP)
MASK = (1 << 64) - 1
NOTHING = encode(ECHO_CALL.args, {"text": "", "data": b"", "list": (), "four": (0, 0, 0, 0)})
numbers = st.fixed_dictionaries(
    {
        "a": st.integers(0, MASK),
        "b": st.integers(-(1 << 63), (1 << 63) - 1),
        "c": st.integers(0, 0xFFFF),
        "d": st.integers(0, 100),
        "e": st.integers(0, 1),
        "f": st.integers(0, 1),
        "g": st.integers(0, 3),
    }
)


def rows(text: int, data: int, items: int) -> st.SearchStrategy[dict[str, Value]]:
    """Arguments of echo up to these lengths."""
    return st.fixed_dictionaries(
        {
            "text": st.text(st.characters(min_codepoint=1, max_codepoint=255), max_size=text),
            "data": st.binary(max_size=data),
            "list": st.lists(st.integers(0, 0xFFFF), max_size=items).map(tuple),
            "four": st.tuples(*[st.integers(0, (1 << 32) - 1)] * 4),
        }
    )


def back(values: dict[str, Value]) -> dict[str, Value]:
    return {f"{name}_back": value for name, value in values.items()}


# Words that are nearly right: small numbers are lengths and values, large ones are not.
hostile = st.lists(st.one_of(st.integers(0, 40), st.integers(0, MASK), st.just(MASK)), max_size=24)


def refused(call: Operation, words: Sequence[int]) -> bool:
    try:
        decode(call.args, words)
    except WireError:
        return True
    return False


@given(numbers)
@settings(deadline=None)
def test_numbers_arrive_as_they_were_sent(values: dict[str, Value]) -> None:
    assert decode(ADD_CALL.args, encode(ADD_CALL.args, values)) == values
    sums = [values[name] for name in "acde"]
    total = sum(value for value in sums if isinstance(value, int)) & MASK
    answer = {"sum": total, "least": values["b"], "paint": values["f"], "ways": values["g"]}
    error, *reply = the_host().ask(SERVE, ADD_OP, *encode(ADD_CALL.args, values))
    assert error == OK
    assert decode(ADD_CALL.results, reply) == answer


@given(rows(20, 30, 9))
@settings(deadline=None)
def test_rows_arrive_as_they_were_sent(values: dict[str, Value]) -> None:
    words = encode(ECHO_CALL.args, values)
    error, *reply = the_host().ask(SERVE, ECHO_OP, *words)
    assert error == OK
    assert reply == words == encode(ECHO_CALL.results, back(values))
    assert decode(ECHO_CALL.results, reply) == back(values)


@given(st.binary(max_size=4096))
@settings(max_examples=25, deadline=None)
def test_a_page_arrives_as_it_was_sent(page: bytes) -> None:
    words = encode(SWAP_CALL.args, {"page": page})
    assert the_host().ask(SERVE, SWAP_OP, *words) == [OK, *words]


@given(numbers, st.integers(0, 6), st.integers(0, MASK))
@settings(deadline=None)
def test_number_out_of_range_is_refused_on_receipt(values: dict[str, Value], place: int, word: int) -> None:
    words = encode(ADD_CALL.args, values)
    words[place] = word
    error = the_host().ask(SERVE, ADD_OP, *words)[0]
    assert error == (ARGUMENT if refused(ADD_CALL, words) else OK)


@given(hostile)
@settings(max_examples=500, deadline=None)
def test_hostile_requests_are_refused_on_receipt(words: list[int]) -> None:
    for call in (ADD_CALL, ECHO_CALL, SWAP_CALL):
        error = the_host().ask(SERVE, call.number, *words)[0]
        assert error == (ARGUMENT if refused(call, words) else OK)


@given(rows(20, 30, 9), st.data())
@settings(deadline=None)
def test_damaged_requests_are_refused_on_receipt(values: dict[str, Value], data: st.DataObject) -> None:
    words = encode(ECHO_CALL.args, values)
    place = data.draw(st.integers(0, len(words) - 1))
    words[place] ^= 1 << data.draw(st.integers(0, 63))
    words = words[: data.draw(st.integers(place, len(words)))]
    error = the_host().ask(SERVE, ECHO_OP, *words)[0]
    assert error == (ARGUMENT if refused(ECHO_CALL, words) else OK)


@given(numbers, numbers)
@settings(deadline=None)
def test_client_packs_numbers_and_takes_the_answer(values: dict[str, Value], other: dict[str, Value]) -> None:
    request = encode(ADD_CALL.args, values)
    reply = [*encode(ADD_CALL.args, other)[:2], *encode(ADD_CALL.args, other)[5:7]]
    answer = the_host().ask(ADD, OK, *request, *reply)
    assert answer == [len(request), *request, OK, *reply]


@given(numbers, st.lists(st.integers(0, MASK), max_size=6))
@settings(deadline=None)
def test_client_refuses_hostile_answers_and_writes_nothing(values: dict[str, Value], reply: list[int]) -> None:
    request = encode(ADD_CALL.args, values)
    try:
        decode(ADD_CALL.results, reply)
        expected = [OK, *reply[:4]]
    except WireError:
        expected = [FORMAT, 0, 0, 0, 0]
    assert the_host().ask(ADD, OK, *request, *reply)[8:] == expected


@given(rows(20, 30, 9), rows(20, 30, 9), st.integers(0, 1))
@settings(deadline=None)
def test_client_packs_rows_and_takes_the_answer(values: dict[str, Value], other: dict[str, Value], busy: int) -> None:
    request, reply = encode(ECHO_CALL.args, values), encode(ECHO_CALL.args, other)
    answer = the_host().ask(ECHO, BUSY if busy else OK, len(request), *request, *reply)
    assert answer == [len(request), *request, *([BUSY, *NOTHING] if busy else [OK, *reply])]


@given(rows(60, 60, 30))
@settings(deadline=None)
def test_client_refuses_what_is_too_long(values: dict[str, Value]) -> None:
    request = encode(ECHO_CALL.args, values)
    answer = the_host().ask(ECHO, OK, len(request), *request)
    bounds = {"text": 20, "data": 30, "list": 9}
    too_long = any(len(values[name]) > most for name, most in bounds.items())  # type: ignore[arg-type]
    assert answer == ([ARGUMENT, *NOTHING] if too_long else [len(request), *request, FORMAT, *NOTHING])


def test_messages_are_described_in_words() -> None:
    words = [7, MASK, 3, 100, 1, 1, 3]
    assert describe(SAMPLE, ADD_OP, words) == "sample.add(a=7, b=-1, c=3, d=100, e=1, f=BLUE, g=FAST|QUIET)"
    assert describe(SAMPLE, ADD_OP, [1, 2, 0, 0], reply=True) == "sample.add -> (sum=1, least=2, paint=RED, ways=0)"
    assert describe(SAMPLE, ADD_OP, words[:3]) == "sample.add: bad call: d: the message ends before it does"
    assert describe(SAMPLE, 99, []) == "sample.99?"


words_of_quick = st.lists(st.one_of(st.integers(0, 4), st.integers(0, MASK)), min_size=2, max_size=2)


@given(words_of_quick, st.integers(0, MASK))
@settings(deadline=None)
def test_quick_calls_check_each_word_as_the_others_do(words: list[int], head: int) -> None:
    error, *reply = the_host().ask(SERVE, MIX_OP, *words)
    assert the_host().ask(QUICK, MIX_OP, head, *words) == [head, error, *reply, 1]


@given(words_of_quick)
@settings(deadline=None)
def test_quick_messages_that_are_wrong_are_dropped(words: list[int]) -> None:
    taken = [] if refused(operation(TICK_OP), words) else words
    assert the_host().ask(QUICK, TICK_OP, 0, *words) == [*taken, 1]


BULK = 4 * 4096
FILL_CALL = operation(FILL_OP)
places = st.one_of(st.integers(0, BULK + 1), st.integers(0, (1 << 32) - 1))
sizes = st.one_of(st.integers(0, 21), st.integers(0, BULK + 1), st.integers(0, (1 << 32) - 1))


@given(st.tuples(places, sizes, places, sizes))
@settings(max_examples=300, deadline=None)
def test_pieces_outside_the_bulk_are_refused_on_receipt(pieces: tuple[int, int, int, int]) -> None:
    room, room_size, least, least_size = pieces
    words = [room | room_size << 32, least | least_size << 32]
    error, *reply = the_host().ask(SERVE, FILL_OP, *words)
    inside = room + room_size <= BULK and least + least_size <= BULK and least_size <= 20
    assert inside == (not refused(FILL_CALL, words))
    assert [error, *reply] == ([OK, room_size + least_size] if inside else [ARGUMENT])


@given(st.integers(-BULK, 2 * BULK), st.integers(0, BULK + 1), st.integers(0, 21))
@settings(deadline=None)
def test_client_refuses_what_is_not_in_its_bulk(place: int, size: int, least: int) -> None:
    answer = the_host().ask(FILL, place & MASK, size, 0, least)
    inside = least <= 20 and (size == 0 or (place >= 0 and place + size <= BULK))
    words = [2, (place | size << 32) if size else 0, least << 32]
    assert answer == ([*words, FORMAT] if inside else [ARGUMENT])


def test_pieces_are_described_in_words() -> None:
    words = [4096 | 8192 << 32, 0]
    assert describe(SAMPLE, FILL_OP, words) == "sample.fill(room=8192 bytes at 0x1000, least=0 bytes at 0x0)"
    assert describe(SAMPLE, FILL_OP, [9 << 60, 0]).startswith("sample.fill: bad call: room: 2415919104 bytes at 0x0")
