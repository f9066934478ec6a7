"""What all tests share: the toolkit on the path, and the `machine` fixture where skerry is not installed."""

import sys
from importlib.metadata import entry_points
from pathlib import Path

TOOLS = str(Path(__file__).resolve().parents[1] / "tools")
if TOOLS not in sys.path:
    sys.path.insert(0, TOOLS)

# Installed, skerry brings the plugin by its entry point; registering it twice is an error.
pytest_plugins = [] if entry_points(group="pytest11", name="skerry") else ["skerry.pytest_plugin"]
