"""`build`: from a configuration to the files that a machine boots.

configure -> ninja (compile, link, check, pack) -> BuildResult. One build at a time works in a checkout; others wait.
"""

import fcntl
import hashlib
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from skerry.configure import BuildConfig, check_config, configure
from skerry.errors import UserError, parse_count
from skerry.progress import run_ninja
from skerry.workspace import Workspace, default_workspace

__all__ = ["BuildConfig", "BuildResult", "build", "load_result"]


@dataclass(frozen=True)
class BuildResult:
    """What a build left behind; every path is absolute."""

    config: BuildConfig
    build_id: str
    loader: Path
    archive: Path
    manifest: Path
    core_elfs: tuple[Path, ...]
    programs: dict[str, Path]


def build(config: BuildConfig, workspace: Workspace | None = None) -> BuildResult:
    """Bring everything that this configuration needs up to date."""
    workspace = workspace or default_workspace()
    check_config(config, workspace)
    with _alone(workspace):
        configured = configure(config, workspace)
        _run(workspace, configured.ninja_file)
        try:
            return load_result(config, workspace)
        except UserError as error:
            print(f"skerry: {error.message}; it is made again")
            for name in (f"manifest-{config.cores}.json", f"boot-{config.cores}.cpio", "loader.elf"):
                (workspace.root / folder_name(config) / name).unlink(missing_ok=True)
            _run(workspace, configured.ninja_file)
            return load_result(config, workspace)


def load_result(config: BuildConfig, workspace: Workspace | None = None) -> BuildResult:
    """What an earlier build of this configuration left; this is all that --no-build does."""
    workspace = workspace or default_workspace()
    path = workspace.root / folder_name(config) / f"manifest-{config.cores}.json"
    try:
        table = json.loads(path.read_text())
    except (OSError, ValueError):
        what = f"{config.cores} cores of machine {config.machine} ({config.profile}, {config.toolchain})"
        raise UserError(f"nothing is built for {what}", "run invoke build") from None
    root = workspace.root
    _verify(root, table["archive"]["path"], table["archive"]["sha256"])
    _verify(root, table["loader"]["elf"], table["loader"]["sha256"])
    return BuildResult(
        config=config,
        build_id=table["build_id"],
        loader=root / table["loader"]["elf"],
        archive=root / table["archive"]["path"],
        manifest=path,
        core_elfs=tuple(root / row["elf"] for row in table["files"] if row["core"] is not None),
        programs={
            Path(row["path"]).name: root / row["elf"] for row in table["files"] if row["path"].startswith("bin/")
        },
    )


def _run(workspace: Workspace, ninja_file: str) -> None:
    if run_ninja(workspace, ninja_file) != 0:
        raise UserError("the build failed", "mend the first error above")


def _verify(root: Path, path: str, sha256: str) -> None:
    """What the manifest names must still be what lies there."""
    try:
        found = hashlib.sha256((root / path).read_bytes()).hexdigest()
    except OSError:
        raise UserError(f"{path} is missing", "run invoke build") from None
    if found != sha256:
        raise UserError(f"{path} is not the file that was built: it is damaged or of another build", "run invoke build")


def folder_name(config: BuildConfig) -> str:
    """The folder of a configuration, below the root."""
    debug = "-debug" if config.profile == "debug" else ""
    return f"build/{config.machine}{debug}" + (f"-{config.toolchain}" if config.toolchain != "zig" else "")


def build_task(cores: str, machine: str, profile: str, toolchain: str) -> None:
    """`invoke build`."""
    from skerry.plan import machine_plan
    from skerry.sizes import size_table

    workspace = default_workspace()
    plan = machine_plan(workspace.machines, machine)
    count = parse_count("--cores", cores, 1, 255) if cores else plan.default_cores
    result = build(BuildConfig(machine, count, profile, toolchain), workspace)
    print(size_table(json.loads(result.manifest.read_text())))


def clean_task() -> None:
    """`invoke clean`."""
    workspace = default_workspace()
    if workspace.build.is_dir():
        with _alone(workspace):
            for path in workspace.build.iterdir():
                if path.name == ".lock":
                    continue
                if path.is_dir():
                    shutil.rmtree(path)
                else:
                    path.unlink()


@contextmanager
def _alone(workspace: Workspace) -> Iterator[None]:
    workspace.build.mkdir(exist_ok=True)
    with (workspace.build / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
