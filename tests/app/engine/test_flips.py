"""Flips and histories, on rows of a real sweep and on made-up ones."""

from dataclasses import replace

import pytest

from keepsight.app.engine.data import open_data
from keepsight.app.engine.flips import Step, count_flips, find_flips, history, kept_from, nearest
from keepsight.app.engine.readings import UNCOMPRESSED, Readings
from keepsight.app.engine.rows import ORIGINAL
from keepsight.app.engine.sweep import default_settings, sweep


@pytest.fixture(scope="module")
def real(judge) -> tuple[Readings, dict[tuple[str, str, str], object]]:
    """Six scenes at some rates of two codecs."""
    items = open_data("scenes", judge.card).items[:6]
    readings, rows = Readings(), {}
    for batch in sweep(items, default_settings(["jpeg", "webp"])[::2], judge, protocol="crop", seed=0):
        readings.add(batch)
        rows |= {(row.photo, row.codec, row.options): row for row in batch}
    return readings, rows


def test_flips_of_a_real_sweep_are_those_of_its_rows(real):
    readings, rows = real
    jpeg = [setting for setting in readings.settings() if setting[0] == "jpeg"]
    flips = find_flips(readings, jpeg)
    expected = {key for key, row in rows.items() if row.codec == "jpeg" and not row.agrees}
    assert expected, "the smallest files flip some scenes"
    assert {(flip.photo.key, *flip.setting) for flip in flips} == expected
    assert count_flips(readings, jpeg) == len(flips) == len(expected)
    for flip in flips:
        row = rows[flip.photo.key, *flip.setting]
        before = rows[flip.photo.key, *UNCOMPRESSED]
        assert (flip.now, flip.bytes, flip.photo.name) == (row.top1, row.bytes, row.name)
        assert flip.was == before.top1 != flip.now
        assert flip.p_was == pytest.approx(before.p_kept)
        assert flip.lost == pytest.approx(before.p_kept - row.p_kept, abs=1e-6)


def test_what_one_setting_keeps_and_another_loses(real):
    readings, rows = real
    least = min((s for s in readings.settings() if s[0] == "jpeg"), key=lambda s: size_of(rows, s))
    webp = max((s for s in readings.settings() if s[0] == "webp"), key=lambda s: size_of(rows, s))
    flips = find_flips(readings, [least], webp)
    expected = {
        key[0]
        for key, row in rows.items()
        if key[1:] == least and not row.agrees and rows[key[0], *webp].agrees
    }
    assert {flip.photo.key for flip in flips} == expected != set()
    for flip in flips:
        kept = rows[flip.photo.key, *webp]
        assert (flip.bytes_other, flip.p_other) == (kept.bytes, pytest.approx(kept.p_kept))
    assert find_flips(readings, [least], least) == []
    assert find_flips(readings, [("jpeg", "unknown")]) == []


def test_the_history_of_a_photo_goes_from_small_to_large(real):
    readings, rows = real
    photo = readings.photos()[0].key
    found = history(readings, photo)
    assert set(found) == {"jpeg", "webp"}
    for steps in found.values():
        assert [step.bytes for step in steps] == sorted(step.bytes for step in steps)
        assert all(rows[photo, *step.setting].agrees == step.kept for step in steps)
        first = kept_from(steps)
        assert first is not None
        later = [step for step in steps if step.bytes >= first.bytes]
        assert all(step.kept for step in later)
        before = steps[: len(steps) - len(later)]
        assert not before or not before[-1].kept
    assert history(readings, "nobody") == {}


def test_a_class_that_comes_and_goes_is_kept_from_the_last_flip_on():
    def steps(*kept):
        return [Step(("jpeg", str(n)), n, 0, 0.5, one) for n, one in enumerate(kept)]

    assert kept_from(steps(True, False, True, True)).bytes == 2
    assert kept_from(steps(True, True)).bytes == 0
    assert kept_from(steps(True, False)) is None
    assert kept_from([]) is None


def test_a_photo_without_its_original_does_not_count(row):
    lost = replace(row, top1=2, agrees=False)
    readings = Readings([lost])
    assert find_flips(readings, [("jpeg", row.options)]) == []
    readings.add([replace(row, codec=ORIGINAL, options="{}", p_kept=0.8)])
    (flip,) = find_flips(readings, [("jpeg", row.options)])
    assert (flip.was, flip.now, flip.photo.label) == (1, 2, 1)
    assert flip.lost == pytest.approx(0.8 - row.p_kept)


def test_the_nearest_setting_is_of_the_same_codec():
    settings = [("jpeg", "5"), ("jpeg", "9"), ("webp", "7")]
    rates = {("jpeg", "5"): 5.0, ("jpeg", "9"): 9.0, ("webp", "7"): 7.0, ("jpeg", "8"): 8.0}
    assert nearest(settings, ("jpeg", "8"), rates) == ("jpeg", "9")
    assert nearest(settings, ("jpeg", "5"), {}) == ("jpeg", "5")
    assert nearest(settings, ("avif", "8"), {("avif", "8"): 8.0}) is None
    assert nearest(settings, ("png", "{}"), rates) is None


def size_of(rows, setting):
    return sum(row.bytes for key, row in rows.items() if key[1:] == setting)
