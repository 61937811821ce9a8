"""Keep: its search against trying everything, its aims, and guides in trouble."""

from collections.abc import Callable, Sequence
from typing import Any

import cv2
import numpy as np
import pytest

from keepsight.codecs import container, registry
from keepsight.codecs.base import BitstreamError, EncodeError, Pixels
from keepsight.codecs.guide import Critic, MapGuide, RegionGuide, SteeredCritic, intrinsic
from keepsight.codecs.keep import Keep, KeepOptions
from keepsight.codecs.keep_search import Place, Search
from keepsight.codecs.options import OptionsError

KEEP = Keep()


class EdgeCritic:
    """A critic without weights: two classes, told apart by the mean strength of the middle's edges."""

    def __init__(self, pixels: Pixels, broken: float | None = None) -> None:
        self._original, self._broken = self._prediction(pixels), broken
        self._map = intrinsic(pixels)
        self.memory: dict[Any, Any] = {}
        self.readers = "edges"
        self.read = 0

    def importance(self) -> Any:
        return self._map

    def distortion(self, candidates: Sequence[Pixels]) -> Any:
        self.read += len(candidates)
        p = self._original
        found = []
        for candidate in candidates:
            q = self._prediction(candidate)
            found.append(p * np.log(p / q) + (1 - p) * np.log((1 - p) / (1 - q)))
        return np.array(found) if self._broken is None else np.full(len(found), self._broken)

    def keeps(self, candidates: Sequence[Pixels]) -> Any:
        return np.array([(self._prediction(c) > 0.5) == (self._original > 0.5) for c in candidates])

    def _prediction(self, pixels: Pixels) -> float:
        height, width = pixels.shape[:2]
        middle = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)[
            height // 4 : -height // 4, width // 4 : -width // 4
        ]
        strength = float(np.abs(cv2.Laplacian(middle.astype(np.float32), cv2.CV_32F)).mean())
        return float(1 / (1 + np.exp(-(strength - 4))))


@pytest.fixture(scope="module")
def pixels(photo: Callable[..., Pixels]) -> Pixels:
    return photo(120, 150)


@pytest.fixture(scope="module")
def everything(pixels: Pixels) -> Search:
    """Every third candidate that there is, tried; not mended, as this critic likes any edge."""
    search = KEEP.begin(pixels, KeepOptions(restore=False), EdgeCritic(pixels))
    search.attempt(search.places[::3])
    return search


def test_the_critic_here_is_one(pixels: Pixels) -> None:
    assert isinstance(EdgeCritic(pixels), Critic)


@pytest.mark.parametrize("lmbda", [300, 3000, 30_000])
def test_the_search_comes_near_trying_everything(pixels: Pixels, everything: Search, lmbda: float) -> None:
    options = KeepOptions(lmbda=lmbda, reader="guide", restore=False)
    found = KEEP.search(pixels, options, EdgeCritic(pixels))
    assert len(found.tried) <= 14
    cost = len(found.chosen.data) + lmbda * np.sqrt(found.chosen.kl / 2)
    least = min(len(one.data) + lmbda * np.sqrt(one.kl / 2) for one in everything.tried.values())
    drawn = np.random.default_rng(0).permutation(len(everything.tried))[:14]
    tried = list(everything.tried.values())
    by_chance = min(len(tried[at].data) + lmbda * np.sqrt(tried[at].kl / 2) for at in drawn)
    assert cost <= 1.1 * least
    assert cost < by_chance


def test_more_is_kept_where_loss_weighs_more(pixels: Pixels) -> None:
    critic = EdgeCritic(pixels)
    found = [KEEP.search(pixels, KeepOptions(lmbda=lmbda), critic).chosen for lmbda in (100, 3000, 100_000)]
    assert sorted(len(one.data) for one in found) == [len(one.data) for one in found]
    assert sorted((one.loss for one in found), reverse=True) == [one.loss for one in found]


