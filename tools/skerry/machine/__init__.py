"""QEMU: machine descriptions, the command line, the process and its control connection."""
