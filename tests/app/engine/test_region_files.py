"""Regions beside their photos: what was saved comes back, and what is amiss is a sentence."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from keepsight.app.engine import photos
from keepsight.app.engine.data import open_data
from keepsight.app.engine.errors import USER_ERRORS
from keepsight.app.engine.region import Region, Source, Stroke
from keepsight.app.engine.region_files import beside, load, load_guide, save
from keepsight.app.engine.types import Photo

REGION = Region(
    mode="area",
    level=0.4,
    shown=False,
    joined=(Source(method="grad-cam", classifier="ab12", target=3, label="cat"),),
    strokes=(Stroke(tool="eraser", points=((0.5, 0.5),), radius=3),),
)


@pytest.fixture
def photo() -> Photo:
    return photos.from_pixels(np.random.default_rng(0).integers(0, 256, (30, 40, 3)).astype(np.uint8), "p")


@pytest.fixture
def inside() -> np.ndarray:
    return np.random.default_rng(1).random((30, 40)) < 0.5


@pytest.fixture
def path(tmp_path: Path, photo: Photo, inside: np.ndarray) -> Path:
    path = beside(tmp_path / "cat.photo.jpg")
    save(path, photo, REGION, inside, painted=False)
    return path


def test_rule_and_mask_come_back_by_either_name(path: Path, photo: Photo, inside: np.ndarray) -> None:
    assert path.name == "cat.photo.roi.png"
    assert sorted(file.name for file in path.parent.iterdir()) == ["cat.photo.roi.json", path.name]
    with Image.open(path) as image:
        assert (image.mode, image.size) == ("L", (40, 30))
    for name in (path, path.with_name("cat.photo.roi.json")):
        saved = load(name, photo)
        assert saved.region == REGION
        np.testing.assert_array_equal(saved.mask, inside)
        assert saved.note == ""


def test_the_rule_alone_is_enough(path: Path, photo: Photo) -> None:
    path.unlink()
    saved = load(path.with_name("cat.photo.roi.json"), photo)
    assert (saved.region, saved.mask) == (REGION, None)


def test_a_mask_of_another_program_is_taken_as_painted(path: Path, photo: Photo, inside: np.ndarray) -> None:
    path.with_name("cat.photo.roi.json").unlink()
    for mode in ("L", "RGB", "1", "P"):
        Image.fromarray(inside.astype(np.uint8) * 255).convert(mode).save(path)
        saved = load(path, photo)
        assert saved.region is None
        np.testing.assert_array_equal(saved.mask, inside)


def test_a_mask_that_another_program_changed_counts_before_the_rule(
    path: Path, photo: Photo, inside: np.ndarray
) -> None:
    Image.fromarray((~inside).astype(np.uint8) * 255).save(path)
    saved = load(path, photo)
    assert saved.region is None
    assert "changed by another program" in saved.note
    np.testing.assert_array_equal(saved.mask, ~inside)


def test_a_painted_mask_is_kept_as_the_mask(path: Path, photo: Photo, inside: np.ndarray) -> None:
    save(path, photo, REGION, inside, painted=True)
    saved = load(path, photo)
    assert saved.region is None
    np.testing.assert_array_equal(saved.mask, inside)
    path.unlink()
    with pytest.raises(USER_ERRORS, match="is missing"):
        load(path.with_name("cat.photo.roi.json"), photo)


def test_another_picture_of_the_same_size_is_told(path: Path, photo: Photo) -> None:
    saved = load(path, photos.from_pixels(255 - photo.pixels, "other"))
    assert saved.region == REGION
    assert "another picture" in saved.note


@pytest.mark.parametrize("name", ["cat.photo.roi.png", "cat.photo.roi.json"])
def test_another_size_is_a_sentence(path: Path, name: str) -> None:
    larger = photos.from_pixels(np.zeros((60, 80, 3), np.uint8), "larger")
    with pytest.raises(USER_ERRORS, match="40 × 30 pixels, the photo of 80 × 60"):
        load(path.with_name(name), larger)
    path.with_name("cat.photo.roi.json").unlink()
    with pytest.raises(USER_ERRORS, match="40 × 30 pixels"):
        load(path, larger)


def test_damage_is_a_sentence(path: Path, photo: Photo) -> None:
    rule, whole = path.with_name("cat.photo.roi.json"), path.read_bytes()
    rule_text = rule.read_text()
    for text in ("", "[]", "{}", '{"version": 1}', "[" * 100_000, rule_text.replace("0.4", "4"), "\x00"):
        rule.write_text(text)
        with pytest.raises(USER_ERRORS, match="no region that Keepsight can read"):
            load(path, photo)
    rule.write_text(rule_text)
    rule.unlink()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(USER_ERRORS, match="damaged or cut off"):
        load(path, photo)
    path.unlink()
    with pytest.raises(USER_ERRORS, match="There is no file"):
        load(path, photo)


def test_a_newer_version_is_a_sentence(path: Path, photo: Photo) -> None:
    rule = path.with_name("cat.photo.roi.json")
    rule.write_text(json.dumps(json.loads(rule.read_text()) | {"version": 2, "more": []}))
    with pytest.raises(USER_ERRORS, match="newer Keepsight"):
        load(path, photo)


def test_where_nothing_can_be_written_the_last_good_one_stays(
    path: Path, photo: Photo, inside: np.ndarray, tmp_path: Path
) -> None:
    with pytest.raises(USER_ERRORS, match="cannot be written"):
        save(tmp_path / "gone" / "cat.roi.png", photo, REGION, inside, painted=False)
    path.with_name("cat.photo.roi.json").unlink()
    path.with_name("cat.photo.roi.json").mkdir()
    with pytest.raises(USER_ERRORS, match="cannot be written"):
        save(path, photo, REGION, inside, painted=False)
    assert not [file for file in tmp_path.iterdir() if file.name.startswith(".")]


def test_masks_are_no_photos_of_their_folder(path: Path, photo: Photo) -> None:
    Image.fromarray(photo.pixels).save(path.parent / "cat.photo.png")
    (item,) = open_data(path.parent).items
    assert item.path == path.parent / "cat.photo.png"
    assert beside(item.path) == path


def test_encoders_take_a_saved_region_with_its_soft_edge(
    path: Path, photo: Photo, inside: np.ndarray
) -> None:
    guide = load_guide(path, photo)
    np.testing.assert_array_equal(guide.importance() == 1, inside)
    path.unlink()
    with pytest.raises(USER_ERRORS, match="is missing"):
        load_guide(path.with_name("cat.photo.roi.json"), photo)
