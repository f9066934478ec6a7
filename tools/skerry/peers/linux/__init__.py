"""Debian's Linux with one program of ours."""
