"""`invoke trace` on the command line."""

from pathlib import Path

from invoke.context import Context

from skerry.errors import run_task
from skerry.run.machine_task import MachineTexts, machine_task
from skerry.workspace import default_workspace


@machine_task(
    help={
        "run": "commands for the shell, which are traced; without, switch tracing on and off yourself: `trace on`",
        "from-boot": "trace each core from its monitor's start on",
        "out": "the viewer's file (default: trace.json in the run's folder)",
    }
)
def trace(_: Context, texts: MachineTexts, run: str | None = None, from_boot: bool = False, out: str = "") -> None:
    """Boot a traced machine: a timeline of what every core did, for ui.perfetto.dev, and a summary."""

    def action() -> int:
        from skerry.trace.command import trace as trace_run

        return trace_run(texts.options(run), from_boot, Path(out) if out else None, default_workspace())

    run_task(action)
