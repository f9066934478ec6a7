"""What a failed test shows, so that nobody needs to run it again to know why."""

from skerry.console.merge import merge_logs, merged_text
from skerry.run.observe import Observer
from skerry.run.options import reproduce

SERIAL_CHARS = 2000
LOG_LINES = 25


class MachineFailure(AssertionError):
    """The machine did something that no test waits for: panic, reset, end, silence."""


def failure_text(observer: Observer, serial: str) -> str:
    """Last lines of all consoles, panics, every core's place, and the command."""
    logs = {core: log.text for core, log in enumerate(observer.live.logs)}
    merged = [merged_text(line) for line in merge_logs(logs)]
    parts = ["serial console:", serial[-SERIAL_CHARS:].replace("\r\n", "\n") or "(nothing)"]
    parts += ["cores' logs:", *merged[-LOG_LINES:]]
    parts += [line for lines in observer.panic_texts for line in lines]
    if observer.live.running:
        parts += ["where the cores are:", *observer.post_mortem()]
    parts += [f"logs: {observer.launch.folder}", f"again: {reproduce(observer.launch.options)}"]
    return "\n".join(parts)
