"""The host program of user_host.c: userland's pure parts, compiled once for its sources, asked over pipes."""

import hashlib
import os
import shutil
import subprocess
import sys
from enum import IntEnum
from functools import cache
from pathlib import Path
from struct import pack
from typing import Any

from boot_host import CONTRACT, FLAGS, ROOT, SANITIZE, SANITIZE_LESS, Answer, Host, remove_older
from skerry import interfaces
from skerry.abi import generate

USERLAND = ROOT / "userland"
TESTED = ("lib/urpc.c", "lib/urpc_frame.c", "lib/print.c", "lib/string.c", "drivers/serial/editor.c", "shell/text.c")
PARTS = ("tests/unit/user_host.c", "tests/unit/user_host_urpc.c", "tests/unit/user_host.h")
# libskerry's functions of the C library's names get others, so that the C library keeps its own.
RENAMED = (*("memcpy", "memmove", "memset", "memcmp", "strlen", "strnlen", "strcmp", "strncmp", "strchr"),)
Err: Any = CONTRACT.enum("err")


class Ask(IntEnum):
    """Requests, in the order of the tables in user_host.c and user_host_urpc.c."""

    PRINT = 0
    MEMORY = 1
    NUMBER = 2
    EDITOR = 3
    OPTION = 4
    DECODE = 5
    COMMANDS = 6
    RESET = 16
    SEND = 17
    RECEIVE = 18
    SLEEP = 19
    AWAKE = 20
    STATE = 21
    POKE = 22
    STRESS = 23
    LONG = 24


def words(*values: int) -> bytes:
    return pack(f"<{len(values)}Q", *(value & (1 << 64) - 1 for value in values))


@cache
def the_host() -> "UserHost":
    return UserHost()


class UserHost:
    """One program for a test run."""

    def __init__(self) -> None:
        self._host = Host(build_host())

    def ask(self, what: Ask, *blobs: bytes) -> Answer:
        return self._host.ask(what, *blobs)


def build_host() -> Path:
    """Compile the host program, unless one of exactly these sources exists."""
    sources = [USERLAND / path for path in TESTED] + [ROOT / path for path in PARTS]
    headers = [
        *USERLAND.rglob("*.h"),
        *(ROOT / "kernel/abi").glob("*.toml"),
        *(USERLAND / "if").glob("*.toml"),
        Path(__file__),
    ]
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sorted([*sources, *headers])))
    folder = ROOT / "build" / "host" / f"user-{digest.hexdigest()[:16]}"
    program = folder / "user_host"
    if not program.exists():
        generate(CONTRACT, folder)
        interfaces.generate(interfaces.load(USERLAND / "if", CONTRACT), folder)
        made = folder / f"user_host-{os.getpid()}"
        _compile([path for path in sources if path.suffix == ".c"], folder, made)
        made.replace(program)
        remove_older(folder)
    return program


def _compile(sources: list[Path], folder: Path, out: Path) -> None:
    """With the first compiler that works, as boot_host.py does."""
    includes = [f"-I{path}" for path in (folder / "include", USERLAND / "lib/include", USERLAND)]
    renamed = [f"-D{name}=skerry_{name}" for name in RENAMED]
    renamed += ["-Dsnprintf=print_text", "-Dvsnprintf=print_text_args"]  # as lib/small/stdio.c has them
    tail = [*FLAGS, "-fno-builtin", "-pthread", *renamed, *includes, "-o", str(out), *map(str, sources)]
    own = [[path, *SANITIZE] for name in ("gcc", "clang") if (path := shutil.which(name)) is not None]
    errors = []
    for compiler in [*own, [sys.executable, "-m", "ziglang", "cc", *SANITIZE_LESS]]:
        result = subprocess.run([*compiler, *tail], capture_output=True, text=True, check=False)
        if result.returncode == 0:
            return
        errors.append(result.stderr)
    raise AssertionError("no compiler takes the host program:\n" + "\n".join(errors))
