"""Keep against the standard codecs at equal accuracy, for classifiers that guided it and for strangers.

Each baseline has its own free choice of size: every setting is also tried behind a downscale, and what counts
is the front of the best (`Draws.envelope`).

Every curve, Keep's too, ends with the lossless file of JPEG XL: whoever loses too much at the finest setting
takes that one. Without it a draw of the photos on which a finest setting loses a little over 2 % has no bytes
at the upper end of the band, and over 5 % of such draws leave a comparison without a figure.
"""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from keepsight.app.engine import rows
from keepsight.app.engine.bd import Delta, Refusal, deltas
from keepsight.app.engine.data import Item
from keepsight.app.engine.draws import DrawnCurve, Draws, Tally
from keepsight.app.engine.equal_accuracy import Rate, rates
from keepsight.app.engine.files import write_file
from keepsight.app.engine.guiding import Guiding
from keepsight.app.engine.printing import accent, check_figure, printed
from keepsight.app.engine.rows import Reading, Study
from keepsight.app.engine.store import Store
from keepsight.app.engine.trials import Source, Trial, load_source, run_trials
from keepsight.app.engine.types import Measurement, Protocol, Setting
from keepsight.codecs import registry
from keepsight.codecs.jpegxl import LOSSLESS
from keepsight.codecs.keep import KeepOptions
from keepsight.models.guides import ClassifierGuide
from keepsight.models.types import Judge, ModelError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

KEEP = "keep"
MODERN = "best modern codec"
"""The front of all of `_MODERN` together."""
JPEG = "jpeg"
MENDED = "restore+avif"
"""AVIF with the network that Keep's decoder has, or without it where that is better."""
_AVIF = (14, 24, 34, 44, 54, 64, 73, 81, 88)
_QUALITIES: dict[str, Sequence[float]] = {
    "webp": (1, 10, 22, 36, 50, 64, 76, 86, 94),
    "avif": _AVIF,
    MENDED: _AVIF,
    "jpegxl": (10, 22, 34, 46, 58, 70, 80, 88, 94),
    "jpeg2000": (23, 26, 29, 31, 33, 35, 38, 41, 44),
    JPEG: (8, 15, 25, 36, 48, 60, 72, 84, 94),
}
"""What each baseline's rate option takes."""
_FINEST: dict[str, Sequence[float]] = {
    "webp": (98, 100),
    "avif": (92, 95, 98),
    MENDED: (92, 95, 98),
    "jpegxl": (97, 99, LOSSLESS),
    "jpeg2000": (47, 50),
    JPEG: (97, 99, 100),
}
"""The same for images that are not made smaller: up to what no classifier tells from the original."""
_MODERN = ("webp", "avif", "jpegxl", "jpeg2000")
_FACTORS = (1.4,)
"""Downscales behind which baselines are tried as well; images smaller than that never reach the band."""
_OTHER_OPTIONS: dict[str, dict[str, int]] = {"avif": {"speed": 6}, MENDED: {"speed": 6}}
"""As slow as Keep's own AV1 pictures."""
_LAMBDAS = {
    "guide": (200, 500, 1000, 2000, 4000, 8000, 16_000, 36_000, 110_000, 400_000, 1_000_000),
    "any": (2000, 5000, 9000, 15_000, 26_000, 47_000, 85_000, 160_000, 400_000, 1_000_000),
}
"""By `KeepOptions.reader`: over the band of each."""
_GROUP = 16
"""Baseline trials that are one task."""
LOSSES = (0.02, 0.05, 0.1, 0.2)


@dataclass(frozen=True)
class Direction:
    """Who guides Keep and who reads what it wrote."""

    guides: tuple[Judge, ...]
    judge: Judge
    reader: Literal["any", "guide"]
    """`KeepOptions.reader`: guide where the judge itself guides."""

    @property
    def words(self) -> str:
        """The direction for people: "Net a + Net b → Net c"."""
        names = [judge.card.name.partition(" (")[0] for judge in (*self.guides, self.judge)]
        return f"{' + '.join(names[:-1])} → {names[-1]}"


