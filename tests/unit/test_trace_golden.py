"""A recorded trace: two cores, `ping 0 1`, instructions counted. Its timeline file and its summary, to the byte.

To accept a change: python tests/unit/test_trace_golden.py, then read the difference.
"""

from pathlib import Path

from skerry.trace.command import read_folder, write
from skerry.trace.summary import summary
from skerry.trace.timeline import Timeline
from trace_bytes import FORMAT

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "trace"


def recorded() -> Timeline:
    timeline = read_folder(GOLDEN, FORMAT)
    assert timeline is not None
    return timeline


def words(timeline: Timeline) -> str:
    return "".join(f"{line}\n" for line in summary(timeline))


def test_the_recorded_trace_gives_its_timeline_file(tmp_path: Path) -> None:
    write(recorded(), FORMAT, tmp_path / "trace.json")
    assert (tmp_path / "trace.json").read_text() == (GOLDEN / "trace.json").read_text()


def test_the_recorded_trace_gives_its_summary() -> None:
    assert words(recorded()) == (GOLDEN / "summary.txt").read_text()


if __name__ == "__main__":
    write(recorded(), FORMAT, GOLDEN / "trace.json")
    (GOLDEN / "summary.txt").write_text(words(recorded()))
