"""Finds the class that a person means."""

import difflib

from keepsight.models.cards import Card
from keepsight.models.errors import ModelError


def find_class(card: Card, text: str) -> int:
    """Return the index of a class by its number, its name (see `Card.class_index`), or a part of it alone.

    Raises `ModelError` with the nearest name.
    """
    wanted, names = text.strip(), card.class_names
    index = card.class_index(wanted)
    if index is not None:
        return index
    if wanted.lstrip("+-").isdecimal():
        raise ModelError(f"There is no class {wanted}: this classifier has classes 0 to {len(names) - 1}.")
    inside = [place for place, name in enumerate(names) if wanted and wanted.casefold() in name.casefold()]
    if len(inside) == 1:
        return inside[0]
    if inside:
        some = ", ".join(f"“{names[place]}” ({place})" for place in inside[:3])
        raise ModelError(f"“{wanted}” may be {len(inside)} classes, such as {some}. Give the number.")
    parts = {part.strip().casefold(): name for name in names for part in (name, *name.split(","))}
    close = difflib.get_close_matches(wanted.casefold(), parts, 1)
    raise ModelError(
        f"{card.name} knows no class “{wanted}”. "
        + (f"Did you mean “{parts[close[0]]}”? " if close else "")
        + f"Give a name, or a number from 0 to {len(names) - 1}."
    )