@dataclass(frozen=True)
class Answer:
    """Keep against the baselines in one direction."""

    direction: Direction
    photos: int
    reference: float
    """Top-1 of the judge on the uncompressed photos."""
    deltas: dict[str, Delta | Refusal]
    """Keep's, by what it is compared with: `MODERN`, and each of the others with its free choice of size."""
    rates: dict[float, dict[str, Rate]]
    """By loss of top-1: bytes of `KEEP`, `MODERN` and each baseline, and what they save against `MODERN`."""
    curves: dict[str, DrawnCurve]
    """Keep's and the baselines' fronts, each with the lossless file at its end."""


def directions(judges: Sequence[Judge]) -> list[Direction]:
    """Return each classifier as its own guide, then each family (architecture) as the guide of all others."""
    found = [Direction((judge,), judge, "guide") for judge in judges]
    families: dict[str, list[Judge]] = {}
    for judge in judges:
        families.setdefault(judge.card.architecture, []).append(judge)
    for family in families.values():
        strangers = [judge for judge in judges if judge not in family]
        found += [Direction(tuple(family), judge, "any") for judge in strangers]
    return found


def check_alike(judges: Sequence[Judge]) -> None:
    """Raise `ModelError` unless all prepare photos in the same way: they read the same files."""
    ways = {(c.resize, c.crop, c.crop_mode, c.interpolation) for c in (judge.card for judge in judges)}
    if len(ways) > 1:
        raise ModelError(
            "These classifiers prepare photos in different ways, so that they cannot read the same files. "
            "Choose classifiers of one size of crop."
        )


def baseline_settings() -> list[Setting]:
    """Return every baseline at every rate, as it is and behind each downscale."""
    settings = []
    for name, qualities in _QUALITIES.items():
        for spec in _specs(name):
            codec = registry.get(spec)
            assert codec.rate_option
            for quality in (*qualities, *(_FINEST.get(name, ()) if spec == name else ())):
                values = {codec.rate_option: quality} | _OTHER_OPTIONS.get(name, {})
                settings.append(Setting(codec.id, codec.options().replace(**values)))
    return settings


def keep_settings(reader: Literal["any", "guide"]) -> list[Setting]:
    """Return Keep at every λ."""
    return [Setting(KEEP, KeepOptions(lmbda=lmbda, reader=reader)) for lmbda in _LAMBDAS[reader]]


