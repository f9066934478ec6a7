"""The host program of cap_host.c: kernel/cap under the sanitizers, compiled once for its sources, asked over pipes."""

import hashlib
import os
import shutil
import struct
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from pathlib import Path
from typing import Any

from skerry.abi import generate, load

ROOT = Path(__file__).resolve().parents[2]
HERE = ROOT / "tests" / "unit"
KERNEL = (
    *("cap", "core", "cspace", "delete", "ending", "endpoint", "frame", "invoke", "kernel_memory", "mapping", "mdb"),
    *("mdb_query", "ram", "retype", "slot", "vnode"),
)
# Operations that these and cap_host_machine.c define; the others are stood in for.
OWN = (
    *(
        "cap_copy",
        "cap_mint",
        "cap_move",
        "cap_delete",
        "cap_revoke",
        "cap_retype",
        "frame_identify",
        "device_identify",
    ),
    *("vnode_map", "mapping_protect", "dispatcher_endpoint", "dispatcher_setup", "dispatcher_notification"),
    *("kernel_give", "kernel_reclaim", "kernel_adopt", "kernel_pool_add", "kernel_revoke", "kernel_share"),
    *("kernel_disown", "kernel_retype", "kernel_relatives"),
    *("core_start", "core_notify", "core_nmi"),
)
PARTS = ("cap_host", "cap_host_machine", "cap_host_check", "cap_host_bulk")
# gcc 12 does not know all standard attributes.
FLAGS = (
    *("-std=gnu2x", "-O1", "-g", "-Wall", "-Wextra", "-Werror", "-Wno-attributes", "-Wno-unknown-attributes"),
    *("-fno-omit-frame-pointer", "-fno-strict-aliasing", "-finstrument-functions"),
)
SANITIZE = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all")
SANITIZE_LESS = ("-fsanitize=undefined", "-fno-sanitize-recover=all")

CONTRACT = load(ROOT / "kernel" / "abi")
Err: Any = CONTRACT.enum("err")


class Ask(IntEnum):
    """Requests, in the order of the table in cap_host.c."""

    RESET = 0
    INVOKE = 1
    DUMP = 2
    ENTRY = 3
    FILL = 4
    IS_ZERO = 5
    CREATE = 6
    END_STEP = 7
    EVENTS = 8
    DROP = 9
    REVOKE_STEP = 10
    GIGABYTE = 11
    RELATIVE = 12
    RANGE_VALID = 13
    BULK = 14
    COST = 15
    CHECK = 16


class Event(IntEnum):
    """What the hooks of cap_host_machine.c saw."""

    DISPATCHER_INIT = 0
    DISPATCHER_END = 1
    KEPT_LOST = 2
    IRQ_END = 3
    FLUSH = 4
    ZERO = 5
    INTERRUPT = 6


class Relation(IntEnum):
    """Questions to the mapping database."""

    COPY = 0
    DESCENDANT = 1
    ANCESTOR = 2
    OVERLAP = 3


class HostDied(AssertionError):
    """The code under test broke an assertion, an invariant or a sanitizer's rule."""


@dataclass(frozen=True)
class Row:
    """A capability as the mapping database holds it."""

    slot: int
    type: int
    rights: int
    flags: int
    owner: int
    span: int
    base: int
    size: int
    extra: int


