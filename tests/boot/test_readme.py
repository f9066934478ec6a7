"""The README keeps its promises: what it tells a newcomer to type is typed here."""

import re
import shlex
from pathlib import Path

import pexpect

from checkout import copied_checkout
from skerry import abi
from skerry.build import BuildConfig, build
from skerry.testing.factory import MachineFactory
from skerry.workspace import default_workspace

ROOT = default_workspace().root
README = (ROOT / "README.md").read_text()


def block(opening: str) -> str:
    """What a fenced block holds."""
    found = re.search(rf"^{opening}.*?\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    assert found, opening
    return found[1]


def test_the_domain_of_the_walk_through_boots_and_prints(machine: MachineFactory, tmp_path: Path) -> None:
    copy = copied_checkout(machine, tmp_path)
    (tmp_path / "userland" / "programs" / "primes.c").write_text(block("```c"))
    output = copy.run("spawn primes 10000 on 2; spawn primes on 1", smp=3, check=False).output
    assert re.search(r"^core 2: 1229 primes below 10000, \d+ us$", output, re.MULTILINE)
    assert "primes: give a limit: spawn primes 10000 on 2" in output
    assert "error: domain 1.1 ended with status 1" in output


def test_plain_qemu_boots_to_the_same_shell() -> None:
    build(BuildConfig())
    line = next(line for line in README.splitlines() if line.startswith("qemu-system-x86_64 "))
    program, *words = shlex.split(line)
    shell = pexpect.spawn(program, words, cwd=ROOT, encoding="utf-8", timeout=60)
    shell.expect("skerry> ")
    shell.send("cores\r")
    shell.expect("4 of 4 cores answer")
    shell.send("poweroff\r")
    shell.expect(pexpect.EOF)
    shell.close()
    assert shell.exitstatus == 33


def test_every_exit_status_is_told() -> None:
    column = " ".join(re.findall(r"^\| ([\d, ]+) \|", README, re.MULTILINE))
    codes = abi.load(default_workspace().contract).enums["host_exit"].values
    assert {code.value for code in codes} == {int(number) for number in re.findall(r"\d+", column)}


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert target.startswith("http") or (ROOT / target).exists(), target
