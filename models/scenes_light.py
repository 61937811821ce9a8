"""How much light reaches the surfaces of a labelled scene: shadow and ambient occlusion.

Both come from variance shadow maps (Donnelly and Lauritzen 2006), one from the lamp and one from above.
"""

import cv2
import numpy as np

from keepsight.models.scenes_materials import look_up
from keepsight.models.scenes_plan import Plan
from keepsight.models.scenes_shapes import Floats
from keepsight.models.scenes_tracer import START, Lamp, Surfaces

_UP = np.array([0.012, 0.99989, 0.008], np.float32)
"""Not quite upright: rays along an axis of a box divide by zero."""
_SKY_SOFTNESS = 0.35


def lamps_of(plan: Plan) -> list[Lamp]:
    """Return the lamp, and the sky as a lamp above."""
    return [Lamp(plan.light.direction, 96), Lamp(_UP, 48)]


def _reaching(lamp: Lamp, softness: float, points: Floats) -> Floats:
    """Share of a lamp's light in [0, 1] at points (3, n): Chebyshev's bound on the blurred distances."""
    side = lamp.view.side
    depths = lamp.view.distance.reshape(side, side)
    sigma = max(softness * lamp.scale, 0.6)
    moments = cv2.GaussianBlur(cv2.merge([depths, depths * depths]), (0, 0), sigma)
    u, v, height = (lamp.frame * np.array([[lamp.scale], [lamp.scale], [1]], np.float32)) @ points
    u += (side - 1) / 2
    v += (side - 1) / 2
    # Outside of the map nothing stands in the way: the border lies behind every point.
    first, second = look_up(moments, u, v, cv2.BORDER_CONSTANT, (1e3, 1e6))
    behind = np.maximum((START - 0.02) - height - first, 0)
    behind *= behind
    spread = np.maximum(second - first * first, 1e-3)
    lit: Floats = (spread / (spread + behind) - 0.12) * (1 / 0.88)
    return np.maximum(lit, 0)


def light_shares(plan: Plan, surfaces: Surfaces, lamps: list[Lamp]) -> list[Floats]:
    """Share of the lamp and of the open sky, both in [0, 1], that reaches each ray's surface (n,).

    The ground's share, which is smooth, is found at a third of the resolution.
    """
    side = surfaces.side
    _, rows, columns = surfaces.bare.shape
    points = np.hstack([surfaces.bare.reshape(3, -1), np.take(surfaces.points, surfaces.solid, 1)])
    shares = []
    for lamp, softness in zip(lamps, (plan.light.softness, _SKY_SOFTNESS), strict=True):
        lit = _reaching(lamp, softness, points)
        on_ground = lit[: rows * columns].reshape(rows, columns)
        share = cv2.resize(on_ground, (side, side), interpolation=cv2.INTER_LINEAR).ravel()
        share[surfaces.solid] = lit[rows * columns :]
        shares.append(share)
    return shares
