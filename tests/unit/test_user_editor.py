"""The serial console's line editor: what a person types, and what the terminal then shows."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from user_host import Ask, the_host

HOST = the_host()
MORE, LINE, CANCELLED = range(3)
UP, DOWN, RIGHT, LEFT, HOME, END, DELETE = (f"\x1b[{key}" for key in ("A", "B", "C", "D", "H", "F", "3~"))
PROMPT = "> "


@dataclass
class Typed:
    """Finished lines with how they ended, the line under way, the cursor in it, and all bytes sent to the terminal."""

    lines: list[tuple[int, str]]
    rest: str
    cursor: int
    output: str


def keys(text: str) -> Typed:
    answer = HOST.ask(Ask.EDITOR, text.encode("latin-1"))
    lines = []
    while (result := answer.word()) != MORE:
        lines.append((result, answer.text()))
    return Typed(lines, answer.text(), answer.word(), answer.text())


def shown(output: str) -> tuple[list[str], int]:
    """A terminal: its lines, and the column of the cursor in the last one."""
    lines, column, at = [""], 0, 0
    while at < len(output):
        char = output[at]
        at += 1
        if char == "\x1b":
            end = next(i for i in range(at + 1, len(output)) if output[i].isalpha())
            if output[end] == "K":
                lines[-1] = lines[-1][:column]
            else:
                column -= int(output[at + 1 : end])
            at = end + 1
        elif char == "\r":
            column = 0
        elif char == "\n":
            lines.append("")
        elif char == "\b":
            column -= 1
        elif char != "\a":
            lines[-1] = lines[-1][:column] + char + lines[-1][column + 1 :]
            column += 1
    return lines, column


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("cores\r", "cores"),
        ("coresx\x7f\r", "cores"),
        ("coresx\b\r", "cores"),
        ("\x7f\x7fa\r", "a"),
        ("ores\x01c\r", "cores"),
        (f"cres{LEFT}{LEFT}{LEFT}o\r", "cores"),
        (f"ores{HOME}c{END}!\r", "cores!"),
        (f"xcores{HOME}{DELETE}\r", "cores"),
        ("wrong\x15cores\r", "cores"),
        ("cores and more\x17\x17\x17cores\r", "cores"),
        ("cores wrong\x02\x02\x02\x02\x02\x02\x0b\r", "cores"),
        (f"one\rtwo\r{UP}{UP}\r", "one"),
        (f"one\rtwo\r{UP}{UP}{DOWN}\r", "two"),
        (f"one\rhalf{UP}{DOWN} done\r", "half done"),
        (f"one\r{UP}{UP}{UP} more\r", "one more"),
        ("a\x1b[1;5Cb\x1bOAc\r", "abc"),
        (f"{DOWN}{DOWN}x\r", "x"),
    ],
)
def test_keys_make_the_line(typed: str, line: str) -> None:
    result = keys(typed)
    assert result.lines[-1] == (LINE, line)


def test_cancel_drops_the_line_and_keeps_it_out_of_the_history() -> None:
    result = keys(f"kept\rdropped\x03{UP}\r")
    assert [ending for ending, _ in result.lines] == [LINE, CANCELLED, LINE]
    assert result.lines[-1][1] == "kept"


def test_the_history_keeps_the_last_sixteen_lines() -> None:
    typed = "".join(f"line{i}\r" for i in range(20)) + UP * 30 + "\r"
    assert keys(typed).lines[-1] == (LINE, "line4")


def test_a_line_has_an_end() -> None:
    result = keys("x" * 300 + "\r")
    assert result.lines == [(LINE, "x" * 255)]
    assert "\a" in result.output


KEYS = st.lists(
    st.one_of(
        st.sampled_from([UP, DOWN, LEFT, RIGHT, HOME, END, DELETE, "\x1b", "\t"]),
        st.sampled_from([chr(c) for c in range(1, 27)]),
        st.characters(min_codepoint=32, max_codepoint=127),
    ),
    max_size=80,
)


@given(KEYS)
def test_the_terminal_shows_what_the_editor_has(pressed: list[str]) -> None:
    result = keys("".join(pressed))
    lines, column = shown(result.output)
    assert lines[-1].rstrip() == (PROMPT + result.rest).rstrip()
    assert column == len(PROMPT) + result.cursor
