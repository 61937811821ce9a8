"""What stands where in a labelled scene: everything that chance decides, drawn from one generator."""

import colorsys
import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from keepsight.models.scenes_materials import Colour, Surface, TileName
from keepsight.models.scenes_shapes import Box, Ellipsoid, Floats, Frustum, Shape
from keepsight.models.scenes_toys import TOYS, Piece, turn

_Rng = np.random.Generator
_CORNERS = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], np.float32).T


@dataclass(frozen=True)
class Part:
    """A solid in its place: world = centre + scale * rotation @ local."""

    shape: Shape
    rotation: Floats
    """(3, 3)."""
    centre: Floats
    """(3,), world units; y is up and the ground is y = 0."""
    scale: float
    surface: Surface
    offset: tuple[float, float]
    """Where on the tile of its material it was cut out, texels."""
    toy: bool
    """Whether it belongs to the object that gives the scene its label."""


@dataclass(frozen=True)
class Light:
    """One lamp or the sun, and the light of the surroundings."""

    direction: Floats
    """(3,) unit vector towards the lamp."""
    colour: Colour
    sky: Colour
    bounce: Colour
    """What comes from below."""
    softness: float
    """Blur of the shadow's edge, world units."""


@dataclass(frozen=True)
class Camera:
    """A pinhole camera with a lens's depth of field and a sensor's noise."""

    position: Floats
    rotation: Floats
    """(3, 3), columns: right, down, forward."""
    focal: float
    """In widths of the image."""
    focus: float
    """Distance that is sharp, world units."""
    aperture: float
    exposure: float
    """Mean linear brightness before the tone curve."""
    vignette: float
    noise: float
    """Deviation of the sensor's noise, 8-bit levels."""


@dataclass(frozen=True)
class Plan:
    """All that is needed to draw one scene."""

    ground: Surface
    ground_turn: float
    ground_offset: tuple[float, float]
    parts: tuple[Part, ...]
    light: Light
    camera: Camera

    @cached_property
    def corners(self) -> Floats:
        """Corners (parts, 3, 8) of the boxes around the parts, in world units."""
        half = np.array([part.shape.extent for part in self.parts], np.float32)
        half *= np.array([part.scale for part in self.parts], np.float32)[:, None]
        corners: Floats = np.stack([part.rotation for part in self.parts]) @ (_CORNERS * half[:, :, None])
        return corners + np.stack([part.centre for part in self.parts])[:, :, None]


def _linear(hue: float, saturation: float, value: float) -> Colour:
    red, green, blue = colorsys.hsv_to_rgb(hue % 1, saturation, value)
    return red**2.2, green**2.2, blue**2.2


_GROUNDS: tuple[tuple[TileName, float, float, float, tuple[float, float], float], ...] = (
    # tile, grain, bump, texels a unit, hues, largest saturation
    ("planks", 0.28, 0.10, 70, (0.05, 0.11), 0.6),
    ("wood", 0.25, 0.10, 60, (0.04, 0.11), 0.6),
    ("carpet", 0.40, 0.25, 75, (0.0, 1.0), 0.5),
    ("cloth", 0.25, 0.30, 75, (0.0, 1.0), 0.5),
    ("gravel", 0.35, 0.30, 60, (0.05, 0.15), 0.25),
    ("soil", 0.40, 0.40, 70, (0.05, 0.12), 0.5),
    ("stone", 0.25, 0.15, 60, (0.05, 0.65), 0.15),
    ("marble", 0.22, 0.00, 50, (0.05, 0.65), 0.12),
    ("carpet", 0.40, 0.35, 60, (0.2, 0.32), 0.5),
)


def _offset(rng: _Rng) -> tuple[float, float]:
    """A place in the middle of a tile: reading across its seam is slow."""
    return rng.uniform(128, 384), rng.uniform(128, 384)


