"""Many boots, one report."""
