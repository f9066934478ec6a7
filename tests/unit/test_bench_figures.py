"""From the guest's lines to figures, tables and files; nothing is booted here."""

import csv
import io

import pytest

from skerry.bench.figures import figure, figures
from skerry.bench.samples import SamplesError, read_samples
from skerry.bench.suite import BenchPath, Peer, PeerFigure, Suite, load_peers, load_suite, suite_names
from skerry.bench.table import number, rows
from skerry.errors import UserError

GOOD = """noise
bench toy begin
bench toy path overhead 3x4
bench toy path null 63x2 70
bench other path null 1x4
bench toy path null 65
bench toy end 2 4
"""
TOY = Suite("toy", "a toy", "run toy {samples}", "ticks", True, 1, "overhead", (BenchPath("null", "a call", 62),))


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
    (found,) = figures(TOY, read_samples(GOOD, "toy", ["null"], 4))
    assert (found.median, found.least, found.most, found.count) == (61, 60, 67, 4)
    assert found.met


@pytest.mark.parametrize(("target", "met"), [(50, True), (49, False), (None, None)])
def test_a_target_is_met_up_to_its_figure(target: int | None, met: bool | None) -> None:
    assert figure(BenchPath("p", "path", target), [40, 50, 60]).met is met


def test_one_sample_has_no_spread() -> None:
    found = figure(BenchPath("p", "path"), [7])
    assert (found.median, found.spread) == (7, 0)


def test_a_row_shows_target_figure_and_peers() -> None:
    peer = Peer("x", "X", "somewhere", {("toy", "null"): PeerFigure(1234, "about")})
    other = Peer("y", "Y", "elsewhere", {})
    (row,) = rows(TOY, figures(TOY, read_samples(GOOD, "toy", ["null"], 4)), [peer, other])
    assert (row.target, row.median, row.range, row.met, row.peers) == ("62", "61", "60 to 67", True, ("1,234", ""))


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
    assert "{samples}" in suite.command
    known = {key for peer in load_peers() for key in peer.figures if key[0] == name}
    assert {path for _, path in known} <= set(names)


def test_every_peer_states_its_source() -> None:
    assert all(peer.source and peer.title and peer.figures for peer in load_peers())


def test_csv_has_a_line_a_path_and_run() -> None:
    from skerry.bench.record import CSV_COLUMNS, Result, to_csv

    table = list(csv.reader(io.StringIO(to_csv([Result(TOY, ())]))))
    assert table == [list(CSV_COLUMNS)]
