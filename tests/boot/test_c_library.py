"""The C library: an ordinary C program prints here what it prints on the computer that built it."""

import re
import subprocess
from pathlib import Path

import pytest

from replies import plain
from skerry.testing.factory import MachineFactory
from skerry.workspace import default_workspace

PROGRAMS = default_workspace().userland / "cprograms"
WORDS = """\
a          4  11.76%
in         2   5.88%
know       2   5.88%
me         2   5.88%
message    2   5.88%
34 words, 25 different, 4.499 bits each
"""


def printed_by_the_host(source: Path, folder: Path) -> str:
    """Without the host compiler's knowledge of what library functions do."""
    program = folder / "program"
    command = ["gcc", "-std=gnu2x", "-O1", "-w", "-fno-builtin", str(source), "-o", str(program), "-lm"]
    subprocess.run(command, check=True, timeout=120)
    environment = {"LC_ALL": "C", "TZ": "UTC"}
    done = subprocess.run([program], env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 3
    return done.stdout


@pytest.mark.parametrize(("profile", "toolchain"), [("release", "zig"), ("debug", "zig"), ("release", "gcc")])
def test_formats_conversions_and_functions(
    machine: MachineFactory, tmp_path: Path, profile: str, toolchain: str
) -> None:
    expected = printed_by_the_host(PROGRAMS / "formats.c", tmp_path)
    commands = "spawn formats on 1; leaks"
    result = machine.run(commands, smp=2, profile=profile, toolchain=toolchain, check=False)
    said, leaks = (plain(command.output) for command in result.commands)
    assert said == expected + "error: domain 1.1 ended with status 3\n"
    assert leaks == "leaks: none\n"


def test_a_program_that_knows_nothing_of_skerry(machine: MachineFactory) -> None:
    result = machine.run("spawn words etc/limerick on 2; spawn words nofile; spawn words", smp=3, check=False)
    counted, missing, wrong = (plain(command.output) for command in result.commands)
    assert counted == WORDS
    assert missing.startswith("words: nofile: No such file or directory\n")
    assert wrong.startswith("usage: words FILE\n") and "ended with status 2" in wrong


def test_threads_have_their_own_errno_and_their_lines_stay_whole(machine: MachineFactory) -> None:
    output = plain(machine.run("spawn together on 1", smp=2).output)
    lines = re.findall(r"^thread (\d): errno (\d+), sum (\d\.\d{6})$", output, re.MULTILINE)
    assert sorted((int(number), int(errno)) for number, errno, _ in lines) == [(n, 100 + n) for n in range(4)]
    sums = {int(number): float(text) for number, _, text in lines}
    assert sums[0] == 0 and all(abs(sums[n] - n * sums[1]) < 1e-5 for n in range(4))
    assert output.endswith("4 joined, errno 1\n")


def test_what_is_typed_arrives_at_stdin(machine: MachineFactory) -> None:
    shell = machine(smp=2)
    shell.type("spawn sums on 1\r")
    shell.expect("numbers, please")
    shell.type("1.5 2\r")
    shell.type("-0.25\r")
    shell.type("end\r")
    shell.expect(re.escape("3 numbers, sum 3.25"))
    shell.expect("skerry> ")
    assert "leaks: none" in shell.shell("leaks")
