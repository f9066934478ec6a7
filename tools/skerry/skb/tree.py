"""A multicast tree as the rules conclude it."""

from collections.abc import Iterator
from dataclasses import dataclass

from skerry.skb.engine import Engine


@dataclass(frozen=True)
class Edge:
    """`parent` sends to `child` as its `turn`-th message, from 1; the farthest comes first."""

    parent: int
    child: int
    distance: int
    turn: int


@dataclass(frozen=True)
class Tree:
    """Edges by parent and turn; the socket of each live core."""

    root: int
    edges: tuple[Edge, ...]
    socket: dict[int, int]

    def children(self, core: int) -> list[Edge]:
        """In the order of sending."""
        return [edge for edge in self.edges if edge.parent == core]

    def text(self) -> list[str]:
        """A line a core, indented by its depth."""
        return [f"core {self.root}, socket {self.socket[self.root]}", *self._below(self.root, 1)]

    def _below(self, core: int, depth: int) -> Iterator[str]:
        for edge in self.children(core):
            place = f"socket {self.socket[edge.child]}, distance {edge.distance}"
            yield f"{'  ' * depth}{edge.turn}. core {edge.child}, {place}"
            yield from self._below(edge.child, depth + 1)


def read_tree(base: Engine, root: int) -> Tree:
    """Ask for the tree from a root."""
    base.tell(f"tree_for({root}).")
    rows = [tuple(map(int, row)) for row in base.ask(f"tree({root}, P, C, D)").rows]
    socket = {int(core): int(home) for core, home in base.ask("live(C), socket(C, S)").rows}
    edges = []
    for parent in sorted({row[0] for row in rows}):
        mine = sorted((row for row in rows if row[0] == parent), key=lambda row: (-row[2], row[1]))
        edges += [Edge(parent, child, distance, turn) for turn, (_, child, distance) in enumerate(mine, 1)]
    return Tree(root, tuple(edges), socket)
