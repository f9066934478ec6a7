"""Each chunk of RAM has one owner, by every core's record and by what the cores hold, whatever cores did before."""

import re

from skerry.testing.factory import MachineFactory
from skerry.testing.machine import Machine
from test_home import moves

IN_ORDER = re.compile(r"^core (\d+): (\d+) chunks, all of them there", re.MULTILINE)
TOTAL = re.compile(r"^audit: (\d+) chunks, each has one owner", re.MULTILINE)


def audited(shell: Machine) -> tuple[int, dict[int, int]]:
    """The machine's chunks, and each live core's; all is in order."""
    printed = shell.shell("audit")
    total = TOTAL.search(printed)
    assert total is not None, printed
    return int(total[1]), {int(core): int(chunks) for core, chunks in IN_ORDER.findall(printed)}


def test_chunks_have_one_owner_when_cores_go_come_and_take(machine: MachineFactory) -> None:
    shell = machine(smp=4)
    total, at_first = audited(shell)
    assert set(at_first) == {0, 1, 2, 3} and 0 < total - sum(at_first.values()) < 3, "the rest is everybody's"
    shell.shell("core stop 2")
    without, chunks = audited(shell)
    assert without == total and set(chunks) == {0, 1, 3} and sum(chunks.values()) == sum(at_first.values())
    shell.shell("core start 2 image tickless")
    assert audited(shell)[0] == total
    shell.shell("spawn eat 60 on 2")
    fed, chunks = audited(shell)
    assert fed == total and chunks[2] > at_first[2] and chunks[3] < at_first[3]


def test_chunks_have_one_owner_when_the_home_has_died(machine: MachineFactory) -> None:
    shell = machine(smp=4)
    shell.expect_panics()
    total, _ = audited(shell)
    shell.shell("spawn eat 60 on 2")
    moves(shell, "panic 0", 0, 1)
    after, chunks = audited(shell)
    assert after == total and set(chunks) == {1, 2, 3}
    assert "core 0: started" in shell.shell("core start 0")
    again, chunks = audited(shell)
    assert again == total and set(chunks) == {0, 1, 2, 3}
    moves(shell, "crash 1 hang", 1, 0)
    assert audited(shell)[0] == total


def test_a_core_whose_record_errs_is_named(machine: MachineFactory) -> None:
    shell = machine(smp=2)
    total, _ = audited(shell)
    shell.shell("audit err 1")
    printed = shell.shell("audit")
    assert "by a record other than core 0's, 1 that it has and does not own, the first at 0x" in printed
    assert f"error: of {total} chunks, the 2 live cores have {total - 2} between them and 1 are everybody's" in printed
    assert "core 0: " in printed and "each has one owner" not in printed
    shell.shell("audit mend 1")
    assert audited(shell)[0] == total
