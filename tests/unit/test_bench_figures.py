"""From the guest's lines to figures, tables and files; nothing is booted here."""

import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest

from skerry.bench.figures import Figure, figure, figures
from skerry.bench.hostside import SEEN, host_values
from skerry.bench.linux import paths_of
from skerry.bench.measures import of_intervals, of_samples
from skerry.bench.samples import SamplesError, read_samples
from skerry.bench.suite import BenchPath, Mode, Peer, PeerFigure, Suite, load_peers, load_suite, suite_names
from skerry.bench.table import number, rows
from skerry.errors import UserError
from skerry.machine.moment import Moment
from skerry.plugins.coherence import MEASURES, REPORT, Interval, ReportError, read_report

GOOD = """noise
bench toy begin
bench toy path overhead 3x4
bench toy path null 63x2 70
bench other path null 1x4
bench toy path null 65
bench toy end 2 4
"""
NULL = BenchPath("null", "a call", 62)
TOY = Suite("toy", "a toy", "run toy {samples}", "ticks", (Mode.ICOUNT,), (1,), "overhead", (NULL,), "ticks", "toy", "")


def toy_figures() -> tuple[Figure, ...]:
    return figures(TOY.paths, of_samples(read_samples(GOOD, "toy", ["null"], 4)), TOY.overhead)


