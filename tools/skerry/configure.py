"""Configuring: from the contract, the templates and the plans to generated sources and a ninja file.

It is done again only when something that it read has changed: a stamp holds a digest over the names of all sources and
over size and time of the files that are read here. What a C file says is ninja's business, not this stamp's.
"""

import hashlib
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from skerry.errors import UserError
from skerry.workspace import PACKAGE, Workspace

SOURCE_FOLDERS = ("kernel", "userland")
READ_FOLDERS = ("kernel/abi", "kernel/templates", "userland/if", "userland/libc", "qemu/machines")
READ_SUFFIXES = (".toml", ".j2", ".py")
SOURCE_SUFFIXES = (".c", ".S", ".ld")


@dataclass(frozen=True)
class BuildConfig:
    """What to build."""

    machine: str = "default"
    cores: int = 4
    profile: str = "release"
    toolchain: str = "zig"


@dataclass(frozen=True)
class Configured:
    """Where configuring left what the next steps need."""

    ninja_file: str
    folder: str
    shared: str


def configure(config: BuildConfig, workspace: Workspace) -> Configured:
    """Bring the ninja file of this configuration up to date."""
    name = f"{config.machine}-{config.cores}-{config.profile}-{config.toolchain}"
    stamp = workspace.build / "configured" / f"{name}.json"
    signature = _signature(config, workspace)
    known = _fresh(stamp, signature, workspace)
    if known is not None:
        return known
    from skerry.prepare import prepare  # what it imports takes longer than all of a build without changes

    prepared, files = prepare(config, workspace)
    stamp.parent.mkdir(parents=True, exist_ok=True)
    row = {"signature": signature, "files": files, "configured": vars(prepared)}
    stamp.write_text(json.dumps(row))
    return prepared


def _fresh(stamp: Path, signature: str, workspace: Workspace) -> Configured | None:
    """What an earlier run left, when it still holds and none of its files is gone."""
    try:
        row = json.loads(stamp.read_text())
    except (OSError, ValueError):
        return None
    if row.get("signature") != signature or not all((workspace.root / f).is_file() for f in row["files"]):
        return None
    return Configured(**row["configured"])


def _signature(config: BuildConfig, workspace: Workspace) -> str:
    digest = hashlib.sha256()
    digest.update(f"{config}\n{sys.version}\n{sys.prefix}\n{workspace.root}\n".encode())
    for line in _signature_lines(workspace):
        digest.update(line.encode() + b"\n")
    return digest.hexdigest()


def _signature_lines(workspace: Workspace) -> Iterator[str]:
    for folder in SOURCE_FOLDERS:
        for path in sorted((workspace.root / folder).rglob("*")):
            if path.suffix in SOURCE_SUFFIXES:
                yield str(path)
    for read in (*(workspace.root / name for name in READ_FOLDERS), PACKAGE):
        for path in sorted(read.rglob("*")):
            if path.suffix in READ_SUFFIXES:
                status = path.stat()
                yield f"{path} {status.st_size} {status.st_mtime_ns}"


def check_config(config: BuildConfig, workspace: Workspace) -> None:
    """Refuse what can never be built, before anything is started."""
    from skerry.toolchain import PROFILES, TOOLCHAINS

    for option, value, known in (
        ("--profile", config.profile, PROFILES),
        ("--toolchain", config.toolchain, TOOLCHAINS),
    ):
        if value not in known:
            raise UserError(f"{option} {value!r} is not known", f"take one of: {', '.join(known)}")
    if not 1 <= config.cores <= 255:
        raise UserError(f"{config.cores} cores cannot be built", "take 1 to 255 (xAPIC ids end at 254)")
    if not (workspace.machines / f"{config.machine}.toml").is_file():
        from skerry.plan import machine_plan

        machine_plan(workspace.machines, config.machine)
