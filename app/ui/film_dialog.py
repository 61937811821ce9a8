"""The question how a film shall be: how long each picture stays, and how large it is."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QDoubleSpinBox, QFormLayout, QWidget

from keepsight.app.ui.quiet_combo import QuietCombo

SCALES = (1, 2, 3)
"""Pixels of a film for each of the window's."""
_MOST_SECONDS = 60.0
_WIDTH = 320


class FilmDialog(QDialog):
    """Two rows; the answer is in `seconds` and `scale` once it is accepted."""

    def __init__(self, seconds: float, scale: int, shown: QSize, parent: QWidget) -> None:
        """`shown` is the size of what is drawn, in pixels of the window."""
        super().__init__(parent)
        self.setWindowTitle("Film")
        self.setMinimumWidth(_WIDTH)
        self._seconds = QDoubleSpinBox()
        self._seconds.setRange(0.1, _MOST_SECONDS)
        self._seconds.setDecimals(1)
        self._seconds.setSuffix(" s")
        self._seconds.setValue(seconds)
        self._seconds.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._seconds.setAccessibleName("Seconds for each picture")
        self._seconds.setToolTip("How long each picture stays")
        self._scale = QuietCombo("Size", "How large the film is; text and pictures are drawn at this size")
        for choice in SCALES:
            width, height = choice * shown.width(), choice * shown.height()
            self._scale.add_choice(f"{choice}× · {width:,} × {height:,} pixels", choice)
        self._scale.setCurrentIndex(max(0, self._scale.findData(scale)))
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        form = QFormLayout(self)
        form.addRow("Each picture", self._seconds)
        form.addRow("Size", self._scale)
        form.addRow(buttons)

    @property
    def seconds(self) -> float:
        """How long each picture stays."""
        return self._seconds.value()

    @property
    def scale(self) -> int:
        """Pixels of the film for each of the window's."""
        scale: int = self._scale.currentData()
        return scale
