"""What the monitors make of the agreement engine's messages on their links (userland/monitor/agreement_wire.h)."""

import pytest

from boot_host import ROOT
from small_host import host_program, run_host
from user_host import USERLAND

FOLDER = ROOT / "tests/unit/agreement_wire"
SOURCES = (FOLDER / "host.c", USERLAND / "monitor/agreement_wire.c")
INCLUDES = (USERLAND / "lib/include", USERLAND, ROOT / "kernel")


@pytest.mark.parametrize("seed", range(4))
def test_messages_come_back_as_they_were_and_no_head_reads_too_far(seed: int) -> None:
    program = host_program(SOURCES, INCLUDES, ("-D_GNU_SOURCE", f"-I{FOLDER}"))
    assert run_host(program, [str(seed), "20000"], b"") == ["same"]
