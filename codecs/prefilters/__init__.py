"""Prefilters: what can be done to an image before any codec, so that it takes fewer bytes."""
