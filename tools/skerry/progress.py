"""Running ninja: its status lines become a progress bar on a terminal; what compilers say is passed on as it is."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path

from skerry.errors import UserError
from skerry.workspace import Workspace

STATUS = re.compile(r"^\[(\d+)/(\d+)\] (.*)$")
# Called with steps done, steps in all, and what the last one was.
Report = Callable[[int, int, str], None]


def run_ninja(workspace: Workspace, ninja_file: str, targets: tuple[str, ...] = ()) -> int:
    """Run ninja on its file; the result is its exit status."""
    jobs = max(len(os.sched_getaffinity(0)), 2)
    argv = [_program(), "-f", ninja_file, "-j", str(jobs), "-k", "0", *targets]
    colour = {"CLICOLOR_FORCE": "1"} if sys.stdout.isatty() else {}
    environment = os.environ | {"NINJA_STATUS": "[%f/%t] "} | colour
    with subprocess.Popen(
        argv,
        cwd=workspace.root,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        assert process.stdout is not None
        _follow(iter(process.stdout))
        return process.wait()


def _program() -> str:
    """The binary of the wheel; its Python wrapper would cost a tenth of a second."""
    beside = Path(sys.executable).parent / "ninja"
    if beside.is_file():
        return str(beside)
    try:
        import ninja  # type: ignore[import-untyped,unused-ignore]
    except ImportError:
        raise UserError("the ninja wheel is not installed", "run tools/bootstrap") from None
    return str(Path(ninja.BIN_DIR) / "ninja")


def _follow(lines: Iterator[str]) -> None:
    """Pass on what is not a status line; show the rest as progress, from the first step on."""
    first = next((line for line in lines if not line.startswith("ninja: no work")), None)
    if first is None:
        return
    with _reporter() as (report, say):
        for line in chain([first], lines):
            match = STATUS.match(line)
            if match:
                report(int(match[1]), int(match[2]), match[3])
            elif not line.startswith("ninja: build stopped"):
                say(line.rstrip("\n"))
            if line.startswith("FAILED: "):
                next(lines, None)  # the whole command: build/compile_commands.json has it


@contextmanager
def _reporter() -> Iterator[tuple[Report, Callable[[str], None]]]:
    """Where progress and other lines go: a bar on a terminal, plain lines elsewhere."""
    if not sys.stdout.isatty():
        yield _plain, _say
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn  # slow to import

    columns = (TextColumn("build"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}", markup=False))
    with Progress(*columns, transient=True) as bar:
        task = bar.add_task("", total=None)

        def report(done: int, total: int, what: str) -> None:
            bar.update(task, completed=done, total=total, description=what)

        yield report, _say


def _plain(done: int, total: int, what: str) -> None:
    """A line each tenth of the way, so that a log stays short."""
    if done == total or done * 10 // total != (done - 1) * 10 // total:
        print(f"[{done}/{total}] {what}", flush=True)


def _say(line: str) -> None:
    print(line, flush=True)
