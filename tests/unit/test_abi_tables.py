"""The CPU driver's tables, compiled for the host: what they look up, and what a missing function costs."""

import ctypes
from pathlib import Path

import pytest

from abi_compile import Bench, ToolError
from skerry import abi

ROOT = Path(__file__).parents[2]
CONTRACTS = {"sample": ROOT / "tests" / "golden" / "abi" / "contract", "real": ROOT / "kernel" / "abi"}
KINDS = {"cap": 1, "slot": 2}


class AbiArg(ctypes.Structure):
    _fields_ = (
        ("place", ctypes.c_uint8),
        ("kind", ctypes.c_uint8),
        ("rights", ctypes.c_uint8),
        ("types", ctypes.c_uint32),
    )


def operation_struct(most_args: int) -> type[ctypes.Structure]:
    class AbiOp(ctypes.Structure):
        _fields_ = (
            ("act", ctypes.c_void_p),
            ("rights", ctypes.c_uint8),
            ("lookups", ctypes.c_uint8),
            ("args", AbiArg * most_args),
        )

    return AbiOp


class TypeInfo(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_char_p),
        ("space", ctypes.c_uint8),
        ("pool", ctypes.c_bool),
        ("retype", ctypes.c_uint32),
    )


def functions(contract: abi.Contract) -> dict[str, str]:
    """An empty body for every function that the tables name."""
    bodies = {
        f"inv_{op.type}_{op.operation}": f"err_t inv_{op.type}_{op.operation}(struct invocation *inv)"
        " { return inv == NULL; }\n"
        for op in contract.operations.values()
    }
    return bodies | {f"sys_{name}": f"void sys_{name}(void) {{}}\n" for name in contract.syscalls}


def link(contract: abi.Contract, folder: Path, without: str = "") -> Path:
    abi.generate(contract, folder)
    bench = Bench(folder)
    bodies = "".join(body for name, body in functions(contract).items() if name != without)
    source = bench.write("functions.c", f"#include <abi/kernel.h>\n{bodies}")
    tables = [bench.compile(folder / name) for name in ("abi_tables.c", "abi_names.c")]
    return bench.library(bench.compile(source), *tables)


@pytest.mark.parametrize("name", CONTRACTS)
def test_every_operation_is_found_and_nothing_else(tmp_path: Path, name: str) -> None:
    contract = abi.load(CONTRACTS[name])
    library = ctypes.CDLL(str(link(contract, tmp_path)))
    library.abi_op.restype = ctypes.POINTER(operation_struct(contract.constant("INVOKE_ARGS")))
    rights, types = contract.enum("right"), contract.enum("cap_type")
    wanted = {(types[t].value, op.number): op for op in contract.operations.values() for t in op.targets}
    numbers = [*range(64), 255, 256, 2**31, 2**32 - 1, 2**32, 2**32 + 16, 2**64 - 1]
    for key in ((kind, number) for kind in range(40) for number in numbers):
        found = library.abi_op(ctypes.c_uint(key[0]), ctypes.c_uint64(key[1]))
        operation = wanted.pop(key, None)
        assert bool(found) is (operation is not None), key
        if operation is None:
            continue
        row = found.contents
        function = getattr(library, f"inv_{operation.type}_{operation.operation}")
        assert row.act == ctypes.cast(function, ctypes.c_void_p).value
        assert row.rights == sum(rights[right] for right in operation.rights)
        looked_up = [(place, arg) for place, arg in enumerate(operation.args) if arg.kind != "word"]
        assert row.lookups == len(looked_up)
        for got, (place, arg) in zip(row.args, looked_up, strict=False):
            assert got.place == place
            assert got.kind == KINDS[arg.kind]
            assert got.rights == sum(rights[right] for right in arg.rights)
            assert got.types == sum(1 << types[kind] for kind in arg.types)
    assert not wanted


@pytest.mark.parametrize("name", CONTRACTS)
def test_types_and_names_are_the_models(tmp_path: Path, name: str) -> None:
    contract = abi.load(CONTRACTS[name])
    library = ctypes.CDLL(str(link(contract, tmp_path)))
    for function in (library.err_name, library.err_doc, library.cap_type_name):
        function.restype = ctypes.c_char_p
    table = (TypeInfo * len(contract.types)).in_dll(library, "cap_types")
    types, spaces = contract.enum("cap_type"), contract.enum("space")
    for kind, row in zip(contract.types.values(), table, strict=True):
        assert (row.name.decode(), row.space, row.pool) == (kind.name, spaces[kind.space], kind.pool)
        assert row.retype == sum(1 << types[target] for target in kind.retype)
        assert library.cap_type_name(kind.value).decode() == kind.name
    for error in contract.enums["err"].values:
        assert library.err_name(error.value).decode() == f"ERR_{error.name}"
        assert library.err_doc(error.value).decode() == error.doc
    assert library.cap_type_name(len(contract.types)) == b"UNKNOWN"


@pytest.mark.parametrize("number", [3, 9, 2**32 - 1])
def test_number_without_an_error_has_a_name_too(tmp_path: Path, number: int) -> None:
    library = ctypes.CDLL(str(link(abi.load(CONTRACTS["sample"]), tmp_path)))
    library.err_name.restype = library.err_doc.restype = ctypes.c_char_p
    assert library.err_name(ctypes.c_uint(number)) == b"ERR_UNKNOWN"
    assert library.err_doc(ctypes.c_uint(number)) == b"no error of this contract"


@pytest.mark.parametrize("function", ["sys_sleep", "inv_port_lend", "inv_cap_copy"])
def test_contract_entry_without_its_function_fails_the_link(tmp_path: Path, function: str) -> None:
    with pytest.raises(ToolError, match=f"undefined reference to `{function}'"):
        link(abi.load(CONTRACTS["sample"]), tmp_path, without=function)


def test_added_system_call_is_one_entry_and_one_function(tmp_path: Path) -> None:
    folder = tmp_path / "contract"
    folder.mkdir()
    for path in CONTRACTS["real"].glob("*.toml"):
        (folder / path.name).write_bytes(path.read_bytes())
    before = abi.load(folder)
    number = len(before.syscalls)
    with (folder / "syscalls.toml").open("a") as file:
        file.write(f'[[syscall]]\nname = "added"\nnumber = {number}\ndoc = "New."\n')
    after = abi.load(folder)
    assert after.hash != before.hash
    link(after, tmp_path)
    with pytest.raises(ToolError, match="undefined reference to `sys_added'"):
        link(after, tmp_path, without="sys_added")
