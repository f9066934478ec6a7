"""The checks after linking, on images that break one rule each."""

from pathlib import Path

from linked import link
from skerry.images.atomics import check_atomics, is_locked, sweep
from skerry.images.checks import (
    check_build_id,
    check_core_image,
    check_header,
    check_program,
    check_same_class,
    check_segments,
    check_symbols,
    check_text_budget,
    check_window,
)
from skerry.images.elf import Image
from skerry.toolchain import LINK

LOW, HIGH, PAGE = 0x400000, 0x800000, 0x1000
SYMBOL = "\n.globl {name}\n.type {name}, @function\n{name}: {body}\n.size {name}, . - {name}\n"


def function(name: str, body: str) -> str:
    return SYMBOL.format(name=name, body=body)


def texts(failures: object) -> str:
    return "\n".join(str(item) for item in failures)  # type: ignore[attr-defined]


def all_checks(image: Image) -> str:
    return texts([*check_program(image, LOW, HIGH, PAGE), *check_atomics(image)])


def test_sound_image_passes_every_check(tmp_path: Path) -> None:
    image = link(tmp_path)
    assert all_checks(image) == ""
    assert texts(check_core_image(image, LOW, HIGH - LOW, PAGE)) == ""
    assert image.sizes() == {"text": 1, "rodata": 9 + 36, "data": 8, "bss": 5000} or image.sizes()["bss"] == 5000


def test_writable_code_is_named_with_its_symbol(tmp_path: Path) -> None:
    found = texts(check_segments(link(tmp_path, text_flags=7), PAGE))
    assert "writable and executable" in found
    assert "at 0x400000 (start+0x0)" in found


def test_segments_that_share_a_page_are_refused(tmp_path: Path) -> None:
    found = texts(check_segments(link(tmp_path, data_base="ALIGN(64)"), PAGE))
    assert "two segments share a page" in found
    assert "does not begin on a page" in found


def test_segment_outside_the_window_is_refused(tmp_path: Path) -> None:
    found = texts(check_window(link(tmp_path, data_base="0x900000"), LOW, HIGH))
    assert "leaves the window 0x400000 to 0x800000 at 0x900000" in found


def test_section_that_the_link_script_forgot_is_named(tmp_path: Path) -> None:
    image = link(tmp_path, '.section .init_array, "aw"\n.quad 0\n')
    assert "does not place section .init_array (8 bytes)" in texts(check_core_image(image, LOW, HIGH - LOW, PAGE))


def test_entry_outside_the_code_is_refused(tmp_path: Path) -> None:
    image = link(tmp_path, options=(*LINK, "--entry=0x123"))
    assert "entry point lies in no executable segment at 0x123" in texts(check_header(image))


def test_text_over_budget_names_the_largest_function(tmp_path: Path) -> None:
    image = link(tmp_path, function("big", ".skip 3000, 0x90"))
    assert "text takes 3001 bytes of 2000; largest: big 3000" in texts(check_text_budget(image, 2000))
    assert texts(check_text_budget(image, 3001)) == ""
    assert texts(check_text_budget(image, 0)) == "", "no budget in the debug profile"


def test_undefined_and_weak_symbols_are_named(tmp_path: Path) -> None:
    image = link(tmp_path, ".weak gone\n.quad gone\n.weak soft\nsoft: ret\n")
    found = texts(check_symbols(image))
    assert "a symbol is undefined at 0x0 (gone)" in found
    assert "a symbol is weak" in found
    assert "(soft)" in found


def test_missing_build_id_is_refused(tmp_path: Path) -> None:
    without = tuple(option for option in LINK if "build-id" not in option)
    assert "build id is missing" in texts(check_build_id(link(tmp_path, options=without)))


def test_locked_instructions_are_named_with_symbol_and_address(tmp_path: Path) -> None:
    assembly = function("adder", "nop; lock incq (%rdi)") + function("swapper", "xchg %rax, 8(%rsi)")
    found = texts(check_atomics(link(tmp_path, assembly)))
    assert "`lock inc qword ptr [rdi]` at 0x400002 (adder+0x1)" in found
    assert "`xchg qword ptr [rsi + 8], rax`" in found
    assert "(swapper+0x0)" in found


def test_swapping_registers_is_no_lock(tmp_path: Path) -> None:
    assert (
        texts(check_atomics(link(tmp_path, function("fine", "xchg %rax, %rcx; pause; ud1 18(%eax), %eax; ret")))) == ""
    )


def test_bytes_that_hide_from_the_disassembler_are_refused(tmp_path: Path) -> None:
    found = texts(check_atomics(link(tmp_path, function("odd", ".byte 0x06, 0xc3"))))
    assert "no instruction" in found
    assert "(odd+0x0)" in found


def test_sweep_finds_a_lock_behind_a_trap_of_any_operand_size() -> None:
    for trap in ("670fb94012", "0fb9c0", "0fb98000000000", "0fb90425000000f0", "0fb90500000000", "0fb94424f0"):
        code = bytes.fromhex(trap + "f048ff00")
        assert [is_locked(instruction) for instruction in sweep(code, 0)] == [False, True], trap


def test_sweep_reaches_the_end_of_long_code() -> None:
    assert len(list(sweep(b"\x90" * 1000, 0))) == 1000


def test_images_of_a_class_may_differ_only_in_their_own_table(tmp_path: Path) -> None:
    table = '.section .rodata.core, "a"\n.quad {}\n'
    first = link(tmp_path, table.format(1))
    assert texts(check_same_class(first, link(tmp_path, table.format(2)))) == ""
    other_code = link(tmp_path, function("more", "nop") + table.format(1))
    assert "section .text lies elsewhere" in texts(check_same_class(first, other_code))
    other_data = link(tmp_path, table.format(1) + ".data\n.globl x\nx: .quad 5\n")
    assert "section .data lies elsewhere" in texts(check_same_class(first, other_data))


def test_code_of_equal_size_that_differs_is_named(tmp_path: Path) -> None:
    first = link(tmp_path, function("same", "inc %rax"))
    found = texts(check_same_class(first, link(tmp_path, function("same", "inc %rcx"))))
    assert "section .text differs" in found
    assert "(same+0x2)" in found
