"""Parsers of what the cores and the shell print."""
