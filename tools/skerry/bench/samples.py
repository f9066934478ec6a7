"""What the guest's program prints, read: raw samples by path.

    bench SUITE begin
    bench SUITE path NAME VALUE[xTIMES] ...
    bench SUITE end PATHS SAMPLES

A damaged or missing line, a path without its samples, or no end is an error: printing nothing is failing.
"""

import re
from collections.abc import Mapping, Sequence

LINE = re.compile(r"^bench (\S+) (begin|path|end)\b ?(.*)$")
RUN = re.compile(r"(\d+)(?:x(\d+))?")

Samples = Mapping[str, tuple[int, ...]]


class SamplesError(Exception):
    """The output is not that of a whole suite; says what is missing."""


def read_samples(output: str, suite: str, wanted: Sequence[str], least: int) -> Samples:
    """The samples of every path in the output of one command; `wanted` paths must have `least` each."""
    found: dict[str, tuple[int, ...]] = {}
    ended: tuple[int, ...] | None = None
    for line in output.splitlines():
        match = LINE.match(line)
        if match is None or match[1] != suite:
            continue
        words = match[3].split()
        if match[2] == "path":
            found[words[0]] = found.get(words[0], ()) + _values(words[1:], line)
        elif match[2] == "end":
            ended = tuple(int(word) for word in words)
    _check_end(found, ended)
    for name in wanted:
        if len(found.get(name, ())) < least:
            raise SamplesError(f"path {name} has {len(found.get(name, ()))} samples of {least}")
    return found


def _values(words: Sequence[str], line: str) -> tuple[int, ...]:
    values: list[int] = []
    for word in words:
        match = RUN.fullmatch(word)
        if match is None:
            raise SamplesError(f"a damaged line: {line}")
        values += [int(match[1])] * int(match[2] or 1)
    return tuple(values)


def _check_end(found: Samples, ended: tuple[int, ...] | None) -> None:
    if ended is None:
        raise SamplesError(f"the suite did not end; it came to {', '.join(found) or 'no path at all'}")
    if len(ended) != 2 or len(found) != ended[0] or any(len(samples) != ended[1] for samples in found.values()):
        raise SamplesError(f"lines are missing: the end names {ended}, {len(found)} paths came")
