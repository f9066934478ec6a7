"""How C says the parts of an interface that client and server share: types, and taking and putting one argument.

`wire` is the reader or writer of the words; see userland/lib/include/skerry/wire.h.
"""

from skerry.interfaces.model import WORD_MAX, Argument

STACK_WORDS = 64  # longer messages are put together on the heap: a fibre's stack is small


def scalar_type(argument: Argument) -> str:
    assert argument.scalar is not None
    return argument.scalar.c_name


def input_parameters(argument: Argument) -> list[str]:
    """As a function is given it."""
    name = argument.name
    match argument.shape:
        case "number":
            return [f"{scalar_type(argument)} {name}"]
        case "array":
            return [f"const {scalar_type(argument)} {name}[static {argument.most_text}]"]
        case "list":
            return [f"const {scalar_type(argument)} *{name}", f"size_t {name}_count"]
        case "bytes":
            return [f"const void *{name}", f"size_t {name}_size"]
        case "string":
            return [f"const char *{name}"]
        case "cap":
            return [f"capaddr_t {name}"]
        case "bulk":
            return [f"void *{name}", f"size_t {name}_size"]


def output_parameters(argument: Argument) -> list[str]:
    """As a function returns it."""
    name = argument.name
    match argument.shape:
        case "number":
            return [f"{scalar_type(argument)} *{name}"]
        case "array":
            return [f"{scalar_type(argument)} {name}[static {argument.most_text}]"]
        case "list":
            return [f"{scalar_type(argument)} {name}[static {argument.most_text}]", f"size_t *{name}_count"]
        case "bytes":
            return [f"uint8_t {name}[static {argument.most_text}]", f"size_t *{name}_size"]
        case "string":
            return [f"char {name}[static {argument.most_text} + 1]"]
        case "cap":
            return [f"capaddr_t *{name}"]
        case "bulk":
            raise AssertionError("no result is a piece of the bulk")


def take_lines(argument: Argument, name: str, wire: str) -> list[str]:
    """Declares a variable of that name, and takes the argument into it from the wire."""
    most = argument.most_text
    match argument.shape:
        case "number":
            return [f"{scalar_type(argument)} {name} = {take_number(argument, wire)};"]
        case "array":
            kind = scalar_type(argument)
            return [f"const {kind} *{name} = wire_take_array(&{wire}, {most}, sizeof({kind}));"]
        case "list":
            kind = scalar_type(argument)
            take = f"wire_take_list(&{wire}, {most}, sizeof({kind}), &{name}_count)"
            return [f"size_t {name}_count;", f"const {kind} *{name} = {take};"]
        case "bytes":
            return [f"size_t {name}_size;", f"const void *{name} = wire_take_list(&{wire}, {most}, 1, &{name}_size);"]
        case "string":
            return [f"const char *{name} = wire_take_string(&{wire}, {most});"]
        case "cap":
            return []
        case "bulk":  # of a call only: the server's side
            take = f"wire_take_piece(&{wire}, &call->client->bulk, {most}, &{name}_size)"
            return [f"size_t {name}_size;", f"void *{name} = {take};"]


def take_number(argument: Argument, wire: str) -> str:
    scalar = argument.scalar
    assert scalar is not None
    if scalar.signed:
        return f"({scalar.c_name})wire_take(&{wire})"
    if scalar.values is not None and scalar.values.flags:
        return f"wire_take_flags(&{wire}, {argument.high:#x})"
    cast = "" if scalar.c_name == "uint64_t" else f"({scalar.c_name})"
    if argument.high == WORD_MAX:
        return f"{cast}wire_take(&{wire})"
    return f"{cast}wire_take_number(&{wire}, {argument.high})"


def put_line(argument: Argument, value: str, wire: str) -> str:
    """Puts the argument, held in `value`, on the wire."""
    name, most = argument.name, argument.most_text
    match argument.shape:
        case "number":
            return put_number(argument, value, wire)
        case "array":
            return f"wire_put_array(&{wire}, {value}, {most}, sizeof({scalar_type(argument)}));"
        case "list":
            return f"wire_put_list(&{wire}, {value}, {most}, sizeof({scalar_type(argument)}), {name}_count);"
        case "bytes":
            return f"wire_put_list(&{wire}, {value}, {most}, 1, {name}_size);"
        case "string":
            return f"wire_put_string(&{wire}, {value}, {most});"
        case "cap":
            return ""
        case "bulk":
            return f"wire_put_piece(&{wire}, binding_bulk(binding), {value}, {name}_size, {most});"


def put_number(argument: Argument, value: str, wire: str) -> str:
    """Checked where it is sent, so that the mistake is found there; the receiver checks again."""
    scalar = argument.scalar
    assert scalar is not None
    if scalar.values is not None and scalar.values.flags:
        return f"wire_put_flags(&{wire}, {value}, {argument.high:#x});"
    if scalar.signed or (argument.limit is None and scalar.values is None):
        return f"wire_put(&{wire}, (uint64_t){value});"
    return f"wire_put_number(&{wire}, (uint64_t){value}, {argument.high});"


def check_number(argument: Argument) -> str | None:
    """A condition that the number is one that the receiver takes; None where the type says so."""
    scalar = argument.scalar
    assert scalar is not None
    if scalar.values is not None and scalar.values.flags:
        return f"({argument.name} & ~{argument.high:#x}ul) == 0"
    if scalar.signed or (argument.limit is None and scalar.values is None):
        return None
    return f"(uint64_t){argument.name} <= {argument.high}"
