"""Rows for the user stubs: which registers a system call sets, changes and loses, and the parameters of each stub.

Argument and result registers of `invoke` overlap, and the CPU driver writes every result register whatever the
operation returns; so a result register is always an output, read and written when it carries an argument too.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from skerry.abi.model import Contract, Operation, Syscall
from skerry.abi.structs import SCALARS

LOST = ("rcx", "r11", "memory")  # what every system call changes without saying


@dataclass(frozen=True)
class RegisterRow:
    """A local register variable; `value` is empty when the system call only writes it."""

    name: str
    value: str


@dataclass(frozen=True)
class CallRow:
    """A function round one syscall instruction."""

    name: str
    comment: str
    parameters: str
    registers: tuple[RegisterRow, ...]
    operands: str
    results: tuple[str, ...]


@dataclass(frozen=True)
class StubRow:
    """A function for one operation, round the invoke function with as many words as the operation has."""

    name: str
    comment: str
    parameters: str
    invoke: str
    arguments: str
    results: tuple[str, ...]
    continues: bool


def comment(text: str) -> str:
    """A doc text that can stand inside a C comment."""
    return text.replace("*/", "* /").replace("/*", "/ *")


def call_row(name: str, doc: str, call: Syscall, words: int) -> CallRow:
    """A system call with its named arguments and the first `words` of its word registers set."""
    values = [f"word{index}" for index in range(words)]
    parameters = [f"{SCALARS[arg.type].c_name} {arg.name}" for arg in call.args]
    parameters += [f"uint64_t {value}" for value in values]
    if call.results:
        parameters.append("uint64_t *result")
    sets = {"rax": f"SYS_{call.name.upper()}"}
    sets.update((arg.register, arg.name) for arg in call.args)
    sets.update(zip(call.words[:words], values, strict=True))
    writes = ("rax", *call.results)
    registers = [RegisterRow(register, value) for register, value in sets.items()]
    registers += [RegisterRow(register, "") for register in call.results if register not in sets]
    return CallRow(
        name=name,
        comment=comment(doc),
        parameters=", ".join(parameters) or "void",
        registers=tuple(registers),
        operands=operands(sets, writes),
        results=call.results,
    )


def operands(sets: Iterable[str], writes: Sequence[str]) -> str:
    """Outputs, inputs and what is lost, as inline assembly states them."""
    outputs = [f'"{"+r" if register in sets else "=r"}"({register})' for register in writes]
    inputs = [f'"r"({register})' for register in sets if register not in writes]
    lost = [f'"{register}"' for register in LOST]
    return " : ".join(", ".join(part) for part in (outputs, inputs, lost)).replace(":  :", "::")


def stub_row(operation: Operation) -> StubRow:
    types = {"word": "uint64_t", "cap": "capaddr_t", "slot": "uint64_t"}
    parameters = ["capaddr_t self", *(f"{types[arg.kind]} {arg.name}" for arg in operation.args)]
    parameters += [f"uint64_t *{result}" for result in operation.results]
    arguments = ["self", f"OP_{operation.c_name.upper()}", *(arg.name for arg in operation.args), "result"]
    return StubRow(
        name=operation.c_name,
        comment=comment(operation.doc),
        parameters=", ".join(parameters),
        invoke=f"sys_invoke{len(operation.args)}",
        arguments=", ".join(arguments),
        results=operation.results,
        continues=operation.continues,
    )


def stub_rows(contract: Contract) -> dict[str, object]:
    invoke = contract.syscalls["invoke"]
    calls = [
        call_row(f"sys_{call.name}", call.doc, call, len(call.words))
        for call in contract.syscalls.values()
        if call.stub and call.name != "invoke"
    ]
    for count in range(len(invoke.words) + 1):
        text = f"Invoke with {count} argument words; `result` takes {len(invoke.results)}."
        calls.append(call_row(f"sys_invoke{count}", text, invoke, count))
    return {
        "calls": calls,
        "stubs": [stub_row(operation) for operation in contract.operations.values()],
        "invoke": calls[-1].name,
        "invoke_words": [f"word[{index}]" for index in range(len(invoke.words))],
        "by_hand": [f"sys_{call.name}" for call in contract.syscalls.values() if not call.stub],
    }
