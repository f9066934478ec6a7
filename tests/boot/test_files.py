"""Files of the boot archive in domains: read in place, and through page faults that a domain serves itself."""

import re
from pathlib import Path

from checkout import copied_checkout
from skerry.testing.factory import MachineFactory
from skerry.workspace import default_workspace

ROOT = default_workspace().root
PAGE_SIZE = 4096
SAID = re.compile(r"^etc/long: (\d+) bytes, (\d+) lines, (\d+) page faults$", re.MULTILINE)
TEXT = "".join(f"line {number}\n" * (number % 3) for number in range(2000))


def test_the_walk_through_serves_its_own_page_faults(machine: MachineFactory, tmp_path: Path) -> None:
    found = re.search(r"```c\n(.*?)```", (ROOT / "userland/programs/README.md").read_text(), re.DOTALL)
    assert found
    copy = copied_checkout(machine, tmp_path)
    (tmp_path / "userland/programs/pager.c").write_text(found[1])
    (tmp_path / "userland/etc/long").write_text(TEXT)
    result = copy.run("spawn pager etc/long; spawn pager etc/long on 2; leaks", smp=3)
    said = [tuple(map(int, numbers)) for numbers in SAID.findall(result.output)]
    assert said == [(len(TEXT), TEXT.count("\n"), -(-len(TEXT) // PAGE_SIZE))] * 2
    ended = copy.run("spawn pager nofile", smp=1, check=False).output
    assert "pager: name a file of the archive" in ended and "ended with status 1" in ended
