"""The cost model of agreement: the engine's code on machines that we do not have."""

import csv
from pathlib import Path

import pytest

from skerry.errors import UserError
from skerry.model.command import ModelOptions, model
from skerry.model.machines import ModelMachine, stated_machine, tree_from_0, wide_machine
from skerry.model.runs import Topology, run
from skerry.workspace import default_workspace


def the_8x4(cores: int = 32) -> ModelMachine:
    return stated_machine("numa-8x4", cores, default_workspace())


def test_one_core_asked_by_another_costs_a_round_trip_as_table_2_has_it() -> None:
    assert run(the_8x4(2), 1, Topology.UNICAST).critical_path == 2 * 538
    assert run(the_8x4(2), 2, Topology.UNICAST).critical_path == 4 * 538


def test_every_topology_takes_a_message_to_and_from_each_core() -> None:
    for topology in Topology:
        assert run(the_8x4(), 1, topology).messages == 2 * 31
        assert run(the_8x4(), 2, topology).messages == 4 * 31


def test_stars_grow_with_the_cores_and_trees_with_their_depth() -> None:
    star = {cores: run(wide_machine(cores), 1, Topology.UNICAST).critical_path for cores in (32, 1024)}
    tree = {cores: run(wide_machine(cores), 1, Topology.NUMA).critical_path for cores in (32, 1024)}
    assert star[1024] > 30 * star[32]
    assert tree[1024] < 2 * tree[32]


def test_the_order_at_32_cores_is_that_of_figure_6() -> None:
    path = {topology: run(the_8x4(), 1, topology).critical_path for topology in Topology}
    assert path[Topology.BROADCAST] > path[Topology.UNICAST] > 2 * path[Topology.MULTICAST]
    assert path[Topology.MULTICAST] > path[Topology.NUMA]


def test_transactions_in_flight_share_the_waiting() -> None:
    single = run(the_8x4(16), 2, Topology.NUMA)
    many = run(the_8x4(16), 2, Topology.NUMA, in_flight=16)
    assert many.messages == 16 * single.messages
    assert many.each < 0.6 * single.each


def test_a_tree_sends_one_message_a_socket_farthest_first() -> None:
    tree = tree_from_0(the_8x4(), farthest_first=True)
    sent_by_0 = sorted((core for core in range(1, 32) if tree.parent[core] == 0), key=lambda core: tree.rank[core])
    assert sent_by_0 == [28, 12, 24, 8, 20, 4, 16, 1, 2, 3]


def test_a_run_repeats_to_the_digit_and_goes_to_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ModelOptions("numa-4x4", 16, tmp_path / "model.csv")
    assert model(options, default_workspace()) == 0
    first = options.out.read_text() if options.out else ""
    assert model(options, default_workspace()) == 0
    assert (tmp_path / "model.csv").read_text() == first
    rows = list(csv.DictReader(first.splitlines()))
    assert {row["topology"] for row in rows} == {"unicast", "broadcast", "multicast", "numa"}
    assert "critical path" in capsys.readouterr().out


def test_a_machine_without_costs_is_refused() -> None:
    with pytest.raises(UserError, match="states no costs"):
        stated_machine("default", 2, default_workspace())


def test_the_errors_against_the_paper_are_stated(capsys: pytest.CaptureFixture[str]) -> None:
    assert model(ModelOptions("numa-8x4", 32, None), default_workspace()) == 0
    text = capsys.readouterr().out
    assert "Figure 6, unicast at 2 cores: 1,300 in the paper, 1,076 here: -17%" in text
    assert "against the paper's Figure 6 (off the plot), 8 points: error mean" in text
    assert "Figure 8 says: single grows about linearly. Here: within" in text
    assert "Figure 8 says: pipelined is several times cheaper. Here: pipelined" in text
    assert model(ModelOptions("numa-4x4", 16, None), default_workspace()) == 0
    assert "paper" not in capsys.readouterr().out, "the figures are of another machine"
