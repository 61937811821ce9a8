"""Does what guided an encoder matter to another classifier, and on other photos? Guide x judge x data set.

Each cell says how many bytes a guided codec saves against an anchor at equal accuracy, for one judge on one
data set, with a bootstrap over the photos: all guides on the same draws.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from keepsight.app.engine import naming
from keepsight.app.engine.bd import Refusal, deltas
from keepsight.app.engine.data import DataError, Item
from keepsight.app.engine.draws import Draws, Measure, Tally
from keepsight.app.engine.equal_accuracy import rates
from keepsight.app.engine.guiding import Guiding
from keepsight.app.engine.rows import ORIGINAL
from keepsight.app.engine.sweep import default_settings
from keepsight.app.engine.types import Measurement, Setting
from keepsight.codecs import registry
from keepsight.models.cards import Card
from keepsight.models.types import Judge

UNGUIDED = "none"
"""As a guide: nobody. As the anchor: each codec itself with nobody to guide it."""

FEWEST_PHOTOS = 20
"""With fewer there is no figure: a bootstrap over a handful of photos tells nothing."""

Known = Literal["", "guide", "twin"]
"""Whether the judge is among those that guided, or of the same architecture as one of them."""


@dataclass(frozen=True)
class NamedGuide:
    """Who guides, in the words of the tables."""

    name: str
    guiding: Guiding | None
    """None: nobody; the encoder looks at the photo alone."""


@dataclass(frozen=True)
class Subject:
    """The photos of one data set, as one classifier reads them."""

    data: str
    judge: Judge
    items: Sequence[Item]

    @property
    def measure(self) -> Measure:
        """Top-1 where every photo is labelled, else agreement."""
        return "top1" if all(item.label is not None for item in self.items) else "agreement"


@dataclass(frozen=True)
class Part:
    """One sweep of the matrix."""

    subject: Subject
    guide: NamedGuide
    settings: Sequence[Setting]


@dataclass(frozen=True)
class Cell:
    """One guide and one judge on one data set. Figures are None where `reason` says why."""

    codec: str
    data: str
    guide: str
    judge: str
    known: Known
    measure: Measure
    photos: int
    """On how many the figures are."""
    uncompressed: float | None
    """Accuracy on the uncompressed photos, in [0, 1]; an agreement is 1."""
    saved: float | None
    """Share of the anchor's bytes that is saved at equal accuracy; negative where more are needed."""
    saved_low: float | None
    """The interval of 95 %."""
    saved_high: float | None
    reason: str = ""
    """A sentence; empty where there are figures."""


@dataclass(frozen=True)
class Matrix:
    """All cells, and what their figures are."""

    anchor: str
    """`UNGUIDED`, or the codec's id."""
    loss: float | None
    """Of the uncompressed accuracy, in [0, 1], at which bytes are compared; None: the Bjøntegaard delta."""
    cells: Sequence[Cell]

    @property
    def in_words(self) -> str:
        """What a figure says."""
        beside = "the same codec unguided" if self.anchor == UNGUIDED else registry.get(self.anchor).label
        where = (
            "by the Bjøntegaard delta"
            if self.loss is None
            else f"at an accuracy {100 * self.loss:.3g} points below the uncompressed photos'"
        )
        return f"Bytes saved against {beside}, {where}"


