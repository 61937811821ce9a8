"""Sessions in the window: saved by themselves, restored at the next start, or kept as files of one's own."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPointF, QTimer

from keepsight.app.engine import session as sessions
from keepsight.app.engine.data import Item
from keepsight.app.engine.errors import USER_ERRORS
from keepsight.app.engine.session import Pin, SavedPhoto, Session, SessionError, View
from keepsight.app.engine.types import Curve
from keepsight.app.ui import file_dialogs
from keepsight.app.ui.layout_state import LayoutState
from keepsight.app.ui.library import SPECS
from keepsight.app.ui.open_menu import OpenMenu
from keepsight.app.worker import session_jobs
from keepsight.app.worker.jobs import Opened, PhotoShown
from keepsight.app.worker.judge_process import RemoteJudge
from keepsight.app.worker.session_jobs import CurvesRequest, SaveRequest, SearchRequest
from keepsight.codecs import registry, userfolder

if TYPE_CHECKING:
    from keepsight.app.ui.window import MainWindow

_SAVED_AFTER_MS = 2000
_KINDS = f"Keepsight sessions (*{sessions.SUFFIX});;All files (*)"


class SessionControl(QObject):
    """Knows the session of a window; nothing is read or written before `begin`."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window
        self._bench = window.bench
        self._running: sessions.Running | None = None
        self._lost: list[SavedPhoto] = []
        """Photos that are not where they were, until the user has decided."""
        self._lost_sources: list[str] = []
        self._held = True
        """Whether the kept session must not be overwritten yet."""
        self._to_show: Session | None = None
        """A session of which photo and view are still to be shown."""
        self._curves_wanted = False
        """Whether curves were shown: those of the next classifier are shown as well."""
        self._named: str | None = None
        """The classifier that the command line names; it wins over that of the last session."""
        self.menu = OpenMenu(
            *(window.toolbar.open_button, window.toolbar.open_requested.emit),
            *(self.close_photos, self.open_file, self.save_file),
        )
        for chosen in (self.menu.folder_chosen, self.menu.recent_chosen):
            chosen.connect(window.open)
            chosen.connect(self.menu.note)
        window.opening.sources_chosen.connect(self.menu.note)
        window.photos.files_dropped.connect(self.menu.note)
        self._later = QTimer(self, singleShot=True, interval=_SAVED_AFTER_MS)
        self._later.timeout.connect(self._save_soon)
        self._saving = self._bench.job(session_jobs.save)
        self._saving.failed.connect(lambda sentence: window.say(sentence, warning=True))
        self._curves = self._bench.job(session_jobs.stored_curves)
        self._curves.result.connect(self._show_curves)
        self._search = self._bench.job(session_jobs.search)
        self._search.result.connect(self._take_found)
        self._search.failed.connect(lambda sentence: window.say(sentence, warning=True))
        self._looking = self._bench.job(session_jobs.look_for_photos)
        self._looking.result.connect(self._take_missing)
        self._loading = self._bench.job(session_jobs.load)
        self._loading.result.connect(self._take_file)
        self._loading.failed.connect(lambda sentence: window.say(sentence, warning=True))
        self._bench.opened.connect(self._turn_to_photo)
        self._bench.photo_shown.connect(self._see_photo)
        self._bench.judge_loaded.connect(lambda _: self._want_curves())
        self._bench.sweep_advanced.connect(lambda _: self._note_sweep())
        self._layout = LayoutState(window)
        for changed in (window.state.changed, self._layout.changed):
            changed.connect(self.touch)
        window.region.stepped.connect(self.touch)
        window.photos.photo_chosen.connect(lambda _: self._let_go())

    @property
    def path(self) -> Path:
        """Where the session is kept by itself."""
        return userfolder.folder() / f"session{sessions.SUFFIX}"

    # life ----------------------------------------------------------------------------------------

    def begin(self, paths: Sequence[Path], classifier: str | None = None) -> None:
        """Start the window's work: restore the last session, or offer it where the program crashed.

        Photos and a classifier that are named win over the session's; its settings stay. A session file that
        is named is shown in place of the last session.
        """
        self._named = classifier
        window = self._window
        files = [path for path in paths if path.suffix == sessions.SUFFIX]
        paths = [path for path in paths if path not in files]
        try:
            self._running = sessions.Running(userfolder.folder() / "running")
        except USER_ERRORS as error:
            window.say(f"The session is not kept. {error}", warning=True)
        kept = self._kept() if self._running is not None and self._running.alone else None
        if self._running is not None and not self._running.alone:
            window.say("Another Keepsight window is open and keeps its session; this one’s is not kept.")
        self._held = self._running is None or not self._running.alone
        crashed = self._running is not None and self._running.crashed
        named = self._read_file(files[-1]) if files else None
        if kept is not None and (crashed or named is not None):
            self._put_aside(kept, crashed=crashed)
        if named is not None:
            kept, crashed = named, False
        if kept is None or crashed:
            window.begin(paths, sweep_photos=None)
            if kept is not None:
                self._offer(kept)
            return
        window.start_engines()
        if paths and kept.photos and named is None:
            self._put_aside(kept)
        other = paths and named is None
        self.restore(sessions.with_other_photos(kept) if other else kept, samples=not paths)
        window.classifiers.load()
        if paths:
            window.open(paths)

    def touch(self) -> None:
        """Keep the session a moment after the last change."""
        if self._running is not None and not self._held:
            self._later.start()

    def end(self) -> None:
        """Keep the session now, and tell that the program ended as it should."""
        self._later.stop()
        if self._running is None:
            return
        if not self._held:
            try:
                sessions.save(self.path, self.read())
            except USER_ERRORS as error:
                self._window.say(str(error), warning=True)
        self._running.end()
        self._running = None

    def _read_file(self, path: Path) -> Session | None:
        """Return the session that was named at the start; a sentence says where it cannot be read."""
        try:
            return sessions.load(path)
        except USER_ERRORS as error:
            self._warn(str(error))
            return None

    def _warn(self, sentence: str) -> None:
        """Say what must not be missed: the strip below soon tells of the photos."""
        self._window.say(sentence, warning=True)
        self._window.notice.tell(sentence)

    def _kept(self) -> Session | None:
        """Return the session of the last time; one that cannot be read is put aside as it is."""
        if not self.path.exists():
            return None
        try:
            return sessions.load(self.path)
        except USER_ERRORS as error:
            aside = self.path.with_name(f"session refused{sessions.SUFFIX}")
            number = 2
            while aside.exists():
                aside = self.path.with_name(f"session refused {number}{sessions.SUFFIX}")
                number += 1
            self.path.rename(aside)
            reason = f"Its file {error.reason}" if isinstance(error, SessionError) else str(error).rstrip(".")
            self._warn(f"The last session is not restored. {reason}; it is kept as “{aside}”.")
            return None

    def _put_aside(self, kept: Session, *, crashed: bool = False) -> None:
        """Keep the last session where it can be opened: another one takes its place."""
        name = "session of the crash" if crashed else "session before"
        before = self.path.with_name(f"{name}{sessions.SUFFIX}")
        try:
            sessions.save(before, kept)  # now: what is kept next overwrites the other file
        except USER_ERRORS as error:
            self._held = True
            self._window.say(f"The session is not kept. {error}", warning=True)
            return
        self._window.say(f"The last session is kept in “{before}”: Open, Session….")

    def _offer(self, kept: Session) -> None:
        """Ask whether the session of a crash shall come back; until then this one is kept as any other."""
        self._window.notice.ask(
            "Keepsight did not end as it should. The last session was kept.",
            ("Restore", "Bring back photos, panes and settings as they were", lambda: self._accept(kept)),
            ("Start anew", "Go on with this one; the last session stays in its file", self.touch),
        )

    def _accept(self, kept: Session) -> None:
        self.restore(kept)
        self._window.classifiers.load()

    # what it is ----------------------------------------------------------------------------------

    def read(self) -> Session:
        """Return the session as it is now."""
        window, view = self._window, self._window.view
        library = window.library
        own = [SavedPhoto(path=path) for path in library.own_files()]
        if self._to_show is not None:  # still being restored
            shown, look = self._to_show.shown, self._to_show.view
        else:
            shown = library.shown_name()
            look = View(extent=view.extent, x=view.centre.x(), y=view.centre.y())
        return Session(
            settings=window.state.read(),
            classifier=window.classifiers.wanted,
            device=window.classifiers.device,
            sources=tuple(dict.fromkeys([*library.sources(), *self._lost_sources])),
            photos=tuple({photo.path: photo for photo in (*own, *self._lost)}.values()),
            group=window.photos.shown_group(),
            shown=shown,
            regions=window.region.regions(),
            rule=window.region.rule(),
            view=look,
            bookmarks=window.bookmarks.bookmarks,
            tab=window.curves.open_tab(),
            pins=window.curves.pins(),
            swept=self._curves_wanted or window.curves.has_curves,
            **dict(self._layout.read()),
        )

    def restore(self, session: Session, *, samples: bool = True) -> None:
        """Show a session: settings at once, photos as they come; `samples` where it has no other ones."""
        window = self._window
        window.classifiers.want(self._named or session.classifier, session.device)
        self._named = None
        window.state.put(session.settings)
        window.region.take(session.regions, session.rule)
        window.bookmarks.take(session.bookmarks)
        self._layout.put(session)  # now: the first bookmark unfolds its section
        window.curves.show_tab(session.tab)
        self._put_pins(session.pins)
        self._curves_wanted = session.swept  # they come with its classifier, which is loaded next
        window.undo.forget()
        if session.photos or samples:
            self._open(session)
        # Until it is known which of them are there, all are kept.
        self._lost, self._lost_sources = list(session.photos), list(session.sources)
        self._looking.submit(session)

    def _put_pins(self, pins: Sequence[Pin]) -> None:
        """Pin what was pinned; of a codec that is gone there is no colour to draw with."""
        known = []
        for pin in pins:
            try:
                for curve in pin.curves:
                    registry.get(curve.codec)
            except USER_ERRORS as error:
                self._window.say(f"“{pin.name}” is no longer pinned. {error}", warning=True)
            else:
                known.append(pin)
        self._window.curves.set_pins(known)

    def _open(self, session: Session) -> None:
        window, self._to_show = self._window, session
        present = sessions.present_sources(session)
        if present:
            window.open([Path(one) if Path(one).is_absolute() else one for one in present])
        group = session.group
        if group in SPECS and not window.library.show_group(group):
            self._bench.open(group, [SPECS[group]])
        elif group not in SPECS and not present:
            self._bench.open("Samples", [SPECS["Samples"]])

    def _take_missing(self, looked: tuple[Session, list[SavedPhoto]]) -> None:
        session, lost = looked
        if lost:
            self._ask_for(lost, session)
        else:
            self._leave_out()

    def _ask_for(self, lost: list[SavedPhoto], session: Session) -> None:
        self._lost = lost
        there = sessions.present_sources(session)
        self._lost_sources = [source for source in session.sources if source not in there]
        many = f"{len(lost):,} photos are" if len(lost) > 1 else f"“{Path(lost[0].path).name}” is"
        self._window.notice.ask(
            f"{many} not where {'they were' if len(lost) > 1 else 'it was'}. The settings are all there.",
            ("Locate…", "Choose the folder in which they lie now", lambda: self._locate(session)),
            ("Leave out", "Go on without them", self._leave_out),
        )

    def _locate(self, session: Session) -> None:
        folder = file_dialogs.choose_folder(self._window, "photos", "Where are the photos now?")
        if folder is None:
            self._ask_for(self._lost, session)
            return
        self._search.submit(SearchRequest(session, folder))
        self._window.notice.ask(
            f"Looking for the photos in “{folder}” …",
            ("Stop", "Choose another folder", lambda: self._stop_search(session)),
        )

    def _stop_search(self, session: Session) -> None:
        self._search.cancel()
        self._ask_for(self._lost, session)

    def _take_found(self, searched: tuple[Session, Session, list[SavedPhoto]]) -> None:
        session, found, lost = searched
        self._window.notice.hide()
        fresh = [source for source in sessions.present_sources(found) if source not in session.sources]
        pairs = zip(session.bookmarks, found.bookmarks, strict=True)
        self._window.bookmarks.follow({old.photo: new.photo for old, new in pairs})
        self._leave_out()
        if fresh:
            self._to_show = found
            self._window.open([Path(source) for source in fresh])
        if lost:
            self._ask_for(lost, found)

    def _leave_out(self) -> None:
        self._lost, self._lost_sources = [], []
        self.touch()

    # what comes ----------------------------------------------------------------------------------

    def _turn_to_photo(self, opened: Opened) -> None:
        session = self._to_show
        found = session is not None and self._window.library.turn_to(session.shown)
        if session is not None and not found and opened.items and opened.group == session.group:
            self._to_show = None  # that photo is no longer there
        self.touch()

    def _let_go(self) -> None:
        """Show no more of a session's photo and view: the user has turned to another photo meanwhile."""
        self._to_show = None

    def _see_photo(self, shown: PhotoShown) -> None:
        session = self._to_show
        if session is not None and self._window.library.shown_name() == session.shown:
            self._to_show = None
            self._window.view.look(session.view.extent, QPointF(session.view.x, session.view.y))
        self.touch()

    def _note_sweep(self) -> None:
        self._curves_wanted = True
        self.touch()

    def _want_curves(self) -> None:
        store, judge = self._window.sweep.store, self._bench.judge
        if self._curves_wanted and judge is not None and store is not None and store.is_file():
            self._curves.submit(CurvesRequest(store, judge))

    def _show_curves(self, found: tuple[RemoteJudge, list[Curve], float | None]) -> None:
        judge, curves, reference = found
        if judge is self._bench.judge and not self._window.sweep.measuring:
            self._window.sweep.show_kept(judge.card.name, curves, reference)

    # files ---------------------------------------------------------------------------------------

    def open_file(self) -> None:
        """Let the user choose a session and show it."""
        if path := file_dialogs.open_file(self._window, "sessions", "Open a session", _KINDS):
            self.show_file(path)

    def show_file(self, path: Path) -> None:
        """Show the session of a file; a sentence says where it cannot be read."""
        self._loading.submit(path)

    def close_photos(self) -> None:
        """Take the user's own photos out of the list, and show the samples."""
        self._let_go()
        self._window.library.close_own()
        self._window.toolbar.samples_requested.emit()
        self.touch()

    def take(self, sources: Sequence[Path | str | Item]) -> list[Path | str | Item]:
        """Show the last session file among these, and return the others."""
        files = [one for one in sources if isinstance(one, Path) and one.suffix == sessions.SUFFIX]
        if files:
            self.show_file(files[-1])
        return [one for one in sources if one not in files]

    def _take_file(self, loaded: tuple[Path, Session]) -> None:
        path, session = loaded
        self.menu.note([path])
        self.restore(session)
        self._window.classifiers.load()
        self._window.say(f"The session “{path.name}” is open.")

    def save_file(self) -> None:
        """Let the user choose where to keep this session."""
        name = f"session{sessions.SUFFIX}"
        if asked := file_dialogs.save_file(self._window, "sessions", "Save the session", name, _KINDS):
            path, _ = asked
            self._saving.submit(SaveRequest(path.with_suffix(path.suffix or sessions.SUFFIX), self.read()))

    def _save_soon(self) -> None:
        if not self._held:
            self._saving.submit(SaveRequest(self.path, self.read()))
