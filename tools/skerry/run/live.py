"""A running machine: QEMU's process, COM1, the control connection and the growing core logs, under one roof.

Life: `Live(...)` starts QEMU stopped; `go` lets it run; `wait` returns as soon as COM1 has bytes, QEMU has ended, or
a short time has passed; `look` then says what the cores have logged. Leaving the `with` block ends QEMU, whatever
the reason. A reset (a triple fault) leaves QEMU stopped with `was_reset` set, so that registers can still be read.
"""

import os
import selectors
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType

from skerry.console.follow import Follower
from skerry.machine import process
from skerry.machine.command import core_log
from skerry.machine.qmp import Qmp
from skerry.machine.registers import CoreState, parse_bytes, parse_registers
from skerry.run.serial import Serial

TICK = 0.05  # seconds between looks at the logs
Argv = Callable[[int], Sequence[str]]  # file descriptor of QMP -> QEMU's arguments


class Live:
    """One machine. `com1` is the serial line."""

    def __init__(self, argv: Argv, folder: Path, cores: int) -> None:
        self.folder, self.cores = folder, cores
        self.logs = [Follower(folder / core_log(core)) for core in range(cores)]
        self.was_reset = False
        self.started = self.last_byte = time.monotonic()
        self.com1 = Serial(folder)
        near, far = socket.socketpair()
        with far:
            self.process: subprocess.Popen[bytes] = process.start(argv(far.fileno()), folder, (far.fileno(),))
        self.qmp = Qmp(near)
        self._pid = os.pidfd_open(self.process.pid)
        self._selector = selectors.PollSelector()  # unlike epoll, also takes a file on standard input
        self._selector.register(self.com1.output, selectors.EVENT_READ)
        self._selector.register(self._pid, selectors.EVENT_READ)

    def __enter__(self) -> "Live":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def go(self, paused: bool = False) -> bool:
        """Let the machine run, unless gdb will; False when QEMU ended before it could."""
        self.started = self.last_byte = time.monotonic()
        if not self.qmp.connect():
            return False
        if not paused:
            self.qmp.ask("cont")  # a guest that ends at once may end before the answer
        return True

    @property
    def running(self) -> bool:
        return self.process.poll() is None

    @property
    def seconds(self) -> float:
        """Since the machine was let go."""
        return time.monotonic() - self.started

    @property
    def quiet(self) -> float:
        """Seconds since any console had a byte."""
        return time.monotonic() - self.last_byte

    def watch_also(self, descriptor: int) -> None:
        """Let `wait` return for this descriptor too (the user's terminal)."""
        self._selector.register(descriptor, selectors.EVENT_READ)

    def watch_no_more(self, descriptor: int) -> None:
        """Stop doing so (its end was reached)."""
        self._selector.unregister(descriptor)

    def wait(self, seconds: float = TICK) -> set[int]:
        """Descriptors that have something, at most `seconds` from now."""
        return {key.fd for key, _ in self._selector.select(seconds)}

    def read_com1(self) -> bytes:
        """What COM1 has now, without waiting."""
        data = self.com1.read()
        if data:
            self.last_byte = time.monotonic()
        return data

    def look(self) -> dict[int, str]:
        """New text of each core that has logged since the last look; also notices a reset."""
        new = {core: text for core, log in enumerate(self.logs) if (text := log.look())}
        if new:
            self.last_byte = time.monotonic()
        for event in self.qmp.events():
            self.was_reset |= event.name == "SHUTDOWN" and event.by_guest and event.reason == "guest-reset"
        return new

    def states(self) -> list[CoreState]:
        """Stop the machine and say where each core stands; empty when QEMU is gone."""
        self.qmp.ask("stop")
        return parse_registers(self.qmp.monitor("info registers -a"))

    def code_at(self, core: int, address: int, count: int = 16) -> bytes:
        """Guest memory as that core sees it."""
        return parse_bytes(self.qmp.monitor(f"x /{count}xb {address:#x}", core))

    def end(self) -> int:
        """End QEMU if it still runs; its exit status. May be called again."""
        status = process.stop(self.process)
        self.qmp.close()
        if self._pid >= 0:
            self._selector.close()
            self.com1.close()
            os.close(self._pid)
            self._pid = -1
        return status
