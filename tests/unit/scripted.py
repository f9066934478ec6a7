"""Runs of the scripted guest: real QEMU, real sockets and files, made-up consoles.

It stands in for Skerry wherever the toolkit's own behaviour is tested: what a guest prints, and how it ends, is the
test's choice.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from skerry import abi
from skerry.machine.hardware import Wishes
from skerry.machine.probe import tiny_guest
from skerry.run.artefacts import Artefacts
from skerry.run.batch import run_batch
from skerry.run.evidence import Evidence, Stopped
from skerry.run.launch import find_hardware, prepare, started
from skerry.run.observe import Observer
from skerry.run.options import RunOptions
from skerry.run.verdict import Verdict, exit_codes, judge
from skerry.workspace import default_workspace

RUN_ID = "0123456789abcdef"
COM1 = 0x3F8
HALT, RESET, SPIN = 0, 1, 2


@dataclass
class Script:
    """What the guest will do."""

    records: bytearray = field(default_factory=bytearray)

    def com1(self, text: str) -> "Script":
        return self.port(COM1, text.encode())

    def log(self, core: int, text: str) -> "Script":
        return self.port(0x1000 + core, text.encode())

    def exit(self, code: int) -> "Script":
        return self.port(0xF4, bytes([code]))

    def port(self, port: int, data: bytes) -> "Script":
        for byte in data:
            self.records += port.to_bytes(2, "little") + bytes([byte])
        return self

    def end(self, how: int = HALT) -> bytes:
        return bytes(self.records + bytes([0, 0, how]))


@dataclass
class Played:
    """What came of it."""

    verdict: Verdict
    evidence: Evidence
    output: list[str]
    shown: list[str]
    states: list[str]


@contextmanager
def observed(script: bytes, folder: Path, options: RunOptions, shown: list[str]) -> Iterator[Observer]:
    """A machine that plays a script, with an observer."""
    workspace = default_workspace()
    archive = folder / "script"
    archive.write_bytes(script)
    artefacts = Artefacts(tiny_guest(workspace, Path(__file__).with_name("scripted.S")), archive, RUN_ID)
    contract = abi.load(workspace.contract)
    hardware = find_hardware(options, workspace)
    with started(prepare(options, hardware, artefacts, contract, folder)) as live:
        yield Observer(live=live, launch=prepare(options, hardware, artefacts, contract, folder), show=shown.extend)


def play(script: bytes, folder: Path, timeout: float = 10.0, cores: int = 2) -> Played:
    """A `--run` of the script to its end."""
    options = RunOptions(commands="x", timeout=timeout, wishes=Wishes(smp=cores, accel="tcg-rr"))
    marks: list[str] = []
    shown: list[str] = []
    with observed(script, folder, options, shown) as observer:
        stopped, progress = run_batch(observer, lambda mark: marks.append(str(mark)))
        states = observer.post_mortem() if stopped is not Stopped.NOT else []
        evidence = observer.evidence(stopped, progress)
    codes = exit_codes(abi.load(default_workspace().contract))
    return Played(judge(evidence, codes), evidence, marks, shown, states)
