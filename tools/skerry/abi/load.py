"""From a folder of TOML files to a checked `Contract`.

Sections may stand in any file; their entries are taken file by file in the order of the file names. The first
mistake found ends it, as a ContractError of one line with the file and the entry.
"""

import hashlib
import json
import tomllib
from pathlib import Path
from typing import Any

from skerry.abi.entry import LOWER, UPPER, Entry
from skerry.abi.model import CapType, Contract, ContractError, Enumeration, Group, Syscall, Table, Value
from skerry.abi.names import check_c_names
from skerry.abi.numbering import Numbered, Ranges, check_flags, check_names, check_numbers
from skerry.abi.operations import read_operations, read_syscalls, read_types
from skerry.abi.structs import read_structs

WORD = (1 << 64) - 1
INT = (1 << 31) - 1  # C enumeration constants are ints

# Section: the family it makes, what it is, whether its values are bits, and where its numbers must begin.
FAMILIES = {
    "error": ("err", "Error codes.", False, 0),
    "guest": ("guest_exit", "What the guest writes to PORT_EXIT.", False, None),
    "host": ("host_exit", "Exit status of the toolkit.", False, 0),
    "right": ("right", "Rights of a capability.", True, None),
    "space": ("space", "What a capability's base and size count.", False, 0),
    "map_flag": ("map", "Flags of a mapping.", True, None),
}
SECTIONS = ("constant", "group", "enum", "struct", *FAMILIES, "type", "operation", "syscall")


class Sections:
    """All entries of all files, by section."""

    def __init__(self) -> None:
        self.entries: dict[str, list[Entry]] = {section: [] for section in SECTIONS}
        self.reserved: dict[str, list[tuple[int, int]]] = {}
        self.docs: dict[str, tuple[str, str]] = {}
        self.raw: dict[str, Any] = {}

    def add(self, file: str, path: Path) -> None:
        raw = parse(file, path)
        top = Entry(file, "", raw)
        self.docs[file] = (path.stem, top.doc())
        for section in SECTIONS:
            self.entries[section] += top.tables(section, section)
        reserved = top.table("reserved")
        for section in FAMILIES:
            self.reserved.setdefault(section, []).extend(reserved.ranges(section))
        reserved.finish()
        top.finish()
        self.raw[path.name] = raw


def load(folder: Path) -> Contract:
    """The contract in `folder`, checked; raises ContractError."""
    sections = read_folder(folder)
    entries = sections.entries
    groups = read_groups(sections)
    families = {section: read_family(sections, section) for section in FAMILIES}
    own = [read_enum(entry) for entry in entries["enum"]]
    limits = read_limits(folder, groups)
    types = read_types(entries["type"], list(families["space"].table))
    operations = read_operations(entries["operation"], types, list(families["right"].table), limits["invoke"])
    syscalls = read_syscalls(entries["syscall"], limits)
    numbered = (
        *families.values(),
        Enumeration("sys", "System calls.", tuple(map(syscall_value, syscalls)), False, "syscall"),
        Enumeration("cap_type", "Types of capability.", tuple(map(type_value, types)), False, "type"),
    )
    check_enum_names(entries["enum"], own, [family.name for family in numbered])
    contract = Contract(
        groups=groups,
        enums=Table("enumeration", (*numbered, *own)),
        structs=Table("struct", read_structs(entries["struct"])),
        types=Table("capability type", types),
        operations=Table("operation", operations),
        syscalls=Table("system call", syscalls),
        hash=contract_hash(sections.raw),
    )
    check_needs(folder, contract)
    check_c_names(contract, {entry.label: entry.file for section in entries.values() for entry in section})
    return contract


def shown(path: Path) -> Path:
    """The path as errors show it: from the current folder when it lies below."""
    here = Path.cwd()
    return path.absolute().relative_to(here) if path.absolute().is_relative_to(here) else path


def read_folder(folder: Path) -> Sections:
    files = sorted(folder.glob("*.toml"))
    if not files:
        raise ContractError(f"{shown(folder)}: holds no contract (no *.toml files)")
    sections = Sections()
    for path in files:
        sections.add(str(shown(path)), path)
    return sections