class Bench:
    """Measures all directions photo by photo; what a store holds is not measured again."""

    def __init__(
        self,
        items: Sequence[Item],
        judges: Sequence[Judge],
        protocol: Protocol,
        executor: Executor,
        store: Store | None = None,
    ) -> None:
        """Take classifiers that prepare photos alike, see `check_alike`; codecs run on `executor`."""
        check_alike(judges)
        self._items, self._judges, self._executor, self._store = items, judges, executor, store
        self._protocol: Protocol = protocol
        self.directions = directions(judges)
        self._tallies = {direction: Tally() for direction in self.directions}

    def run(self) -> Iterator[list[Measurement]]:
        """Yield the rows of each photo, also failed ones. Raises `ModelError`, `PhotoError`, `StoreError`."""
        for item in self._items:
            source = load_source(item, self._judges[0].card, self._protocol)
            found = self._read(source, baseline_settings(), self._judges, None, {})
            for direction, tally in self._tallies.items():
                tally.add(row for row in found if row.classifier == direction.judge.card.fingerprint)
            memory: dict[Any, Any] = {}
            for same in self._groups():
                guiding, judges = Guiding(same[0].guides), [direction.judge for direction in same]
                kept = self._read(source, keep_settings(same[0].reader), judges, guiding, memory)
                for direction in same:
                    tally = self._tallies[direction]
                    tally.add(row for row in kept if row.classifier == direction.judge.card.fingerprint)
                found += kept
            yield found

    def answers(self) -> list[Answer]:
        """Return what has been measured so far, in the order of `directions`."""
        return [answer for direction in self.directions if (answer := self._answer(direction))]

    def _groups(self) -> Iterable[list[Direction]]:
        """Return the directions by what guides them: their judges read the same files."""
        groups: dict[tuple[object, ...], list[Direction]] = {}
        for direction in self.directions:
            groups.setdefault((direction.reader, direction.guides), []).append(direction)
        return groups.values()

    def _read(
        self,
        source: Source,
        settings: Sequence[Setting],
        judges: Sequence[Judge],
        guiding: Guiding | None,
        memory: dict[Any, Any],
    ) -> list[Measurement]:
        """Return the rows of these settings for all judges; measure where one of them lacks one."""
        studies = {
            judge.card.fingerprint: Study(
                self._protocol, judge.card.fingerprint, guiding.name if guiding else ""
            )
            for judge in judges
        }
        found: list[Measurement] = []
        missing: dict[Setting, None] = {}
        for key, study in studies.items():
            stored = self._store.get(source.key, self._protocol, key) if self._store else []
            held = {(r.codec, r.codec_version, r.options, r.guide): r for r in stored}
            missing |= dict.fromkeys(setting for setting in settings if study.key(setting) not in held)
            wanted = [study.key(setting) for setting in (None, *settings)]
            found += [replace(held[one], name=source.name) for one in wanted if one in held]
        if missing:
            measured = self._measured(source, list(missing), judges, guiding, memory, studies)
            if self._store:
                self._store.add([row for row in measured if not row.error])
            found += measured
        return found

    def _measured(
        self,
        source: Source,
        settings: Sequence[Setting],
        judges: Sequence[Judge],
        guiding: Guiding | None,
        memory: dict[Any, Any],
        studies: dict[str, Study],
    ) -> list[Measurement]:
        trials = self._trials(source, settings, guiding, memory)
        good = [(s, trial) for s, trial in zip(settings, trials, strict=True) if isinstance(trial, Trial)]
        images = np.stack([source.prepared, *(trial.prepared for _, trial in good)])
        found = []
        for judge in judges:
            study = studies[judge.card.fingerprint]
            reference, *answers = judge.predict(images)
            found.append(rows.measured(source, None, None, Reading(reference, reference, 0.0), study))
            for (setting, trial), answer in zip(good, answers, strict=True):
                found.append(rows.measured(source, setting, trial, Reading(answer, reference, 0.0), study))
            for setting, error in zip(settings, trials, strict=True):
                if isinstance(error, Exception):
                    found.append(rows.failed(source.key, source.name, source.label, setting, error, study))
        return found

    def _trials(
        self,
        source: Source,
        settings: Sequence[Setting],
        guiding: Guiding | None,
        memory: dict[Any, Any],
    ) -> list[Trial | Exception]:
        card = self._judges[0].card
        if guiding:
            # One guide for all λ: what it has read it need not read again. One memory for all guides: the
            # files are the same ones.
            critic = guiding.critic(source.pixels, cropped=self._protocol == "crop")
            assert isinstance(critic, ClassifierGuide)
            critic.memory = memory
            return run_trials(source.pixels, settings, card, self._protocol, critic)
        groups = [settings[start : start + _GROUP] for start in range(0, len(settings), _GROUP)]
        futures = [
            self._executor.submit(run_trials, source.pixels, group, card, self._protocol) for group in groups
        ]
        return [trial for future in futures for trial in future.result()]

    def _answer(self, direction: Direction) -> Answer | None:
        draws = self._tallies[direction].draws("top1")
        if draws is None or KEEP not in draws.curves:
            return None
        curves = {
            name: draws.envelope([spec for spec in _specs(name) if spec in draws.curves])
            for name in _QUALITIES
        }
        if MENDED in curves:
            either = (*_specs(MENDED), *_specs("avif"))
            curves[MENDED] = draws.envelope([spec for spec in either if spec in draws.curves])
        curves[MODERN] = draws.envelope(
            [spec for name in _MODERN for spec in _specs(name) if spec in draws.curves]
        )
        curves[KEEP] = draws.curves[KEEP]
        curves = {name: _ended(curve, draws) for name, curve in curves.items()}
        compared = Draws(draws.photos, draws.reference, curves)
        return Answer(
            direction,
            draws.photos,
            float(draws.reference[0]),
            {name: _delta(draws, curves, name) for name in (MODERN, *_QUALITIES)},
            {loss: {one.codec: one for one in rates(compared, loss, MODERN)} for loss in LOSSES},
            curves,
        )


