"""Capability types, their operations and the system calls: numbers, and the names that they refer to."""

from collections.abc import Mapping, Sequence

from skerry.abi.entry import LOWER, UPPER, Entry
from skerry.abi.model import Arg, CapType, Operation, Syscall, SyscallArg
from skerry.abi.numbering import Numbered, check_names, check_numbers
from skerry.abi.structs import SCALARS

KINDS = ("word", "cap", "slot")
GENERIC = "cap"  # operations of this "type" belong to every capability
FIRST_OWN = 16  # generic operations have the numbers below, a type's own ones begin here
MOST_TYPES = 32  # sets of types are 32-bit masks
REGISTERS = ("rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp", *(f"r{number}" for number in range(8, 16)))
TAKEN = {"rax": "the number and result code", "rcx": "the syscall instruction", "r11": "the syscall instruction"}
STUB_NAMES = ("self", "err", "result")  # the generated stubs' own


def read_types(entries: Sequence[Entry], spaces: Sequence[str]) -> tuple[CapType, ...]:
    names = [entry.name(UPPER) for entry in entries]
    types = [read_type(entry, names, spaces) for entry in entries]
    rows = [Numbered(entry, kind.name, kind.value) for entry, kind in zip(entries, types, strict=True)]
    check_names(rows)
    check_numbers(rows, first=0)
    space_of = {kind.name: kind.space for kind in types}
    for entry, kind in zip(entries, types, strict=True):
        for target in kind.retype:
            if space_of[target] != kind.space:
                entry.fail(f"`retype` names {target}, which is in another space ({space_of[target]}, not {kind.space})")
    if types and types[0].name != "NULL":
        entries[0].fail("the first type must be NULL: an empty slot is all zeros")
    return tuple(types)


def read_type(entry: Entry, names: Sequence[str], spaces: Sequence[str]) -> CapType:
    kind = CapType(
        name=entry.name(UPPER),
        value=entry.number("value", MOST_TYPES - 1),
        doc=entry.doc(),
        space=entry.text("space"),
        retype=entry.names("retype", names, "type"),
        pool=entry.flag("pool"),
    )
    entry.finish()
    if kind.space not in spaces:
        entry.fail(f"unknown space {kind.space}; there are {', '.join(spaces)}")
    return kind


def read_operations(
    entries: Sequence[Entry], types: Sequence[CapType], rights: Sequence[str], limits: tuple[int, int]
) -> tuple[Operation, ...]:
    """The operations; `limits` are the argument and result registers that an invocation has."""
    most_args, most_results = limits
    operations = []
    for entry in entries:
        entry.label = f"operation {entry.text('type')}.{entry.name(LOWER)}"
        operation = read_operation(entry, types, rights)
        if len(operation.args) > most_args:
            entry.fail(f"has {len(operation.args)} arguments; INVOKE_ARGS allows {most_args}")
        if len(operation.results) > most_results:
            entry.fail(f"has {len(operation.results)} results; INVOKE_RESULTS allows {most_results}")
        operations.append(operation)
    check_names([Numbered(entry, op.name, 0) for entry, op in zip(entries, operations, strict=True)])
    check_operation_numbers(entries, operations)
    return tuple(operations)


def read_operation(entry: Entry, types: Sequence[CapType], rights: Sequence[str]) -> Operation:
    type_names = [kind.name for kind in types]
    target, name = entry.text("type"), entry.name(LOWER)
    args = tuple(read_arg(child, type_names, rights) for child in entry.tables("args", "argument"))
    operation = Operation(
        type=target,
        operation=name,
        number=entry.number("number", 0xFF),
        doc=entry.doc(),
        rights=entry.names("rights", rights, "right"),
        args=args,
        results=entry.strings("results"),
        continues=entry.flag("continues"),
        targets=targets_of(entry, target, type_names),
    )
    entry.finish()
    words = [arg.name for arg in args] + list(operation.results)
    for word in words:
        if words.count(word) > 1:
            entry.fail(f"the name {word} is used twice among arguments and results")
        if word in STUB_NAMES or not LOWER.fullmatch(word):
            entry.fail(f"an argument or result cannot be named {word}")
    return operation


