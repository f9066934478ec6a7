"""`python -m skerry.images STEP SPEC`: the steps that ninja runs after linking."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

from skerry.images.specs import read_cores_spec, read_pack_spec, read_programs_spec


def check_cores(spec_path: Path) -> int:
    """Hold the CPU-driver images and the loader to the rules, one class after the other."""
    from skerry.images.checks import report
    from skerry.images.classes import check_all_cores

    spec = read_cores_spec(spec_path)
    failures, found = check_all_cores(spec)
    return report(failures) or _write(spec.output, found)


def check_programs(spec_path: Path) -> int:
    """Hold the programs to the rules."""
    from skerry.images.checks import check_program, report
    from skerry.images.elf import read_image

    spec = read_programs_spec(spec_path)
    images = {row.elf: read_image(Path(row.elf)) for row in spec.programs}
    failures = [f for image in images.values() for f in check_program(image, spec.low, spec.high, spec.page_size)]
    found = {elf: {"build_id": image.build_id, "sizes": image.sizes()} for elf, image in images.items()}
    return report(failures) or _write(spec.output, found)


def pack(spec_path: Path) -> int:
    """Write the archive and the host's manifest."""
    from skerry.images.pack import pack_archive

    pack_archive(read_pack_spec(spec_path))
    return 0


def _write(path: str, found: object) -> int:
    # Always written: ninja compares its time with the images'.
    Path(path).write_text(json.dumps(found, indent=1) + "\n")
    return 0


STEPS: dict[str, Callable[[Path], int]] = {"check-cores": check_cores, "check-programs": check_programs, "pack": pack}

if __name__ == "__main__":
    sys.exit(STEPS[sys.argv[1]](Path(sys.argv[2])))
