"""Warnings: every file compiles with -Werror under both toolchains and in both profiles."""

from skerry.build import BuildConfig, build
from skerry.check.files import Files
from skerry.errors import UserError
from skerry.toolchain import PROFILES, TOOLCHAINS

CORES = 1


def check(files: Files, fix: bool) -> list[str]:
    """Build all four; what the compilers say is shown while they run."""
    problems = []
    for toolchain in TOOLCHAINS:
        for profile in PROFILES:
            try:
                build(BuildConfig(cores=CORES, profile=profile, toolchain=toolchain), files.workspace)
            except UserError as error:
                problems.append(f"{toolchain}, {profile}: {error.message}")
    return problems
