"""Traces: from the bytes of the cores' trace ports to a timeline for a viewer and a summary in text."""
