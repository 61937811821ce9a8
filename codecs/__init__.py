"""Compressors: one file each, found by the registry without a list to edit."""
