"""What all kinds of run have in common: look at the cores, show panics at once, gather the evidence.

An Observer is owned by the loop of one run (batch, terminal, piped, or a test), which calls `look` after each wait.
"""

import math
from collections.abc import Callable, Sequence

from skerry.console.lines import loader_complaint
from skerry.console.marks import Progress
from skerry.console.panic import Panic
from skerry.run.evidence import Evidence, Stopped
from skerry.run.launch import Launch, qemu_words
from skerry.run.live import Live
from skerry.run.verdict import failing_panic
from skerry.run.watch import FaultWatch, PanicWatch, stale_core
from skerry.symbols.panic_text import fault_lines, panic_lines
from skerry.symbols.states import state_lines

Show = Callable[[Sequence[str]], None]
ShowLog = Callable[[int, str], None]


def _ends_with_panic(text: str) -> bool:
    """Whether a core's log has a panic since it last came up."""
    return text.rfind("PANIC core=") > text.rfind(" up, apic ")


class Observer:
    """Watches one machine. `show` prints lines for the user; `show_log` gets a core's new text when wanted."""

    def __init__(self, launch: Launch, live: Live, show: Show, show_log: ShowLog | None = None) -> None:
        self.launch, self.live = launch, live
        self._show, self._show_log = show, show_log
        self._panics = PanicWatch(live.cores)
        self._faults = FaultWatch()
        self.panic_texts: list[list[str]] = []

    @property
    def panics(self) -> list[Panic]:
        return self._panics.seen

    @property
    def fatal(self) -> Panic | None:
        """A panic after which it is useless to go on: no core is left that has not, or that was started since."""
        runs = any(log.text and not _ends_with_panic(log.text) for log in self.live.logs)
        return None if runs or not self.panics else self.panics[-1]

    @property
    def failing(self) -> Panic | None:
        """A panic that decides the verdict."""
        return failing_panic(tuple(self.panics), self.fatal)

    def look(self, last: bool = False) -> None:
        """Take in what the cores have logged; show what is new and matters."""
        for core, text in self.live.look().items():
            self._panics.feed(core, text, self.live.logs[core].text)
            for fault in self._faults.feed(core, text):
                self._show(fault_lines(fault, self.launch.artefacts.program(fault.domain)))
            if self._show_log is not None:
                self._show_log(core, text)
        logs = {core: log.text for core, log in enumerate(self.live.logs)}
        for panic in self._panics.ready(logs, math.inf if last else None):
            lines = panic_lines(panic, self.launch.artefacts.image_of(panic.core, panic.build))
            self.panic_texts.append(lines)
            self._show(lines)

    def stopped(self) -> Stopped | None:
        """Whether the machine must be ended, and why."""
        if self.live.was_reset:
            return Stopped.RESET
        if self.fatal is not None:
            return Stopped.PANIC
        if self.live.seconds > self.launch.deadline:
            return Stopped.DEADLINE
        return None

    def post_mortem(self) -> list[str]:
        """Where each core of a machine that went wrong stands; asked before it is ended."""
        artefacts = self.launch.artefacts
        images, programs = artefacts.core_images, artefacts.program_images
        return state_lines(self.live.states(), images, programs, self.live.code_at)

    def evidence(self, stopped: Stopped, progress: Progress, prompt: bool = False) -> Evidence:
        """All that is known, once the loop has ended; ends the machine."""
        seconds, quiet = self.live.seconds, self.live.quiet
        status = self.live.end()
        self.look(last=True)
        logs = {core: log.text for core, log in enumerate(self.live.logs)}
        return Evidence(
            stopped=stopped,
            qemu_status=status if stopped is Stopped.NOT else None,
            seconds=seconds,
            quiet=quiet,
            panics=tuple(self.panics),
            last_panic=self.fatal,
            commands=self.launch.options.commands,
            progress=progress,
            loader=loader_complaint(logs[0]),
            stale=stale_core(logs, self.launch.artefacts.builds, self.launch.artefacts.spares),
            qemu_says=qemu_words(self.launch.folder),
            prompt=prompt,
        )
