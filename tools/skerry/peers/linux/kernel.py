"""Debian's cloud kernel, fetched by apt and unpacked below build/; nothing is installed."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from skerry.errors import UserError
from skerry.workspace import Workspace

PACKAGE = "linux-image-cloud-amd64"  # depends on the newest one of this Debian
UPDATE = "sudo apt-get update"


def kernel(workspace: Workspace) -> Path:
    """The kernel image: the newest that is there, else fetched."""
    folder = workspace.build / "peers" / "linux"
    found = _images(folder)
    if not found:
        _fetch(folder)
        found = _images(folder)
    if not found:
        raise UserError(f"{PACKAGE} has no kernel image that we can find", f"look into {folder}")
    return found[-1]


def _images(folder: Path) -> list[Path]:
    return sorted(folder.glob("unpacked/boot/vmlinuz-*"))


def _fetch(folder: Path) -> None:
    for tool in ("apt-get", "apt-cache", "dpkg-deb"):
        if shutil.which(tool) is None:
            raise UserError(f"{tool} is missing: the Linux peer is Debian's kernel package", "leave --peer linux away")
    folder.mkdir(parents=True, exist_ok=True)
    name = _real_package()
    _apt(["apt-get", "download", name], folder)
    (package,) = folder.glob(f"{name}_*.deb")
    _apt(["dpkg-deb", "-x", str(package), "new"], folder)
    package.unlink()
    (folder / "new").rename(folder / "unpacked")


def _real_package() -> str:
    """Package lists that are missing are fetched first, where we may."""
    for updated in (False, True):
        text = subprocess.run(["apt-cache", "depends", PACKAGE], capture_output=True, text=True, check=False).stdout
        match = re.search(r"Depends: (linux-image-\S+)", text)
        if match is not None:
            return match[1]
        if not updated and os.geteuid() == 0:
            _apt(["apt-get", "update"], Path("/"))
    raise UserError(f"apt does not know {PACKAGE}", f"{UPDATE}, then again; or leave --peer linux away")


def _apt(argv: list[str], folder: Path) -> None:
    done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, timeout=600, check=False)
    if done.returncode != 0:
        raise UserError(f"{' '.join(argv)} failed: {(done.stderr.splitlines() or ['no reason given'])[-1]}", UPDATE)
