"""Searches whose answer is known, and one with a real codec and classifier."""

import math
from dataclasses import replace

import pytest

from keepsight.app.engine.data import open_data
from keepsight.app.engine.limits import KEEPS_THE_CLASS, Goal, Limit, Outcome, best_of, outcome, rungs, search
from keepsight.app.engine.rows import ORIGINAL
from keepsight.app.engine.sweep import sweep
from keepsight.app.engine.types import Setting
from keepsight.codecs import registry

JPEG = Setting("jpeg", registry.get("jpeg").options())


def kept_from(quality: int):
    """Return a measure by which the class is kept from a quality on, and which counts its calls."""
    calls = []

    def measure(setting: Setting) -> Outcome:
        calls.append(setting.options.quality)
        found = setting.options.quality
        return Outcome(1, 100.0 * found, float(found >= quality), None, found / 100)

    return measure, calls


@pytest.mark.parametrize("quality", [0, 1, 37, 62, 94])
def test_the_smallest_setting_that_keeps_the_class(quality):
    measure, calls = kept_from(quality)
    found = search(JPEG, KEEPS_THE_CLASS, measure)
    assert found.setting is not None
    assert found.setting.options.quality == max(quality, rungs(JPEG)[0].options.quality)
    assert found.outcome.agreement == 1
    assert found.tries == len(calls) == len(set(calls)) <= 8


def test_what_is_known_to_meet_the_goal_counts_where_it_is_better():
    def at(quality: int) -> Setting:
        return Setting("jpeg", JPEG.options.replace(quality=quality))

    known = {at(q): Outcome(1, 100.0 * q, float(q in (3, 7, 50)), None, q / 100) for q in (2, 3, 7, 20, 50)}
    found = Limit("jpeg", at(40), Outcome(1, 4000.0, 1.0, None, 0.4), 7)
    best = best_of(found, KEEPS_THE_CLASS, known)
    assert (best.setting, best.outcome, best.tries) == (at(3), known[at(3)], 7)
    assert best_of(found, Goal("probability", 0.3), known) is found, "only one that is larger reaches it"
    assert best_of(found, Goal("bytes", 4500), known) is found
    assert best_of(found, Goal("bytes", 6000), known).setting == at(50)
    none = Limit("jpeg", None, Outcome(1, 9000.0, 0.0, None, 0.1), 1)
    assert best_of(none, KEEPS_THE_CLASS, known).setting == at(3)
    assert best_of(none, Goal("bytes", 250), known).setting == at(2)
    assert best_of(none, Goal("bytes", 100), known) is none


def test_where_none_does_the_nearest_is_told():
    measure, calls = kept_from(1000)
    found = search(JPEG, KEEPS_THE_CLASS, measure)
    assert (found.setting, found.tries) == (None, 1)
    assert found.outcome.bytes == 100 * calls[0] == 100 * rungs(JPEG)[-1].options.quality


def test_a_size_gives_the_best_that_fits():
    measure, _ = kept_from(0)
    found = search(JPEG, Goal("bytes", 4250), measure)
    assert found.setting.options.quality == 42
    assert search(JPEG, Goal("bytes", 50), measure).setting is None


def test_probability_and_accuracy():
    measure, _ = kept_from(0)
    assert search(JPEG, Goal("probability", 0.3), measure).setting.options.quality == 30
    assert search(JPEG, Goal("accuracy", 0.0), measure).setting is None, "no labels, no accuracy"


@pytest.mark.parametrize("codec", [codec.id for codec in registry.all_codecs().values()])
def test_rungs_go_the_way_of_the_ladder(codec):
    found = registry.get(codec)
    steps = rungs(Setting(codec, found.options()))
    if found.rate_option is None:
        assert len(steps) == 1
        return
    values = [getattr(step.options, found.rate_option) for step in steps]
    ladder = found.ladder_values
    assert (values[0] < values[-1]) == (ladder[0] < ladder[-1])
    assert min(values) <= min(ladder)
    assert max(values) >= max(ladder)


def test_outcomes_of_rows(row):
    whole = replace(row, codec=ORIGINAL, options="{}")
    good = replace(row, codec="jpeg", bytes=100, agrees=True, correct1=False, p_kept=0.5)
    found = outcome(
        [
            whole,
            good,
            replace(good, bytes=300, agrees=False, correct1=None),
            replace(good, error="It failed."),
        ]
    )
    assert found == Outcome(2, 200, 0.5, 0.0, 0.5, 1)
    assert outcome([whole]).bytes == math.inf


def test_a_real_photo(judge):
    items = open_data("samples").items[:1]

    def measure(setting: Setting) -> Outcome:
        return outcome(
            row for rows in sweep(items, [setting], judge, protocol="file", seed=0) for row in rows
        )

    found = search(JPEG, KEEPS_THE_CLASS, measure)
    assert found.setting is not None
    assert found.outcome.agreement == 1
    assert measure(found.setting) == found.outcome
    smaller = measure(rungs(JPEG)[max(0, rungs(JPEG).index(found.setting) - 1)])
    assert smaller.agreement == 0 or smaller == found.outcome
