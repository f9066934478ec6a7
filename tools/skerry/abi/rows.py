"""Plain rows for the templates: every decision about the shape of generated C, assembly and prose is made here."""

from collections.abc import Sequence
from dataclasses import dataclass

from skerry.abi.model import Arg, Contract, Enumeration, Field, Struct, Value
from skerry.abi.operations import FIRST_OWN, GENERIC
from skerry.abi.structs import SCALARS
from skerry.abi.stub_rows import comment, stub_rows

SOURCE = "the TOML files in kernel/abi"


@dataclass(frozen=True)
class DefineRow:
    """A named number."""

    name: str
    value: str
    comment: str


@dataclass(frozen=True)
class FamilyRow:
    """Named numbers under one heading."""

    title: str
    comment: str
    values: tuple[DefineRow, ...]


@dataclass(frozen=True)
class FieldRow:
    """A struct member: its C declaration, and the assembly name of its offset."""

    name: str
    declaration: str
    macro: str
    offset: int
    type: str
    comment: str
    remark: str


@dataclass(frozen=True)
class StructRow:
    name: str
    macro: str
    size: int
    comment: str
    fields: tuple[FieldRow, ...]


@dataclass(frozen=True)
class ArgRow:
    """An argument in an operation's table: one that is looked up."""

    name: str
    place: int
    kind: str
    rights: str
    types: str


@dataclass(frozen=True)
class OperationRow:
    """An operation: its constant, its kernel function and its table entry."""

    name: str
    constant: str
    number: int
    function: str
    rights: str
    args: tuple[ArgRow, ...]
    signature: str
    needs: str
    comment: str


@dataclass(frozen=True)
class TypeRow:
    """A capability type; its own operations are `count` from `first` on in the operation table."""

    name: str
    constant: str
    value: int
    space: str
    pool: str
    retype: str
    retype_names: str
    first: int
    count: int
    comment: str


@dataclass(frozen=True)
class SyscallRow:
    name: str
    constant: str
    number: int
    registers: str
    results: str
    comment: str


def string(text: str) -> str:
    """A C string literal."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def cell(text: str) -> str:
    """A doc text that can stand in a Markdown table."""
    return text.replace("|", "\\|")


def number(value: int) -> str:
    """Small numbers as people count, addresses and sizes in hexadecimal."""
    return str(value) if value < 0x100 else f"{value:#x}"


def mask(prefix: str, names: Sequence[str], shift: bool = False) -> str:
    """A C expression for a set of flags or, with `shift`, of bit numbers."""
    terms = [f"1u << {prefix}{name}" if shift else f"{prefix}{name}" for name in names]
    return " | ".join(terms) if terms else "0"


def define(name: str, value: Value) -> DefineRow:
    return DefineRow(name, number(value.value), comment(value.doc))


def constant_families(contract: Contract) -> list[FamilyRow]:
    return [
        FamilyRow(group.name, comment(group.doc), tuple(define(value.name, value) for value in group.constants))
        for group in contract.groups
    ]


def enum_row(family: Enumeration) -> FamilyRow:
    values = [define(family.c_name(value), value) for value in family.values]
    last = family.last
    if last is not None:
        values.append(define(f"{family.name.upper()}_{last.name}", last))
    return FamilyRow(family.name, comment(family.doc), tuple(values))


def struct_row(struct: Struct) -> StructRow:
    macro = struct.name.upper()
    fields = tuple(field_row(macro, field) for field in struct.fields)
    return StructRow(struct.name, f"{macro}_SIZEOF", struct.size, comment(struct.doc), fields)


def field_row(macro: str, field: Field) -> FieldRow:
    base = SCALARS[field.type].c_name if field.type in SCALARS else f"struct {field.type}"
    array = "" if field.count is None else f"[{field.count}]"
    return FieldRow(
        name=field.name,
        declaration=f"{base} {field.name}{array}",
        macro=f"{macro}_{field.name.upper()}",
        offset=field.offset,
        type=f"{field.type}{array}",
        comment=comment(field.doc),
        remark=f" /* {comment(field.doc)} */" if field.doc else "",
    )


def operation_rows(contract: Contract) -> list[OperationRow]:
    """Generic operations first, then type by type, by number: the order of the kernel's table."""
    kinds = [GENERIC, *dict.fromkeys(op.type for op in contract.operations.values() if op.type != GENERIC)]
    ordered = sorted(contract.operations.values(), key=lambda op: (kinds.index(op.type), op.number))
    rows = []
    for op in ordered:
        args = tuple(arg_row(place, arg) for place, arg in enumerate(op.args) if arg.kind != "word")
        words = [arg.name if arg.kind == "word" else f"{arg.name}: {kind_text(arg.kind, arg.types)}" for arg in op.args]
        returns = f" -> {', '.join(op.results)}" if op.results else ""
        rows.append(
            OperationRow(
                name=op.name,
                constant=f"OP_{op.c_name.upper()}",
                number=op.number,
                function=f"inv_{op.c_name}",
                rights=mask("RIGHT_", op.rights),
                args=args,
                signature=f"{op.name}({', '.join(words)}){returns}",
                needs=", ".join(op.rights) or "-",
                comment=comment(op.doc + (" May return CONTINUE." if op.continues else "")),
            )
        )
    return rows


