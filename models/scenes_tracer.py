"""What the rays of a planned scene meet, and how much light reaches it.

Buffers are flat, one value or three a ray: (n,) or (3, n) float32. Shadows and ambient occlusion come from variance
shadow maps (Donnelly and Lauritzen 2006), one from the lamp and one from straight above.
"""

import math
from collections.abc import Iterator
from functools import cache

import cv2
import numpy as np

from keepsight.models.scenes_materials import look_up, paint, sample
from keepsight.models.scenes_plan import Camera, Part, Plan
from keepsight.models.scenes_shapes import Box, Floats, dot

_FURTHEST = 90.0
_REACH = 5.0
"""Half the side of a shadow map, world units."""
_START = 20.0
_UP = np.array([0, 1, 0], np.float32)


class Surfaces:
    """What each of side * side rays meets first: place, normal, albedo and finish."""

    def __init__(self, plan: Plan, side: int) -> None:
        self.camera, self.side = plan.camera, side
        lens = np.array([1 / self.camera.focal, 1 / self.camera.focal, 1], np.float32)
        self.rays = (self.camera.rotation * lens) @ _grid(side)
        self.distance = np.minimum(self.camera.position[1] / np.maximum(-self.rays[1], 1e-3), _FURTHEST)
        self.points = self.rays * self.distance
        self.points += self.camera.position[:, None]
        self.part = np.full(side * side, -1, np.int16)
        """Index of the part that is seen, or -1 for the ground."""
        self._lay_ground(plan)
        self.bare = np.ascontiguousarray(self.points.reshape(3, side, side)[:, ::2, ::2])
        """Places on the ground without the parts, every second ray of every second row."""
        for index, (part, window) in enumerate(zip(plan.parts, _windows(plan, side), strict=True)):
            self._add(index, part, *window)
        self.solid = np.flatnonzero(self.part >= 0)
        """Indices of the rays that meet a part."""

    def _lay_ground(self, plan: Plan) -> None:
        ground, (x, _, z) = plan.ground, self.points
        cos, sin = math.cos(plan.ground_turn), math.sin(plan.ground_turn)
        u, v = (cos * x - sin * z) * ground.texels, (sin * x + cos * z) * ground.texels
        fine, slope_u, slope_v = sample(ground.tile, u + ground.offset[0], v + ground.offset[1])
        shade = np.exp(ground.grain * np.clip(fine, -3, 3))
        self.albedo = np.array(ground.light, np.float32)[:, None] * shade
        self.normal = np.empty_like(self.albedo)
        self.normal[0] = (-ground.bump * cos) * slope_u + (-ground.bump * sin) * slope_v
        self.normal[1] = 1
        self.normal[2] = (ground.bump * sin) * slope_u + (-ground.bump * cos) * slope_v

    def _add(self, index: int, part: Part, rows: slice, columns: slice) -> None:
        if rows.stop <= rows.start or columns.stop <= columns.start:
            return
        cells = (np.arange(rows.start, rows.stop)[:, None] * self.side + np.arange(columns.start, columns.stop)).ravel()
        into = part.rotation.T / np.float32(part.scale)
        origin = (into @ (self.camera.position - part.centre))[:, None]
        rays = self.rays.reshape(3, self.side, self.side)[:, rows, columns]
        direction = into @ rays.reshape(3, -1)
        t = part.shape.hit(origin, direction)
        seen = np.flatnonzero(t < self.distance[cells])
        if seen.size == 0:
            return
        cells, t = cells[seen], t[seen]
        point = np.take(direction, seen, 1) * t + origin
        normal = unit(part.shape.normal(point))
        albedo, bent = paint(part.surface, point, normal, isinstance(part.shape, Box))
        place = (part.rotation * np.float32(part.scale)) @ point + part.centre[:, None]
        bent = part.rotation @ bent
        self.distance[cells] = t
        self.part[cells] = index
        for i in range(3):
            self.points[i][cells] = place[i]
            self.normal[i][cells] = bent[i]
            self.albedo[i][cells] = albedo[i]


@cache
def _grid(side: int) -> Floats:
    """Directions (3, side * side) of the rays in the camera's frame, forward part 1, for a focal length of 1."""
    axis = (np.arange(side, dtype=np.float32) + 0.5) / side - 0.5
    x, y = np.meshgrid(axis, axis)
    return np.stack([x.ravel(), y.ravel(), np.ones(side * side, np.float32)]).astype(np.float32)


def unit(vectors: Floats) -> Floats:
    """Vectors (3, n) at unit length."""
    scaled: Floats = vectors / np.sqrt(dot(vectors, vectors) + np.float32(1e-12))
    return scaled


