"""The contract as Python sees it: frozen dataclasses, made once by `load` and checked there.

Every family of numbers (error codes, exit codes, system calls, capability types, rights, and the contract's own
enumerations) is an `Enumeration`; its name in lower case is the prefix of its C constants, so `err` gives ERR_OK.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol, TypeVar

from skerry.errors import UserError


class ContractError(UserError):
    """The contract is wrong: one line with the file, the entry and what to mend."""


class Named(Protocol):
    """Anything that a Table can hold."""

    @property
    def name(self) -> str: ...


T = TypeVar("T", bound=Named)


class Table(Mapping[str, T]):
    """Entries by name, in the contract's order. A name that is not there is an error that lists those that are."""

    def __init__(self, what: str, entries: tuple[T, ...]) -> None:
        self._what = what
        self._entries = {entry.name: entry for entry in entries}

    def __getitem__(self, name: str) -> T:
        try:
            return self._entries[name]
        except KeyError:
            raise KeyError(f"no {self._what} named {name!r}; there are {', '.join(self._entries)}") from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)


@dataclass(frozen=True)
class Value:
    """A named number: a constant, an error code, a flag."""

    name: str
    value: int
    doc: str


@dataclass(frozen=True)
class Group:
    """Constants that belong together; `loose` for those of a file that stand in no group."""

    name: str
    doc: str
    constants: tuple[Value, ...]
    loose: bool = False

    @property
    def label(self) -> str:
        return "" if self.loose else f"group {self.name}: "


@dataclass(frozen=True)
class Enumeration:
    """A family of numbers, one name for each; with `flags`, one bit for each. `section` says how TOML states it."""

    name: str
    doc: str
    values: tuple[Value, ...]
    flags: bool
    section: str

    @property
    def table(self) -> Table[Value]:
        return Table(self.name, self.values)

    @property
    def last(self) -> Value | None:
        """The C constant that closes the family: ALL flags, or COUNT where the numbers are 0, 1, 2 and so on."""
        numbers = [value.value for value in self.values]
        if self.flags:
            return Value("ALL", sum(numbers), "all of them")
        if sorted(numbers) == list(range(len(numbers))):
            return Value("COUNT", len(numbers), "how many there are")
        return None

    def c_name(self, value: Value) -> str:
        return f"{self.name.upper()}_{value.name}"


@dataclass(frozen=True)
class Field:
    """A member of a struct; `count` is set for an array."""

    name: str
    type: str
    offset: int
    doc: str
    count: int | None
    size: int


@dataclass(frozen=True)
class Struct:
    """A struct that two programs share, with no byte left unnamed."""

    name: str
    doc: str
    size: int
    align: int
    fields: tuple[Field, ...]

    def offset(self, field: str) -> int:
        return Table(f"field of struct {self.name}", self.fields)[field].offset


@dataclass(frozen=True)
class CapType:
    """A type of capability, and what retype can make of it."""

    name: str
    value: int
    doc: str
    space: str
    retype: tuple[str, ...]
    pool: bool


@dataclass(frozen=True)
class Arg:
    """An argument word of an operation: passed on, or looked up first."""

    name: str
    kind: str
    types: tuple[str, ...]
    rights: tuple[str, ...]


@dataclass(frozen=True)
class Operation:
    """Something to do with a capability. `targets` are the capability types that have it."""

    type: str
    operation: str
    number: int
    doc: str
    rights: tuple[str, ...]
    args: tuple[Arg, ...]
    results: tuple[str, ...]
    continues: bool
    targets: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{self.type}.{self.operation}"

    @property
    def c_name(self) -> str:
        return f"{self.type}_{self.operation}"


@dataclass(frozen=True)
class SyscallArg:
    """An argument of a system call with its register."""

    name: str
    type: str
    register: str


@dataclass(frozen=True)
class Syscall:
    """A system call: its named arguments, then the registers of its words and of what it returns."""

    name: str
    number: int
    doc: str
    args: tuple[SyscallArg, ...]
    words: tuple[str, ...]
    results: tuple[str, ...]
    stub: bool


@dataclass(frozen=True)
class Contract:
    """All of kernel/abi, checked."""

    groups: tuple[Group, ...]
    enums: Table[Enumeration]
    structs: Table[Struct]
    types: Table[CapType]
    operations: Table[Operation]
    syscalls: Table[Syscall]
    hash: int

    @property
    def constants(self) -> Table[Value]:
        return Table("constant", tuple(value for group in self.groups for value in group.constants))

    def constant(self, name: str) -> int:
        return self.constants[name].value

    def error(self, name: str) -> Value:
        return self.enums["err"].table[name]

    def guest_exit(self, name: str) -> Value:
        return self.enums["guest_exit"].table[name]

    def host_exit(self, name: str) -> Value:
        return self.enums["host_exit"].table[name]

    def struct(self, name: str) -> Struct:
        return self.structs[name]

    def enum(self, name: str) -> type[IntEnum]:
        """A family as an IntEnum: `contract.enum("dispatcher_state")["RUNNING"]`, `contract.enum("err")(24).name`."""
        family = self.enums[name]
        return IntEnum(name, {value.name: value.value for value in family.values})  # type: ignore[return-value]
