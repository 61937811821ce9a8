"""Compressors: one file each, found by the registry without a list to edit."""

import os
import sys

# Read when OpenVINO runs first. Its convolutions for every size that it ever saw otherwise stay in memory,
# up to 1,024 of them: 100 MB and more.
os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "128")
# OpenVINO does without a package that is not found. This one reports each import over the network, unasked.
sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