def test_samples_keep_their_order() -> None:
    found = read_samples(GOOD, "toy", ["null", "overhead"], 4)
    assert found == {"overhead": (3, 3, 3, 3), "null": (63, 63, 70, 65)}


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        (lambda text: "", "did not end; it came to no path at all"),
        (lambda text: text.replace("bench toy end 2 4\n", ""), "did not end; it came to overhead, null"),
        (lambda text: text.replace("63x2", "63y2"), "a damaged line"),
        (lambda text: text.replace("bench toy path null 65\n", ""), "lines are missing"),
        (lambda text: text.replace("end 2 4", "end 3 4"), "lines are missing"),
        (lambda text: text.replace("toy path overhead", "toy path overheat"), "path overhead has 0 samples of 4"),
        (lambda text: text.replace("null", "nil"), "path null has 0 samples of 4"),
    ],
)
def test_incomplete_output_is_refused_with_the_reason(damage, why: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(SamplesError, match=why):
        read_samples(damage(GOOD), "toy", ["null", "overhead"], 4)


def test_too_few_samples_are_refused() -> None:
    with pytest.raises(SamplesError, match="path null has 4 samples of 5"):
        read_samples(GOOD, "toy", ["null"], 5)


def test_figures_are_net_of_the_overhead() -> None:
    (found,) = toy_figures()
    assert (found.median, found.least, found.most, found.count) == (61, 60, 67, 4)
    assert found.met


@pytest.mark.parametrize(("target", "met"), [(50, True), (49, False), (None, None)])
def test_a_target_is_met_up_to_its_figure(target: int | None, met: bool | None) -> None:
    assert figure(BenchPath("p", "path", target), "ticks", [40, 50, 60]).met is met


def test_one_sample_has_no_spread() -> None:
    found = figure(BenchPath("p", "path"), "ticks", [7])
    assert (found.median, found.spread) == (7, 0)


def test_a_row_shows_target_figure_and_peers() -> None:
    peer = Peer("x", "X", "somewhere", {("toy", "null"): PeerFigure(1234, "about")})
    other = Peer("y", "Y", "elsewhere", {})
    (row,) = rows(TOY, toy_figures(), [peer, other])
    assert (row.target, row.medians[0], row.range, row.met, row.peers) == ("62", "61", "60 to 67", True, ("1,234", ""))


def test_numbers_have_commas_and_no_empty_fraction() -> None:
    assert [number(value) for value in (None, 7.0, 1234.5, 1000)] == ["", "7", "1,234.5", "1,000"]


def test_an_unknown_suite_is_refused_by_name() -> None:
    with pytest.raises(UserError, match=r"no suite 'nosuch'; next: use one of .*core"):
        load_suite("nosuch")


@pytest.mark.parametrize("name", suite_names())
def test_every_suite_names_its_paths_once_and_peers_name_existing_ones(name: str) -> None:
    suite = load_suite(name)
    names = [path.name for path in suite.paths]
    assert len(set(names)) == len(names)
    assert "{samples}" in suite.command or all(path.host for path in suite.paths)
    assert all(suite.counted_as(mode).paths for mode in suite.modes)
    assert all(path.host in ("", *SEEN) for path in suite.paths)
    assert {path.name for path in paths_of(suite)} == {other for path in suite.paths for other in path.linux}
    known = {path for peer in load_peers() for guest, path in peer.figures if guest == name}
    assert known <= set(names)


def test_every_peer_states_its_source() -> None:
    assert all(peer.source and peer.title and peer.figures for peer in load_peers())


def test_csv_has_a_line_a_path_and_run() -> None:
    from skerry.bench.record import CSV_COLUMNS, Result, to_csv

    table = list(csv.reader(io.StringIO(to_csv([Result(TOY, Mode.ICOUNT, ())]))))
    assert table == [list(CSV_COLUMNS)]


def intervals(group: int, *sums: int) -> list[Interval]:
    return [Interval(group, 0, dict.fromkeys(MEASURES, value)) for value in sums]


def test_groups_of_intervals_are_the_paths_in_their_order() -> None:
    samples = {"overhead": (3, 3), "null": (63, 64)}
    values = of_intervals(samples, [*intervals(0, 4, 4), *intervals(1, 164, 165)], 2)
    assert values["null"]["ticks"] == (63, 64)
    assert values["null"]["cp1"] == (164, 165)
    found = {figure.measure: figure for figure in figures(TOY.paths, values, TOY.overhead, "cp1")}
    assert (found["cp1"].median, found["cp1"].met, found["ticks"].met) == (160.5, False, None)
    assert found["moved"].median == 164.5, "lines are not net of the overhead"


def test_a_figure_is_of_one_operation_but_lines_touched_are_of_all() -> None:
    path = BenchPath("burst", "a burst", per=4)
    values = of_intervals({"burst": (44,), "overhead": (4,)}, [*intervals(0, 44), *intervals(1, 4)], 1)
    found = {figure.measure: figure.median for figure in figures([path], values, "overhead")}
    assert (found["ticks"], found["sum"], found["moved"], found["code"]) == (10, 10, 11, 44)


def test_a_linux_path_that_does_not_exist_is_refused() -> None:
    suite = replace(TOY, paths=(BenchPath("null", "a call", linux=("nosuch",)),))
    with pytest.raises(UserError, match="the Linux peer has no path 'nosuch'"):
        paths_of(suite)


def test_too_few_marked_intervals_are_refused() -> None:
    with pytest.raises(SamplesError, match="path null has 1 marked intervals of 2"):
        of_intervals({"null": (63, 64)}, intervals(0, 4), 2)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (None, "the plugin did not come to its end"),
        ("", "not whole"),
        ("interval 0 0 sum 1\nend 2\n", "not whole"),
        ("interval 0 0 sum 1\nend 1\n", "a damaged line"),
    ],
)
def test_an_incomplete_report_of_the_plugin_is_refused(tmp_path: Path, text: str | None, why: str) -> None:
    if text is not None:
        (tmp_path / REPORT).write_text(text)
    with pytest.raises(ReportError, match=why):
        read_report(tmp_path)


def test_the_host_sees_when_the_prompt_was_there_and_what_idling_costs() -> None:
    moments = [Moment(0.25, 0.2), Moment(5.25, 0.3)]
    found = host_values([BenchPath("p", "", host="prompt")], moments)
    assert found == {"p": {"ticks": (250,)}}
    assert host_values(load_suite("idle").paths, moments) == {"busy": {"ticks": (20,)}}
    with pytest.raises(SamplesError, match="no command began and ended"):
        host_values(load_suite("idle").paths, moments[:1])
