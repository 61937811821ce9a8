from dataclasses import replace

import numpy as np
import pytest

from keepsight.app.engine.draws import DrawnCurve, Draws, Tally
from keepsight.app.engine.rows import ORIGINAL


def test_draws_hold_the_sample_first_and_every_photo_alike(row):
    tally = Tally()
    for n in range(20):
        whole = replace(row, photo=f"p{n}", codec=ORIGINAL, options="{}", correct1=n < 18, agrees=True)
        tally.add([whole])
        for size in (100, 200):
            tally.add(
                [
                    replace(
                        whole,
                        codec="jpeg",
                        options=f'{{"s":{size}}}',
                        bytes=size + n,
                        correct1=n < size / 20,
                        agrees=n < 4,
                    )
                ]
            )
    draws = tally.draws("top1", resamples=300)
    assert draws is not None
    assert draws.photos == 20
    assert draws.reference[0] == pytest.approx(0.9)
    assert draws.reference[1:].mean() == pytest.approx(0.9, abs=0.02)
    curve = draws.curves["jpeg"]
    assert np.exp(curve.log_bytes[0]) == pytest.approx([109.5, 209.5])
    assert curve.accuracies[0] == pytest.approx([0.25, 0.5])
    assert curve.accuracies[1:].std(0) == pytest.approx([0.097, 0.11], abs=0.02)  # sqrt(p(1-p)/20)
    agreement = tally.draws("agreement")
    assert agreement is not None
    assert agreement.reference[0] == 1
    assert agreement.curves["jpeg"].accuracies[0] == pytest.approx([0.2, 0.2])
    assert sum(tally.outcomes("jpeg", '{"s":100}', "top1").values()) == 5


def test_failed_rows_and_unlabelled_photos_tell_nothing(row):
    tally = Tally([replace(row, codec=ORIGINAL, options="{}", correct1=None, label=None)])
    assert tally.draws("top1") is None
    assert tally.draws("agreement") is not None
    assert Tally([replace(row, codec=ORIGINAL, options="{}", error="It failed.")]).draws("agreement") is None


def test_an_envelope_keeps_what_no_smaller_file_beats():
    def curve(sizes, accuracies):
        return DrawnCurve(np.log([sizes, sizes]), np.array([accuracies, accuracies]))

    draws = Draws(
        5,
        np.ones(2),
        {"a": curve([100.0, 200, 400], [0.2, 0.5, 0.6]), "b": curve([150.0, 300], [0.5, 0.55])},
    )
    found = draws.envelope(["a", "b"])
    assert np.exp(found.log_bytes[0]) == pytest.approx([100, 150, 300, 400])
    assert found.accuracies[1] == pytest.approx([0.2, 0.5, 0.55, 0.6])


def test_a_stopped_sweep_loses_its_last_photo_and_a_rare_setting_itself(row):
    tally = Tally()
    for n in range(10):
        whole = replace(row, photo=f"p{n}", codec=ORIGINAL, options="{}")
        settings = ("a", "b") if n < 9 else ("a",)
        tally.add([whole, *(replace(row, photo=f"p{n}", options=options) for options in settings)])
        if n < 4:
            tally.add([replace(row, photo=f"p{n}", options="rare")])
    draws = tally.draws("top1")
    assert draws is not None
    assert draws.photos == 9
    assert draws.curves["jpeg"].accuracies.shape[1] == 2
    assert Tally([replace(row, codec=ORIGINAL, options="{}")]).draws("top1").curves == {}
