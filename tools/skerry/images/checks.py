"""What every linked ELF is held to. A check looks at one image and yields what is wrong, with symbol and address."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from skerry.images.elf import FLAG_EXECUTE, FLAG_WRITE, Image, Section

BUILD_ID_DIGITS = 40
# Sections of a class that may differ from core to core.
OWN_SECTIONS = (".rodata.core", ".note.gnu.build-id")
# What kernel/templates/core.ld.j2 places; anything else that takes memory is there by mistake.
CORE_SECTIONS = (".text", ".rodata", ".data", ".bss", ".stacks", *OWN_SECTIONS)


@dataclass(frozen=True)
class Failure:
    """Something wrong with an image."""

    image: str
    problem: str
    symbol: str = ""
    address: int | None = None

    def __str__(self) -> str:
        place = f" at {self.address:#x}" if self.address is not None else ""
        return f"{self.image}: {self.problem}{place}" + (f" ({self.symbol})" if self.symbol else "")


def failure(image: Image, problem: str, symbol: str = "", address: int | None = None) -> Failure:
    return Failure(str(image.path), problem, symbol, address)


def check_header(image: Image) -> Iterator[Failure]:
    """An executable for this machine whose entry is in its code."""
    if (image.kind, image.machine) != ("ET_EXEC", "EM_X86_64"):
        yield failure(image, f"is {image.kind} for {image.machine}, not an x86-64 executable")
    if not any(s.vaddr <= image.entry < s.end and s.flags & FLAG_EXECUTE for s in image.loads):
        yield failure(image, "its entry point lies in no executable segment", address=image.entry)


def check_segments(image: Image, page_size: int) -> Iterator[Failure]:
    """No page is both writable and executable, no two segments share a page, nothing needs a dynamic linker."""
    for segment in image.segments:
        if segment.flags & FLAG_WRITE and segment.flags & FLAG_EXECUTE:
            problem = f"a segment is writable and executable ({segment.type} {segment.flag_text})"
            yield failure(image, problem, image.symbol_at(segment.vaddr), segment.vaddr)
        if segment.type in ("PT_DYNAMIC", "PT_INTERP", "PT_GNU_RELRO"):
            yield failure(image, f"has a {segment.type} segment", address=segment.vaddr)
    loads = sorted(image.loads, key=lambda segment: segment.vaddr)
    for segment in loads:
        if segment.vaddr % page_size:
            yield failure(image, "a segment does not begin on a page", address=segment.vaddr)
    for first, second in pairwise(loads):
        if first.end > second.vaddr // page_size * page_size:
            yield failure(image, "two segments share a page", image.symbol_at(second.vaddr), second.vaddr)


def check_window(image: Image, low: int, high: int) -> Iterator[Failure]:
    """Everything lies between two addresses."""
    for segment in image.loads:
        if segment.vaddr < low or segment.end > high:
            problem = f"a segment of {segment.memory_size:#x} bytes leaves the window {low:#x} to {high:#x}"
            yield failure(image, problem, image.symbol_at(segment.vaddr), segment.vaddr)


def check_sections(image: Image, placed: Sequence[str]) -> Iterator[Failure]:
    """The link script places everything that takes memory."""
    for section in image.sections:
        if section.name not in placed:
            problem = f"the link script does not place section {section.name} ({section.size} bytes)"
            yield failure(image, problem, image.symbol_at(section.address), section.address)


def check_text_budget(image: Image, text_max: int) -> Iterator[Failure]:
    """The code is small; the largest functions are named when it is not."""
    text = image.sizes()["text"]
    if text_max and text > text_max:
        largest = sorted(image.functions, key=lambda symbol: -symbol.size)[:3]
        names = ", ".join(f"{symbol.name} {symbol.size}" for symbol in largest)
        yield failure(
            image, f"text takes {text} bytes of {text_max}; largest: {names}", largest[0].name, largest[0].value
        )


def check_symbols(image: Image) -> Iterator[Failure]:
    """Nothing is left undefined or weak: what runs is what was meant."""
    if not image.symbols:
        yield failure(image, "has no symbols")
    for symbol in image.symbols:
        if symbol.section == "SHN_UNDEF":
            yield failure(image, "a symbol is undefined", symbol.name, symbol.value)
        elif symbol.binding == "STB_WEAK":
            yield failure(image, "a symbol is weak", symbol.name, symbol.value)


def check_build_id(image: Image) -> Iterator[Failure]:
    """The build id is there, and is loaded with the image so that the running core can say it."""
    if len(image.build_id) != BUILD_ID_DIGITS:
        yield failure(image, f"its build id is {image.build_id or 'missing'}")
        return
    notes = [s for s in image.sections if s.name == ".note.gnu.build-id"]
    if not notes or not any(load.vaddr <= notes[0].address < load.end for load in image.loads):
        yield failure(image, "its build id is not part of a loaded segment")


def check_same_class(first: Image, other: Image) -> Iterator[Failure]:
    """Two images of a class: the same bytes but for the core's own table and the build id, and the same symbols."""
    ours = {section.name: section for section in first.sections}
    theirs = {section.name: section for section in other.sections}
    for name in sorted(ours.keys() | theirs.keys()):
        a, b = ours.get(name), theirs.get(name)
        if a is None or b is None or (a.address, a.size) != (b.address, b.size):
            yield failure(
                other, f"section {name} lies elsewhere than in {first.path}", address=b.address if b else None
            )
        elif name not in OWN_SECTIONS and a.data != b.data:
            yield _difference(first, other, a, b)
    if first.symbol_table == other.symbol_table:
        return
    for mine, its in zip(first.symbols, other.symbols, strict=False):
        if mine != its:
            yield failure(other, f"a symbol differs from {first.path}", its.name, its.value)
            return
    yield failure(other, f"its symbol table differs from {first.path}")


def _difference(first: Image, other: Image, a: Section, b: Section) -> Failure:
    offset = next(i for i, (x, y) in enumerate(zip(a.data, b.data, strict=True)) if x != y)
    address = b.address + offset
    problem = f"section {b.name} differs from {first.path}, an image of the same class"
    return failure(other, problem, other.symbol_at(address), address)


def check_core_image(image: Image, window: int, image_max: int, page_size: int) -> Iterator[Failure]:
    """What holds for each CPU-driver image."""
    yield from check_header(image)
    yield from check_segments(image, page_size)
    yield from check_window(image, window, window + image_max)
    yield from check_sections(image, CORE_SECTIONS)
    yield from check_build_id(image)


def check_program(image: Image, low: int, high: int, page_size: int) -> Iterator[Failure]:
    """What holds for each program in user space, and for the loader."""
    yield from check_header(image)
    yield from check_segments(image, page_size)
    yield from check_window(image, low, high)
    yield from check_symbols(image)
    yield from check_build_id(image)


def report(failures: Sequence[Failure]) -> int:
    """Print what is wrong; the exit status of a checking step."""
    for item in failures:
        print(f"image check: {item}")
    return 1 if failures else 0
