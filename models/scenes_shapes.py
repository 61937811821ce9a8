"""Solids of the labelled scenes: where a ray meets each of them, and the normal there.

All in the solid's own coordinates (y up, about one unit large), arrays (3, n) or (n,) float32. A ray that
misses has the distance infinity. Edges of boxes and frusta carry the normals of a small bevel, so that they
catch light.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

_INF = np.float32(np.inf)
_MARCH_STEPS = 14
_MARCH_HIT = 1e-2


class Shape(Protocol):
    """A convex or simple solid around the origin."""

    @property
    def extent(self) -> tuple[float, float, float]:
        """Half sides of the box around the origin that holds the solid."""

    def hit(self, origin: Floats, direction: Floats) -> Floats:
        """Distance (n,) along rays (3, 1 or n), in units of `direction`; infinity where they miss."""

    def normal(self, point: Floats) -> Floats:
        """Outward normals (3, n), not of unit length, at surface points (3, n)."""


def dot(a: Floats, b: Floats) -> Floats:
    """Scalar product along the first axis, written out: three products are faster than einsum."""
    out: Floats = a[0] * b[0]
    out = out + a[1] * b[1]
    out += a[2] * b[2]
    return out


def _pick(values: Floats, indices: NDArray[np.intp]) -> Floats:
    """Select from (n,) values, or leave the one value (1,) that all share."""
    return values if values.size == 1 else values[indices]


@dataclass(frozen=True)
class Ellipsoid:
    """Ellipsoid with these half axes."""

    radii: tuple[float, float, float]

    @property
    def extent(self) -> tuple[float, float, float]:
        """See `Shape`."""
        return self.radii

    def hit(self, origin: Floats, direction: Floats) -> Floats:
        """See `Shape`."""
        scale: Floats = np.reciprocal(np.array(self.radii, np.float32))[:, None]
        o, d = origin * scale, direction * scale
        a, b, c = dot(d, d), dot(o, d), dot(o, o) - 1
        root = b * b - a * c
        t: Floats = (-b - np.sqrt(np.maximum(root, 0))) / a
        return np.where((root > 0) & (t > 0), t, _INF)

    def normal(self, point: Floats) -> Floats:
        """See `Shape`."""
        squares: Floats = np.square(np.array(self.radii, np.float32))
        normal: Floats = point / squares[:, None]
        return normal


@dataclass(frozen=True)
class Box:
    """Box with these half sides and a bevel."""

    half: tuple[float, float, float]
    bevel: float

    @property
    def extent(self) -> tuple[float, float, float]:
        """See `Shape`."""
        return self.half

    def hit(self, origin: Floats, direction: Floats) -> Floats:
        """See `Shape`."""
        half = np.array(self.half, np.float32)[:, None]
        inverse = 1 / direction
        middle, reach = -origin * inverse, np.abs(inverse) * half
        near, far = (middle - reach).max(0), (middle + reach).min(0)
        return np.where((near < far) & (near > 0), near, _INF)

    def normal(self, point: Floats) -> Floats:
        """See `Shape`."""
        inner = np.maximum(np.array(self.half, np.float32)[:, None] - self.bevel, 0)
        normal: Floats = point - np.clip(point, -inner, inner)
        return normal


@dataclass(frozen=True)
class Frustum:
    """Upright cylinder or cut cone, from -half to half along y, with a bevel at its rims."""

    bottom: float
    top: float
    half: float
    bevel: float

    @property
    def extent(self) -> tuple[float, float, float]:
        """See `Shape`."""
        radius = max(self.bottom, self.top)
        return radius, self.half, radius

    @property
    def _slope(self) -> float:
        return (self.top - self.bottom) / (2 * self.half)

    def hit(self, origin: Floats, direction: Floats) -> Floats:
        """See `Shape`."""
        k, middle = self._slope, (self.bottom + self.top) / 2
        (ox, oy, oz), (dx, dy, dz) = origin, direction
        radius = middle + k * oy
        a = dx * dx + dz * dz - (k * k) * (dy * dy)
        b = ox * dx + oz * dz - k * (dy * radius)
        root = b * b - a * (ox * ox + oz * oz - radius * radius)
        # Whoever meets the solid meets the endless cone around it; the others are done.
        close = np.flatnonzero(root >= 0)
        ox, oy, oz, dx, dy, dz, a, b = (_pick(v, close) for v in (ox, oy, oz, dx, dy, dz, a, b))
        square_root = np.sqrt(root[close])
        best = np.full(close.shape, _INF, np.float32)
        for t in ((-square_root - b) / a, (square_root - b) / a):
            fits = (np.abs(oy + t * dy) < self.half) & (t > 0)
            best = np.minimum(best, np.where(fits, t, _INF))
        for y, rim in ((-self.half, self.bottom), (self.half, self.top)):
            t = (y - oy) / dy
            fits = (np.square(ox + t * dx) + np.square(oz + t * dz) < rim * rim) & (t > 0)
            best = np.minimum(best, np.where(fits, t, _INF))
        out = np.full(root.shape, _INF, np.float32)
        out[close] = best
        return out

    def normal(self, point: Floats) -> Floats:
        """See `Shape`."""
        x, y, z = point
        rho = np.sqrt(x * x + z * z) + 1e-6
        inner = self.half - self.bevel
        side = np.maximum(rho - ((self.bottom + self.top) / 2 + self._slope * y) + self.bevel, 0)
        return np.stack([side * x / rho, y - np.clip(y, -inner, inner) - self._slope * side, side * z / rho])


@dataclass(frozen=True)
class Torus:
    """Ring around the y axis."""

    radius: float
    tube: float

    @property
    def extent(self) -> tuple[float, float, float]:
        """See `Shape`."""
        return self.radius + self.tube, self.tube, self.radius + self.tube

    def hit(self, origin: Floats, direction: Floats) -> Floats:
        """Sphere tracing (Hart 1996), begun at the box around it. See `Shape`."""
        length = np.sqrt(dot(direction, direction))
        start = Box(self.extent, 0).hit(origin, direction)
        best = np.full(np.broadcast(start, length).shape, _INF, np.float32)
        alive = np.flatnonzero(start < _INF)
        ox, oy, oz = (_pick(v, alive) for v in origin)
        dx, dy, dz = (_pick(v, alive) for v in direction)
        t, slowness = start[alive], 1 / _pick(length, alive)
        gap = np.zeros_like(t)
        for _ in range(_MARCH_STEPS):
            x, y, z = ox + t * dx, oy + t * dy, oz + t * dz
            gap = np.sqrt(np.square(np.sqrt(x * x + z * z) - self.radius) + y * y) - self.tube
            t += gap * slowness
        near = gap < _MARCH_HIT
        best[alive[near]] = t[near]
        return best

    def normal(self, point: Floats) -> Floats:
        """See `Shape`."""
        x, y, z = point
        shrink = 1 - self.radius / (np.sqrt(x * x + z * z) + 1e-6)
        return np.stack([x * shrink, y, z * shrink])
