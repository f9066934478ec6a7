"""After linking: check every ELF, strip it, and pack the boot archive with its manifests."""
