"""Lets panes go through the rates of their codecs by themselves."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from keepsight.app.engine.types import Setting
from keepsight.app.ui.pane_grid import PaneGrid
from keepsight.app.ui.player_bar import Ending, PlayerBar
from keepsight.app.worker.jobs import PaneShown
from keepsight.app.worker.workbench import Workbench
from keepsight.codecs import registry


class RatePlayer(QObject):
    """Goes on only when the pictures and the classes of a step are shown, and have been for a moment.

    So the film is never ahead of the pictures, however long a codec takes.
    """

    stopped = Signal()
    """The film stands still now."""
    said = Signal(str, bool)
    """A sentence for the log, and whether it is a warning."""

    def __init__(
        self,
        bench: Workbench,
        grid: PaneGrid,
        bar: PlayerBar,
        set_setting: Callable[[int, Setting], None],
        parent: QObject,
    ) -> None:
        """`set_setting` gives a pane, by its number, another setting."""
        super().__init__(parent)
        self._bench, self._grid, self.bar, self._set = bench, grid, bar, set_setting
        self._shown: dict[int, PaneShown] = {}
        self._failed: dict[int, Setting] = {}
        self._moving = False
        self._direction = 1
        self.step = 0
        """The step that was asked for last, from 0, the smallest file."""
        self.playing = False
        self._dwell = QTimer(self, singleShot=True)
        self._dwell.timeout.connect(self._advance)
        bar.hide()
        bar.play_asked.connect(self.play)
        bar.scrubbed.connect(self.go)
        bar.subject_changed.connect(self.follow)
        bar.close_asked.connect(self.close)
        grid.selected.connect(lambda _: self.follow())
        bench.pane_closed.connect(self._forget)
        bench.pane_shown.connect(self._take)
        bench.pane_failed.connect(self._fail)
        bench.photo_shown.connect(lambda _: self._check())

    # what moves ----------------------------------------------------------------------------------

    @property
    def numbers(self) -> list[int]:
        """The panes that move."""
        settings, selected = self._bench.settings, self._grid.selection
        if self.bar.subject.currentData():
            return list(settings)
        first = [number for number in self._grid.panes if number in settings][:1]
        return [selected] if selected in settings else first

    @property
    def count(self) -> int:
        """How many steps there are: those of the longest ladder."""
        return max((len(ladder(self._bench.settings[number])) for number in self.numbers), default=0)

    @property
    def there(self) -> bool:
        """Whether every pane that moves shows what it was asked for, with its class, or why it cannot."""
        return all(self._is_there(number) for number in self.numbers)

    def _is_there(self, number: int) -> bool:
        setting, shown = self._bench.settings[number], self._shown.get(number)
        if self._failed.get(number) == setting:
            return True
        if shown is None or shown.psnr is None or shown.request.candidate is not None:
            return False
        asked = shown.request
        now = (setting, self._bench.photo, self._bench.judge)
        return (asked.setting, asked.photo, asked.judge) == now and self._bench.photo_is_current

    # what the user does --------------------------------------------------------------------------

    def open(self) -> None:
        """Show the bar; the pane that moves is selected, so that it is plain which one does."""
        moving = self.numbers
        if not self.bar.subject.currentData() and moving and self._grid.selection not in moving:
            self._grid.select(moving[0])
        self.bar.show()
        self.follow()

    def close(self) -> None:
        """Stop and put the bar away."""
        self.play(False)
        self.bar.hide()
        self._grid.setFocus()

    def play(self, playing: bool) -> None:
        """Let the film run from the step that is shown, or stand still."""
        if playing:
            self.open()
            if self.count < 2:
                self.said.emit("This codec makes one size of file only. Choose another one to play.", True)
                playing = False
        if playing and not self.playing and self.step >= self.count - 1 and self._ending == "stop":
            self.go(0)
        was, self.playing = self.playing, playing
        self.bar.show_playing(playing)
        self._dwell.stop()
        if was and not playing:
            self.stopped.emit()
        self._check()

    def go(self, step: int) -> None:
        """Ask for the pictures of a step; the newest wins."""
        self._dwell.stop()
        self.step, count = step, self.count
        self._moving = True
        for number in self.numbers:
            setting = at_step(self._bench.settings[number], step, count)
            if setting != self._bench.settings[number]:
                self._set(number, setting)
        self._moving = False
        self.bar.show_step(step, count)
        self._check()

    def follow(self) -> None:
        """Stand where the panes are, after somebody else changed them."""
        if self._moving or self.bar.isHidden():
            return
        count = self.count
        if self.playing and count < 2:
            self.play(False)
        self.step = min(self.step, max(0, count - 1))  # another ladder may be shorter
        if self.numbers and count:
            setting = self._bench.settings[self.numbers[0]]
            rungs = len(ladder(setting))
            # With ladders of several lengths some steps are the same rung: stay where that holds.
            if at_step(setting, self.step, count) != setting:
                self.step = round(nearest(setting) / max(1, rungs - 1) * (count - 1))
        self.bar.show_step(self.step, count)
        self._check()

    # what comes ----------------------------------------------------------------------------------

    def _take(self, number: int, shown: PaneShown) -> None:
        self._shown[number] = shown
        self._failed.pop(number, None)
        self._check()

    def _forget(self, number: int) -> None:
        self._shown.pop(number, None)
        self._failed.pop(number, None)
        self.follow()

    def _fail(self, number: int, _: str) -> None:
        if number in self._bench.settings:
            self._failed[number] = self._bench.settings[number]
            self._check()

    def _check(self) -> None:
        """Say which step is shown; once it is, let it stay for its time."""
        if self.bar.isHidden() or self._moving or not self.there:
            return
        self.bar.show_place(f"{self.step + 1} of {self.count}")
        if self.playing and not self._dwell.isActive():
            self._dwell.start(round(1000 / self.bar.speed.currentData()))

    @property
    def _ending(self) -> Ending:
        ending: Ending = self.bar.ending.currentData()
        return ending

    def _advance(self) -> None:
        if not self.playing or not self.there:
            return
        following = next_step(self.step, self._direction, self.count, self._ending)
        if following is None:
            self.play(False)
        else:
            step, self._direction = following
            self.go(step)


def next_step(step: int, direction: int, count: int, ending: Ending) -> tuple[int, int] | None:
    """Return the step after this one and the direction from there (1 or -1); None at the end.

    `count` is at least 2; only a film that bounces runs backwards.
    """
    if ending != "bounce":
        direction = 1
    following = step + direction
    if 0 <= following < count:
        return following, direction
    if ending == "bounce":
        return step - direction, -direction
    return (0, 1) if ending == "loop" else None


def ladder(setting: Setting) -> list[Setting]:
    """Return the settings of a codec's rates, smallest file first, all other options as they are."""
    rungs = registry.get(setting.codec).ladder(setting.options)
    return [Setting(setting.codec, options) for options in rungs]


def at_step(setting: Setting, step: int, count: int) -> Setting:
    """Return a setting at a step of `count`; a shorter ladder is spread over them."""
    rungs = ladder(setting)
    return rungs[round(step / max(1, count - 1) * (len(rungs) - 1))]


def nearest(setting: Setting) -> int:
    """Return the place on the ladder that is nearest to a setting, by the option that moves the rate."""
    name, rungs = registry.get(setting.codec).rate_option, ladder(setting)
    if name is None:
        return 0
    values = [float(getattr(rung.options, name)) for rung in rungs]
    own = float(getattr(setting.options, name))
    return min(range(len(rungs)), key=lambda place: abs(values[place] - own))
