"""Rows for the client's stubs: one function a call or message, its body line by line."""

from dataclasses import dataclass

from skerry.abi.stub_rows import comment
from skerry.interfaces.c_text import (
    STACK_WORDS,
    check_number,
    input_parameters,
    output_parameters,
    put_line,
    take_lines,
)
from skerry.interfaces.model import Argument, Interface, Operation, is_flat, reply_words, request_words


@dataclass(frozen=True)
class ClientRow:
    """A stub that takes a deadline, and the one that has the interface's."""

    name: str
    comment: str
    parameters: str  # after the binding, and after the deadline
    arguments: str
    deadline_ms: int
    body: tuple[str, ...]
    slow: str  # how the former is compiled, and
    quick: str  # the latter
    fast: tuple[str, ...]  # tried first, where the interface's deadline is meant


def client_row(interface: Interface, operation: Operation) -> ClientRow:
    parameters = [text for argument in operation.args for text in input_parameters(argument)]
    parameters += [text for argument in operation.results for text in output_parameters(argument)]
    verb = "call" if operation.answered else "send"
    line = fast(interface, operation)
    return ClientRow(
        name=f"{interface.name}_{verb}_{operation.name}",
        comment=comment(operation.doc),
        parameters="".join(f", {text}" for text in parameters),
        arguments="".join(f", {parameter_name(text)}" for text in parameters),
        deadline_ms=operation.deadline_ms,
        body=tuple(body(interface, operation)),
        slow="WIRE_SLOW " if line else "static inline ",
        quick="WIRE_FAST " if line else "",
        fast=tuple(line),
    )


def parameter_name(declaration: str) -> str:
    return declaration.split("[")[0].rsplit(" ", 1)[-1].removeprefix("*")


def body(interface: Interface, operation: Operation) -> list[str]:
    lines = [*buffer("request", request_words(operation)), *pack(operation.args, request_words(operation))]
    if operation.answered:
        lines += buffer("reply", reply_words(operation))
    lines += call_lines(interface, operation)
    if not operation.answered:
        return [*lines, "return binding_send(binding, &call);"]
    return [*lines, "TRY(binding_call(binding, &call));", *unpack(operation.results), "return ERR_OK;"]


def fast(interface: Interface, operation: Operation) -> list[str]:
    """A message of numbers goes straight into the line, if that is free and the numbers are right."""
    if operation.answered or not is_flat(operation.args):
        return []
    checks = [check for argument in operation.args if (check := check_number(argument)) is not None]
    number = f"{interface.name.upper()}_{operation.name.upper()}"
    stores = [
        f"    urpc_store(&slot[{place + 2}], (uint64_t){argument.name});"
        for place, argument in enumerate(operation.args)
    ]
    return [
        f"uint64_t *slot = {' && '.join(checks) or 'true'} ? binding_slot(binding) : NULL;",
        "if (slot != NULL) {",
        *stores,
        f"    return binding_slot_send(binding, slot, {number}, {len(operation.args)});",
        "}",
    ]


def buffer(name: str, words: int) -> list[str]:
    """Room for a message: on the stack, on the heap, or none."""
    if words == 0:
        return []
    if words <= STACK_WORDS:
        return [f"uint64_t {name}[{words}];"]
    return [f"WIRE_HEAP uint64_t *{name} = wire_alloc({words});", f"if ({name} == NULL)", "    return ERR_NO_MEMORY;"]


def pack(arguments: tuple[Argument, ...], words: int) -> list[str]:
    if words == 0:
        return []
    lines = [f"struct wire wire = wire_over(request, {words});"]
    lines += [put_line(argument, argument.name, "wire") for argument in arguments if argument.shape != "cap"]
    return [*lines, "if (wire.bad)", "    return ERR_ARGUMENT;"]


def call_lines(interface: Interface, operation: Operation) -> list[str]:
    fields = [f".operation = {interface.name.upper()}_{operation.name.upper()}", ".deadline = deadline"]
    if request_words(operation):
        fields += [".request = request", ".request_words = wire_used(&wire, request)"]
    cap = next((argument for argument in operation.args if argument.shape == "cap"), None)
    if cap is not None:
        fields.append(f".cap = {cap.name}")
    if operation.answered and reply_words(operation):
        fields += [".reply = reply", f".reply_room = {reply_words(operation)}"]
    return ["struct binding_call call = {", *(f"    {field}," for field in fields), "};"]


def unpack(results: tuple[Argument, ...]) -> list[str]:
    """Everything is taken and checked before anything is written. A result has its name with `got_` on the way."""
    lines: list[str] = []
    cap = next((result for result in results if result.shape == "cap"), None)
    worded = [result for result in results if result.shape != "cap"]
    if worded:
        lines.append("struct wire back = wire_over(reply, call.reply_words);")
    for result in worded:
        lines += take_lines(result, f"got_{result.name}", "back")
    bad = ["back.bad"] if worded else []
    if cap is not None:
        bad.append("call.reply_cap == CAP_NULL")
    if bad:
        lines += [f"if ({' || '.join(bad)})", "    return binding_refuse(&call);"]
    for result in worded:
        lines += store(result)
    return [*lines, f"*{cap.name} = call.reply_cap;"] if cap is not None else lines


def store(result: Argument) -> list[str]:
    name = result.name
    size = f"sizeof({result.scalar.c_name})" if result.scalar is not None else "1"
    match result.shape:
        case "number":
            return [f"*{name} = got_{name};"]
        case "array":
            return [f"memcpy({name}, got_{name}, {result.most_text} * {size});"]
        case "list":
            return [f"memcpy({name}, got_{name}, got_{name}_count * {size});", f"*{name}_count = got_{name}_count;"]
        case "bytes":
            return [f"memcpy({name}, got_{name}, got_{name}_size);", f"*{name}_size = got_{name}_size;"]
        case "string":
            return [f"memcpy({name}, got_{name}, strlen(got_{name}) + 1);"]
        case "cap":
            return []
        case "bulk":
            raise AssertionError("model.py lets no result be of type bulk")
