"""Expected mistakes: what a user is told instead of a traceback.

A tool that cannot go on for a reason that the user can mend raises UserError with what is wrong and what to do next.
Each invoke task runs its work through run_task, which turns that into one clear line and exit status 2.
"""

import sys
from collections.abc import Callable

EXIT_USAGE = 2
EXIT_INTERRUPTED = 130


class UserError(Exception):
    """Wrong input or something missing on this computer; `hint` is the next thing to try."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}; next: {self.hint}" if self.hint else self.message


def run_task(action: Callable[[], int | None]) -> None:
    """Run a task's work; exit with its status when that is not 0."""
    try:
        status = action() or 0
    except UserError as error:
        print(f"skerry: {error}", file=sys.stderr)
        status = EXIT_USAGE
    except KeyboardInterrupt:
        status = EXIT_INTERRUPTED
    if status != 0:
        sys.exit(status)


def parse_count(option: str, text: str, low: int, high: int) -> int:
    """The whole number that a user gave for an option, within its bounds."""
    hint = f"give {option} a number from {low} to {high}"
    try:
        value = int(text)
    except ValueError:
        raise UserError(f"{option} {text!r} is not a number", hint) from None
    if not low <= value <= high:
        raise UserError(f"{option} {value} is out of range", hint)
    return value
