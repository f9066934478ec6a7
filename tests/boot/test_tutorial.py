"""The walk-through of userland/if: an interface, a service and a client, typed in as its README shows them."""

import re
from pathlib import Path

from checkout import copied_checkout
from skerry.testing.factory import MachineFactory
from skerry.workspace import default_workspace

ROOT = default_workspace().root
README = (ROOT / "userland/if/README.md").read_text()
FILES = re.findall(r"`(userland/\S+)`[^`]*\n```(?:toml|c)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
SESSION = re.findall(r"^skerry> (.*)\n(?!skerry)(.*)$", README, re.MULTILINE)


def test_a_service_and_its_client_on_two_cores_work_the_first_time(machine: MachineFactory, tmp_path: Path) -> None:
    copy = copied_checkout(machine, tmp_path)
    for name, text in FILES:
        (tmp_path / name).write_text(text)
    shell = copy(smp=3)
    shell.type("spawn greeter on 1 &\r")
    for command, answer in SESSION:
        shell.type(command + "\r")
        shell.expect(re.escape(answer))


def test_the_walk_through_is_one_interface_and_fewer_than_thirty_lines_of_c() -> None:
    assert [Path(name).name for name, _ in FILES] == ["greeter.toml", "greeter.c", "greet.c"]
    assert sum(text.count("\n") for name, text in FILES if name.endswith(".c")) < 30
    assert len(SESSION) == 4
