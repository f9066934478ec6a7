"""The commands of Skerry; `invoke --list` is the manual. The work is done in tools/skerry."""

import sys
from pathlib import Path

from invoke.context import Context
from invoke.tasks import task

sys.path.insert(0, str(Path(__file__).resolve().parent / "tools"))

from skerry.errors import parse_count, run_task
from skerry.run.machine_task import MachineTexts, machine_task
from skerry.skb.task import skb  # noqa: F401  a task like those below
from skerry.trace.task import trace  # noqa: F401  a task like those below
from skerry.two_values import TwoValueTask
from skerry.workspace import default_workspace  # the package lies in this checkout


@task(
    help={
        "cores": "core images in the boot archive (default: as many as the machine has)",
        "machine": "a file of qemu/machines, without .toml",
        "profile": "release, or debug: assertions with UBSan traps",
        "toolchain": "zig (the pinned wheel's clang and lld) or gcc",
    }
)
def build(
    _: Context, cores: str = "", machine: str = "default", profile: str = "release", toolchain: str = "zig"
) -> None:
    """Build the loader, a CPU-driver image a core, the programs and the boot archive."""

    def action() -> None:
        from skerry.build import build_task

        build_task(cores, machine, profile, toolchain)

    run_task(action)


@machine_task(
    help={
        "run": 'commands for the shell, such as "cores; ping all"; prints their output, exits with their status',
        "logs": "show the cores' logs while they grow",
    }
)
def boot(_: Context, texts: MachineTexts, run: str | None = None, logs: bool = False) -> None:
    """Boot a machine: a shell on your terminal, or the commands of --run."""

    def action() -> int:
        from skerry.run import boot

        return boot.boot(texts.options(run, logs), default_workspace())

    run_task(action)


@machine_task(help={"core": "whose symbols gdb loads"}, defaults=MachineTexts(accel="tcg-rr"), without=("timeout",))
def debug(_: Context, texts: MachineTexts, core: str = "0") -> None:
    """Boot a machine under gdb, stopped at its first instruction."""

    def action() -> int:
        from skerry.debug import debug

        return debug(texts.options(), parse_count("--core", core, 0, 254), default_workspace())

    run_task(action)


@task(
    help={
        "log": "a core's log, or a run's folder, such as build/run/last",
        "build": "a manifest.json, for its images",
    }
)
def symbolize(_: Context, log: str, build: str = "") -> None:
    """Read the panics in a log: functions, files, lines."""

    def action() -> int:
        from skerry.symbolize import symbolize

        return symbolize(log, build, default_workspace())

    run_task(action)


@machine_task(
    without=("icount",),  # the suite says how to count
    klass=TwoValueTask,
    positional=["compare_with"],
    iterable=["suite", "peer"],
    help={
        "suite": "what to measure: core (the default); may be given more than once",
        "samples": "of each path; by the wall clock at most 200",
        "repeat": "boots of each suite",
        "peer": "another system to run in turns: linux (Debian's kernel package, fetched by apt)",
        "compare": "two folders, A B: what changed from one to the other beyond noise; nothing is measured",
        "compare-with": "(the second folder)",
        "out": "folder for the JSON and CSV files (default: build/bench/<time>)",
        "timeout": "seconds until a boot is ended",
    },
)
def bench(
    _: Context,
    texts: MachineTexts,
    suite: list[str],
    peer: list[str],
    samples: str = "1000",
    repeat: str = "1",
    out: str = "",
    compare: str = "",
    compare_with: str = "",
) -> None:
    """Measure, beside targets, the paper and other systems: tables, a page with pictures, files with every sample."""

    def action() -> int:
        from skerry.bench import command

        if compare:
            return command.compare(compare, compare_with)
        return command.bench_task(suite, peer, samples, repeat, out, texts.options(), default_workspace())

    run_task(action)


@task(
    help={
        "machines": "files of qemu/machines, separated by commas",
        "smp": "numbers of cores, such as 1,2,8-10",
        "seeds": "such as 1-20; {seed} in --run is replaced, and counted machines' random numbers begin with it",
        "run": "commands for the shell; none: give it empty and name suites",
        "suites": "benchmark suites as well, separated by commas",
        "icount": "count instructions: a failure repeats",
        "scheduler": "address of a Dask scheduler (default: this computer's CPUs)",
        "jobs": "boots at once on this computer (default: its CPUs)",
        "out": "folder of outcomes and report; what is done there already is not done again",
    }
)
def campaign(
    _: Context,
    machines: str = "default",
    smp: str = "1,2,4",
    seeds: str = "1-3",
    run: str = "cores; ping all; run fuzz {seed} 500",
    suites: str = "",
    icount: bool = True,
    scheduler: str = "",
    jobs: str = "",
    out: str = "",
) -> None:
    """Boot many machines, sizes and seeds, and report once; resumable."""

    def action() -> int:
        from skerry.campaign import command
        from skerry.campaign.units import units

        workspace = default_workspace()
        names = [name for name in suites.split(",") if name]
        options = command.CampaignOptions(
            units=tuple(units(machines.split(","), smp, seeds, run, names, icount)),
            out=Path(out) if out else workspace.build / "campaign",
            jobs=parse_count("--jobs", jobs, 1, 256) if jobs else command.default_jobs(),
            scheduler=scheduler,
        )
        return command.campaign(options, workspace)

    run_task(action)


@task(help={"machine": "one that states costs, or wide", "cores": "up to how many (default: all)", "out": "a CSV file"})
def model(_: Context, machine: str = "numa-8x4", cores: str = "", out: str = "") -> None:
    """What agreement costs by the model: critical paths of each protocol, on machines of up to 1,024 cores."""

    def action() -> int:
        from skerry.model.command import model_task

        return model_task(machine, cores, out, default_workspace())

    run_task(action)


@task
def doctor(_: Context) -> None:
    """Say what is missing on this computer, and the command that brings it."""

    def action() -> int:
        from skerry.doctor import doctor

        return doctor(default_workspace())

    run_task(action)


@task(
    help={"only": "names of checks, separated by commas (default: all)", "fix": "let the formatters mend what they can"}
)
def check(_: Context, only: str = "", fix: bool = False) -> None:
    """Format, lint, types, include directions, pauses in loops that wait."""

    def action() -> int:
        from skerry.check import check

        return check(only, fix, default_workspace())

    run_task(action)


@task(
    help={
        "k": "an expression that names tests, as pytest -k",
        "smp": "only boot tests at this many cores",
        "jobs": "tests at once",
        "fast": "leave out the slow ones",
    }
)
def test(_: Context, k: str = "", smp: str = "", jobs: str = "2", fast: bool = False) -> None:
    """Run the tests, or those that -k names."""

    def action() -> int:
        from skerry.testing.command import test

        return test(k, smp, parse_count("--jobs", jobs, 1, 64), fast, default_workspace())

    run_task(action)


@task
def clean(_: Context) -> None:
    """Remove everything that was built."""

    def action() -> None:
        from skerry.build import clean_task

        clean_task()

    run_task(action)
