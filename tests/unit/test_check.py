"""The project's own lints."""

from pathlib import Path

import pytest

from skerry.check import budget
from skerry.check.files import Files, without_comments
from skerry.check.includes import included, refusal
from skerry.check.pauses import impatient
from skerry.workspace import Workspace

KNOWN = frozenset(
    map(Path, ["kernel/core/log.h", "kernel/cap/cap.h", "kernel/boot/elf.h", "userland/lib/include/skerry/urpc.h"])
)


@pytest.mark.parametrize(
    ("path", "name", "refused"),
    [
        ("kernel/core/main.c", "core/log.h", False),
        ("kernel/core/main.c", "skerry/urpc.h", True),
        ("kernel/core/main.c", "abi/kernel.h", False),
        ("kernel/core/main.c", "abi/stubs.h", True),
        ("userland/monitor/main.c", "core/log.h", True),
        ("userland/monitor/main.c", "boot/elf.h", False),
        ("userland/monitor/main.c", "elf.h", False),
        ("userland/monitor/main.c", "abi/kernel.h", True),
        ("userland/lib/cap.c", "skerry/urpc.h", False),
        ("kernel/boot/layout.c", "boot/elf.h", False),
        ("kernel/boot/layout.c", "core/log.h", True),
        ("kernel/boot/loader.c", "core/log.h", False),
    ],
)
def test_include_directions(path: str, name: str, refused: bool) -> None:
    assert (refusal(Path(path), name, KNOWN) is not None) == refused


def test_includes_are_found_with_their_lines() -> None:
    assert list(included('int x;\n#include "a.h"\n  # include <b/c.h>\n')) == [(2, "a.h"), (3, "b/c.h")]


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        ("while (!ready) {\n}\n", [1]),
        ("while (!ready) {\n  x86_pause();\n}\n", []),
        ("\nwhile (busy());", [2]),
        ("for (;;) {}", [1]),
        ("for (;;) { x86_hlt(); }", []),
        ("do { x++; } while (x < 3);", []),
        ("while (__atomic_load_n(&x, __ATOMIC_ACQUIRE) != 3) { spins++; }", [1]),
        ("while (__atomic_load_n(&x, __ATOMIC_ACQUIRE) != 3) { fibre_yield(); }", []),
        ("while (i < 3) { i++; }", []),
        ("for (i = 0; a[i]; i++);", []),
        ('// while (1);\nputs("while (1);");', []),
    ],
)
def test_loops_that_wait_without_a_pause(code: str, lines: list[int]) -> None:
    assert list(impatient(code)) == lines


def test_blanking_comments_keeps_every_line_in_place() -> None:
    code = 'a /* b\n c */ d // e\n"f\\"g" h \'i\'\n'
    blank = without_comments(code)
    assert len(blank) == len(code)
    assert blank.split() == ["a", "d", "h"]
    assert blank.count("\n") == code.count("\n")


@pytest.mark.parametrize(("lines", "over"), [(budget.ASSEMBLY_LINES, False), (budget.ASSEMBLY_LINES + 1, True)])
def test_the_cpu_driver_has_a_budget_of_lines(tmp_path: Path, lines: int, over: bool) -> None:
    folder = tmp_path / "kernel/x86_64"
    folder.mkdir(parents=True)
    (folder / "entry.S").write_text("/* of no\n\n account */\n" + "    nop /* one */\n\n" * lines)
    problems = budget.check(Files(Workspace(tmp_path), (Path("kernel/x86_64/entry.S"),)), False)
    assert problems == ([f"kernel: the CPU driver has {lines} lines of assembly, more than 500"] if over else [])
