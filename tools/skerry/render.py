"""The project's one Jinja2 environment, and the one way to write a generated file.

Jinja2's default delimiters break C, so templates use `${ x }` for values, `//%` lines for loops and `//#` lines for
remarks; the block delimiters that Jinja2 insists on occur in no language that we generate. Templates loop over plain
rows: what a row holds is decided in Python.
"""

import os
import re
import tempfile
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2.ext import Extension


class LineStatements(Extension):
    """`//% for x in xs` and `//# remark` lines, as blocks and comments.

    Jinja2's own line statements swallow the empty lines that follow them; these take their own line and no more.
    """

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        source = re.sub(r"^[ \t]*//%(.*)$", r"@%{\1 }%@", source, flags=re.MULTILINE)
        return re.sub(r"^[ \t]*//#(.*)$", r"@#{\1 }#@", source, flags=re.MULTILINE)


def environment(folder: Path) -> Environment:
    """The environment for the templates in `folder`; an undefined name in one is an error."""
    return Environment(
        loader=FileSystemLoader(folder),
        extensions=[LineStatements],
        undefined=StrictUndefined,
        autoescape=False,
        variable_start_string="${",
        variable_end_string="}",
        block_start_string="@%{",
        block_end_string="}%@",
        comment_start_string="@#{",
        comment_end_string="}#@",
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def render(template: Path, **rows: object) -> str:
    """The text that `template` gives for `rows`."""
    return environment(template.parent).get_template(template.name).render(**rows)


def write_if_changed(path: Path, text: str) -> bool:
    """Write `text` unless the file already holds it, so that nothing is rebuilt for nothing; True when written.

    The file appears whole or not at all: an interrupted build leaves no half-written header behind.
    """
    data = text.encode()
    if path.is_file() and path.read_bytes() == data:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return True
