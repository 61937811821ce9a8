"""Classifiers, saliency, labelled scenes and training. No Qt."""

import os

# Read when PyTorch is loaded. Its threads otherwise spin while they wait for each other: with a codec on
# every core, a batch then takes three times as long.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
