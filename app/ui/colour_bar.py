"""What the colours over the pictures mean, in numbers and in words."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from keepsight.app.ui import format as words
from keepsight.app.ui import theme
from keepsight.app.ui.colour_maps import VIRIDIS, ColourMap

_HEIGHT = 8
_GAP = 2


class ColourBar(QWidget):
    """All colours from left to right, the values of the ends below; keeps its place while there is no map."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._colours = VIRIDIS
        self._maximum: float | None = None
        self._bits = False
        self.setFont(theme.font(11, tabular=True))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Colour bar")
        self.show_scale(VIRIDIS, None)

    def show_scale(self, colours: ColourMap, maximum: float | None, *, bits: bool = False) -> None:
        """Show these colours up to a value of zero or more; None where there is no map.

        `bits` tells that it is bits per 8 × 8 pixels, rather than importance.
        """
        self._colours, self._maximum, self._bits = colours, maximum, bits
        if maximum is None:
            tip = "Appears with the map"
        elif bits:
            tip = (
                f"From 0 to {words.quantity(maximum)} bits or more for each block of 8 × 8 pixels, counted\n"
                "in the files: the most that 99 % of all blocks take. The same scale in every pane"
            )
        elif colours.signed:
            most = words.quantity(maximum)
            tip = f"From −{most} over 0 to {most}: how much less or more importance than on the original"
        else:
            tip = (
                f"From 0 to {words.quantity(maximum)}, the largest value of the original’s map.\n"
                "The map’s own numbers: they compare between panes, not between kinds of maps"
            )
        self.setToolTip(tip)
        self.setAccessibleDescription(tip)
        self.update()

    def texts(self) -> tuple[str, str, str]:
        """Return what stands below the left end, the middle and the right end."""
        if self._maximum is None:
            return "", "", ""
        if self._bits:
            return "0 bits", "", f"{words.quantity(self._maximum)} a block"
        if self._colours.signed:
            most = words.quantity(self._maximum, digits=2)
            return f"−{most} less", "0", f"more +{most}"
        return "0 low", "", f"high {words.quantity(self._maximum)}"

    def sizeHint(self) -> QSize:
        """Ask for the bar and a line of text."""
        return QSize(120, _HEIGHT + _GAP + self.fontMetrics().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the bar and what its ends mean."""
        if self._maximum is None:
            return
        with QPainter(self) as painter:
            self._colours.draw_bar(painter, QRectF(0, 0, self.width(), _HEIGHT))
            painter.setPen(QColor(theme.MUTED))
            below = QRectF(0, _HEIGHT + _GAP, self.width(), self.height() - _HEIGHT - _GAP)
            sides = (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignHCenter, Qt.AlignmentFlag.AlignRight)
            for text, side in zip(self.texts(), sides, strict=True):
                painter.drawText(below, side, text)
