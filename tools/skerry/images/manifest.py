"""The two manifests: the guest's, first file of the archive, and the host's, JSON beside it."""

import hashlib
import json
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from skerry.images.archive import Entry
from skerry.images.specs import PackSpec

GUEST_VERSION = 1


@dataclass(frozen=True)
class FileRow:
    """What both manifests say of a file in the archive."""

    path: str
    elf: str
    size: int
    sha256: str
    crc32: str
    build_id: str
    core: int | None
    class_name: str | None
    sizes: Mapping[str, int]


def file_row(
    entry: Entry, elf: str, checked: Mapping[str, Any], core: int | None = None, class_name: str | None = None
) -> FileRow:
    """The row of an entry; `checked` is what the check found out about its ELF."""
    return FileRow(
        path=entry.path,
        elf=elf,
        size=len(entry.data),
        sha256=hashlib.sha256(entry.data).hexdigest(),
        crc32=f"{zlib.crc32(entry.data):08x}",
        build_id=checked["build_id"],
        core=core,
        class_name=class_name,
        sizes=checked["sizes"],
    )


def run_id(spec: PackSpec, rows: Iterable[FileRow], loader_sha256: str) -> str:
    """Names this build: a digest of all that boots, of the contract, and of how it was made."""
    digest = hashlib.sha256()
    about = (spec.machine, spec.profile, spec.toolchain, spec.toolchain_version, spec.contract, loader_sha256)
    digest.update(json.dumps(about).encode())
    for row in rows:
        digest.update(f"{row.path} {row.sha256}\n".encode())
    return digest.hexdigest()[:16]


def guest_manifest(build_id: str, contract: str, rows: Iterable[FileRow]) -> str:
    """The text that loader and monitors read."""
    lines = [f"skerry {GUEST_VERSION} {build_id} {contract}"]
    for row in rows:
        core = "-" if row.core is None else row.core
        lines.append(f"{row.path} {row.size} {row.crc32} {row.build_id or '-'} {core}")
    return "\n".join(lines) + "\n"


def host_manifest(spec: PackSpec, build_id: str, rows: Iterable[FileRow], archive: bytes, loader: Path) -> str:
    """The JSON that the toolkit reads; every path is relative to the checkout."""
    table = {
        "build_id": build_id,
        "contract": spec.contract,
        "machine": spec.machine,
        "cores": sum(image.core is not None for image in spec.images),
        "profile": spec.profile,
        "toolchain": {"name": spec.toolchain, "version": spec.toolchain_version},
        "archive": {"path": spec.archive, "size": len(archive), "sha256": hashlib.sha256(archive).hexdigest()},
        "loader": {"elf": spec.loader, "sha256": hashlib.sha256(loader.read_bytes()).hexdigest()},
        "files": [_host_row(row) for row in rows],
    }
    return json.dumps(table, indent=1) + "\n"


def _host_row(row: FileRow) -> dict[str, Any]:
    table = dict(vars(row))
    table["class"] = table.pop("class_name")
    return table
