"""`invoke check`: the rules that tools can check, one table, one status."""

import time
from collections.abc import Callable, Sequence

from skerry.check import budget, includes, pauses, sizes, tools, warnings
from skerry.check.files import Files, find_files
from skerry.errors import UserError
from skerry.workspace import Workspace

Check = Callable[[Files, bool], list[str]]
CHECKS: dict[str, Check] = {
    "c-format": tools.c_format,
    "python-format": tools.python_format,
    "python-lint": tools.python_lint,
    "types": tools.types,
    "includes": includes.check,
    "pauses": pauses.check,
    "sizes": sizes.check,
    "readmes": sizes.readmes,
    "budget": budget.check,
    "warnings": warnings.check,
}


def check(only: str, fix: bool, workspace: Workspace) -> int:
    """Run the checks; 1 when a rule is broken."""
    files, broken = find_files(workspace), 0
    for name in _wanted(only):
        begun = time.monotonic()
        problems = CHECKS[name](files, fix)
        broken += len(problems)
        word = f"{len(problems)} problems" if problems else "ok"
        print(f"{name:<14} {word} ({time.monotonic() - begun:.1f} s)", flush=True)
        for problem in problems:
            print(f"  {problem}")
    return 1 if broken else 0


def _wanted(only: str) -> Sequence[str]:
    names = [name.strip() for name in only.split(",") if name.strip()] or list(CHECKS)
    for name in names:
        if name not in CHECKS:
            raise UserError(f"there is no check {name!r}", f"take one of: {', '.join(CHECKS)}")
    return names
