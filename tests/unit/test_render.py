"""The project's template environment, and writing only what changed."""

from pathlib import Path

import pytest
from jinja2 import UndefinedError

from skerry.render import render, write_if_changed


def template(folder: Path, text: str) -> Path:
    path = folder / "t.c.j2"
    path.write_text(text)
    return path


def test_c_passes_through_untouched(tmp_path: Path) -> None:
    text = "int a[2][2] = {{1, 2}, {3, 4}}; /* {# #} {% %} ## */\n#define X(y) #y // %d\n\n\tchar c = '$';\n"
    assert render(template(tmp_path, text)) == text


def test_statement_line_takes_its_own_line_and_no_more(tmp_path: Path) -> None:
    text = "a\n\n//% for x in xs\n\n    ${ x };\n    //% endfor\n\n//# a remark\nb\n"
    assert render(template(tmp_path, text), xs=[1, 2]) == "a\n\n\n    1;\n\n    2;\n\nb\n"


def test_undefined_name_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UndefinedError, match="nothing"):
        render(template(tmp_path, "${ nothing }\n"))


def test_file_is_written_only_when_it_changes(tmp_path: Path) -> None:
    path = tmp_path / "new" / "file.h"
    assert write_if_changed(path, "one\n")
    stamp = path.stat().st_mtime_ns
    assert not write_if_changed(path, "one\n")
    assert path.stat().st_mtime_ns == stamp
    assert write_if_changed(path, "two\n")
    assert [item.name for item in path.parent.iterdir()] == ["file.h"]
