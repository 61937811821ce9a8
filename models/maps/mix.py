"""Several maps as one: each is brought to the mean 1, then they are averaged with weights."""

from collections.abc import Mapping

import numpy as np

from keepsight.models.types import Importance


def blend(parts: Mapping[str, Importance], weights: Mapping[str, float]) -> Importance:
    """Return the weighted mean of maps of one photo; a single one comes back as it is, raw.

    The common scale of a mix is the share of the total: each map is divided by its own mean, so that all
    weigh the same whatever their units, and a pixel of 3 matters three times as much as the photo's average.
    A map that is zero everywhere adds nothing. All maps have one shape; `weights` has their keys, above zero.
    """
    if len(parts) == 1:
        return next(iter(parts.values()))
    total = sum(weights.values())
    values = sum(
        (weights[key] / total) * (part.values / max(part.values.mean(dtype=np.float64), 1e-30))
        for key, part in parts.items()
    )
    method = "+".join(f"{key}*{weights[key]:g}" for key in parts)
    target = next((part.target for part in parts.values() if part.target is not None), None)
    return Importance(np.asarray(values, np.float32), method, target)
