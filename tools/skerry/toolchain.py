"""Compilers: which programs and flags make an object, an archive and an image.

The default is the raw clang and lld inside the pinned ziglang wheel, the same bytes on every host; gcc with binutils
keeps the code honest. `zig cc` is never used: it drops -mgeneral-regs-only and brings an entry point of its own.
"""

import importlib.util
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from skerry.errors import UserError
from skerry.workspace import Workspace

TOOLCHAINS = ("zig", "gcc")
PROFILES = ("release", "debug")

EVERYTHING = (
    *("-g", "-fno-pic", "-fno-pie", "-fno-asynchronous-unwind-tables", "-fno-strict-aliasing"),
    *("-fcf-protection=none", "-fno-omit-frame-pointer", "-fdiagnostics-color=always"),
)
COMMON = (
    *("-std=gnu2x", "-ffreestanding", "-mgeneral-regs-only", *EVERYTHING),
    *("-Wall", "-Wextra", "-Werror", "-Wshadow", "-Wmissing-prototypes"),
)
INCLUDE_GENERATED = "-Ibuild/gen/include"
KERNEL_INCLUDES = ("-Ikernel", INCLUDE_GENERATED)
GUARD = ("-fstack-protector-strong", "-mstack-protector-guard=global")
USER_INCLUDES = ("-Iuserland/lib/include", "-Iuserland", INCLUDE_GENERATED)
# What differs between the kinds of program: the CPU driver's common objects, the table of one core, and so on. The
# monitor holds kernel/boot's shared files, which name kernel headers.
KINDS = {
    "cpu": ("-mcmodel=kernel", "-mno-red-zone", *GUARD, *KERNEL_INCLUDES),
    "core": ("-mcmodel=kernel", "-mno-red-zone", *GUARD, *KERNEL_INCLUDES),
    "loader": ("-mno-red-zone", *GUARD, *KERNEL_INCLUDES),
    "user": ("-fno-stack-protector", *USER_INCLUDES),
    "monitor": ("-fno-stack-protector", *USER_INCLUDES, "-Ikernel"),
}
# Ordinary C programs: with the C library and floating point, and free in their style.
C_PROGRAM = ("-std=gnu2x", "-Wall", "-fno-stack-protector", *EVERYTHING)
OPTIMISE = {
    "release": ("-O2",),
    "debug": ("-O1", "-DSKERRY_DEBUG", "-fsanitize=undefined", "-fsanitize-undefined-trap-on-error"),
}
# What is optimised as one when it is joined or linked, where the toolchain can: gcc 12 leaves weak symbols behind.
LTO_KINDS, LTO_PROFILE = ("cpu", "user", "monitor"), "release"
LINK = ("-static", "-nostdlib", "--build-id=sha1", "-z", "max-page-size=4096", "-z", "noexecstack")


@dataclass(frozen=True)
class Toolchain:
    """One set of programs."""

    name: str
    version: str
    compiler: tuple[str, ...]
    linker: tuple[str, ...]
    archiver: tuple[str, ...]
    # Added after the common flags; the second only where UBSan is on.
    flags: tuple[str, ...] = ()
    sanitizer_flags: tuple[str, ...] = ()
    # Added where objects are optimised as one; empty: they never are.
    lto_flags: tuple[str, ...] = ()
    lto_link_flags: tuple[str, ...] = ()

    def compile_flags(self, kind: str, profile: str) -> tuple[str, ...]:
        """All flags of a source file of a kind of program."""
        sanitizer = self.sanitizer_flags if profile == "debug" else ()
        lto = self.lto_flags if kind in LTO_KINDS and profile == LTO_PROFILE else ()
        return (*COMMON, *OPTIMISE[profile], *sanitizer, *self.flags, *KINDS[kind], *lto)

    def c_program_flags(self, profile: str, includes: tuple[str, ...]) -> tuple[str, ...]:
        """Those of an ordinary C program; `includes` are the C library's."""
        sanitizer = self.sanitizer_flags if profile == "debug" else ()
        return (*C_PROGRAM, *OPTIMISE[profile], *sanitizer, *self.flags, *includes, *USER_INCLUDES)

    def joiner(self, profile: str) -> tuple[str, ...]:
        """What makes one relocatable object of the CPU driver's common objects."""
        return (*self.linker, "-r", *self.link_flags(profile))

    def link_flags(self, profile: str) -> tuple[str, ...]:
        """What a link adds where objects are optimised as one."""
        return self.lto_link_flags if profile == LTO_PROFILE else ()


def toolchain(name: str, workspace: Workspace) -> Toolchain:
    """The toolchain called `name`, found and tried."""
    if name == "zig":
        return _zig(workspace)
    if name == "gcc":
        return _gcc(workspace)
    raise UserError(f"there is no toolchain {name!r}", f"take one of: {', '.join(TOOLCHAINS)}")


def _zig(workspace: Workspace) -> Toolchain:
    spec = importlib.util.find_spec("ziglang")
    if spec is None or spec.origin is None:
        raise UserError("the ziglang wheel is not installed", "run tools/bootstrap")
    folder = workspace.relative(Path(spec.origin).parent)
    zig = f"{folder}/zig"
    include = f"{folder}/lib/include"
    clang = _version([zig, "clang", "--version"], workspace)
    lld = _version([zig, "ld.lld", "--version"], workspace)
    return Toolchain(
        name="zig",
        version=f"{clang}, {lld}",
        compiler=(zig, "clang", "--target=x86_64-unknown-none-elf", "-nostdinc", "-isystem", include),
        linker=(zig, "ld.lld"),
        archiver=(zig, "ar"),
        flags=("-fdebug-compilation-dir=.", *_prefix_maps(workspace, folder)),
        # Its check reads a word before each function that is called through a pointer; assembly has none.
        sanitizer_flags=("-fno-sanitize=function",),
        lto_flags=("-flto",),
        lto_link_flags=("--lto-O2",),
    )


def _gcc(workspace: Workspace) -> Toolchain:
    for program in ("gcc", "ld", "ar"):
        if shutil.which(program) is None:
            raise UserError(f"{program} is not on PATH", "apt-get install gcc binutils, or --toolchain zig")
    include = _version(["gcc", "-print-file-name=include"], workspace)
    return Toolchain(
        name="gcc",
        version=f"{_version(['gcc', '--version'], workspace)}, {_version(['ld', '--version'], workspace)}",
        compiler=("gcc", "-m64", "-nostdinc", "-isystem", include),
        linker=("ld",),
        archiver=("ar",),
        # Without the first, gcc turns memcpy's own loop into a call of memcpy; the second warns of results that a call
        # leaves untouched on failure, although the error was looked at first.
        flags=("-fno-tree-loop-distribute-patterns", "-Wno-maybe-uninitialized", *_prefix_maps(workspace, include)),
    )


def _prefix_maps(workspace: Workspace, compiler_folder: str) -> tuple[str, ...]:
    """Keep the checkout's and the compiler's folders out of debug information; later options win."""
    return (f"-ffile-prefix-map={workspace.root}=.", f"-ffile-prefix-map={compiler_folder}=compiler")


def _version(argv: list[str], workspace: Workspace) -> str:
    """First line of what a program prints."""
    try:
        done = subprocess.run(argv, cwd=workspace.root, capture_output=True, text=True, timeout=60, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        raise UserError(f"{' '.join(argv)} does not run ({error})", "run tools/bootstrap again") from None
    return done.stdout.splitlines()[0].strip()
