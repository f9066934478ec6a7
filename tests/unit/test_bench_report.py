"""The page, its pictures and what they show; nothing is booted here."""

from dataclasses import replace
from pathlib import Path

import pytest

from skerry.bench.facts import HostFacts
from skerry.bench.figures import figures
from skerry.bench.measures import Values
from skerry.bench.paper.figures import FOLDER, paper_figures
from skerry.bench.record import Result, Run
from skerry.bench.report.bars import groups
from skerry.bench.report.curves import curves
from skerry.bench.report.page import write_report
from skerry.bench.report.plots import axis_label
from skerry.bench.suite import BenchPath, Mode, Peer, PeerFigure, Suite

HOST = HostFacts("a processor", 2, 0.5, "abc", "QEMU 7.2", "2026-01-01 00:00 UTC")
CALL = BenchPath("call", "a call <fast>", 100, linux=("null",))
LINUX_CALL = BenchPath("null", "getppid")
PEER = Peer("sel4", "seL4", "somewhere", {("table1", "call"): PeerFigure(89, "call")})


def run(system: str, cores: int, ticks: int, mode: Mode) -> Run:
    path = CALL if system == "skerry" else LINUX_CALL
    measures = {"ticks": (ticks,) * 3}
    if mode is Mode.MODEL:
        measures |= {"sum": (ticks,) * 3, "cp0": (ticks // 2,) * 3, "cp1": (ticks * 2,) * 3}
    values: Values = {path.name: measures}
    facts = {"qemu": f"qemu-{system} -smp {cores}", "costs": "100 a line"}
    return Run(system, cores, facts, values, figures((path,), values, "", "cp1"))


def result(mode: Mode, *runs: Run) -> Result:
    headline = "cp1" if mode is Mode.MODEL else "ticks"
    suite = Suite("table1", "calls", "", "ticks", (mode,), (1,), "", (CALL,), headline, "table1", "How to read it.")
    return Result(suite, mode, runs)


def both(mode: Mode) -> Result:
    return result(mode, run("skerry", 1, 59, mode), run("linux", 1, 340, mode))


def test_the_page_needs_no_other_file_and_says_how_it_was_counted(tmp_path: Path) -> None:
    files = write_report([both(Mode.ICOUNT)], [PEER], HOST, tmp_path)
    assert [file.name for file in files] == ["report.html", "table1.png", "table1.svg"]
    page = files[0].read_text()
    for words in ("a call &lt;fast&gt;", "How to read it.", "seL4", "qemu-linux -smp 1", "Three ways to count", "abc"):
        assert words in page, words
    picture = files[2].read_text()
    for words in (
        "instructions (counted under -icount), logarithmic",
        "getppid",
        "1,549",
        "cycles of the paper's processors",
    ):
        assert words in picture, words
        assert words in page, words
    assert "src=" not in page
    assert "<link" not in page


def test_the_same_result_gives_the_same_bytes(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    first = write_report([both(Mode.MODEL)], [PEER], HOST, tmp_path / "a")
    second = write_report([both(Mode.MODEL)], [PEER], HOST, tmp_path / "b")
    assert [file.read_bytes() for file in first] == [file.read_bytes() for file in second]


def test_a_path_has_our_bar_the_live_peer_s_and_recorded_ones() -> None:
    (group,) = groups(both(Mode.ICOUNT), 1, [PEER])
    assert [(bar.label, bar.value) for bar in group.bars] == [
        ("Skerry", 59), ("Linux: getppid", 340), ("seL4: call (recorded)", 89),
    ]  # fmt: skip


def test_in_the_model_a_bar_shows_what_of_it_is_executing() -> None:
    (group,) = groups(both(Mode.MODEL), 1, [])
    assert [(bar.value, bar.inner) for bar in group.bars] == [(118, 29), (680, 170)]


def test_a_suite_may_draw_several_measures() -> None:
    made = both(Mode.MODEL)
    (group,) = groups(replace(made, suite=replace(made.suite, drawn=("cp0", "sum"))), 1, [PEER])
    labels = ["Skerry, cp0", "Linux: getppid, cp0", "Skerry, sum", "Linux: getppid, sum"]
    assert [bar.label for bar in group.bars] == labels


def test_recorded_instructions_do_not_stand_beside_wall_clock_figures() -> None:
    (group,) = groups(both(Mode.TIMED), 1, [PEER])
    assert [bar.system for bar in group.bars] == ["skerry", "linux"]


def test_several_numbers_of_cores_make_curves() -> None:
    made = result(Mode.ICOUNT, *(run("skerry", cores, 10 * cores, Mode.ICOUNT) for cores in (1, 2, 4)))
    (curve,) = curves(made)
    assert curve.points == ((1, 10), (2, 20), (4, 40))


@pytest.mark.parametrize(
    ("mode", "words"),
    [(Mode.ICOUNT, "instructions (counted"), (Mode.MODEL, "critical path"), (Mode.TIMED, "host cycles (wall clock")],
)
def test_every_axis_says_how_it_was_counted(mode: Mode, words: str) -> None:
    assert words in axis_label(both(mode))


@pytest.mark.parametrize("name", sorted(file.stem for file in FOLDER.glob("*.toml")))
def test_every_figure_of_the_paper_can_be_drawn(name: str) -> None:
    for figure in paper_figures(name):
        assert figure.title
        assert figure.read in ("exact", "off the plot")
        assert all((series.value is None) == bool(series.points) for series in figure.series)
