"""The CPU driver stays small enough to be read in an afternoon: lines of code, without comments and empty ones.

Its text's size is a matter of the image checks.
"""

from pathlib import Path

from skerry.check.files import Files, without_comments
from skerry.sources import KERNEL_FOLDERS

C_LINES, ASSEMBLY_LINES = 6000, 500
FOLDERS = tuple(Path("kernel", folder) for folder in KERNEL_FOLDERS)


def check(files: Files, fix: bool) -> list[str]:
    """What is over its budget."""
    counts = {"C": (_lines(files, ".c", ".h"), C_LINES), "assembly": (_lines(files, ".S"), ASSEMBLY_LINES)}
    return [
        f"kernel: the CPU driver has {lines} lines of {language}, more than {most}"
        for language, (lines, most) in counts.items()
        if lines > most
    ]


def _lines(files: Files, *suffixes: str) -> int:
    texts = [files.text(path) for path in files.like(*suffixes) if path.parent in FOLDERS]
    return sum(bool(line.strip()) for text in texts for line in without_comments(text).splitlines())
