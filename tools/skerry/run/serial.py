"""COM1 as two named pipes in the run's folder.

Pipes, because they join single bytes: one holds a megabyte of unread output, while a socket's buffer is full after
some 300 one-byte sends, and what then waits inside QEMU is lost when the guest powers off.
"""

import contextlib
import errno
import fcntl
import os
import select
from pathlib import Path

CAPACITY = 1 << 20
PATIENCE = 5.0  # seconds for a guest that takes nothing


class Serial:
    """Our ends. QEMU opens the others by the name `com1`, with `.in` and `.out` added."""

    def __init__(self, folder: Path) -> None:
        self._paths = [folder / "com1.in", folder / "com1.out"]
        for path in self._paths:
            os.mkfifo(path)
        # Opened for both directions, so that neither side waits for the other.
        self.input, self.output = (os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC) for path in self._paths)
        with contextlib.suppress(OSError):  # beyond the user's limit it stays at 64 KiB
            fcntl.fcntl(self.output, fcntl.F_SETPIPE_SZ, CAPACITY)

    def read(self) -> bytes:
        """What has come, without waiting; empty when nothing has."""
        try:
            return os.read(self.output, 65536)
        except OSError as error:
            if error.errno in (errno.EAGAIN, errno.EBADF):
                return b""
            raise

    def write(self, data: bytes) -> None:
        """Type something; it waits in the pipe until the guest takes it. What a deaf guest leaves there is lost."""
        while data and select.select([], [self.input], [], PATIENCE)[1]:
            data = data[os.write(self.input, data[: select.PIPE_BUF]) :]

    def close(self) -> None:
        """Remove the pipes."""
        os.close(self.input)
        os.close(self.output)
        for path in self._paths:
            path.unlink(missing_ok=True)
