"""The pytest plugin: the `machine` fixture and what a failed test shows.

Found through the entry point `pytest11`, so a project outside this checkout has the fixture as soon as skerry is
installed beside it.
"""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from skerry import abi
from skerry.plugins.entries import Longest, longest_entry
from skerry.run.artefacts import Artefacts
from skerry.run.options import RunOptions
from skerry.testing.factory import MachineFactory
from skerry.workspace import default_workspace

FACTORY = pytest.StashKey[MachineFactory]()
START = pytest.StashKey[float]()
LONGEST = pytest.StashKey[Longest | None]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """--smp narrows the boot tests to some machine sizes."""
    parser.getgroup("skerry").addoption("--smp", default="", help="only boot tests with these numbers of cores: 1,4,16")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With --smp, drop boot tests that are parametrised with another size."""
    wanted = {int(part) for part in config.getoption("--smp").split(",") if part.isdigit()}
    if not wanted:
        return

    def fits(item: pytest.Item) -> bool:
        spec = getattr(item, "callspec", None)
        return spec is None or spec.params.get("smp") in {None, *wanted}

    dropped = [item for item in items if not fits(item)]
    config.hook.pytest_deselected(items=dropped)
    items[:] = [item for item in items if fits(item)]


@pytest.fixture(scope="session")
def built_artefacts() -> dict[RunOptions, Artefacts]:
    """Builds of this session, so that each is brought up to date once."""
    return {}


@pytest.fixture
def machine(
    request: pytest.FixtureRequest,
    built_artefacts: dict[RunOptions, Artefacts],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[MachineFactory]:
    """Boots machines: `machine(smp=4)` or `machine.run("cores", smp=4)`; they end with the test."""
    factory = MachineFactory(default_workspace(), lambda: tmp_path_factory.mktemp("images"), built_artefacts)
    request.node.stash[FACTORY] = factory
    with factory.stack:
        yield factory
        factory.end()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    """Give a failed test's report the consoles, the cores' places and the command."""
    report: pytest.TestReport = yield
    factory = item.stash.get(FACTORY, None)
    if factory is not None and report.when == "call" and report.failed:
        for number, text in enumerate([*factory.texts, *(m.failure_text() for m in factory.machines)]):
            report.sections.append((f"machine {number}", text))
    return report


def pytest_configure(config: pytest.Config) -> None:
    """Remember when the session began: runs before it are not its own."""
    config.stash[START] = time.time()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A kernel entry longer than the contract says fails the session."""
    if hasattr(session.config, "workerinput"):
        return
    workspace = default_workspace()
    longest = longest_entry(workspace.build / "run", session.config.stash[START])
    session.config.stash[LONGEST] = longest
    if longest is not None and longest.instructions > _bound():
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the longest kernel entry of all machines that this session booted."""
    longest = config.stash.get(LONGEST, None)
    if longest is not None:
        verdict = "within" if longest.instructions <= _bound() else "MORE THAN"
        terminalreporter.write_line(f"longest kernel entry: {longest}; {verdict} the stated {_bound():,}")


def _bound() -> int:
    return abi.load(default_workspace().contract).constant("KERNEL_ENTRY_MAX")
