"""Compressors: one file each, found by the registry without a list to edit."""

import os

# Read when OpenVINO runs first. Its convolutions for every size that it ever saw otherwise stay in memory,
# up to 1,024 of them: 100 MB and more.
os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "128")
