"""Rows to curves: means, medians and 95 % intervals of every setting, updated as rows come in."""

import math
from array import array
from collections import defaultdict
from collections.abc import Iterable
from operator import attrgetter

import numpy as np

from keepsight.app.engine.rows import ORIGINAL
from keepsight.app.engine.store_schema import LOSSLESS_DB
from keepsight.app.engine.types import Curve, CurvePoint, Measurement, Share, bits_per_pixel

Z = 1.959963984540054
"""Quantile of the normal distribution that leaves 2.5 % on either side."""


def wilson(successes: int, trials: int) -> Share:
    """Return the share of successes with its 95 % interval (Wilson, JASA 22, 1927); `trials` is 1 or more."""
    share = successes / trials
    centre = share + Z**2 / (2 * trials)
    spread = Z * math.sqrt(share * (1 - share) / trials + Z**2 / (4 * trials**2))
    scale = 1 + Z**2 / trials
    return Share(share, max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale))


class CurveBuilder:
    """Takes rows as they are measured; rows of one classifier and one protocol only."""

    def __init__(self, rows: Iterable[Measurement] = ()) -> None:
        self._settings: defaultdict[tuple[str, str], _Setting] = defaultdict(_Setting)
        self.add(rows)

    def add(self, rows: Iterable[Measurement]) -> None:
        """Count these rows in."""
        for row in rows:
            self._settings[row.codec, row.options].add(row)

    def curves(self) -> list[Curve]:
        """Return a curve per codec, in the order in which they first came."""
        points: dict[str, list[CurvePoint]] = {}
        for (codec, options), figures in self._settings.items():
            if codec != ORIGINAL and figures.photos:
                points.setdefault(codec, []).append(figures.point(codec, options))
        return [Curve(c, sorted(found, key=lambda point: point.mean_bytes)) for c, found in points.items()]

    def uncompressed(self) -> CurvePoint | None:
        """Return what the classifier makes of the uncompressed photos; None before the first."""
        found = [c.point(*key) for key, c in self._settings.items() if key[0] == ORIGINAL and c.photos]
        return found[0] if found else None


def curves(rows: Iterable[Measurement]) -> list[Curve]:
    """Return the curves of these rows, of one classifier and one protocol."""
    return CurveBuilder(rows).curves()


_FIGURES = ("bytes", "pixels", "agrees", "p_kept", "kl", "psnr", "ssim", "encode_s", "decode_s", "classify_s")
_KNOWN_OF_SOME = ("correct1", "correct5", "p_true", "ms_ssim")
_figures_of = attrgetter(*_FIGURES)


class _Setting:
    """The figures of one setting, row by row."""

    def __init__(self) -> None:
        self._figures = array("d")
        self._known = {name: array("d") for name in _KNOWN_OF_SOME}
        self._failed = 0

    @property
    def photos(self) -> int:
        return len(self._figures) // len(_FIGURES)

    def add(self, row: Measurement) -> None:
        if row.error:
            self._failed += 1
            return
        self._figures.extend(_figures_of(row))
        for name, values in self._known.items():
            value = getattr(row, name)
            if value is not None:
                values.append(value)

    def point(self, codec: str, options: str) -> CurvePoint:
        table = np.array(self._figures).reshape(-1, len(_FIGURES))
        values = dict(zip(_FIGURES, table.T, strict=True))
        return CurvePoint(
            codec=codec,
            options=options,
            photos=self.photos,
            failed=self._failed,
            mean_bytes=float(values["bytes"].mean()),
            bpp=bits_per_pixel(float(values["bytes"].sum()), float(values["pixels"].sum())),
            top1=_share(self._known["correct1"]),
            top5=_share(self._known["correct5"]),
            agreement=wilson(int(values["agrees"].sum()), self.photos),
            p_true=_mean(self._known["p_true"]),
            p_kept=float(values["p_kept"].mean()),
            kl=float(values["kl"].mean()),
            psnr=float(np.minimum(values["psnr"], LOSSLESS_DB).mean()),
            ssim=float(values["ssim"].mean()),
            ms_ssim=_mean(self._known["ms_ssim"]),
            encode_ms=float(1000 * np.median(values["encode_s"])),
            decode_ms=float(1000 * np.median(values["decode_s"])),
            classify_ms=float(1000 * np.median(values["classify_s"])),
        )


def _share(flags: "array[float]") -> Share | None:
    return wilson(int(sum(flags)), len(flags)) if flags else None


def _mean(values: "array[float]") -> float | None:
    return float(np.mean(values)) if values else None
