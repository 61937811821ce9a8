"""The search's tab: what is drawn, what is said, and that clicks and keys are heard."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from keepsight.app.ui import search_words as words
from keepsight.app.ui.search_panel import SearchPanel
from keepsight.app.ui.search_plot import SearchPlot
from keepsight.codecs.searching import Candidate, Found


@pytest.fixture
def found() -> Found:
    """Four candidates, the third one chosen; the last one is beaten by it."""
    sizes, kls, keeps = (400, 900, 1630, 2500), (3.1, 0.4, 0.12, 0.5), (False, False, True, True)
    tried = [
        Candidate(f"quality {size}", bytes(size), kl, kept, (kl / 2) ** 0.5)
        for size, kl, kept in zip(sizes, kls, keeps, strict=True)
    ]
    return Found(tried[2], tried)


@pytest.fixture
def plot(found: Found, qtbot: QtBot) -> SearchPlot:
    plot = SearchPlot()
    qtbot.addWidget(plot)
    plot.resize(700, 220)
    plot.show()
    plot.set_found(found, found.chosen)
    QApplication.processEvents()
    return plot


def unread(found: Found) -> Found:
    """The same where no classifier was asked."""
    tried = [replace(one, kl=float("nan"), keeps=False) for one in found.tried]
    return Found(tried[2], tried)


def test_a_search_in_words(found: Found) -> None:
    assert words.finding(found, 0.42, found.chosen) == (
        "4 candidates tried in 0.4 s; chosen: quality 1630: 1,630 bytes, KL 0.12."
    )
    other = words.finding(replace(found, unmet="No file is so small."), 0.02, found.tried[0])
    assert other.startswith("No file is so small. The pane shows a candidate of 400 bytes;")
    assert "in 0.02 s" in other
    assert words.finding(unread(found), 1, unread(found).chosen).endswith(words.NO_CLASSIFIER)
    assert words.describe(found.tried[0], found).splitlines()[1:] == [
        "400 bytes, KL 3.1",
        "The class is lost.",
        "A click shows it in the pane.",
    ]
    assert "class" not in words.describe(unread(found).tried[0], unread(found))


def test_points_stand_for_what_was_tried(plot: SearchPlot, found: Found) -> None:
    assert sorted(10 ** plot._kept.getData()[0]) == pytest.approx([1630, 2500])
    assert sorted(10 ** plot._lost.getData()[0]) == pytest.approx([400, 900])
    assert 10 ** plot._chosen_ring.getData()[0] == pytest.approx([1630])
    assert plot._shown_ring.getData()[0].size == 0, "the chosen one has its ring already"
    assert 10 ** plot._front.getData()[0] == pytest.approx([400, 900, 1630]), "the last one is beaten"
    plot.set_found(found, found.tried[3])
    assert 10 ** plot._shown_ring.getData()[0] == pytest.approx([2500])
    plot.set_found(unread(found), unread(found).chosen)
    assert len(plot._unread.getData()[0]) == 4
    assert plot._kept.getData()[0].size == plot._lost.getData()[0].size == 0


def test_a_loss_of_nothing_lies_at_the_foot_and_is_said(plot: SearchPlot, found: Found) -> None:
    assert words.axis(found) == "loss (KL, nats)"
    tried = [*found.tried[:3], replace(found.tried[3], kl=0.0)]
    clipped = Found(tried[2], tried)
    assert words.axis(clipped) == "loss (KL, nats); at the foot: 0.0001 or less"
    plot.set_found(clipped, clipped.chosen)
    assert np.isfinite(plot._y).all()
    assert 10 ** plot._y[3] == pytest.approx(words.FLOOR)


def test_one_candidate_alone_is_drawn(plot: SearchPlot, found: Found) -> None:
    alone = Found(found.tried[0], found.tried[:1])
    plot.set_found(alone, alone.chosen)
    assert plot.rect().contains(plot.position_of(alone.chosen))


def test_clicks_keys_and_the_pointer(plot: SearchPlot, found: Found, qtbot: QtBot) -> None:
    asked: list[Candidate] = []
    plot.candidate_chosen.connect(asked.append)
    for one in (found.tried[0], found.tried[3]):
        qtbot.mouseClick(plot.viewport(), Qt.MouseButton.LeftButton, pos=plot.position_of(one))
    assert [len(one.data) for one in asked] == [400, 2500]
    qtbot.keyClick(plot, Qt.Key.Key_Left)
    qtbot.keyClick(plot, Qt.Key.Key_Right)
    assert [len(one.data) for one in asked[2:]] == [900, 2500]
    plot.set_found(found, found.tried[3])
    qtbot.keyClick(plot, Qt.Key.Key_Right)
    assert len(asked) == 4, "there is no larger one"
    qtbot.mouseMove(plot.viewport(), plot.position_of(found.tried[1]))
    qtbot.mouseMove(plot.viewport(), plot.position_of(found.tried[2]))
    qtbot.waitUntil(lambda: "This is the chosen file." in QToolTip.text())


@pytest.mark.parametrize("size", [(700, 90), (1000, 150), (1400, 300)])
def test_the_panel_shows_all_in_any_room(found: Found, qtbot: QtBot, size: tuple[int, int]) -> None:
    panel = SearchPanel()
    qtbot.addWidget(panel)
    with qtbot.waitSignal(panel.seen):
        panel.show()
    assert panel.hint.text() == words.EMPTY
    panel.resize(*size)
    panel.show_found(found, 0.4, found.chosen)
    QApplication.processEvents()
    assert not panel.hint.isVisible()
    assert panel.plot.getViewBox().height() > 20
    for one in found.tried:
        assert panel.plot.rect().contains(panel.plot.position_of(one))
    panel.clear()
    assert panel.hint.isVisible()
    assert panel.finding.text() == ""
