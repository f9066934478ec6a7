"""Runs of the machine: start, watch, verdict."""
