"""Classifiers, saliency, labelled scenes and training. No Qt."""
