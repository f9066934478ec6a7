"""A task with an option of two values, `--compare A B`, which invoke does not know.

The second one is a positional argument that is wanted only when the option was given.
"""

from typing import Any

from invoke.parser.argument import Argument
from invoke.tasks import Task


class _SecondValue(Argument):
    """Positional; has a value, so that invoke asks for none, until `first` has got one."""

    first: Argument

    @property
    def value(self) -> Any:
        return self._value if self._value is not None or self.first.got_value else ""

    @value.setter
    def value(self, text: str) -> None:
        self.set_value(text)


class TwoValueTask(Task[Any]):
    """The task's positional argument NAME_with is the second value of its option NAME."""

    def get_arguments(self, ignore_unknown_help: bool | None = None) -> list[Argument]:
        """As invoke makes them, the positional one replaced."""
        made = super().get_arguments(ignore_unknown_help)
        options = {argument.name: argument for argument in made}
        return [self._second(argument, options) if argument.positional else argument for argument in made]

    @staticmethod
    def _second(argument: Argument, options: dict[str | None, Argument]) -> Argument:
        second = _SecondValue(
            names=argument.names, help=argument.help, positional=True, attr_name=argument.attr_name, default=""
        )
        second.first = options[str(argument.name).removesuffix("_with")]
        return second
