"""The ten toys of the labelled scenes, built from solids. Some pairs differ in their fine pattern alone."""

import colorsys
import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from keepsight.models.scenes_materials import RING, Colour, PatternName, Surface, TileName
from keepsight.models.scenes_shapes import Box, Ellipsoid, Floats, Frustum, Shape, Torus

_Rng = np.random.Generator


def turn(axis: int, angle: float) -> Floats:
    """Rotation matrix (3, 3) about a coordinate axis, radians."""
    cos, sin = math.cos(angle), math.sin(angle)
    rows = (
        ((1, 0, 0), (0, cos, -sin), (0, sin, cos)),
        ((cos, 0, sin), (0, 1, 0), (-sin, 0, cos)),
        ((cos, -sin, 0), (sin, cos, 0), (0, 0, 1)),
    )
    return np.array(rows[axis], np.float32)


_IDENTITY = np.eye(3, dtype=np.float32)


@dataclass(frozen=True)
class Piece:
    """A solid before it is put into the scene."""

    shape: Shape
    surface: Surface
    at: tuple[float, float, float] = (0, 0, 0)
    rotation: Floats = field(default_factory=lambda: _IDENTITY)
    height: float = 0
    """Of its middle above the ground, where it stands by itself."""
    lying: bool = False


Toy = tuple[list[Piece], Floats, float, float]
"""Pieces, rotation at rest (3, 3), height of the origin above the ground, reach along the ground."""

_FINISHES: tuple[tuple[TileName, float, float, float, float, bool], ...] = (
    # tile, grain, bump, gloss, sharpness, metal
    ("peel", 0.04, 0.06, 0.45, 90, False),  # plastic
    ("peel", 0.05, 0.10, 0.75, 160, False),  # painted metal
    ("wood", 0.12, 0.08, 0.15, 25, False),  # painted wood
    ("soil", 0.07, 0.15, 0.10, 12, False),  # rubber
    ("carpet", 0.10, 0.20, 0.00, 10, False),  # felt
    ("peel", 0.08, 0.12, 0.80, 45, True),  # anodised metal
)


def _colour(rng: _Rng) -> tuple[float, float, float]:
    return rng.random(), rng.uniform(0.2, 0.75), rng.uniform(0.45, 0.8)


def _two_tones(rng: _Rng, hsv: tuple[float, float, float]) -> tuple[Colour, Colour]:
    """Two tones whose mean is the colour: the pattern's contrast is chance, the mean is not."""
    base = np.array(colorsys.hsv_to_rgb(*hsv)) ** 2.2
    contrast = rng.uniform(0.16, 0.42) * np.clip(1 + rng.normal(0, 0.25, 3), 0.4, 1.6)
    light, dark = base * (1 + contrast), base * (1 - contrast)
    return tuple(light.tolist()), tuple(dark.tolist())


def _surface(rng: _Rng, pattern: PatternName = "plain", cells: float = 0) -> Surface:
    tile, grain, bump, gloss, sharpness, metal = _FINISHES[rng.integers(len(_FINISHES))]
    light, dark = _two_tones(rng, _colour(rng))
    return Surface(
        light, dark, tile, grain, bump, rng.uniform(80, 120), gloss, sharpness, metal, pattern, cells
    )


def _tumbled(rng: _Rng) -> Floats:
    tumbled: Floats = turn(1, rng.uniform(0, 6.28)) @ turn(0, rng.uniform(0, 6.28))
    return tumbled @ turn(2, rng.uniform(0, 6.28))


def _ball(rng: _Rng, pattern: PatternName) -> Toy:
    surface = _surface(rng, pattern, rng.uniform(30, 40))
    return [Piece(Ellipsoid((0.95, 0.95, 0.95)), surface)], _tumbled(rng), 0.95, 0.7


