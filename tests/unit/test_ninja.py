"""Ninja's language: what is quoted, and that ninja itself agrees."""

import subprocess
import sys
from pathlib import Path

from skerry import ninja
from skerry.ninja import Edge, Rule


def test_file_matches_what_ninja_reads(tmp_path: Path) -> None:
    source = tmp_path / "with space: and $dollar.txt"
    source.write_text("content\n")
    rules = [Rule("copy", f"{ninja.shell(['sh', '-c', 'cat >$1; exit', '-'])} $out <$in", "copy $in")]
    text = ninja.render({"builddir": "."}, rules, [Edge("copy", ("out put",), (source.name,))])
    (tmp_path / "build.ninja").write_text(text)
    program = Path(sys.prefix) / "bin" / "ninja"
    subprocess.run([program], cwd=tmp_path, check=True, timeout=60, capture_output=True)
    assert (tmp_path / "out put").read_text() == "content\n"


def test_edges_are_written_with_their_variables() -> None:
    text = ninja.render({}, [], [Edge("link", ("a",), ("b", "c"), ("d e",), ("f",), {"script": "x.ld"})])
    assert text.endswith("build a: link b c | d$ e || f\n  script = x.ld\n")


def test_depfile_rules_name_their_depfile() -> None:
    text = ninja.render({}, [Rule("cc", "cc $in", "compile $in", depfile=True)], [])
    assert "  depfile = $out.d\n  deps = gcc\n" in text
