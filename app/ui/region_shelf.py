"""Regions come from and go to files beside the photos."""

from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from keepsight.app.engine.data import Item
from keepsight.app.engine.region import Mask, Region, Source
from keepsight.app.engine.region_files import MASK, beside, rule_of
from keepsight.app.engine.types import Photo
from keepsight.app.ui import file_dialogs
from keepsight.app.worker import region_files
from keepsight.app.worker.judge_process import RemoteJudge
from keepsight.app.worker.region_files import LoadRequest, RegionLoaded, RemakeRequest, SaveRequest
from keepsight.app.worker.workbench import Workbench
from keepsight.models.types import Map


class RegionShelf(QObject):
    """Saves and loads in the background; asks for a name where a photo has no file of its own."""

    said = Signal(str, bool)
    """A sentence for the log, and whether it is a warning."""
    loaded = Signal(object)
    """`RegionLoaded`."""
    remade = Signal(object, dict)
    """A `Photo`, and joined maps of its region by their sources."""

    def __init__(self, bench: Workbench, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._judge: RemoteJudge | None = None
        self._wanted: tuple[Path, Photo] | None = None
        """A region that is to be loaded once there is a classifier, and its photo."""
        self._saving = bench.job(region_files.save)
        self._saving.result.connect(lambda path: self.said.emit(f"The region is saved in “{path}”.", False))
        self._loading = bench.job(region_files.load)
        self._loading.result.connect(self._take)
        self._remaking = bench.job(region_files.remake)
        self._remaking.result.connect(lambda made: self.remade.emit(*made))
        for job in (self._remaking, self._saving, self._loading):
            job.failed.connect(lambda sentence: self.said.emit(sentence, True))

    def take_judge(self, judge: RemoteJudge | None) -> None:
        """Tell the classifier that makes maps; what waits for one is loaded now."""
        self._judge = judge
        self._load()

    def look_beside(self, item: Item | None, photo: Photo) -> None:
        """Load the region that lies beside a photo, if there is one."""
        self._loading.cancel()
        self._wanted = None
        if item is not None and item.path is not None:
            mask = beside(item.path)
            if mask.is_file():
                self._wanted = mask, photo
            elif rule_of(mask).is_file():
                self._wanted = rule_of(mask), photo
            self._load()

    def ask(self, item: Item | None, photo: Photo | None) -> None:
        """Let the user choose a region."""
        folder = "" if item is None or item.path is None else str(item.path.parent)
        kinds = "Regions (*.roi.png *.roi.json);;Pictures (*.png *.tif *.tiff *.bmp *.webp);;All files (*)"
        path = file_dialogs.open_file(self._window, "regions", "Load a region", kinds, folder)
        if path is not None and photo is not None:
            self.load(path, photo)

    def load(self, path: Path, photo: Photo) -> None:
        """Load a region for a photo."""
        self._wanted = path, photo
        if self._judge is None:
            self.said.emit("The region is loaded as soon as a classifier is.", False)
        self._load()

    def remake(self, photo: Photo, sources: tuple[Source, ...]) -> None:
        """Make maps of a photo again, if there is a classifier."""
        if self._judge is not None:
            self._remaking.submit(RemakeRequest(photo, sources, self._judge))

    def save(
        self, item: Item | None, photo: Photo, maps: tuple[Map, ...], painted: Mask | None, region: Region
    ) -> None:
        """Save a region beside its photo; ask where, if the photo has no file of its own."""
        if item is not None and item.path is not None:
            path = beside(item.path)
        else:
            start = f"{photo.name.replace('/', ' ')}{MASK}"
            kinds = f"Regions (*{MASK})"
            asked = file_dialogs.save_file(self._window, "regions", "Save the region", start, kinds)
            if asked is None:
                return
            path, _ = asked
            if not path.name.endswith(MASK):
                path = path.with_name(path.name.removesuffix(".png") + MASK)
        self._saving.submit(SaveRequest(path, photo, maps, painted, region))

    def _load(self) -> None:
        if self._wanted is not None and self._judge is not None:
            path, photo = self._wanted
            self._wanted = None
            self._loading.submit(LoadRequest(path, photo, self._judge))

    def _take(self, loaded: RegionLoaded) -> None:
        name = loaded.request.path.name
        self.said.emit(f"The region “{name}” is loaded. {loaded.note}".strip(), bool(loaded.note))
        self.loaded.emit(loaded)
