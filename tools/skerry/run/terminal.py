"""The shell on the user's terminal: bytes go through as they are, Ctrl-] leaves.

Ctrl-\\ turns the terminal into the machine's keyboard, and back: what is typed then reaches its keyboard controller.

The terminal is in raw mode meanwhile, and is put back whatever happens, a SIGTERM included.
"""

import os
import signal
import sys
import termios
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from skerry.machine.keyboard import press
from skerry.run.evidence import Stopped
from skerry.run.observe import Observer
from skerry.run.screen import Screen

LEAVE = b"\x1d"  # Ctrl-]
HINT = "Leave with Ctrl-], or with the command poweroff."
SWITCH = 0x1C  # Ctrl-\\


@contextmanager
def raw_mode(descriptor: int) -> Iterator[None]:
    """Raw mode for the length of a block."""

    def end(_: int, __: FrameType | None) -> None:
        raise SystemExit(143)

    before = termios.tcgetattr(descriptor)
    handler = signal.signal(signal.SIGTERM, end)
    try:
        tty.setraw(descriptor)
        yield
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
        signal.signal(signal.SIGTERM, handler)


def run_terminal(observer: Observer) -> tuple[Stopped, bool]:
    """Pass bytes both ways until the machine ends; the second result says whether a prompt came."""
    live, keyboard = observer.live, sys.stdin.fileno()
    stopped, screen, typing = None, Screen(live), _Typing(observer)
    with raw_mode(keyboard):
        live.watch_also(keyboard)
        while stopped is None and live.running:
            ready = live.wait()
            screen.show()
            if keyboard in ready and not typing.forward(keyboard):
                return Stopped.LEFT, screen.prompted
            observer.look()
            stopped = observer.stopped()
            if not screen.prompted and stopped is None and live.quiet > observer.launch.stall:
                stopped = Stopped.STALL
        screen.show_all()
    return stopped or Stopped.NOT, screen.prompted


def _write(data: bytes) -> None:
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


class _Typing:
    """Where what is typed goes: to the serial line, or to the machine's keyboard."""

    def __init__(self, observer: Observer) -> None:
        self._live, self._is_keyboard = observer.live, False

    def forward(self, keyboard: int) -> bool:
        """Hand on what was typed; False for Ctrl-] or when the terminal has gone."""
        typed = os.read(keyboard, 4096)
        if not typed or LEAVE in typed:
            return False
        first, *others = typed.split(bytes([SWITCH]))
        self._hand_on(first)
        for part in others:
            self._is_keyboard = not self._is_keyboard
            where = "the machine's keyboard" if self._is_keyboard else "the serial line"
            _write(f"\r\n[typing goes to {where}; Ctrl-\\ changes that]\r\n".encode())
            self._hand_on(part)
        return True

    def _hand_on(self, typed: bytes) -> None:
        if not self._is_keyboard:
            self._live.com1.write(typed)
            return
        for character in typed.decode("ascii", "ignore"):
            press(self._live.qmp, character)
