"""How far ours is from the paper: the arithmetic, and that tables print it. Nothing is booted here."""

import io
from dataclasses import replace

import pytest
from rich.console import Console

from skerry.bench import linux
from skerry.bench.figures import figures
from skerry.bench.measures import Values
from skerry.bench.paper.claims import claim_lines
from skerry.bench.paper.error import Measured, common_points, errors, shape, summary
from skerry.bench.paper.figures import Claim, PaperFigure, Series, paper_figures
from skerry.bench.record import Result, Run
from skerry.bench.suite import Mode, load_suite, suite_names
from skerry.bench.table import grids, show

STAR = Series("star", None, ((2, 100.0), (32, 1000.0)))
TREE = Series("tree", None, ((2, 100.0), (32, 400.0)))
PLOT = PaperFigure("Figure 0: a plot", "cycles", "off the plot", "", (STAR, TREE), "numa-8x4")


def curve(series: str, points: dict[int, float]) -> list[Measured]:
    return [Measured(series, series, cores, value) for cores, value in points.items()]


def both() -> list[Measured]:
    return [*curve("star", {2: 200, 8: 700, 32: 1500}), *curve("tree", {2: 300, 32: 1000}), *curve("other", {2: 1})]


def test_only_points_that_both_have_are_compared() -> None:
    points = common_points(PLOT, both())
    assert [(str(point), point.error) for point in points] == [
        ("star at 2 cores", 1.0), ("star at 32 cores", 0.5), ("tree at 2 cores", 2.0), ("tree at 32 cores", 1.5),
    ]  # fmt: skip


def test_errors_are_the_mean_and_the_largest_without_sign() -> None:
    points = common_points(PLOT, [*curve("star", {2: 150, 32: 200}), *curve("tree", {2: 100})])
    assert [point.error for point in points] == [0.5, -0.8, 0.0]
    found = errors(points)
    assert found.mean == pytest.approx(1.3 / 3)
    assert found.worst is points[1]


def test_the_shape_makes_one_point_equal_and_judges_the_others() -> None:
    points = common_points(PLOT, both())
    found = shape(points)
    assert found is not None
    assert (found.factor, found.fitted) == (0.5, points[0])
    assert found.errors.mean == pytest.approx((abs(750 / 1000 - 1) + 0.5 + 0.25) / 3)
    assert str(found.errors.worst) == "tree at 2 cores"


def test_twice_the_paper_everywhere_has_no_error_of_shape() -> None:
    twice = [*curve("star", {2: 200, 32: 2000}), *curve("tree", {2: 200, 32: 800})]
    found = shape(common_points(PLOT, twice))
    assert found is not None
    assert found.errors.mean == 0


def test_one_number_of_cores_has_no_shape() -> None:
    assert shape(common_points(PLOT, [*curve("star", {2: 110}), *curve("tree", {2: 120})])) is None
    points = common_points(PLOT, curve("star", {2: 110}))
    assert shape(points) is None
    line = "against the paper's Figure 0 (off the plot), 1 point: error mean 10%, largest +10% (star at 2 cores)"
    assert summary(PLOT, points) == line


def test_a_summary_is_one_line() -> None:
    line = summary(PLOT, common_points(PLOT, both()))
    assert "4 points: error mean 125%, largest +200% (tree at 2 cores); its shape" in line
    assert "ours times 0.500 (star at 2 cores made equal): mean 33%, largest +50% (tree at 2 cores)" in line


def test_claims_are_judged_by_the_best_line_and_by_the_ratio() -> None:
    claims = (Claim("one grows", straight="one"), Claim("two is cheaper", cheaper="two", than="one"))
    plot = PaperFigure("Figure 0: words", "cycles", "exact", "", (), "numa-8x4", claims)
    ours = [*curve("one", {2: 120, 4: 140, 8: 180}), *curve("two", {2: 60, 8: 45})]
    grows, cheaper = claim_lines(plot, ours)
    assert grows == "Figure 0 says: one grows. Here: within 0% of 100 + 10 a core (mean 0%, farthest +0% at 2 cores)"
    assert cheaper == "Figure 0 says: two is cheaper. Here: two 2.0 times at 2 cores, 4.0 times at 8 cores"
    assert claim_lines(plot, curve("one", {2: 120, 4: 140})) == [], "two points are always on a line"


