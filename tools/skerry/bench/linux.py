"""The Linux peer's paths as a suite wants them."""

import tomllib
from pathlib import Path

from skerry.bench.suite import BenchPath, Suite
from skerry.errors import UserError

GUEST = "linux"
OVERHEAD = "overhead"
FILE = Path(__file__).resolve().parents[1] / "peers" / "linux" / "paths.toml"


def paths_of(suite: Suite) -> tuple[BenchPath, ...]:
    """Those that the suite's own paths name, each once."""
    known = tomllib.loads(FILE.read_text())
    names = dict.fromkeys(name for path in suite.paths for name in path.linux)
    for name in names:
        if name not in known:
            raise UserError(f"suite {suite.name}: the Linux peer has no path {name!r}", f"see {FILE.name}")
    return tuple(
        BenchPath(name, of["title"], per=of.get("per", 1), host=of.get("host", ""), paper=of.get("paper", ""))
        for name, of in ((name, known[name]) for name in names)
    )
