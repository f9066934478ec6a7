"""What the rules of userland/skb/rules conclude about the paper's machines and about lopsided ones."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from skerry.machine.spec import MachineSpec, load_machine
from skerry.skb.command import converse
from skerry.skb.draw import draw_tree
from skerry.skb.engine import Engine
from skerry.skb.tree import read_tree

ROOT = Path(__file__).resolve().parents[2]
RULES = sorted((ROOT / "userland/skb/rules").glob("*.dl"))


def facts_of(spec: MachineSpec) -> str:
    """As the guest would find them: cores by socket, a node a socket."""
    room = spec.socket_cores or spec.cores // spec.sockets
    lines = [
        f"live({core}). socket({core}, {core // room}). node({core}, {core // room})." for core in range(spec.cores)
    ]
    lines += [f"memory({node}, {node << 28}, {1 << 28})." for node in range(spec.sockets)]
    lines += [f"distance({a}, {b}, {d})." for a, row in enumerate(spec.distances) for b, d in enumerate(row)]
    return "\n".join(lines)


@pytest.fixture
def base() -> Iterator[Engine]:
    with Engine(ROOT) as engine:
        for file in RULES:
            engine.tell(file.read_text(), file.name)
        yield engine


def tree(base: Engine, root: int) -> dict[int, list[tuple[int, int]]]:
    """Parent -> children with their distances."""
    children: dict[int, list[tuple[int, int]]] = {}
    for parent, child, distance in base.ask(f"tree({root}, P, C, D)").rows:
        children.setdefault(int(parent), []).append((int(child), int(distance)))
    return children


@pytest.mark.parametrize(("name", "root"), [("numa-4x4", 0), ("numa-4x4", 13), ("numa-8x4", 3)])
def test_a_tree_sends_one_message_a_socket_and_reaches_every_core_once(base: Engine, name: str, root: int) -> None:
    spec = load_machine(name, ROOT / "qemu/machines")
    base.tell(facts_of(spec) + f"tree_for({root}).")
    children = tree(base, root)
    reached = [child for entries in children.values() for child, _ in entries]
    assert sorted(reached) == sorted(set(range(spec.cores)) - {root})
    away = [child for child, _ in children[root] if child // 4 != root // 4]
    assert sorted(child // 4 for child in away) == sorted(set(range(spec.sockets)) - {root // 4})
    for parent, entries in children.items():
        assert parent == root or all(child // 4 == parent // 4 for child, _ in entries)
    far = max(spec.distances[root // 4])
    assert max(distance for _, distance in children[root]) == far
    assert base.ask(f"tree_size({root}, N)").rows == ((str(spec.cores - 1),),)


def test_a_lopsided_machine_and_a_dead_aggregator(base: Engine) -> None:
    spec = load_machine("lopsided", ROOT / "qemu/machines")
    base.tell(facts_of(spec) + "tree_for(1).")
    assert sorted(tree(base, 1)[1]) == [(0, 10), (2, 10), (3, 10), (4, 16), (8, 40)]
    assert base.retract("live(4). live(8).") == 2
    assert sorted(tree(base, 1)[1]) == [(0, 10), (2, 10), (3, 10), (5, 16)]
    assert base.retract("live(1).") == 1
    assert tree(base, 1) == {}


def groups(base: Engine) -> dict[int, list[int]]:
    """Group -> its cores, as monitors ask for them."""
    found: dict[int, list[int]] = {}
    for core, group in base.ask("tree_group(C, G)").rows:
        found.setdefault(int(group), []).append(int(core))
    return {group: sorted(cores) for group, cores in found.items()}


def protocol(base: Engine) -> str:
    ((name,),) = base.ask("protocol(shootdown, P)").rows
    return name


def test_groups_are_the_nodes_and_a_preference_overrides_the_protocol(base: Engine) -> None:
    spec = load_machine("lopsided", ROOT / "qemu/machines")
    base.tell(facts_of(spec) + "\nemulated(1).")
    assert groups(base) == {0: [0, 1, 2, 3], 1: [4, 5, 6, 7], 2: [8]} and protocol(base) == "numa"
    assert set(base.ask("group_apart(G, H, D), G < H").rows) == {("0", "1", "16"), ("0", "2", "40"), ("1", "2", "34")}
    base.tell("prefer(multicast). prefer(fastest).")
    assert protocol(base) == "multicast"
    base.tell("prefer(broadcast).")
    assert protocol(base) == "broadcast"
    base.retract("prefer(_). live(0). live(4). live(5). live(6). live(7).")
    assert groups(base) == {0: [1, 2, 3], 2: [8]} and protocol(base) == "numa"
    base.retract("live(8).")
    assert groups(base) == {0: [1, 2, 3]} and protocol(base) == "unicast"


@pytest.mark.parametrize(("cores", "width"), [(1, 1), (11, 11), (12, 4), (16, 4), (17, 5), (64, 8)])
def test_a_flat_machine_of_many_cores_is_cut_into_groups(base: Engine, cores: int, width: int) -> None:
    base.tell("\n".join(f"live({c}). socket({c}, 0). node({c}, 0)." for c in range(cores)) + "distance(0, 0, 10).")
    expected: dict[int, list[int]] = {}
    for core in range(cores):
        expected.setdefault(core // width, []).append(core)
    assert groups(base) == expected and protocol(base) == ("numa" if cores > width else "unicast")
    assert {row[2] for row in base.ask("group_apart(G, H, D)").rows} <= {"10"}
    base.tell("flat_from(4).")
    assert len(groups(base)) == (1 if cores < 4 else len(range(0, cores, next(w for w in range(99) if w * w >= cores))))


def test_sockets_are_groups_where_the_firmware_knows_of_no_nodes(base: Engine) -> None:
    base.tell("\n".join(f"live({c}). socket({c}, {c // 2}). node({c}, 0)." for c in range(4)))
    assert groups(base) == {0: [0, 1], 1: [2, 3]}
    base.retract("socket(_, _).")
    base.tell("\n".join(f"socket({c}, {c})." for c in range(4)))
    assert groups(base) == {0: [0, 1, 2, 3]}  # the processor does not say


def test_groups_are_apart_what_messages_between_their_heads_cost(base: Engine) -> None:
    spec = load_machine("lopsided", ROOT / "qemu/machines")
    base.tell(facts_of(spec))
    base.tell("cost(0, 4, 900). cost(4, 0, 800). cost(0, 8, 700). cost(8, 0, 600). cost(4, 8, 500).")
    assert base.ask("group_apart(0, 1, D)").rows == (("16",),)  # one of them is not known
    base.tell("cost(8, 4, 400).")
    assert base.ask("group_apart(0, 1, D)").rows == (("900",),)
    base.tell("emulated(1).")
    assert base.ask("group_apart(0, 1, D)").rows == (("16",),)


def test_measured_costs_count_only_when_every_pair_has_one(base: Engine) -> None:
    spec = MachineSpec("three", "", 3, 3, distances=((10, 20, 30), (20, 10, 11), (30, 11, 10)))
    base.tell(facts_of(spec))
    assert base.ask("nearest_core(A, B)").rows == (("0", "1"), ("1", "2"), ("2", "1"))
    costs = "cost(0, 1, 900). cost(1, 0, 100). cost(0, 2, 300). cost(2, 0, 100). cost(1, 2, 200)."
    base.tell(costs)
    assert base.ask("nearest_core(0, B)").rows == (("1",),)
    base.tell("cost(2, 1, 200).")
    assert base.ask("nearest_core(A, B)").rows == (("0", "2"), ("1", "0"), ("2", "0"))
    base.tell("emulated(1).")  # its costs are noise
    assert base.ask("nearest_core(0, B)").rows == (("1",),)


def test_memory_drivers_and_workers_are_placed_near(base: Engine) -> None:
    spec = load_machine("numa-4x4", ROOT / "qemu/machines")
    base.tell(facts_of(spec) + "pci(8, 32902, 4306, 512). pci(16, 1, 2, 3). pci(24, 1, 2, 3).")
    base.tell("device_node(16, 2). pin(24, 5). group_for(6).")
    assert base.ask("nearest_memory(13, N)").rows == (("3",),)
    assert base.ask("place_driver(L, C)").rows == (("8", "0"), ("16", "8"), ("24", "5"))
    ranks = [int(core) for core, _ in sorted(base.ask("group(6, C, R)").rows, key=lambda row: int(row[1]))]
    assert ranks[:3] == [4, 5, 7] and len(ranks) == 15 and ranks[-4:] == [12, 13, 14, 15]


def test_the_tree_is_read_in_the_order_of_sending_and_drawn(base: Engine, tmp_path: Path) -> None:
    spec = load_machine("lopsided", ROOT / "qemu/machines")
    base.tell(facts_of(spec))
    tree = read_tree(base, 5)
    assert [(edge.turn, edge.child, edge.distance) for edge in tree.children(5)][:3] == [
        (1, 8, 34),
        (2, 0, 16),
        (3, 4, 10),
    ]
    assert tree.text()[:3] == [
        "core 5, socket 1",
        "  1. core 8, socket 2, distance 34",
        "  2. core 0, socket 0, distance 16",
    ]
    draw_tree(tree, "a title", tmp_path / "tree.svg")
    assert "a title" in (tmp_path / "tree.svg").read_text()


def test_lines_are_asked_told_and_taken_back(base: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    lines = iter(["pin(8, 2).", "pin(L, C)?", "-pin(_, _).", "nosuch(X)?", ""])
    assert converse(base, lambda: next(lines)) == 1
    said = ["L  C", "8  2", "1 answer", "1 facts taken back", "1:1: no fact and no rule speaks of nosuch/1"]
    assert capsys.readouterr().out.splitlines() == said
