"""QEMU as a child that never outlives us, whatever happens to us.

Three nets, each for what the one before cannot catch: `stop` in the caller's `finally`; the parent-death signal,
which the system sends when we are killed; and a session of its own, so that Ctrl-C reaches us and not QEMU.
"""

import ctypes
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from skerry.errors import UserError

PR_SET_PDEATHSIG = 1
GRACE = 5.0  # seconds that a killed QEMU gets to be gone
INSTALL = "sudo apt-get install --no-install-recommends qemu-system-x86"


def find_qemu() -> str:
    """QEMU's path, or a line that says how to get it."""
    path = shutil.which("qemu-system-x86_64")
    if path is None:
        raise UserError("qemu-system-x86_64 is not on PATH", INSTALL)
    return path


def _die_with(parent: int) -> Callable[[], None]:
    libc = ctypes.CDLL(None, use_errno=True)

    def arm() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:  # it died before the signal was armed
            os._exit(1)

    return arm


def start(argv: Sequence[str], folder: Path, fds: Sequence[int] = ()) -> subprocess.Popen[bytes]:
    """Start QEMU in `folder`; its own messages go to qemu.log there."""
    with (folder / "qemu.log").open("wb") as log:
        return subprocess.Popen(
            argv,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            pass_fds=tuple(fds),
            start_new_session=True,
            preexec_fn=_die_with(os.getpid()),  # noqa: PLW1509 - only system calls, and libc is loaded before
        )


def stop(process: subprocess.Popen[bytes]) -> int:
    """End QEMU if it still runs, wait for it, return its exit status."""
    if process.poll() is None:
        process.kill()
    return process.wait(GRACE)


def cpu_seconds(pid: int) -> float:
    """What a process and its threads have used so far; 0 of one that is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    user, system = int(fields[11]), int(fields[12])  # fields 14 and 15 of proc(5), counted from behind the name
    return (user + system) / os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    """A TCP port of this computer that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
