"""Measurements: suites, runs, figures, records, tables."""