class Host:
    """A running host program. It is started again when it dies, so that Hypothesis can look for a smaller example."""

    def __init__(self, program: Path) -> None:
        self._program = program
        self.most_calls = 0
        self._process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        # Without address randomisation: gcc 12's sanitizers cannot place their memory in every layout.
        argv = ["setarch", "-R", str(self._program)]
        return subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, operation: int, *words: int) -> list[int]:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None and stdout is not None
        request = [1 + len(words), operation, *(word & (1 << 64) - 1 for word in words)]
        stdin.write(struct.pack(f"<{len(request)}Q", *request))
        stdin.flush()
        head = stdout.read(8)
        if len(head) < 8:
            status = self._process.wait()
            self._process = self._start()
            raise HostDied(f"the host program died with status {status} (its report is on standard error)")
        count = struct.unpack("<Q", head)[0]
        return list(struct.unpack(f"<{count}Q", stdout.read(8 * count)))

    def invoke_once(self, address: int, operation: int, *words: int) -> tuple[int, list[int]]:
        """One kernel entry: its error and results."""
        err, calls, *results = self.ask(Ask.INVOKE, address, operation, *words, *[0] * (6 - len(words)))
        self.most_calls = max(self.most_calls, calls)
        return err, results

    def invoke(self, address: int, operation: int, *words: int) -> tuple[int, list[int]]:
        """As a stub does it: again until the result is another than CONTINUE."""
        for _ in range(100000):
            err, results = self.invoke_once(address, operation, *words)
            if err != Err.CONTINUE:
                return err, results
        raise AssertionError("an operation that never ends")

    def dump(self) -> list[Row]:
        words = self.ask(Ask.DUMP)
        rows = []
        for slot, meta, base, size, extra in zip(*[iter(words)] * 5, strict=True):
            fields = (meta & 255, meta >> 8 & 255, meta >> 16 & 255, meta >> 32 & 0xFFFF, meta >> 48)
            rows.append(Row(slot, *fields, base, size, extra))
        return rows

    def events(self) -> list[tuple[int, int]]:
        words = self.ask(Ask.EVENTS)
        return list(zip(words[::2], words[1::2], strict=True))

    def finish_endings(self) -> None:
        while self.ask(Ask.END_STEP)[0] == Err.CONTINUE:
            pass

    def stop(self) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait(timeout=10)


@cache
def the_host() -> Host:
    """The one host program of this test run."""
    return Host(build_host())


def stand_ins() -> str:
    """C for what the contract names and kernel/cap's own files do not hold: decoded by the table, then nothing."""
    lines = ["#include <abi/kernel.h>"]
    for op in CONTRACT.operations.values():
        if op.c_name not in OWN:
            lines.append(f"err_t inv_{op.c_name}(struct invocation *inv) {{ (void)inv; return ERR_OK; }}")
    lines += [f"void sys_{call.name}(void) {{ }}" for call in CONTRACT.syscalls.values()]
    return "\n".join(lines) + "\n"


def build_host() -> Path:
    """Compile the host program, unless one of exactly these sources exists."""
    sources = [ROOT / "kernel/cap" / f"{name}.c" for name in KERNEL] + [HERE / f"{name}.c" for name in PARTS]
    headers = [path for folder in ("cap", "core", "x86_64") for path in (ROOT / "kernel" / folder).glob("*.h")]
    headers += [*HERE.glob("cap_host*.h"), *(ROOT / "kernel/abi").glob("*.toml"), Path(__file__)]
    headers += (ROOT / "tools/skerry/abi").rglob("*.j2")
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sorted([*sources, *headers])))
    folder = ROOT / "build" / "host" / f"cap-{digest.hexdigest()[:16]}"
    program = folder / "cap_host"
    if not program.exists():
        generate(CONTRACT, folder)
        made = folder / f"cap_host-{os.getpid()}"
        (folder / "stand_ins.c").write_text(stand_ins())
        _compile([*sources, folder / "abi_tables.c", folder / "stand_ins.c"], folder / "include", made)
        made.replace(program)
    return program


def _compile(sources: Sequence[Path], generated: Path, out: Path) -> None:
    """With the first compiler that works: those of the computer know the address sanitizer, the wheel's does not."""
    tail = [*FLAGS, f"-I{ROOT / 'kernel'}", f"-I{generated}", f"-I{HERE}", "-o", str(out), *map(str, sources)]
    own = [[path, *SANITIZE] for name in ("gcc", "clang") if (path := shutil.which(name)) is not None]
    errors = []
    for compiler in [*own, [sys.executable, "-m", "ziglang", "cc", *SANITIZE_LESS]]:
        result = subprocess.run([*compiler, *tail], capture_output=True, text=True, check=False)
        if result.returncode == 0:
            return
        errors.append(result.stderr)
    raise AssertionError("no compiler takes the host program:\n" + "\n".join(errors))
