"""What the rays of a planned scene meet first, seen from the camera, from the lamp and from straight above.

Buffers are flat, one value or three a ray: (n,) or (3, n) float32.
"""

import math
from functools import cache

import numpy as np
from numpy.typing import NDArray

from keepsight.models.scenes_materials import TILE, paint, sample
from keepsight.models.scenes_plan import Camera, Part, Plan
from keepsight.models.scenes_shapes import Box, Floats, dot

REACH = 5.0
"""Half the side of what a lamp sees, world units."""
START = 20.0
"""How far from the middle of the scene a lamp's rays begin, world units."""
_FURTHEST = 90.0


class View:
    """A square of rays and how far each of them goes; at first down to the ground."""

    def __init__(self, origin: Floats, direction: Floats, side: int) -> None:
        self.origin, self.direction, self.side = origin, direction, side
        """(3, 1) or (3, n) each; the one of them that all rays share has one column."""
        distance = origin[1] / np.maximum(-direction[1], 1e-3)
        self.distance: Floats = np.minimum(distance, _FURTHEST)
        """(n,), in units of `direction`."""

    @property
    def origins(self) -> Floats:
        """Origins by row and column, (3, side, side), where each ray has its own."""
        return self.origin.reshape(3, self.side, self.side)

    @property
    def directions(self) -> Floats:
        """Directions by row and column, (3, side, side), where each ray has its own."""
        return self.direction.reshape(3, self.side, self.side)

    @property
    def distances(self) -> Floats:
        """Distances by row and column, (side, side)."""
        return self.distance.reshape(self.side, self.side)

    def points(self) -> Floats:
        """Where the rays end, (3, n)."""
        points: Floats = self.direction * self.distance
        points += self.origin
        return points


def camera_view(camera: Camera, side: int) -> View:
    """Rays of the camera, side by side."""
    lens: Floats = np.array([1 / camera.focal, 1 / camera.focal, 1], np.float32)
    frame: Floats = camera.rotation * lens
    rays: Floats = frame @ grid(side)
    return View(camera.position[:, None], rays, side)


def camera_windows(plan: Plan, side: int) -> list[tuple[slice, slice]]:
    """Rows and columns of the camera's view that can see each part."""
    camera = plan.camera
    corners = plan.corners - camera.position[:, None]
    x, y, z = (camera.rotation.T @ corners).transpose(1, 0, 2)
    scale = np.float32(camera.focal * side) / np.maximum(z, 1)
    return list(zip(spans(scale * y + side / 2, side), spans(scale * x + side / 2, side), strict=True))


class Lamp:
    """The rays of a far light, and how a point's place in its view is found."""

    def __init__(self, towards: Floats, side: int) -> None:
        x, y, z = towards.tolist()
        flat = math.hypot(x, z)
        across = (z / flat, 0, -x / flat) if flat > 1e-3 else (1, 0, 0)
        along = (-x * y / flat, flat, -z * y / flat) if flat > 1e-3 else (0, 0, -1)
        self.frame = np.array([across, along, towards], np.float32)
        """Rows: where columns, rows and rays' starts lie."""
        self.scale = side / (2 * REACH)
        """Texels to one unit."""
        places = grid(side) * np.array([[2 * REACH], [2 * REACH], [START]], np.float32)
        self.view = View(self.frame.T @ places, -self.frame[2][:, None], side)

    def windows(self, plan: Plan) -> list[tuple[slice, slice]]:
        """Rows and columns that can see each part; none for one that is flat or far, with little shadow."""
        side = self.view.side
        corners = self.scale * plan.corners
        columns, rows = (spans(axis @ corners + side / 2, side) for axis in self.frame[:2])
        top = plan.corners[:, 1].max(1)
        matters = (np.abs(plan.corners).max((1, 2)) < REACH) & (top > 0.1)
        return [
            pair if use else (slice(0), slice(0))
            for pair, use in zip(zip(rows, columns, strict=True), matters.tolist(), strict=True)
        ]


