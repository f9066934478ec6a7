"""A panic record as people read it: where, in which function and line, with registers and dispatcher."""

from skerry.console.faults import DomainFault
from skerry.console.panic import Panic
from skerry.symbols.image import Image, describe

ROWS = (
    ("rip", "rsp", "rbp", "rflags"),
    ("rax", "rbx", "rcx", "rdx"),
    ("rsi", "rdi", "r8", "r9"),
    ("r10", "r11", "r12", "r13"),
    ("r14", "r15", "cr2", "cr3"),
    ("vector", "error"),
)


def _frames(panic: Panic, image: Image) -> list[str]:
    lines = []
    spots = [(panic.rip, False)] if panic.rip is not None else []
    spots += [(address, True) for address in panic.backtrace]
    for number, (address, is_return) in enumerate(spots):
        for text in describe(image.frame(address or 0, is_return)):
            lines.append(f"  #{number:<2} {text}")
    return lines


def fault_lines(fault: DomainFault, program: Image | None) -> list[str]:
    """A stopped domain's report with the place in its program."""
    lines = [f"core {fault.core}: {fault.text}"]
    return lines + [f"  {text}" for text in describe(program.frame(fault.rip))] if program else lines


def _registers(panic: Panic) -> list[str]:
    rows = []
    for names in ROWS:
        cells = [f"{name:>6}={panic.registers[name]:016x}" for name in names if name in panic.registers]
        if cells:
            rows.append(" " + " ".join(cells))
    return rows


def panic_lines(panic: Panic, image: Image | None) -> list[str]:
    """The record, symbolised; without the image that it came from, with bare addresses."""
    lines = [f"core {panic.core} PANIC ({panic.kind}): {panic.message}"]
    if image is None:
        lines.append(f"  no image with build id {panic.build or '?'} is here: addresses only")
        lines += [f"  #{n:<2} {address:#018x}" for n, address in enumerate((panic.rip or 0, *panic.backtrace))]
    else:
        lines += _frames(panic, image)
    lines += _registers(panic)
    if panic.dispatcher:
        facts = ", ".join(f"{name} {value}" for name, value in panic.dispatcher.items() if name != "name")
        lines.append(f"  dispatcher {panic.dispatcher.get('name', '?')}: {facts}")
    if not panic.complete:
        lines.append("  (the record was cut short)")
    return lines
