"""The files of a run: built, or with --no-build taken as they are (the build's own check refuses damaged ones)."""

import json
from dataclasses import replace

from skerry.build import BuildConfig, BuildResult, build, folder_name, load_result
from skerry.run.artefacts import Artefacts
from skerry.run.options import RunOptions
from skerry.workspace import Workspace


def obtain(options: RunOptions, cores: int, workspace: Workspace) -> Artefacts:
    """The artefacts that a machine with `cores` cores boots."""
    choice = options.images
    wanted = BuildConfig(options.machine, choice.cores or cores, choice.profile, choice.toolchain)
    if choice.build:
        return _artefacts(build(wanted, workspace))
    return _artefacts(load_result(wanted if choice.cores else _nearest(wanted, workspace), workspace))


def _nearest(wanted: BuildConfig, workspace: Workspace) -> BuildConfig:
    """What was built before: with that many images, else with the next more, else with the most."""
    folder = workspace.root / folder_name(wanted)
    names = [path.stem.removeprefix("manifest-") for path in folder.glob("manifest-*.json")]
    counts = sorted(int(name) for name in names if name.isdigit())
    if not counts:
        return wanted
    return replace(wanted, cores=next((count for count in counts if count >= wanted.cores), counts[-1]))


def _artefacts(result: BuildResult) -> Artefacts:
    images = [row for row in json.loads(result.manifest.read_text())["files"] if row["class"] is not None]
    rows = [row for row in images if row["core"] is not None]
    root = result.archive.parents[2]
    return Artefacts(
        loader=result.loader,
        archive=result.archive,
        run_id=result.build_id,
        builds={row["core"]: row["build_id"] for row in rows},
        cores={row["core"]: path for row, path in zip(rows, result.core_elfs, strict=True)},
        programs=tuple(result.programs.values()),
        spares={row["build_id"]: root / row["elf"] for row in images if row["core"] is None},
    )
