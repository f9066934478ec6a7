"""What `info registers -a` of QEMU's monitor says, core by core."""

import re
from dataclasses import dataclass

_CPU = re.compile(r"^CPU#(\d+)\s*$", re.MULTILINE)
_FIELD = re.compile(r"\b(R[A-Z0-9]{1,3}|E[A-Z]{2}|CR[0234]|CPL|HLT)\s?=\s?([0-9a-f]+)")
KERNEL_HALF = 1 << 63


@dataclass(frozen=True)
class CoreState:
    """Where one core stands."""

    core: int
    rip: int
    halted: bool
    cpl: int
    values: dict[str, int]

    @property
    def in_kernel(self) -> bool:
        return self.rip >= KERNEL_HALF


def parse_registers(text: str) -> list[CoreState]:
    """All cores of a dump; a core still in 16- or 32-bit mode is shown by its EIP."""
    parts = _CPU.split(text.replace("\r", ""))[1:]
    states = []
    for number, body in zip(parts[::2], parts[1::2], strict=True):
        values = {name: int(value, 16) for name, value in _FIELD.findall(body)}
        rip = values.get("RIP", values.get("EIP", 0))
        states.append(CoreState(int(number), rip, bool(values.get("HLT")), values.get("CPL", 0), values))
    return states


def parse_bytes(text: str) -> bytes:
    """The bytes of an `x /Nxb` dump, up to the first that could not be read."""
    found = bytearray()
    for line in text.replace("\r", "").splitlines():
        _, _, cells = line.partition(":")
        for cell in cells.split():
            if not cell.startswith("0x"):
                return bytes(found)
            found.append(int(cell, 16))
    return bytes(found)
