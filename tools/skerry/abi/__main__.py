"""`python -m skerry.abi --out build/gen`: write what the contract generates."""

import argparse
from pathlib import Path

from skerry.abi import generate, load
from skerry.errors import run_task


def main() -> None:
    parser = argparse.ArgumentParser(prog="skerry.abi", description="Generate headers and tables from the contract.")
    parser.add_argument("--contract", type=Path, default=Path("kernel/abi"), help="folder of TOML files (%(default)s)")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to, for example build/gen")
    options = parser.parse_args()
    for path in generate(load(options.contract), options.out):
        print(f"wrote {path}")


if __name__ == "__main__":
    run_task(main)
