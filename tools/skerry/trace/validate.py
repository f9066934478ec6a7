"""What a trace viewer demands of its file: the Trace Event Format's fields, slices that nest, arrows with two ends.

A viewer drops what it does not understand without a word; so `invoke trace` and the tests ask here first.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

NEEDS: dict[str, dict[str, type | tuple[type, ...]]] = {
    "M": {"name": str, "pid": int, "args": dict},
    "X": {"name": str, "pid": int, "tid": int, "ts": (int, float), "dur": (int, float)},
    "i": {"name": str, "pid": int, "tid": int, "ts": (int, float), "s": str},
    "s": {"name": str, "cat": str, "pid": int, "tid": int, "ts": (int, float), "id": int},
    "f": {"name": str, "cat": str, "pid": int, "tid": int, "ts": (int, float), "id": int, "bp": str},
}
ROUNDING = 0.0002  # us: two figures of four decimals
Row = dict[str, Any]


def problems(trace: Any) -> list[str]:
    """Everything that is wrong with a file's contents."""
    rows = trace.get("traceEvents") if isinstance(trace, dict) else None
    if not isinstance(rows, list):
        return ["no list traceEvents"]
    wrong = [text for number, row in enumerate(rows) for text in _fields(number, row)]
    return wrong or [*_nesting(rows), *_flows(rows)]


def _fields(number: int, row: Any) -> Iterator[str]:
    needs = NEEDS.get(str(row.get("ph"))) if isinstance(row, dict) else None
    if needs is None:
        yield f"event {number}: no known phase"
        return
    for key, kind in needs.items():
        if not isinstance(row.get(key), kind):
            yield f"event {number}: {row['ph']} without a good {key!r}"
    if any(isinstance(row.get(key), int | float) and row[key] < 0 for key in ("ts", "dur")):
        yield f"event {number}: a negative time"


def _threads(rows: Iterable[Row], phase: str) -> dict[tuple[int, int], list[Row]]:
    threads: dict[tuple[int, int], list[Row]] = defaultdict(list)
    for row in rows:
        if row["ph"] == phase:
            threads[row["pid"], row["tid"]].append(row)
    return threads


def _nesting(rows: Iterable[Row]) -> Iterator[str]:
    """On one thread a slice lies within another or apart from it."""
    for thread, slices in _threads(rows, "X").items():
        open_ends: list[float] = []
        for row in sorted(slices, key=lambda row: (row["ts"], -row["dur"])):
            while open_ends and open_ends[-1] <= row["ts"] + ROUNDING:
                open_ends.pop()
            if open_ends and row["ts"] + row["dur"] > open_ends[-1] + ROUNDING:
                yield f"thread {thread}: {row['name']!r} at {row['ts']} outlasts the slice around it"
            open_ends.append(row["ts"] + row["dur"])


def _flows(rows: Iterable[Row]) -> Iterator[str]:
    rows = list(rows)
    slices = {thread: {row["ts"] for row in found} for thread, found in _threads(rows, "X").items()}
    ends: dict[tuple[str, int], dict[str, Row]] = defaultdict(dict)
    for row in rows:
        if row["ph"] in "sf":
            ends[row["cat"], row["id"]][row["ph"]] = row
            if row["ts"] not in slices.get((row["pid"], row["tid"]), ()):
                yield f"arrow {row['id']}: no slice begins at its end {row['ph']!r}"
    for (_, number), pair in ends.items():
        if set(pair) != {"s", "f"}:
            yield f"arrow {number}: only one end"
        elif pair["s"]["ts"] > pair["f"]["ts"]:
            yield f"arrow {number}: ends before it begins"
