"""From the TOML files in userland/if to checked interfaces.

A file is an interface. The first mistake found ends it, as a ContractError of one line with the file and the entry.
"""

import hashlib
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from skerry.abi import Contract, ContractError
from skerry.abi.entry import LOWER, Entry
from skerry.abi.load import parse, read_values, shown
from skerry.abi.model import Enumeration
from skerry.abi.numbering import Numbered, check_flags, check_names, check_numbers
from skerry.interfaces.arguments import PAGE, Scope, read_arguments
from skerry.interfaces.model import LINE_WORDS, WORD_MAX, Argument, Interface, Operation, is_flat

INT = (1 << 31) - 1
VERSIONS = 0xFFFF
OPERATIONS_MAX = 0xEF  # the numbers above are the library's own
CHANNEL_PAGES_MAX = 64  # BIND_SIZE_MAX
BULK_PAGES_MAX = 64  # skerry/bulk.h
DEADLINE_MS = 20000
DEADLINE_MAX_MS = 1 << 32
OWN_NAMES = ("SERVICE", "VERSION", "HASH")
SERVICE = re.compile(r"[a-z][a-z0-9_.-]{0,15}")


def load(folder: Path, contract: Contract) -> tuple[Interface, ...]:
    """The interfaces in `folder`, by name; raises ContractError."""
    return tuple(read_interface(str(shown(path)), path, contract) for path in sorted(folder.glob("*.toml")))


def read_interface(file: str, path: Path, contract: Contract) -> Interface:
    if not LOWER.fullmatch(path.stem):
        raise ContractError(f"{file}: the file's name must be lower-case letters, digits and underscores")
    raw = parse(file, path)
    top = Entry(file, "", raw)
    doc, version = top.doc(), top.number("version", VERSIONS)
    if version == 0:
        top.fail("`version` must be at least 1")
    service = top.text("service", path.stem)
    if not SERVICE.fullmatch(service):
        top.fail(f"`service` must be a name of 1 to 16 characters, not {service!r}")
    pages = top.number("channel_pages", CHANNEL_PAGES_MAX, 1)
    if pages == 0:
        top.fail("`channel_pages` is 0: a channel has two rings in it")
    bulk_pages = top.number("bulk_pages", BULK_PAGES_MAX, 0)
    constant_entries, enum_entries = top.tables("constant", "constant"), top.tables("enum", "enum")
    constants = read_values(constant_entries, WORD_MAX)[1]
    enums = tuple(read_enum(entry) for entry in enum_entries)
    scope = Scope(
        path.stem,
        {value.name: value.value for value in constants},
        {enum.name: enum for enum in enums},
        bulk_pages * PAGE,
    )
    errors = [value.name for value in contract.enums["err"].values]
    operation_entries = top.tables("call", "call") + top.tables("message", "message")
    operations = [read_operation(entry, scope, errors) for entry in operation_entries]
    top.finish()
    if not operations:
        top.fail("has no calls and no messages")
    check_operations(operation_entries, operations)
    check_bulk(top, operations, bulk_pages)
    check_c_names(enum_entries, enums, constant_entries, operation_entries)
    operations.sort(key=lambda operation: operation.number)
    return Interface(
        path.stem, service, version, doc, constants, enums, tuple(operations), pages, bulk_pages, interface_hash(raw)
    )


def check_bulk(top: Entry, operations: Sequence[Operation], pages: int) -> None:
    """Memory is shared where a call names pieces of it, and not where none does."""
    named = any(argument.shape == "bulk" for operation in operations for argument in operation.args)
    if pages and not named:
        top.fail("has `bulk_pages`, and no call with an argument of type bulk")


def read_enum(entry: Entry) -> Enumeration:
    """Numbers from 0 without holes, or single bits."""
    name, doc, flags = entry.name(LOWER), entry.doc(), entry.flag("flags")
    rows, values = read_values(entry.tables("values", "value"), INT)
    entry.finish()
    if not values:
        entry.fail("has no values")
    if flags:
        check_flags(rows)
    else:
        check_numbers(rows, first=0)
    return Enumeration(name, doc, values, flags, "enum")


def read_operation(entry: Entry, scope: Scope, errors: Sequence[str]) -> Operation:
    answered = entry.label.startswith("call ")
    name, doc = entry.name(LOWER), entry.doc()
    number = entry.number("number", OPERATIONS_MAX)
    args = read_arguments(entry.tables("args", "argument"), scope)
    deadline = entry.number("deadline_ms", DEADLINE_MAX_MS, DEADLINE_MS)
    if deadline == 0:
        entry.fail("`deadline_ms` is 0: whatever waits ends")
    quick = entry.flag("quick")
    if not answered:
        if any(argument.shape == "bulk" for argument in args):
            entry.fail(
                "has an argument of type bulk: nobody would say when the piece is the sender's again; make it a call"
            )
        entry.finish()
        check_quick(entry, quick, args)
        return Operation(name, number, False, args, (), (), deadline, quick, doc)
    results = read_arguments(entry.tables("results", "result"), scope)
    if any(result.shape == "bulk" for result in results):
        entry.fail("has a result of type bulk: make it an argument, which the server fills")
    operation = Operation(
        name, number, True, args, results, entry.names("errors", errors, "error"), deadline, quick, doc
    )
    entry.finish()
    check_parameters(entry, operation)
    check_quick(entry, quick, args, results)
    return operation


def check_quick(entry: Entry, quick: bool, *rows: tuple[Argument, ...]) -> None:
    """What is served where it is taken is small."""
    if quick and not all(is_flat(row) for row in rows):
        entry.fail(f"`quick` is for calls of numbers, at most {LINE_WORDS} each way")


def check_parameters(entry: Entry, operation: Operation) -> None:
    """Arguments and results stand side by side in the stub."""
    names = [argument.name for argument in operation.args]
    for result in operation.results:
        if result.name in names:
            entry.fail(f"the name {result.name} is both an argument's and a result's")


def check_operations(entries: Sequence[Entry], operations: Sequence[Operation]) -> None:
    rows = [Numbered(entry, op.name, op.number) for entry, op in zip(entries, operations, strict=True)]
    check_names(rows)
    check_numbers(rows, first=1)


def check_c_names(
    enum_entries: Sequence[Entry], enums: Sequence[Enumeration], constants: Sequence[Entry], operations: Sequence[Entry]
) -> None:
    """Constants, enumerators and operations all become INTERFACE_NAME; and `operation` is an enumeration of ours."""
    rows = [Numbered(entry, entry.text("name"), 0) for entry in constants]
    rows += [Numbered(entry, entry.text("name").upper(), 0) for entry in operations]
    for entry, enum in zip(enum_entries, enums, strict=True):
        rows += [Numbered(entry, value.name, 0) for value in enum.values]
        if enum.name == "operation":
            entry.fail("the name operation is that of the numbers of calls and messages")
    for row in rows:
        if row.name in OWN_NAMES:
            row.entry.fail(f"the name {row.name} is the generator's own")
    check_names(rows)
    check_names([Numbered(entry, enum.name, 0) for entry, enum in zip(enum_entries, enums, strict=True)])


def interface_hash(raw: dict[str, Any]) -> int:
    """First 8 bytes of the SHA-256 over all that the file says, doc texts left out."""

    def bare(node: Any) -> Any:
        if isinstance(node, dict):
            return {key: bare(value) for key, value in node.items() if key != "doc"}
        return [bare(item) for item in node] if isinstance(node, list) else node

    text = json.dumps(bare(raw), sort_keys=True, separators=(",", ":"))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
