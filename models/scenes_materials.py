"""Materials of the labelled scenes: noise tiles that repeat without a seam, and patterns on solids."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from keepsight.models.scenes_shapes import Floats

Colour = tuple[float, float, float]
"""Linear light, red, green, blue in [0, 1]."""
TileName = Literal["cloth", "carpet", "gravel", "marble", "peel", "planks", "soil", "stone", "wood"]
PatternName = Literal["plain", "bands", "dots", "checks", "ribs", "twist"]
TILE = 512
"""Side of a noise tile in texels."""
_STEP = np.float32(1 / 42)
_LINE = 30_000
"""Longest row that OpenCV's remap takes, with room to spare."""
RING = 0.7
"""Radius of the rings that a twist winds around."""

_Rng = np.random.Generator


@dataclass(frozen=True)
class Surface:
    """What a part is made of."""

    light: Colour
    dark: Colour
    """The pattern goes between these two; a plain surface has their mean."""
    tile: TileName
    grain: float
    """How far the tile's noise moves the colour, as a share of it."""
    bump: float
    """How far the tile's slopes bend the normal."""
    texels: float
    """Texels of the tile to one unit of length."""
    gloss: float
    """Strength of reflections, 0 (chalk) to 1 (mirror)."""
    sharpness: float
    """Exponent of the highlight (Blinn 1977)."""
    metal: bool = False
    """Whether reflections take on the colour."""
    pattern: PatternName = "plain"
    cells: float = 0
    """Periods of the pattern to 2 pi units, or around the axis."""


def _spectral(rng: _Rng, slope: float, stretch: float = 1) -> Floats:
    """Periodic noise with the amplitude spectrum f ** slope, zero mean, unit deviation."""
    fy = np.fft.fftfreq(TILE)[:, None]
    fx = np.fft.rfftfreq(TILE)[None, :] * stretch
    frequency = np.hypot(fx, fy)
    frequency[0, 0] = 1
    white = np.fft.rfft2(rng.standard_normal((TILE, TILE)))
    white[0, 0] = 0
    noise = np.fft.irfft2(white * frequency**slope, (TILE, TILE))
    return np.asarray(noise / noise.std(), np.float32)


def _wood(rng: _Rng) -> Floats:
    rows = np.arange(TILE, dtype=np.float32)[:, None] / TILE
    rings = np.sin(2 * np.pi * (7 * rows + 0.55 * _spectral(rng, -1.8, 5)))
    return np.asarray(0.55 * rings + 0.7 * _spectral(rng, -0.7, 14) + 0.3 * _spectral(rng, -1.3), np.float32)


def _planks(rng: _Rng) -> Floats:
    grain = _wood(rng)
    height, width = TILE // 4, TILE // 2
    out = np.empty_like(grain)
    for row in range(4):
        shift = int(rng.integers(width))
        band = np.roll(grain, int(rng.integers(TILE)), 1)[row * height : (row + 1) * height].copy()
        for board in range(2):
            band[:, board * width : (board + 1) * width] += 0.8 * rng.standard_normal()
            band[:, board * width : board * width + 3] = -3.2
        band[:3] = -3.2
        out[row * height : (row + 1) * height] = np.roll(band, shift, 1)
    return out


