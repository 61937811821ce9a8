from dataclasses import replace

import numpy as np

from keepsight.app.engine.readings import UNCOMPRESSED, Readings


def test_rows_stand_where_they_belong_however_many_come(row):
    readings = Readings()
    for photo in range(150):
        for setting in range(20):
            readings.add(
                [
                    replace(
                        row,
                        photo=f"p{photo}",
                        options=f"{setting}",
                        bytes=1000 * photo + setting,
                        top1=setting,
                    )
                ]
            )
    assert len(readings.settings()) == 20
    assert [photo.key for photo in readings.photos()] == [f"p{n}" for n in range(150)]
    cells = readings.columns([("jpeg", "3"), ("jpeg", "19")])
    assert cells["bytes"].tolist() == [[1000 * n + s for n in range(150)] for s in (3, 19)]
    assert readings.of_photo("p7")["jpeg", "5"]["bytes"] == 7005


def test_what_is_not_measured_is_told_apart_from_what_is(row):
    readings = Readings([row, replace(row, photo="q", options="other", correct1=None, agrees=False)])
    assert readings.columns([("jpeg", row.options)])["agrees"].tolist() == [[1, -1]]
    assert readings.columns([("jpeg", "other")])["correct"].tolist() == [[-1, -1]]
    assert readings.columns([UNCOMPRESSED])["agrees"].tolist() == [[-1, -1]]
    assert list(readings.of_photo("q")) == [("jpeg", "other")]
    assert readings.of_photo("nobody") == {}
    readings.add([replace(row, photo="r", error="It failed.")])
    assert len(readings.photos()) == 2


def test_a_large_sweep_takes_few_bytes(row):
    readings = Readings()
    for setting in range(61):
        readings.add([replace(row, options=str(setting))])
    readings.add(replace(row, photo=f"p{n}") for n in range(5000))
    assert readings.columns(readings.settings()).nbytes < 5_000_000
    assert readings._cells.nbytes < 20_000_000


def test_a_column_is_a_copy(row):
    readings = Readings([row])
    column = readings.columns([("jpeg", row.options)])
    readings.add([replace(row, bytes=1)])
    assert column["bytes"][0, 0] == row.bytes
    assert np.array_equal(readings.columns([("jpeg", row.options)])["bytes"], [[1]])
