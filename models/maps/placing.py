"""Where a classifier's crop lies in the map of a photo. No torch here."""

import cv2
import numpy as np

from keepsight.models.cards import Card
from keepsight.models.maps.base import map_shape
from keepsight.models.preprocess import crop_box
from keepsight.models.types import Map


def spread(values: Map, card: Card, height: int, width: int) -> Map:
    """Put the map of the crop where the crop lies in a photo of `height` x `width`; zero around it.

    The result has the photo's aspect and at most `LONGEST_SIDE` pixels on its long side. Cubic: a map of
    7 x 7 positions enlarged in straight lines would give a region corners that mean nothing.
    """
    whole = np.zeros(map_shape(height, width), np.float32)
    rows, columns = _seen(card, *whole.shape)
    size = (columns.stop - columns.start, rows.stop - rows.start)
    how = cv2.INTER_AREA if size[0] < values.shape[1] else cv2.INTER_CUBIC
    whole[rows, columns] = cv2.resize(values, size, interpolation=how).clip(0, None)
    return whole


def only_seen(values: Map, card: Card) -> Map:
    """Return the map of a photo with zeros where the classifier does not look."""
    masked = np.zeros_like(values)
    seen = _seen(card, *values.shape)
    masked[seen] = values[seen]
    return masked


def of_crop(values: Map, card: Card) -> Map:
    """Return the part of a photo's map that the classifier sees, (crop, crop): `spread` undone."""
    part = np.ascontiguousarray(values[_seen(card, *values.shape)])
    return np.asarray(cv2.resize(part, (card.crop, card.crop), interpolation=cv2.INTER_LINEAR), np.float32)


def _seen(card: Card, height: int, width: int) -> tuple[slice, slice]:
    """Return the rows and columns of an image of that size that the classifier sees, at least one each."""
    left, top, right, bottom = crop_box(height, width, card.resize, card.crop, card.crop_mode)
    return _whole(top, bottom, height), _whole(left, right, width)


def _whole(start: float, stop: float, length: int) -> slice:
    first, last = max(0, round(start)), min(length, round(stop))
    if first < last:
        return slice(first, last)
    first = min(max(0, int(start)), length - 1)
    return slice(first, first + 1)
