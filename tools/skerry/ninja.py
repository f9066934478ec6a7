"""Writing ninja's language: rules and edges as data, quoted in one place."""

import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Rule:
    """How outputs are made of inputs. `command` holds ninja variables such as $in and $out."""

    name: str
    command: str
    description: str
    depfile: bool = False


@dataclass(frozen=True)
class Edge:
    """Some outputs, the rule that makes them, what it reads, and what must have succeeded before."""

    rule: str
    outputs: tuple[str, ...]
    inputs: tuple[str, ...] = ()
    implicit: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)


def shell(argv: Iterable[str]) -> str:
    """An argument list as a ninja variable's value: quoted for the shell that ninja starts, and for ninja."""
    return shlex.join(argv).replace("$", "$$")


def path(text: str) -> str:
    """A path in a build line."""
    return text.replace("$", "$$").replace(":", "$:").replace(" ", "$ ")


def render(variables: Mapping[str, str], rules: Iterable[Rule], edges: Iterable[Edge]) -> str:
    """A whole file."""
    lines = ["# Written by tools/skerry; edit that instead.", "ninja_required_version = 1.10"]
    lines += [f"{name} = {value}" for name, value in variables.items()]
    for rule in rules:
        lines += _rule(rule)
    for edge in edges:
        lines += _edge(edge)
    return "\n".join(lines) + "\n"


def _rule(rule: Rule) -> list[str]:
    lines = [f"rule {rule.name}", f"  command = {rule.command}", f"  description = {rule.description}"]
    if rule.depfile:
        lines += ["  depfile = $out.d", "  deps = gcc"]
    return lines


def _edge(edge: Edge) -> list[str]:
    line = f"build {_paths(edge.outputs)}: {edge.rule} {_paths(edge.inputs)}".rstrip()
    if edge.implicit:
        line += f" | {_paths(edge.implicit)}"
    if edge.after:
        line += f" || {_paths(edge.after)}"
    return [line, *(f"  {name} = {value}" for name, value in edge.variables.items())]


def _paths(paths: Iterable[str]) -> str:
    return " ".join(path(text) for text in paths)
