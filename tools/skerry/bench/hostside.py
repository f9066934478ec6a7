"""What only the host can see of a boot: when the shell was ready, and what an idle machine costs."""

from collections.abc import Callable, Mapping, Sequence

from skerry.bench.measures import TICKS, Values
from skerry.bench.samples import SamplesError
from skerry.bench.suite import BenchPath
from skerry.machine.moment import Moment


def _prompt(moments: Sequence[Moment]) -> int:
    """Milliseconds until the first command began."""
    return round(1000 * moments[0].seconds)


def _busy(moments: Sequence[Moment]) -> int:
    """Thousandths of a CPU that QEMU used while the first command ran."""
    begin, end = moments[0], moments[1]
    return round(1000 * (end.cpu - begin.cpu) / (end.seconds - begin.seconds))


SEEN: Mapping[str, Callable[[Sequence[Moment]], int]] = {"prompt": _prompt, "busy": _busy}


def host_values(paths: Sequence[BenchPath], moments: Sequence[Moment]) -> Values:
    """One sample a path that is measured from outside; `moments` are the begin and the end of what a run does."""
    wanted = [path for path in paths if path.host]
    if wanted and len(moments) < 2:
        raise SamplesError("no command began and ended")
    return {path.name: {TICKS.name: (SEEN[path.host](moments),)} for path in wanted}