def _spans(positions: Floats, side: int) -> list[slice]:
    """Slices of an axis of `side` cells that hold each row of positions (n, 8)."""
    low, high = np.clip(positions.min(1) - 1, 0, side), np.clip(positions.max(1) + 2, 0, side)
    return [slice(*pair) for pair in zip(low.astype(int).tolist(), high.astype(int).tolist(), strict=True)]


def _windows(plan: Plan, side: int) -> Iterator[tuple[slice, slice]]:
    """Rows and columns that can see each part."""
    camera = plan.camera
    corners = np.stack([part.corners for part in plan.parts]) - camera.position[:, None]
    x, y, z = (camera.rotation.T @ corners).transpose(1, 0, 2)
    scale = np.float32(camera.focal * side) / np.maximum(z, 1)
    return zip(_spans(scale * y + side / 2, side), _spans(scale * x + side / 2, side), strict=True)


class ShadowMap:
    """How much of a far, soft light reaches a point."""

    def __init__(self, parts: list[Part], towards: Floats, softness: float, side: int) -> None:
        self.towards, self.side = towards, side
        self.scale = side / (2 * _REACH)
        helper = np.array([0, 0, 1] if abs(towards[1]) > 0.9 else [0, 1, 0], np.float32)
        self.across = unit(np.cross(helper, towards)[:, None])[:, 0]
        self.along = np.cross(towards, self.across)
        axis = ((np.arange(side, dtype=np.float32) + 0.5) / side - 0.5) * (2 * _REACH)
        u, v = np.meshgrid(axis, axis)
        starts = self.across[:, None, None] * u + self.along[:, None, None] * v
        starts += _START * towards[:, None, None]
        depth = starts[1] / towards[1]
        corners = self.scale * np.stack([part.corners for part in parts])
        rows, columns = (_spans(axis @ corners + side / 2, side) for axis in (self.along, self.across))
        for part, *window in zip(parts, rows, columns, strict=True):
            self._add(part, starts, depth, *window)
        sigma = max(softness * self.scale, 0.6)
        self.moments = cv2.GaussianBlur(cv2.merge([depth, depth * depth]), (0, 0), sigma)

    def _add(self, part: Part, starts: Floats, depth: Floats, rows: slice, columns: slice) -> None:
        start = starts[:, rows, columns]
        if start.size == 0:
            return
        into = part.rotation.T / np.float32(part.scale)
        origin = into @ (start.reshape(3, -1) - part.centre[:, None])
        t = part.shape.hit(origin, -(into @ self.towards)[:, None])
        window = depth[rows, columns]
        np.minimum(window, t.reshape(window.shape), out=window)

    def reaching(self, points: Floats) -> Floats:
        """Share of the light in [0, 1] at points (3, n): Chebyshev's bound on the blurred depths."""
        matrix = np.stack([self.across * self.scale, self.along * self.scale, -self.towards])
        u, v, depth = matrix @ points
        u += (self.side - 1) / 2
        v += (self.side - 1) / 2
        depth += _START
        # Outside of the map nothing stands in the way: the border lies behind every point.
        first, second = look_up(self.moments, u, v, cv2.BORDER_CONSTANT, (1e3, 1e6))
        behind = np.maximum(depth - first - 0.02, 0)
        behind *= behind
        spread = np.maximum(second - first * first, 1e-3)
        lit: Floats = (spread / (spread + behind) - 0.12) * (1 / 0.88)
        return np.maximum(lit, 0)


def light_map(plan: Plan, surfaces: Surfaces) -> list[Floats]:
    """Share of the lamp and of the open sky, both in [0, 1], that reaches each ray's surface (n,).

    The ground's share, which is smooth, is found at half the resolution. What lies flat casts no shadow worth the time.
    """
    side, light = surfaces.side, plan.light
    half = surfaces.bare.shape[1:]
    on_solids = np.take(surfaces.points, surfaces.solid, 1)
    near = [part for part in plan.parts if np.abs(part.centre).max() < _REACH and part.corners[1].max() > 0.1]
    shares = []
    for towards, softness, texels in ((light.direction, light.softness, 96), (_UP, 0.35, 48)):
        shadow = ShadowMap(near, towards, softness, texels)
        on_ground = shadow.reaching(surfaces.bare.reshape(3, -1)).reshape(half)
        share = cv2.resize(on_ground, (side, side), interpolation=cv2.INTER_LINEAR).ravel()
        share[surfaces.solid] = shadow.reaching(on_solids)
        shares.append(share)
    return shares
