"""Spreading units: a process pool here, or Dask's distributed scheduler elsewhere. Outcomes come as they are ready."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from importlib import import_module
from pathlib import Path
from typing import Any

from skerry.campaign.units import Unit
from skerry.campaign.work import Outcome, work
from skerry.errors import UserError

SCHEDULER_SECONDS = 10


def here(units: Sequence[Unit], root: Path, keep: Path, jobs: int) -> Iterator[Outcome]:
    """On this computer."""
    with ProcessPoolExecutor(jobs) as pool:
        futures = [pool.submit(work, unit, root, keep) for unit in units]
        try:
            for future in as_completed(futures):
                yield future.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def elsewhere(units: Sequence[Unit], root: Path, keep: Path, scheduler: str) -> Iterator[Outcome]:
    """By the workers of a Dask scheduler, which have this checkout at the same path."""
    try:
        dask: Any = import_module("distributed")  # an extra of pyproject.toml, and not typed everywhere
    except ImportError:
        raise UserError("--scheduler wants Dask, which is not installed", "pip install -e .[campaign]") from None
    try:
        client = dask.Client(scheduler, timeout=SCHEDULER_SECONDS)
    except (OSError, ValueError) as error:
        raise UserError(f"no Dask scheduler answers at {scheduler}: {error}", "start one: dask scheduler") from None
    with client:
        futures = client.map(work, list(units), root=root, keep=keep, pure=False)
        for future in dask.as_completed(futures):
            yield future.result()
