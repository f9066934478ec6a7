"""A picture of a multicast tree: a box a socket, a circle a core, an arrow a message with its turn."""

from pathlib import Path

from skerry.skb.tree import Tree

WIDTH, GAP = 1.0, 0.7  # of a core's place, between sockets


def draw_tree(tree: Tree, title: str, file: Path) -> None:
    """Write the picture; the file's name says in which format."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    from matplotlib.patches import Circle, FancyBboxPatch

    places = _places(tree)
    right = max(x for x, _ in places.values())
    figure, axes = plt.subplots(figsize=(max(6.0, 0.42 * right + 2), 5.2))
    for socket in sorted(set(tree.socket.values())):
        mine = [places[core] for core, home in tree.socket.items() if home == socket]
        left, low = min(x for x, _ in mine) - 0.5, min(y for _, y in mine) - 0.45
        width, height = max(x for x, _ in mine) - left + 0.5, max(y for _, y in mine) - low + 0.45
        box = FancyBboxPatch((left, low), width, height, boxstyle="round,pad=0.08", fc="#eef2f6", ec="#b5c2cf")
        axes.add_patch(box)
        axes.text(left + width / 2, low - 0.3, f"socket {socket}", ha="center", va="top", fontsize=8, color="#556")
    distances = sorted({edge.distance for edge in tree.edges})
    colours = {value: plt.get_cmap("viridis_r")(0.15 + 0.8 * i / max(1, len(distances) - 1))
               for i, value in enumerate(distances)}  # fmt: skip
    for edge in tree.edges:
        style = {"arrowstyle": "-|>", "color": colours[edge.distance], "shrinkA": 9, "shrinkB": 9, "lw": 1.4}
        start, end = places[edge.parent], places[edge.child]
        axes.annotate("", xy=end, xytext=start, arrowprops=style)
        axes.text(0.3 * start[0] + 0.7 * end[0], 0.3 * start[1] + 0.7 * end[1], str(edge.turn), fontsize=7,
                  ha="center", va="center", bbox={"fc": "white", "ec": "none", "pad": 0.6})  # fmt: skip
    for core, (x, y) in places.items():
        axes.add_patch(Circle((x, y), 0.3, fc="#ffd27f" if core == tree.root else "white", ec="#334", zorder=3))
        axes.text(x, y, str(core), ha="center", va="center", fontsize=8, zorder=4)
    for value in distances:
        axes.plot([], [], color=colours[value], lw=2, label=f"distance {value}")
    axes.legend(loc="upper right", fontsize=8, frameon=False)
    axes.set_title(f"{title}\nnumbers on arrows: the order in which a core sends", fontsize=10)
    axes.set_aspect("equal")
    axes.set_axis_off()
    axes.autoscale_view()
    figure.savefig(file, bbox_inches="tight", dpi=150)
    plt.close(figure)


def _places(tree: Tree) -> dict[int, tuple[float, float]]:
    """Cores socket by socket from left to right; the root above all, who passes on above those that only receive."""
    parents = {edge.parent for edge in tree.edges}
    places: dict[int, tuple[float, float]] = {}
    x = 0.0
    for socket in sorted(set(tree.socket.values())):
        for core in sorted(core for core, home in tree.socket.items() if home == socket):
            level = 4.6 if core == tree.root else 2.3 if core in parents or _from_root(tree, core) else 0.0
            places[core] = (x, level)
            x += WIDTH
        x += GAP
    return places


def _from_root(tree: Tree, core: int) -> bool:
    """Reached by the root itself, in another socket: an aggregator without anybody behind it."""
    return any(edge.child == core and edge.parent == tree.root and tree.socket[core] != tree.socket[tree.root]
               for edge in tree.edges)  # fmt: skip
