"""What a machine's own knowledge base said of it: found by one boot, kept in build/skb."""

from dataclasses import replace
from pathlib import Path

from skerry.bench.session import run_session
from skerry.errors import UserError
from skerry.machine import process
from skerry.run.launch import find_hardware
from skerry.run.obtain import obtain
from skerry.run.options import RunOptions
from skerry.workspace import Workspace

COMMANDS = "skb measure; skb facts"
FACT_END = ")."


def saved_facts(options: RunOptions, refresh: bool, workspace: Workspace) -> Path:
    """The file of facts; the machine is booted when there is none, or a new one is wanted."""
    hardware = find_hardware(options, workspace)
    file = workspace.build / "skb" / f"{options.machine}-{hardware.cores}.facts"
    if refresh or not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(_ask_machine(options, workspace))
    return file


def _ask_machine(options: RunOptions, workspace: Workspace) -> str:
    process.find_qemu()
    options = replace(options, commands=COMMANDS, interactive=False)
    hardware = find_hardware(options, workspace)
    artefacts = obtain(options, hardware.cores, workspace)
    session = run_session(options, hardware, artefacts, workspace)
    facts = [line for line in session.output.splitlines() if line.endswith(FACT_END)]
    if not session.verdict.success or not facts:
        lines = "\n".join([*session.complaint, *session.console_end()])
        raise UserError(f"the machine {options.machine} told no facts\n{lines}", "look at its logs, then try again")
    return "\n".join(sorted(facts)) + "\n"
