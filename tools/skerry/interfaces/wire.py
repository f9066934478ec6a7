"""Messages as Python sees them: words from values and values from words, as strictly as the generated C does it."""

import struct
from collections.abc import Mapping, Sequence
from typing import NoReturn

from skerry.interfaces.model import WORD_BYTES, WORD_MAX, Argument, Interface, Operation, words_of

Value = int | bytes | str | tuple[int, ...]
CODES = {"uint8_t": "B", "uint16_t": "H", "uint32_t": "I", "uint64_t": "Q", "int64_t": "q"}


class WireError(Exception):
    """The words are not such a message."""


def encode(arguments: Sequence[Argument], values: Mapping[str, Value]) -> list[int]:
    """The words of a message; capabilities are left out."""
    words: list[int] = []
    for argument in arguments:
        if argument.shape != "cap":
            words += encode_one(argument, values[argument.name])
    return words


def encode_one(argument: Argument, value: Value) -> list[int]:
    if isinstance(value, int):  # of a piece of the bulk: place | size << 32
        return [value & WORD_MAX]
    if isinstance(value, str):
        data = value.encode("latin-1")
        return [len(data), *to_words(data + b"\0")]
    if isinstance(value, bytes):
        return [len(value), *to_words(value)]
    data = struct.pack(f"<{len(value)}{element_code(argument)}", *value)
    return to_words(data) if argument.shape == "array" else [len(value), *to_words(data)]


def element_code(argument: Argument) -> str:
    assert argument.scalar is not None
    return CODES[argument.scalar.c_name]


def to_words(data: bytes) -> list[int]:
    padded = data.ljust(words_of(len(data)) * WORD_BYTES, b"\0")
    return list(struct.unpack(f"<{len(padded) // WORD_BYTES}Q", padded))


class Reader:
    """Takes words one by one; a message that ends too early is a WireError."""

    def __init__(self, words: Sequence[int]) -> None:
        self._words = list(words)

    def refuse(self, argument: Argument, problem: str) -> NoReturn:
        raise WireError(f"{argument.name}: {problem}")

    def take(self, argument: Argument, count: int) -> list[int]:
        if count > len(self._words):
            self.refuse(argument, "the message ends before it does")
        taken, self._words = self._words[:count], self._words[count:]
        return taken

    def value(self, argument: Argument) -> Value:
        if argument.shape == "number":
            return self.number(argument)
        if argument.shape == "bulk":
            return self.piece(argument)
        if argument.shape == "array":
            return self.elements(argument, argument.most)
        count = self.take(argument, 1)[0]
        if count > argument.most:
            self.refuse(argument, f"{count} is more than {argument.most}")
        if argument.shape == "list":
            return self.elements(argument, count)
        return self.text(argument, count) if argument.shape == "string" else self.raw(argument, count)

    def number(self, argument: Argument) -> int:
        word = self.take(argument, 1)[0]
        scalar = argument.scalar
        assert scalar is not None
        if scalar.signed:
            return word - (1 << 64) if word >> 63 else word
        is_flags = scalar.values is not None and scalar.values.flags
        if word & ~argument.high if is_flags else word > argument.high:
            self.refuse(argument, f"{word:#x} is out of range")
        return word

    def piece(self, argument: Argument) -> int:
        word = self.take(argument, 1)[0]
        place, size = word & 0xFFFFFFFF, word >> 32
        if size > argument.most or place + size > argument.bulk:
            self.refuse(argument, f"{size} bytes at {place:#x} are not in the bulk")
        return word

    def raw(self, argument: Argument, size: int) -> bytes:
        words = self.take(argument, words_of(size))
        return struct.pack(f"<{len(words)}Q", *words)[:size]

    def elements(self, argument: Argument, count: int) -> tuple[int, ...]:
        return struct.unpack(f"<{count}{element_code(argument)}", self.raw(argument, count * argument.element_size))

    def text(self, argument: Argument, length: int) -> str:
        data = self.raw(argument, length + 1)
        if data.find(b"\0") != length:
            self.refuse(argument, "its end is not where it says")
        return data[:length].decode("latin-1")


def decode(arguments: Sequence[Argument], words: Sequence[int]) -> dict[str, Value]:
    """The values of a message; raises WireError. Words behind the last argument are ignored."""
    reader = Reader(words)
    return {argument.name: reader.value(argument) for argument in arguments if argument.shape != "cap"}


def shown(argument: Argument, value: Value) -> str:
    """A value as a person reads it: numbers of an enumeration by name."""
    if argument.shape == "bulk" and isinstance(value, int):
        return f"{value >> 32} bytes at {value & 0xFFFFFFFF:#x}"
    enum = argument.scalar.values if argument.scalar is not None else None
    if enum is None or not isinstance(value, int):
        return repr(value)
    if enum.flags:
        return "|".join(flag.name for flag in enum.values if value & flag.value) or "0"
    return next(entry.name for entry in enum.values if entry.value == value)


def describe(interface: Interface, number: int, words: Sequence[int], reply: bool = False) -> str:
    """One line for a trace: `pci.bar(location=248, bar=4)`, or what is wrong with the message."""
    operation = interface.operation(number)
    if operation is None:
        return f"{interface.name}.{number}?"
    name = f"{interface.name}.{operation.name}"
    arguments = operation.results if reply else operation.args
    try:
        values = decode(arguments, words)
    except WireError as error:
        return f"{name}: bad {side(operation, reply)}: {error}"
    inner = ", ".join(f"{a.name}={shown(a, values[a.name])}" for a in arguments if a.shape != "cap")
    return f"{name} -> ({inner})" if reply else f"{name}({inner})"


def side(operation: Operation, reply: bool) -> str:
    return "reply" if reply else operation.kind
