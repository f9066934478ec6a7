"""Loops that wait.

Without `pause` a waiting core keeps its turn for 100 ms under round robin and up to 2^31 instructions under
--icount, which looks like a hang. So a loop with an empty body, or one whose condition reads a device or memory that
others write, must pause, halt, yield or block.
"""

import re
from collections.abc import Iterator

from skerry.check.files import Files, without_comments

LOOP = re.compile(r"\b(while|for)\s*\(")
WATCHES = re.compile(r"__atomic_load|atomic_load|\bx86_in[bwl]?\s*\(|\bport_in|\bvolatile\b|READ_ONCE")
WAITS = re.compile(r"pause|hlt|halt|idle|yield|block|wait|sleep|sys_|poll|return\b")


def check(files: Files, fix: bool) -> list[str]:
    """Every loop in the guest's code that waits without letting others run."""
    return [
        f"{path}:{line}: this loop waits without a pause"
        for folder in ("kernel", "userland")
        for path in files.like(".c", ".h", under=folder)
        for line in impatient(files.text(path))
    ]


def impatient(source: str) -> Iterator[int]:
    """Lines on which such loops begin."""
    code = without_comments(source)
    for match in LOOP.finditer(code):
        close = _closing(code, match.end() - 1, "()")
        condition = code[match.end() : close]
        if (
            match[1] == "while"
            and code[: match.start()].rstrip().endswith("}")
            and code[close + 1 :].lstrip()[:1] == ";"
        ):
            continue  # do { } while (...): its body was judged where it begins, or does something
        body = _body(code, close + 1)
        empty = not body.strip(" \t\n{};") and (match[1] == "while" or not condition.strip("; "))
        if (empty or WATCHES.search(condition)) and not WAITS.search(condition + body):
            yield code.count("\n", 0, match.start()) + 1


def _closing(code: str, at: int, pair: str) -> int:
    """Where the bracket that opens at `at` closes."""
    depth = 0
    for i in range(at, len(code)):
        depth += (code[i] == pair[0]) - (code[i] == pair[1])
        if depth == 0:
            return i
    return len(code)


def _body(code: str, at: int) -> str:
    """The statement that follows."""
    while at < len(code) and code[at].isspace():
        at += 1
    if code[at : at + 1] == "{":
        return code[at : _closing(code, at, "{}") + 1]
    return code[at : code.find(";", at) + 1]
