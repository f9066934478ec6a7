"""Rows for the server: the functions that it must have, and those that take the words apart and call them."""

from dataclasses import dataclass

from skerry.abi.stub_rows import comment
from skerry.interfaces.c_text import (
    check_number,
    input_parameters,
    output_parameters,
    put_line,
    scalar_type,
    take_lines,
)
from skerry.interfaces.model import Argument, Interface, Operation, reply_words, request_words

PACKED = ("list", "bytes", "string")  # results that the server's function writes straight into the reply


@dataclass(frozen=True)
class ServerRow:
    """An operation: the server's own function, and the generated one that calls it."""

    constant: str
    operation: str
    function: str
    runner: str
    result: str
    parameters: str
    comment: str
    body: tuple[str, ...]
    request_words: int
    reply_words: int
    answered: str
    takes_cap: str
    quick: tuple[str, ...]  # the body of what takes a quick one's words where they lie
    quick_fields: str


def server_row(interface: Interface, operation: Operation) -> ServerRow:
    parameters = [text for argument in operation.args for text in input_parameters(argument)]
    parameters += [text for argument in operation.results for text in output_parameters(argument)]
    verb = "serve" if operation.answered else "take"
    function = f"{interface.name}_{verb}_{operation.name}"
    return ServerRow(
        constant=f"{interface.name.upper()}_{operation.name.upper()}",
        operation=operation.name,
        function=function,
        runner=f"run_{operation.name}",
        result="err_t" if operation.answered else "void",
        parameters="".join(f", {text}" for text in parameters),
        comment=comment(operation.doc),
        body=tuple(body(operation, function)),
        request_words=request_words(operation),
        reply_words=reply_words(operation),
        answered="true" if operation.answered else "false",
        takes_cap="true" if any(argument.shape == "cap" for argument in operation.args) else "false",
        quick=tuple(quick_body(operation, function)) if operation.quick else (),
        quick_fields=quick_fields(operation),
    )


def body(operation: Operation, function: str) -> list[str]:
    lines = take_arguments(operation)
    arguments = [name for argument in operation.args for name in passed(argument)]
    arguments += [name for result in operation.results for name in returned(result)]
    call = f"{function}({', '.join(['call', *arguments])})"
    if not operation.answered:
        return [*lines, f"{call};", "return ERR_OK;"]
    return [*lines, *declare(operation.results), f"TRY({call});", *pack(operation.results)]


def quick_fields(operation: Operation) -> str:
    if not operation.quick:
        return ", .quick_header = SERVICE_NOT_QUICK"
    header = f"SERVICE_QUICK_HEADER({operation.number}, {len(operation.args)})"
    return f", .quick_header = {header}, .quick = quick_{operation.name}"


def quick_body(operation: Operation, function: str) -> list[str]:
    """The same for numbers only: no wire, each word is loaded and checked once. The first word is the head."""
    refuse = (
        "return service_quick_answer(call, wire_word(&word[0]), ERR_ARGUMENT);"
        if operation.answered
        else "return true;"
    )
    lines = []
    for place, argument in enumerate(operation.args):
        lines.append(f"uint64_t {argument.name} = wire_word(&word[{place + 1}]);")
        check = check_number(argument)
        if check is not None:
            lines += [f"if (!({check}))", f"    {refuse}"]
    arguments = [f"({scalar_type(argument)}){argument.name}" for argument in operation.args]
    arguments += [f"&{result.name}" for result in operation.results]
    call = f"{function}({', '.join(['call', *arguments])})"
    if not operation.answered:
        return [*lines, *([] if operation.args else ["(void)word;"]), f"{call};", "return true;"]
    return [
        *lines,
        *(f"{scalar_type(result)} {result.name} = 0;" for result in operation.results),
        f"call->number = {operation.number};",
        f"err_t err = {call};",
        *(f"call->reply[{place}] = (uint64_t){result.name};" for place, result in enumerate(operation.results)),
        f"call->reply_words = {len(operation.results)};",
        "return service_quick_answer(call, wire_word(&word[0]), err);",
    ]


def take_arguments(operation: Operation) -> list[str]:
    worded = [argument for argument in operation.args if argument.shape != "cap"]
    lines = []
    if worded:
        lines.append("struct wire wire = wire_of(call->request, call->request_words);")
    for argument in worded:
        lines += take_lines(argument, argument.name, "wire")
    bad = ["wire.bad"] if worded else []
    if len(worded) != len(operation.args):
        bad.append("call->cap == CAP_NULL")
    return [*lines, f"if ({' || '.join(bad)})", "    return ERR_ARGUMENT;"] if bad else lines


def passed(argument: Argument) -> list[str]:
    name = argument.name
    if argument.shape == "cap":
        return ["call->cap"]
    if argument.shape == "list":
        return [name, f"{name}_count"]
    return [name, f"{name}_size"] if argument.shape in ("bytes", "bulk") else [name]


def returned(result: Argument) -> list[str]:
    name = result.name
    if result.shape == "cap":
        return ["&call->reply_cap"]
    if result.shape == "number":
        return [f"&{name}"]
    if result.shape == "list":
        return [name, f"&{name}_count"]
    return [name, f"&{name}_size"] if result.shape == "bytes" else [name]


def declare(results: tuple[Argument, ...]) -> list[str]:
    """Room for the results. What is packed begins where it would lie if all before it were as long as they may be."""
    lines, at = [], 0
    for result in results:
        name = result.name
        if result.shape == "number":
            kind = scalar_type(result)
            lines.append(f"{kind} {name} = {'(' + kind + ')' if kind.startswith('enum') else ''}0;")
        elif result.shape == "array":
            kind = scalar_type(result)
            lines.append(f"{kind} *{name} = memset(call->reply + {at}, 0, {result.words} * sizeof(uint64_t));")
        elif result.shape in PACKED:
            kind = "char" if result.shape == "string" else "uint8_t" if result.shape == "bytes" else scalar_type(result)
            lines.append(f"{kind} *{name} = (void *)(call->reply + {at + 1});")
            size = "size" if result.shape == "bytes" else "count"
            lines.append(f"{name}[0] = '\\0';" if result.shape == "string" else f"size_t {name}_{size} = 0;")
        at += result.words
    return lines


def pack(results: tuple[Argument, ...]) -> list[str]:
    """Moves the results together. A server that returned too much made a mistake: the client is told FORMAT."""
    worded = [result for result in results if result.shape != "cap"]
    if not worded:
        return ["return ERR_OK;"]
    lines = [f"struct wire back = wire_over(call->reply, {sum(result.words for result in worded)});"]
    lines += [put_line(result, result.name, "back") for result in worded]
    return [
        *lines,
        "call->reply_words = wire_used(&back, call->reply);",
        "return back.bad ? ERR_FORMAT : ERR_OK;",
    ]
