"""The knowledge base of a running machine, by the shell."""

import re

from replies import plain
from skerry.testing.factory import MachineFactory
from skerry.testing.machine import Machine

SAME = re.compile(r"(\d+) of (\d+) live cores were told the same")


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
    assert shell.shell("skb on 5 facts") == shell.shell("skb facts")  # found out there, or told


def agreeing(shell: Machine) -> int:
    """How many cores have been told the same, which must be all."""
    same = SAME.search(shell.shell("skb replicas"))
    assert same is not None and same[1] == same[2]
    return int(same[1])


def test_what_is_told_on_one_core_each_core_answers_by_itself(machine: MachineFactory) -> None:
    shell = machine(smp=3)
    shell.shell("spawn ask tell busy(1). on 2")
    for core in (1, 0, 2):
        assert f"core {core}: 1 answers of this core's knowledge base" in shell.shell(f"spawn ask busy(C) on {core}")
    shell.shell("skb on 1 tell idle(C) :- live(C), not busy(C).")
    assert plain(shell.shell("skb ask idle(C)")) == "C\n0\n2\n2 answers\n"
    assert plain(shell.shell("skb on 2 retract busy(_).")) == "1 fact taken back\n"
    assert "error: 1:1: a variable in a fact" in shell.shell("skb on 2 tell open(X).")
    assert "6 ordered pairs of cores measured" in shell.shell("skb on 1 measure")
    facts = {shell.shell(f"skb on {core} facts").partition("\n")[2] for core in range(3)}
    assert len(facts) == 1 and "cost(2, 1, " in facts.pop()
    assert agreeing(shell) == 3


def test_what_was_told_outlives_cores_and_newcomers_get_it(machine: MachineFactory) -> None:
    shell = machine(smp=4)
    shell.expect_panics()
    shell.shell("skb on 3 tell before(3).")
    shell.shell("core stop 1; skb on 2 tell meanwhile(2).; core start 1")
    assert "1 answer" in shell.shell("skb on 1 ask before(3), meanwhile(2)")
    shell.shell("panic 3")
    shell.shell("skb tell during(0).")  # whether the death is known by then or not
    shell.wait_log(0, "core 3 is dead")
    assert agreeing(shell) == 3
    shell.shell("core start 3; skb on 1 tell after(1).")
    for core in range(4):
        assert "1 answer" in shell.shell(f"skb on {core} ask before(3), meanwhile(2), during(0), after(1)")
    assert agreeing(shell) == 4


def test_long_texts_of_all_cores_at_once_come_to_the_same_on_each(machine: MachineFactory) -> None:
    shell = machine(smp=4)
    texts = {core: " ".join(f"fact(core_{core}, {n})." for n in range(9)) for core in range(4)}
    started = [shell.shell(f"spawn ask tell {texts[core]} on {core} &") for core in range(4)]
    for printed in started:
        shell.shell(f"wait {printed.split()[1]}")
    for core in range(4):
        assert "36 answers" in shell.shell(f"skb on {core} ask fact(C, N)")
    facts = {shell.shell(f"skb on {core} facts").partition("\n")[2] for core in range(4)}
    assert len(facts) == 1 and agreeing(shell) == 4


def test_a_replica_that_ended_comes_back_with_all_that_was_told(machine: MachineFactory) -> None:
    shell = machine(smp=2)
    shell.shell("skb on 1 tell busy(1).")
    for core in (1, 0):
        found = re.search(rf"({core}\.\d+) +skb ", shell.shell("ps"))
        assert found is not None
        shell.shell(f"kill {found[1]}")
        assert f"core {core}: 1 answers of this core's knowledge base" in shell.shell(f"spawn ask busy(C) on {core}")
    assert "1 answer" in shell.shell("skb ask busy(C)")


def test_a_full_journal_refuses_by_name_and_forgets_nothing(machine: MachineFactory) -> None:
    shell = machine(smp=1)
    shell.shell("skb tell first(0).")
    printed, told = "", 0
    while "error" not in printed and told < 1000:
        told += 1
        printed = shell.shell(f"skb tell {' '.join(f'fill(text_{told:04}, {n:04}).' for n in range(9))}")
    assert "no room for that: `skb replicas` shows how much was told" in printed and told > 200
    assert "1 answer" in shell.shell("skb ask first(0)")
    assert agreeing(shell) == 1
