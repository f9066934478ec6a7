"""An interface as Python sees it: frozen dataclasses, made once by `load` and checked there.

A message is a row of 64-bit words. Each argument adds, in order: a number one word; an array of fixed length its packed
elements; a list, bytes or a string a word with its length and then the packed elements (a string with a zero byte
after them); a piece of the client's bulk a word, its place in there and from bit 32 on its size; a capability nothing,
it travels beside the words. What is packed is filled up with zero bytes to whole words.
"""

from dataclasses import dataclass
from typing import Literal

from skerry.abi.model import Enumeration, Value

Shape = Literal["number", "array", "list", "bytes", "string", "cap", "bulk"]

WORD_BYTES = 8
LINE_WORDS = 6  # of a message that fits into one line of a channel, beside its head
WORD_MAX = (1 << 64) - 1


def words_of(size: int) -> int:
    """How many words hold `size` bytes."""
    return (size + WORD_BYTES - 1) // WORD_BYTES


@dataclass(frozen=True)
class Scalar:
    """The type of a number or of an element: its C name, its bytes when packed, and which values it has."""

    name: str
    c_name: str
    size: int
    signed: bool = False
    values: Enumeration | None = None

    @property
    def low(self) -> int:
        return -(1 << (8 * self.size - 1)) if self.signed else 0

    @property
    def high(self) -> int:
        """The largest value; of flags, all of them."""
        if self.values is None:
            return (1 << (8 * self.size - self.signed)) - 1
        numbers = [value.value for value in self.values.values]
        return sum(numbers) if self.values.flags else max(numbers)


@dataclass(frozen=True)
class Argument:
    """An argument or a result. `most` is the length of an array, and the longest of a list, of bytes or of a string."""

    name: str
    shape: Shape
    scalar: Scalar | None
    most: int
    most_text: str  # as C says it: a constant's name, or the number
    limit: int | None
    doc: str
    bulk: int = 0  # bytes of the memory that a piece lies in

    @property
    def fixed(self) -> bool:
        """Whether it always takes the same number of words."""
        return self.shape in ("number", "array", "cap", "bulk")

    @property
    def high(self) -> int:
        """The largest number that is accepted."""
        assert self.scalar is not None
        return self.scalar.high if self.limit is None else self.limit

    @property
    def words(self) -> int:
        """The words that it takes at most."""
        if self.shape == "cap":
            return 0
        if self.shape in ("number", "bulk"):
            return 1
        if self.shape == "string":
            return 1 + words_of(self.most + 1)
        packed = words_of(self.most * self.element_size)
        return packed if self.shape == "array" else 1 + packed

    @property
    def element_size(self) -> int:
        return self.scalar.size if self.scalar is not None else 1


@dataclass(frozen=True)
class Operation:
    """A call, which is answered, or a message, which is not."""

    name: str
    number: int
    answered: bool
    args: tuple[Argument, ...]
    results: tuple[Argument, ...]
    errors: tuple[str, ...]
    deadline_ms: int
    quick: bool
    doc: str

    @property
    def kind(self) -> str:
        return "call" if self.answered else "message"


@dataclass(frozen=True)
class Interface:
    """All of one file. `hash` covers all that it says but the doc texts: two sides with one hash agree."""

    name: str
    service: str
    version: int
    doc: str
    constants: tuple[Value, ...]
    enums: tuple[Enumeration, ...]
    operations: tuple[Operation, ...]
    channel_pages: int  # of the frame that a channel's two rings share
    bulk_pages: int  # that each client shares with the service
    hash: int

    def operation(self, number: int) -> Operation | None:
        return next((operation for operation in self.operations if operation.number == number), None)


def is_flat(arguments: tuple[Argument, ...]) -> bool:
    """Numbers only, and no more than fit into one line: these are put there one by one."""
    return len(arguments) <= LINE_WORDS and all(argument.shape == "number" for argument in arguments)


def request_words(operation: Operation) -> int:
    return sum(argument.words for argument in operation.args)


def reply_words(operation: Operation) -> int:
    return sum(argument.words for argument in operation.results)
