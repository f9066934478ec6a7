"""Where things are in a checkout: the one place that knows the folders' names."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Workspace:
    """A checkout. Paths that land in generated files are relative to its root, so that they are the same everywhere."""

    root: Path

    @property
    def kernel(self) -> Path:
        return self.root / "kernel"

    @property
    def userland(self) -> Path:
        return self.root / "userland"

    @property
    def contract(self) -> Path:
        return self.root / "kernel" / "abi"

    @property
    def interfaces(self) -> Path:
        return self.root / "userland" / "if"

    @property
    def templates(self) -> Path:
        return self.root / "kernel" / "templates"

    @property
    def machines(self) -> Path:
        return self.root / "qemu" / "machines"

    @property
    def build(self) -> Path:
        return self.root / "build"

    @property
    def generated(self) -> Path:
        return self.root / "build" / "gen"

    def relative(self, path: Path) -> str:
        """The path as generated files name it; a path outside the checkout stays absolute."""
        return str(path.relative_to(self.root)) if path.is_relative_to(self.root) else str(path)


PACKAGE = Path(__file__).resolve().parent


def default_workspace() -> Workspace:
    """The checkout that this package lies in."""
    return Workspace(PACKAGE.parents[1])
