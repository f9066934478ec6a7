"""Machines for tests: the pytest fixture and what stands behind it."""
