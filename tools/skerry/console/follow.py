"""Reads files that QEMU is still writing, from where the last look ended."""

import codecs
from pathlib import Path


class Follower:
    """One growing file."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.text = ""
        self._position = 0
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode

    def look(self) -> str:
        """What was added since the last look; also appended to `text`."""
        try:
            if self.file.stat().st_size <= self._position:
                return ""
            with self.file.open("rb") as stream:
                stream.seek(self._position)
                data = stream.read()
        except FileNotFoundError:
            return ""
        self._position += len(data)
        new = self._decode(data)
        self.text += new
        return new
