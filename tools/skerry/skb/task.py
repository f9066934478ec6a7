"""`invoke skb`, as `tasks.py` takes it in: its options are many enough for a file of their own."""

from invoke.context import Context
from invoke.tasks import task

from skerry.errors import run_task
from skerry.workspace import default_workspace


@task(
    iterable=["ask", "tell"],
    help={
        "machine": "a file of qemu/machines, without .toml",
        "smp": "cores of the machine (default: the machine's)",
        "ask": 'a question, such as "socket(C, S)"; may be given more than once',
        "tell": 'a fact or rule that is told first, such as "pin(8, 2)."; may be given more than once',
        "draw": "a picture of the multicast tree from --root: a name that ends in .png, .svg or .pdf",
        "root": "the tree's root",
        "refresh": "boot the machine again, although its facts are there",
    },
)
def skb(
    _: Context,
    ask: list[str],
    tell: list[str],
    machine: str = "default",
    smp: str = "",
    draw: str = "",
    root: str = "0",
    refresh: bool = False,
) -> None:
    """Ask the knowledge base about a machine, on the host; the first time that boots it."""

    def action() -> int:
        from skerry.skb import command

        where = command.parse(machine, smp, tuple(tell), tuple(ask), draw, root, refresh)
        return command.skb(where, default_workspace())

    run_task(action)