def _cube(rng: _Rng, pattern: PatternName) -> Toy:
    surface = _surface(rng, pattern, rng.uniform(17, 22))
    shape = Box((0.72, 0.72, 0.72), rng.uniform(0.03, 0.09))
    return [Piece(shape, surface)], turn(1, rng.uniform(0, 6.28)), 0.72, 1.0


def _drum(rng: _Rng, pattern: PatternName) -> Toy:
    shape = Frustum(0.72, 0.72, rng.uniform(0.55, 0.8), rng.uniform(0.04, 0.1))
    piece = Piece(shape, _surface(rng, pattern, float(rng.integers(26, 36))))
    if rng.random() < 0.35:
        return [piece], turn(1, rng.uniform(0, 6.28)) @ turn(2, math.pi / 2), 0.72, 1.0
    return [piece], turn(1, rng.uniform(0, 6.28)), shape.half, 0.8


def _ring(rng: _Rng, pattern: PatternName) -> Toy:
    tube = rng.uniform(0.26, 0.34)
    piece = Piece(Torus(RING, tube), _surface(rng, pattern, float(rng.integers(26, 34))))
    if rng.random() < 0.35:
        return [piece], turn(1, rng.uniform(-1, 1)) @ turn(0, math.pi / 2), RING + tube, 1.1
    return [piece], turn(1, rng.uniform(0, 6.28)), tube, 1.1


def _peg_doll(rng: _Rng) -> Toy:
    skin = _surface(rng)
    pieces = [
        Piece(Frustum(0.55, 0.3, 0.65, 0.1), _surface(rng), (0, 0, 0)),
        Piece(Ellipsoid((0.4, 0.4, 0.4)), skin, (0, 0.95, 0)),
        Piece(Ellipsoid((0.43, 0.2, 0.43)), _surface(rng), (0, 1.17, 0)),
    ]
    if rng.random() < 0.25:
        lying = turn(1, rng.uniform(0, 6.28)) @ turn(2, math.pi / 2 - 0.19)
        return pieces, lying, 0.43, 1.3
    return pieces, turn(1, rng.uniform(0, 6.28)), 0.65, 0.6


def _car(rng: _Rng) -> Toy:
    body, tyre = _surface(rng), Surface((0.03,) * 3, (0.03,) * 3, "soil", 0.1, 0.2, 100, 0.15, 20)
    sideways = turn(0, math.pi / 2)
    pieces = [
        Piece(Box((1.15, 0.26, 0.52), 0.1), body, (0, 0.42, 0)),
        Piece(Box((0.55, 0.26, 0.44), 0.12), _surface(rng), (rng.uniform(-0.3, 0.1), 0.9, 0)),
    ]
    for x in (-0.65, 0.65):
        for z in (-0.5, 0.5):
            pieces.append(Piece(Frustum(0.29, 0.29, 0.1, 0.04), tyre, (x, 0.29, z), sideways))
    return pieces, turn(1, rng.uniform(0, 6.28)), 0, 1.2


def _patterned(make: Callable[[_Rng, PatternName], Toy], pattern: PatternName) -> Callable[[_Rng], Toy]:
    return lambda rng: make(rng, pattern)


CLASSES: tuple[str, ...] = (
    "striped ball",
    "dotted ball",
    "checkered cube",
    "plain cube",
    "ribbed drum",
    "smooth drum",
    "rope ring",
    "smooth ring",
    "peg doll",
    "toy car",
)
"""Names of the ten toys; an index here is a label."""

TOYS: tuple[Callable[[_Rng], Toy], ...] = (
    _patterned(_ball, "bands"),
    _patterned(_ball, "dots"),
    _patterned(_cube, "checks"),
    _patterned(_cube, "plain"),
    _patterned(_drum, "ribs"),
    _patterned(_drum, "plain"),
    _patterned(_ring, "twist"),
    _patterned(_ring, "plain"),
    _peg_doll,
    _car,
)
"""Makers of the toys, in the order of `CLASSES`."""
