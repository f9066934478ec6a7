"""The files that the checks look at: what git knows or would add, never what was built."""

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from skerry.errors import UserError
from skerry.workspace import Workspace


@dataclass(frozen=True)
class Files:
    """Paths relative to the checkout's root."""

    workspace: Workspace
    paths: tuple[Path, ...]

    def like(self, *suffixes: str, under: str = "") -> Iterator[Path]:
        """Those with one of the suffixes, below a folder."""
        folder = Path(under)
        return (p for p in self.paths if p.suffix in suffixes and (not under or p.is_relative_to(folder)))

    def text(self, path: Path) -> str:
        return (self.workspace.root / path).read_text()


def find_files(workspace: Workspace) -> Files:
    """Ask git."""
    argv = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        done = subprocess.run(argv, cwd=workspace.root, capture_output=True, text=True, timeout=60, check=True)
    except (OSError, subprocess.SubprocessError):
        raise UserError(
            "git does not say which files are the project's", "run this in a clone, with git on PATH"
        ) from None
    paths = (Path(name) for name in sorted(done.stdout.split("\0")) if name)
    return Files(workspace, tuple(path for path in paths if (workspace.root / path).is_file()))


def without_comments(source: str) -> str:
    """C with comments and strings blanked out, every line where it was."""
    out, i = [], 0
    while i < len(source):
        end = _end_of_blank(source, i)
        if end == i:
            out.append(source[i])
            i += 1
        else:
            out.append("".join(c if c == "\n" else " " for c in source[i:end]))
            i = end
    return "".join(out)


def _end_of_blank(source: str, at: int) -> int:
    """Where the comment or literal that begins here ends; `at` itself when none begins."""
    pair = source[at : at + 2]
    if pair == "/*":
        end = source.find("*/", at + 2)
        return len(source) if end < 0 else end + 2
    if pair == "//":
        end = source.find("\n", at)
        return len(source) if end < 0 else end
    if source[at] in "\"'":
        i = at + 1
        while i < len(source) and source[i] not in (source[at], "\n"):
            i += 2 if source[i] == "\\" else 1
        return min(i + 1, len(source))
    return at
