"""A few C files of the guest as a program of the host, with the contract's generated files."""

import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from boot_host import CONTRACT, FLAGS, SANITIZE, SANITIZE_LESS
from skerry.abi import generate


@cache
def host_program(sources: tuple[Path, ...], includes: tuple[Path, ...], more: tuple[str, ...] = ()) -> Path:
    """Compiled by the first compiler that works; the contract's names are linked in."""
    folder = Path(mkdtemp(prefix="skerry-host-"))
    generate(CONTRACT, folder)
    out, files = folder / "host", (*sources, folder / "abi_names.c")
    tail = [*FLAGS, *more, *(f"-I{path}" for path in (folder / "include", *includes)), "-o", str(out), *map(str, files)]
    own = [[path, *SANITIZE] for name in ("gcc", "clang") if (path := shutil.which(name)) is not None]
    errors = []
    for compiler in [*own, [sys.executable, "-m", "ziglang", "cc", *SANITIZE_LESS]]:
        done = subprocess.run([*compiler, *tail], capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return out
        errors.append(done.stderr)
    raise AssertionError("\n".join(errors))


def run_host(program: Path, arguments: list[str], text: bytes) -> list[str]:
    """The lines that it prints; it must end well."""
    done = subprocess.run([str(program), *arguments], input=text, capture_output=True, timeout=20, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode(errors="replace").splitlines()
