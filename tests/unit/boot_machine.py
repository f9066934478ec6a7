"""The real loader under QEMU, with boot archives made by hand and a CPU driver that tells how it was entered."""

import hashlib
import os
import shutil
import struct
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from boot_files import File
from boot_host import CONTRACT, ROOT, remove_older
from skerry.abi import generate
from skerry.machine.process import find_qemu
from skerry.toolchain import LINK, toolchain
from skerry.workspace import default_workspace

BOOT = CONTRACT.struct("boot_data")
MARK = b"core: entered\n"
SECONDS = 60
CORE_SCRIPT = """
ENTRY(core_entry)
PHDRS {{ text PT_LOAD FLAGS(5); rodata PT_LOAD FLAGS(4); data PT_LOAD FLAGS(6); }}
SECTIONS {{
    . = {base};
    .text : {{ *(.text) }} :text
    . = ALIGN(4096);
    .rodata : {{ *(.rodata) }} :rodata
    . = ALIGN(4096);
    .bss : {{ *(.bss) }} :data
    /DISCARD/ : {{ *(.comment .note.*) }}
}}
"""
DEVICES = (
    *("-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"),
    *("-device", "isa-debug-exit,iobase=0xf4,iosize=4"),
    *("-chardev", "file,id=com1,path=com1", "-serial", "chardev:com1"),
    *("-chardev", "file,id=log,path=log", "-device", "isa-debugcon,iobase=0x1000,chardev=log"),
)


@dataclass(frozen=True)
class Parts:
    """What a machine is started with: the loader, and files for its archive."""

    loader: Path
    core: bytes
    faulty: bytes
    monitor: bytes

    def files(self) -> list[File]:
        return [File("core/0", self.core, "ab" * 20, 0), File("bin/monitor", self.monitor)]


@dataclass(frozen=True)
class Run:
    """What came of it. `code` is the guest's exit code by name, or "" when it wrote none."""

    code: str
    log: bytes
    com1: str

    @property
    def lines(self) -> list[str]:
        return self.log.partition(MARK)[0].decode().splitlines()

    @property
    def registers(self) -> dict[str, int]:
        words = struct.unpack("<6Q", self.log.partition(MARK)[2][:48])
        return dict(zip(("cr0", "cr3", "cr4", "efer", "rflags", "rdi"), words, strict=True))

    @property
    def page(self) -> bytes:
        return self.log.partition(MARK)[2][48:]

    def word(self, name: str) -> int:
        field = next(f for f in BOOT.fields if f.name == name)
        return int.from_bytes(self.page[field.offset : field.offset + field.size], "little")

    def rows(self, name: str, form: str) -> list[tuple[Any, ...]]:
        """The used elements of an array: pools, regions, segments."""
        count, offset, size = self.word(f"{name[:-1]}_count"), BOOT.offset(name), struct.calcsize(form)
        return [struct.unpack_from(form, self.page, offset + i * size) for i in range(count)]


def boot(parts: Parts, folder: Path, archive: bytes | None, hardware: Sequence[str], cmdline: str = "") -> Run:
    """Start QEMU, wait for its end, and collect what it wrote."""
    argv = [find_qemu(), *DEVICES, "-kernel", str(parts.loader), *hardware]
    if archive is not None:
        (folder / "archive").write_bytes(archive)
        argv += ["-initrd", "archive"]
    argv += ["-append", cmdline] if cmdline else []
    done = subprocess.run(argv, cwd=folder, timeout=SECONDS, capture_output=True, text=True, check=False)
    codes = {value.value * 2 + 1: value.name for value in CONTRACT.enums["guest_exit"].values}
    assert not done.stderr, done.stderr
    return Run(codes.get(done.returncode, ""), (folder / "log").read_bytes(), (folder / "com1").read_bytes().decode())


def build_parts(name: str, profile: str) -> Parts:
    """Compile loader and test images with a toolchain, unless these very sources have been."""
    sources = sorted(p for p in (ROOT / "kernel").rglob("*") if p.suffix in (".c", ".h", ".S", ".ld", ".toml"))
    digest = hashlib.sha256(
        b"".join(p.read_bytes() for p in [*sources, ROOT / "tests/unit/boot_core.S", Path(__file__)])
    )
    folder = ROOT / "build" / "host" / f"loader-{name}-{profile}-{digest.hexdigest()[:16]}"
    if not (folder / "monitor.elf").exists():
        making = folder.with_name(f"{folder.name}.{os.getpid()}")
        try:
            generate(CONTRACT, making)
            _build(name, profile, making)
            if not folder.exists():  # another test process may have been faster
                making.rename(folder)
        finally:
            shutil.rmtree(making, ignore_errors=True)
        remove_older(folder)
    core, faulty, monitor = ((folder / f"{image}.elf").read_bytes() for image in ("core", "faulty", "monitor"))
    return Parts(folder / "loader.elf", core, faulty, monitor)


def _build(name: str, profile: str, folder: Path) -> None:
    tools = toolchain(name, default_workspace())
    flags = [f"-I{folder / 'include'}", *tools.compile_flags("loader", profile)]
    loader = sorted(p for p in (ROOT / "kernel/boot").iterdir() if p.suffix in (".c", ".S"))
    core = ROOT / "tests/unit/boot_core.S"
    objects = [str(_compile(tools.compiler, flags, source, folder / f"{source.name}.o")) for source in loader]
    _run([*tools.linker, *LINK, "-T", str(ROOT / "kernel/boot/loader.ld"), "-o", str(folder / "loader.elf"), *objects])
    for image, base, more in (
        ("core", CONTRACT.constant("KERNEL_WINDOW"), ()),
        ("faulty", CONTRACT.constant("KERNEL_WINDOW"), ("-DFAULT",)),
        ("monitor", CONTRACT.constant("USER_STATIC_BASE"), ()),
    ):
        made = _compile(tools.compiler, [*flags, *more], core, folder / f"{image}.o")
        script = folder / f"{image}.ld"
        script.write_text(CORE_SCRIPT.format(base=base))
        _run([*tools.linker, "-static", "-s", "-T", str(script), "-o", str(folder / f"{image}.elf"), str(made)])


def _compile(compiler: Sequence[str], flags: Sequence[str], source: Path, out: Path) -> Path:
    _run([*compiler, *flags, "-c", str(source), "-o", str(out)])
    return out


def _run(argv: Sequence[str]) -> None:
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
