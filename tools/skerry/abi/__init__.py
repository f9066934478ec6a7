"""The contract between CPU driver, domains and toolkit: from kernel/abi to Python, C, assembly and a page to read."""

from skerry.abi.generate import generate
from skerry.abi.load import load
from skerry.abi.model import Contract, ContractError

__all__ = ["Contract", "ContractError", "generate", "load"]
