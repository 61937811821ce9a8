import pytest
from PySide6.QtCore import QPointF, QRectF, QSizeF

from keepsight.app.ui.placement import centre_of, placed

ROOM = QSizeF(400, 300)


@pytest.mark.parametrize(
    ("shape", "whole"), [(2.0, QRectF(0, 50, 400, 200)), (0.5, QRectF(125, 0, 150, 300))]
)
def test_fitted_it_lies_in_the_middle(shape: float, whole: QRectF) -> None:
    assert placed(shape, ROOM, None, QPointF(0.1, 0.9), 1.0) == whole


def test_enlarged_it_leaves_no_strip() -> None:
    whole = placed(1.0, ROOM, 1000.0, QPointF(0.0, 1.0), 1.0)
    assert (whole.left(), whole.bottom()) == (0, 300)


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
def test_it_starts_on_a_device_pixel(ratio: float) -> None:
    whole = placed(1.37, ROOM, 777.7, QPointF(0.4321, 0.6789), ratio)
    assert whole.left() * ratio == pytest.approx(round(whole.left() * ratio))
    assert whole.top() * ratio == pytest.approx(round(whole.top() * ratio))


def test_a_centre_leads_back_to_its_place() -> None:
    whole = placed(1.5, ROOM, 1200.0, QPointF(0.3, 0.6), 1.0)
    centre = centre_of(1.5, ROOM, 1200.0, whole.topLeft())
    assert placed(1.5, ROOM, 1200.0, centre, 1.0) == whole
