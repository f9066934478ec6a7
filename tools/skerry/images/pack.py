"""Packing: strip what was checked, write the archive with the guest's manifest, and the host's manifest."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from skerry.images.archive import Entry, pack
from skerry.images.elf import read_image
from skerry.images.manifest import FileRow, file_row, guest_manifest, host_manifest, run_id
from skerry.images.specs import PackSpec
from skerry.images.strip import strip

PLAIN: Mapping[str, Any] = {"build_id": "", "sizes": {}}  # what is known of a file that is no image


def pack_archive(spec: PackSpec) -> None:
    """Write both outputs of the step."""
    entries, rows = _files(spec)
    loader = Path(spec.loader)
    build_id = run_id(spec, rows, hashlib.sha256(loader.read_bytes()).hexdigest())
    manifest = Entry("manifest", guest_manifest(build_id, spec.contract, rows).encode())
    archive = pack([manifest, *entries])
    Path(spec.archive).write_bytes(archive)
    Path(spec.manifest).write_text(host_manifest(spec, build_id, rows, archive, loader))


def _files(spec: PackSpec) -> tuple[list[Entry], list[FileRow]]:
    """The archive's files after the manifest: core images, then programs, then data."""
    checked = json.loads(Path(spec.cores_checked).read_text()) | json.loads(Path(spec.programs_checked).read_text())
    entries: list[Entry] = []
    rows: list[FileRow] = []
    for image in spec.images:
        entries.append(Entry(image.path, strip(read_image(Path(image.elf)), spec.page_size)))
        rows.append(file_row(entries[-1], image.elf, checked[image.elf], image.core, image.class_name))
    for program in spec.programs:
        entries.append(Entry(program.path, strip(read_image(Path(program.elf)), spec.page_size)))
        rows.append(file_row(entries[-1], program.elf, checked[program.elf]))
    for file in spec.files:
        entries.append(Entry(file.path, Path(file.source).read_bytes()))
        rows.append(file_row(entries[-1], file.source, PLAIN))
    return entries, rows
