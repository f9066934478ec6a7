"""The loader under QEMU: it enters core 0 in the stated way on every machine, and says what is wrong when it cannot."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from boot_files import KERNEL_WINDOW, File, archive, entry, manifest, program
from boot_host import CONTRACT
from boot_machine import Parts, Run, boot, build_parts

CHUNK = CONTRACT.constant("CHUNK_SIZE")
RAM, RESERVED, ACPI, ARCHIVE = (CONTRACT.enum("region_type")[name] for name in ("RAM", "RESERVED", "ACPI", "ARCHIVE"))
SMALL = ("-M", "q35", "-bios", "qboot.rom", "-cpu", "max,la57=off", "-m", "64")


@pytest.fixture(scope="module")
def parts() -> Parts:
    return build_parts("zig", "release")


def pack(files: Sequence[File], contract: int = CONTRACT.hash) -> bytes:
    return archive(files, 0xABCDEF, contract)


def check_memory(run: Run, archive_size: int) -> None:
    """Regions, pools and the image region are sorted, apart, and what each should be."""
    regions = run.rows("regions", "<QQII")
    taken = [(base, size, 0, 0) for base, size in run.rows("pools", "<QQ")] + [(run.word("image_base"), CHUNK, 0, 0)]
    assert taken == [row for row in taken if row[0] % CHUNK == row[1] % CHUNK == 0]
    end = 0
    for base, size, kind, _ in sorted(regions + taken):
        assert base >= end and size > 0 and kind <= ARCHIVE
        end = base + size
    assert regions == sorted(regions)
    low = regions[0]
    assert (low[0], low[2]) == (0x1000, RAM), "page 0 is nobody's; the rest of low memory is RAM"
    (packed,) = (row for row in regions if row[2] == ARCHIVE)
    start, size = run.word("archive_base"), run.word("archive_size")
    assert size == archive_size and packed[0] <= start and start + size <= packed[0] + packed[1]


@pytest.mark.parametrize("memory", [8, 64, 6144])
@pytest.mark.parametrize(
    "hardware",
    [
        ("-M", "q35", "-cpu", "max,la57=off"),
        ("-M", "q35", "-cpu", "qemu64", "-bios", "qboot.rom"),
        ("-M", "pc", "-cpu", "qemu64"),
        ("-M", "microvm", "-cpu", "max"),
    ],
    ids=lambda hardware: "-".join(hardware[1::2]),
)
def test_core_0_is_entered_in_the_stated_state(
    parts: Parts, tmp_path: Path, hardware: tuple[str, ...], memory: int
) -> None:
    packed = pack(parts.files())
    run = boot(parts, tmp_path, packed, [*hardware, "-m", str(memory)], "run_id=12 run=help")
    assert run.code == "SUCCESS" and run.com1 == "" and len(run.lines) == 2
    registers = run.registers
    assert registers["cr0"] == 0x80010031 and registers["cr4"] == 0x20 and registers["efer"] == 0xD00
    assert registers["rflags"] & 0x600 == 0, "interrupts off, direction forward"
    assert registers["rdi"] == run.word("self") and registers["cr3"] == run.word("self") + 0x1000
    assert run.word("magic") == CONTRACT.constant("BOOT_MAGIC") and run.word("contract") == CONTRACT.hash
    assert run.word("flags") == 1 and run.page[2048:].startswith(b"run_id=12 run=help\0")
    check_memory(run, len(packed))
    total = sum(row[1] for row in run.rows("regions", "<QQII") if row[2] in (RAM, ARCHIVE))
    total += CHUNK + sum(size for _, size in run.rows("pools", "<QQ"))
    assert memory << 20 >= total > (memory - 1) << 20
    assert run.rows("pools", "<QQ")[0][1] == (1 if memory < 32 else 2) * CHUNK


@pytest.mark.parametrize(("name", "profile"), [("zig", "debug"), ("gcc", "release"), ("gcc", "debug")])
def test_every_toolchain_and_profile_makes_a_loader(tmp_path: Path, name: str, profile: str) -> None:
    parts = build_parts(name, profile)
    run = boot(parts, tmp_path, pack(parts.files()), SMALL)
    assert run.code == "SUCCESS" and run.word("flags") == 1


@pytest.mark.parametrize("hidden", ["tcg-cpuid=off", "hypervisor=off"])
def test_a_machine_that_does_not_say_so_is_not_taken_for_an_emulated_one(
    parts: Parts, tmp_path: Path, hidden: str
) -> None:
    run = boot(parts, tmp_path, pack(parts.files()), ["-M", "q35", "-m", "64", "-cpu", f"max,{hidden}"])
    assert run.code == "SUCCESS" and run.word("flags") == 0


def expect(run: Run, code: str, start: str) -> None:
    """The failure is one line, the last, on both consoles, and says what to do."""
    assert run.code == code
    assert run.lines[-1].startswith(f"loader: {start}") and "; " in run.lines[-1]
    assert run.com1 == run.lines[-1] + "\r\n"


@pytest.mark.parametrize("part", [0.01, 0.3, 0.6, 0.99])
def test_an_archive_cut_short(parts: Parts, tmp_path: Path, part: float) -> None:
    whole = pack([*parts.files(), File("bin/x", bytes(5000))])
    expect(
        boot(parts, tmp_path, whole[: int(len(whole) * part)], SMALL), "BAD_ARCHIVE", "archive: it is damaged or cut"
    )


def test_no_archive(parts: Parts, tmp_path: Path) -> None:
    expect(boot(parts, tmp_path, None, SMALL), "BAD_ARCHIVE", "archive: none was given")


def test_something_else_as_archive(parts: Parts, tmp_path: Path) -> None:
    expect(boot(parts, tmp_path, b"not an archive" * 100, SMALL), "BAD_ARCHIVE", "archive: it is damaged")


def test_no_manifest(parts: Parts, tmp_path: Path) -> None:
    data = entry("core/0", parts.core) + entry("TRAILER!!!", b"")
    expect(boot(parts, tmp_path, data, SMALL), "BAD_ARCHIVE", "archive: its first file is not a manifest")


def test_an_archive_of_another_contract(parts: Parts, tmp_path: Path) -> None:
    run = boot(parts, tmp_path, pack(parts.files(), contract=0x1234), SMALL)
    expect(run, "BAD_IMAGE", "archive: it was built from contract 1234")


@pytest.mark.parametrize("index", [0, 1])
def test_a_file_missing_or_damaged(parts: Parts, tmp_path: Path, index: int) -> None:
    files = parts.files()
    path = files[index].path
    without = [file for file in files if file.path != path]
    expect(boot(parts, tmp_path, pack(without), SMALL), "BAD_IMAGE", f"{path}: it is not in the archive")

    damaged = list(files)
    damaged[index] = replace(files[index], data=files[index].data[:-1] + b"?")
    text = manifest(files, 0xABCDEF, CONTRACT.hash)
    run = boot(parts, tmp_path, archive(damaged, text=text), SMALL)
    expect(run, "BAD_IMAGE", f"{path}: it is damaged")

    damaged[index] = replace(files[index], data=b"#!/bin/sh\n" * 10)
    expect(boot(parts, tmp_path, pack(damaged), SMALL), "BAD_IMAGE", f"{path}: it is not a program")


def test_images_linked_wrongly_or_too_large(parts: Parts, tmp_path: Path) -> None:
    core, monitor = parts.files()
    swapped = [replace(core, data=monitor.data), replace(monitor, data=core.data)]
    expect(boot(parts, tmp_path, pack(swapped), SMALL), "BAD_IMAGE", "core/0 or bin/monitor: it is linked at wrong")
    large = [replace(core, data=program(KERNEL_WINDOW, bss=CHUNK - 0x5000).build()), monitor]
    expect(boot(parts, tmp_path, pack(large), SMALL), "BAD_IMAGE", "core/0 and bin/monitor: together they take")


def test_too_little_memory(parts: Parts, tmp_path: Path) -> None:
    run = boot(parts, tmp_path, pack(parts.files()), ("-M", "pc", "-m", "4"))
    expect(run, "NO_MEMORY", "memory: no 2 MiB in one piece")


def test_too_long_a_command_line(parts: Parts, tmp_path: Path) -> None:
    run = boot(parts, tmp_path, pack(parts.files()), SMALL, "x" * 2048)
    expect(run, "NO_MEMORY", "command line: it is longer than 2047 bytes")
    assert boot(parts, tmp_path, pack(parts.files()), SMALL, "x" * 2047).code == "SUCCESS"


@pytest.mark.parametrize(
    ("cpu", "what"),
    [("486", "long mode"), ("qemu32", "no-execute pages"), ("qemu64,-apic", "a local APIC"), ("qemu64,-sse2", "SSE2")],
)
def test_a_processor_that_lacks_something(parts: Parts, tmp_path: Path, cpu: str, what: str) -> None:
    run = boot(parts, tmp_path, pack(parts.files()), ("-M", "pc", "-m", "64", "-cpu", cpu))
    expect(run, "BAD_CPU", f"processor: it lacks {what}")


def test_a_core_that_faults_at_once_is_heard_before_the_machine_resets(parts: Parts, tmp_path: Path) -> None:
    core, monitor = parts.files()
    run = boot(parts, tmp_path, pack([replace(core, data=parts.faulty), monitor]), SMALL)
    assert run.code == ""
    assert run.lines[-1].startswith(f"loader: exception 6 at {KERNEL_WINDOW + 7:#x}, error 0x0")
