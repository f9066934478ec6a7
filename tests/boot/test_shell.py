"""The shell, over the serial console."""

import pytest

from replies import all_answered, answering, pairs, plain
from skerry.testing.factory import MachineFactory

UP, CTRL_C, BACKSPACE = "\x1b[A", "\x03", "\x7f"


def test_the_banner_names_the_build_and_counts_the_cores(machine: MachineFactory) -> None:
    shell = machine(smp=4, wait=False)
    assert f"Skerry {machine.artefacts(4).run_id}: 4 cores" in shell.boot()
    assert shell.poweroff().success


def test_commands_over_the_serial_console(machine: MachineFactory) -> None:
    shell = machine(smp=4)
    assert answering(shell.shell("cores")) == [0, 1, 2, 3]
    assert all_answered(shell.shell("ping all"))
    assert list(pairs(shell.shell("ping 1 3"))) == [(1, 3)]
    for command in ("help", "mem", "ps", "uptime"):
        assert "error" not in shell.shell(command)
    assert plain(shell.shell("echo one; echo two words")) == "one\ntwo words\n"
    assert shell.poweroff().success


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("nonsense", "no command 'nonsense'"),
        ("ping 1", "ping wants two cores"),
        ("ping 1 1", "takes two different ones"),
        ("ping 0 4", "no core 4"),
        ("panic", "panic wants one core"),
        ("panic 99", "no core 99"),
        ("panic x", "not a core's number"),
        ("cores now", "takes no arguments"),
        ("spawn nosuch", "error"),
    ],
)
def test_a_mistake_gets_one_clear_line(machine: MachineFactory, command: str, words: str) -> None:
    result = machine.run(command, smp=2 if "4" not in command else 4, check=False)
    assert result.verdict.name == "FAILURE"
    assert result.commands[0].status == 1
    assert result.output.startswith("error: ")
    assert words in result.output
    assert result.output.count("\n") == 1


def test_a_line_can_be_edited_and_recalled(machine: MachineFactory) -> None:
    shell = machine(smp=2)
    assert plain(shell.shell(f"echo ab{BACKSPACE}c")).endswith("ac\n")
    assert plain(shell.shell(UP)).endswith("ac\n")
    shell.type(f"echo lost{CTRL_C}")
    shell.expect("skerry> ")
    assert plain(shell.shell("echo kept")).endswith("kept\n")
    assert shell.poweroff().success


def test_a_program_runs_on_any_core(machine: MachineFactory) -> None:
    result = machine.run("run hello; run hello on 3; ps", smp=4)
    assert [command.status for command in result.commands] == [0, 0, 0]


def test_a_failed_command_does_not_stop_the_others(machine: MachineFactory) -> None:
    result = machine.run("nonsense; echo still here", smp=1, check=False)
    assert [command.status for command in result.commands] == [1, 0]
    assert result.commands[1].output == "still here\n"
    assert (result.verdict.name, result.verdict.status) == ("FAILURE", 1)
