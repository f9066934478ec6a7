"""`python -m skerry.interfaces --out build/gen`: write what the interfaces generate."""

import argparse
from pathlib import Path

from skerry import abi
from skerry.errors import run_task
from skerry.interfaces import generate, load


def main() -> None:
    parser = argparse.ArgumentParser(prog="skerry.interfaces", description="Generate stubs from the interfaces.")
    parser.add_argument("--contract", type=Path, default=Path("kernel/abi"), help="the contract (%(default)s)")
    parser.add_argument("--interfaces", type=Path, default=Path("userland/if"), help="TOML files (%(default)s)")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to, for example build/gen")
    options = parser.parse_args()
    for path in generate(load(options.interfaces, abi.load(options.contract)), options.out):
        print(f"wrote {path}")


if __name__ == "__main__":
    run_task(main)
