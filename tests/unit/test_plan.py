"""Core plans from machine files, and what is rendered from them."""

from pathlib import Path

import pytest

from skerry.errors import UserError, parse_count, run_task
from skerry.plan import CorePlan, machine_plan, parse_cores
from skerry.render import environment
from skerry.workspace import default_workspace

GOLDEN = Path(__file__).parents[1] / "golden" / "images"
ROWS = """
cores = 8
[[class]]
name = "worker"
cores = "2-3,7"
timeslice_us = 100
tickless = false
[[class]]
name = "service"
"""


def machine(folder: Path, text: str) -> Path:
    (folder / "box.toml").write_text('doc = "a box"\n' + text)
    return folder


def test_each_core_gets_the_class_that_names_it(tmp_path: Path) -> None:
    box = machine_plan(machine(tmp_path, ROWS), "box")
    plans = [box.core(core, 0x1000) for core in range(8)]
    assert [plan.class_name for plan in plans].count("worker") == 3
    assert plans[7] == CorePlan(7, "worker", 0, 100, False, 65536, True, 0x1007)
    assert plans[0].class_name == "service"


def test_machine_without_classes_has_one(tmp_path: Path) -> None:
    box = machine_plan(machine(tmp_path, "cores = 2\n"), "box")
    assert (box.default_cores, box.core(1, 0x1000).class_name) == (2, "default")


def test_a_spare_class_is_no_cores_own(tmp_path: Path) -> None:
    rows = '[[class]]\nname = "calm"\nscheduler = "run-to-block"\nspare = true\n'
    box = machine_plan(machine(tmp_path, rows + 'cores = "1-2"\n'), "box")
    assert [box.core(core, 0x1000).stem for core in range(3)] == ["0", "1", "2"]
    assert [[plan.stem for plan in box.spares(core, 0x1000)] for core in range(3)] == [[], ["1.calm"], ["2.calm"]]
    assert box.spares(2, 0x1000) == (CorePlan(2, "calm", 1, 5000, True, 65536, True, 0x1002, spare=True),)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("colour = 1", "unknown key 'colour'"),
        ("timeslice_us = 'long'", "timeslice_us must be int"),
        ("tickless = 1", "tickless must be bool"),
        ("cores = 'all'", "cores 'all' is no list"),
        ("scheduler = 'lottery'", "no scheduler 'lottery'"),
        ("name = 'far-too-long-a-name'", "the name is too long"),
        ("= 3", "box.toml"),
    ],
)
def test_wrong_class_is_refused_with_file_and_key(tmp_path: Path, rows: str, message: str) -> None:
    with pytest.raises(UserError, match=message) as caught:
        machine_plan(machine(tmp_path, f"cores = 2\n[[class]]\n{rows}\n"), "box")
    assert "box.toml" in caught.value.message
    assert caught.value.hint


def test_unknown_machine_lists_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"no machine 'nosuch'.*; next: take one of: box"):
        machine_plan(machine(tmp_path, "cores = 1\n"), "nosuch")


def test_core_lists() -> None:
    assert parse_cores("0") == {0}
    assert parse_cores("1-3,9") == {1, 2, 3, 9}


@pytest.mark.parametrize("name", ["core.c", "core.ld"])
def test_rendered_tables_match_their_goldens(name: str) -> None:
    plan = CorePlan(2, "worker", 0, 250, True, 4096, True, 0x1002)
    template = environment(default_workspace().templates).get_template(f"{name}.j2")
    text = template.render(plan=plan, window="0xffffffff80000000", page_size="0x1000", image_max="0x100000")
    assert text == (GOLDEN / name).read_text()


def test_every_machine_of_the_project_can_be_planned() -> None:
    folder = default_workspace().machines
    for path in folder.glob("*.toml"):
        plan = machine_plan(folder, path.stem)
        assert plan.core(plan.default_cores - 1, 0x1000).log_port == 0x1000 + plan.default_cores - 1


@pytest.mark.parametrize(("text", "message"), [("0", "out of range"), ("9999", "out of range"), ("x", "not a number")])
def test_counts_are_checked(text: str, message: str) -> None:
    with pytest.raises(UserError, match=f"--smp .*{message}; next: give --smp a number from 1 to 255"):
        parse_count("--smp", text, 1, 255)


def test_user_errors_end_a_task_with_one_line_and_status_two(capsys: pytest.CaptureFixture[str]) -> None:
    def action() -> None:
        raise UserError("it is wrong", "mend it")

    with pytest.raises(SystemExit) as caught:
        run_task(action)
    assert caught.value.code == 2
    assert capsys.readouterr().err == "skerry: it is wrong; next: mend it\n"
