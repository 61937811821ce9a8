"""Takes what the window shows to files, to the clipboard, and into words of a command line."""

from collections import deque
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QObject, Signal
from PySide6.QtGui import QGuiApplication, QImage, QKeySequence

from keepsight.app.engine import commands, export, figures, naming, region_files
from keepsight.app.engine.files import OutputError, whole_file, write_file
from keepsight.app.engine.printing import FIGURE_SUFFIXES, Style, check_figure, render
from keepsight.app.engine.results import Classes, Result, save_results
from keepsight.app.ui import file_dialogs, keys, theme
from keepsight.app.ui.curve_points import METRICS
from keepsight.app.ui.panes_picture import panes_picture
from keepsight.app.ui.sweep_control import PROTOCOL
from keepsight.app.worker.exporting import Exported, carry_out
from keepsight.app.worker.jobs import PaneShown, PhotoShown
from keepsight.codecs import registry
from keepsight.models.types import Prediction

if TYPE_CHECKING:
    from keepsight.app.ui.window import MainWindow

_TOP = 3
_FIGURES = "Scalable figure (*.svg);;Document (*.pdf);;Picture (*.png)"


class ExportControl(QObject):
    """Captures what is shown on the window's thread; draws and writes it on another, in turn."""

    said = Signal(str, bool)
    """A sentence for the log, and whether it is a warning."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window, self._bench, self._curves = window, window.bench, window.curves
        bench, menu, curves = window.bench, window.toolbar.export, window.curves
        self._original: PhotoShown | None = None
        self._shown: dict[int, PaneShown] = {}
        self._copied: QMimeData | None = None
        """The figure that was put on the clipboard last."""
        self._waiting: deque[Callable[[], Exported]] = deque()
        self._job = bench.job(carry_out)
        self._job.result.connect(self._tell)
        self._job.failed.connect(lambda sentence: self.said.emit(sentence, True))
        self._job.busy_changed.connect(lambda busy: None if busy else self._next())
        bench.photo_shown.connect(self._take_photo)
        bench.pane_shown.connect(self._shown.__setitem__)
        bench.pane_closed.connect(lambda number: self._shown.pop(number, None))
        menu.opened.connect(lambda: menu.offer(curves=self.has_curves, panes=bool(self.results())))
        menu.figure_requested.connect(self._ask_figure)
        menu.csv_requested.connect(self._ask_csv)
        menu.picture_requested.connect(self._ask_picture)
        menu.results_requested.connect(self._ask_folder)
        menu.figure_copied.connect(self.copy_figure)
        menu.picture_copied.connect(self.copy_picture)
        menu.encode_copied.connect(self.copy_encode)
        menu.sweep_copied.connect(self.copy_sweep)
        menu.limit_copied.connect(self.copy_limit)
        menu.snapshot_copied.connect(self.copy_snapshot)
        page = curves.widget(0)
        assert page is not None
        copy, words = (
            QKeySequence.StandardKey.Copy,
            "Copy the figure of the curves, where they have the focus",
        )
        keys.bind(
            copy, page, partial(self.copy_figure, "dark"), words, "Curves, tables, options", inside=True
        )

    # what there is -------------------------------------------------------------------------------

    @property
    def has_curves(self) -> bool:
        """Whether anything was measured."""
        return any(point.photos for curve in self._curves.shown for point in curve.points)

    def results(self) -> list[Result]:
        """Return what the panes show of this photo, in their order; nothing of what is still being made."""
        found = [self._shown.get(number) for number in self._bench.settings]
        photo = self._bench.photo
        return [_result(one) for one in found if one is not None and one.request.photo is photo]

    def _take_photo(self, shown: PhotoShown) -> None:
        self._original = shown

    # files ---------------------------------------------------------------------------------------

    def save_figure(self, path: Path, style: Style) -> None:
        """Write the curves as SVG, PDF or PNG, by the file's ending."""
        draw = self._drawing(style)

        def work() -> Exported:
            check_figure(path)
            write_file(path, draw(path.suffix.lower()))
            return Exported(f"The figure is in “{path}”.")

        self._do(work)

    def save_csv(self, path: Path) -> None:
        """Write the curves as a table."""
        curves = self._curves.shown

        def work() -> Exported:
            export.write_csv(path, curves)
            return Exported(f"The curves are in “{path}”.")

        self._do(work)

    def save_picture(self, path: Path, scale: int) -> None:
        """Write what is compared as PNG, `scale` pixels for each of the window's."""
        image = panes_picture(self._window.viewing.shown, scale)

        def work() -> Exported:
            with whole_file(path) as beside:
                if not image.save(str(beside), "PNG"):  # type: ignore[call-overload]
                    raise OutputError(f"“{path}” cannot be written. Choose a folder that you may write to.")
            return Exported(f"The picture is in “{path}”, {image.width():,} × {image.height():,} pixels.")

        self._do(work)

    def save_results(self, folder: Path) -> None:
        """Write this photo's files, their pictures and their figures into a new folder within `folder`."""
        photo, results = self._bench.photo, self.results()
        if photo is None or not results:
            self.said.emit("There are no compressed files yet. Save them once the panes show them.", True)
            return
        of_photo = self._original is not None and self._original.photo is photo
        classes = _classes(self._original.prediction if of_photo and self._original else None)

        def work() -> Exported:
            target = save_results(folder, photo, classes, results)
            return Exported(f"{len(results)} files and what they decode to are in “{target}”.")

        self._do(work)

    def _drawing(self, style: Style) -> Callable[[str], bytes]:
        """Return what draws the curves of now into a file with this ending."""
        curves, reference = self._curves.shown, self._curves.reference
        photos = max((point.photos for curve in curves for point in curve.points), default=0)
        title = f"{self._curves.subject}, {naming.photos(photos)}"
        metric = METRICS[self._curves.metric_combo.currentIndex()].id

        def draw(suffix: str) -> bytes:
            return render(figures.curves_figure(curves, metric, reference, title, style), suffix)

        return draw

    # clipboard -----------------------------------------------------------------------------------

    def copy_figure(self, style: Style) -> None:
        """Put the curves on the clipboard, as PNG and as SVG."""
        if not self.has_curves:
            self.said.emit("There are no curves yet. Press Sweep to measure some.", True)
            return
        draw = self._drawing(style)

        def work() -> Exported:
            data = {"image/png": draw(".png"), "image/svg+xml": draw(".svg")}
            return Exported("The figure is on the clipboard, as PNG and as SVG.", data)

        self._do(work)

    def copy_picture(self) -> None:
        """Put what is compared on the clipboard as a picture."""
        QGuiApplication.clipboard().setImage(panes_picture(self._window.viewing.shown, 1))
        self.said.emit("The picture of the panes is on the clipboard.", False)

    def copy_encode(self) -> None:
        """Copy the command that compresses the photo as the selected pane does, or the first one."""
        bench, item = self._bench, self._bench.item
        setting = bench.settings.get(self._window.grid.selection) or next(iter(bench.settings.values()), None)
        if item is None or setting is None:
            self.said.emit("There is no compressed photo yet. Open one first.", True)
            return
        file, region, note = commands.file_of(item), None, ""
        if bench.region is not None and file is not None and registry.get(setting.codec).guided:
            region = region_files.beside(file)
            note = f"Save the region if it has changed: the command reads “{region.name}”. "
        self._copy(commands.encode_command(item, setting, self._classifier, region), file, note)

    def copy_limit(self) -> None:
        """Copy the command that searches for the smallest files of this photo."""
        item = self._bench.item
        if item is None:
            self.said.emit("There is no photo yet. Open one first.", True)
            return
        settings = list(self._bench.settings.values())
        goal = self._window.limit_panel.goal()
        self._copy(commands.limit_command(item, settings, goal, self._classifier), commands.file_of(item))

    def copy_snapshot(self) -> None:
        """Copy the command that draws the window with this photo as it is now."""
        item, window = self._bench.item, self._window
        if item is None:
            self.said.emit("There is no photo yet. Open one first.", True)
            return
        settings = window.state.read()
        look = commands.WindowLook(
            width=window.width(),
            height=window.height(),
            scale=window.devicePixelRatioF(),
            mode=window.view.viewing.mode,
            map=settings.map if settings.map_shown else "none",
            tab=window.curves.open_tab(),
            theme=theme.look.theme,
            curves=self.has_curves,
        )
        panes = list(self._bench.settings.values())
        command = commands.snapshot_command(item, panes, self._classifier, look)
        note = "Its curves will be of this photo alone. " if self.has_curves else ""
        self._copy(command, commands.file_of(item), note)

    def copy_sweep(self) -> None:
        """Copy the commands that measure the group in the list as Sweep does, one for each source."""
        specs = [spec for spec in self._window.library.sweep_specs() if isinstance(spec, str | Path)]
        if not specs:
            self.said.emit("There are no photos of a file or folder to sweep. Open some first.", True)
            return
        codecs = self._window.sweep.codecs()
        lines = [
            commands.sweep_command(spec, codecs, self._classifier, PROTOCOL, self._window.sweep.photos)
            for spec in specs
        ]
        self._copy("\n".join(lines), Path())

    @property
    def _classifier(self) -> str:
        return self._bench.judge.card.id if self._bench.judge else "imagenet"

    def _copy(self, command: str, file: Path | None, note: str = "") -> None:
        """Put a command on the clipboard; say where a photo without a file is to come from."""
        QGuiApplication.clipboard().setText(command)
        note = note if file else "This photo has no file: save “Files and reconstructions” first. "
        self.said.emit(f"{note}Copied: {command}", False)  # a long command is cut off at its end

    # in turn -------------------------------------------------------------------------------------

    def _do(self, work: Callable[[], Exported]) -> None:
        self._waiting.append(work)
        self._next()

    def _next(self) -> None:
        if self._waiting and not self._job.busy:
            self._job.submit(self._waiting.popleft())

    def _tell(self, done: Exported) -> None:
        if done.clipboard:
            data = QMimeData()
            for kind, content in done.clipboard.items():
                data.setData(kind, content)
            data.setImageData(QImage.fromData(done.clipboard["image/png"]))
            self._copied = data
            QGuiApplication.clipboard().setMimeData(data)
        self.said.emit(done.sentence, False)

    def close(self) -> None:
        """Leave a copied figure on the clipboard as a picture alone, which is Qt's own.

        Where the clipboard outlives Python, freeing what Python has made would crash the program at its end.
        """
        clipboard = QGuiApplication.clipboard()
        if self._copied is not None and clipboard.mimeData() is self._copied:
            clipboard.setImage(clipboard.image())
        self._copied = None

    # questions -----------------------------------------------------------------------------------

    def _ask_figure(self, style: Style) -> None:
        asked = file_dialogs.save_file(self._window, "exports", "Save the figure", "curves.svg", _FIGURES)
        if asked:
            path, chosen = asked
            if path.suffix.lower() not in FIGURE_SUFFIXES:
                path = path.with_name(path.name + chosen[chosen.index("*.") + 1 : -1])
            self.save_figure(path, style)

    def _ask_csv(self) -> None:
        kinds = "Table (*.csv)"
        if asked := file_dialogs.save_file(self._window, "exports", "Save the curves", "curves.csv", kinds):
            self.save_csv(asked[0])

    def _ask_picture(self, scale: int) -> None:
        stem = naming.file_stem(self._bench.photo.name) if self._bench.photo else "panes"
        title, name = "Save the picture of the panes", f"{stem}-panes.png"
        asked = file_dialogs.save_file(self._window, "exports", title, name, "Picture (*.png)")
        if asked:
            self.save_picture(asked[0], scale)

    def _ask_folder(self) -> None:
        title = "Where to make a folder of files and pictures"
        if folder := file_dialogs.choose_folder(self._window, "exports", title):
            self.save_results(folder)


def _result(shown: PaneShown) -> Result:
    setting, coded = shown.request.setting, shown.coded
    return Result(setting, coded.data, coded.pixels, _classes(shown.prediction), shown.psnr, shown.ssim)


def _classes(prediction: Prediction | None) -> Classes:
    return tuple(prediction.top(_TOP)) if prediction is not None else ()
