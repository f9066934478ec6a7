"""What stops one CPU driver from touching another's memory: its page tables, looked at from outside."""

import re
import tempfile
from itertools import combinations
from pathlib import Path

import pytest

from replies import answering
from skerry.machine.pagewalk import Page, kernel_pages
from skerry.machine.registers import parse_registers
from skerry.testing.factory import MachineFactory
from skerry.testing.machine import Machine

LOCAL_APIC = 0xFEE00000
DIRECT_MAP = 0xFFFF800000000000
ONE_PAGE_WINDOW = 0xFFFFFFFF80201000
POOL = re.compile(r"^ *(\d+) +(\d+) +\d+ +\d+ +\d+ +\d+\s*$", re.MULTILINE)
UP = re.compile(r"cpu: core (\d+) up.*pool (0x[0-9a-f]+) \+ (\d+) KiB")


def read_memory(shell: Machine, address: int, size: int) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "memory"
        shell.observer.live.qmp.ask("pmemsave", val=address, size=size, filename=str(file))
        return file.read_bytes()


def pages_of(shell: Machine, core: int) -> list[Page]:
    """What a core's kernel half maps, without its own local APIC and the window that it zeroes frames through."""
    states = parse_registers(shell.observer.live.qmp.monitor("info registers -a"))
    found = kernel_pages(lambda address, size: read_memory(shell, address, size), states[core].values["CR3"])
    assert any(page.paddr == LOCAL_APIC for page in found)
    return [page for page in found if page.paddr != LOCAL_APIC and page.vaddr != ONE_PAGE_WINDOW]


def touched(pages: list[Page]) -> set[int]:
    return {page.paddr + offset for page in pages for offset in range(0, page.size, 4096)}


def pool_kib(shell: Machine) -> dict[int, int]:
    return {int(match[1]): int(match[2]) for match in POOL.finditer(shell.shell("mem"))}


@pytest.mark.parametrize("smp", [4])
def test_no_core_maps_what_another_core_maps(machine: MachineFactory, smp: int) -> None:
    shell = machine(smp=smp)
    shell.shell("ping all; spawn hello on 1")
    pages = {core: pages_of(shell, core) for core in range(smp)}
    for one, other in combinations(range(smp), 2):
        assert not touched(pages[one]) & touched(pages[other]), f"cores {one} and {other} map the same memory"


def test_a_core_maps_its_image_and_its_pool_and_nothing_twice_over(machine: MachineFactory) -> None:
    shell = machine(smp=2)
    for core in range(2):
        up = UP.search(shell.core_log(core))
        assert up is not None
        pool, size = int(up[2], 16), int(up[3]) * 1024
        pages = pages_of(shell, core)
        assert not [page for page in pages if page.writable and page.executable]
        direct = [page for page in pages if page.vaddr < ONE_PAGE_WINDOW - (1 << 30)]
        assert touched(direct) >= set(range(pool, pool + size, 4096))
        assert len(touched(direct)) * 4 == pool_kib(shell)[core], (
            "what it begins with, and what its monitor added since"
        )
        assert all(page.vaddr == DIRECT_MAP + page.paddr and not page.executable for page in direct)
        image = [page for page in pages if page not in direct]
        assert image and not touched(image) & touched(direct)


def test_a_store_to_another_cores_memory_faults(machine: MachineFactory) -> None:
    shell = machine(smp=3)
    up = UP.search(shell.core_log(1))
    assert up is not None
    shell.expect_panics()
    shell.shell(f"crash 2 wild {up[2]}")
    assert "store at 0xffff8" in shell.panic_text(2)
    assert "which this core has not mapped" in shell.panic_text(2)
    assert answering(shell.shell("cores")) == [0, 1]
