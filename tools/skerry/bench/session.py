"""One boot that runs a suite's command: what it printed, and all that a record of it needs."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from skerry import abi
from skerry.console.marks import Begin, End, Mark, Output
from skerry.machine.hardware import Hardware
from skerry.machine.moment import Moment, moment
from skerry.run import report
from skerry.run.artefacts import Artefacts
from skerry.run.batch import run_batch
from skerry.run.evidence import Stopped
from skerry.run.folder import new_folder
from skerry.run.launch import Launch, prepare, started
from skerry.run.observe import Observer
from skerry.run.options import RunOptions
from skerry.run.style import Style
from skerry.run.verdict import Verdict, exit_codes, judge
from skerry.workspace import Workspace

CONSOLE_LINES = 20


@dataclass(frozen=True)
class Session:
    """A boot that is over. `complaint` is what to show of one that failed; `moments` are of its commands, in order."""

    launch: Launch
    verdict: Verdict
    output: str
    seconds: float
    complaint: tuple[str, ...]
    moments: tuple[Moment, ...] = ()

    @property
    def qemu_command(self) -> str:
        """The exact command line."""
        lines = (self.launch.folder / "qemu-command").read_text().splitlines()
        return next(line for line in lines if line and not line.startswith("#"))

    @property
    def folder(self) -> Path:
        return self.launch.folder

    @property
    def facts(self) -> dict[str, Any]:
        """What a record says of this boot."""
        hardware, artefacts, options = self.launch.hardware, self.launch.artefacts, self.launch.options
        return {
            "command": options.commands,
            "seconds": round(self.seconds, 3),
            "qemu": self.qemu_command,
            "machine": hardware.spec.name,
            "memory_mib": hardware.memory,
            "cpu": hardware.cpu,
            "accel": hardware.accel.name.lower(),
            "icount": hardware.icount,
            "costs": hardware.spec.costs.doc,
            "profile": options.images.profile,
            "toolchain": options.images.toolchain,
            "build": artefacts.run_id,
            "core_builds": {str(core): build for core, build in artefacts.builds.items()},
        }

    def console_end(self) -> list[str]:
        """The last lines that the guest printed, for a complaint."""
        lines = self.output.splitlines()[-CONSOLE_LINES:]
        return ["the console's end:", *(f"  {line}" for line in lines or ["(nothing)"])]


def run_session(options: RunOptions, hardware: Hardware, artefacts: Artefacts, workspace: Workspace) -> Session:
    """Boot, run, judge."""
    contract = abi.load(workspace.contract)
    launch = prepare(options, hardware, artefacts, contract, new_folder(workspace.build / "run"))
    output: list[str] = []
    shown: list[str] = []
    moments: list[Moment] = []

    with started(launch) as live:

        def take(mark: Mark) -> None:
            if isinstance(mark, Output):
                output.append(mark.text)
            elif isinstance(mark, Begin | End):
                moments.append(moment(live.seconds, live.process.pid))

        observer = Observer(launch, live, shown.extend)
        stopped, progress = run_batch(observer, take)
        states = observer.post_mortem() if stopped is not Stopped.NOT else []
        evidence = observer.evidence(stopped, progress)
    verdict = judge(evidence, exit_codes(contract))
    merged = report.write_files(launch, verdict, evidence, [log.text for log in live.logs])
    complaint = [*shown, *report.failure_lines(launch, verdict, merged, states)]
    complaint.append(report.verdict_line(launch, verdict, evidence, Style(colour=False)))
    return Session(launch, verdict, "\n".join(output), evidence.seconds, tuple(complaint), tuple(moments))
