"""Panes as a picture, without controls."""

import numpy as np
import pytest

from keepsight.app.ui import theme
from keepsight.app.ui.codec_menu import CodecGroup
from keepsight.app.ui.pane import PaneContent
from keepsight.app.ui.pane_grid import PaneGrid
from keepsight.app.ui.panes_picture import panes_picture
from keepsight.app.ui.pipeline_control import codec_groups
from keepsight.app.ui.view_state import ViewState

STRIPES = np.zeros((240, 320, 3), np.uint8)
STRIPES[:, ::2] = 255


@pytest.fixture
def grid(qtbot) -> PaneGrid:
    groups: list[CodecGroup] = list(codec_groups())
    grid = PaneGrid(ViewState(), groups)
    qtbot.addWidget(grid)
    grid.add(1).set_codec("jpeg")
    rows = (("cat", 0.6), ("dog", 0.3))
    for pane in grid.panes.values():
        content = PaneContent("JPEG", "jpeg", "quality 5", 100, 0.5, rows, "kept", pixels=STRIPES)
        pane.set_content(content)
    grid.resize(700, 400)
    grid.show()
    grid.select(1)
    return grid


@pytest.mark.parametrize("scale", [1, 2, 4])
def test_it_has_so_many_pixels_and_fine_detail_is_not_blurred(grid: PaneGrid, scale: int) -> None:
    image = panes_picture(grid, scale)
    assert (image.width(), image.height()) == (700 * scale, 400 * scale)
    view = grid.panes[1].view
    middle = view.mapTo(grid, view.rect().center()) * scale
    row = [image.pixelColor(middle.x() + x, middle.y()).lightness() for x in range(8 * scale)]
    if scale == 4:  # every column of the photo has two or more pixels of the picture
        assert min(row) < 60
        assert max(row) > 195


def test_the_controls_are_there_again(grid: PaneGrid) -> None:
    before = panes_picture(grid, 1)
    pane = grid.panes[1]
    assert pane.codec.isVisible()
    assert pane.close_button is not None
    assert pane.close_button.isVisible()
    assert pane.property("selected")
    assert pane.font().pixelSize() == theme.FONT_SIZE
    assert panes_picture(grid, 1) == before


def test_large_letters_need_more_room(grid: PaneGrid) -> None:
    pane = grid.panes[1]
    height = pane.bars.height()
    pane.set_plain(True, 20)
    assert pane.bars.height() > 1.5 * height
    assert not pane.codec.isVisible()
    pane.set_plain(False)
    assert pane.bars.height() == height
