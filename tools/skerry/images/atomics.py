"""The proof that CPU drivers share nothing: their machine code has no locked instruction.

An `xchg` with memory locks without a prefix. Every byte of executable sections must disassemble, so that nothing hides;
a linear sweep suffices because compilers put tables and strings elsewhere.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from capstone import CS_ARCH_X86, CS_MODE_64, Cs

from skerry.images.checks import Failure, failure
from skerry.images.elf import SECTION_EXECUTE, Image, Section

BATCH = 32
LONGEST = 15


@dataclass(frozen=True)
class Instruction:
    """One instruction, as the disassembler prints it."""

    address: int
    mnemonic: str
    operands: str

    @property
    def text(self) -> str:
        return f"{self.mnemonic} {self.operands}".strip()


@cache
def _disassembler() -> Cs:
    engine = Cs(CS_ARCH_X86, CS_MODE_64)
    engine.skipdata = True
    return engine


def check_atomics(image: Image) -> Iterator[Failure]:
    """Locked instructions in an image, and code that cannot be read."""
    for section in image.sections:
        if section.flags & SECTION_EXECUTE:
            yield from _check_section(image, section)


def _check_section(image: Image, section: Section) -> Iterator[Failure]:
    for instruction in sweep(section.data, section.address):
        if is_locked(instruction):
            problem = f"a CPU driver must not lock memory, but has `{instruction.text}`"
        elif instruction.mnemonic.startswith("."):
            problem = f"bytes that are no instruction (`{instruction.text}`)"
        else:
            continue
        yield failure(image, problem, image.symbol_at(instruction.address), instruction.address)


def sweep(code: bytes, address: int) -> Iterator[Instruction]:
    """Every instruction from the first byte to the last.

    capstone ends a ud1, which UBSan's traps are, before its operand, so decoding goes in batches and begins anew there.
    """
    position = 0
    while position < len(code):
        batch = code[position : position + BATCH * LONGEST]
        for at, size, mnemonic, operands in _disassembler().disasm_lite(batch, address + position, BATCH):
            yield Instruction(at, mnemonic, operands)
            position = at - address + size
            if mnemonic == "ud1":
                position += _operand_length(code[position : position + 2])
                break


def _operand_length(code: bytes) -> int:
    """Bytes of ModRM, SIB and displacement at the start of `code` ([SDM2 2.1.5])."""
    if not code:
        return 0
    mode, base, sib = code[0] >> 6, code[0] & 7, 0
    if mode != 3 and base == 4:
        sib, base = 1, code[1] & 7
    return 1 + sib + (4 if base == 5 else 0, 1, 4, 0)[mode]


def is_locked(instruction: Instruction) -> bool:
    """Whether an instruction makes a bus-locked access."""
    words = instruction.mnemonic.split()
    return "lock" in words or (words[-1] == "xchg" and "[" in instruction.operands)
