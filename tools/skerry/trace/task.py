"""`invoke trace` on the command line."""

from pathlib import Path

from invoke.context import Context
from invoke.tasks import task

from skerry.errors import run_task
from skerry.run.help import MACHINE_HELP
from skerry.workspace import default_workspace


@task(
    help=MACHINE_HELP
    | {
        "run": "commands for the shell, which are traced; without, switch tracing on and off yourself: `trace on`",
        "from-boot": "trace each core from its monitor's start on",
        "out": "the viewer's file (default: trace.json in the run's folder)",
        "timeout": "seconds until the run is ended",
    }
)
def trace(
    _: Context,
    run: str | None = None,
    from_boot: bool = False,
    out: str = "",
    machine: str = "default",
    smp: str = "",
    mem: str = "",
    cpu: str = "",
    accel: str = "auto",
    icount: bool = False,
    timeout: str = "",
    no_build: bool = False,
    cores: str = "",
    profile: str = "release",
    toolchain: str = "zig",
) -> None:
    """Boot a traced machine: a timeline of what every core did, for ui.perfetto.dev, and a summary."""

    def action() -> int:
        from skerry.run import cli
        from skerry.trace.command import trace as trace_run

        wishes = cli.parse_wishes(smp, mem, cpu, accel, icount)
        images = cli.parse_images(not no_build, cores, profile, toolchain)
        options = cli.parse_run(machine, wishes, images, run, timeout, False)
        return trace_run(options, from_boot, Path(out) if out else None, default_workspace())

    run_task(action)