class Surfaces:
    """What each of the camera's side * side rays meets first: place, normal, albedo and finish."""

    def __init__(self, plan: Plan, side: int, lamps: list[Lamp]) -> None:
        self.view, self.side = camera_view(plan.camera, side), side
        self.points = self.view.points()
        self.part = np.full(side * side, -1, np.int16)
        """Index of the part that is seen, or -1 for the ground."""
        self._lay_ground(plan)
        self.bare = self.points.reshape(3, side, side)[:, ::3, ::3].copy()
        """Places on the ground without the parts, every third ray of every third row."""
        windows = zip(camera_windows(plan, side), *(lamp.windows(plan) for lamp in lamps), strict=True)
        for index, (part, (window, *shadows)) in enumerate(zip(plan.parts, windows, strict=True)):
            into = part.rotation.T / np.float32(part.scale)
            self._add(index, part, into, window)
            _shadow(part, into, [lamp.view for lamp in lamps], shadows)
        self.solid = np.flatnonzero(self.part >= 0)
        """Indices of the rays that meet a part."""
        on_parts = np.take(self.view.direction, self.solid, 1) * self.view.distance[self.solid]
        for i in range(3):
            self.points[i][self.solid] = on_parts[i] + self.view.origin[i]

    def _lay_ground(self, plan: Plan) -> None:
        ground, (x, _, z) = plan.ground, self.points
        cos, sin = math.cos(plan.ground_turn), math.sin(plan.ground_turn)
        u, v = (cos * x - sin * z) * ground.texels, (sin * x + cos * z) * ground.texels
        for texels, start in ((u, plan.ground_offset[0]), (v, plan.ground_offset[1])):
            texels += start
            texels -= TILE * np.floor(texels * np.float32(1 / TILE))
        fine, slope_u, slope_v = sample(ground.tile, u, v)
        self.albedo = np.array(ground.light, np.float32)[:, None] * np.exp(ground.grain * fine)
        self.normal = np.empty_like(self.albedo)
        steepness: Floats = slope_u * slope_u + slope_v * slope_v
        upward: Floats = np.reciprocal(np.sqrt(1 + ground.bump**2 * steepness))
        lean: Floats = upward * -ground.bump
        slope_u, slope_v = slope_u * lean, slope_v * lean
        self.normal[0] = cos * slope_u + sin * slope_v
        self.normal[1] = upward
        self.normal[2] = cos * slope_v - sin * slope_u

    def _add(self, index: int, part: Part, into: Floats, window: tuple[slice, slice]) -> None:
        """Put what the camera sees of a part into the buffers; `into` leads to the part's coordinates."""
        origin = into @ (self.view.origin - part.centre[:, None])
        direction = into @ self.view.directions[:, *window].reshape(3, -1)
        t = part.shape.hit(origin, direction)
        seen = np.flatnonzero(t < self.view.distances[window].ravel())
        if seen.size == 0:
            return
        cells, t = _numbers(self.side)[window].ravel()[seen], t[seen]
        point = np.take(direction, seen, 1) * t + origin
        normal = unit(part.shape.normal(point))
        albedo, bent = paint(part.surface, part.offset, point, normal, isinstance(part.shape, Box))
        self.view.distance[cells] = t
        self.part[cells] = index
        bent = part.rotation @ bent
        for i in range(3):  # a scatter in two dimensions takes twice as long
            self.normal[i][cells] = bent[i]
            self.albedo[i][cells] = albedo[i]


def _shadow(part: Part, into: Floats, lamps: list[View], windows: list[tuple[slice, slice]]) -> None:
    """Stop the rays of all lamps at a part, at once: two short calls would cost twice as much."""
    starts = [lamp.origins[:, *window].reshape(3, -1) for lamp, window in zip(lamps, windows, strict=True)]
    sizes = [start.shape[1] for start in starts]
    if sum(sizes) == 0:
        return
    origin = into @ (np.hstack(starts) - part.centre[:, None])
    direction = np.repeat(into @ np.hstack([lamp.direction for lamp in lamps]), sizes, axis=1)
    ends = np.split(part.shape.hit(origin, direction), np.cumsum(sizes)[:-1])
    for lamp, window, end in zip(lamps, windows, ends, strict=True):
        distances = lamp.distances[window]
        np.minimum(distances, end.reshape(distances.shape), out=distances)


@cache
def _numbers(side: int) -> NDArray[np.intp]:
    """Indices (side, side) of the rays in the flat buffers."""
    return np.arange(side * side).reshape(side, side)


@cache
def grid(side: int) -> Floats:
    """Places (3, side * side) on a square in front of the eye: -0.5 to 0.5 across and along, 1 ahead."""
    axis = (np.arange(side, dtype=np.float32) + 0.5) / side - 0.5
    x, y = np.meshgrid(axis, axis)
    return np.stack([x.ravel(), y.ravel(), np.ones(side * side, np.float32)]).astype(np.float32)


def unit(vectors: Floats) -> Floats:
    """Vectors (3, n) at unit length."""
    scaled: Floats = vectors / np.sqrt(dot(vectors, vectors) + np.float32(1e-12))
    return scaled


def spans(positions: Floats, side: int) -> list[slice]:
    """Slices of an axis of `side` cells that hold each row of positions (n, 8)."""
    low, high = np.clip(positions.min(1) - 1, 0, side), np.clip(positions.max(1) + 2, 0, side)
    return [slice(*pair) for pair in zip(low.astype(int).tolist(), high.astype(int).tolist(), strict=True)]
