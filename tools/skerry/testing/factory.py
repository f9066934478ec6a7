"""The `machine` fixture: boots what a test asks for, and ends it with the test.

`machine(smp=4)` gives a Machine at its prompt; `machine.run("cores; ping all", smp=16)` runs commands as
`invoke boot --run` does and gives their output and verdict. Images are built once a session and configuration.
"""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

from skerry import abi
from skerry.abi import Contract
from skerry.console.marks import Begin, End, Mark, Output
from skerry.machine.hardware import Hardware, Wishes
from skerry.plugins import entries
from skerry.run.artefacts import Artefacts
from skerry.run.batch import run_batch
from skerry.run.evidence import Stopped
from skerry.run.folder import new_folder
from skerry.run.launch import find_hardware, prepare, started
from skerry.run.observe import Observer
from skerry.run.obtain import obtain
from skerry.run.options import BuildChoice, RunOptions, Tracing
from skerry.run.verdict import Verdict, exit_codes, judge
from skerry.testing.failure import MachineFailure, failure_text
from skerry.testing.machine import LEAK_CHECK, Machine
from skerry.workspace import Workspace

MEASURED_CORES = 16


@dataclass(frozen=True)
class CommandResult:
    """One command of a batch run."""

    command: str
    output: str
    status: int | None


@dataclass(frozen=True)
class BatchResult:
    """A batch run: its commands, its verdict, each core's log."""

    commands: tuple[CommandResult, ...]
    verdict: Verdict
    logs: tuple[str, ...]
    panic_texts: tuple[str, ...]
    seconds: float
    folder: Path

    @property
    def output(self) -> str:
        return "".join(result.output for result in self.commands)


class _Collector:
    """Marks to CommandResults."""

    def __init__(self) -> None:
        self.results: list[CommandResult] = []
        self.serial = ""

    def take(self, mark: Mark) -> None:
        match mark:
            case Begin(_, command):
                self.results.append(CommandResult(command, "", None))
            case Output(text):
                self.serial += text + "\n"
                if self.results:
                    last = self.results[-1]
                    self.results[-1] = replace(last, output=f"{last.output}{text}\n")
            case End(_, status):
                self.results[-1] = replace(self.results[-1], status=status)
            case _:
                pass


@dataclass
class MachineFactory:
    """What a test gets as `machine`."""

    workspace: Workspace
    new_folder: Callable[[], Path]
    built: dict[RunOptions, Artefacts] = field(default_factory=dict)
    machines: list[Machine] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    stack: ExitStack = field(default_factory=ExitStack)

    def __call__(
        self,
        smp: int | None = None,
        machine: str = "default",
        accel: str = "auto",
        icount: bool = False,
        mem: int | None = None,
        cpu: str | None = None,
        profile: str = "release",
        toolchain: str = "zig",
        cores: int | None = None,
        timeout: float | None = None,
        artefacts: Artefacts | None = None,
        wait: bool = True,
    ) -> Machine:
        """A machine at its prompt (with `wait=False`, just started)."""
        wishes = Wishes(smp=smp, memory=mem, cpu=cpu, accel=accel, icount=icount)
        choice = BuildChoice(profile=profile, toolchain=toolchain, cores=cores)
        observer = self._start(RunOptions(machine, wishes, choice, timeout=timeout), artefacts)
        made = Machine(observer, exit_codes(self._contract))
        self.machines.append(made)
        if wait:
            made.boot()
        return made

    def run(
        self,
        commands: str,
        smp: int | None = None,
        machine: str = "default",
        accel: str = "auto",
        icount: bool = False,
        mem: int | None = None,
        cpu: str | None = None,
        profile: str = "release",
        toolchain: str = "zig",
        cores: int | None = None,
        timeout: float | None = None,
        artefacts: Artefacts | None = None,
        check: bool = True,
        tracing: Tracing = Tracing.NONE,
    ) -> BatchResult:
        """Commands by the kernel command line; with `check`, anything but success, or a leak, fails the test."""
        wishes = Wishes(smp=smp, memory=mem, cpu=cpu, accel=accel, icount=icount)
        choice = BuildChoice(profile=profile, toolchain=toolchain, cores=cores)
        whole = f"{commands}; {LEAK_CHECK}" if check else commands
        options = RunOptions(machine, wishes, choice, commands=whole, timeout=timeout, tracing=tracing)
        observer, collector = self._start(options, artefacts), _Collector()
        stopped, progress = run_batch(observer, collector.take)
        places = observer.post_mortem() if stopped is not Stopped.NOT else []
        evidence = observer.evidence(stopped, progress)
        verdict = judge(evidence, exit_codes(self._contract))
        if check and not verdict.success:
            self.texts.append("\n".join([failure_text(observer, collector.serial), *places]))
            raise MachineFailure(f"{verdict.name}: {verdict.reason}")
        return BatchResult(
            commands=tuple(collector.results[:-1] if check else collector.results),
            verdict=verdict,
            logs=tuple(log.text for log in observer.live.logs),
            panic_texts=tuple("\n".join(lines) for lines in observer.panic_texts),
            seconds=evidence.seconds,
            folder=observer.launch.folder,
        )

    def artefacts(self, smp: int, machine: str = "default") -> Artefacts:
        """The build that a machine of that size boots, for tests that damage a copy of it."""
        return self._obtain(RunOptions(machine, Wishes(smp=smp)), smp)

    @property
    def _contract(self) -> Contract:
        return abi.load(self.workspace.contract)

    def _obtain(self, options: RunOptions, cores: int) -> Artefacts:
        key = RunOptions(options.machine, Wishes(smp=cores), options.images)
        if key not in self.built:
            self.built[key] = obtain(options, cores, self.workspace).kept_in(self.new_folder())
        return self.built[key]

    def _start(self, options: RunOptions, artefacts: Artefacts | None) -> Observer:
        hardware = find_hardware(options, self.workspace)
        files = artefacts or self._obtain(options, hardware.cores)
        options = replace(options, plugins=self._plugins(options, hardware))
        launch = prepare(options, hardware, files, self._contract, new_folder(self.workspace.build / "run"))
        live = self.stack.enter_context(started(launch))
        return Observer(launch, live, show=lambda lines: None)

    def _plugins(self, options: RunOptions, hardware: Hardware) -> tuple[str, ...]:
        """Machines of a usual size measure their CPU drivers' longest entry; the debug profile's checks would count.

        With a thread a core, QEMU 7.2 may hang at its end when a plugin is loaded: the guest's exit takes a lock twice.
        """
        if options.images.profile != "release" or hardware.cores > MEASURED_CORES or not hardware.emulated:
            return ()
        argument = entries.plugin_argument(self.workspace)
        return (argument,) if argument else ()

    def end(self) -> None:
        """End every machine; a panic that no test has asked about is a failure of that test, and so is a leak."""
        for machine in self.machines:
            machine.check_leaks()
        unasked = [
            m for m in self.machines if not m.accounts_for_panics and m.panics() and m.observer.failing is not None
        ]
        texts = [text for m in unasked for text in m.failure_text().splitlines()]
        self.stack.close()
        self.machines.clear()
        if texts:
            raise MachineFailure("\n".join(["a CPU driver panicked while the test looked elsewhere:", *texts]))
