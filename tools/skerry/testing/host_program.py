"""C of the guest as a program of the host, under the sanitizers: compiled once for its sources, asked over pipes."""

import hashlib
import os
import shutil
import struct
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from skerry.abi import generate, load

# gcc 12 does not know all standard attributes.
FLAGS = (
    *("-std=gnu2x", "-O1", "-g", "-Wall", "-Wextra", "-Werror", "-Wno-attributes", "-Wno-unknown-attributes"),
    *("-fno-omit-frame-pointer", "-fno-strict-aliasing"),
)
# The computer's own compilers know the address sanitizer, the wheel's does not.
SANITIZE = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all")
SANITIZE_LESS = ("-fsanitize=undefined", "-fno-sanitize-recover=all")


class HostDied(AssertionError):
    """The code under test broke an assertion, an invariant or a sanitizer's rule."""


@dataclass(frozen=True)
class Recipe:
    """What a program is made of. The first include folder may hold stand-ins for headers in a later one."""

    root: Path  # of the checkout
    name: str
    sources: tuple[Path, ...]
    include: tuple[Path, ...]
    included: tuple[Path, ...] = ()  # C files that others include
    flags: tuple[str, ...] = ()
    sanitized: bool = True  # False: for speed, where the same sources are tried under the sanitizers, too

    def digest(self) -> str:
        """Of everything that could change the program."""
        headers = {path for folder in self.include for path in folder.rglob("*.h")}
        contract = (self.root / "kernel/abi").glob("*.toml")
        templates = (self.root / "tools/skerry/abi").rglob("*.j2")
        inputs = sorted({*self.sources, *self.included, *headers, *contract, *templates, Path(__file__)})
        digest = hashlib.sha256(b"".join(path.read_bytes() for path in inputs))
        digest.update(repr((self.flags, self.sanitized)).encode())
        return digest.hexdigest()[:16]


def build(recipe: Recipe) -> Path:
    """Compile the program, unless one of exactly these sources exists."""
    folder = recipe.root / "build" / "host" / f"{recipe.name}-{recipe.digest()}"
    program = folder / recipe.name
    if not program.exists():
        generate(load(recipe.root / "kernel/abi"), folder)
        made = folder / f"{recipe.name}-{os.getpid()}"
        _compile(recipe, folder / "include", made)
        made.replace(program)
    return program


def _compile(recipe: Recipe, contract: Path, out: Path) -> None:
    include = [f"-I{folder}" for folder in (*recipe.include, contract)]
    speed = () if recipe.sanitized else ("-O2",)
    tail = [*FLAGS, *speed, *recipe.flags, *include, "-o", str(out), *map(str, recipe.sources)]
    full, less = (SANITIZE, SANITIZE_LESS) if recipe.sanitized else ((), ())
    own = [[path, *full] for name in ("gcc", "clang") if (path := shutil.which(name)) is not None]
    errors = []
    for compiler in [*own, [sys.executable, "-m", "ziglang", "cc", *less]]:
        result = subprocess.run([*compiler, *tail], capture_output=True, text=True, check=False)
        if result.returncode == 0:
            return
        errors.append(result.stderr)
    raise AssertionError("no compiler takes the host program:\n" + "\n".join(errors))


class HostProgram:
    """A running program that answers words with words, a count before each. It is started again when it dies, so that
    Hypothesis can look for a smaller example."""

    def __init__(self, program: Path) -> None:
        self._program = program
        self._process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        # Without address randomisation: gcc 12's sanitizers cannot place their memory in every layout.
        argv = ["setarch", "-R", str(self._program)]
        return subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, *words: int) -> list[int]:
        """One request and its answer."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None and stdout is not None
        stdin.write(struct.pack(f"<{1 + len(words)}Q", len(words), *(word & (1 << 64) - 1 for word in words)))
        stdin.flush()
        head = stdout.read(8)
        if len(head) < 8:
            status = self._process.wait()
            self._process = self._start()
            raise HostDied(f"the host program died with status {status} (its report is on standard error)")
        count = struct.unpack("<Q", head)[0]
        return list(struct.unpack(f"<{count}Q", stdout.read(8 * count)))

    def stop(self) -> None:
        """End it."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait(timeout=10)
