"""A machine in a test's hands.

A test says what a user would type and see: `shell("cores")` types, waits for the prompt and returns what was
printed between. It need not care for time: one deadline, from the machine's description and scaled by cores and
accelerator, rides along with everything.
"""

from collections.abc import Sequence

from pexpect.exceptions import EOF, TIMEOUT

from skerry.console.marks import Progress
from skerry.console.panic import Panic
from skerry.run.evidence import Stopped
from skerry.run.observe import Observer
from skerry.run.verdict import ExitCodes, Verdict, judge
from skerry.testing.failure import MachineFailure, failure_text
from skerry.testing.serial import SerialSpawn

PROMPT = r"skerry> "
UP = r"(?:\r\n|^)skerry> "
LEAK_CHECK = "leaks"  # the shell's command; it fails where something has not returned


class Machine:
    """One running machine, at the shell's prompt once `boot` has returned."""

    def __init__(self, observer: Observer, codes: ExitCodes) -> None:
        self.observer, self._codes = observer, codes
        self.serial = SerialSpawn(observer)
        self._prompted = False
        self._at_prompt = False
        self._verdict: Verdict | None = None
        self.places: list[str] = []  # where every core was when the machine had to be ended

    def boot(self) -> str:
        """Wait for the first prompt; returns all that was printed before it."""
        banner = self.expect(UP)
        self._prompted = self._at_prompt = True
        return banner

    def type(self, text: str) -> None:
        """Type without waiting; the line's end included only if `text` has it."""
        self._at_prompt = False
        self.serial.send(text)

    def shell(self, command: str) -> str:
        """Type a command at the prompt; what it printed, without the echo of the command."""
        self.type(command + "\r")
        printed = self.expect(UP)
        self._at_prompt = True
        return printed.split("\r\n", 1)[1] if "\r\n" in printed else ""

    def expect(self, pattern: str, timeout: float | None = None) -> str:
        """Wait for a pattern on the serial console; what came before it, and the match, as text."""
        try:
            self.serial.expect(pattern, timeout=timeout)
        except EOF:
            raise MachineFailure(
                f"the machine ended ({self.wait_verdict().reason}) while {pattern!r} was due"
            ) from None
        except TIMEOUT:
            raise MachineFailure(f"{pattern!r} did not come within {timeout} s") from None
        before, after = self.serial.before, self.serial.after
        return str(before) + str(after)[: -len(PROMPT)] if pattern == UP else str(before) + str(after)

    def core_log(self, core: int) -> str:
        """All that a core has logged until now."""
        self.observer.look()
        return self.observer.live.logs[core].text

    def wait_log(self, core: int, text: str) -> str:
        """Wait until a core has logged a text; returns its log."""
        while text not in self.core_log(core):
            self.serial.read_or_fail()
        return self.core_log(core)

    def panics(self) -> Sequence[Panic]:
        """Records seen until now, practice included."""
        self.observer.look()
        return tuple(self.observer.panics)

    def panic_text(self, core: int) -> str:
        """A core's panic as the user sees it, symbolised; waits for it."""
        while True:
            for panic, lines in zip(self.observer.panics, self.observer.panic_texts, strict=True):
                if panic.core == core:
                    return "\n".join(lines)
            self.serial.read_or_fail()

    def expect_panics(self) -> None:
        """From now on cores other than 0 may panic: the test makes them."""
        self.serial.tolerant = True

    def poweroff(self) -> Verdict:
        """Power off by the shell's command; anything but a clean end fails, and so does a leak before it."""
        self.check_leaks()
        self.type("poweroff\r")
        verdict = self.wait_verdict()
        if not verdict.success:
            raise MachineFailure(f"{verdict.name}: {verdict.reason}")
        return verdict

    def check_leaks(self) -> None:
        """Where the shell waits for a command: has everything returned that domains took since start-up?"""
        if not self._at_prompt or self._verdict is not None or not self.observer.live.running:
            return
        printed = self.shell(LEAK_CHECK)
        if "leaks: none" not in printed:
            raise MachineFailure(f"something did not return:\n{printed}")

    def wait_verdict(self) -> Verdict:
        """Wait for the end, whatever it is; its name."""
        if self._verdict is None:
            stopped = None
            while stopped is None and self.observer.live.running:
                self.observer.live.wait()
                self.serial.drain()
                self.observer.look()
                stopped = self.observer.stopped()
            self.places = self.observer.post_mortem() if stopped is not None else []
            evidence = self.observer.evidence(stopped or Stopped.NOT, Progress(), self._prompted)
            self._verdict = judge(evidence, self._codes)
        return self._verdict

    @property
    def accounts_for_panics(self) -> bool:
        """Whether the test has made panics, or has asked for the verdict that they lead to."""
        return self.serial.tolerant or self._verdict is not None

    def failure_text(self) -> str:
        """What a failed test shows of this machine, which is halted then: nothing can be asked of it any more."""
        self._at_prompt = False
        return failure_text(self.observer, self.serial.transcript)
