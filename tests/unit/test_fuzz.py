"""The fuzzer itself: it agrees where it should, it repeats, and it names what differs."""

import re

import pytest

from cap_host import CONTRACT
from skerry.fuzz.generate import ARENA_STEPS, Generator, Invocation
from skerry.fuzz.guest_model import GuestModel
from skerry.fuzz.host import HostFuzzer
from skerry.fuzz.replay import DIGITS, HASH_PRIME, Disagreement, replay

WORD = (1 << 64) - 1
BASE = 0x239000


def played(seed: int, count: int) -> str:
    """What a guest that agrees with the model prints."""
    model, generator, running = GuestModel(BASE, True), Generator(CONTRACT, seed), 0
    lines, digits = [f"@ seed {seed} count {count} base {BASE:#x} gigabytes 1"], ""
    for step in range(count):
        if step % ARENA_STEPS == 0:
            model.reset()
            generator.reset()
        invocation = generator.next()
        err, results = model.invoke(invocation.cap, invocation.operation, invocation.words)
        generator.learn(invocation, err)
        for word in (err, *results):
            running = (running ^ word) * HASH_PRIME & WORD
        digits += DIGITS[err]
        if len(digits) == 100:
            lines.append(f"@ {step - 99} {digits} {running:016x}")
            digits = ""
    return "\n".join([*lines, "@ done", ""])


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_capabilities_on_this_computer_agree_with_the_model(seed: int) -> None:
    fuzzer = HostFuzzer(CONTRACT, seed)
    for _ in range(5):
        fuzzer.round()
    assert fuzzer.steps == 5 * ARENA_STEPS
    assert fuzzer.succeeded > fuzzer.steps // 10


def test_a_seed_repeats() -> None:
    def stream(seed: int) -> list[Invocation]:
        generator = Generator(CONTRACT, seed)
        generator.reset()
        return [generator.next() for _ in range(100)]

    assert stream(7) == stream(7)
    assert stream(7) != stream(8)


def test_a_guest_that_agrees_is_counted() -> None:
    result = replay(played(5, 2000), CONTRACT)
    assert (result.seed, result.steps) == (5, 2000)
    assert result.succeeded > 200


def test_an_answer_that_differs_is_named_by_seed_step_and_operation() -> None:
    lines = played(5, 1000).splitlines()
    _, step, digits, running = lines[4].split()
    wrong = "0" if digits[17] != "0" else "4"
    lines[4] = f"@ {step} {digits[:17]}{wrong}{digits[18:]} {running}"
    with pytest.raises(Disagreement) as found:
        replay("\n".join(lines), CONTRACT)
    assert re.match(r"seed 5, step 317: operation \d+ on 0x[0-9a-f]+ with .*: the guest answered", str(found.value))


def test_a_result_that_differs_is_named_by_its_line() -> None:
    lines = played(5, 500).splitlines()
    lines[3] = lines[3][:-1] + ("0" if lines[3][-1] != "0" else "1")
    with pytest.raises(Disagreement, match="seed 5, step 200: the results"):
        replay("\n".join(lines), CONTRACT)


@pytest.mark.parametrize("cut", ["@ done", "@ 200 ", "@ seed"])
def test_output_that_is_not_whole_is_no_agreement(cut: str) -> None:
    lines = [line for line in played(5, 500).splitlines() if not line.startswith(cut)]
    with pytest.raises(ValueError, match="next: "):
        replay("\n".join(lines), CONTRACT)
