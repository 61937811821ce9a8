"""Python's garbage is collected in the window's thread alone, between two events."""

import gc

from PySide6.QtCore import QObject, QTimer

_EVERY_MS = 1000


class Collector(QObject):
    """Takes the place of Python's own collector, which works in whichever thread makes an object.

    What it finds may be a part of the window: deleted by another thread, or in the middle of an event, that
    ends the program.
    """

    def __init__(self, parent: QObject) -> None:
        """Collect as long as the parent lives, which is in the window's thread."""
        super().__init__(parent)
        gc.disable()
        timer = QTimer(self, interval=_EVERY_MS)
        timer.timeout.connect(self.collect)
        timer.start()

    def collect(self) -> None:
        """Collect what is due by Python's own thresholds, the oldest generation first."""
        due = [count > most for count, most in zip(gc.get_count(), gc.get_threshold(), strict=True)]
        if any(due):
            gc.collect(max(generation for generation, is_due in enumerate(due) if is_due))
