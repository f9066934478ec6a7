"""Checks that other people's tools make: each is run on our files and its complaints are handed on."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from skerry.check.files import Files
from skerry.errors import UserError


def _program(name: str) -> str:
    """A program of the virtual environment."""
    path = Path(sys.executable).parent / name
    if not path.is_file():
        raise UserError(f"{name} is not installed", "run tools/bootstrap")
    return str(path)


def _complaints(argv: Sequence[str], files: Files) -> list[str]:
    """What a program prints when its status says that something is wrong."""
    done = subprocess.run(argv, cwd=files.workspace.root, capture_output=True, text=True, timeout=600, check=False)
    if done.returncode == 0:
        return []
    lines = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    return lines or [f"{argv[0]} ended with status {done.returncode}"]


def _sources(files: Files) -> list[str]:
    return [str(path) for path in files.like(".c", ".h") if not path.is_relative_to("tests/golden")]


def c_format(files: Files, fix: bool) -> list[str]:
    """clang-format, by .clang-format; one line a file."""
    mode = ["-i"] if fix else ["--dry-run", "--Werror"]
    lines = _complaints([_program("clang-format"), *mode, *_sources(files)], files)
    spots = [line.split(": error:")[0] for line in lines if ": error:" in line]
    first = {spot.split(":")[0]: spot for spot in reversed(spots)}
    return [f"{':'.join(spot.split(':')[:2])}: not as clang-format has it" for spot in first.values()]


def python_format(files: Files, fix: bool) -> list[str]:
    """ruff format."""
    mode = [] if fix else ["--check"]
    lines = _complaints([_program("ruff"), "format", "--quiet", "--output-format", "concise", *mode, "."], files)
    return [line for line in lines if ".py" in line] or lines


def python_lint(files: Files, fix: bool) -> list[str]:
    """ruff's lint."""
    mode = ["--fix"] if fix else []
    return _complaints([_program("ruff"), "check", "--quiet", "--output-format", "concise", *mode, "."], files)


def types(files: Files, fix: bool) -> list[str]:
    """mypy, strict."""
    return _complaints([_program("mypy"), "--no-error-summary"], files)
