"""The knowledge base of a running machine, by the shell."""

from replies import plain
from skerry.testing.factory import MachineFactory


def test_the_knowledge_base_asks_tells_and_refuses(machine: MachineFactory) -> None:
    shell = machine(smp=3)
    assert plain(shell.shell("skb ask core(C, A), live(C)")) == "C\tA\n0\t0\n1\t1\n2\t2\n3 answers\n"
    assert plain(shell.shell("skb tell busy(1). idle(C) :- live(C), not busy(C).")) == ""
    assert plain(shell.shell("skb ask idle(C)?")) == "C\n0\n2\n2 answers\n"
    assert plain(shell.shell("skb retract busy(_).")) == "1 fact taken back\n"
    assert "3 answers" in shell.shell("skb ask idle(C)")
    assert "error: 1:9: no condition gives X a value" in shell.shell("skb tell p(X) :- not live(X).")
    assert "error: 1:1: no fact and no rule speaks of p/1" in shell.shell("skb ask p(X)")
    assert "6 ordered pairs of cores measured" in shell.shell("skb measure")
    assert "6 answers" in shell.shell("skb ask cost(A, B, _)")
    assert shell.poweroff().success


def test_the_knowledge_base_talks_line_by_line(machine: MachineFactory) -> None:
    shell = machine(smp=1)
    shell.type("skb\r")
    shell.expect("an empty line leaves")
    for typed, seen in (("pin(8, 0).", "skb> "), ("pin(8, C)?", "1 answer"), ("-pin(_, _).", "1 fact taken back")):
        shell.type(typed + "\r")
        shell.expect(seen)
    shell.type("\r")
    shell.expect("skerry> ")


def test_a_machine_with_unequal_sockets_is_found_as_it_is(machine: MachineFactory) -> None:
    shell = machine(machine="lopsided")
    assert plain(shell.shell("skb ask socket(C, 2), node(C, N)")) == "C\tN\n8\t2\n1 answer\n"
    assert "error" not in shell.shell("skb tell tree_for(8).")
    tree = [line.split("\t") for line in plain(shell.shell("skb ask tree(8, P, C, D)")).splitlines()]
    assert [line for line in tree if line[0] == "8"] == [["8", "0", "40"], ["8", "4", "34"]] and len(tree) == 10
