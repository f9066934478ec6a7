"""What the checking and packing steps are told: JSON files that configuring writes and these steps read."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class CoreImage:
    """One CPU-driver image: its path in the archive, the full ELF, and the core that boots it; None: a spare one."""

    path: str
    elf: str
    core: int | None
    class_name: str


@dataclass(frozen=True)
class Program:
    """One program for user space."""

    path: str
    elf: str


@dataclass(frozen=True)
class DataFile:
    """A file that travels as it is."""

    path: str
    source: str


@dataclass(frozen=True)
class CoresSpec:
    """What CPU-driver images and the loader are held to; a `text_max` of 0 sets no budget."""

    output: str
    window: int
    image_max: int
    text_max: int
    page_size: int
    loader: str
    loader_low: int
    loader_high: int
    images: tuple[CoreImage, ...]


@dataclass(frozen=True)
class ProgramsSpec:
    """What programs are held to."""

    output: str
    low: int
    high: int
    page_size: int
    programs: tuple[Program, ...]


@dataclass(frozen=True)
class PackSpec:
    """What goes into an archive, and what the manifests say of it."""

    archive: str
    manifest: str
    machine: str
    profile: str
    toolchain: str
    toolchain_version: str
    contract: str
    page_size: int
    loader: str
    cores_checked: str
    programs_checked: str
    images: tuple[CoreImage, ...]
    programs: tuple[Program, ...]
    files: tuple[DataFile, ...] = ()


def to_json(spec: CoresSpec | ProgramsSpec | PackSpec) -> str:
    return json.dumps(asdict(spec), indent=1) + "\n"


def read_cores_spec(path: Path) -> CoresSpec:
    return CoresSpec(**_rows(path))


def read_programs_spec(path: Path) -> ProgramsSpec:
    return ProgramsSpec(**_rows(path))


def read_pack_spec(path: Path) -> PackSpec:
    return PackSpec(**_rows(path))


def _rows(path: Path) -> dict[str, Any]:
    table: dict[str, Any] = json.loads(path.read_text())
    for key, row_type in (("images", CoreImage), ("programs", Program), ("files", DataFile)):
        if key in table:
            table[key] = tuple(row_type(**row) for row in table[key])
    return table
