"""Both ways from a file to its class."""

import pytest

from keepsight.app.engine.paths import time_paths
from keepsight.codecs import registry
from keepsight.codecs.base import BitstreamError
from keepsight.models import judges
from keepsight.models.catalog import FILE_READERS, find_card, pixel_twin
from keepsight.models.scenes import SPLITS, render


@pytest.mark.parametrize("name", FILE_READERS)
def test_both_ways_are_timed_in_one_run(name: str) -> None:
    reader = judges.load(find_card(name), "cpu")
    twin = pixel_twin(reader.card)
    assert twin is not None
    assert twin.id == "scenes"
    pixel = judges.load(twin, "cpu")
    codec = registry.get(reader.card.reads)
    files = [codec.encode(render(seed).pixels, codec.options()) for seed in SPLITS["tune"][:2]]
    found = time_paths(files, codec, pixel, reader, rounds=2)
    steps = found.decode_ms, found.pixels_ms, found.read_ms, found.file_ms
    assert min(steps) > 0
    assert found.times_as_fast == pytest.approx(sum(steps[:2]) / sum(steps[2:]))
    webp = registry.get("webp")
    with pytest.raises(BitstreamError, match="this classifier reads no others"):
        time_paths([webp.encode(render(0).pixels, webp.options())], webp, pixel, reader, rounds=2)


def test_a_classifier_of_other_classes_has_no_twin() -> None:
    card = find_card("scenes")
    assert pixel_twin(card.model_copy(update={"class_names": ("a", "b")})) is None
