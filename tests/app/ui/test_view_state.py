from PySide6.QtCore import QPointF, QSize
from pytestqt.qtbot import QtBot

from keepsight.app.ui.view_state import ViewState


def test_new_size_fits_and_forgets_the_pointer() -> None:
    state = ViewState()
    state.set_size(QSize(400, 300))
    state.look(900, QPointF(0.2, 0.3))
    state.set_hover((5, 6))
    state.set_size(QSize(400, 300))
    assert state.extent == 900
    assert state.hover == (5, 6)
    state.set_size(QSize(200, 300))
    assert state.extent is None
    assert state.hover is None


def test_one_to_one_means_device_pixels() -> None:
    state = ViewState()
    state.actual_pixels(2.0)
    assert state.extent is None
    state.set_size(QSize(400, 300))
    state.actual_pixels(1.0)
    assert state.extent == 400
    state.actual_pixels(2.0)
    assert state.extent == 200


def test_centre_stays_on_the_picture() -> None:
    state = ViewState()
    state.look(100, QPointF(-3, 7))
    assert state.centre == QPointF(0, 1)


def test_signals_tell_changes_only(qtbot: QtBot) -> None:
    state = ViewState()
    with qtbot.waitSignal(state.changed, timeout=100):
        state.look(500, QPointF(0.5, 0.5))
    with qtbot.assertNotEmitted(state.changed):
        state.look(500, QPointF(0.5, 0.5))
    with qtbot.waitSignal(state.changed, timeout=100):
        state.edit(smooth=False)
    with qtbot.assertNotEmitted(state.changed):
        state.edit(smooth=False)
    with qtbot.waitSignal(state.hovered, timeout=100) as told:
        state.set_hover((3, 4))
    assert told.args == [(3, 4)]
    with qtbot.assertNotEmitted(state.hovered):
        state.set_hover((3, 4))
