"""Include directions.

    abi  <-  kernel/boot  <-  kernel, userland/monitor          kernel never sees userland, nor userland the kernel

The contract has two headers of its own for one side only: abi/kernel.h and abi/stubs.h.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from skerry.check.files import Files
from skerry.sources import BOOT_SHARED

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)
ROOTS = ("kernel", "userland", "userland/lib/include", "kernel/boot", "")
# Header-only and free of the CPU driver's state.
FREESTANDING = (Path("kernel/x86_64/insn.h"), Path("kernel/x86_64/pte.h"))
KERNEL_ONLY, USER_ONLY = "abi/kernel.h", "abi/stubs.h"


def check(files: Files, fix: bool) -> list[str]:
    """Every include that points the wrong way."""
    known = frozenset(files.paths)
    return [
        f"{path}:{line}: {why}"
        for path in files.like(".c", ".h", ".S")
        for line, name in included(files.text(path))
        if (why := refusal(path, name, known))
    ]


def included(source: str) -> Iterator[tuple[int, str]]:
    """Line and name of each include."""
    for match in INCLUDE.finditer(source):
        yield source.count("\n", 0, match.start(2)) + 1, match[2]


def refusal(path: Path, name: str, known: frozenset[Path]) -> str | None:
    """Why a file must not include this, if it must not."""
    side = path.parts[0]
    if side == "kernel" and name == USER_ONLY:
        return f"{name} is for userland only"
    if side == "userland" and name == KERNEL_ONLY:
        return f"{name} is for the kernel only"
    target = next((found for root in (path.parent, *map(Path, ROOTS)) if (found := root / name) in known), None)
    if target is None:
        return None
    boot = Path("kernel/boot")
    if side == "kernel" and target.parts[0] == "userland":
        return f"the kernel includes {target}"
    if side == "userland" and target.parts[0] == "kernel" and not target.is_relative_to(boot):
        return f"userland includes {target}"
    shared = path.parent == boot and path.name.startswith(BOOT_SHARED)
    if shared and target.parts[0] == "kernel" and target.parent != boot and target not in FREESTANDING:
        return f"the monitor compiles {path.name} too, so it cannot include {target}"
    return None
