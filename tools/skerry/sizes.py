"""The table at the end of a build: how large each class's image, each program and the archive are."""

from collections.abc import Mapping
from typing import Any

COLUMNS = ("text", "rodata", "data", "bss")


def size_table(manifest: Mapping[str, Any]) -> str:
    """One line a class and a program, from a host manifest."""
    rows: list[tuple[str, ...]] = [("", *COLUMNS, "file")]
    classes: dict[str, list[Mapping[str, Any]]] = {}
    for entry in manifest["files"]:
        if not entry["sizes"]:
            continue  # data
        name = f"class {entry['class']}" if entry["class"] else entry["path"]
        classes.setdefault(name, []).append(entry)
    for name, entries in classes.items():
        first = entries[0]
        label = f"{name} x {len(entries)}" if first["class"] else name
        sizes = first["sizes"]
        rows.append((label, *(f"{sizes[column]:,}" for column in COLUMNS), f"{first['size']:,}"))
    archive = manifest["archive"]
    width = max(len(row[0]) for row in rows)
    lines = [row[0].ljust(width) + "".join(cell.rjust(11) for cell in row[1:]) for row in rows]
    cores = manifest["cores"]
    lines.append(f"{archive['path']}: {archive['size']:,} bytes, {cores} cores, build {manifest['build_id']}")
    return "\n".join(lines)