def _ground(rng: _Rng) -> Surface:
    name, grain, bump, texels, hues, saturation = _GROUNDS[rng.integers(len(_GROUNDS))]
    colour = _linear(rng.uniform(*hues), rng.uniform(0.3, 1) * saturation, rng.uniform(0.4, 0.8))
    return Surface(
        light=colour,
        dark=colour,
        tile=name,
        grain=grain * rng.uniform(0.9, 1.5),
        bump=bump,
        texels=texels * rng.uniform(0.85, 1.2),
        gloss=0,
        sharpness=1,
    )


def _pebble(rng: _Rng) -> Piece:
    a, b = rng.uniform(0.16, 0.42, 2)
    c = rng.uniform(0.5, 0.8) * min(a, b)
    colour = _linear(rng.uniform(0.03, 0.15), rng.uniform(0.05, 0.35), rng.uniform(0.3, 0.75))
    tile: TileName = "stone" if rng.random() < 0.7 else "marble"
    surface = Surface(colour, colour, tile, 0.3, 0.5, 150, 0.15 if rng.random() < 0.5 else 0, 30)
    return Piece(Ellipsoid((a, c, b)), surface, height=0.85 * c)


def _stick(rng: _Rng) -> Piece:
    pencil = rng.random() < 0.5
    radius = rng.uniform(0.07, 0.11)
    hue, saturation = (rng.random(), 0.65) if pencil else (rng.uniform(0.05, 0.1), 0.5)
    colour = _linear(hue, saturation, rng.uniform(0.35, 0.8))
    surface = Surface(colour, colour, "wood", 0.05 if pencil else 0.4, 0.1, 130, 0.4 if pencil else 0, 60)
    shape = Frustum(radius, radius * (1 if pencil else rng.uniform(0.6, 1)), rng.uniform(0.6, 1.3), 0.02)
    return Piece(shape, surface, height=radius, lying=True)


def _disc(rng: _Rng) -> Piece:
    metal = bool(rng.random() < 0.6)
    hue, saturation = (rng.uniform(0.06, 0.13), rng.uniform(0.1, 0.6)) if metal else (rng.random(), 0.6)
    colour = _linear(hue, saturation, rng.uniform(0.5, 0.85))
    surface = Surface(colour, colour, "peel", 0.15, 0.3, 160, 0.7, 50, metal)
    half = rng.uniform(0.03, 0.05)
    radius = rng.uniform(0.2, 0.32)
    return Piece(Frustum(radius, radius, half, 0.02), surface, height=half)


def _slab(rng: _Rng) -> Piece:
    colour = _linear(rng.random(), rng.uniform(0.1, 0.65), rng.uniform(0.3, 0.85))
    tile: TileName = "peel" if rng.random() < 0.6 else "wood"
    surface = Surface(colour, colour, tile, 0.12, 0.1, 110, 0.25, 40)
    half = rng.uniform(0.06, 0.14)
    return Piece(Box((rng.uniform(0.3, 0.5), half, rng.uniform(0.15, 0.25)), 0.025), surface, height=half)


def _leaf(rng: _Rng) -> Piece:
    colour = _linear(rng.uniform(0.05, 0.3), rng.uniform(0.5, 0.9), rng.uniform(0.35, 0.7))
    surface = Surface(colour, colour, "carpet", 0.2, 0.3, 120, 0.1, 20)
    return Piece(Ellipsoid((rng.uniform(0.3, 0.6), 0.035, rng.uniform(0.15, 0.25))), surface, height=0.03)


def _book(rng: _Rng) -> Piece:
    colour = _linear(rng.random(), rng.uniform(0.1, 0.7), rng.uniform(0.25, 0.8))
    surface = Surface(colour, colour, "cloth", 0.12, 0.05, 50, 0.1, 30)
    half = rng.uniform(0.2, 1.1)
    return Piece(Box((rng.uniform(0.6, 1.5), half, rng.uniform(0.4, 1.2)), 0.04), surface, height=half)


_CLUTTER = (_pebble, _pebble, _pebble, _stick, _stick, _disc, _slab, _slab, _leaf)


def _place(rng: _Rng, piece: Piece, x: float, z: float) -> Part:
    rotation = turn(1, rng.uniform(0, 2 * math.pi))
    if piece.lying:
        rotation = rotation @ turn(2, math.pi / 2)
    centre = np.array([x, piece.height, z], np.float32)
    return Part(piece.shape, rotation, centre, 1, piece.surface, _offset(rng), toy=False)


