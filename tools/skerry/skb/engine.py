"""The guest's Datalog engine on the host: the same C, compiled for this computer, asked over pipes."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from skerry.errors import UserError
from skerry.testing.host_program import Recipe, build

MEMORY = 64 << 20


class Refused(UserError):
    """A text that the engine does not take: `line` and `column` count from 1."""

    def __init__(self, source: str, line: int, column: int, reason: str) -> None:
        super().__init__(f"{source}:{line}:{column}: {reason}", "see userland/skb/README.md for the language")
        self.line, self.column, self.reason = line, column, reason


@dataclass(frozen=True)
class Answers:
    """What follows: the names of the question's variables, and a row of values for each answer, sorted."""

    names: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def program(root: Path) -> Path:
    """The engine's program, compiled unless it is there already."""
    sources = sorted((root / "userland/skb/datalog").glob("*.c"))
    stand_in = root / "tools/skerry/skb/host"
    include = (stand_in, root / "userland", root / "userland/lib/include")
    return build(Recipe(root, "skb", (*sources, stand_in / "skb_host.c"), include))


class Engine:
    """A knowledge base of its own; close it in the end."""

    def __init__(self, root: Path, memory: int = MEMORY) -> None:
        argv = ["setarch", "-R", str(program(root)), str(memory)]  # as all host programs: see host_program.py
        self._process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=os.environ)

    def __enter__(self) -> "Engine":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> int:
        """End it; its exit status."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        return self._process.wait(timeout=10)

    def tell(self, text: str, source: str = "text") -> None:
        """Add facts and rules: all of them, or none."""
        self._request("tell", text, source)

    def retract(self, text: str, source: str = "text") -> int:
        """Take facts back; how many."""
        return self._request("retract", text, source)[1]

    def ask(self, text: str, source: str = "question") -> Answers:
        """All answers."""
        lines, _ = self._request("ask", text, source)
        if not lines:
            return Answers((), ())
        split = [tuple(line.partition(" ")[2].split("\t")) if " " in line else () for line in lines]
        return Answers(split[0], tuple(split[1:]))

    def facts(self) -> tuple[str, ...]:
        """Each fact as the language writes it."""
        return tuple(line.removeprefix("row ") for line in self._request("facts", "", "")[0])

    def usage(self) -> tuple[int, ...]:
        """Predicates, facts, rules, bytes told, bytes derived."""
        return tuple(int(word) for word in self._request("usage", "", "")[0][0].split()[1:])

    def reset(self) -> None:
        """Forget everything."""
        self._request("reset", "", "")

    def _request(self, what: str, text: str, source: str) -> tuple[list[str], int]:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None and stdout is not None
        raw = text.encode()
        stdin.write(f"{what} {len(raw)}\n".encode() + raw)
        stdin.flush()
        lines: list[str] = []
        while line := stdout.readline().decode():
            kind, _, rest = line.rstrip("\n").partition(" ")
            if kind == "ok":
                return lines, int(rest)
            if kind == "error":
                number, column, reason = rest.split(" ", 2)
                raise Refused(source, int(number), int(column), reason)
            lines.append(line.rstrip("\n"))
        raise AssertionError(f"the engine died with status {self._process.wait(timeout=10)}")
