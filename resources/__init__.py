"""Weights, cards, fonts and icons, loaded through importlib.resources."""
