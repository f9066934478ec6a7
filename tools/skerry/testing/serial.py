"""COM1 for pexpect.

pexpect asks for bytes through `read_nonblocking`; each such call also looks at the cores' logs and at QEMU, so a
panic, a reset or the end of QEMU ends the expect at once, whatever it waits for.
"""

import math
import time

from pexpect.exceptions import EOF, TIMEOUT
from pexpect.spawnbase import SpawnBase

from skerry.run.evidence import Stopped
from skerry.run.observe import Observer
from skerry.testing.failure import MachineFailure


class SerialSpawn(SpawnBase):  # type: ignore[misc]
    """A pexpect object whose program is the machine's shell; `tolerant`: only the last core's panic ends an expect."""

    def __init__(self, observer: Observer) -> None:
        super().__init__(timeout=None, encoding="utf-8", codec_errors="replace")
        self.observer = observer
        self.transcript = ""
        self.tolerant = False

    def send(self, text: str) -> None:
        """Type."""
        self.observer.live.com1.write(text.encode())

    def drain(self) -> None:
        """Take what is there, for the transcript and for later expects."""
        while data := self.observer.live.read_com1():
            text = str(self._decoder.decode(data, final=False))
            self.transcript += text
            self.buffer += text

    def read_or_fail(self) -> None:
        """Wait a moment for anything new on any console."""
        if not self.observer.live.running:
            raise MachineFailure("the machine has ended")
        self.observer.live.wait()
        self.drain()
        self.observer.look()
        self._check()

    def read_nonblocking(self, size: int = 1, timeout: float | None = None) -> str:
        """The next bytes; TIMEOUT, EOF, or MachineFailure when there can be none."""
        live = self.observer.live
        until = time.monotonic() + (math.inf if timeout in (None, -1) else float(timeout or 0))
        while True:
            running = live.running
            data = live.read_com1()
            self.observer.look()
            if data:
                text = str(self._decoder.decode(data, final=False))
                self.transcript += text
                return text
            self._check()
            if not running:
                raise EOF("QEMU has ended")
            if time.monotonic() >= until:
                raise TIMEOUT("nothing came")
            live.wait()

    def _check(self) -> None:
        stopped = self.observer.stopped()
        panic = self.observer.fatal if self.tolerant else self.observer.failing
        if panic is not None:
            raise MachineFailure(f"core {panic.core} panicked ({panic.kind}): {panic.message}")
        if stopped is Stopped.RESET:
            raise MachineFailure("triple fault: the machine reset itself")
        if stopped is not None:
            raise MachineFailure(f"the test's deadline of {self.observer.launch.deadline:.0f} s has passed")
