"""The C library: which of picolibc's files are compiled, and how.

Its sources come in a wheel, as the compiler does; userland/libc says which of them are taken (picolibc.toml), how they
are configured (include/picolibc.h) and what they stand on here. They are compiled alike for every profile: their
assertions and overflows are not this project's to find.
"""

import importlib.util
import tomllib
from dataclasses import dataclass
from pathlib import Path

from skerry.errors import UserError
from skerry.workspace import Workspace

WHEEL = "pythondata_software_picolibc"
LIST = "libc/picolibc.toml"
CONFIGURATION = "userland/libc/include"
SEARCHED = ("libc/tinystdio", "libc/include")  # by programs and by itself
SEARCHED_BY_ITSELF = ("libc/stdlib", "libc/locale", "libc/time", "libc/string", "libc/ctype", "libm/common")

WRAPPED = ("vfprintf", "fputs", "puts", "fwrite")  # by userland/libc/whole.c


@dataclass(frozen=True)
class Picolibc:
    """The wheel's sources, as paths relative to the root."""

    folder: str
    files: tuple[str, ...]

    @property
    def includes(self) -> tuple[str, ...]:
        """For programs: its headers come before the compiler's."""
        return (f"-I{CONFIGURATION}", *(f"-isystem{self.folder}/{name}" for name in SEARCHED))

    @property
    def flags(self) -> tuple[str, ...]:
        """For its own files: it is somebody else's code, whose warnings tell nobody here anything."""
        own = (f"-I{self.folder}/{name}" for name in SEARCHED_BY_ITSELF)
        defines = ("-D_LIBC", "-D_COMPILING_NEWLIB", "-D_GNU_SOURCE", "-include", f"{CONFIGURATION}/picolibc.h")
        return ("-std=gnu17", "-g", "-O2", "-w", "-ffreestanding", "-fno-builtin", *defines, *self.includes, *own)

    @property
    def link_options(self) -> tuple[str, ...]:
        return tuple(f"--wrap={name}" for name in WRAPPED)

    @property
    def name_map(self) -> tuple[str, ...]:
        """Keeps the wheel's folder out of debug information."""
        return (f"-ffile-prefix-map={self.folder}=picolibc",)

    def tail(self, source: str) -> str:
        """A file's place in the wheel."""
        return source.removeprefix(f"{self.folder}/")


def picolibc(workspace: Workspace) -> Picolibc:
    """The files that the list names; one that is missing is named."""
    spec = importlib.util.find_spec(WHEEL)
    if spec is None or spec.origin is None:
        raise UserError("picolibc's wheel is not installed", "run tools/bootstrap")
    folder = Path(spec.origin).parent / "data/newlib"
    path = workspace.userland / LIST
    listed = tomllib.loads(path.read_text())
    files = [_file(folder / name, stem, path) for name, stems in listed.items() for stem in stems.split()]
    return Picolibc(workspace.relative(folder), tuple(workspace.relative(file) for file in files))


def _file(folder: Path, stem: str, path: Path) -> Path:
    file = folder / (stem if "." in stem else f"{stem}.c")
    if not file.is_file():
        raise UserError(
            f"{path}: picolibc has no {folder.name}/{file.name}", "take the version that pyproject.toml pins"
        )
    return file
