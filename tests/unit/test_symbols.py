"""Addresses to functions, files and lines, inlined ones included, for both toolchains' DWARF."""

import subprocess
from pathlib import Path

import pytest

from skerry.console.panic import find_panics
from skerry.machine.registers import CoreState
from skerry.symbols.image import Image, describe
from skerry.symbols.panic_text import panic_lines
from skerry.symbols.states import state_lines
from skerry.toolchain import toolchain
from skerry.workspace import default_workspace

SAMPLE = Path(__file__).with_name("symbols_sample.c")
LOGS = Path(__file__).resolve().parents[1] / "logs"


@pytest.fixture(scope="session", params=["zig", "gcc"])
def image(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Image:
    """The sample, linked at the CPU drivers' window."""
    tools, root = toolchain(request.param, default_workspace()), default_workspace().root
    folder = tmp_path_factory.mktemp("symbols")
    flags = ["-O2", "-g", "-ffreestanding", "-fno-pic", "-mcmodel=kernel", "-fno-asynchronous-unwind-tables"]
    script = folder / "sample.ld"
    script.write_text("SECTIONS { . = 0xffffffff80000000; .text : { *(.text*) } .data : { *(.data*) *(.bss*) } }")
    source = str(SAMPLE.relative_to(root))
    for argv in (
        [*tools.compiler, *flags, "-c", source, "-o", str(folder / "sample.o")],
        [*tools.linker, "-T", str(script), "-e", "start", str(folder / "sample.o"), "-o", str(folder / "sample")],
    ):
        subprocess.run(argv, cwd=root, check=True, capture_output=True, timeout=60)
    return Image(folder / "sample")


def trap(image: Image) -> int:
    """The address of the trap, ud2, in `outer`."""
    outer = image.address_of("outer")
    assert outer is not None
    return outer + image.bytes_at(outer, 64).index(b"\x0f\x0b")


def test_a_function_is_found_by_any_of_its_addresses(image: Image) -> None:
    outer = next(function for function in image.functions if function.name == "outer")
    for address in (outer.address, outer.address + outer.size - 1):
        found = image.function_at(address)
        assert found is not None and found.name == "outer"
    assert image.function_at(0x1000) is None


def test_inlined_functions_are_named_innermost_first(image: Image) -> None:
    places = image.frame(trap(image)).places
    assert [place.function for place in places] == ["deepest", "middle", "outer"]
    lines = SAMPLE.read_text().splitlines()
    assert "__builtin_trap" in lines[places[0].line - 1]
    assert "deepest(value + 1)" in lines[places[1].line - 1]
    assert "middle(value)" in lines[places[2].line - 1]
    assert all(place.file.endswith("symbols_sample.c") for place in places)


def test_a_frame_reads_well(image: Image) -> None:
    text = describe(image.frame(trap(image)))
    assert text[0].endswith("symbols_sample.c:7")
    assert "deepest (inlined) at" in text[0]
    assert f"outer+{trap(image) - (image.address_of('outer') or 0):#x} at" in text[2]


def test_an_address_outside_is_shown_bare(image: Image) -> None:
    assert describe(image.frame(0x1234)) == ["0x00000000001234 ?".replace("0x", "0x00")]


def test_a_panic_is_readable(image: Image) -> None:
    text = (LOGS / "panic-midline.log").read_text().replace("0xffffffff80001234", hex(trap(image)))
    lines = panic_lines(find_panics(text)[0], image)
    assert lines[0] == "core 2 PANIC (practice): asked for by a kernel capability"
    assert "deepest (inlined) at" in lines[1]
    assert any("rip=" in line and "rflags=0000000000000046" in line for line in lines)
    assert lines[-1] == "  dispatcher monitor: state RUNNING, disabled 1, rip 0x401b20"


def test_a_panic_without_its_image_shows_addresses_and_says_why() -> None:
    lines = panic_lines(find_panics((LOGS / "panic-midline.log").read_text())[0], None)
    assert "no image with build id 9f3c2a7d51e8" in lines[1]
    assert "0xffffffff80004567" in "\n".join(lines)


def test_the_bytes_at_the_instruction_pointer_tell_whose_it_is(image: Image) -> None:
    rip = trap(image)
    state = CoreState(core=1, rip=rip, halted=False, cpl=0, values={})
    (known,) = state_lines([state], {1: image}, [], lambda core, address: image.bytes_at(address, 16))
    assert known.startswith(f"  core 1 kernel: {rip:#x} deepest in middle in outer+")
    assert "symbols_sample.c:7, from " in known
    (unknown,) = state_lines([state], {1: image}, [], lambda core, address: bytes(16))
    assert unknown.endswith("in no known image")


def test_cores_in_the_same_place_share_a_line() -> None:
    states = [CoreState(core, 0xFFF0, core != 2, 0, {}) for core in (0, 1, 2, 3, 4, 5)]
    lines = state_lines(states, {}, [], lambda core, address: b"")
    assert lines == ["  cores 0-1, 3-5 not started", "  core 2 kernel: 0xfff0 in no known image"]
