"""What remains of a run: one line for the user (more when it failed), verdict.json and merged.log."""

import json
from collections.abc import Sequence
from pathlib import Path

from skerry.console.merge import merge_logs, merged_text
from skerry.run.evidence import Evidence
from skerry.run.launch import Launch
from skerry.run.options import reproduce
from skerry.run.style import Style
from skerry.run.verdict import Verdict

LAST_LINES = 12


def write_files(launch: Launch, verdict: Verdict, evidence: Evidence, logs: Sequence[str]) -> list[str]:
    """merged.log and verdict.json; returns the merged lines."""
    width = len(str(launch.hardware.cores - 1))
    merged = [merged_text(line, width) for line in merge_logs(dict(enumerate(logs)))]
    (launch.folder / "merged.log").write_text("".join(f"{line}\n" for line in merged))
    facts = {
        "verdict": verdict.name,
        "status": verdict.status,
        "reason": verdict.reason,
        "seconds": round(evidence.seconds, 3),
        "machine": launch.hardware.spec.name,
        "cores": launch.hardware.cores,
        "memory": launch.hardware.memory,
        "cpu": launch.hardware.cpu,
        "accel": launch.hardware.accel.name.lower(),
        "icount": launch.hardware.icount,
        "run_id": launch.artefacts.run_id,
        "commands": list(evidence.progress.begun),
        "statuses": list(evidence.progress.statuses),
        "panics": [{"core": p.core, "kind": p.kind, "message": p.message} for p in evidence.panics],
        "reproduce": reproduce(launch.options),
    }
    (launch.folder / "verdict.json").write_text(json.dumps(facts, indent=1) + "\n")
    return merged


def verdict_line(launch: Launch, verdict: Verdict, evidence: Evidence, style: Style) -> str:
    """The run in one line."""
    hw = launch.hardware
    how = "icount" if hw.icount else hw.accel.name.lower().replace("_", " ")
    name = verdict.name.lower().replace("_", " ")
    word = style.good(name) if verdict.success else style.bad(name)
    cores = f"{hw.cores} core{'s' if hw.cores > 1 else ''}"
    return f"{word}: {verdict.reason} ({cores}, {how}, {evidence.seconds:.2f} s; {_short(launch.folder)})"


def failure_lines(launch: Launch, verdict: Verdict, merged: Sequence[str], states: Sequence[str]) -> list[str]:
    """What a failed run shows besides: the last log lines, every core's place, the command that repeats it."""
    lines = []
    if verdict.name not in ("FAILURE", "PANIC") or not verdict.status:
        lines += ["last lines of the cores' logs:", *(f"  {line}" for line in merged[-LAST_LINES:])]
        lines += ["  (none)"] if not merged else []
    if states:
        lines += ["where the cores are:", *states]
    return [*lines, f"again: {reproduce(launch.options)}"]


def _short(folder: Path) -> str:
    try:
        return str(folder.relative_to(Path.cwd()))
    except ValueError:
        return str(folder)
