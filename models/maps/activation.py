"""Class activation maps and their kin: formulas on what a classifier's last stage says, raw.

Those that grad-cam computes from activations and gradients are grad-cam's own formulas; left out is what it
does around them (hooks, scaling each map by its own extremes, progress bars).
"""

from importlib import import_module
from typing import Any

import cv2
import numpy as np

from keepsight.models.maps.base import ClassifierMethod, Subject
from keepsight.models.types import Map


class _FromGradCam(ClassifierMethod):
    """A method of grad-cam's that is a formula of activations and gradients."""

    uses: str
    """Name of grad-cam's class."""

    def map(self, subject: Subject) -> Map:
        """See `ClassifierMethod.map`."""
        activations, gradients = subject.activations[None], subject.gradients[None]
        values = _formula(self.uses).get_cam_image(None, None, None, activations, gradients, False)[0]
        return np.asarray(values, np.float32).clip(0, None)


class GradCam(_FromGradCam):
    """Grad-CAM (Selvaraju et al. 2017)."""

    id = "grad-cam"
    label = "Grad-CAM"
    help = "Bright where the classifier sees what speaks for the class."
    uses = "GradCAM"


class GradCamPlusPlus(_FromGradCam):
    """Grad-CAM++ (Chattopadhyay et al. 2018)."""

    id = "grad-cam-plus-plus"
    label = "Grad-CAM++"
    help = "As Grad-CAM; several objects of the class are all found."
    uses = "GradCAMPlusPlus"


class HiResCam(_FromGradCam):
    """HiResCAM (Draelos and Carin 2020)."""

    id = "hires-cam"
    label = "HiResCAM"
    help = "As Grad-CAM, position by position: only what the classifier truly used."
    uses = "HiResCAM"


class LayerCam(_FromGradCam):
    """LayerCAM (Jiang et al. 2021)."""

    id = "layer-cam"
    label = "LayerCAM"
    help = "As Grad-CAM, with positive evidence alone, weighed position by position."
    uses = "LayerCAM"


class EigenCam(ClassifierMethod):
    """EigenCAM (Muhammad and Yeasin 2020): the first principal component of the activations.

    Not grad-cam's, whose decomposition is of full matrices (far slower) and of either sign.
    """

    id = "eigen-cam"
    label = "EigenCAM"
    help = "Bright where the strongest pattern of the last stage is, whatever the class."
    by_class = False

    def map(self, subject: Subject) -> Map:
        """See `ClassifierMethod.map`. The sign is the one that goes with strong activations."""
        from scipy.sparse.linalg import eigsh  # here: the window reads this module, and this takes a while

        planes = subject.activations.reshape(len(subject.activations), -1)
        centred = planes - planes.mean(1, keepdims=True)
        energy = np.linalg.norm(planes, axis=0)
        values = np.zeros_like(energy)
        if centred.any():
            strength, vector = eigsh(centred.T @ centred, k=1, v0=energy)  # a row a position
            values = vector[:, 0] * np.sqrt(strength[0])
        signed = values if values @ (energy - energy.mean()) >= 0 else -values
        return np.asarray(signed, np.float32).reshape(subject.activations.shape[1:]).clip(0, None)


class ActivationEnergy(ClassifierMethod):
    """Length of the vector of activations at each position (no gradient)."""

    id = "activation-energy"
    label = "Activation energy"
    help = "Bright where the last stage responds strongly, whatever the class."
    by_class = False

    def map(self, subject: Subject) -> Map:
        """See `ClassifierMethod.map`."""
        return np.asarray(np.linalg.norm(subject.activations, axis=0), np.float32)


class AblationCam(ClassifierMethod):
    """AblationCAM (Desai and Ramaswamy 2020): a channel weighs what the logit loses without it."""

    id = "ablation-cam"
    label = "AblationCAM"
    help = "As Grad-CAM, but measured: each channel weighs what the class loses without it."

    def map(self, subject: Subject) -> Map:
        """See `ClassifierMethod.map`."""
        values = np.tensordot(subject.without_channels(), subject.activations, 1)
        return np.asarray(values, np.float32).clip(0, None)


class ScoreCam(ClassifierMethod):
    """ScoreCAM (Wang et al. 2020) over the 32 channels that vary most: each costs a run of the classifier."""

    id = "score-cam"
    label = "ScoreCAM"
    help = "As Grad-CAM, but measured: what each of the 32 channels that vary most shows the network. Slow."
    channels = 32

    def map(self, subject: Subject) -> Map:
        """See `ClassifierMethod.map`."""
        spread = subject.activations.std((1, 2))
        order = np.argsort(-spread, kind="stable")[: self.channels]
        planes = subject.activations[order[spread[order] > 0]]
        if not len(planes):
            return np.zeros(subject.activations.shape[1:], np.float32)
        low, high = planes.min((1, 2), keepdims=True), planes.max((1, 2), keepdims=True)
        scores = subject.masked((planes - low) / (high - low))
        weights = np.exp(scores - scores.max())
        return np.tensordot(weights / weights.sum(), planes, 1).clip(0, None)


class SmoothGrad(ClassifierMethod):
    """SmoothGrad (Smilkov et al. 2017) of the magnitude of the logit's gradient by the pixels."""

    id = "smooth-grad"
    label = "SmoothGrad"
    help = "Bright where a change of the pixels would change the class's score."
    copies = 8
    noise = 0.15

    def map(self, subject: Subject) -> Map:
        """See `ClassifierMethod.map`."""
        values = np.abs(subject.input_gradients(self.copies, self.noise)).sum(1).mean(0)
        return np.asarray(cv2.GaussianBlur(values, (0, 0), 2), np.float32)


def _formula(name: str) -> Any:
    """Return an object of grad-cam's class that has its formula and no network."""
    library = import_module("pytorch_grad_cam")  # here: it brings torch

    def nothing(_: object) -> None: ...

    return type(name, (getattr(library, name),), {"__init__": nothing, "__del__": nothing})()
