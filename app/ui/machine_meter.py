"""What the program takes of the machine, in the status strip."""

import os

import psutil
from PySide6.QtCore import QObject, QTimer

from keepsight.app.ui.status_strip import StatusStrip
from keepsight.app.worker.workbench import Workbench

_EVERY_MS = 2000


class MachineMeter(QObject):
    """Writes device, cores and memory anew from time to time."""

    def __init__(self, bench: Workbench, status: StatusStrip, parent: QObject) -> None:
        super().__init__(parent)
        self._bench, self._status = bench, status
        self._timer = QTimer(self, interval=_EVERY_MS)
        self._timer.timeout.connect(self._show)

    def start(self) -> None:
        """Begin to write."""
        self._timer.start()

    def stop(self) -> None:
        """Write no more."""
        self._timer.stop()

    def _show(self) -> None:
        process = psutil.Process()
        family = [process, *process.children(recursive=True)]
        memory = sum(member.memory_info().rss for member in family if member.is_running())
        device = self._bench.judge.device.upper() if self._bench.judge else "no classifier"
        self._status.set_machine(f"{device} · {os.cpu_count()} cores · {memory / 1e9:.1f} GB")
