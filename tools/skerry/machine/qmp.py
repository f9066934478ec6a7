"""QEMU's control connection: continue, stop, events, and the human monitor's registers and memory.

A thin, typed cover over qemu.qmp's synchronous client. Every request has a deadline, and a connection that
broke because QEMU ended is an ordinary answer (None), not an exception: the process's exit status says more.
"""

import asyncio
import contextlib
import socket
from dataclasses import dataclass

from qemu.qmp.error import QMPError
from qemu.qmp.legacy import QEMUMonitorProtocol

DEADLINE = 20.0
FAILURES = (QMPError, OSError, EOFError, asyncio.TimeoutError, asyncio.IncompleteReadError)


@dataclass(frozen=True)
class Event:
    """Something that QEMU reports by itself; `reason` is set for SHUTDOWN and RESET."""

    name: str
    reason: str
    by_guest: bool


class Qmp:
    """One connection, over a socket whose other end QEMU has."""

    def __init__(self, wire: socket.socket) -> None:
        self._client = QEMUMonitorProtocol(wire)
        self._client.settimeout(DEADLINE)
        self._open = False

    def connect(self) -> bool:
        """Wait for QEMU's greeting; False when QEMU ended first."""
        try:
            self._client.connect()
        except FAILURES:
            return False
        self._open = True
        return True

    def ask(self, command: str, **arguments: object) -> object | None:
        """One request; None when QEMU is gone or refuses."""
        if not self._open:
            return None
        try:
            return self._client.cmd(command, **arguments)
        except FAILURES:
            return None

    def monitor(self, line: str, core: int = 0) -> str:
        """A line to the human monitor, looking through the eyes of one core."""
        answer = self.ask("human-monitor-command", **{"command-line": line, "cpu-index": core})
        return answer if isinstance(answer, str) else ""

    def events(self) -> list[Event]:
        """What has been reported since the last call."""
        found = []
        while self._open:
            try:
                message = self._client.pull_event()
            except FAILURES:
                break
            if message is None:
                break
            data = message.get("data") or {}
            found.append(Event(str(message["event"]), str(data.get("reason", "")), bool(data.get("guest", False))))
        return found

    def close(self) -> None:
        """Hang up; harmless when QEMU already has."""
        with contextlib.suppress(*FAILURES):
            self._client.close()
        self._open = False