class Robustness:
    """Says which sweeps a matrix needs, takes their rows, and gives the matrix."""

    def __init__(
        self,
        codecs: Sequence[str],
        guides: Sequence[NamedGuide],
        subjects: Sequence[Subject],
        anchor: str = UNGUIDED,
        loss: float | None = 0.1,
    ) -> None:
        """Take codecs by id, or pipelines by their text. Raises `DataError`, and as `registry.get`."""
        found = {codec.id: codec for codec in map(registry.get, codecs)}
        for codec in found.values():
            if not codec.guided:
                able = ", ".join(one.id for one in registry.all_codecs().values() if one.guided)
                raise DataError(
                    f"“{codec.id}” asks no guide, so that there is nothing to compare. Choose a codec that "
                    f"does ({able}), or a pipeline with roi-background."
                )
        self._codecs = list(found)
        self._anchor = anchor if anchor == UNGUIDED else registry.get(anchor).id
        self._guides = [one for one in guides if one.guiding or self._anchor != UNGUIDED]
        if not self._guides:
            raise DataError("Nobody guides but the anchor, which is unguided. Name a guide, such as random.")
        self._subjects = subjects
        self._loss = loss
        self._names = judge_names([subject.judge.card for subject in subjects])
        self._tallies = {_key(subject): Tally() for subject in subjects}

    def parts(self) -> Iterator[Part]:
        """Yield the sweeps: for each judge on each data set the anchor's, then each guide's."""
        guided = default_settings(self._codecs)
        nobody = NamedGuide(UNGUIDED, None)
        for subject in self._subjects:
            yield Part(
                subject, nobody, guided if self._anchor == UNGUIDED else default_settings([self._anchor])
            )
            for guide in self._guides:
                yield Part(subject, guide, guided)

    def add(self, part: Part, rows: Iterable[Measurement]) -> None:
        """Take rows of a sweep."""
        self._tallies[_key(part.subject)].add(
            row if row.codec == ORIGINAL else replace(row, codec=_curve(row.codec, part.guide.name))
            for row in rows
        )

    def matrix(self) -> Matrix:
        """Return what the rows so far say."""
        cells = []
        for codec in self._codecs:
            for subject in self._subjects:
                draws = self._tallies[_key(subject)].draws(subject.measure)
                cells += [self._cell(codec, subject, guide, draws) for guide in self._guides]
        return Matrix(self._anchor, self._loss, cells)

    def _cell(self, codec: str, subject: Subject, guide: NamedGuide, draws: Draws | None) -> Cell:
        card = subject.judge.card
        saved = self._saved(codec, guide, draws)
        return Cell(
            codec=codec,
            data=subject.data,
            guide=guide.name,
            judge=self._names[card.fingerprint],
            known=_known(guide.guiding, card),
            measure=subject.measure,
            photos=draws.photos if draws else 0,
            uncompressed=float(draws.reference[0]) if draws else None,
            saved=None if isinstance(saved, str) else saved[0],
            saved_low=None if isinstance(saved, str) else saved[1],
            saved_high=None if isinstance(saved, str) else saved[2],
            reason=saved if isinstance(saved, str) else "",
        )

    def _saved(self, codec: str, guide: NamedGuide, draws: Draws | None) -> tuple[float, float, float] | str:
        """Return the share that is saved with its interval, or why it cannot be told."""
        if draws is None:
            return "No photo could be measured."
        if draws.photos < FEWEST_PHOTOS:
            return f"Too few: {naming.photos(draws.photos)}; {FEWEST_PHOTOS} are needed."
        anchor = _curve(codec if self._anchor == UNGUIDED else self._anchor, UNGUIDED)
        curve = _curve(codec, guide.name)
        both = {key: draws.curves[key] for key in (anchor, curve) if key in draws.curves}
        if curve == anchor:
            return "This is the anchor itself."
        if self._loss is None:
            found = deltas(both, draws.reference, anchor)
            delta = found[0] if found else Refusal(curve, _UNMEASURED)
            if isinstance(delta, Refusal):
                return delta.reason if delta.codec == curve else f"The anchor: {delta.reason}"
            return -delta.rate, -delta.rate_high, -delta.rate_low
        told = {rate.codec: rate for rate in rates(replace(draws, curves=both), self._loss, anchor)}
        if curve in told:
            return told[curve].saved, told[curve].saved_low, told[curve].saved_high
        if anchor not in told:
            return f"The anchor: {_why_not(draws, anchor, self._loss)}"
        return _why_not(draws, curve, self._loss)


_UNMEASURED = "No two settings were measured on every photo."


def _why_not(draws: Draws, name: str, loss: float) -> str:
    """Say why a curve has no bytes at a loss."""
    if name not in draws.curves:
        return _UNMEASURED
    accuracies = draws.curves[name].accuracies[0]
    target = float(draws.reference[0]) - loss
    if accuracies.max() < target:
        return f"It reaches an accuracy of {accuracies.max():.3f} at most, not {target:.3f}."
    if accuracies[0] >= target:
        return f"Its smallest files have an accuracy of {accuracies[0]:.3f} already, above {target:.3f}."
    return f"On too many draws of the photos it does not cross an accuracy of {target:.3f}."


def judge_names(cards: Sequence[Card]) -> dict[str, str]:
    """Return what each classifier is called in the tables, by its fingerprint: no two alike."""
    unlike = {card.fingerprint: card.name for card in cards}
    counts = Counter(unlike.values())
    return {key: f"{name} [{key[:6]}]" if counts[name] > 1 else name for key, name in unlike.items()}


def _known(guiding: Guiding | None, card: Card) -> Known:
    guides = [judge.card for judge in guiding.judges] if guiding else []
    if any(guide.fingerprint == card.fingerprint for guide in guides):
        return "guide"
    twins = ((guide.library, guide.architecture) == (card.library, card.architecture) for guide in guides)
    return "twin" if any(twins) else ""


def _key(subject: Subject) -> tuple[str, str]:
    return subject.data, subject.judge.card.fingerprint


def _curve(codec: str, guide: str) -> str:
    """Return the name of a curve among all of one judge on one data set."""
    return f"{codec} by {guide}"
