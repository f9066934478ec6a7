"""`invoke skb`: the guest's knowledge base, its rules and its engine, asked on the host about a saved machine."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from skerry.errors import UserError, parse_count
from skerry.machine.spec import MAX_CORES
from skerry.run import cli
from skerry.run.options import RunOptions
from skerry.skb.draw import draw_tree
from skerry.skb.engine import Answers, Engine, Refused
from skerry.skb.saved import saved_facts
from skerry.skb.tree import read_tree
from skerry.workspace import Workspace

PROMPT = "skb> "
HELP = "`socket(C, S)?` asks, `pin(8, 2).` tells, `-pin(8, _).` takes back; an empty line leaves"


@dataclass(frozen=True)
class SkbOptions:
    """What is told first, then asked; `draw` is a picture's file, of the tree from `root`."""

    run: RunOptions
    tell: tuple[str, ...]
    ask: tuple[str, ...]
    draw: Path | None
    root: int
    refresh: bool


def parse(
    machine: str, smp: str, tell: tuple[str, ...], ask: tuple[str, ...], draw: str, root: str, refresh: bool
) -> SkbOptions:
    """The texts that the task was given, checked."""
    images = cli.parse_images(True, "", "release", "zig")
    wishes = cli.parse_wishes(smp, "", "", "auto", False)
    return SkbOptions(
        run=cli.parse_run(machine, wishes, images, None, "", logs=False),
        tell=tell,
        ask=ask,
        draw=Path(draw) if draw else None,
        root=parse_count("--root", root, 0, MAX_CORES - 1),
        refresh=refresh,
    )


def open_base(facts: Path, workspace: Workspace) -> Engine:
    """An engine that knows the archive's rules and a machine's facts."""
    engine = Engine(workspace.root)
    for file in (*sorted((workspace.userland / "skb/rules").glob("*.dl")), facts):
        engine.tell(file.read_text(), file.name)
    return engine


def skb(options: SkbOptions, workspace: Workspace) -> int:
    """Tell, ask, draw; without a question or a picture, line by line. 1 when a line was refused."""
    facts = saved_facts(options.run, options.refresh, workspace)
    with open_base(facts, workspace) as base:
        for text in options.tell:
            base.tell(text, "--tell")
        for question in options.ask:
            print(table(base.ask(question, "--ask")))
        if options.draw is not None:
            _draw(base, options, options.draw)
        if options.ask or options.draw is not None:
            return 0
        print(f"{workspace.relative(facts)}: {len(base.facts())} facts. {HELP}", file=sys.stderr)
        return converse(base, _lines())


def _draw(base: Engine, options: SkbOptions, file: Path) -> None:
    tree = read_tree(base, options.root)
    if not tree.edges:
        raise UserError(f"no tree from core {options.root}", "give --root a live core of this machine")
    if file.suffix not in (".png", ".svg", ".pdf"):
        raise UserError(f"--draw {file}: not a picture's name", "give a name that ends in .png, .svg or .pdf")
    print("\n".join(tree.text()))
    draw_tree(tree, f"{options.run.machine}: multicast from core {options.root}", file)
    print(f"written: {file}")


def _lines() -> Callable[[], str]:
    def line() -> str:
        try:
            return input(PROMPT if sys.stdin.isatty() else "").strip()
        except EOFError:
            return ""

    return line


def converse(base: Engine, line: Callable[[], str]) -> int:
    """Lines until an empty one; a refused one is told and has no effect."""
    status = 0
    while text := line():
        try:
            answer(base, text)
        except Refused as refused:
            print(f"{refused.line}:{refused.column}: {refused.reason}")
            status = 1
    return status


def answer(base: Engine, text: str) -> None:
    """One line: a question, a fact or rule, or a fact to take back."""
    if text.startswith("-"):
        print(f"{base.retract(text[1:])} facts taken back")
    elif text.endswith("?"):
        print(table(base.ask(text)))
    else:
        base.tell(text)


def table(answers: Answers) -> str:
    """Answers in columns that are as wide as what is in them."""
    rows = [row for row in (answers.names, *answers.rows) if row]
    widths = [max(len(row[i]) for row in rows) for i in range(len(answers.names))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    count = len(answers.rows)
    return "\n".join([*lines, f"{count} answer{'s' * (count != 1)}"])
