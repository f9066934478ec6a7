"""The combinations that a campaign does, each with a name that is also its file's."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from skerry.bench.suite import load_suite
from skerry.errors import UserError
from skerry.machine.spec import MAX_CORES

RANGE = re.compile(r"(\d+)(?:-(\d+))?")
MOST_SEEDS = 1_000_000


@dataclass(frozen=True)
class Unit:
    """One boot: commands with the seed, or a suite."""

    machine: str
    cores: int
    seed: int
    commands: str
    suite: str = ""
    icount: bool = True

    @property
    def name(self) -> str:
        return f"{self.machine}.{self.cores}.{self.suite or 'commands'}.{self.seed}"


def parse_numbers(option: str, text: str, high: int) -> list[int]:
    """Text such as 1,2,8-10 as numbers, in order, each once."""
    found: list[int] = []
    for part in text.split(","):
        match = RANGE.fullmatch(part.strip())
        low, top = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
        if not 0 < low <= top <= high:
            raise UserError(
                f"{option} {text!r}: {part!r} is no number or range up to {high}", f"such as {option} 1,2,8-10"
            )
        found += range(low, top + 1)
    return list(dict.fromkeys(found))


def units(
    machines: Sequence[str], smp: str, seeds: str, commands: str, suites: Sequence[str], icount: bool
) -> Iterator[Unit]:
    """All combinations, machines outermost."""
    known = [load_suite(name).name for name in suites]
    for machine in machines:
        for cores in parse_numbers("--smp", smp, MAX_CORES):
            for seed in parse_numbers("--seeds", seeds, MOST_SEEDS):
                if commands:
                    yield Unit(machine, cores, seed, commands.replace("{seed}", str(seed)), icount=icount)
                for suite in known:
                    yield Unit(machine, cores, seed, "", suite)
