"""Plain rows for the templates: what a generated file says of an interface."""

from dataclasses import dataclass

from skerry.abi.model import Enumeration, Value
from skerry.abi.rows import DefineRow, FamilyRow, cell, define, number, string
from skerry.abi.stub_rows import comment
from skerry.interfaces.client_rows import ClientRow, client_row
from skerry.interfaces.model import Argument, Interface, Operation, reply_words, request_words
from skerry.interfaces.server_rows import ServerRow, server_row


@dataclass(frozen=True)
class ReferenceRow:
    """A call or a message as a reader sees it."""

    operation: str
    number: int
    kind: str
    signature: str
    errors: str
    deadline: str
    comment: str
    arguments: tuple[tuple[str, str], ...]


def interface_rows(interface: Interface) -> dict[str, object]:
    """Everything that the templates of one interface may name."""
    upper = interface.name.upper()
    operations = [
        define(f"{upper}_{op.name.upper()}", Value(op.name, op.number, op.doc)) for op in interface.operations
    ]
    return {
        "source": f"userland/if/{interface.name}.toml",
        "name": interface.name,
        "upper": upper,
        "service": interface.service,
        "version": interface.version,
        "channel_pages": interface.channel_pages,
        "bulk_pages": interface.bulk_pages,
        "hash": f"{interface.hash:#018x}",
        "comment": comment(interface.doc),
        "constants": [define(f"{upper}_{value.name}", value) for value in interface.constants],
        "enums": [enum_row(interface, enum) for enum in interface.enums],
        "operations": operations,
        "clients": clients(interface),
        "servers": servers(interface),
        "reference": [reference_row(op) for op in interface.operations],
        "cell": cell,
        "string": string,
    }


def clients(interface: Interface) -> list[ClientRow]:
    return [client_row(interface, op) for op in interface.operations]


def servers(interface: Interface) -> list[ServerRow]:
    return [server_row(interface, op) for op in interface.operations]


def enum_row(interface: Interface, enum: Enumeration) -> FamilyRow:
    prefix = interface.name.upper()
    values = [define(f"{prefix}_{value.name}", value) for value in enum.values]
    if enum.flags:
        total = sum(value.value for value in enum.values)
        values.append(DefineRow(f"{prefix}_{enum.name.upper()}_ALL", number(total), "all of them"))
    return FamilyRow(f"{interface.name}_{enum.name}", comment(enum.doc), tuple(values))


def reference_row(operation: Operation) -> ReferenceRow:
    arguments = ", ".join(f"{a.name}: {type_text(a)}" for a in operation.args)
    results = ", ".join(f"{a.name}: {type_text(a)}" for a in operation.results)
    deadline = f"{operation.deadline_ms} ms" if operation.answered else "-"
    return ReferenceRow(
        operation=operation.name,
        number=operation.number,
        kind=operation.kind,
        signature=f"{operation.name}({arguments})" + (f" -> {results}" if results else ""),
        errors=", ".join(operation.errors) or "-",
        deadline=deadline,
        comment=f"{operation.doc} {'Quick. ' if operation.quick else ''}Up to {request_words(operation)} words"
        + (f", {reply_words(operation)} in the reply." if operation.answered else "."),
        arguments=tuple((a.name, a.doc) for a in (*operation.args, *operation.results) if a.doc),
    )


def type_text(argument: Argument) -> str:
    """A type as the reference page says it."""
    name = argument.scalar.name if argument.scalar is not None else argument.shape
    if argument.shape == "array":
        return f"{name}[{argument.most}]"
    if argument.shape in ("list", "bytes", "string", "bulk"):
        return f"{name}[up to {argument.most}]"
    limited = argument.limit is not None and name != "bool"
    return f"{name} up to {argument.limit}" if limited else name
