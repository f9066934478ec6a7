"""Formatting, strings, and the shell's text work, against Python's own."""

from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from user_host import Ask, the_host, words

HOST = the_host()
INT, LONG, STRING = range(3)
PLAIN = st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126), max_size=40)


def printed(form: str, kind: int, value: int = 0, text: str = "", room: int = 200) -> tuple[int, str]:
    answer = HOST.ask(Ask.PRINT, form.encode(), words(kind, value, room), text.encode())
    return answer.word(), answer.text()


@settings(max_examples=300, deadline=None)
@given(
    flag=st.sampled_from(["", "-", "0"]),
    width=st.sampled_from(["", "1", "7", "25"]),
    kind=st.sampled_from(["d", "x", "X"]),
    value=st.integers(-(1 << 63), (1 << 63) - 1),
)
def test_integers_are_formatted_as_python_does(flag: str, width: str, kind: str, value: int) -> None:
    expected = f"%{flag}{width}{kind}" % (value if kind == "d" else value & (1 << 64) - 1)
    assert printed(f"%{flag}{width}l{kind}", LONG, value)[1] == expected


@pytest.mark.parametrize(
    ("form", "value", "expected"),
    [
        ("%d", -(1 << 31), "-2147483648"),
        ("%u", -1, "4294967295"),
        ("%x", -1, "ffffffff"),
        ("[%5.3d]", 7, "[  007]"),
        ("[%-6u]", 42, "[42    ]"),
        ("%c", 65, "A"),
        ("100%%", 0, "100%"),
        ("%q", 0, "q"),
        ("cut short %", 0, "cut short "),
        ("%.0d", 0, ""),
    ],
)
def test_conversions_by_example(form: str, value: int, expected: str) -> None:
    assert printed(form, INT, value) == (len(expected), expected)


@given(text=PLAIN, width=st.integers(0, 50), precision=st.integers(0, 50), left=st.booleans())
def test_strings_are_padded_and_cut(text: str, width: int, precision: int, left: bool) -> None:
    form = f"%{'-' if left else ''}{width or ''}.{precision}s"
    assert printed(form, STRING, text=text)[1] == form % text


@given(text=PLAIN, room=st.integers(0, 60))
def test_output_past_the_buffer_is_cut_and_counted(text: str, room: int) -> None:
    length, out = printed("<%s>", STRING, text=text, room=room)
    assert length == len(text) + 2
    assert out == f"<{text}>"[: max(room - 1, 0)]


@given(memory=st.binary(min_size=1, max_size=300), data=st.data(), which=st.sampled_from([1, 2]))
def test_memory_moves_and_fills(memory: bytes, data: st.DataObject, which: int) -> None:
    size = data.draw(st.integers(0, len(memory)))
    to = data.draw(st.integers(0, len(memory) - size))
    source = data.draw(st.integers(0, len(memory) - size if which == 1 else 255))
    part = memory[source : source + size] if which == 1 else bytes([source]) * size
    answer = HOST.ask(Ask.MEMORY, words(which, to, source, size), memory)
    assert answer.take(len(memory)) == memory[:to] + part + memory[to + size :]


@given(st.one_of(st.integers(0, 1 << 66).map(str), st.integers(0, 1 << 66).map(hex), PLAIN))
def test_numbers_are_decimal_or_hexadecimal_and_fit(text: str) -> None:
    digits, base = (text[2:], 16) if text[:2] in ("0x", "0X") else (text, 10)
    allowed = set("0123456789abcdefABCDEF" if base == 16 else "0123456789")
    good = digits != "" and set(digits) <= allowed and int(digits, base) < 1 << 64
    found, value = HOST.ask(Ask.NUMBER, text.encode()).words(2)
    assert bool(found) == good
    assert not good or value == int(digits, base)


def option(cmdline: str, key: str, room: int = 100) -> str | None:
    answer = HOST.ask(Ask.OPTION, cmdline.encode(), key.encode(), words(room))
    return answer.text() if answer.word() else None


def test_options_of_the_command_line() -> None:
    line = "run_id=12ab word run=cores;ping%20all rune=x"
    assert option(line, "run_id") == "12ab"
    assert option(line, "run") == "cores;ping%20all"
    assert option(line, "rune") == "x"
    assert option(line, "word") is None
    assert option(line, "id") is None
    assert option("", "run") is None
    assert option("run=", "run") == ""
    assert option("run=abc", "run", room=3) is None


@given(st.text(alphabet=st.characters(min_codepoint=1, max_codepoint=255), max_size=60))
def test_percent_encoded_text_comes_back(text: str) -> None:
    answer = HOST.ask(Ask.DECODE, quote(text, safe="", encoding="latin-1").encode())
    assert answer.word() == 1
    assert answer.text() == text


@pytest.mark.parametrize("text", ["%", "%4", "%zz", "a%0", "%00", "abc%g1"])
def test_bad_percent_encoding_is_refused(text: str) -> None:
    assert HOST.ask(Ask.DECODE, text.encode()).word() == 0


def commands(text: str) -> list[list[str]]:
    answer = HOST.ask(Ask.COMMANDS, text.encode())
    found = []
    while answer.left:
        found.append([answer.text() for _ in range(min(answer.word(), 32))])
    return found


@given(st.text(alphabet="ab ;\t\r", max_size=60))
def test_commands_and_words_are_cut(text: str) -> None:
    assert commands(text) == [part.split() for part in text.split(";")]


def test_too_many_words_are_counted() -> None:
    assert HOST.ask(Ask.COMMANDS, b"w " * 40).word() == 33
