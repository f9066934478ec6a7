"""The toolkit of Skerry: it generates, builds, boots, drives and measures the multikernel."""
