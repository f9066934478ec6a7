"""Colour for people, none for pipes."""

from dataclasses import dataclass
from typing import TextIO

PALETTE = (36, 33, 32, 35, 34, 96, 93, 92, 95, 94)


@dataclass(frozen=True)
class Style:
    """Colours on or off."""

    colour: bool

    def dim(self, text: str) -> str:
        return self._paint(text, 2)

    def bad(self, text: str) -> str:
        return self._paint(text, 31)

    def good(self, text: str) -> str:
        return self._paint(text, 32)

    def core(self, core: int, text: str) -> str:
        """Text in the colour of a core."""
        return self._paint(text, PALETTE[core % len(PALETTE)])

    def _paint(self, text: str, code: int) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.colour else text


def style_of(stream: TextIO) -> Style:
    """Colour when someone looks."""
    return Style(stream.isatty())
