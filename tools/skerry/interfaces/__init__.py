"""Interfaces between domains: from userland/if to C stubs, server dispatch, decoders and a page to read."""

from skerry.interfaces.generate import generate, service_sources
from skerry.interfaces.load import load
from skerry.interfaces.model import Interface

__all__ = ["Interface", "generate", "load", "service_sources"]