def targets_of(entry: Entry, target: str, types: Sequence[str]) -> tuple[str, ...]:
    """The types that have the operation: all, the one of that name, or a family (vnode: VNODE_L4, ...)."""
    upper = target.upper()
    if target == GENERIC:
        return tuple(name for name in types if name != "NULL")
    found = (upper,) if upper in types else tuple(name for name in types if name.startswith(f"{upper}_"))
    if not found or target != target.lower():
        entry.fail(f"unknown type {target}; there are {', '.join([GENERIC, *(name.lower() for name in types)])}")
    return found


def read_arg(entry: Entry, types: Sequence[str], rights: Sequence[str]) -> Arg:
    arg = Arg(
        name=entry.name(LOWER),
        kind=entry.text("kind"),
        types=entry.names("types", types, "type"),
        rights=entry.names("rights", rights, "right"),
    )
    entry.finish()
    if arg.kind not in KINDS:
        entry.fail(f"unknown kind {arg.kind}; there are {', '.join(KINDS)}")
    if arg.kind != "cap" and (arg.types or arg.rights):
        entry.fail(f"only an argument of kind cap has types and rights, not a {arg.kind}")
    return arg


def check_operation_numbers(entries: Sequence[Entry], operations: Sequence[Operation]) -> None:
    """Generic numbers begin at 0 and stay below those of the types, which begin at 16; each type by itself."""
    rows: dict[str, list[Numbered]] = {}
    kinds: dict[str, str] = {}
    for entry, op in zip(entries, operations, strict=True):
        rows.setdefault(op.type, []).append(Numbered(entry, op.name, op.number))
        if op.type == GENERIC and op.number >= FIRST_OWN:
            entry.fail(f"the number {op.number} is too high: generic operations have 0 to {FIRST_OWN - 1}")
        for target in op.targets if op.type != GENERIC else ():
            if kinds.setdefault(target, op.type) != op.type:
                entry.fail(f"{target} has operations of {kinds[target]} already")
    for kind, group in rows.items():
        check_numbers(group, first=0 if kind == GENERIC else FIRST_OWN)


def read_syscalls(entries: Sequence[Entry], budgets: Mapping[str, tuple[int, int]]) -> tuple[Syscall, ...]:
    """The system calls; `budgets` gives for some how many words they carry and how many they return."""
    calls = [read_syscall(entry) for entry in entries]
    for entry, call in zip(entries, calls, strict=True):
        words, results = budgets.get(call.name, (len(call.words), len(call.results)))
        if (len(call.words), len(call.results)) != (words, results):
            entry.fail(
                f"has registers for {len(call.words)} words and {len(call.results)} results,"
                f" but the constants say {words} and {results}"
            )
    rows = [Numbered(entry, call.name, call.number) for entry, call in zip(entries, calls, strict=True)]
    check_names(rows)
    check_numbers(rows, first=0)
    return tuple(calls)


def read_syscall(entry: Entry) -> Syscall:
    call = Syscall(
        name=entry.name(LOWER),
        number=entry.number("number", 0xFF),
        doc=entry.doc(),
        args=tuple(read_syscall_arg(child) for child in entry.tables("args", "argument")),
        words=entry.names("words", REGISTERS, "register"),
        results=entry.names("results", REGISTERS, "register"),
        stub=not entry.flag("by_hand"),
    )
    entry.finish()
    names = [arg.name for arg in call.args]
    for name in names:
        if names.count(name) > 1 or name in (*REGISTERS, *STUB_NAMES) or name.startswith("word"):
            entry.fail(f"an argument cannot be named {name}, or two are")
    used = [arg.register for arg in call.args] + list(call.words)
    for register in [*used, *call.results]:
        if register in TAKEN:
            entry.fail(f"{register} is taken by {TAKEN[register]}")
        if used.count(register) > 1:
            entry.fail(f"{register} is used twice")
    return call


def read_syscall_arg(entry: Entry) -> SyscallArg:
    arg = SyscallArg(entry.name(LOWER), entry.text("type"), entry.text("register"))
    entry.finish()
    if arg.type not in SCALARS:
        entry.fail(f"unknown type {arg.type}; there are {', '.join(SCALARS)}")
    if arg.register not in REGISTERS:
        entry.fail(f"unknown register {arg.register}; there are {', '.join(REGISTERS)}")
    return arg
