"""How far the model is from the paper's Figures 6 and 8: nothing of them was used to fit the costs."""

from collections.abc import Sequence

from skerry.bench.paper.claims import claim_lines
from skerry.bench.paper.error import Measured, Point, common_points, percent, summary
from skerry.bench.paper.figures import paper_figures
from skerry.model.runs import Outcome, Topology

SERIES = {
    Topology.UNICAST: "unicast",
    Topology.BROADCAST: "broadcast",
    Topology.MULTICAST: "multicast",
    Topology.NUMA: "NUMA-aware multicast",
}


def paper_lines(machine: str, outcomes: Sequence[Outcome]) -> list[str]:
    """Of each figure taken on that machine: a line a common point, the errors in one, what the paper says in words."""
    lines = []
    for name, measured in (("figure6", one_phase(outcomes)), ("figure8", two_phases(outcomes))):
        for figure in paper_figures(name):
            if figure.machine == machine:
                points = common_points(figure, measured)
                lines += [_line(figure.number, point) for point in points]
                lines += [summary(figure, points)] if points else []
                lines += claim_lines(figure, measured)
    return lines


def one_phase(outcomes: Sequence[Outcome]) -> list[Measured]:
    """Each topology by itself, as Figure 6 has it."""
    found = (outcome for outcome in outcomes if outcome.phases == 1)
    return [Measured(SERIES[of.topology], SERIES[of.topology], of.cores, of.each) for of in found]


def two_phases(outcomes: Sequence[Outcome]) -> list[Measured]:
    """The NUMA-aware tree, one at a time and pipelined, as Figure 8 has it."""
    found = (outcome for outcome in outcomes if outcome.phases == 2 and outcome.topology is Topology.NUMA)
    series = {True: "pipelined", False: "single"}
    return [Measured(series[of.in_flight > 1], series[of.in_flight > 1], of.cores, of.each) for of in found]


def _line(number: str, point: Point) -> str:
    return f"{number}, {point}: {point.paper:,} in the paper, {point.ours.value:,.0f} here: {percent(point.error)}"