def test_a_curve_that_bends_is_off_its_line() -> None:
    plot = PaperFigure("Figure 0: words", "", "exact", "", (), "", (Claim("grows", straight="one"),))
    (line,) = claim_lines(plot, curve("one", {1: 10, 2: 40, 3: 10}))
    assert "within 100% of 20 + 0 a core (mean 67%, farthest +100% at 2 cores)" in line


def boot(name: str, cores: int, value: int, machine: str) -> Run:
    """Every path of a suite took as long."""
    suite = load_suite(name)
    took = {path.name: value * path.per for path in suite.paths} | {suite.overhead: 0}
    values: Values = {path: dict.fromkeys(("ticks", "cp1"), (ticks,)) for path, ticks in took.items()}
    found = figures(suite.paths, values, suite.overhead, suite.headline)
    return Run("skerry", cores, {"machine": machine, "costs": "some"}, values, found)


def printed(result: Result) -> str:
    console = Console(file=io.StringIO(), width=400)
    show(result, [], console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def measured(name: str, machine: str = "numa-8x4", value: int = 2600) -> Result:
    return Result(load_suite(name), Mode.MODEL, tuple(boot(name, cores, value, machine) for cores in (2, 8, 32)))


def test_a_table_has_the_paper_s_point_and_the_error_beside_ours() -> None:
    two, eight, _ = grids(measured("figure6"), [])
    assert two.head[-2:] == ("paper", "error")
    cells = {row.cells[0].text: tuple(cell.text for cell in row.cells[-2:]) for row in two.rows}
    assert cells["unicast"] == ("1,300", "+100%")
    assert cells["alone"] == ("", "")
    assert {tuple(cell.text for cell in row.cells[-2:]) for row in eight.rows} == {("", "")}


def test_a_suite_of_the_paper_says_its_errors_in_one_line() -> None:
    text = printed(measured("figure6"))
    assert "against the paper's Figure 6 (off the plot), 8 points: error mean 78%, largest +100%" in text
    assert "ours times 0.500 (broadcast at 2 cores made equal): mean 44%, largest -91%" in text
    assert "error: cp1 / paper - 1" in text
    assert "against the paper's Figure 7 (off the plot), 4 points" in printed(measured("figure7"))


def test_where_the_paper_gives_no_point_its_words_are_judged() -> None:
    text = printed(measured("figure8"))
    assert "no point of the paper's Figure 8 is known, so no error is stated" in text
    assert "single grows about linearly. Here: within 0% of 2,600 + 0 a core" in text
    assert "pipelined 1.0 times at 2 cores" in text


def test_costs_of_another_machine_are_not_compared() -> None:
    text = printed(measured("figure7", "default"))
    assert "the paper's Figure 7 is of another machine: to compare, --machine numa-8x4" in text
    assert "error" not in text


def test_a_peer_beside_us_has_its_own_errors() -> None:
    some = measured("figure7")
    paths = linux.paths_of(some.suite)
    values: Values = {path.name: {"ticks": (59000,), "cp1": (59000,)} for path in paths}
    theirs = Run("linux", 32, {}, values, figures(paths, values, "", "cp1"))
    both = replace(some, runs=(*some.runs, theirs))
    text = printed(both)
    assert "\nagainst the paper's Figure 7 (off the plot), 4 points: error mean" in text
    assert "\nLinux: against the paper's Figure 7 (off the plot), 2 points: error mean 100%, largest +100%" in text
    rows = {row.cells[0].text: [cell.text for cell in row.cells[-2:]] for row in grids(both, [])[-1].rows}
    assert rows["  Linux: mprotect, all cores touch the page"] == ["29,500", "+100%"]


def test_a_size_without_a_point_in_the_paper_is_said_so() -> None:
    some = measured("figure7")
    (eight,) = (run for run in some.runs if run.cores == 8)
    text = printed(replace(some, runs=(eight,)))
    assert "the paper's Figure 7 is known at 2 and 32 cores: no point in common" in text


def test_without_the_model_there_is_nothing_to_compare() -> None:
    some = measured("figure6")
    runs = tuple(replace(run, figures=tuple(f for f in run.figures if f.measure == "ticks")) for run in some.runs)
    assert "paper" not in printed(replace(some, mode=Mode.ICOUNT, runs=runs))


@pytest.mark.parametrize("name", suite_names())
def test_every_path_stands_beside_a_series_that_there_is(name: str) -> None:
    known = {series for figure in paper_figures(name) if figure.machine for series in figure.names}
    suite = load_suite(name)
    assert {path.paper for path in (*suite.paths, *linux.paths_of(suite)) if path.paper} <= known
