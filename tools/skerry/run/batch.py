"""A run of commands given on the kernel command line: no one types, output goes to the caller's printer."""

import codecs
from collections.abc import Callable

from skerry.console.marks import Begin, Mark, MarkReader, Output, Progress
from skerry.run.evidence import Stopped
from skerry.run.observe import Observer


def run_batch(observer: Observer, print_mark: Callable[[Mark], None]) -> tuple[Stopped, Progress]:
    """Follow the commands until the machine ends or must be ended."""
    live = observer.live
    reader = MarkReader(observer.launch.artefacts.run_id)
    decode = codecs.getincrementaldecoder("utf-8")("replace").decode
    progress, stopped = Progress(), None

    def take_output() -> None:
        nonlocal progress
        while data := live.read_com1():
            for mark in reader.feed(decode(data)):
                progress = progress.after(mark)
                print_mark(mark)

    while stopped is None and live.running:
        live.wait()
        take_output()
        observer.look()
        stopped = observer.stopped()
        if stopped is None and live.quiet > observer.launch.stall:
            stopped = Stopped.STALL
    take_output()
    if rest := reader.rest():
        print_mark(Output(rest))
    return (stopped or Stopped.NOT), progress


def mark_lines(mark: Mark, dim: Callable[[str], str]) -> list[str]:
    """What a person sees of a mark: the command as if typed, and its output."""
    match mark:
        case Begin(_, command):
            return [dim(f"skerry> {command}")]
        case Output(text):
            return [text]
        case _:
            return []
