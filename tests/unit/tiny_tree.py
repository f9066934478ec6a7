"""A checkout in miniature, for tests of the build: the real contract and templates, and next to no code."""

import shutil
from pathlib import Path

from skerry import abi
from skerry.workspace import Workspace, default_workspace

CORE_MAIN = """
#include "core/base.h"
#include "core/plan.h"
#include <abi/kernel.h>

void core_entry(void);
extern uintptr_t __stack_chk_guard;
void __stack_chk_fail(void);
uintptr_t __stack_chk_guard = 1;
[[gnu::section(".stacks")]] static volatile char stack[4096];
static int counter = 1;

void __stack_chk_fail(void) {
    for (;;) {
        __asm__ volatile("hlt");
    }
}

void core_entry(void) {
    stack[0] = core_plan.class_name[0];
    stack[1] = *(const volatile uint8_t *)__note_build_id_start;
    stack[2] = (char)(uintptr_t)abi_op((unsigned)counter, (unsigned)counter);
    counter++;
    __stack_chk_fail();
}
"""
LOADER = """
void loader_start(void);
void loader_start(void) {
    for (;;) {
        __asm__ volatile("hlt");
    }
}
extern unsigned long __stack_chk_guard;
unsigned long __stack_chk_guard = 1;
"""
PROGRAM = """
void program_start(void);
int library_value(void);
static volatile int value;
void program_start(void) {
    value = library_value();
    for (;;) {
    }
}
"""
SCRIPT = """
ENTRY(%s)
PHDRS { text PT_LOAD FLAGS(5); rodata PT_LOAD FLAGS(4); data PT_LOAD FLAGS(6); }
SECTIONS {
    . = %s;
    .text : { *(.text .text.*) } :text
    . = ALIGN(4096);
    .note.gnu.build-id : { *(.note.gnu.build-id) } :rodata
    .rodata : { *(.rodata .rodata.*) } :rodata
    . = ALIGN(4096);
    .data : { *(.data .data.*) } :data
    .bss : { *(.bss .bss.*) } :data
    /DISCARD/ : { *(.comment .note.GNU-stack .eh_frame) }
}
"""
MACHINES = {
    "default": 'doc = "tiny"\ncores = 2\n',
    "mixed": 'doc = "two classes"\ncores = 3\n[[class]]\nname = "worker"\ncores = "1-2"\ntimeslice_us = 100\n',
}


def make_tree(root: Path) -> Workspace:
    """Lay out the miniature in a folder."""
    workspace, real = Workspace(root), default_workspace()
    shutil.copytree(real.contract, workspace.contract)
    shutil.copytree(real.templates, workspace.templates)
    for header in ("base.h", "plan.h"):
        _write(workspace.kernel / "core" / header, (real.kernel / "core" / header).read_text())
    _write(workspace.kernel / "core" / "main.c", CORE_MAIN)
    _write(workspace.kernel / "cap" / "stubs.c", _contract_functions(workspace))
    _write(workspace.kernel / "boot" / "loader.c", LOADER)
    _write(workspace.kernel / "boot" / "loader.ld", SCRIPT % ("loader_start", "0x100000"))
    _write(workspace.userland / "lib" / "program.ld", SCRIPT % ("program_start", "0x400000"))
    _write(workspace.userland / "lib" / "value.c", "int library_value(void);\nint library_value(void) { return 7; }\n")
    _write(workspace.userland / "monitor" / "main.c", PROGRAM)
    _write(workspace.userland / "programs" / "hello.c", PROGRAM)
    for name, text in MACHINES.items():
        _write(workspace.machines / f"{name}.toml", text)
    return workspace


def _contract_functions(workspace: Workspace) -> str:
    """One function for each operation and system call that the tables name."""
    contract = abi.load(workspace.contract)
    lines = ["#include <abi/kernel.h>"]
    for operation in contract.operations.values():
        lines.append(f"err_t inv_{operation.c_name}(struct invocation *i) {{ (void)i; return ERR_OK; }}")
    lines += [f"void sys_{call.name}(void) {{}}" for call in contract.syscalls.values()]
    return "\n".join(lines) + "\n"


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
