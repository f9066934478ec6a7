"""Datalog as a definition, not a program: every assignment of every constant is tried until nothing more follows."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

CONSTANTS = range(4)
AGGREGATES = ("min", "max", "count")

Term = int | str
Rows = dict[str, set[tuple[int, ...]]]


@dataclass(frozen=True)
class Atom:
    """A predicate with its terms: integers, or names of variables. Negated: with `negated`."""

    name: str
    terms: tuple[Term, ...]
    negated: bool = False

    def text(self) -> str:
        return f"{'not ' * self.negated}{self.name}({', '.join(map(str, self.terms))})"


@dataclass(frozen=True)
class Comparison:
    """A comparison of two terms."""

    left: Term
    sign: str
    right: Term

    def text(self) -> str:
        return f"{self.left} {self.sign} {self.right}"

    def holds(self, value: dict[str, int]) -> bool:
        a, b = _value(self.left, value), _value(self.right, value)
        return {"<": a < b, "<=": a <= b, "!=": a != b, ">": a > b, ">=": a >= b}[self.sign]


@dataclass(frozen=True)
class Rule:
    """Head and conditions; `aggregate` is about the head's last term."""

    head: Atom
    body: tuple[Atom | Comparison, ...]
    aggregate: str = ""

    def text(self) -> str:
        terms = [str(term) for term in self.head.terms]
        if self.aggregate:
            terms[-1] = f"{self.aggregate}({terms[-1]})"
        return f"{self.head.name}({', '.join(terms)}) :- {', '.join(part.text() for part in self.body)}."

    def atoms(self) -> Iterator[Atom]:
        return (part for part in self.body if isinstance(part, Atom))

    def is_safe(self) -> bool:
        given = {term for atom in self.atoms() if not atom.negated for term in atom.terms}
        tests = [part for part in self.body if isinstance(part, Comparison)]
        used = {*self.head.terms, *(term for atom in self.atoms() for term in atom.terms)}
        used |= {term for test in tests for term in (test.left, test.right)}
        return all(term in given for term in used if isinstance(term, str))


def _value(term: Term, value: dict[str, int]) -> int:
    return value[term] if isinstance(term, str) else term


def strata(rules: list[Rule]) -> dict[str, int] | None:
    """A number for each predicate, above those that it negates or counts; None where there is none such."""
    names = {rule.head.name for rule in rules} | {atom.name for rule in rules for atom in rule.atoms()}
    number = dict.fromkeys(names, 0)
    for _ in range(len(names) + 1):
        changed = False
        for rule in rules:
            for atom in rule.atoms():
                least = number[atom.name] + (atom.negated or bool(rule.aggregate))
                if number[rule.head.name] < least:
                    number[rule.head.name] = least
                    changed = True
        if not changed:
            return number
    return None


def _ways(rule: Rule, rows: Rows) -> Iterator[dict[str, int]]:
    terms = [term for atom in rule.atoms() for term in atom.terms]
    names = sorted({term for term in terms if isinstance(term, str)})
    for values in product(CONSTANTS, repeat=len(names)):
        value = dict(zip(names, values, strict=True))
        if all(_met(part, rows, value) for part in rule.body):
            yield value


def _met(part: Atom | Comparison, rows: Rows, value: dict[str, int]) -> bool:
    if isinstance(part, Comparison):
        return part.holds(value)
    row = tuple(_value(term, value) for term in part.terms)
    return (row in rows.get(part.name, set())) != part.negated


def _follows(rule: Rule, rows: Rows) -> set[tuple[int, ...]]:
    found = {tuple(_value(term, value) for term in rule.head.terms) for value in _ways(rule, rows)}
    if not rule.aggregate:
        return found
    groups: dict[tuple[int, ...], set[int]] = {}
    for row in found:
        groups.setdefault(row[:-1], set()).add(row[-1])
    return {(*group, _combine(rule.aggregate, values)) for group, values in groups.items()}


def _combine(aggregate: str, values: set[int]) -> int:
    if aggregate == "count":
        return len(values)
    return min(values) if aggregate == "min" else max(values)


def model(facts: list[Atom], rules: list[Rule]) -> Rows:
    """All that follows; the rules must be safe and stratified."""
    number = strata(rules)
    assert number is not None
    rows: Rows = {}
    for fact in facts:
        rows.setdefault(fact.name, set()).add(tuple(term for term in fact.terms if isinstance(term, int)))
    for stratum in sorted(set(number.values())):
        mine = [rule for rule in rules if number[rule.head.name] == stratum]
        size = -1
        while size != (size := sum(map(len, rows.values()))):
            for rule in mine:
                rows.setdefault(rule.head.name, set()).update(_follows(rule, rows))
    return rows