def _clutter(rng: _Rng, reach: float) -> list[Part]:
    """Small things around the toy; some stand between it and the camera, none inside it."""
    parts = []
    for _ in range(int(rng.integers(3, 6))):
        piece = _CLUTTER[rng.integers(len(_CLUTTER))](rng)
        angle = rng.uniform(0, 2 * math.pi)
        away = reach + 0.6 * max(piece.shape.extent) + rng.exponential(0.9)
        parts.append(_place(rng, piece, away * math.sin(angle), away * math.cos(angle)))
    for _ in range(int(rng.integers(0, 3))):
        piece = (_pebble, _pebble, _slab)[rng.integers(3)](rng)
        away = reach + max(piece.shape.extent)
        angle = rng.uniform(-0.7, 0.7)
        parts.append(_place(rng, piece, away * math.sin(angle), -away * math.cos(angle)))
    for _ in range(int(rng.integers(0, 2))):
        parts.append(_place(rng, _book(rng), rng.uniform(-5, 5), rng.uniform(4.5, 10)))
    return parts


def _light(rng: _Rng) -> Light:
    elevation, azimuth = math.radians(rng.uniform(28, 68)), rng.uniform(0, 2 * math.pi)
    direction = np.array(
        [
            math.cos(elevation) * math.sin(azimuth),
            math.sin(elevation),
            math.cos(elevation) * math.cos(azimuth),
        ]
    )
    warmth, key, fill = rng.uniform(-0.15, 0.4), rng.uniform(1.6, 3.2), rng.uniform(0.35, 0.8)
    return Light(
        direction=direction.astype(np.float32),
        colour=(key * (1 + 0.5 * warmth), key, key * (1 - 0.8 * warmth)),
        sky=(fill * (1 - 0.3 * warmth), fill, fill * (1 + 0.5 * warmth)),
        bounce=(0.3 * fill, 0.27 * fill, 0.22 * fill),
        softness=float(rng.uniform(0.05, 0.3)),
    )


def _camera(rng: _Rng, height: float) -> Camera:
    pitch, roll, distance = (
        math.radians(rng.uniform(24, 58)),
        math.radians(rng.normal(0, 3)),
        rng.uniform(7, 11),
    )
    forward = np.array([0, -math.sin(pitch), math.cos(pitch)])
    right, down = np.array([1.0, 0, 0]), np.array([0, -math.cos(pitch), -math.sin(pitch)])
    aim = np.array([0, height, 0]) + rng.uniform(-0.6, 0.6) * right + rng.uniform(-0.5, 0.5) * down
    sideways = math.cos(roll) * right + math.sin(roll) * down
    rotation = np.stack([sideways, math.cos(roll) * down - math.sin(roll) * right, forward], 1)
    return Camera(
        position=(aim - distance * forward).astype(np.float32),
        rotation=rotation.astype(np.float32),
        focal=distance * rng.uniform(42, 58) / 224,
        focus=distance,
        aperture=rng.uniform(0.3, 2.5),
        exposure=rng.uniform(0.17, 0.3),
        vignette=rng.uniform(0.1, 0.5),
        noise=rng.uniform(0.8, 3.0),
    )


def make_plan(rng: _Rng, label: int) -> Plan:
    """Draw a scene whose toy is of class `label`."""
    pieces, rest, height, reach = TOYS[label](rng)
    scale = rng.uniform(0.9, 1.15)
    toy = [
        Part(
            piece.shape,
            (rest @ piece.rotation).astype(np.float32),
            (scale * (rest @ np.array(piece.at) + [0, height, 0])).astype(np.float32),
            scale,
            piece.surface,
            _offset(rng),
            toy=True,
        )
        for piece in pieces
    ]
    return Plan(
        ground=_ground(rng),
        ground_turn=rng.uniform(0, 2 * math.pi),
        ground_offset=_offset(rng),
        parts=(*toy, *_clutter(rng, reach * scale)),
        light=_light(rng),
        camera=_camera(rng, height * scale),
    )