def arg_row(place: int, arg: Arg) -> ArgRow:
    """An argument that is looked up."""
    types = mask("CAP_TYPE_", arg.types, shift=True)
    return ArgRow(arg.name, place, f"ARG_{arg.kind.upper()}", mask("RIGHT_", arg.rights), types)


def kind_text(kind: str, types: Sequence[str]) -> str:
    return "slot" if kind == "slot" else " or ".join(types) or "any capability"


def type_rows(contract: Contract, operations: list[OperationRow]) -> list[TypeRow]:
    rows = []
    for kind in contract.types.values():
        own = [i for i, row in enumerate(operations) if owns(contract, row, kind.name)]
        rows.append(
            TypeRow(
                name=kind.name,
                constant=f"CAP_TYPE_{kind.name}",
                value=kind.value,
                space=f"SPACE_{kind.space}",
                pool="true" if kind.pool else "false",
                retype=mask("CAP_TYPE_", kind.retype, shift=True),
                retype_names=", ".join(kind.retype) or "-",
                first=own[0] if own else 0,
                count=len(own),
                comment=comment(kind.doc),
            )
        )
    return rows


def owns(contract: Contract, row: OperationRow, kind: str) -> bool:
    """Whether an operation is one of that type's own."""
    operation = contract.operations[row.name]
    return operation.type != GENERIC and kind in operation.targets


def syscall_rows(contract: Contract) -> list[SyscallRow]:
    rows = []
    for call in contract.syscalls.values():
        registers = [f"{arg.register}: {arg.name}" for arg in call.args] + list(call.words)
        rows.append(
            SyscallRow(
                name=call.name,
                constant=f"SYS_{call.name.upper()}",
                number=call.number,
                registers=", ".join(registers) or "-",
                results=", ".join(call.results) or "-",
                comment=comment(call.doc),
            )
        )
    return rows


def contract_rows(contract: Contract) -> dict[str, object]:
    """Everything that the templates may name."""
    operations = operation_rows(contract)
    return {
        "source": SOURCE,
        "hash": f"{contract.hash:#018x}",
        "constants": constant_families(contract),
        "enums": [enum_row(family) for family in contract.enums.values()],
        "structs": [struct_row(struct) for struct in contract.structs.values()],
        "operations": operations,
        "generic_count": sum(1 for op in contract.operations.values() if op.type == GENERIC),
        "first_own": FIRST_OWN,
        "types": type_rows(contract, operations),
        "syscalls": syscall_rows(contract),
        "errors": [define(f"ERR_{value.name}", value) for value in contract.enums["err"].values],
        "string": string,
        "cell": cell,
        **stub_rows(contract),
    }
