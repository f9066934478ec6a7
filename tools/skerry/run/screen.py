"""The shell's words on standard output, and whether it has prompted: in what came at the very end too.

A machine may end between two looks, so its last words, the only prompt perhaps among them, are read afterwards.
"""

import sys

from skerry.run.live import Live

PROMPT = b"skerry> "


class Screen:
    """Copies COM1. `prompted` says whether a prompt has ever come."""

    def __init__(self, live: Live) -> None:
        self._live, self._tail = live, b""
        self.prompted = False

    def show(self) -> bool:
        """Copy what is there now; False if that is nothing."""
        data = self._live.read_com1()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        seen = self._tail + data
        self.prompted = self.prompted or PROMPT in seen
        self._tail = seen[-len(PROMPT) :]
        return bool(data)

    def show_all(self) -> None:
        """Copy the last words of a machine that has ended."""
        while self.show():
            pass

    @property
    def waits(self) -> bool:
        """Whether the prompt is the last thing there, so that the shell waits for a line."""
        return self._tail == PROMPT

    def typed(self) -> None:
        """A line was typed at the prompt."""
        self._tail = b""
