"""Tracing on a running machine: what a ping leaves behind, and that a machine that is not traced does not notice."""

from itertools import pairwise
from pathlib import Path

from skerry import abi
from skerry.run.options import Tracing
from skerry.testing.factory import MachineFactory
from skerry.trace.command import read_folder, write
from skerry.trace.records import Format, trace_format
from skerry.trace.timeline import Timeline

ROUNDS = 10  # of a ping


def format_of(machine: MachineFactory) -> Format:
    return trace_format(abi.load(machine.workspace.contract))


def traced(machine: MachineFactory, commands: str, smp: int, tracing: Tracing = Tracing.PORTS) -> Timeline:
    result = machine.run(commands, smp=smp, icount=True, tracing=tracing)
    timeline = read_folder(result.folder, format_of(machine))
    assert timeline is not None
    assert [core.core for core in timeline.cores] == list(range(smp))
    return timeline


def test_a_ping_between_two_cores_leaves_arrows_both_ways(machine: MachineFactory, tmp_path: Path) -> None:
    timeline = traced(machine, "trace on; ping 0 1; trace off", smp=2)
    whole = [m for m in timeline.messages if m.sent and m.received]
    ways = [(m.sent.core, m.received.core) for m in whole if m.sent and m.received]
    assert ways.count((0, 1)) >= ROUNDS
    assert ways.count((1, 0)) >= ROUNDS
    assert all(m.sent.time < m.received.time for m in whole if m.sent and m.received)
    assert all(core.whole and core.lost == 0 for core in timeline.cores)
    assert {"monitor", "shell", "serial"} <= set(timeline.cores[0].names.values())
    write(timeline, format_of(machine), tmp_path / "trace.json")  # which checks the file


def test_a_core_is_always_somebodys_or_idle(machine: MachineFactory) -> None:
    timeline = traced(machine, "trace on; spawn hello x on 1; trace off", smp=2)
    for core in timeline.cores:
        runs = timeline.runs[core.core]
        assert runs[-1].end == core.end
        assert all(before.end == after.begin for before, after in pairwise(runs))
    assert "hello" in timeline.cores[1].names.values()


def test_tracing_from_the_boot_on_sees_the_cores_meet(machine: MachineFactory) -> None:
    timeline = traced(machine, "cores; trace off", smp=3, tracing=Tracing.BOOT)
    first = {(m.sent.core, m.received.core) for m in timeline.messages[:20] if m.sent and m.received}
    assert {(1, 0), (2, 0)} <= first
    assert all(core.begin < timeline.messages[-1].sent.time for core in timeline.cores if timeline.messages[-1].sent)


def test_an_agreement_shows_its_phases_on_every_member(machine: MachineFactory) -> None:
    """A core leaves: a view in two phases, asked and decided at its coordinator first and ended there last.

    Then one phase, in which all let go of it, and one for each of its runs of memory, which is the home's.
    """
    timeline = traced(machine, "trace on; core stop 2; trace off", smp=4)
    steps = sorted(
        (event.time, core.core, format_of(machine).phases[event.detail])
        for core in timeline.cores
        for event in core.events
        if event.kind == "AGREE"
    )
    assert {core for _, core, _ in steps} == {0, 1, 3}
    for core in (0, 1, 3):
        phases = [phase for _, at, phase in steps if at == core]
        runs = len(phases) // 2 - 3
        assert runs > 0 and phases == ["ASK", "VOTE", "DECIDE", "ACK", "DECIDE", "ACK", *["DECIDE", "ACK"] * runs]
    assert (steps[0][1:], steps[-1][1:]) == ((0, "ASK"), (0, "ACK"))


def test_tracing_that_is_off_costs_nothing_that_can_be_seen(machine: MachineFactory) -> None:
    """With trace ports or without, and after tracing has ended, a ping takes the same instructions."""
    plain = machine.run("ping 0 1; ping 0 1", smp=2, icount=True).commands
    ports = machine.run("ping 0 1; ping 0 1", smp=2, icount=True, tracing=Tracing.PORTS).commands
    assert [command.output for command in ports] == [command.output for command in plain]


def test_a_machine_without_trace_ports_says_so(machine: MachineFactory) -> None:
    result = machine.run("trace on", smp=1, check=False)
    assert "no trace ports: start it with `invoke trace`" in result.output
    assert result.commands[0].status == 1


def test_chan_shows_both_ends_of_each_channel(machine: MachineFactory) -> None:
    lines = machine.run("ping 0 1; chan", smp=2, icount=True).commands[1].output.splitlines()[1:]
    rows = [line.split() for line in lines]
    assert [row[:2] for row in rows] == [["0.0", "1.0"], ["1.0", "0.0"]]
    assert rows[0][2] == rows[1][2], "the label"
    assert all(int(row[5]) >= ROUNDS and int(row[6]) >= ROUNDS for row in rows)


def test_top_finds_who_has_the_core(machine: MachineFactory) -> None:
    result = machine.run("spawn hostile loop on 1 &; top 200", smp=2, icount=True, check=False)
    shares = {line.split()[0]: float(line.split()[2]) for line in result.commands[1].output.splitlines()[1:]}
    assert shares["1.1"] > 50
    assert shares.get("0.0", 0) < 50  # who did nothing is left out
