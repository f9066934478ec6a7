"""The build's files as a run needs them, found through the manifest and proved undamaged.

A file that was changed after the build (or cut short by a full disk) is found here, before anything is started.
"""

import os
import shutil
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from skerry.symbols.image import Image


def _kept(path: Path, folder: Path) -> Path:
    """The file as it is now, whatever happens to its name: compilers and linkers replace files, never change them."""
    kept = folder / path.name
    try:
        os.link(path, kept)
    except OSError:
        shutil.copy2(path, kept)
    return kept


@dataclass(frozen=True)
class Artefacts:
    """One build. `builds` is each core image's build id; `cores`, `programs` and `spares` are ELFs with symbols, the
    last of images that a core may be started again with, by build id."""

    loader: Path
    archive: Path
    run_id: str
    builds: dict[int, str] = field(default_factory=dict)
    cores: dict[int, Path] = field(default_factory=dict)
    programs: tuple[Path, ...] = ()
    spares: dict[str, Path] = field(default_factory=dict)

    def kept_in(self, folder: Path) -> "Artefacts":
        """The same build in a folder of its own, so that it stays what it is when the checkout is built again."""
        archive = folder / self.archive.name
        shutil.copy2(self.archive, archive)  # this one is written in place
        return replace(
            self,
            loader=_kept(self.loader, folder),
            archive=archive,
            cores={core: _kept(path, folder) for core, path in self.cores.items()},
            programs=tuple(_kept(path, folder) for path in self.programs),
            spares={build: _kept(path, folder) for build, path in self.spares.items()},
        )

    @cached_property
    def core_images(self) -> dict[int, Image]:
        """Each core's image, for symbols."""
        return {core: Image(path) for core, path in self.cores.items()}

    @cached_property
    def program_images(self) -> tuple[Image, ...]:
        return tuple(Image(path) for path in self.programs)

    def program(self, name: str) -> Image | None:
        """The program that a domain runs, by the domain's name (cut to its 15 letters in the CPU driver)."""
        return next((image for image in self.program_images if image.file.stem[:15] == name[:15]), None)

    def image_of(self, core: int, build: str) -> Image | None:
        """The image that a panic record names: by its build id, or the core's when the id was cut short."""
        if build in self.spares:
            return Image(self.spares[build])
        if build and self.builds.get(core) != build:
            core = next((other for other, known in self.builds.items() if known == build), -1)
        return self.core_images.get(core)
