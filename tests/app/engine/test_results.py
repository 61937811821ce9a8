"""Files of one photo in a folder."""

import csv

import numpy as np
import pytest
from PIL import Image

from keepsight.app.engine import photos
from keepsight.app.engine.files import OutputError
from keepsight.app.engine.results import Result, save_results
from keepsight.app.engine.trials import encode_decode
from keepsight.app.engine.types import Setting
from keepsight.codecs import registry

PIXELS = np.random.default_rng(1).integers(0, 255, (20, 30, 3), np.uint8)


def result(codec_id: str) -> Result:
    setting = Setting(codec_id, registry.get(codec_id).options())
    coded = encode_decode(PIXELS, setting)
    return Result(setting, coded.data, coded.pixels, (("cat", 0.75), ("dog", 0.25)), 30.5, None)


def test_every_file_decodes_to_the_picture_beside_it(tmp_path) -> None:
    results = [result("jpeg"), result("png")]
    folder = save_results(tmp_path, photos.from_pixels(PIXELS, "cat.jpeg"), (), results)
    rows = list(csv.DictReader((folder / "cat.csv").read_text().splitlines()))
    assert [row["codec"] for row in rows] == ["", "jpeg", "png"]
    assert (np.asarray(Image.open(folder / rows[0]["file"])) == PIXELS).all()
    for row, one in zip(rows[1:], results, strict=True):
        data = (folder / row["file"]).read_bytes()
        assert data == one.data
        assert int(row["bytes"]) == len(data)
        assert float(row["bits_per_pixel"]) == pytest.approx(8 * len(data) / 600, abs=1e-5)
        decoded = np.asarray(Image.open(folder / row["decoded"]))
        assert (decoded == registry.get(row["codec"]).decode(data)).all()
        assert (row["class_1"], row["p_1"], row["class_3"], row["ssim"]) == ("cat", "0.75000", "", "")


def test_a_second_time_overwrites_nothing(tmp_path) -> None:
    photo = photos.from_pixels(PIXELS, "cat")
    folders = [save_results(tmp_path, photo, (), [result("jpeg")]) for _ in range(2)]
    assert [folder.name for folder in folders] == ["cat", "cat-2"]


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OutputError, match="Choose one that you may write to"):
        save_results(tmp_path / "file", photos.from_pixels(PIXELS, "cat"), (), [])
