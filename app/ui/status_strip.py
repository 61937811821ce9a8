"""The line at the bottom: what is going on, how far it is, and what the machine gives."""

from PySide6.QtCore import QElapsedTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QSizePolicy, QWidget

from keepsight.app.ui import theme
from keepsight.app.ui.elided_label import ElidedLabel

_BAR_STEPS = 1000
_WARNING_MS = 6000
"""How long the text of a progress does not replace a warning."""


class StatusStrip(QWidget):
    """Text, progress bar with a cancel button while something runs, and the machine on the right."""

    cancel_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._warned = QElapsedTimer()
        self._machine = QLabel()
        self._machine.setToolTip("Where the classifier runs, processor cores, and memory in use")
        self._machine.setAccessibleName("Machine")
        theme.set_role(self._machine, "muted")
        self._machine.setFont(theme.font(tabular=True))
        self._text = ElidedLabel()
        self._text.setAccessibleName("Status")
        self._text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._bar = QProgressBar()
        self._bar.setAccessibleName("Progress")
        self._bar.setTextVisible(False)
        self._bar.setRange(0, _BAR_STEPS)
        self.cancel_button = QPushButton("Cancel")
        self.cancel_button.setToolTip("Stop what is running; what is already measured stays")
        self.cancel_button.clicked.connect(self.cancel_requested)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 2, 10, 2)
        row.setSpacing(10)
        row.addWidget(self._text, 2)
        row.addWidget(self._bar, 1)
        row.addWidget(self.cancel_button)
        row.addWidget(self._machine)
        # As high with the button as without: what is above does not move.
        self.setMinimumHeight(self.sizeHint().height())
        self.clear_progress()

    def set_progress(self, done: int, total: int, text: str) -> None:
        """Show that something runs: `done` of `total` steps. A total of 0: it is not known how far it is."""
        if not self._warned.isValid() or self._warned.elapsed() > _WARNING_MS:
            self._show_text(text, False, changes=True)
        if total > 0:
            self._bar.setRange(0, _BAR_STEPS)
            self._bar.setValue(round(_BAR_STEPS * min(done, total) / total))
        else:
            self._bar.setRange(0, 0)
        self._bar.setToolTip(f"{done:,} of {total:,}" if total > 0 else "Working")
        self._bar.show()
        self.cancel_button.show()

    def clear_progress(self) -> None:
        """Show that nothing runs; the text stays."""
        self._bar.hide()
        self._bar.setRange(0, _BAR_STEPS)
        self.cancel_button.hide()

    def set_message(self, text: str, warning: bool = False) -> None:
        """Show a sentence; a warning is coloured and stays for a while even if progress goes on."""
        self._show_text(text, warning)

    def set_machine(self, text: str) -> None:
        """Show the device, cores and memory: "CPU · 2 cores · 1.9 GB"."""
        self._machine.setText(text)

    def _show_text(self, text: str, warning: bool, changes: bool = False) -> None:
        self._text.setFont(theme.font(tabular=changes))
        self._text.setText(text)
        self._text.setToolTip(text)
        theme.set_role(self._text, "warning" if warning else None)
        if warning:
            self._warned.start()
        else:
            self._warned.invalidate()
