"""CorePlan: what the build decides for one core, and how a machine file's classes become one plan a core.

A machine file may have `[[class]]` rows; a row names its cores ("0", "4-7,12") or, without `cores`, takes all that no
other row names. A file without rows has one class for all cores, with the defaults below. A row with `spare = true` is
no core's at boot: the archive holds an image of it for every core besides, for `core start N image NAME`.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path

from skerry.errors import UserError

SCHEDULERS = {"rbed": 0, "run-to-block": 1}
CLASS_NAME_BYTES = 16


@dataclass(frozen=True)
class CoreClass:
    """Cores whose images have the same text and layout."""

    name: str = "default"
    cores: frozenset[int] | None = None
    scheduler: str = "rbed"
    timeslice_us: int = 5000
    tickless: bool = True
    trace_bytes: int = 65536
    fast_lrpc: bool = True
    spare: bool = False

    def takes(self, core: int) -> bool:
        return self.cores is None or core in self.cores


@dataclass(frozen=True)
class CorePlan:
    """All that makes one core's image its own."""

    core: int
    class_name: str
    scheduler: int
    timeslice_us: int
    tickless: bool
    trace_bytes: int
    fast_lrpc: bool
    log_port: int
    spare: bool = False

    @property
    def stem(self) -> str:
        """What tells its image from the others: the core, and the class of a spare one."""
        return f"{self.core}.{self.class_name}" if self.spare else f"{self.core}"


@dataclass(frozen=True)
class MachinePlan:
    """What the build takes from a machine file."""

    name: str
    default_cores: int
    classes: tuple[CoreClass, ...]

    def core(self, core: int, log_port_base: int) -> CorePlan:
        """The plan of one core; the first class that names it wins over one that takes the rest."""
        own = [c for c in self.classes if not c.spare]
        named = [c for c in own if c.cores is not None and c.takes(core)]
        rest = [c for c in own if c.cores is None]
        return _core_plan((named + rest + [CoreClass()])[0], core, log_port_base)

    def spares(self, core: int, log_port_base: int) -> tuple[CorePlan, ...]:
        """The other plans of the core, of which the archive has images too."""
        return tuple(_core_plan(c, core, log_port_base) for c in self.classes if c.spare and c.takes(core))


def _core_plan(chosen: CoreClass, core: int, log_port_base: int) -> CorePlan:
    return CorePlan(
        core=core,
        class_name=chosen.name,
        scheduler=SCHEDULERS[chosen.scheduler],
        timeslice_us=chosen.timeslice_us,
        tickless=chosen.tickless,
        trace_bytes=chosen.trace_bytes,
        fast_lrpc=chosen.fast_lrpc,
        log_port=log_port_base + core,
        spare=chosen.spare,
    )


def machine_plan(folder: Path, name: str) -> MachinePlan:
    """Read the machine called `name` from the folder of machine files."""
    path = folder / f"{name}.toml"
    if "/" in name or not path.is_file():
        known = ", ".join(sorted(p.stem for p in folder.glob("*.toml"))) or "none"
        raise UserError(f"there is no machine {name!r} in {folder.parent.name}/{folder.name}", f"take one of: {known}")
    try:
        table = tomllib.loads(path.read_text())
    except tomllib.TOMLDecodeError as error:
        raise UserError(f"{path.name}: {error}", "mend that line") from None
    rows = table.get("class", [])
    classes = tuple(_core_class(path.name, row) for row in rows) or (CoreClass(),)
    return MachinePlan(name, int(table.get("cores", 4)), classes)


def parse_cores(text: str) -> frozenset[int]:
    """The set that "0-3,8" names."""
    cores: set[int] = set()
    for part in text.split(","):
        first, _, last = part.partition("-")
        cores.update(range(int(first), int(last or first) + 1))
    return frozenset(cores)


def _core_class(file: str, row: Mapping[str, object]) -> CoreClass:
    """One row, checked."""
    where = f"{file}: class {row.get('name', '?')!r}"
    known = {field.name: type(field.default) for field in fields(CoreClass)}
    for key, value in row.items():
        wanted = str if key == "cores" else known.get(key)
        if wanted is None:
            raise UserError(f"{where}: unknown key {key!r}", f"keys are {', '.join(known)}")
        if type(value) is not wanted:
            raise UserError(f"{where}: {key} must be {wanted.__name__}", f"mend {key}")
    result = replace(CoreClass(), **{k: v for k, v in row.items() if k != "cores"})  # type: ignore[arg-type]
    if "cores" in row:
        try:
            result = replace(result, cores=parse_cores(str(row["cores"])))
        except ValueError:
            raise UserError(f"{where}: cores {row['cores']!r} is no list", 'write it like "0-3,8"') from None
    if result.scheduler not in SCHEDULERS:
        raise UserError(f"{where}: no scheduler {result.scheduler!r}", f"take one of: {', '.join(SCHEDULERS)}")
    if len(result.name.encode()) >= CLASS_NAME_BYTES:
        raise UserError(f"{where}: the name is too long", f"use at most {CLASS_NAME_BYTES - 1} bytes")
    return result
