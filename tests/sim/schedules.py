"""Scenarios by seed, one kind a protocol of the agreement engine; what is tried on each has a seed, too."""

from dataclasses import replace
from random import Random

from agreement import ALONE, NEEDS_ALL, PATIENT, Change, Op, Protocol, Scenario, Wish


def random_scenario(seed: int, phases: int) -> Scenario:
    """For lock operations: one or two phases, any topology, refusals, late answers, conflicts, deaths, time."""
    random = Random(seed)
    cores = random.randint(2, 6)
    everyone = (1 << cores) - 1
    members = [random.choice([everyone, everyone, random.randint(1, everyone)]) for _ in range(2)]

    def some(chance: float) -> int:
        return random.randint(1, everyone) & random.randint(1, everyone) if random.random() < chance else 0

    def one() -> Op:
        words = (random.randrange(3), some(0.15) if phases == 2 else 0, some(0.2), some(0.2))
        flags = (
            random.choice([0, PATIENT, PATIENT, NEEDS_ALL, ALONE | PATIENT])
            if phases == 2
            else random.choice([0, ALONE])
        )
        return Op(random.randrange(cores), random.choice(members), phases, flags, words)

    ops = tuple(one() for _ in range(random.randint(1, 8)))
    crashes = random.choice([0, 1, 1, 2, min(3, cores - 1)])
    topology = random.randrange(4)
    return Scenario(cores, ops, topology=topology, crashes=min(crashes, cores - 1), ticks=random.randrange(6))


def with_membership(scenario: Scenario, seed: int) -> Scenario:
    """The same, where deaths are found and agreed on by the cores themselves, and cores come back."""
    random = Random(~seed)
    doubts, restarts = random.randrange(3), random.randrange(3)
    return replace(scenario, membership=True, ticks=2 * scenario.ticks, doubts=doubts, restarts=restarts)


def random_keys(seed: int) -> Scenario:
    """Puts and reads of two keys, with deaths and returns."""
    random = Random(seed)
    cores = random.randint(2, 5)

    def one() -> Op:
        key = random.choice([0, 0, 1])
        put = random.random() < 0.5
        flags = random.choice([0, PATIENT, PATIENT]) if put else 0
        return Op(random.randrange(cores), 0, 2 if put else 0, flags, (key, int(random.random() < 0.3)))

    ops = tuple(one() for _ in range(random.randint(2, 12)))
    crashes = random.choice([0, 1, 1, 2])
    plain = Scenario(cores, ops, Protocol.KEYS, random.randrange(4), min(crashes, cores - 1), random.randrange(5))
    return with_membership(plain, seed)


def random_caps(seed: int) -> Scenario:
    """Changes of two objects from all cores, with deaths and returns."""
    random = Random(seed)
    cores = random.randint(2, 5)

    def one() -> Op:
        change = random.choice([Change.COPY] * 5 + [*Change])
        flags = random.choice([0, PATIENT, PATIENT])
        return Op(random.randrange(cores), 0, 2, flags, (change, random.randrange(2), random.randrange(cores)))

    ops = tuple(one() for _ in range(random.randint(2, 14)))
    crashes = random.choice([0, 1, 1, 2])
    plain = Scenario(cores, ops, Protocol.CAPS, random.randrange(4), min(crashes, cores - 1), random.randrange(5))
    return with_membership(plain, seed)


def random_maps(seed: int) -> Scenario:
    """Changes of two pages by the home, core 0, and faults on all cores, with deaths and returns."""
    random = Random(seed)
    cores = random.randint(2, 6)

    def one() -> Op:
        wish = random.choice([Wish.FAULT] * 6 + [Wish.MAP, Wish.MAP, Wish.UNMAP, Wish.UNMAP, Wish.PROTECT])
        core = random.randrange(cores) if wish is Wish.FAULT else 0
        return Op(core, 0, 1, 0, (wish, random.randrange(2), random.randrange(4)))

    ops = (Op(0, 0, 1, 0, (Wish.MAP, 0, 3)), *(one() for _ in range(random.randint(3, 15))))
    crashes = random.choice([0, 1, 1, 2])
    plain = Scenario(cores, ops, Protocol.MAPS, random.randrange(4), min(crashes, cores - 1), random.randrange(5))
    return with_membership(plain, seed)


def random_texts(seed: int) -> Scenario:
    """Texts of one to three pieces from all cores, some of which replace others, with deaths and returns."""
    random = Random(seed)
    cores = random.randint(2, 5)

    def one() -> Op:
        flags = random.choice([0, PATIENT, PATIENT])
        return Op(
            random.randrange(cores), 0, 2, flags, (random.choice([0, 8, 8, 40, 41, 100]), random.choice([0, 0, 1, 2]))
        )

    ops = tuple(one() for _ in range(random.randint(2, 12)))
    crashes = random.choice([0, 1, 1, 2])
    plain = Scenario(cores, ops, Protocol.TEXTS, random.randrange(4), min(crashes, cores - 1), random.randrange(5))
    return with_membership(plain, seed)


def random_land(seed: int) -> Scenario:
    """Chunks that are given away and given on, with deaths and returns."""
    random = Random(seed)
    cores = random.randint(2, 5)

    def one() -> Op:
        first = random.randrange(4)
        count = random.choice([1, 1, min(2, 4 - first)])
        return Op(random.randrange(cores), 0, 1, 0, (first, count, random.randrange(cores)))

    ops = tuple(one() for _ in range(random.randint(2, 14)))
    crashes = random.choice([0, 1, 1, 2])
    plain = Scenario(cores, ops, Protocol.LAND, random.randrange(4), min(crashes, cores - 1), random.randrange(5))
    return with_membership(plain, seed)
