"""Which files a contract generates, from which template and with which rows."""

from pathlib import Path

from skerry.abi.model import Contract
from skerry.abi.rows import contract_rows
from skerry.render import render, write_if_changed

TEMPLATES = Path(__file__).parent / "templates"
OUTPUTS = {
    "include/abi/abi.h": "abi.h.j2",
    "include/abi/abi_asm.h": "abi_asm.h.j2",
    "include/abi/kernel.h": "kernel.h.j2",
    "include/abi/stubs.h": "stubs.h.j2",
    "abi_tables.c": "abi_tables.c.j2",
    "abi_names.c": "abi_names.c.j2",
    "reference.md": "reference.md.j2",
}


def texts(contract: Contract) -> dict[str, str]:
    """Every generated file: its path under the output folder, and its text."""
    rows = contract_rows(contract)
    return {path: render(TEMPLATES / template, **rows) for path, template in OUTPUTS.items()}


def generate(contract: Contract, out: Path) -> list[Path]:
    """Write the files that changed, and say which."""
    return [out / path for path, text in texts(contract).items() if write_if_changed(out / path, text)]
