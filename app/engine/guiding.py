"""Who tells guided codecs what matters, and by which map."""

from dataclasses import dataclass, replace

from keepsight.codecs.guide import Guide, MapGuide
from keepsight.models.cards import Card
from keepsight.models.guides import ClassifierGuide, Draw
from keepsight.models.maps.registry import image_importance, needs_classifier, parse_mix
from keepsight.models.types import DEFAULT_METHOD, MAPS_VERSION, SEARCH_METHOD, Judge, ModelError, Pixels


@dataclass(frozen=True)
class Guiding:
    """One classifier, an ensemble, or nobody, with the map that is asked for."""

    judges: tuple[Judge, ...] = ()
    """May be empty where the map needs none; then the guide has importance alone."""
    method: str = DEFAULT_METHOD
    """Id of a map, or a mix of several."""
    draw: Draw = image_importance
    """What draws maps of the image alone; another process may have what they need."""

    def __post_init__(self) -> None:
        """Raise `ModelError` where there is no such map, or where it needs a classifier and none is given."""
        if needs_classifier(self.method) and not self.judges:
            raise ModelError(
                f"The map “{self.method}” needs a classifier. Name one as the guide, or choose another map."
            )

    @classmethod
    def beside(cls, judge: Judge, draw: Draw = image_importance) -> "Guiding":
        """Let the classifier guide that reads the results; one that reads files has no map of pixels.

        Then a map of the image alone guides.
        """
        return cls((judge,), draw=draw) if judge.card.reads == "pixels" else cls((), SEARCH_METHOD, draw)

    @property
    def name(self) -> str:
        """What stands in the store: the guides' fingerprints, any map but the default, the maps' version."""
        weights = parse_mix(self.method)
        mix = "+".join(f"{key}*{weights[key]:g}" for key in sorted(weights))
        method = next(iter(weights)) if len(weights) == 1 else mix
        names = sorted(judge.card.fingerprint for judge in self.judges)
        return " ".join([*names, *([] if method == DEFAULT_METHOD else [method]), f"v{MAPS_VERSION}"])

    @property
    def in_words(self) -> str:
        """Who guides, for people: “Net a and Net b, map layer-cam”."""
        names = " and ".join(judge.card.name for judge in self.judges)
        if names and self.method == DEFAULT_METHOD:
            return names
        return f"{names}, map {self.method}" if names else f"the map {self.method}"

    def guide(self, pixels: Pixels, *, cropped: bool = False) -> Guide:
        """Return the guide of one image, (H, W, 3); a `keepsight.codecs.guide.Critic` if classifiers guide.

        `cropped`: the image is what a classifier sees already. Raises `ModelError`.
        """
        if self.judges:
            return ClassifierGuide(pixels, self.judges, self.method, cropped=cropped, draw=self.draw)
        return MapGuide.of(self.draw(pixels, self.method).values)

    def critic(self, pixels: Pixels, *, cropped: bool = False) -> Guide:
        """Return the guide of one image for a codec that searches: as `guide`, its map `SEARCH_METHOD`.

        A map that was asked for by name stays. Raises `ModelError`.
        """
        method = SEARCH_METHOD if self.method == DEFAULT_METHOD else self.method
        return replace(self, method=method).guide(pixels, cropped=cropped)

    def map(self, pixels: Pixels) -> MapGuide:
        """Return the importance alone, ready for another process. Raises `ModelError`."""
        return MapGuide(self.guide(pixels).importance())


def map_in_words(card: Card) -> str:
    """Say whose map guides beside a classifier, see `Guiding.beside`."""
    return (
        f"{card.name}’s map" if card.reads == "pixels" else "the learned map, as the classifier reads files"
    )
