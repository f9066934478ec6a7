"""`invoke symbolize`: the panics in logs, with functions, files and lines.

The images are looked for by the build id that each record carries, in every manifest of the checkout (or in the one
that is given), so an old log is read with the right symbols or with none.
"""

import json
from collections.abc import Iterator
from pathlib import Path

from skerry.console.panic import Panic, find_panics
from skerry.errors import UserError
from skerry.symbols.image import Image
from skerry.symbols.panic_text import panic_lines
from skerry.workspace import Workspace


def symbolize(log: str, manifest: str, workspace: Workspace) -> int:
    """Print every panic."""
    path = Path(log) if Path(log).exists() else workspace.root / log
    if not path.exists():
        raise UserError(f"no log {log!r}", "give a core's log or a run's folder, such as build/run/last")
    files = sorted(path.glob("core-*.log")) if path.is_dir() else [path]
    panics = [panic for file in files for panic in find_panics(file.read_text(errors="replace"))]
    known = dict(_images(manifest, workspace))
    for panic in panics:
        print("\n".join(panic_lines(panic, _image(panic, known))))
    if not panics:
        print(f"{path}: no panic")
    return 0


def _images(manifest: str, workspace: Workspace) -> Iterator[tuple[str, Path]]:
    """Build ids and the ELFs that have them."""
    manifests = [Path(manifest)] if manifest else sorted(workspace.build.glob("*/manifest-*.json"))
    for file in manifests:
        try:
            rows = json.loads(file.read_text())["files"]
        except (OSError, ValueError, KeyError):
            raise UserError(f"{file} is no manifest of a build", "give a build/MACHINE/manifest-N.json") from None
        for row in rows:
            if row["core"] is not None:
                yield row["build_id"], workspace.root / row["elf"]


def _image(panic: Panic, known: dict[str, Path]) -> Image | None:
    path = known.get(panic.build)
    return Image(path) if path is not None and path.is_file() else None
