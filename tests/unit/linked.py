"""Small ELF files made on the spot, for tests of what looks at ELF files."""

import subprocess
from pathlib import Path

from skerry.images.elf import Image, read_image
from skerry.toolchain import LINK, toolchain
from skerry.workspace import default_workspace

SCRIPT = """
ENTRY(start)
PHDRS {{ text PT_LOAD FLAGS({text_flags}); rodata PT_LOAD FLAGS(4); note PT_NOTE FLAGS(4); data PT_LOAD FLAGS(6); }}
SECTIONS {{
    . = {base};
    .text : {{ *(.text .text.*) }} :text
    . = ALIGN(4096);
    .rodata.core : {{ *(.rodata.core) }} :rodata
    .rodata : {{ *(.rodata .rodata.*) }} :rodata
    .note.gnu.build-id : ALIGN(4) {{ *(.note.gnu.build-id) }} :rodata :note
    . = {data_base};
    .data : {{ *(.data .data.*) }} :data
    .bss : {{ *(.bss .bss.*) }} :data
    /DISCARD/ : {{ *(.comment .note.GNU-stack .eh_frame) }}
}}
"""
START = """
.globl start
.type start, @function
start: hlt
.size start, . - start
.data
.quad 1
.bss
.skip 5000
.section .rodata
.asciz "constant"
.text
"""


def link(
    folder: Path,
    assembly: str = "",
    *,
    base: str = "0x400000",
    data_base: str = "ALIGN(4096)",
    text_flags: int = 5,
    options: tuple[str, ...] = LINK,
) -> Image:
    """Assemble and link `start` and what is given, and read the result."""
    workspace = default_workspace()
    tools = toolchain("zig", workspace)
    number = len(list(folder.glob("*.elf")))
    source, script, output = folder / "image.S", folder / "image.ld", folder / f"image-{number}.elf"
    source.write_text(START + assembly)
    script.write_text(SCRIPT.format(base=base, data_base=data_base, text_flags=text_flags))
    compiled = folder / "image.o"
    for argv in (
        [*tools.compiler, "-c", str(source), "-o", str(compiled)],
        [*tools.linker, *options, "-T", str(script), "-o", str(output), str(compiled)],
    ):
        subprocess.run(argv, cwd=workspace.root, check=True, timeout=60)
    return read_image(output)
