"""Which files the interfaces generate, from which template and with which rows."""

from collections.abc import Sequence
from pathlib import Path

from skerry.abi.rows import cell
from skerry.interfaces.model import Interface
from skerry.interfaces.rows import interface_rows
from skerry.render import render, write_if_changed

TEMPLATES = Path(__file__).parent / "templates"
OUTPUTS = {
    "include/if/{}.h": "numbers.h.j2",
    "include/if/{}_client.h": "client.h.j2",
    "include/if/{}_server.h": "server.h.j2",
    "if/{}_service.c": "service.c.j2",
}
REFERENCE = "interfaces.md"


def texts(interfaces: Sequence[Interface]) -> dict[str, str]:
    """Every generated file: its path under the output folder, and its text."""
    rows = {interface.name: interface_rows(interface) for interface in interfaces}
    files = {
        path.format(name): render(TEMPLATES / template, **row)
        for name, row in rows.items()
        for path, template in OUTPUTS.items()
    }
    files[REFERENCE] = render(TEMPLATES / "reference.md.j2", interfaces=list(rows.values()), cell=cell)
    return files


def generate(interfaces: Sequence[Interface], out: Path) -> list[Path]:
    """Write the files that changed, and say which. What an interface left that is gone is removed."""
    files = texts(interfaces)
    for pattern in OUTPUTS:
        for old in out.glob(pattern.format("*")):
            if str(old.relative_to(out)) not in files:
                old.unlink()
    return [out / path for path, text in files.items() if write_if_changed(out / path, text)]


def service_sources(interfaces: Sequence[Interface]) -> tuple[str, ...]:
    """The generated C files, under the output folder."""
    return tuple(f"if/{interface.name}_service.c" for interface in interfaces)