@pytest.mark.parametrize(("effort", "most"), [(1, 5), (2, 8), (3, 14), (4, 24)])
def test_effort_is_how_many_are_tried(pixels: Pixels, effort: int, most: int) -> None:
    critic = EdgeCritic(pixels)
    assert len(KEEP.search(pixels, KeepOptions(effort=effort), critic).tried) == most == critic.read


def test_what_was_read_is_neither_coded_nor_read_again(
    pixels: Pixels, monkeypatch: pytest.MonkeyPatch
) -> None:
    critic = EdgeCritic(pixels)
    first = KEEP.search(pixels, KeepOptions(), critic)
    monkeypatch.setattr(Keep, "decode", None)
    again = KEEP.search(pixels, KeepOptions(), critic)
    assert [vars(one) for one in again.tried] == [vars(one) for one in first.tried]
    assert critic.read == 14


def test_readers_of_another_name_share_files_but_not_answers(pixels: Pixels) -> None:
    critic, other = EdgeCritic(pixels), EdgeCritic(pixels)
    other.readers, other.memory = "others", critic.memory
    files = [KEEP.search(pixels, KeepOptions(), one).chosen.data for one in (critic, other)]
    assert files[0] == files[1]
    assert critic.read == other.read == 14


def test_a_size_is_met_with_the_least_loss(pixels: Pixels) -> None:
    found = KEEP.search(pixels, KeepOptions(aim="size", size=900), EdgeCritic(pixels))
    fitting = [one for one in found.tried if len(one.data) <= 900]
    assert len(fitting) >= 3
    assert found.chosen in fitting
    assert len(found.chosen.data) > 400
    assert found.chosen.loss <= 1.2 * min(one.loss for one in fitting)


def test_the_smallest_file_that_keeps_the_class(pixels: Pixels) -> None:
    found = KEEP.search(pixels, KeepOptions(aim="class"), EdgeCritic(pixels))
    keeping = [one for one in found.tried if one.keeps]
    assert found.chosen.keeps
    assert len(found.chosen.data) == min(len(one.data) for one in keeping)
    assert len(keeping) < len(found.tried), "the search went to the limit"


def test_what_cannot_be_met_is_said_with_the_nearest(pixels: Pixels) -> None:
    found = KEEP.search(pixels, KeepOptions(aim="size", size=20), EdgeCritic(pixels))
    assert found.unmet == "No file of at most 20 bytes was found; this is the smallest. Allow more bytes."
    assert len(found.chosen.data) == min(len(one.data) for one in found.tried)

    class Never(EdgeCritic):
        def keeps(self, candidates: Sequence[Pixels]) -> Any:
            return np.zeros(len(candidates), bool)

    found = KEEP.search(pixels, KeepOptions(aim="class"), Never(pixels))
    assert found.unmet.startswith("None of 14 files keeps the class; this one loses least.")
    assert found.chosen.loss == min(one.loss for one in found.tried)
    assert "Name one as the guide" in KEEP.search(pixels, KeepOptions(aim="class")).unmet
    assert not KEEP.search(pixels, KeepOptions(), EdgeCritic(pixels)).unmet


@pytest.mark.parametrize("value", [0, -1, float("inf"), float("nan")])
def test_impossible_weights_are_refused(value: float) -> None:
    with pytest.raises(OptionsError, match="lmbda"):
        KeepOptions.parse({"lmbda": value})


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_guide_without_numbers_ends_in_a_sentence(pixels: Pixels, value: float) -> None:
    with pytest.raises(EncodeError, match="no numbers"):
        KEEP.encode(pixels, KeepOptions(), EdgeCritic(pixels, broken=value))


def test_a_map_without_numbers_is_no_map(pixels: Pixels) -> None:
    broken = MapGuide(np.full((10, 10), np.nan, np.float32))
    assert KEEP.decode(KEEP.encode(pixels, KeepOptions(), broken)).shape == pixels.shape


