"""The shell with commands from a pipe: each line is typed when the prompt is there; at the end, poweroff.

`echo cores | invoke boot` and `invoke boot < /dev/null` end by themselves, with the shell's status.
"""

import os
import sys

from skerry.run.evidence import Stopped
from skerry.run.observe import Observer
from skerry.run.screen import Screen


class _Lines:
    """Standard input as lines, read when it has something."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor, self.ended = descriptor, False
        self._rest = b""
        self._whole: list[bytes] = []

    def fill(self) -> None:
        data = os.read(self.descriptor, 65536)
        self.ended = not data
        *lines, self._rest = (self._rest + data).split(b"\n")
        self._whole += [line for line in lines if line.strip()]
        if self.ended and self._rest.strip():
            self._whole.append(self._rest)

    def next(self) -> bytes | None:
        if self._whole:
            return self._whole.pop(0).strip()
        return b"poweroff" if self.ended else None


def run_piped(observer: Observer) -> tuple[Stopped, bool]:
    """Feed the lines, copy the output; the second result says whether a prompt came."""
    live, lines, screen = observer.live, _Lines(sys.stdin.fileno()), Screen(observer.live)
    stopped, reads = None, False
    while stopped is None and live.running:
        ready = live.wait()
        screen.show()
        if screen.waits and not reads:
            reads = True
            live.watch_also(lines.descriptor)
        if lines.descriptor in ready and not lines.ended:
            lines.fill()
            if lines.ended:
                live.watch_no_more(lines.descriptor)
        if screen.waits and (line := lines.next()) is not None:
            live.com1.write(line + b"\r")
            screen.typed()
        observer.look()
        stopped = observer.stopped()
        if stopped is None and not screen.waits and live.quiet > observer.launch.stall:
            stopped = Stopped.STALL
    screen.show_all()
    return stopped or Stopped.NOT, screen.prompted
