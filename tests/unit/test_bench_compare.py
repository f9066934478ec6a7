"""What `--compare` calls a change."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skerry.bench.compare import CHANGED, UNCHANGED, compare_task, mann_whitney
from skerry.bench.record import SCHEMA
from skerry.errors import UserError


def record(folder: Path, mode: str, values: list[int], name: str = "toy") -> Path:
    folder.mkdir(exist_ok=True)
    figure = {"median": sorted(values)[len(values) // 2]}
    run = {
        "system": "skerry",
        "cores": 2,
        "values": {"null": {"ticks": values}},
        "figures": {"null": {"ticks": figure}},
    }
    (folder / f"{name}.json").write_text(json.dumps({"schema": SCHEMA, "mode": mode, "runs": [run]}))
    return folder


def test_one_instruction_more_is_a_change_where_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = record(tmp_path / "a", "icount", [60] * 20)
    assert compare_task(before, record(tmp_path / "b", "icount", [60] * 20)) == UNCHANGED
    assert compare_task(before, record(tmp_path / "c", "icount", [61] * 20)) == CHANGED
    assert "toy, skerry, 2 cores, null, ticks: 60 -> 61 (+1.7 %; counted: no noise)" in capsys.readouterr().out


def test_a_change_behind_the_same_median_is_one_where_counted(tmp_path: Path) -> None:
    before = record(tmp_path / "a", "model", [60] * 20)
    assert compare_task(before, record(tmp_path / "b", "model", [60] * 19 + [90])) == CHANGED


def test_noise_is_no_change_and_a_tenth_more_is(tmp_path: Path) -> None:
    noise = [100 + (i * 7919) % 13 for i in range(60)]
    before = record(tmp_path / "a", "timed", noise)
    assert compare_task(before, record(tmp_path / "b", "timed", noise[30:] + noise[:30])) == UNCHANGED
    assert compare_task(before, record(tmp_path / "c", "timed", [value + 1 for value in noise])) == UNCHANGED
    assert compare_task(before, record(tmp_path / "d", "timed", [value + 11 for value in noise])) == CHANGED


def test_what_cannot_be_compared_is_refused(tmp_path: Path) -> None:
    one = record(tmp_path / "a", "icount", [1])
    with pytest.raises(UserError, match="has no records"):
        compare_task(one, tmp_path)
    with pytest.raises(UserError, match="nothing in common"):
        compare_task(one, record(tmp_path / "b", "icount", [1], "other"))
    (tmp_path / "b" / "other.json").write_text('{"schema": "skerry-bench-1"}')
    with pytest.raises(UserError, match="not a record of this version"):
        compare_task(one, tmp_path / "b")


def test_the_u_test_agrees_with_a_known_value() -> None:
    """Ten and ten without ties, U = 21: z = 2.192, p = 0.0284 (normal approximation, no continuity correction)."""
    first = [1, 2, 3, 4, 5, 6, 11, 13, 15, 16]
    second = [7, 8, 9, 10, 12, 14, 17, 18, 19, 20]
    assert mann_whitney(first, second) == pytest.approx(0.02836, abs=1e-4)


@given(st.lists(st.integers(0, 50), min_size=2, max_size=30), st.lists(st.integers(0, 50), min_size=2, max_size=30))
def test_the_u_test_does_not_care_which_came_first(first: list[int], second: list[int]) -> None:
    assert mann_whitney(first, second) == pytest.approx(mann_whitney(second, first))
    assert 0 <= mann_whitney(first, second) <= 1