def test_without_a_classifier_pixels_of_the_map_count(pixels: Pixels) -> None:
    left = np.zeros(pixels.shape[:2], np.float32)
    left[:, :75] = 1
    decoded = KEEP.decode(KEEP.encode(pixels, KeepOptions(lmbda=20_000), MapGuide(left)))
    error = np.abs(decoded.astype(int) - pixels).mean((0, 2))
    assert error[:60].mean() < 0.8 * error[90:].mean()


def test_a_region_by_hand_steers_a_critic(pixels: Pixels) -> None:
    critic, region = EdgeCritic(pixels), RegionGuide(np.eye(120, 150, dtype=np.float32))
    steered = SteeredCritic(critic, region)
    assert isinstance(steered, Critic)
    assert steered.importance() is region.values
    KEEP.encode(pixels, KeepOptions(effort=1), steered)
    assert critic.read == 5


@pytest.mark.parametrize("shape", [(1, 1), (3, 15), (15, 3), (16, 16), (1, 300)])
def test_tiny_images(shape: tuple[int, int], photo: Callable[..., Pixels]) -> None:
    pixels = photo(*shape)
    decoded = KEEP.decode(KEEP.encode(pixels, KeepOptions()))
    assert decoded.shape == pixels.shape
    assert np.abs(decoded.astype(int) - pixels).mean() < 40


def test_a_pipeline_that_changes_the_size_asks_at_the_original_size(pixels: Pixels) -> None:
    critic = EdgeCritic(pixels)
    codec = registry.get("downscale:factor=1.5+keep:effort=1")
    assert codec.searches
    data = codec.encode(pixels, codec.options(), critic)
    assert codec.decode(data).shape == pixels.shape
    assert critic.read == 5


def test_the_header_is_eight_bytes(pixels: Pixels) -> None:
    data = KEEP.encode(pixels, KeepOptions())
    payload = data[container.SIZE : -container.SEAL]
    scale = data[3] & 31
    sides = [round(side / 2 ** (scale / 4)) for side in pixels.shape[:2]]
    av1 = registry.get("av1")
    whole = container.seal(container.pack(av1.tag, 1, *sides) + payload)
    assert av1.decode(whole).shape == (*sides, 3)


def test_another_version_is_refused(pixels: Pixels) -> None:
    data = bytearray(KEEP.encode(pixels, KeepOptions(effort=1)))
    data[3] += 32
    with pytest.raises(BitstreamError, match=r"version 3 .* Update Keepsight"):
        KEEP.decode(bytes(data))


def test_a_restored_file_differs_in_its_version_and_in_what_it_decodes_to(pixels: Pixels) -> None:
    search = {kind: KEEP.begin(pixels, KeepOptions(restore=kind)) for kind in (True, False)}
    for one in search.values():
        one.attempt([Place(2, 40, 0)])
    (mended,), (plain,) = (
        [candidate.data for candidate in search[kind].tried.values()] for kind in (True, False)
    )
    assert mended[3] - plain[3] == 32
    assert mended[4:-2] == plain[4:-2]
    assert KEEP.decode(mended).shape == KEEP.decode(plain).shape == pixels.shape
    assert (KEEP.decode(mended) != KEEP.decode(plain)).any()


def test_the_finest_pictures_are_left_as_they_are(pixels: Pixels) -> None:
    search = KEEP.begin(pixels, KeepOptions())
    search.attempt([Place(0, 84, 0), Place(0, 88, 0), Place(1, 88, 0)])
    assert [one.data[3] >> 5 for one in search.tried.values()] == [2, 1, 2]


def test_what_was_read_restored_is_not_taken_for_what_is_not(pixels: Pixels) -> None:
    critic = EdgeCritic(pixels)
    first = KEEP.search(pixels, KeepOptions(), critic)
    other = KEEP.search(pixels, KeepOptions(restore=False), critic)
    assert critic.read == 28
    assert {one.data[3] >> 5 for one in first.tried} in ({2}, {1, 2})
    assert {one.data[3] >> 5 for one in other.tried} == {1}
