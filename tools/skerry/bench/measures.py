"""What is measured of a path: a name, what it says, and whether what taking the time costs is taken off it.

`ticks` are the guest's own samples; the others come from the coherence plugin, a value for each interval that the
guest marked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from skerry.bench.samples import Samples, SamplesError
from skerry.bench.suite import TICKS as TICKS_NAME
from skerry.plugins.coherence import Interval


@dataclass(frozen=True)
class Measure:
    """`net`: less the same measure of the suite's overhead. `divisible`: of n operations it is n times that of one."""

    name: str
    title: str
    unit: str
    net: bool
    divisible: bool = True


TICKS = Measure(TICKS_NAME, "ticks of the TSC", "ticks", True)
MODEL = (
    Measure("sum", "instructions of all cores", "instructions", True),
    Measure("cp0", "critical path, lines and interrupts free", "ticks", True),
    Measure("cp1", "critical path with the machine's costs", "ticks", True),
    Measure("moved", "cache lines that changed cores", "lines", False),
    Measure("code", "distinct code lines, this core", "lines", False, False),
    Measure("data", "distinct data lines, this core", "lines", False, False),
)
MEASURES = {measure.name: measure for measure in (TICKS, *MODEL)}

# By path, then by measure.
Values = Mapping[str, Mapping[str, tuple[int, ...]]]


def of_samples(samples: Samples) -> Values:
    """The guest's own."""
    return {path: {TICKS.name: values} for path, values in samples.items()}


def of_intervals(samples: Samples, intervals: Sequence[Interval], least: int) -> Values:
    """The guest's own, and the plugin's: its groups are the guest's paths, in the order in which they were printed."""
    found: dict[str, dict[str, tuple[int, ...]]] = {}
    for group, (path, values) in enumerate(samples.items()):
        own = [interval for interval in intervals if interval.group == group]
        if len(own) < least:
            raise SamplesError(f"path {path} has {len(own)} marked intervals of {least}")
        found[path] = {TICKS.name: values}
        for measure in MODEL:
            found[path][measure.name] = tuple(interval.values[measure.name] for interval in own)
    return found
