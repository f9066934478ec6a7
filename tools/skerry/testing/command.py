"""`invoke test`: pytest on this checkout, two tests at once."""

import os
import subprocess
import sys

from skerry.workspace import Workspace


def test(expression: str, smp: str, jobs: int, fast: bool, workspace: Workspace) -> int:
    """Run pytest; its exit status is 0 or 1 (5, nothing selected, counts as a mistake: 2)."""
    argv = [sys.executable, "-m", "pytest"]
    if jobs > 1:
        argv += ["-n", str(jobs), "--dist", "worksteal"]
    if fast:
        argv += ["-m", "not slow"]
    if expression:
        argv += ["-k", expression]
    if smp:
        argv += ["--smp", smp]
    environment = os.environ | {"PYTHONPATH": str(workspace.root / "tools")}
    status = subprocess.run(argv, cwd=workspace.root, env=environment, check=False).returncode
    return status if status in (0, 1) else 2
