"""`invoke trace`: a run whose cores write to their trace ports, then a file for the viewer and a summary."""

import json
import sys
from dataclasses import replace
from pathlib import Path

from skerry import abi
from skerry.errors import UserError
from skerry.machine.command import core_trace
from skerry.run import boot
from skerry.run.options import RunOptions, Tracing
from skerry.trace.records import CoreTrace, Format, TraceError, read_core, trace_format
from skerry.trace.summary import summary
from skerry.trace.timeline import Timeline, build
from skerry.trace.validate import problems
from skerry.trace.viewer import to_json
from skerry.workspace import Workspace

FILE = "trace.json"


def trace(options: RunOptions, from_boot: bool, out: Path | None, workspace: Workspace) -> int:
    """The run's exit status; 1 also when a run that succeeded left no trace."""
    status, folder = boot.boot_in_folder(traced(options, from_boot), workspace)
    form = trace_format(abi.load(workspace.contract))
    timeline = read_folder(folder, form)
    if timeline is None:
        print("no core was traced: did the run reach `trace on`?", file=sys.stderr)
        return status or 1
    file = out or folder / FILE
    write(timeline, form, file)
    print("\n".join(summary(timeline)))
    print(f"written: {workspace.relative(file.absolute())}; open it in ui.perfetto.dev or chrome://tracing")
    return status


def traced(options: RunOptions, from_boot: bool) -> RunOptions:
    """The same run with trace ports; commands are traced, and nothing else, unless all is to be from the start on."""
    tracing = Tracing.BOOT if from_boot else Tracing.PORTS
    commands = options.commands
    if commands is not None:
        commands = f"{commands}; trace off" if from_boot else f"trace on; {commands}; trace off"
    return replace(options, tracing=tracing, commands=commands)


def read_folder(folder: Path, form: Format) -> Timeline | None:
    """What the cores of a run have written; None when no core was traced."""
    cores: list[CoreTrace] = []
    for path in sorted(folder.glob(core_trace_pattern())):
        try:
            core = read_core(path.read_bytes(), form)
        except TraceError as error:
            raise UserError(f"{path.name}: {error}", f"see {path}; was it written by this build?") from None
        if core is not None:
            cores.append(core)
    return build(cores) if cores else None


def core_trace_pattern() -> str:
    return core_trace(0).replace("0", "*")


def write(timeline: Timeline, form: Format, file: Path) -> None:
    """The viewer's file; what the viewer would not take is our mistake, and said."""
    content = to_json(timeline, form)
    if wrong := problems(content):
        raise AssertionError(f"{len(wrong)} mistakes in the trace, the first: {wrong[0]}")
    file.parent.mkdir(parents=True, exist_ok=True)
    rows = ",\n".join(json.dumps(row, separators=(",", ":")) for row in content["traceEvents"])
    file.write_text(f'{{"displayTimeUnit":"{content["displayTimeUnit"]}","traceEvents":[\n{rows}\n]}}\n')