def _gravel(rng: _Rng) -> Floats:
    points = rng.integers(0, TILE, (900, 2))
    seeds = np.full((3 * TILE, 3 * TILE), 255, np.uint8)
    for i in range(3):
        for j in range(3):
            seeds[points[:, 0] + i * TILE, points[:, 1] + j * TILE] = 0
    distance, cells = cv2.distanceTransformWithLabels(seeds, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    middle = slice(TILE, 2 * TILE)
    # A stone across the tile's edge has one label on each side: its place modulo the tile tells its grey.
    owner = np.zeros(int(cells.max()) + 1, np.float32)
    greys = rng.standard_normal((TILE, TILE)).astype(np.float32)
    at = np.argwhere(seeds == 0)
    owner[cells[at[:, 0], at[:, 1]]] = greys[at[:, 0] % TILE, at[:, 1] % TILE]
    near = np.asarray(distance[middle, middle], np.float32)
    stones = np.maximum(owner[cells[middle, middle]] - 0.011 * near**2, -2.2)
    return np.asarray(stones + 0.5 * _spectral(rng, -0.9), np.float32)


def _cloth(rng: _Rng) -> Floats:
    y, x = np.mgrid[0:TILE, 0:TILE].astype(np.float32) * (2 * np.pi * 64 / TILE)
    over = np.maximum(np.abs(np.sin(x)) * (np.sin(x + y) > 0), np.abs(np.sin(y)) * (np.sin(x + y) <= 0))
    return np.asarray(1.1 * over + 0.35 * _spectral(rng, -0.6) + 0.6 * _spectral(rng, -1.4), np.float32)


def _carpet(rng: _Rng) -> Floats:
    layers = [np.rot90(_spectral(rng, -0.6, 4), i) for i in range(2)] + [_spectral(rng, -0.5)]
    return np.asarray(np.max(layers, axis=0) + 0.5 * _spectral(rng, -1.4), np.float32)


def _marble(rng: _Rng) -> Floats:
    veins = np.exp(-6 * np.abs(_spectral(rng, -1.7))) + 0.5 * np.exp(-9 * np.abs(_spectral(rng, -1.5)))
    return np.asarray(0.5 * _spectral(rng, -1.6) - 2.4 * veins + 0.15 * _spectral(rng, -0.7), np.float32)


def _soil(rng: _Rng) -> Floats:
    return np.asarray(0.6 * _spectral(rng, -0.7) + 0.8 * np.abs(_spectral(rng, -1.3)), np.float32)


def _stone(rng: _Rng) -> Floats:
    return np.asarray(_spectral(rng, -1.1) + 0.5 * np.minimum(_spectral(rng, -0.9) + 1.2, 0), np.float32)


_TILES: dict[TileName, Callable[[_Rng], Floats]] = {
    "cloth": _cloth,
    "carpet": _carpet,
    "gravel": _gravel,
    "marble": _marble,
    "peel": lambda rng: _spectral(rng, -1.0),
    "planks": _planks,
    "soil": _soil,
    "stone": _stone,
    "wood": _wood,
}


@cache
def tile(name: TileName) -> NDArray[np.uint8]:
    """Return a tile (512, 512, 3) uint8: noise of zero mean and unit deviation, and its slopes along x and y.

    A level is `_STEP` and zero is level 128: bytes are read twice as fast as floats.
    """
    noise = _TILES[name](np.random.default_rng([7, sorted(_TILES).index(name)]))
    noise = (noise - noise.mean()) / noise.std() + 0.45 * _spectral(np.random.default_rng(3), -0.35)
    noise = noise / noise.std()
    smooth = cv2.GaussianBlur(np.pad(noise, 4, mode="wrap"), (0, 0), 0.7)
    slopes = [(np.roll(smooth, -1, axis) - np.roll(smooth, 1, axis))[4:-4, 4:-4] / 2 for axis in (1, 0)]
    stacked = np.rint(np.dstack([noise, *slopes]) / _STEP) + 128
    levels: NDArray[np.uint8] = np.clip(stacked, 0, 255).astype(np.uint8)
    return levels


def look_up(
    image: NDArray[Any], u: Floats, v: Floats, border: int, outside: tuple[float, ...] = ()
) -> list[NDArray[Any]]:
    """Read an image (h, w, c) at columns u and rows v (n,), bilinear; returns c arrays (n,)."""
    size, rows = u.size, -(-u.size // _LINE)
    if rows > 1:
        u, v = (np.pad(x, (0, -size % rows)) for x in (u, v))
    u, v = u.reshape(rows, -1), v.reshape(rows, -1)
    read = cv2.remap(image, u, v, cv2.INTER_LINEAR, borderMode=border, borderValue=outside)
    return [channel.ravel()[:size] for channel in cv2.split(read)]


def sample(name: TileName, u: Floats, v: Floats) -> list[Floats]:
    """Read a tile at texel coordinates u, v (n,), which wrap around: noise and its two slopes (n,)."""
    levels = look_up(tile(name), u, v, cv2.BORDER_WRAP)
    return [np.multiply(level, _STEP, dtype=np.float32) - 128 * _STEP for level in levels]


def _soft_square(phase: Floats) -> Floats:
    """Square wave in [0, 1] with soft edges, mean 0.5."""
    wave = np.sin(phase) * np.float32(2.2)
    share: Floats = 0.5 + 0.5 * wave / np.sqrt(1 + wave * wave)
    return share


def _dots(point: Floats, cells: float) -> Floats:
    """Dots in rows of latitude on a ball, half of the area."""
    x, y, z = point / np.sqrt(np.square(point).sum(0))
    step = 2 * np.pi / cells
    polar = np.arccos(np.clip(y, -1, 1))
    row = np.floor(polar / step)
    across = (polar / step - row - 0.5) * step
    ring = np.sin((row + 0.5) * step)
    count = np.maximum(np.round(2 * np.pi * ring / step), 1)
    turn = np.arctan2(z, x) / (2 * np.pi) * count + 0.5 * row
    along = (turn - np.floor(turn) - 0.5) * (2 * np.pi / count) * ring
    inside = 0.4 * step - np.sqrt(across * across + along * along)
    share: Floats = np.clip(0.5 + inside / (0.22 * step), 0, 1)
    return share


def face_coordinates(point: Floats, normal: Floats, boxy: bool) -> tuple[Floats, Floats]:
    """Two coordinates (n,) that lie in the face of a box, or run obliquely through a round solid."""
    x, y, z = point
    if not boxy:
        return x + 0.71 * z, y + 0.37 * z
    size = np.abs(normal)
    on_x = (size[0] >= size[1]) & (size[0] >= size[2])
    on_y = ~on_x & (size[1] >= size[2])
    return np.where(on_x, z, x), np.where(on_y, z, y)


def pattern(surface: Surface, point: Floats, normal: Floats, face: tuple[Floats, Floats]) -> Floats | float:
    """Share of the light colour in [0, 1] at surface points (3, n), mean about 0.5.

    `face` holds the two coordinates of `face_coordinates`, `normal` is of unit length.
    """
    cells = surface.cells
    x, y, z = point
    match surface.pattern:
        case "plain":
            return 0.5
        case "bands":
            length = np.sqrt(x * x + y * y + z * z)
            return _soft_square(cells * np.arccos(np.clip(y / length, -1, 1)))
        case "dots":
            return _dots(point, cells)
        case "checks":
            wave = np.sin(cells * face[0]) * np.sin(cells * face[1]) * 3
            share: Floats = 0.5 + 0.5 * wave / np.sqrt(1 + wave * wave)
            return share
        case "ribs":
            return np.where(np.abs(normal[1]) > 0.7, np.float32(0.5), _soft_square(cells * np.arctan2(z, x)))
        case "twist":
            tube = np.arctan2(y, np.sqrt(x * x + z * z) - RING)
            return _soft_square(cells * np.arctan2(z, x) + 2 * tube)


def paint(
    surface: Surface, offset: tuple[float, float], point: Floats, normal: Floats, boxy: bool
) -> tuple[Floats, Floats]:
    """Albedo (3, n), linear, and bent normals (3, n) at surface points (3, n) with unit normals.

    The part was cut out of the tile at `offset`, texels.
    """
    face = face_coordinates(point, normal, boxy)
    u, v = (x * surface.texels + start for x, start in zip(face, offset, strict=True))
    grain, slope_u, slope_v = sample(surface.tile, u, v)
    light, dark = np.array([surface.light, surface.dark], np.float32)[:, :, None]
    colour = dark + (light - dark) * pattern(surface, point, normal, face)
    normal[0] -= surface.bump * slope_u
    normal[1] -= surface.bump * slope_v
    return colour * np.exp(surface.grain * grain), normal
