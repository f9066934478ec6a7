"""Tasks that boot a machine: the options that all of them share, in one place.

invoke reads a task's options off its function's signature. `machine_task` takes a function of a context, a
`MachineTexts` and the task's own options, and shows invoke the machine's options and then the own ones.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any, Concatenate

from invoke.context import Context
from invoke.tasks import Task, task

from skerry.run import cli
from skerry.run.options import RunOptions

HELP = {
    "machine": "a file of qemu/machines, without .toml",
    "smp": "cores of the machine (default: the machine's)",
    "mem": "memory in MiB, or 2G (default: grows with the cores)",
    "cpu": "QEMU's processor model (default: the machine's)",
    "accel": "auto, tcg (a host thread a core), tcg-rr (round robin) or kvm",
    "icount": "count instructions: runs repeat to the digit",
    "no-build": "boot what is there",
    "cores": "core images in the archive (default: one a core)",
    "profile": "release, or debug: assertions with UBSan traps",
    "toolchain": "zig (the pinned wheel's clang and lld) or gcc",
    "timeout": "seconds until the run is ended",
}


@dataclass(frozen=True)
class MachineTexts:
    """The shared options as they were typed; their defaults are the tasks'."""

    machine: str = "default"
    smp: str = ""
    mem: str = ""
    cpu: str = ""
    accel: str = "auto"
    icount: bool = False
    no_build: bool = False
    cores: str = ""
    profile: str = "release"
    toolchain: str = "zig"
    timeout: str = ""

    def options(self, run: str | None = None, logs: bool = False) -> RunOptions:
        """The whole run; every mistake in it is named."""
        wishes = cli.parse_wishes(self.smp, self.mem, self.cpu, self.accel, self.icount)
        images = cli.parse_images(not self.no_build, self.cores, self.profile, self.toolchain)
        return cli.parse_run(self.machine, wishes, images, run, self.timeout, logs)


def machine_task(
    help: dict[str, str],
    defaults: MachineTexts = MachineTexts(),
    without: tuple[str, ...] = (),
    **how: Any,
) -> Callable[[Callable[Concatenate[Context, MachineTexts, ...], None]], Task[Any]]:
    """Like invoke's `task`, with the machine's options but those in `without`; `how` goes to invoke."""
    shared = {field.name: getattr(defaults, field.name) for field in fields(defaults) if field.name not in without}
    texts = {name: text for name, text in HELP.items() if name.replace("-", "_") in shared}

    def make(function: Callable[Concatenate[Context, MachineTexts, ...], None]) -> Task[Any]:
        def body(context: Context, **given: Any) -> None:
            machine = {name: given.pop(name) for name in shared}
            function(context, replace(defaults, **machine), **given)

        body.__name__, body.__doc__ = function.__name__, function.__doc__
        body.__signature__ = _with_options(function, shared)  # type: ignore[attr-defined]
        made: Task[Any] = task(help=texts | help, **how)(body)
        return made

    return make


def _with_options(function: Callable[..., None], shared: dict[str, Any]) -> inspect.Signature:
    """The function's signature, its second parameter replaced by one for each shared option."""
    context, _, *own = inspect.signature(function).parameters.values()
    kind = inspect.Parameter.KEYWORD_ONLY
    options = [inspect.Parameter(name, kind, default=value) for name, value in shared.items()]
    return inspect.Signature([context, *options, *(parameter.replace(kind=kind) for parameter in own)])
