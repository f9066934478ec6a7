"""The host program of boot_host.c: compiled once for its sources, started once a test run, asked over pipes."""

import hashlib
import os
import shutil
import struct
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from skerry.abi import generate, load

ROOT = Path(__file__).resolve().parents[2]
SHARED = ("archive.c", "crc32.c", "elf.c", "layout.c", "memmap.c", "park.c", "park.S")
FLAGS = ("-std=gnu2x", "-O1", "-g", "-Wall", "-Wextra", "-Werror", "-fno-omit-frame-pointer")
SANITIZE = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all")
# Without the sanitizers' run-time library; boot_host.c's guard pages still find reads outside the input.
SANITIZE_LESS = ("-fsanitize=undefined", "-fno-sanitize-recover=all")

CONTRACT = load(ROOT / "kernel" / "abi")
Err = CONTRACT.enum("err")
OP_CRC32, OP_ARCHIVE, OP_FIND, OP_ELF, OP_LAYOUT, OP_MEMMAP, OP_PARK = range(7)


class Host:
    """A running host program. It ends with the test run, or when the code under test does something forbidden."""

    def __init__(self, program: Path) -> None:
        self._program = program
        self._process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        # The unreadable page behind the input is found by the hardware; a sanitizer's report says where.
        # Without address randomisation: gcc 12's sanitizers cannot place their memory in every layout.
        argv = ["setarch", "-R", str(self._program)]
        return subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, operation: int, *blobs: bytes) -> "Answer":
        request = struct.pack("<II", operation, len(blobs))
        request += b"".join(struct.pack("<I", len(blob)) + blob for blob in blobs)
        to_host, from_host = self._process.stdin, self._process.stdout
        assert to_host is not None and from_host is not None
        to_host.write(request)
        to_host.flush()
        head = from_host.read(4)
        if len(head) < 4:
            status = self._process.wait()
            self._process = self._start()  # so that Hypothesis can look for a smaller example
            raise AssertionError(f"the host program died with status {status} (its report is on standard error)")
        return Answer(from_host.read(struct.unpack("<I", head)[0]))

    def stop(self) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait(timeout=10)


class Answer:
    """What came back, taken off the front bit by bit."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def word(self) -> int:
        return int(struct.unpack("<Q", self.take(8))[0])

    def words(self, count: int) -> list[int]:
        return [self.word() for _ in range(count)]

    def text(self) -> str:
        return self.take(self.word()).decode("latin-1")

    def take(self, size: int) -> bytes:
        assert len(self._data) >= size
        data, self._data = self._data[:size], self._data[size:]
        return data

    @property
    def left(self) -> int:
        return len(self._data)


def build_host() -> Path:
    """Compile the host program, unless one of exactly these sources exists."""
    sources = [ROOT / "kernel/boot" / name for name in SHARED] + [ROOT / "tests/unit/boot_host.c"]
    headers = [*(ROOT / "kernel/boot").glob("*.h"), *(ROOT / "kernel/abi").glob("*.toml"), Path(__file__)]
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sorted([*sources, *headers])))
    folder = ROOT / "build" / "host" / f"boot-{digest.hexdigest()[:16]}"
    program = folder / "boot_host"
    if not program.exists():
        generate(CONTRACT, folder)
        made = folder / f"boot_host-{os.getpid()}"
        _compile(sources, folder / "include", made)
        made.replace(program)
        remove_older(folder)
    return program


def remove_older(folder: Path) -> None:
    """What was built from other sources: folders whose names differ only in the digest at the end."""
    stem, _, digest = folder.name.rpartition("-")
    for other in folder.parent.glob(f"{stem}-*"):
        if not other.name.startswith(f"{stem}-{digest}"):
            shutil.rmtree(other, ignore_errors=True)


def _compile(sources: Sequence[Path], generated: Path, out: Path) -> None:
    """With the first compiler that works: those of the computer know the address sanitizer, the wheel's does not."""
    tail = [*FLAGS, f"-I{ROOT / 'kernel'}", f"-I{generated}", "-o", str(out), *map(str, sources)]
    own = [[path, *SANITIZE] for name in ("gcc", "clang") if (path := shutil.which(name)) is not None]
    errors = []
    for compiler in [*own, [sys.executable, "-m", "ziglang", "cc", *SANITIZE_LESS]]:
        result = subprocess.run([*compiler, *tail], capture_output=True, text=True, check=False)
        if result.returncode == 0:
            return
        errors.append(result.stderr)
    raise AssertionError("no compiler takes the host program:\n" + "\n".join(errors))
