"""python -m skerry.fuzz [--seed N] [--seconds S] | replay FILE."""

import argparse
import sys
from pathlib import Path

from skerry import abi
from skerry.workspace import default_workspace


def main() -> int:
    """Status 0: all agree; 1: a disagreement, named by seed, step and operation; 2: wrong usage."""
    parser = argparse.ArgumentParser(prog="python -m skerry.fuzz", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("replay", nargs="*", help="replay FILE: the console of a guest that ran `fuzz`; - for stdin")
    options = parser.parse_args()
    contract = abi.load(default_workspace().contract)
    if options.replay:
        return _replay(options.replay, contract)
    from skerry.fuzz.host import fuzz_host

    return fuzz_host(contract, options.seed, options.seconds)


def _replay(words: list[str], contract: abi.Contract) -> int:
    from skerry.fuzz.replay import Disagreement, replay

    if len(words) != 2 or words[0] != "replay":
        print("next: python -m skerry.fuzz replay FILE", file=sys.stderr)
        return 2
    try:
        text = sys.stdin.read() if words[1] == "-" else Path(words[1]).read_text(errors="replace")
        result = replay(text, contract)
    except Disagreement as found:
        print(f"fuzz: {found}")
        return 1
    except (OSError, ValueError) as error:
        print(f"fuzz: {error}", file=sys.stderr)
        return 2
    print(f"fuzz: seed {result.seed}: {result.steps} answers agree, {result.succeeded} of them successes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
