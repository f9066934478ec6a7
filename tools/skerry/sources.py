"""What is compiled into what: found by looking at the folders, so that there is no list to edit.

A domain is a folder with C or assembly in it: each folder of userland/ that is not shared code, each folder of
userland/drivers/ and userland/programs/, and each single file in userland/programs/. Those of userland/cprograms are
found likewise and have the C library. What lies in userland/etc travels in the archive as it is, and so do the rules of
userland/skb.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from skerry.errors import UserError
from skerry.workspace import Workspace

SUFFIXES = (".c", ".S")
KERNEL_FOLDERS = ("core", "x86_64", "cap", "ipc")
SHARED_FOLDERS = ("lib", "libc", "if", "drivers", "programs", "cprograms", "etc")
# What loader and monitor share: the archive, ELF files, and how a core is laid out and entered.
BOOT_SHARED = ("archive", "crc32", "elf", "layout", "park", "trampoline")


@dataclass(frozen=True)
class Domain:
    """A program: its name in the archive is bin/NAME."""

    name: str
    sources: tuple[str, ...]
    c_library: bool = False


@dataclass(frozen=True)
class Sources:
    """All that is compiled, as paths relative to the root, sorted."""

    cpu: tuple[str, ...]
    loader: tuple[str, ...]
    library: tuple[str, ...]  # libskerry
    domains: tuple[Domain, ...]
    small: tuple[str, ...] = ()  # what domains without the C library have in its place
    c_library: tuple[str, ...] = ()  # its own sources are picolibc.py's affair
    data: tuple[str, ...] = ()


def find_sources(workspace: Workspace) -> Sources:
    """Look at the checkout."""
    boot = _files(workspace, workspace.kernel / "boot")
    shared = tuple(path for path in boot if Path(path).name.split(".")[0].startswith(BOOT_SHARED))
    library = workspace.userland / "lib"
    small = _files(workspace, library / "small")
    domains = [_with_boot(domain, shared) for domain in _domains(workspace)]
    return Sources(
        cpu=tuple(path for name in KERNEL_FOLDERS for path in _files(workspace, workspace.kernel / name)),
        loader=boot,
        library=_without(_files(workspace, library), small) + _files(workspace, workspace.userland / "if"),
        small=small,
        c_library=_files(workspace, workspace.userland / "libc"),
        domains=tuple(_unique(domains)),
        data=_data(workspace),
    )


def _data(workspace: Workspace) -> tuple[str, ...]:
    """Files of userland/etc and the knowledge base's rules, which travel in the archive as they are."""
    folders = (workspace.userland / "etc", workspace.userland / "skb/rules")
    files = [file for folder in folders if folder.is_dir() for file in sorted(folder.iterdir())]
    return tuple(workspace.relative(file) for file in files if file.is_file() and file.suffix != ".md")


def _domains(workspace: Workspace) -> Iterator[Domain]:
    userland = workspace.userland
    folders = [p for p in _folders(userland) if p.name not in SHARED_FOLDERS]
    folders += _folders(userland / "drivers") + _folders(userland / "programs")
    yield from _programs(workspace, folders, (userland / "programs").glob("*.c"))
    c_programs = userland / "cprograms"
    yield from _programs(workspace, _folders(c_programs), c_programs.glob("*.c"), c_library=True)


def _programs(
    workspace: Workspace, folders: list[Path], files: Iterable[Path], c_library: bool = False
) -> Iterator[Domain]:
    for folder in folders:
        sources = _files(workspace, folder)
        if sources:
            yield Domain(folder.name, sources, c_library)
    for file in sorted(files):
        yield Domain(file.stem, (workspace.relative(file),), c_library)


def _with_boot(domain: Domain, shared: tuple[str, ...]) -> Domain:
    """The monitor starts cores, so it contains the loader's shared part."""
    return Domain(domain.name, domain.sources + shared) if domain.name == "monitor" else domain


def _without(files: tuple[str, ...], others: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(file for file in files if file not in others)


def _unique(domains: list[Domain]) -> list[Domain]:
    seen: dict[str, Domain] = {}
    for domain in domains:
        if domain.name in seen:
            both = f"{seen[domain.name].sources[0]} and {domain.sources[0]}"
            raise UserError(f"two programs are called {domain.name!r}: {both}", "rename one of them")
        seen[domain.name] = domain
    return sorted(domains, key=lambda domain: domain.name)


def _folders(folder: Path) -> list[Path]:
    return sorted(p for p in folder.iterdir() if p.is_dir()) if folder.is_dir() else []


def _files(workspace: Workspace, folder: Path) -> tuple[str, ...]:
    found = (p for p in folder.rglob("*") if p.suffix in SUFFIXES) if folder.is_dir() else ()
    return tuple(sorted(workspace.relative(p) for p in found))
