"""`invoke boot`: options, build, machine, console, verdict, in this order; returns the exit status."""

import sys
from collections.abc import Sequence
from pathlib import Path

from skerry import abi
from skerry.console.lines import parse_log
from skerry.console.marks import Mark, Progress
from skerry.machine import process
from skerry.run import report
from skerry.run.batch import mark_lines, run_batch
from skerry.run.evidence import Stopped
from skerry.run.folder import new_folder
from skerry.run.launch import find_hardware, prepare, started
from skerry.run.observe import Observer, Show, ShowLog
from skerry.run.obtain import obtain
from skerry.run.options import RunOptions
from skerry.run.piped import run_piped
from skerry.run.style import Style, style_of
from skerry.run.terminal import HINT, run_terminal
from skerry.run.verdict import exit_codes, judge
from skerry.workspace import Workspace

BROKEN = (Stopped.STALL, Stopped.DEADLINE, Stopped.RESET)


def boot(options: RunOptions, workspace: Workspace) -> int:
    """A whole run, from the wish to the exit status."""
    return boot_in_folder(options, workspace)[0]


def boot_in_folder(options: RunOptions, workspace: Workspace) -> tuple[int, Path]:
    """The same, and the folder in which it left its files."""
    process.find_qemu()
    hardware = find_hardware(options, workspace)
    artefacts = obtain(options, hardware.cores, workspace)
    contract = abi.load(workspace.contract)
    launch = prepare(options, hardware, artefacts, contract, new_folder(workspace.build / "run"))
    style = style_of(sys.stderr)
    with started(launch) as live:
        observer = Observer(launch, live, _shower(options), _log_shower(options, style))
        stopped, progress, prompt = _follow(observer)
        states = observer.post_mortem() if stopped in BROKEN else []
        evidence = observer.evidence(stopped, progress, prompt)
    verdict = judge(evidence, exit_codes(contract))
    merged = report.write_files(launch, verdict, evidence, [log.text for log in live.logs])
    if not verdict.success:
        _error(report.failure_lines(launch, verdict, merged, states))
    _error([report.verdict_line(launch, verdict, evidence, style)])
    return verdict.status, launch.folder


def _follow(observer: Observer) -> tuple[Stopped, Progress, bool]:
    """The loop that suits this run."""
    if observer.launch.options.commands is not None:
        stopped, progress = run_batch(observer, _print_mark)
        return stopped, progress, False
    if sys.stdin.isatty():
        _error([style_of(sys.stderr).dim(HINT)])
        stopped, prompt = run_terminal(observer)
        _error([""])
    else:
        stopped, prompt = run_piped(observer)
    return stopped, Progress(), prompt


def _print_mark(mark: Mark) -> None:
    for line in mark_lines(mark, style_of(sys.stdout).dim):
        print(line, flush=True)


def _error(lines: Sequence[str], end: str = "\n") -> None:
    sys.stdout.flush()
    sys.stderr.write("".join(f"{line}{end}" for line in lines))
    sys.stderr.flush()


def _end_of_line(options: RunOptions) -> str:
    """A terminal in raw mode wants its carriage returns."""
    return "\r\n" if options.interactive else "\n"


def _shower(options: RunOptions) -> Show:
    return lambda lines: _error([style_of(sys.stderr).bad(lines[0]), *lines[1:]], _end_of_line(options))


def _log_shower(options: RunOptions, style: Style) -> ShowLog | None:
    if not options.show_logs:
        return None

    def show(core: int, text: str) -> None:
        _error([style.core(core, f"core {core} | {line.text}") for line in parse_log(text)], _end_of_line(options))

    return show
