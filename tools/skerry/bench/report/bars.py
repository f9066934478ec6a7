"""What a plot of one number of cores shows: a bar for each path of ours, and one below it for each peer's."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from skerry.bench.figures import Figure
from skerry.bench.record import SKERRY, Result, Run
from skerry.bench.suite import Peer


@dataclass(frozen=True)
class Bar:
    """`inner`: of the value, the part without communication, in the model. `system` picks the colour."""

    label: str
    system: str
    value: float
    inner: float | None = None


@dataclass(frozen=True)
class Group:
    """The bars of a path; `unit` where it is not the suite's."""

    title: str
    bars: tuple[Bar, ...]
    unit: str = ""


def headline(result: Result) -> str:
    """The measure that is drawn."""
    shown = {figure.measure for figure in result.runs[0].figures}
    return result.suite.headline if result.suite.headline in shown else "ticks"


def drawn(result: Result) -> list[str]:
    """The measures that a plot shows: those that the suite names, as far as they are known, else the headline."""
    shown = {figure.measure for figure in result.runs[0].figures}
    return [name for name in result.suite.drawn if name in shown] or [headline(result)]


def groups(result: Result, cores: int, peers: Sequence[Peer]) -> list[Group]:
    """Every path of the suite on so many cores; the first run of each system."""
    firsts: dict[str, Run] = {}
    for run in result.runs:
        if run.cores == cores:
            firsts.setdefault(run.system, run)
    live = {system for system in firsts if system != SKERRY}
    made = []
    for path in result.suite.paths:
        bars: list[Bar] = []
        for measure in drawn(result):
            what = f", {measure}" if len(drawn(result)) > 1 else ""
            bars += _bars(firsts[SKERRY], f"Skerry{what}", [path.name], measure)
            for system in live:
                bars += _bars(firsts[system], f"{system.capitalize()}: {{}}{what}", path.linux, measure)
        bars += _recorded(result, path.name, peers, live)
        made.append(Group(path.title, tuple(bars), path.unit))
    return made


def _bars(run: Run, label: str, names: Sequence[str], measure: str) -> list[Bar]:
    found = _by_path(run, measure)
    return [_bar(label.format(found[name].path.title), run, found[name]) for name in names if name in found]


def _by_path(run: Run, measure: str) -> dict[str, Figure]:
    return {figure.path.name: figure for figure in run.figures if figure.measure == measure}


def _bar(label: str, run: Run, figure: Figure) -> Bar:
    inner = _by_path(run, "cp0").get(figure.path.name) if figure.measure == "cp1" else None
    return Bar(label, run.system, figure.median, inner.median if inner is not None else None)


def _recorded(result: Result, path: str, peers: Sequence[Peer], live: Collection[str]) -> list[Bar]:
    """Peers' figures from peers.toml: those counted as ours are, of systems that were not run beside us."""
    if not result.mode.counted or len(drawn(result)) > 1:
        return []
    key = (result.suite.guest, path)
    found = [(peer, peer.figures[key]) for peer in peers if key in peer.figures]
    return [
        Bar(f"{peer.title}{f': {figure.of}' if figure.of else ''} (recorded)", peer.name, figure.value)
        for peer, figure in found
        if peer.name not in live
    ]
