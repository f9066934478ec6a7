"""Copies of the checkout, for tests that type what a README tells a person to type."""

import shutil
from pathlib import Path

from skerry.testing.factory import MachineFactory
from skerry.workspace import Workspace, default_workspace

ROOT = default_workspace().root
# Without them nothing asks for the C library, which takes longer to compile than all the rest.
NOT_COPIED = shutil.ignore_patterns("cprograms")


def copied_checkout(machine: MachineFactory, folder: Path) -> MachineFactory:
    """What boots machines of a copy in this folder, where files may be added and changed."""
    for name in ("kernel", "userland", "qemu"):
        shutil.copytree(ROOT / name, folder / name, ignore=NOT_COPIED)
    return MachineFactory(Workspace(folder), machine.new_folder, machines=machine.machines, stack=machine.stack)
