"""Classifiers, saliency, labelled scenes and training. No Qt."""

import os
import sys

# Read when PyTorch is loaded. Its threads otherwise spin while they wait for each other: with a codec on
# every core, a batch then takes three times as long.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
# OpenVINO does without a package that is not found. This one reports each import over the network, unasked.
sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
