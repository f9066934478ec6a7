"""The folder of a run, build/run/<run>/, and the link `last` to the newest."""

import os
import shutil
import time
from pathlib import Path

KEPT = 200  # older ones go, a hundred-boot campaign and its predecessor stay


def new_folder(runs: Path) -> Path:
    """A fresh folder, also when several runs start at once."""
    runs.mkdir(parents=True, exist_ok=True)
    stamp = time.strftime("%Y%m%d-%H%M%S")
    for number in range(10_000):
        folder = runs / (f"{stamp}-{number}" if number else stamp)
        try:
            folder.mkdir()
        except FileExistsError:
            continue
        _link_last(runs, folder)
        _prune(runs)
        return folder
    raise RuntimeError(f"{runs}: ten thousand runs in one second")


def _link_last(runs: Path, folder: Path) -> None:
    link = runs / f".last-{os.getpid()}"
    link.unlink(missing_ok=True)
    link.symlink_to(folder.name)
    link.replace(runs / "last")


def _prune(runs: Path) -> None:
    folders = sorted(path for path in runs.iterdir() if path.is_dir() and not path.is_symlink())
    for folder in folders[:-KEPT]:
        shutil.rmtree(folder, ignore_errors=True)
