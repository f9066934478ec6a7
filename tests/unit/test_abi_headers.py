"""The generated headers in C and assembly: they compile by themselves, and their names have the model's values."""

import struct
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile

from abi_compile import BUILDS, Bench, ToolError
from skerry import abi

ROOT = Path(__file__).parents[2]
CONTRACTS = {"sample": ROOT / "tests" / "golden" / "abi" / "contract", "real": ROOT / "kernel" / "abi"}
HEADERS = ("abi/abi.h", "abi/abi_asm.h", "abi/kernel.h", "abi/stubs.h")


def expected(contract: abi.Contract) -> dict[str, int]:
    """Every number that both languages name."""
    names = {"CONTRACT_HASH": contract.hash}
    names |= {name: value.value for name, value in contract.constants.items()}
    for prefix, family in contract.enums.items():
        names |= {f"{prefix.upper()}_{value.name}": value.value for value in family.values}
    for operation in contract.operations.values():
        names[f"OP_{operation.type.upper()}_{operation.operation.upper()}"] = operation.number
    return names


def offsets(contract: abi.Contract) -> dict[str, tuple[str, int]]:
    """Assembly's names for fields and sizes, with C's expression for the same."""
    names = {}
    for item in contract.structs.values():
        names[f"{item.name.upper()}_SIZEOF"] = (f"sizeof(struct {item.name})", item.size)
        for field in item.fields:
            place = f"offsetof(struct {item.name}, {field.name})"
            names[f"{item.name.upper()}_{field.name.upper()}"] = (place, field.offset)
    return names


def words(target: Path) -> list[int]:
    """The 64-bit words of an object's `.words` section."""
    with target.open("rb") as file:
        section = ELFFile(file).get_section_by_name(".words")
        assert section is not None
        data = section.data()
    return [word for (word,) in struct.iter_unpack("<Q", data)]


@pytest.fixture(params=CONTRACTS)
def contract(request: pytest.FixtureRequest, tmp_path: Path) -> abi.Contract:
    loaded = abi.load(CONTRACTS[request.param])
    abi.generate(loaded, tmp_path)
    return loaded


@pytest.mark.parametrize(("compiler", "level"), BUILDS)
def test_each_generated_file_compiles_by_itself(
    contract: abi.Contract, tmp_path: Path, compiler: str, level: str
) -> None:
    bench = Bench(tmp_path, compiler, level)
    for index, header in enumerate(HEADERS):
        bench.compile(bench.write(f"alone{index}.c", f"#include <{header}>\n#include <{header}>\n"))
    for source in ("abi_tables.c", "abi_names.c"):
        bench.compile(tmp_path / source)


@pytest.mark.parametrize("compiler", ["gcc", "clang"])
def test_names_have_the_same_values_in_c(contract: abi.Contract, tmp_path: Path, compiler: str) -> None:
    bench = Bench(tmp_path, compiler)
    numbers, places = expected(contract), offsets(contract)
    rows = [*numbers, *(place for place, _ in places.values())]
    text = "#include <abi/abi.h>\nextern const uint64_t words[];\n"
    text += f'const uint64_t words[] __attribute__((section(".words"))) = {{ {", ".join(rows)} }};\n'
    assert words(bench.compile(bench.write("names.c", text))) == [*numbers.values(), *(v for _, v in places.values())]


@pytest.mark.parametrize("compiler", ["gcc", "clang"])
def test_names_have_the_same_values_in_assembly(contract: abi.Contract, tmp_path: Path, compiler: str) -> None:
    bench = Bench(tmp_path, compiler)
    values = expected(contract) | {name: value for name, (_, value) in offsets(contract).items()}
    text = '#include <abi/abi_asm.h>\n.section .words, "a"\n' + "".join(f".quad {name}\n" for name in values)
    assert words(bench.compile(bench.write("names.S", text))) == list(values.values())


def test_struct_that_a_compiler_lays_out_otherwise_does_not_compile(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    abi.generate(abi.load(CONTRACTS["sample"]), tmp_path)
    header = tmp_path / "include" / "abi" / "abi.h"
    header.write_text(header.read_text().replace("uint16_t count;", "uint64_t count;"))
    with pytest.raises(ToolError, match='static assertion failed: "size of struct page"'):
        bench.compile(bench.write("page.c", "#include <abi/abi.h>\n"))
