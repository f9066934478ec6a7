"""Where every core of a machine stands: for hangs and triple faults.

A kernel address belongs to that core's own image. A user address could belong to any program, as all are linked
at the same place; the bytes at the instruction pointer tell which.
"""

from collections.abc import Callable, Mapping, Sequence

from skerry.machine.registers import CoreState
from skerry.symbols.image import Image, describe_short

CODE = 16  # bytes compared
RESET_RIP = 0xFFF0  # where a core waits for its first start-up interrupt
ReadCode = Callable[[int, int], bytes]  # core, address -> bytes


def _candidates(state: CoreState, cores: Mapping[int, Image], programs: Sequence[Image]) -> list[Image]:
    if state.in_kernel:
        return [cores[state.core]] if state.core in cores else []
    return list(programs)


def _owner(state: CoreState, images: Sequence[Image], read_code: ReadCode) -> Image | None:
    code = read_code(state.core, state.rip) if images else b""
    return next((image for image in images if code and image.bytes_at(state.rip, len(code)) == code), None)


def state_lines(
    states: Sequence[CoreState], cores: Mapping[int, Image], programs: Sequence[Image], read_code: ReadCode
) -> list[str]:
    """One line for each place, with all cores that are there."""
    places: dict[str, list[int]] = {}
    for state in states:
        image = _owner(state, _candidates(state, cores, programs), read_code)
        places.setdefault(_place(state, image), []).append(state.core)
    return [f"  {_numbers(found)} {place}" for place, found in places.items()]


def _place(state: CoreState, image: Image | None) -> str:
    if state.halted and state.rip == RESET_RIP:
        return "not started"
    mode = "halted" if state.halted else ("kernel" if state.cpl == 0 else "user")
    if image is None:
        return f"{mode}: {state.rip:#x} in no known image"
    whose = "" if state.in_kernel else f" in {image.file.stem}"
    return f"{mode}{whose}: {describe_short(image.frame(state.rip))}"


def _numbers(cores: Sequence[int]) -> str:
    """Cores 0, 1, 2, 5 as people write them."""
    runs: list[list[int]] = []
    for core in cores:
        if runs and core == runs[-1][1] + 1:
            runs[-1][1] = core
        else:
            runs.append([core, core])
    text = ", ".join(f"{first}" if first == last else f"{first}-{last}" for first, last in runs)
    return f"core{'s' if len(cores) > 1 else ''} {text}"
