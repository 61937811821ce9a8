"""The tool that draws a region on the pictures: brush, eraser, rectangles. None of them moves the picture."""

from PySide6.QtCore import QObject, QPointF, Signal

from keepsight.app.engine.region import Stroke, Tool

_OUTSIDE = 0.5
"""How far a stroke may leave the picture, in shares of it."""
_LEAST = 0.003
"""The shorter side of the smallest rectangle that is drawn; less was a click by mistake."""


class RegionTool(QObject):
    """What the left button does on any picture, and the stroke that it draws."""

    changed = Signal()
    """Another tool or another size of the brush."""
    stroke_changed = Signal()
    """`stroke` has grown."""
    stroke_ended = Signal(object)
    """A whole `Stroke`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.kind: Tool | None = None
        """None: the left button moves the picture."""
        self.radius = 2.5
        """Of brush and eraser, in percent of the photo's longer side."""
        self._points: list[tuple[float, float]] = []

    @property
    def active(self) -> bool:
        """Whether the left button draws."""
        return self.kind is not None

    @property
    def drawing(self) -> bool:
        """Whether a stroke is under way."""
        return bool(self._points)

    @property
    def round(self) -> bool:
        """Whether the pointer is to show the size of a brush."""
        return self.kind in ("brush", "eraser")

    @property
    def stroke(self) -> Stroke | None:
        """The stroke so far; None where none is under way."""
        if not self._points or self.kind is None:
            return None
        if self.round:
            return Stroke(tool=self.kind, points=tuple(self._points), radius=self.radius)
        return Stroke(tool=self.kind, points=(self._points[0], self._points[-1]))

    def take(self, kind: Tool | None) -> None:
        """Draw with this tool from now on; a stroke under way is forgotten."""
        self.cancel()
        if kind != self.kind:
            self.kind = kind
            self.changed.emit()

    def set_radius(self, radius: float) -> None:
        """Set the size of brush and eraser, in percent of the photo's longer side."""
        if radius != self.radius:
            self.radius = radius
            self.changed.emit()

    def press(self, at: QPointF) -> None:
        """Begin a stroke at shares of width and height."""
        self._points = [_inside(at)]
        self.stroke_changed.emit()

    def move(self, at: QPointF) -> None:
        """Go on with the stroke."""
        point = _inside(at)
        if point != self._points[-1]:
            self._points.append(point)
            self.stroke_changed.emit()

    def release(self) -> None:
        """End the stroke."""
        stroke = self.stroke
        self._points = []
        if stroke is None:
            return
        (left, top), (right, bottom) = stroke.points[0], stroke.points[-1]
        if not self.round and min(abs(right - left), abs(bottom - top)) < _LEAST:
            self.stroke_changed.emit()
        else:
            self.stroke_ended.emit(stroke)

    def cancel(self) -> None:
        """Forget the stroke under way."""
        if self._points:
            self._points = []
            self.stroke_changed.emit()


def _inside(at: QPointF) -> tuple[float, float]:
    """Return a point not too far outside, to a hundred-thousandth of the picture."""
    x, y = (min(1 + _OUTSIDE, max(-_OUTSIDE, value)) for value in (at.x(), at.y()))
    return round(x, 5), round(y, 5)
