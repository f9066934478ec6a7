"""Sizes: what has grown past these limits mixes things that belong apart. And a README in each folder of code."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from skerry.check.files import Files, without_comments

PYTHON_FILE, PYTHON_FUNCTION = 300, 40
C_FILE, C_FUNCTION = 400, 60
README_ROOTS = ("kernel", "userland", "tools", "qemu", "tests")
# A definition as clang-format leaves it: a name with arguments at the line's start, and an opening brace at its end.
C_DEFINITION = re.compile(r"^[A-Za-z_\[][^;={}]*?\b(\w+)\([^;{}]*\)\s*\{$", re.MULTILINE)


def check(files: Files, fix: bool) -> list[str]:
    """Files and functions past the limits."""
    problems = []
    for path in files.like(".py"):
        problems += [f"{path}:{text}" for text in _python(files.text(path))]
    for path in files.like(".c", ".h", ".S"):
        problems += [f"{path}:{text}" for text in _c(files.text(path))]
    return problems


def _python(source: str) -> Iterator[str]:
    if (lines := source.count("\n")) > PYTHON_FILE:
        yield f"1: {lines} lines, more than {PYTHON_FILE}"
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > PYTHON_FUNCTION:
                yield f"{node.lineno}: {node.name} has {length} lines, more than {PYTHON_FUNCTION}"


def _c(source: str) -> Iterator[str]:
    if (lines := source.count("\n")) > C_FILE:
        yield f"1: {lines} lines, more than {C_FILE}"
    code = without_comments(source)
    for match in C_DEFINITION.finditer(code):
        end = code.find("\n}", match.end())
        length = code.count("\n", match.start(), end) + 2
        if end >= 0 and length > C_FUNCTION:
            first = code.count("\n", 0, match.start()) + 1
            yield f"{first}: {match[1]} has {length} lines, more than {C_FUNCTION}"


def readmes(files: Files, fix: bool) -> list[str]:
    """Folders with two or more source files of their own and no README.md."""
    folders: dict[Path, int] = {}
    for path in files.like(".c", ".S", ".py", ".h"):
        if path.parts[0] in README_ROOTS and not path.is_relative_to("tests/golden"):
            folders[path.parent] = folders.get(path.parent, 0) + 1
    known = frozenset(files.paths)
    return [f"{folder}: no README.md" for folder, count in sorted(folders.items())
            if count > 1 and folder / "README.md" not in known]  # fmt: skip
