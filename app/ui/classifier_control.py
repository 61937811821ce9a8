"""Choosing a classifier and its device, and what happens while it loads."""

from PySide6.QtCore import QObject, Signal

from keepsight.app.ui import file_dialogs
from keepsight.app.ui.status_strip import StatusStrip
from keepsight.app.ui.toolbar import Toolbar
from keepsight.app.worker.judge_process import RemoteJudge
from keepsight.app.worker.workbench import Workbench
from keepsight.models.catalog import FILE_READERS, embedded_ids, find_card

NO_JUDGE = "No classifier is loaded. Wait until it is, or choose another one in the toolbar."
"""What is said to somebody who asks for what only a classifier can answer."""
_AUTO = ("auto", "auto")
_PIXELS = "The classifier that reads the pictures"
_FILES = (
    "This classifier reads the compressed file itself and makes no pixels of it; the pictures are for you. "
    "It reads files of one codec, of 224 × 224 pixels."
)


class ClassifierControl(QObject):
    """Keeps the toolbar's classifier and device equal to what is really in use."""

    said = Signal(str, bool)
    """A sentence for the log, and whether it is a warning."""

    def __init__(
        self, bench: Workbench, toolbar: Toolbar, status: StatusStrip, classifier: str, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._bench = bench
        self._toolbar = toolbar
        self._status = status
        self._wanted, self._device = classifier, "auto"
        self._labels = {name: find_card(name).name for name in (*embedded_ids(), *FILE_READERS)}
        self._devices = [_AUTO]
        self._show()
        toolbar.classifier_chosen.connect(self.use)
        toolbar.device_chosen.connect(self._use_device)
        toolbar.card_requested.connect(self._ask_card)
        bench.judge_loaded.connect(self._loaded)
        bench.judge_failed.connect(self._failed)
        bench.judge_progress.connect(self._progress)
        bench.devices_found.connect(self._take_devices)

    def load(self) -> None:
        """Load the classifier that is wanted."""
        self._bench.use_judge(self._wanted, self._device)

    @property
    def wanted(self) -> str:
        """Id of the classifier that is in use or on its way."""
        return self._wanted

    @property
    def device(self) -> str:
        """Where it shall run."""
        return self._device

    def want(self, classifier_id: str, device: str) -> None:
        """Choose what `load` loads."""
        self._wanted, self._device = classifier_id, device
        if device not in dict(self._devices):
            self._devices = [*self._devices, (device, device.upper())]
        self._show()

    def use(self, classifier_id: str) -> None:
        """Load another classifier; the old one stays in use until it is there."""
        self._wanted = classifier_id
        self.load()

    def _use_device(self, device: str) -> None:
        self._device = device
        self.load()

    def _loaded(self, judge: RemoteJudge) -> None:
        self._labels[judge.card.id] = judge.card.name
        self._status.clear_progress()
        self.said.emit(f"Classifier: {judge.card.name}, {len(judge.card.class_names):,} classes.", False)
        self._show()

    def _failed(self, sentence: str) -> None:
        self._status.clear_progress()
        if self._bench.judge is not None:
            self._wanted = self._bench.judge.card.id
        self.said.emit(sentence, True)
        self._show()

    def _progress(self, text: str, share: float | None) -> None:
        self._status.set_progress(round(1000 * (share or 0)), 0 if share is None else 1000, text)

    def _take_devices(self, names: list[str]) -> None:
        self._devices = [_AUTO, *((name, name.upper()) for name in names)]
        self._show()

    def _ask_card(self) -> None:
        title, kinds = "Open a classifier’s card", "Classifier cards (*.toml);;All files (*)"
        if path := file_dialogs.open_file(self._toolbar, "classifiers", title, kinds):
            self.use(str(path))

    def _show(self) -> None:
        labels = self._labels | ({} if self._wanted in self._labels else {self._wanted: self._wanted})
        self._toolbar.set_classifiers(list(labels.items()), self._wanted)
        judge = self._bench.judge
        reads = "pixels" if judge is None or judge.card.id != self._wanted else judge.card.reads
        self._toolbar.classifier.setToolTip(_PIXELS if reads == "pixels" else _FILES)
        self._toolbar.set_devices(self._devices, self._device)
