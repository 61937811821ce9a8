"""Takes the photograph of a planned scene: light on the surfaces, lens, film and sensor."""

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from keepsight.models.scenes_light import lamps_of, light_shares
from keepsight.models.scenes_plan import Camera, Plan
from keepsight.models.scenes_shapes import Floats, dot
from keepsight.models.scenes_tracer import Lamp, Surfaces, unit

_NOISE = 640
"""Side of the stored sensor noise, pixels."""


def _shade(surfaces: Surfaces, plan: Plan, lamps: list[Lamp]) -> Floats:
    """Linear radiance (3, n), dimmed towards the corners as lenses do."""
    light = plan.light
    lamp, sky = light_shares(plan, surfaces, lamps)
    sky = 0.25 + 0.75 * sky
    normal = surfaces.normal
    lamp *= np.clip(dot(normal, light.direction), 0, 1)
    upward = (0.5 + 0.5 * normal[1]) * sky
    downward = sky - upward
    out: Floats = surfaces.albedo
    for i in range(3):
        out[i] *= light.colour[i] * lamp + light.sky[i] * upward + light.bounce[i] * downward
    _add_reflections(out, surfaces, lamp, sky, plan)
    out *= 1 - (0.5 * plan.camera.vignette) * _distance_from_middle(surfaces.side)
    return out


def _add_reflections(out: Floats, surfaces: Surfaces, lamp: Floats, sky: Floats, plan: Plan) -> None:
    """Highlight of the lamp (Blinn 1977) and a soft image of the surroundings (Schlick's Fresnel term)."""
    finish = np.array(
        [[s.gloss, s.sharpness, s.metal] for s in (part.surface for part in plan.parts)], np.float32
    )
    shiny = surfaces.solid[finish[surfaces.part[surfaces.solid], 0] > 0.1]
    if shiny.size == 0:
        return
    gloss, sharpness, metal = np.take(finish.T, surfaces.part[shiny], 1)
    n, view = unit(np.take(surfaces.normal, shiny, 1)), -unit(np.take(surfaces.view.direction, shiny, 1))
    half = unit(view + plan.light.direction[:, None])
    highlight = np.exp(sharpness * (dot(n, half) - 1)) * (0.02 * sharpness + 0.3) * gloss * 0.35 * lamp[shiny]
    cosine = np.clip(dot(n, view), 0, 1)
    grazing = (1 - cosine) * (1 - cosine)
    fresnel = 0.05 + 0.95 * grazing * grazing * (1 - cosine)
    mirrored_up = 2 * cosine * n[1] - view[1]
    window = np.clip(4 * (mirrored_up - 0.25), 0, 1) * (0.6 + 0.4 * np.sin(7 * n[0] + 3))
    image = (0.25 + 1.1 * window) * sky[shiny] * (fresnel + metal * (0.75 - fresnel)) * gloss
    for i in range(3):
        diffuse = np.take(out[i], shiny)
        # A metal has little colour of its own and tints what it mirrors.
        tint = 1 + metal * (diffuse / (diffuse.mean() + 1e-6) * 0.6 - 0.6)
        added = highlight * plan.light.colour[i] + image * plan.light.sky[i]
        out[i][shiny] = diffuse * (1 - 0.45 * metal) + tint * added


def _focus(image: NDArray[np.float32], distance: Floats, camera: Camera) -> NDArray[np.float32]:
    """Blur what lies before and behind the plane of focus, (h, w, 3) and (h, w)."""
    side = image.shape[0]
    circle = np.abs(1 - camera.focus / distance) * (camera.aperture * 1.6 * side / 224)
    half = cv2.resize(image, (side // 2, side // 2), interpolation=cv2.INTER_AREA)
    soft = cv2.resize(half, (side, side), interpolation=cv2.INTER_LINEAR)
    share = np.clip(circle - 0.35, 0, 1)
    blended: NDArray[np.float32] = cv2.blendLinear(image, soft, 1 - share, share)
    if circle.max() > 1.4:
        quarter = cv2.resize(half, (side // 4, side // 4), interpolation=cv2.INTER_AREA)
        quarter = cv2.GaussianBlur(quarter, (0, 0), 0.9)
        softer = cv2.resize(quarter, (side, side), interpolation=cv2.INTER_LINEAR)
        share = np.clip((circle - 1.35) / 2, 0, 1)
        blended = cv2.blendLinear(blended, softer, 1 - share, share)
    return blended


@cache
def _sensor_noise() -> NDArray[np.float32]:
    return np.random.default_rng(5).standard_normal((_NOISE, _NOISE, 3), np.float32)


def _develop(image: NDArray[np.float32], camera: Camera, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Exposure, tone curve, gamma and sensor noise: linear (h, w, 3) to sRGB."""
    side = image.shape[0]
    exposed = cv2.multiply(image, (-camera.exposure * 1.35 / float(image.mean()),) * 4)
    light = cv2.pow(1 - np.exp(exposed, out=exposed), 1 / 2.2)
    top, left = rng.integers(0, _NOISE - side, 2)
    noise = _sensor_noise()[top : top + side, left : left + side]
    # After the gamma the photons' noise is about as strong in shadows as in lights.
    developed: NDArray[np.uint8] = cv2.addWeighted(light, 255, noise, camera.noise, 0, dtype=cv2.CV_8U)
    return developed


@cache
def _distance_from_middle(side: int) -> Floats:
    """Squared, flat (side * side,); 2 in the corners."""
    axis = np.square(np.linspace(-1, 1, side, dtype=np.float32))
    return (axis[:, None] + axis).ravel()


def _smooth_edges(image: NDArray[np.float32], part: NDArray[np.int16]) -> NDArray[np.float32]:
    """Soften the steps between parts: with one ray a pixel there are no partly covered pixels."""
    kernel, numbers = np.ones((3, 3), np.uint8), part.astype(np.uint8)
    edges = np.flatnonzero(cv2.dilate(numbers, kernel) != cv2.erode(numbers, kernel))
    smooth = cv2.GaussianBlur(image, (3, 3), 0.65).reshape(-1, 3)
    out = image.reshape(-1, 3)
    out[edges] = np.take(smooth, edges, 0)
    return image


def photograph(
    plan: Plan, size: int, rng: np.random.Generator
) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """Return pixels (size, size, 3) uint8 sRGB and the toy's visible mask (size, size)."""
    with np.errstate(all="ignore"):  # rays that graze or miss divide by zero; their distance is infinite
        lamps = lamps_of(plan)
        surfaces = Surfaces(plan, size, lamps)
        radiance = _shade(surfaces, plan, lamps)
    part = surfaces.part.reshape(size, size)
    image = _smooth_edges(cv2.merge([channel.reshape(size, size) for channel in radiance]), part)
    image = _focus(image, surfaces.view.distance.reshape(size, size), plan.camera)
    is_toy = np.array([part.toy for part in plan.parts] + [False])
    return _develop(image, plan.camera, rng), is_toy[part]
