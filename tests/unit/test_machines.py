"""Machine descriptions, a run's wishes, accelerators, QEMU's command line."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skerry.errors import UserError
from skerry.machine.accel import Accel, Host, choose
from skerry.machine.command import Guest, Ports, Wires, qemu_argv
from skerry.machine.costs import pair_costs
from skerry.machine.hardware import LEAST_MEMORY, Hardware, Wishes, configure, parse_memory
from skerry.machine.registers import parse_bytes, parse_registers
from skerry.machine.spec import MachineSpec, load_machine, machine_names, read_machine
from skerry.workspace import default_workspace

MACHINES = default_workspace().machines
QUIET = Host(cpus=4, load=0.0, kvm_works=lambda: False)
GUEST = Guest(Path("/b/loader.elf"), Path("/b/boot.cpio"), "run_id=1", Ports(exit=0xF4, log_base=0x1000))
REGISTERS = """\r
CPU#0\r
RAX=0000000000000000 RBX=ffffffff80001000 RCX=0000000000000000 RDX=0000000000000000\r
RIP=ffffffff80002abc RFL=00000246 [---Z-P-] CPL=0 II=0 A20=1 SMM=0 HLT=1\r
CR0=80010033 CR2=0000000000000010 CR3=0000000000a01000 CR4=00000620\r
\r
CPU#1\r
EAX=00000000 EBX=00000000 ECX=00000000 EDX=00060fb1\r
EIP=0000fff0 EFL=00000002 [-------] CPL=0 II=0 A20=1 SMM=0 HLT=0\r
"""


def described(folder: Path, text: str) -> MachineSpec:
    file = folder / "odd.toml"
    file.write_text(text)
    return read_machine(file)


def hardware(name: str = "default", **wishes: Any) -> Hardware:
    return configure(load_machine(name, MACHINES), Wishes(**wishes), QUIET)


@pytest.mark.parametrize("name", machine_names(MACHINES))
def test_every_machine_of_the_project_is_well_described(name: str) -> None:
    assert load_machine(name, MACHINES).doc


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("cores = 4", "doc: is missing"),
        ('doc = "x"', "cores: is missing"),
        ('doc = "x"\ncores = 0', "cores: wants a whole number from 1 to 255"),
        ('doc = "x"\ncores = 4\nfoo = 1', "foo: is not a key"),
        ('doc = "x"\ncores = 4\n[timeouts]\nboot = 1', "timeouts.boot: is not a key"),
        ('doc = "x"\ncores = 4\nsockets = 3', "cores: must be a multiple of sockets"),
        ('doc = "x"\ncores = 4\nsockets = 3\nsocket_cores = 2', "cores: must fill all but the last of 3 sockets of 2"),
        ('doc = "x"\ncores = 4\nfirmware = "ovmf"', "firmware: must be one of qboot, seabios"),
        ('doc = "x"\ncores = 4\nsockets = 2\ndistances = [[10, 20]]', "distances: wants 2 rows of 2"),
        ('doc = "x"\ncores = 4\nsockets = 2\ndistances = [[10, 10], [20, 10]]', "distances[0][1]: wants"),
        ('doc = "x"\ncores = "4"', "cores: wants a whole number"),
        ("doc = ", "odd.toml"),
        (
            'doc = "x"\ncores = 4\n[costs]\ndoc = "y"\nline = {10 = 1}',
            "costs.interrupt: wants ticks for the distances 10",
        ),
        ('doc = "x"\ncores = 4\n[costs]\ndoc = "y"\nline = {16 = 1}', "costs.line: wants ticks for the distances 10"),
        ('doc = "x"\ncores = 4\n[costs]\ndoc = "y"\nline = {10 = -1}', "costs.line.10: wants a whole number"),
    ],
)
def test_a_wrong_description_is_refused_by_file_and_key(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(UserError) as error:
        described(tmp_path, text)
    assert words in error.value.message
    assert "odd.toml" in error.value.message
    assert error.value.hint


def test_an_unknown_machine_is_answered_with_the_known_ones() -> None:
    with pytest.raises(UserError, match=r"no machine 'nosuch'.*default"):
        load_machine("nosuch", MACHINES)
    with pytest.raises(UserError):
        load_machine("../machines/default", MACHINES)


def test_memory_grows_with_the_cores() -> None:
    assert [hardware(smp=n).memory for n in (1, 16, 64, 255)] == [256, 256, 608, 2136]


@pytest.mark.parametrize(("text", "mib"), [("64", 64), ("64M", 64), ("2G", 2048), ("1g", 1024)])
def test_amounts_of_memory(text: str, mib: int) -> None:
    assert parse_memory(text) == mib


@pytest.mark.parametrize("text", ["", "M", "-1", "1.5G", "lots", "1K"])
def test_no_amount_of_memory(text: str) -> None:
    with pytest.raises(UserError, match="not an amount"):
        parse_memory(text)


@pytest.mark.parametrize(
    "wishes",
    [{"smp": 0}, {"smp": 256}, {"memory": 1}, {"accel": "warp"}, {"accel": "kvm"}, {"accel": "tcg", "icount": True}],
)
def test_a_wish_that_cannot_be_granted_says_what_can(wishes: dict[str, Any]) -> None:
    with pytest.raises(UserError) as error:
        hardware(**wishes)
    assert error.value.hint


def test_sockets_must_divide_the_cores() -> None:
    with pytest.raises(UserError, match="4 sockets"):
        hardware("numa-4x4", smp=6)


@pytest.mark.parametrize(
    ("cores", "load", "kvm", "wanted"),
    [
        (2, 0.0, False, Accel.MTTCG),
        (4, 0.1, False, Accel.MTTCG),
        (4, 2.0, False, Accel.ROUND_ROBIN),
        (8, 0.0, False, Accel.ROUND_ROBIN),
        (8, 9.0, True, Accel.KVM),
    ],
)
def test_the_accelerator_follows_the_free_cpus(cores: int, load: float, kvm: bool, wanted: Accel) -> None:
    assert choose("auto", cores, False, Host(4, load, lambda: kvm)) is wanted


def test_counting_takes_turns_and_says_so() -> None:
    counted = hardware(icount=True)
    assert counted.accel is Accel.ROUND_ROBIN
    assert counted.emulated
    argv = qemu_argv("qemu", counted, GUEST, Wires(5))
    assert argv[argv.index("-icount") + 1] == "shift=0,sleep=off"
    assert argv[argv.index("-cpu") + 1].endswith("erms=off,fsrm=off")
    assert argv[argv.index("-seed") + 1] == "1"


def test_each_core_has_its_own_port_and_file() -> None:
    argv = qemu_argv("qemu", hardware(smp=255), GUEST, Wires(5))
    assert "file,id=log254,path=core-254.log" in argv
    assert "isa-debugcon,iobase=0x10fe,chardev=log254" in argv
    assert sum(word.startswith("isa-debugcon,") for word in argv) == 255
    assert "isa-debug-exit,iobase=0xf4,iosize=4" in argv


def test_sockets_with_distances_become_numa_nodes() -> None:
    argv = qemu_argv("qemu", hardware("numa-8x4"), GUEST, Wires(5))
    nodes = [word for word in argv if word.startswith("node,")]
    assert nodes[7] == "node,nodeid=7,cpus=28-31,memdev=ram7"
    assert "dist,src=0,dst=7,val=34" in argv
    sizes = [int(word.rpartition("=")[2][:-1]) for word in argv if word.startswith("memory-backend-ram")]
    assert sum(sizes) == hardware("numa-8x4").memory


@given(st.integers(1, 64), st.integers(LEAST_MEMORY, 100_000))
def test_numa_nodes_share_out_all_memory(per_socket: int, memory: int) -> None:
    spec = replace(load_machine("numa-4x4", MACHINES), cores=4)
    hw = configure(spec, Wishes(smp=min(per_socket, 63) * 4, memory=memory), QUIET)
    sizes = [
        int(word.rpartition("=")[2][:-1])
        for word in qemu_argv("qemu", hw, GUEST, Wires(5))
        if word.startswith("memory-backend-ram")
    ]
    assert sum(sizes) == memory


def test_register_dumps_of_long_and_real_mode() -> None:
    first, second = parse_registers(REGISTERS)
    assert (first.core, first.rip, first.halted, first.in_kernel) == (0, 0xFFFFFFFF80002ABC, True, True)
    assert first.values["CR2"] == 0x10
    assert (second.core, second.rip, second.halted) == (1, 0xFFF0, False)


def test_memory_dumps() -> None:
    dump = "0000000000100000: 0xfa 0xf4\r\n0000000000100002: 0xeb 0xfd\r\n"
    assert parse_bytes(dump) == b"\xfa\xf4\xeb\xfd"
    assert parse_bytes("0000000000100000: Cannot access memory\r\n") == b""


UNEVEN = """doc = "two sockets, the way back is longer"
cores = 4
sockets = 2
distances = [[10, 16], [20, 10]]
[costs]
doc = "made up"
line = { 10 = 50, 16 = 80, 20 = 90 }
interrupt = { 10 = 500, 16 = 600, 20 = 700 }
"""


def test_costs_are_by_ordered_pair_of_cores(tmp_path: Path) -> None:
    costs = {
        (cost.source, cost.target): (cost.line, cost.interrupt) for cost in pair_costs(described(tmp_path, UNEVEN), 4)
    }
    assert len(costs) == 12
    assert (costs[0, 1], costs[1, 2], costs[2, 1]) == ((50, 500), (80, 600), (90, 700))


def test_a_machine_without_costs_has_the_same_for_every_pair() -> None:
    costs = {(cost.line, cost.interrupt) for cost in pair_costs(load_machine("large", MACHINES), 8)}
    assert costs == {(100, 500)}
