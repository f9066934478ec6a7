"""Compile what a contract generates, with either compiler, as strictly as the kernel is compiled."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ZIG = next(Path(folder) / "ziglang" for folder in sys.path if (Path(folder) / "ziglang" / "zig").exists())
STRICT = ("-std=gnu2x", "-Wall", "-Wextra", "-Werror", "-Wshadow", "-Wmissing-prototypes", "-ffreestanding", "-fPIC")
COMPILERS = {
    "gcc": ("gcc",),
    "clang": (
        *(str(ZIG / "zig"), "clang", "--target=x86_64-unknown-none-elf"),
        *("-nostdinc", "-isystem", str(ZIG / "lib" / "include")),
    ),
}
BUILDS = [(compiler, level) for compiler in COMPILERS for level in ("-O0", "-O2")]


@dataclass(frozen=True)
class Bench:
    """A folder of generated files, with a compiler and an optimisation level."""

    folder: Path
    compiler: str = "gcc"
    level: str = "-O0"

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.write_text(text)
        return path

    def compile(self, source: Path, *flags: str) -> Path:
        target = source.with_suffix(".o")
        include = f"-I{self.folder / 'include'}"
        run([*COMPILERS[self.compiler], *STRICT, self.level, include, *flags, "-c", str(source), "-o", str(target)])
        return target

    def program(self, *objects: Path) -> Path:
        target = self.folder / "program"
        run(["gcc", "-o", str(target), *map(str, objects)])
        return target

    def library(self, *objects: Path) -> Path:
        """A shared library with no undefined symbol left."""
        target = self.folder / "library.so"
        run(["gcc", "-shared", "-Wl,-z,defs", "-o", str(target), *map(str, objects)])
        return target


class ToolError(AssertionError):
    """A compiler or linker refused; its own words."""


def run(argv: list[str]) -> str:
    done = subprocess.run(argv, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode != 0:
        raise ToolError(f"{' '.join(argv)}\n{done.stdout}{done.stderr}")
    return done.stdout
