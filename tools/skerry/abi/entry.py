"""One entry of a contract file while it is read: typed access to its keys, and refusals that name it.

An entry is used up key by key; `finish` then refuses whatever nobody asked for, so a misspelt key is never ignored.
"""

import re
from collections.abc import Iterable
from typing import Any, NoReturn, TypeVar

from skerry.abi.model import ContractError

UPPER = re.compile(r"[A-Z][A-Z0-9_]*")
LOWER = re.compile(r"[a-z][a-z0-9_]*")
C_KEYWORDS = re.compile(
    "alignas|alignof|asm|auto|bool|break|case|char|const|constexpr|continue|default|do|double|else|enum|extern|false"
    "|float|for|goto|if|inline|int|long|nullptr|register|restrict|return|short|signed|sizeof|static|static_assert"
    "|struct|switch|thread_local|true|typedef|typeof|union|unsigned|void|volatile|while"
)

T = TypeVar("T")


class Entry:
    """A TOML table with the file and label that its errors name."""

    def __init__(self, file: str, label: str, raw: Any) -> None:
        self.file = file
        self.label = label
        if not isinstance(raw, dict):
            self.fail(f"must be a table, not {raw!r}")
        self._raw: dict[str, Any] = dict(raw)
        self._known: list[str] = []

    def fail(self, problem: str) -> NoReturn:
        where = f"{self.file}: {self.label}" if self.label else self.file
        raise ContractError(f"{where}: {problem}")

    def _take(self, key: str, kind: type[T], what: str, default: T | None) -> T:
        self._known.append(key)
        if key not in self._raw:
            if default is None:
                self.fail(f"needs `{key}`")
            return default
        value = self._raw[key]
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            self.fail(f"`{key}` must be {what}, not {value!r}")
        return value

    def has(self, key: str) -> bool:
        """Whether a key that may be left out is there."""
        self._known.append(key)
        return key in self._raw

    def raw(self, key: str) -> Any:
        """The value of a key that may have more than one type; None when it is not there."""
        self._known.append(key)
        return self._raw.get(key)

    def text(self, key: str, default: str | None = None) -> str:
        return self._take(key, str, "a string", default)

    def flag(self, key: str) -> bool:
        return self._take(key, bool, "true or false", False)

    def number(self, key: str, top: int, default: int | None = None) -> int:
        value = self._take(key, int, "a number", default)
        if not 0 <= value <= top:
            self.fail(f"`{key}` must be from 0 to {top:#x}, not {value}")
        return value

    def doc(self) -> str:
        text = " ".join(self.text("doc").split())
        if not text:
            self.fail("`doc` is empty: say what it is for")
        return text

    def remark(self) -> str:
        """A doc text that may be missing, where the name says enough."""
        return " ".join(self.text("doc", "").split())

    def name(self, pattern: re.Pattern[str]) -> str:
        """The entry's name; what follows names it in errors."""
        name = self.text("name")
        style = "upper" if pattern is UPPER else "lower"
        if not pattern.fullmatch(name):
            self.fail(f"name {name!r} must be {style}-case letters, digits and underscores")
        if C_KEYWORDS.fullmatch(name):
            self.fail(f"name {name!r} is a C keyword")
        return name

    def strings(self, key: str) -> tuple[str, ...]:
        """A list of different strings, empty when left out."""
        values = self._take(key, list, "a list of strings", [])
        for value in values:
            if not isinstance(value, str):
                self.fail(f"`{key}` must be a list of strings, not {values!r}")
            if values.count(value) > 1:
                self.fail(f"`{key}` names {value} twice")
        return tuple(values)

    def names(self, key: str, known: Iterable[str], what: str) -> tuple[str, ...]:
        """A list of names that must all be known ones."""
        known = tuple(known)
        values = self.strings(key)
        for value in values:
            if value not in known:
                self.fail(f"`{key}`: unknown {what} {value}; there are {', '.join(known)}")
        return values

    def tables(self, key: str, label: str) -> list["Entry"]:
        """A list of sub-entries, named `label` and their name in errors."""
        rows = self._take(key, list, "a list of tables", [])
        return [self.child(label, index, row) for index, row in enumerate(rows)]

    def child(self, label: str, index: int, raw: Any) -> "Entry":
        name = raw.get("name", index + 1) if isinstance(raw, dict) else index + 1
        prefix = f"{self.label}: " if self.label else ""
        return Entry(self.file, f"{prefix}{label} {name}", raw)

    def ranges(self, key: str) -> tuple[tuple[int, int], ...]:
        """A list of [first, last] pairs."""
        rows = self._take(key, list, "a list of [first, last]", [])
        for row in rows:
            pair = isinstance(row, list) and len(row) == 2 and all(type(end) is int for end in row)
            if not pair or not 0 <= row[0] <= row[1]:
                self.fail(f"`{key}` must be a list of [first, last], not {row!r}")
        return tuple((first, last) for first, last in rows)

    def table(self, key: str) -> "Entry":
        return Entry(self.file, f"{self.label}: {key}" if self.label else key, self._take(key, dict, "a table", {}))

    def finish(self) -> None:
        for key in self._raw:
            if key not in self._known:
                self.fail(f"unknown key `{key}`; there are {', '.join(dict.fromkeys(self._known))}")