def _specs(name: str) -> list[str]:
    """Return a baseline's codec and its pipelines."""
    if name == MENDED:
        smaller = (f"restore:factor={factor:g}+avif" for factor in _FACTORS)
        return [name, *(registry.get(spec).id for spec in smaller)]
    return [name, *(registry.get(f"downscale:factor={factor:g}+{name}").id for factor in _FACTORS)]


def _ended(curve: DrawnCurve, draws: Draws) -> DrawnCurve:
    """Return the curve with the lossless file as its last point, where that was measured."""
    largest = draws.curves.get("jpegxl")
    if largest is None or not np.allclose(largest.accuracies[:, -1], draws.reference):
        return curve
    sizes = np.column_stack([curve.log_bytes, largest.log_bytes[:, -1]])
    return DrawnCurve(sizes, np.column_stack([curve.accuracies, draws.reference]))


def _delta(draws: Draws, curves: dict[str, DrawnCurve], anchor: str) -> Delta | Refusal:
    pair = {anchor: curves[anchor], KEEP: curves[KEEP]}
    return deltas(pair, draws.reference, anchor)[0]


def write_figure(path: Path, answers: Sequence[Answer]) -> None:
    """Draw each judge's curves: Keep in every direction, and the baselines' fronts. Raises `OutputError`."""
    check_figure(path)
    judges = {answer.direction.judge.card.fingerprint: answer.direction.judge for answer in answers}

    def draw(figure: "Figure") -> None:
        panels = np.atleast_1d(figure.subplots(1, len(judges), sharey=True))
        for axes, (key, judge) in zip(panels, judges.items(), strict=True):
            told = [answer for answer in answers if answer.direction.judge.card.fingerprint == key]
            for name in (*_QUALITIES, KEEP):
                codec = registry.get(name)
                for answer in told if name == KEEP else told[:1]:
                    known = name != KEEP or answer.direction.reader == "guide"
                    label = (
                        codec.label if name != KEEP else f"Keep, guided by {'itself' if known else 'others'}"
                    )
                    _draw_curve(axes, answer.curves[name], accent(axes, name), label, "-" if known else "--")
            axes.axhline(told[0].reference, color="0.4", ls=":", lw=1, label="uncompressed")
            axes.set_title(judge.card.name, fontsize=9, wrap=True)
            axes.set_xscale("log")
            axes.set_xlabel("mean bytes per photo (log)")
            axes.grid(alpha=0.3)
        panels[0].set_ylabel("top-1 accuracy")
        panels[-1].legend(fontsize=7, frameon=False)

    write_file(path, printed(path.suffix.lower(), (4.2 * len(judges), 4.0), draw))


def _draw_curve(axes: "Axes", curve: DrawnCurve, colour: str, label: str, style: str) -> None:
    """Draw a front with its 95 % band over draws of the photos."""
    sizes = np.exp(curve.log_bytes[0])
    low, high = np.percentile(curve.accuracies[1:], (2.5, 97.5), axis=0)
    axes.plot(sizes, curve.accuracies[0], ".", ls=style, color=colour, label=label, ms=4)
    axes.fill_between(sizes, low, high, color=colour, alpha=0.12, lw=0)
