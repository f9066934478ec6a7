"""`invoke debug`: the machine stopped at its first instruction, gdb attached, one core's symbols loaded.

All images are linked at the same window, so gdb can hold the symbols of one class at a time: the class of --core.
gdb has the terminal; the shell's line is a pair of pipes in the run's folder.
"""

import dataclasses
import shlex
import shutil
import subprocess
import threading

from skerry import abi
from skerry.errors import UserError
from skerry.machine import process
from skerry.run.artefacts import Artefacts
from skerry.run.folder import new_folder
from skerry.run.launch import find_hardware, prepare, started
from skerry.run.live import Live
from skerry.run.obtain import obtain
from skerry.run.options import RunOptions
from skerry.workspace import Workspace


def debug(options: RunOptions, core: int, workspace: Workspace) -> int:
    """Start both; the machine ends with gdb."""
    hardware = find_hardware(options, workspace)
    artefacts = obtain(options, hardware.cores, workspace)
    if core not in artefacts.cores:
        raise UserError(
            f"--core {core}: this build has {len(artefacts.cores)} images", "use --core 0, or a larger --smp"
        )
    port = process.free_port()
    wanted = dataclasses.replace(options, gdb_port=port, interactive=True)
    folder = new_folder(workspace.build / "run")
    launch = prepare(wanted, hardware, artefacts, abi.load(workspace.contract), folder)
    argv = gdb_argv(artefacts, core, port)
    print(f"the shell: tail -f {folder}/com1.log, and printf 'cores\\r' > {folder}/com1.in")
    with started(launch, paused=True) as live:
        threading.Thread(target=_drain, args=(live,), daemon=True).start()
        if shutil.which(argv[0]) is None:
            print(f"gdb is not on PATH; from another computer or editor: {shlex.join(argv)}\nCtrl-C ends the machine.")
            return _wait(live)
        return subprocess.run(argv, check=False).returncode


def gdb_argv(artefacts: Artefacts, core: int, port: int) -> list[str]:
    """gdb's command line. Hardware breakpoints, as images are not in memory when gdb starts."""
    monitor = [path for path in artefacts.programs if path.stem == "monitor"]
    lines = [
        "set confirm off",
        f"file {artefacts.cores[core]}",
        *(f"add-symbol-file {path}" for path in monitor),
        f"target remote 127.0.0.1:{port}",
        f"echo Core {core} is thread {core + 1}. Break with hbreak; continue starts the machine.\\n",
    ]
    return ["gdb", "-q", *(word for line in lines for word in ("-ex", line))]


def _drain(live: Live) -> None:
    """Keep COM1 moving; com1.log has what it said."""
    while live.running:
        live.wait(1.0)
        live.read_com1()


def _wait(live: Live) -> int:
    return live.process.wait()
