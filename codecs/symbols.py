"""Entropy coding of small signed integers: a range coder under a ladder of fixed, integer-valued models."""

from functools import cache
from typing import Any

import constriction
import numpy as np
from numpy.typing import NDArray

from keepsight.codecs.base import BitstreamError

Symbols = NDArray[np.int32]
"""Signed integers, one-dimensional."""
Classes = NDArray[np.uint8]
"""The context class of each symbol: the number of the model on the ladder, from narrow to wide."""

# One row per class: the weights of 0, ±1, ±2 and ±3 (both signs together) in 1/4096, then the ratio of each
# further weight to the one before it, in 1/256. They are how often these symbols occur in BSDS500's training
# photos at 224 pixels, for blocks of 2 to 4 and steps of 8 to 24.
_MODELS = (
    (4065, 28, 2, 1, 112),
    (4037, 56, 2, 1, 112),
    (3995, 96, 4, 1, 112),
    (3931, 155, 7, 2, 112),
    (3868, 212, 12, 2, 131),
    (3750, 314, 23, 5, 113),
    (3561, 479, 40, 9, 115),
    (3274, 723, 72, 17, 112),
    (2849, 1057, 134, 33, 112),
    (2326, 1392, 261, 70, 112),
    (1768, 1608, 469, 140, 113),
    (1306, 1579, 696, 276, 119),
    (940, 1393, 835, 454, 131),
    (664, 1136, 800, 556, 161),
    (461, 883, 701, 546, 188),
    (330, 691, 576, 470, 208),
    (234, 535, 475, 388, 221),
    (157, 400, 382, 283, 233),
    (86, 233, 305, 244, 238),
    (48, 140, 138, 136, 243),
)
CLASSES = len(_MODELS)
"""Number of models on the ladder."""


@cache
def weights(model: int, low: int, high: int) -> tuple[int, ...]:
    """Return the whole-number weights of the symbols `low` to `high`, around 0, under a model."""
    *first, ratio = _MODELS[model]
    side = [weight << 9 for weight in first[1:]]
    while len(side) < max(-low, high):
        side.append(max(1, side[-1] * ratio >> 8))
    return (*reversed(side[:-low]), first[0] << 10, *side[:high])


@cache
def costs(low: int, high: int) -> NDArray[np.int64]:
    """Return the ideal length of each symbol under each model, (CLASSES, high − low + 1), in 1/1024 bit."""
    table = np.array([weights(model, low, high) for model in range(CLASSES)], np.float64)
    return np.asarray(np.rint(-1024 * np.log2(table / table.sum(axis=1, keepdims=True))), np.int64)


@cache
def _model(model: int, low: int, high: int) -> Any:
    # perfect=False fixes how the weights become the coder's 24-bit probabilities; as whole numbers below
    # 2**53 they are exact, so that every machine comes to the same ones.
    table = np.array(weights(model, low, high), np.float64)
    return constriction.stream.model.Categorical(table, perfect=False)


def _grouped(classes: Classes) -> tuple[NDArray[np.intp], list[tuple[int, int]]]:
    """Return the order that puts symbols of one class together, and each class that occurs, how often.

    They are coded in that order, which is fast.
    """
    counts = [(number, count) for number, count in enumerate(np.bincount(classes).tolist()) if count]
    return np.argsort(classes, kind="stable"), counts


class SymbolEncoder:
    """Collects symbols; `finish` gives the bytes."""

    def __init__(self) -> None:
        self._coder = constriction.stream.queue.RangeEncoder()

    def put(self, symbols: Symbols, classes: Classes, low: int, high: int) -> None:
        """Append symbols of `low` to `high`, two at least, each under the model of its class."""
        order, counts = _grouped(classes)
        sorted_, start = symbols[order] - np.int32(low), 0
        for number, count in counts:
            self._coder.encode(sorted_[start : start + count], _model(number, low, high))
            start += count

    def finish(self) -> bytes:
        """Return the shortest bytes that decode to what was put in."""
        words = self._coder.get_compressed()
        sealed: bytes = words.astype(">u4").tobytes()
        done, (lower, width) = self._coder.pos()
        if int.from_bytes(sealed[4 * done :].ljust(8, b"\0")) < lower:  # carried into the words before
            return sealed
        for bits in range(64, 0, -8):
            # The decoder reads zeros behind the end: any number of the last interval will do.
            number = -(-lower >> bits) << bits
            if number - lower < width and number < 1 << 64:
                return sealed[: 4 * done] + bytes(number.to_bytes(8)[: (64 - bits) // 8])
        return sealed


class SymbolDecoder:
    """Reads symbols back, in the calls in which they were put in."""

    def __init__(self, data: bytes) -> None:
        words = np.frombuffer(data + bytes(-len(data) % 4), ">u4").astype(np.uint32)
        self._coder = constriction.stream.queue.RangeDecoder(words)

    def take(self, classes: Classes, low: int, high: int) -> Symbols:
        """Return one symbol for each class given. Raises `BitstreamError` where none fits."""
        order, counts = _grouped(classes)
        parts = [np.empty(0, np.int32)]
        try:
            parts += [self._coder.decode(_model(number, low, high), count) for number, count in counts]
        except AssertionError as error:  # what the coder raises on numbers that no encoder writes
            raise BitstreamError("This file is damaged.") from error
        symbols = np.empty(len(classes), np.int32)
        symbols[order] = np.concatenate(parts)
        return symbols + np.int32(low)
