"""Which of two pictures shows while they alternate."""

from PySide6.QtCore import QObject, QTimer, Signal


class Blinker(QObject):
    """Alternates between the first and the second by a clock; while a key is held, the other one stays."""

    turned = Signal()
    """`second` is another one."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._turn = False
        self._held = False
        self._runs = False
        self._clock = QTimer(self)
        self._clock.timeout.connect(self._tick)

    @property
    def second(self) -> bool:
        """Whether the second picture is the one to show."""
        return self._turn != self._held

    def run(self, rate: float | None) -> None:
        """Alternate so many times a second, or not by itself (None)."""
        self._runs = rate is not None
        if rate is not None:
            self._clock.setInterval(round(1000 / rate))
        self._set_clock()

    def hold(self, held: bool) -> None:
        """Show the other picture for as long as this lasts; the clock waits."""
        if held != self._held:
            self._held = held
            self._set_clock()
            self.turned.emit()

    def _set_clock(self) -> None:
        wanted = self._runs and not self._held
        if wanted and not self._clock.isActive():
            self._clock.start()
        elif not wanted:
            self._clock.stop()

    def _tick(self) -> None:
        self._turn = not self._turn
        self.turned.emit()
