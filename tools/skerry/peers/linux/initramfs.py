"""The guest's program and the archive that holds it."""

import shutil
import subprocess
from pathlib import Path

from skerry.errors import UserError
from skerry.images.archive import Entry, pack
from skerry.workspace import Workspace

GUEST = Path(__file__).resolve().parent / "guest"
FOLDER, CHARACTER_DEVICE, PROGRAM = 0o40755, 0o20600, 0o100755
CONSOLE = (5, 1)


def initramfs(workspace: Workspace) -> Path:
    """The archive, made again when a source is newer."""
    archive = workspace.build / "peers" / "linux" / "initramfs.cpio"
    sources = sorted(GUEST.glob("*.[ch]"))
    if archive.exists() and archive.stat().st_mtime > max(path.stat().st_mtime for path in sources):
        return archive
    archive.parent.mkdir(parents=True, exist_ok=True)
    init = archive.with_name("init")
    _compile([path for path in sources if path.suffix == ".c"], init)
    entries = [Entry(name, b"", FOLDER) for name in ("dev", "proc", "sys")]
    entries.append(Entry("dev/console", b"", CHARACTER_DEVICE, CONSOLE))
    entries.append(Entry("init", init.read_bytes(), PROGRAM))
    archive.write_bytes(pack(entries))
    return archive


def _compile(sources: list[Path], program: Path) -> None:
    if shutil.which("gcc") is None:
        raise UserError(
            "gcc is missing: the Linux peer's program is compiled for Linux", "sudo apt-get install gcc libc6-dev"
        )
    argv = ["gcc", "-O2", "-Wall", "-Wextra", "-static", "-pthread", "-o", str(program), *map(str, sources)]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=300, check=False)
    if done.returncode != 0:
        raise UserError(f"the Linux peer's program does not compile: {done.stderr.splitlines()[0]}", " ".join(argv))
