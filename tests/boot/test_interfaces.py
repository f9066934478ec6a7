"""Typed interfaces (programs/rpc): whatever can happen to a call happens, on one core and between two."""

import pytest

from skerry.testing.factory import MachineFactory

# The last one leaves the server short of memory.
CASES = "numbers lengths mixed thousands timeout cancel unbind notes nesting bulk rebind caps"


@pytest.mark.parametrize(("core", "way"), [(1, "LRPC"), (0, "URPC")])
def test_every_call_ends_as_its_interface_says(machine: MachineFactory, core: int, way: str) -> None:
    run = f"spawn rpc {CASES} on {core}"
    output = machine.run(f"spawn rpc serve on 1 &; {run}; kill 1.1", smp=2, mem=1024).output
    for case in CASES.split():
        assert f"{case} over {way}: ERR_OK" in output
    assert "2000 calls in flight at once, 0 failed" in output
    assert "rpc: 0 broken" in output


@pytest.mark.parametrize("core", [0, 1])
def test_the_end_of_the_server_is_an_error_and_an_event(machine: MachineFactory, core: int) -> None:
    output = machine.run(f"spawn rpc serve on 1 &; spawn rpc death on {core}", smp=2, mem=1024).output
    assert "rpc: 0 broken" in output


@pytest.mark.parametrize("core", [0, 1])
def test_the_end_of_a_client_is_an_event(machine: MachineFactory, core: int) -> None:
    """It ends in the middle of a call, which the server is told to give up."""
    shell = machine(smp=2, mem=1024)
    shell.type("spawn rpc serve on 1 &\r")
    shell.type(f"spawn rpc wait on {core} &\r")
    shell.expect("rpc: waiting")
    shell.type(f"kill {'0.6' if core == 0 else '1.2'}\r")
    shell.type("spawn rpc survivor on 0\r")
    shell.expect("survivor over URPC: ERR_OK")


@pytest.mark.parametrize("core", [0, 1])
def test_a_client_that_ends_with_its_memory_costs_its_own_call_only(machine: MachineFactory, core: int) -> None:
    """The server's function writes memory that is gone: a fault ends that call, and what it held returns."""
    shell = machine(smp=2, mem=1024)
    shell.type("spawn rpc serve on 1 &\r")
    shell.type(f"spawn rpc rob on {core} &\r")
    shell.expect("rpc: gone with the memory")
    shell.expect(r"domain 1\.1 \(rpc\), thread fibre \d+: page fault .* the others go on")
    shell.type("spawn rpc bulk numbers on 0; spawn rpc bulk numbers on 1; kill 1.1\r")
    shell.expect("numbers over URPC: ERR_OK")
    shell.expect("numbers over LRPC: ERR_OK")


@pytest.mark.parametrize("profile", ["release", "debug"])
def test_a_client_that_sends_anything_is_let_go_and_the_others_are_served(
    machine: MachineFactory, profile: str
) -> None:
    run = "spawn rpc serve on 1 &; spawn rpc hostile numbers; spawn rpc numbers on 1; kill 1.1"
    output = machine.run(run, smp=2, mem=1024, profile=profile).output
    assert "hostile over URPC: ERR_OK" in output
    assert output.count("rpc: 0 broken") == 2
