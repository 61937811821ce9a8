"""Where a picture lies in a view of it. All lengths are device-independent pixels."""

from PySide6.QtCore import QPointF, QRectF, QSizeF


def fitted_width(shape: float, room: QSizeF) -> float:
    """Return how wide a picture of that shape (width over height) is where the whole of it just fits."""
    return min(room.width(), room.height() * shape)


def placed(shape: float, room: QSizeF, extent: float | None, centre: QPointF, ratio: float) -> QRectF:
    """Return where the whole picture lies, the view's corner at (0, 0).

    `extent` is its width, None for one that just fits; `centre` is what shall stand in the middle, in shares
    of width and height; `ratio` is device pixels per unit.
    """
    width = fitted_width(shape, room) if extent is None else extent
    height = width / shape

    def start(free: float, length: float, middle: float) -> float:
        """Leave no empty strip beside a picture that is larger than its room; start on a device pixel."""
        rest = free - length
        position = rest / 2 if rest >= 0 else min(0.0, max(rest, free / 2 - middle * length))
        return round(position * ratio) / ratio

    left = start(room.width(), width, centre.x())
    top = start(room.height(), height, centre.y())
    # Very long pictures are drawn a pixel thick rather than not at all.
    return QRectF(left, top, max(width, 1.0), max(height, 1.0))


def centre_of(shape: float, room: QSizeF, extent: float, top_left: QPointF) -> QPointF:
    """Return the centre with which a picture `extent` wide lies with its corner near `top_left`."""
    middle = QPointF(room.width() / 2, room.height() / 2) - top_left
    height = extent / shape
    x = _within(middle.x(), room.width(), extent) / extent
    return QPointF(x, _within(middle.y(), room.height(), height) / height)


def _within(middle: float, room: float, length: float) -> float:
    """Keep the middle of the view where no empty strip shows; centre a picture that is smaller."""
    return length / 2 if length <= room else min(length - room / 2, max(room / 2, middle))
