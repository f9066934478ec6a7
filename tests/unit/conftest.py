"""Fixtures that several unit tests share."""

from collections.abc import Iterator

import pytest

from boot_host import Host, build_host


@pytest.fixture(scope="session")
def boot() -> Iterator[Host]:
    """The pure logic of kernel/boot, running on the host."""
    host = Host(build_host())
    yield host
    host.stop()
