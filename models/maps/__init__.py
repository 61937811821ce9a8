"""Saliency methods, found by themselves: a new one is a class in a module here. No torch, no Qt."""
