"""The build end to end, on a miniature checkout."""

import json
import shutil
import time
from pathlib import Path

import pytest

from skerry.build import BuildConfig, build, load_result
from skerry.errors import UserError
from skerry.workspace import Workspace
from tiny_tree import make_tree


@pytest.fixture
def tree(tmp_path: Path) -> Workspace:
    return make_tree(tmp_path / "tree")


NEEDS_GCC = pytest.mark.skipif(shutil.which("gcc") is None, reason="gcc is not on PATH")


@pytest.mark.parametrize("toolchain", ["zig", pytest.param("gcc", marks=NEEDS_GCC)])
@pytest.mark.parametrize("profile", ["release", "debug"])
def test_build_makes_loader_images_archive_and_manifest(tree: Workspace, toolchain: str, profile: str) -> None:
    result = build(BuildConfig("default", 2, profile, toolchain), tree)
    manifest = json.loads(result.manifest.read_text())
    assert [row["path"] for row in manifest["files"]] == ["core/0", "core/1", "bin/hello", "bin/monitor"]
    assert all(path.is_file() for path in (result.loader, result.archive, *result.core_elfs))
    assert set(result.programs) == {"hello", "monitor"}
    assert len({row["build_id"] for row in manifest["files"]}) == 4, "each file has a build id of its own"


@pytest.mark.parametrize("toolchain", ["zig", pytest.param("gcc", marks=NEEDS_GCC)])
def test_identical_input_gives_identical_bytes_in_any_folder(tmp_path: Path, toolchain: str) -> None:
    outputs = []
    for folder in ("one", "another one/deeper"):
        result = build(BuildConfig("mixed", 3, "release", toolchain), make_tree(tmp_path / folder))
        files = (result.archive, result.manifest, result.loader, *result.core_elfs, *result.programs.values())
        outputs.append([path.read_bytes() for path in files])
    assert outputs[0] == outputs[1]


def test_second_build_changes_nothing_and_other_core_counts_reuse_images(tree: Workspace) -> None:
    first = build(BuildConfig("default", 2), tree)
    times = {path: path.stat().st_mtime_ns for path in (first.archive, *first.core_elfs)}
    build(BuildConfig("default", 2), tree)
    more = build(BuildConfig("default", 4), tree)
    assert {path: path.stat().st_mtime_ns for path in times} == times
    assert more.core_elfs[:2] == first.core_elfs
    assert more.archive != first.archive


def test_changed_source_changes_the_build_id(tree: Workspace) -> None:
    before = build(BuildConfig("default", 1), tree).build_id
    _append(tree.userland / "programs" / "hello.c", "int added(void);\nint added(void) { return 1; }\n")
    assert build(BuildConfig("default", 1), tree).build_id != before


def test_new_file_in_programs_is_a_new_program(tree: Workspace) -> None:
    build(BuildConfig("default", 1), tree)
    shutil.copy(tree.userland / "programs" / "hello.c", tree.userland / "programs" / "mine.c")
    assert "mine" in build(BuildConfig("default", 1), tree).programs


def test_lost_archive_is_made_again(tree: Workspace) -> None:
    result = build(BuildConfig("default", 1), tree)
    result.archive.unlink()
    assert build(BuildConfig("default", 1), tree).archive.is_file()


def test_damaged_archive_is_refused_without_building_and_mended_by_building(tree: Workspace) -> None:
    archive = build(BuildConfig("default", 1), tree).archive
    data = archive.read_bytes()
    archive.write_bytes(data[:1000])
    with pytest.raises(UserError, match=r"boot-1\.cpio is not the file that was built.*; next: run invoke build"):
        load_result(BuildConfig("default", 1), tree)
    assert build(BuildConfig("default", 1), tree).archive.read_bytes() == data


def test_unbuilt_configuration_is_refused_by_name(tree: Workspace) -> None:
    with pytest.raises(UserError, match=r"nothing is built for 3 cores of machine default \(debug, zig\)"):
        load_result(BuildConfig("default", 3, "debug"), tree)


def test_missing_operation_function_fails_the_link(tree: Workspace, capfd: pytest.CaptureFixture[str]) -> None:
    stubs = tree.kernel / "cap" / "stubs.c"
    lines = [line for line in stubs.read_text().splitlines() if "inv_frame_identify" not in line]
    stubs.write_text("\n".join(lines) + "\n")
    with pytest.raises(UserError, match="the build failed"):
        build(BuildConfig("default", 1), tree)
    assert "inv_frame_identify" in capfd.readouterr().out


def test_lock_prefix_in_a_cpu_driver_is_refused_by_name(tree: Workspace, capfd: pytest.CaptureFixture[str]) -> None:
    text = 'void bad(long *p);\n[[gnu::noinline]] void bad(long *p) { __asm__ volatile("lock incq %0" : "+m"(*p)); }\n'
    operation = "err_t inv_frame_identify(struct invocation *i) { "
    stubs = tree.kernel / "cap" / "stubs.c"
    stubs.write_text(stubs.read_text().replace(operation, f"{text}{operation}bad((long *)0x1000); "))
    with pytest.raises(UserError, match="the build failed"):
        build(BuildConfig("default", 1), tree)
    out = capfd.readouterr().out
    assert "core-0.elf" in out
    assert "lock inc" in out
    assert "bad+0x" in out


def test_weak_symbol_in_a_program_is_refused_by_name(tree: Workspace, capfd: pytest.CaptureFixture[str]) -> None:
    _append(tree.userland / "programs" / "hello.c", "[[gnu::weak, gnu::used]] void soft(void);\nvoid soft(void) {}\n")
    with pytest.raises(UserError, match="the build failed"):
        build(BuildConfig("default", 1), tree)
    assert "hello.elf: a symbol is weak" in capfd.readouterr().out


def test_two_programs_of_one_name_are_refused(tree: Workspace) -> None:
    (tree.userland / "drivers" / "hello").mkdir(parents=True)
    shutil.copy(tree.userland / "programs" / "hello.c", tree.userland / "drivers" / "hello" / "main.c")
    with pytest.raises(UserError, match="two programs are called 'hello'"):
        build(BuildConfig("default", 1), tree)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (BuildConfig("nosuch", 1), "no machine 'nosuch'"),
        (BuildConfig("../default", 1), "no machine"),
        (BuildConfig("default", 0), "0 cores"),
        (BuildConfig("default", 256), "256 cores"),
        (BuildConfig("default", 1, "fast"), "--profile 'fast'"),
        (BuildConfig("default", 1, "release", "icc"), "--toolchain 'icc'"),
    ],
)
def test_wrong_configuration_is_refused_with_the_next_step(tree: Workspace, config: BuildConfig, message: str) -> None:
    with pytest.raises(UserError, match=message) as caught:
        build(config, tree)
    assert caught.value.hint


def test_contract_mistake_is_one_line(tree: Workspace) -> None:
    path = tree.contract / "syscalls.toml"
    path.write_text(path.read_text().replace("number = 2", "number = 1"))
    with pytest.raises(UserError, match=r"syscalls\.toml"):
        build(BuildConfig("default", 1), tree)


def test_build_without_changes_takes_under_a_second(tree: Workspace) -> None:
    build(BuildConfig("default", 4), tree)
    start = time.monotonic()
    build(BuildConfig("default", 4), tree)
    assert time.monotonic() - start < 1


def _append(path: Path, text: str) -> None:
    path.write_text(path.read_text() + text)
