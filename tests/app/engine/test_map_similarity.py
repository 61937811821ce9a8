import numpy as np
import pytest

from keepsight.app.engine.map_similarity import correlation, intersection


def hill(x: float, y: float, height: float = 1.0) -> np.ndarray:
    rows, columns = np.mgrid[:40, :60]
    return (height * np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / 50)).astype(np.float32)


def test_a_map_is_most_like_itself_whatever_its_strength():
    for measure in (correlation, intersection):
        assert measure(hill(20, 20), hill(20, 20)) == pytest.approx(1)
        assert measure(hill(20, 20), hill(20, 20, 7.5)) == pytest.approx(1)


def test_the_farther_the_maximum_moves_the_less_alike():
    for measure in (correlation, intersection):
        figures = [measure(hill(20, 20), hill(20 + by, 20)) for by in (0, 4, 8, 30)]
        assert figures == sorted(figures, reverse=True)
        assert figures[-1] < 0.02


def test_figures_by_hand():
    one = np.array([[3, 1, 0, 0]], np.float32)
    other = np.array([[0, 1, 2, 1]], np.float32)
    assert intersection(one, other) == pytest.approx(0.25)
    assert correlation(one, other) == pytest.approx(np.corrcoef(one.ravel(), other.ravel())[0, 1])
    assert correlation(one, 3 - one) == pytest.approx(-1)


def test_a_map_without_shape_has_no_figure():
    flat, zero = np.full((9, 9), 2, np.float32), np.zeros((9, 9), np.float32)
    shaped = np.eye(9, dtype=np.float32)
    assert correlation(flat, shaped) is None
    assert correlation(shaped, zero) is None
    assert intersection(shaped, zero) is None
    assert intersection(flat, shaped) == pytest.approx(1 / 9)
    assert correlation(flat[:1, :1], flat[:1, :1]) is None


def test_maps_of_two_shapes_are_an_error():
    for measure in (correlation, intersection):
        with pytest.raises(ValueError, match="one shape"):
            measure(np.ones((3, 4), np.float32), np.ones((4, 3), np.float32))
