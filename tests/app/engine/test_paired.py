import pytest
from scipy.stats import binomtest

from keepsight.app.engine.paired import mcnemar


def outcomes(right: int, wrong: int, start: int = 0) -> dict[str, bool]:
    return {f"p{start + n}": n < right for n in range(right + wrong)}


def test_an_even_split_is_chance():
    first = {"a": True, "b": False, "c": True}
    second = {"a": False, "b": True, "c": True, "d": False}
    found = mcnemar(first, second)
    assert (found.photos, found.only_first, found.only_second) == (3, 1, 1)
    assert found.p == pytest.approx(1)


def test_ten_to_none_is_not():
    found = mcnemar(outcomes(10, 0), outcomes(0, 10))
    assert (found.only_first, found.only_second) == (10, 0)
    assert found.p == pytest.approx(2 / 2**10)


def test_nothing_in_common_tells_nothing():
    assert mcnemar(outcomes(3, 0), outcomes(0, 3, start=5)).p == 1
    assert mcnemar(outcomes(3, 1), outcomes(3, 1)).p == 1


@pytest.mark.parametrize(
    ("won", "lost"), [(0, 0), (1, 0), (3, 9), (40, 61), (700, 600), (2400, 2600), (5000, 0)]
)
def test_it_is_the_exact_binomial_test(won: int, lost: int) -> None:
    found = mcnemar(outcomes(won, lost), outcomes(0, won) | outcomes(lost, 0, start=won))
    assert (found.only_first, found.only_second) == (won, lost)
    assert found.p == pytest.approx(binomtest(won, won + lost).pvalue if won + lost else 1.0, rel=1e-9)
