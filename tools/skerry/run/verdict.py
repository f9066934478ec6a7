"""How a run ended, by name.

QEMU's exit status alone proves nothing (a triple fault exits 0), so success demands the guest's own code and, of
commands, the closing mark of this very build.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from skerry.abi import Contract
from skerry.console.panic import Panic
from skerry.run.evidence import Evidence, Stopped


@dataclass(frozen=True)
class Verdict:
    """`name` is one of the contract's host exit codes, `status` its number, `reason` a sentence."""

    name: str
    status: int
    reason: str

    @property
    def success(self) -> bool:
        return self.name == "SUCCESS"


@dataclass(frozen=True)
class ExitCodes:
    """kernel/abi/exit.toml, both ways that the verdict needs."""

    guest: Mapping[int, str]
    host: Mapping[str, int]


def exit_codes(contract: Contract) -> ExitCodes:
    """The codes of the contract."""
    guest = {value.value: value.name for value in contract.enums["guest_exit"].values}
    return ExitCodes(guest, {value.name: value.value for value in contract.enums["host_exit"].values})


def guest_code(qemu_status: int) -> int | None:
    """What the guest wrote to the exit port: isa-debug-exit makes 2 * code + 1 of it."""
    return qemu_status >> 1 if qemu_status > 0 and qemu_status & 1 else None


def failing_panic(panics: tuple[Panic, ...], last: Panic | None) -> Panic | None:
    """The panic that decides a run: any that nobody asked for, or the one after which no core was left."""
    return next((panic for panic in panics if not panic.practice), last)


def judge(evidence: Evidence, codes: ExitCodes) -> Verdict:
    """The verdict; the first of these that holds."""
    name, reason = _name(evidence, codes)
    return Verdict(name, codes.host[name], reason)


def _name(evidence: Evidence, codes: ExitCodes) -> tuple[str, str]:
    panic = failing_panic(evidence.panics, evidence.last_panic)
    if panic is not None:
        return "PANIC", f"core {panic.core} panicked ({panic.kind}): {panic.message}"
    if evidence.stopped is not Stopped.NOT:
        return _stopped(evidence)
    code = guest_code(evidence.qemu_status or 0)
    guest = codes.guest.get(code) if code is not None else None
    if guest is None:
        return "LOST", _lost(evidence)
    if guest not in ("SUCCESS", "FAILURE"):
        return guest, evidence.loader or f"the guest gave up with exit code {guest}"
    return _powered_off(evidence, guest)


def _stopped(evidence: Evidence) -> tuple[str, str]:
    where = f" in `{evidence.progress.running}`" if evidence.progress.running else ""
    match evidence.stopped:
        case Stopped.RESET:
            return "TRIPLE_FAULT", f"the machine reset itself after {evidence.seconds:.1f} s{where}"
        case Stopped.STALL:
            return "HANG", f"no core wrote anything for {evidence.quiet:.1f} s{where}"
        case Stopped.DEADLINE if evidence.quiet >= max(2.0, evidence.seconds / 4):
            return "HANG", f"deadline after {evidence.seconds:.1f} s, the last {evidence.quiet:.1f} s silent{where}"
        case Stopped.DEADLINE:
            return "TIMEOUT", f"still busy at the deadline of {evidence.seconds:.1f} s{where}"
        case _:
            return "SUCCESS", "left at your request"


def _lost(evidence: Evidence) -> str:
    says = f": {evidence.qemu_says}" if evidence.qemu_says else ""
    return f"QEMU ended with status {evidence.qemu_status} and no exit code of the guest{says}"


def _powered_off(evidence: Evidence, guest: str) -> tuple[str, str]:
    if evidence.stale is not None:
        return "LOST", evidence.stale
    if evidence.commands is None:
        return (guest, "powered off") if evidence.prompt else ("LOST", "powered off without ever giving a prompt")
    progress = evidence.progress
    if progress.done is None:
        # `poweroff` among the commands leaves no time for the closing mark.
        if progress.running is not None and progress.running.split()[:1] == ["poweroff"]:
            return ("FAILURE" if any(progress.statuses) else guest), "powered off by its last command"
        return "LOST", "powered off without the closing mark of this build's commands"
    failed = [f"`{name}`" for name, status in zip(progress.begun, progress.statuses, strict=False) if status]
    if failed:
        return "FAILURE", f"{', '.join(failed)} failed"
    if guest == "FAILURE" or progress.done:
        return "FAILURE", "the guest says that its commands failed"
    count = len(progress.statuses)
    return "SUCCESS", f"{count} command{'s' if count != 1 else ''} succeeded"
