"""Finds every saliency method of this folder, and reads mixes of them; nothing is listed by hand."""

import difflib
import importlib
import inspect
import pkgutil
from functools import cache

from keepsight.models import maps
from keepsight.models.cards import Card
from keepsight.models.errors import ModelError
from keepsight.models.maps.base import ClassifierMethod, ImageMethod, Kind, Method
from keepsight.models.types import DEFAULT_METHOD, Importance, Pixels

_KINDS: tuple[Kind, ...] = ("classifier", "image", "control")


@cache
def all_methods() -> dict[str, Method]:
    """Return every method by id: of a classifier (the default one first), of the image, the control."""
    found: list[Method] = []
    for info in pkgutil.iter_modules(maps.__path__):
        module = importlib.import_module(f"{maps.__name__}.{info.name}")
        for _, kind in inspect.getmembers(module, inspect.isclass):
            own = kind.__module__ == module.__name__ and hasattr(kind, "id")
            if own and issubclass(kind, Method) and not inspect.isabstract(kind):
                found.append(kind())
    found.sort(key=lambda one: (_KINDS.index(one.kind), one.id != DEFAULT_METHOD, one.label))
    return {method.id: method for method in found}


def get(method_id: str) -> Method:
    """Return the method of that id. Raises `ModelError`."""
    known = all_methods()
    if method_id in known:
        return known[method_id]
    close = difflib.get_close_matches(method_id.lower(), known, 1)
    raise ModelError(
        f"There is no map “{method_id}”. "
        + (f"Did you mean “{close[0]}”? " if close else "")
        + f"Maps: {', '.join(known)}."
    )


def needs_classifier(method: str) -> bool:
    """Whether a method, or any part of a mix, needs a loaded classifier. Raises `ModelError`."""
    return any(isinstance(get(part), ClassifierMethod) for part in parse_mix(method))


def check_sees(card: Card, method: str) -> None:
    """Raise `ModelError` where a map looks into a classifier that reads files: its inside shows no place."""
    if card.reads != "pixels" and needs_classifier(method):
        raise ModelError(
            "A classifier that reads files has no map of its own. Choose a map of the image alone."
        )


def parse_mix(text: str) -> dict[str, float]:
    """Read “grad-cam” or “grad-cam*2 + edges + texture*0.5”: weight by id, above zero, 1 where none is given.

    Raises `ModelError`.
    """
    weights: dict[str, float] = {}
    for part in text.split("+"):
        method_id, star, number = (word.strip() for word in part.partition("*"))
        try:
            weight = float(number) if star else 1.0
        except ValueError:
            weight = 0.0
        if not 0 < weight < float("inf"):
            raise ModelError(
                f"The weight of “{method_id}” must be a number above zero, not “{number}”. Write grad-cam*2."
            )
        weights[get(method_id).id] = weights.get(method_id, 0.0) + weight
    return weights


def image_importance(pixels: Pixels, method: str) -> Importance:
    """Return a map, or a mix, of the photo alone: the whole of it counts. Raises `ModelError`."""
    from keepsight.models.maps.mix import blend

    parts = {}
    for part in parse_mix(method):
        found = get(part)
        if not isinstance(found, ImageMethod):
            raise ModelError(f"The map “{found.label}” needs a classifier. Load one, or choose another map.")
        parts[part] = Importance(found.map(pixels), part, None)
    return blend(parts, parse_mix(method))
