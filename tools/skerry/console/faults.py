"""Lines by which a domain, or the CPU driver in its stead, reports that it has been stopped by a fault.

They are no panics: a domain's fault costs that domain. But its author wants to know which line of which file.
"""

import re
from dataclasses import dataclass

# What the CPU driver says, what the monitor says of its domains, and what a domain says of itself.
_REPORTS = (
    re.compile(r"cpu: (\S+) stopped: .*\bat (0x[0-9a-f]+)$"),
    re.compile(r"monitor: domain \S+ \((\S+)\): .*\brip (0x[0-9a-f]+).*: stopped$"),
    re.compile(r"(\S+): (?:page fault|trap|exception).*\brip (0x[0-9a-f]+).*: stopped$"),
)


@dataclass(frozen=True)
class DomainFault:
    """One such line."""

    core: int
    domain: str
    rip: int
    text: str


def domain_fault(core: int, text: str) -> DomainFault | None:
    """The report that a line of a core's log makes, if it is one."""
    match = next((match for report in _REPORTS if (match := report.match(text))), None)
    return DomainFault(core, match[1], int(match[2], 16), text) if match else None
