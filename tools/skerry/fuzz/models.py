"""The model and its host program, which live with the tests that use them most."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "tests" / "unit"))

import cap_facts
import cap_host
import cap_model

__all__ = ["cap_facts", "cap_host", "cap_model"]
