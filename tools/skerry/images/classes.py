"""Checking all CPU-driver images: the first of each class in full, the others against it."""

from pathlib import Path
from typing import Any

from skerry.images.atomics import check_atomics
from skerry.images.checks import (
    Failure,
    check_core_image,
    check_program,
    check_same_class,
    check_symbols,
    check_text_budget,
)
from skerry.images.elf import Image, read_image
from skerry.images.specs import CoresSpec


def check_all_cores(spec: CoresSpec) -> tuple[list[Failure], dict[str, Any]]:
    """What is wrong, and the build id and sizes of each image."""
    failures: list[Failure] = []
    found: dict[str, Any] = {}
    first: dict[str, Image] = {}
    for row in spec.images:
        image = read_image(Path(row.elf))
        found[row.elf] = {"build_id": image.build_id, "sizes": image.sizes()}
        failures += check_core_image(image, spec.window, spec.image_max, spec.page_size)
        if row.class_name in first:
            failures += check_same_class(first[row.class_name], image)
        else:
            first[row.class_name] = image
            failures += [*check_symbols(image), *check_text_budget(image, spec.text_max), *check_atomics(image)]
    loader = read_image(Path(spec.loader))
    failures += check_program(loader, spec.loader_low, spec.loader_high, spec.page_size)
    return failures, found