def parse(file: str, path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ContractError(f"{file}: not TOML: {error}") from None
    except UnicodeDecodeError:
        raise ContractError(f"{file}: not UTF-8 text") from None
    except OSError as error:
        raise ContractError(f"{file}: cannot be read: {error.strerror}") from None


def contract_hash(raw: dict[str, Any]) -> int:
    """First 8 bytes of the SHA-256 over all that the files say, doc texts left out: two sides with one hash agree."""

    def bare(node: Any) -> Any:
        if isinstance(node, dict):
            return {key: bare(value) for key, value in node.items() if key != "doc"}
        return [bare(item) for item in node] if isinstance(node, list) else node

    text = json.dumps(bare(raw), sort_keys=True, separators=(",", ":"))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def read_values(entries: list[Entry], top: int) -> tuple[list[Numbered], tuple[Value, ...]]:
    values = []
    for entry in entries:
        values.append(Value(entry.name(UPPER), entry.number("value", top), entry.doc()))
        entry.finish()
    rows = [Numbered(entry, value.name, value.value) for entry, value in zip(entries, values, strict=True)]
    check_names(rows)
    return rows, tuple(values)


def read_family(sections: Sections, section: str) -> Enumeration:
    name, doc, flags, first = FAMILIES[section]
    reserved = sections.reserved[section]
    rows, values = read_values(sections.entries[section], 0xFF if section == "right" else INT)
    check_range(rows, reserved, flags, first)
    return Enumeration(name, doc, values, flags, section)


def check_range(rows: list[Numbered], reserved: Ranges, flags: bool, first: int | None) -> None:
    if flags:
        check_flags(rows, reserved)
    else:
        check_numbers(rows, reserved, first)


def read_enum(entry: Entry) -> Enumeration:
    name, doc, flags = entry.name(LOWER), entry.doc(), entry.flag("flags")
    reserved = entry.ranges("reserved")
    rows, values = read_values(entry.tables("values", "value"), INT)
    entry.finish()
    if not values:
        entry.fail("has no values")
    check_range(rows, reserved, flags, None)
    return Enumeration(name, doc, values, flags, "enum")


def read_groups(sections: Sections) -> tuple[Group, ...]:
    """The groups, and for each file one of the constants that stand in none."""
    groups = []
    loose: dict[str, list[Entry]] = {}
    for entry in sections.entries["constant"]:
        loose.setdefault(entry.file, []).append(entry)
    for file, entries in loose.items():
        name, doc = sections.docs[file]
        groups.append(Group(name, doc, read_values(entries, WORD)[1], loose=True))
    for entry in sections.entries["group"]:
        name, doc = entry.name(LOWER), entry.doc()
        groups.append(Group(name, doc, read_values(entry.tables("constant", "constant"), WORD)[1]))
        entry.finish()
    return tuple(groups)


def check_enum_names(entries: list[Entry], own: list[Enumeration], families: list[str]) -> None:
    rows = [Numbered(entry, enum.name, 0) for entry, enum in zip(entries, own, strict=True)]
    check_names(rows)
    for row in rows:
        if row.name in families:
            row.entry.fail(f"the name {row.name} is that of a family with a section of its own")


def syscall_value(call: Syscall) -> Value:
    return Value(call.name.upper(), call.number, call.doc)


def type_value(kind: CapType) -> Value:
    return Value(kind.name, kind.value, kind.doc)


def read_limits(folder: Path, groups: tuple[Group, ...]) -> dict[str, tuple[int, int]]:
    """How many words a system call carries and returns, where a constant states it."""
    constants = {value.name: value.value for group in groups for value in group.constants}
    for name in ("INVOKE_ARGS", "INVOKE_RESULTS"):
        if name not in constants:
            raise ContractError(f"{shown(folder)}: needs the constant {name}")
    limits = {"invoke": (constants["INVOKE_ARGS"], constants["INVOKE_RESULTS"])}
    if "LRPC_WORDS" in constants:
        limits["lrpc"] = (constants["LRPC_WORDS"], 0)
    return limits


def check_needs(folder: Path, contract: Contract) -> None:
    """What the generated files cannot do without."""
    errors = contract.enums["err"].table
    for name, value in (("OK", 0), ("CONTINUE", 1)):
        if name not in errors or errors[name].value != value:
            raise ContractError(f"{shown(folder)}: needs the error {name} with the value {value}")
    if "invoke" not in contract.syscalls:
        raise ContractError(f"{shown(folder)}: needs the system call invoke")
    if "NULL" not in contract.types:
        raise ContractError(f"{shown(folder)}: needs the capability type NULL")
