"""Arguments and results of calls and messages: their types, bounds and limits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from skerry.abi.entry import LOWER, Entry
from skerry.abi.model import Enumeration
from skerry.abi.numbering import Numbered, check_names
from skerry.interfaces.model import WORD_MAX, Argument, Scalar, Shape

SCALARS = {
    "u8": Scalar("u8", "uint8_t", 1),
    "u16": Scalar("u16", "uint16_t", 2),
    "u32": Scalar("u32", "uint32_t", 4),
    "u64": Scalar("u64", "uint64_t", 8),
    "i64": Scalar("i64", "int64_t", 8, signed=True),
}
BOOL = Scalar("bool", "bool", 1)
PAGE = 4096
LENGTHS_MAX = 32 << 10  # elements of one argument
MESSAGE_WORDS_MAX = 4064  # with a head, less than the largest block of the heap that is used again
# The generated functions' own.
STUB_NAMES = ("binding", "deadline", "call", "err", "wire", "back", "request", "reply", "slot", "word")


@dataclass(frozen=True)
class Scope:
    """What an interface's arguments may name."""

    interface: str
    constants: Mapping[str, int]
    enums: Mapping[str, Enumeration]
    bulk: int  # bytes of the client's bulk; 0: it shares none


def read_arguments(entries: Sequence[Entry], scope: Scope) -> tuple[Argument, ...]:
    arguments = [read_argument(entry, scope) for entry in entries]
    rows = [
        Numbered(entry, name, 0)
        for entry, argument in zip(entries, arguments, strict=True)
        for name in parameter_names(argument)
    ]
    check_names(rows)
    for entry, argument in zip(entries, arguments, strict=True):
        if argument.shape == "cap" and argument is not next(a for a in arguments if a.shape == "cap"):
            entry.fail("is the second capability: a message carries one")
    if sum(argument.words for argument in arguments) > MESSAGE_WORDS_MAX:
        entries[-1].fail(f"makes the message longer than {MESSAGE_WORDS_MAX} words")
    return tuple(arguments)


def parameter_names(argument: Argument) -> tuple[str, ...]:
    """Its parameters in C."""
    if argument.shape == "list":
        return (argument.name, f"{argument.name}_count")
    return (argument.name, f"{argument.name}_size") if argument.shape in ("bytes", "bulk") else (argument.name,)


def read_argument(entry: Entry, scope: Scope) -> Argument:
    name, kind = entry.name(LOWER), entry.text("type")
    if name in STUB_NAMES or name.startswith("got_"):
        entry.fail(f"the name {name} is the stubs' own")
    scalar = read_scalar(entry, kind, scope)
    shape = read_shape(entry, kind)
    most, text = read_length(entry, shape, scope)
    limit = read_limit(entry, shape, scalar)
    argument = Argument(name, shape, scalar, most, text, limit, entry.remark(), scope.bulk if shape == "bulk" else 0)
    entry.finish()
    return argument


def read_scalar(entry: Entry, kind: str, scope: Scope) -> Scalar | None:
    if kind in ("string", "bytes", "cap", "bulk"):
        return None
    if kind == "bool":
        return BOOL
    if kind in SCALARS:
        return SCALARS[kind]
    if kind in scope.enums:
        enum = scope.enums[kind]
        c_name = "uint64_t" if enum.flags else f"enum {scope.interface}_{kind}"
        return Scalar(kind, c_name, 4, values=enum)
    known = ", ".join((*SCALARS, "bool", "string", "bytes", "cap", "bulk", *scope.enums))
    return entry.fail(f"`type`: unknown type {kind}; there are {known}")


def read_shape(entry: Entry, kind: str) -> Shape:
    has_max, has_count = entry.has("max"), entry.has("count")
    if has_max and has_count:
        entry.fail("has both `max`, of a list, and `count`, of an array")
    if kind == "bulk":
        if has_count:
            entry.fail("`count` is not for bulk: say `max`, or nothing")
        return "bulk"
    if kind == "cap" or not (has_max or has_count):
        if kind in ("string", "bytes"):
            entry.fail(f"needs `max`: a {kind if kind == 'string' else 'row of bytes'} has a bound")
        if has_max or has_count:
            entry.fail("`max` and `count` are not for capabilities")
        return "cap" if kind == "cap" else "number"
    if kind == "string" or kind == "bytes":
        if has_count:
            entry.fail(f"`count` is not for {kind}: say `max`")
        return "string" if kind == "string" else "bytes"
    if kind not in SCALARS:
        entry.fail(f"a list or an array of {kind} is not offered; there are those of {', '.join(SCALARS)}")
    return "array" if has_count else "list"


def read_length(entry: Entry, shape: Shape, scope: Scope) -> tuple[int, str]:
    """The bound, and how C says it: a number, or the name of one of the interface's constants."""
    if shape in ("number", "cap"):
        return 0, ""
    if shape == "bulk":
        return read_bulk_length(entry, scope)
    key = "count" if shape == "array" else "max"
    value, text = named_number(entry, key, scope)
    if not 1 <= value <= LENGTHS_MAX:
        entry.fail(f"`{key}` must be from 1 to {LENGTHS_MAX}, not {value}")
    return value, text


def read_bulk_length(entry: Entry, scope: Scope) -> tuple[int, str]:
    """A piece is as long as may be where nothing else is said."""
    if scope.bulk == 0:
        entry.fail("needs `bulk_pages`: the interface says how much memory a client shares")
    if not entry.has("max"):
        return scope.bulk, str(scope.bulk)
    value, text = named_number(entry, "max", scope)
    if not 1 <= value <= scope.bulk:
        entry.fail(f"`max` must be from 1 to {scope.bulk}, what `bulk_pages` gives, not {value}")
    return value, text


def named_number(entry: Entry, key: str, scope: Scope) -> tuple[int, str]:
    name = entry.raw(key)
    if not isinstance(name, str):
        return entry.number(key, WORD_MAX), str(name)
    if name not in scope.constants:
        known = ", ".join(scope.constants) or "none"
        entry.fail(f"`{key}`: unknown constant {name}; there are {known}")
    return scope.constants[name], f"{scope.interface.upper()}_{name}"


def read_limit(entry: Entry, shape: Shape, scalar: Scalar | None) -> int | None:
    if scalar is BOOL:
        return 1
    if not entry.has("limit"):
        return None
    if shape != "number" or scalar is None or scalar.values is not None or scalar.signed:
        entry.fail("`limit`, the largest value, is for unsigned numbers")
    limit = entry.number("limit", scalar.high)
    return limit if limit < scalar.high else None
