"""`invoke boot` with the scripted guest in the build's place: run as a program, with the script's file as argument."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

from scripted import RUN_ID
from skerry.errors import run_task
from skerry.machine.hardware import Wishes
from skerry.machine.probe import tiny_guest
from skerry.run import boot, cli
from skerry.run.artefacts import Artefacts
from skerry.run.options import BuildChoice
from skerry.workspace import default_workspace


def main(script: str, commands: str | None, logs: bool) -> int:
    """A run of the script."""
    guest = tiny_guest(default_workspace(), Path(__file__).with_name("scripted.S"))
    setattr(boot, "obtain", lambda *_: Artefacts(guest, Path(script), RUN_ID))  # noqa: B010 - in the build's place
    wishes = Wishes(smp=2, accel="tcg-rr")
    return boot.boot(cli.parse_run("default", wishes, BuildChoice(), commands, "10", logs), default_workspace())


if __name__ == "__main__":
    given = sys.argv[2] if len(sys.argv) > 2 else ""
    run_task(lambda: main(sys.argv[1], given or None, "--logs" in sys.argv))
