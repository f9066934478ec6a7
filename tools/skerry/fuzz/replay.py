"""What a guest's `fuzz` printed, against the model, answer for answer."""

import re
from dataclasses import dataclass

from skerry.abi import Contract
from skerry.fuzz.generate import ARENA_STEPS, Generator, Invocation
from skerry.fuzz.guest_model import GuestModel
from skerry.fuzz.tables import WORD

HEAD = re.compile(r"@ seed (\d+) count (\d+) base (0x[0-9a-f]+) gigabytes ([01])")
LINE = re.compile(r"@ (\d+) ([0-9a-v?]+) ([0-9a-f]{16})")
DIGITS = "0123456789abcdefghijklmnopqrstuv"
HASH_PRIME = 0x100000001B3


@dataclass(frozen=True)
class Disagreement(Exception):
    """The first answer in which guest and model differ."""

    seed: int
    step: int
    what: str

    def __str__(self) -> str:
        return f"seed {self.seed}, step {self.step}: {self.what}"


@dataclass(frozen=True)
class Replayed:
    """A run in which they agree."""

    seed: int
    steps: int
    succeeded: int


def replay(text: str, contract: Contract) -> Replayed:
    """Compare all that a guest printed; raises Disagreement."""
    head = HEAD.search(text)
    if head is None or "@ done" not in text:
        raise ValueError("there is no whole output of the guest's `fuzz`; next: spawn fuzz SEED COUNT")
    seed, count = int(head[1]), int(head[2])
    player = _Player(contract, seed, GuestModel(int(head[3], 16), head[4] == "1"))
    for match in LINE.finditer(text, head.end()):
        player.line(int(match[1]), match[2], int(match[3], 16))
    if player.step != count:
        raise ValueError(f"the guest printed {player.step} of {count} answers; next: run it again")
    return Replayed(seed, count, player.succeeded)


class _Player:
    """The model, step by step."""

    def __init__(self, contract: Contract, seed: int, model: GuestModel) -> None:
        self._contract, self._model, self._seed = contract, model, seed
        self._generator = Generator(contract, seed)
        self._hash = 0
        self.step = 0
        self.succeeded = 0

    def line(self, step: int, digits: str, wanted: int) -> None:
        """One line of answers, and the hash of all results so far."""
        if step != self.step:
            raise ValueError(f"the guest's line of step {self.step} is missing; next: run it again")
        first = self.step
        for digit in digits:
            self._answer(digit)
        if self._hash != wanted:
            raise Disagreement(self._seed, first, "the results of one of the 100 answers from here on differ")

    def _answer(self, digit: str) -> None:
        if self.step % ARENA_STEPS == 0:
            self._model.reset()
            self._generator.reset()
        invocation = self._generator.next()
        err, results = self._model.invoke(invocation.cap, invocation.operation, invocation.words)
        if DIGITS[err] != digit:
            raise Disagreement(self._seed, self.step, self._describe(invocation, err, digit))
        self._generator.learn(invocation, err)
        for word in (err, *results):
            self._hash = (self._hash ^ word) * HASH_PRIME & WORD
        self.step += 1
        self.succeeded += err == 0

    def _describe(self, invocation: Invocation, err: int, digit: str) -> str:
        names = {value.value: value.name for value in self._contract.enums["err"].values}
        guest = names.get(DIGITS.find(digit), "an error that there is not")
        words = ", ".join(hex(word) for word in invocation.words)
        return (
            f"operation {invocation.operation} on 0x{invocation.cap:x} with {words}: "
            f"the guest answered {guest}, the model {names[err]}"
        )
