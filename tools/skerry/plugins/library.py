"""A plugin's sources to a shared library, by the project's own compiler."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from skerry.workspace import Workspace

HERE = Path(__file__).resolve().parent


def library(name: str, sources: Sequence[Path], workspace: Workspace) -> Path | None:
    """The library, compiled if anything in this folder is newer; None where it cannot be compiled."""
    path = workspace.build / "plugins" / f"{name}.so"
    newest = max(file.stat().st_mtime for file in [*HERE.glob("*.h"), *sources])
    if not path.exists() or path.stat().st_mtime < newest:
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_suffix(f".{id(path)}.new")
        argv = [sys.executable, "-m", "ziglang", "cc", "-O2", "-shared", "-fPIC", "-o", str(new), *map(str, sources)]
        if subprocess.run(argv, capture_output=True, check=False).returncode != 0:
            return None
        new.replace(path)
    return path
