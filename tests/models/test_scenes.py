"""Labelled scenes: the same from the same seed, natural in their statistics, exact in their masks."""

import subprocess
import sys
from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from keepsight.models.scenes import CLASSES, SPLITS, Scene, label_of, render
from keepsight.models.scenes_camera import photograph
from keepsight.models.scenes_plan import Part, Plan, make_plan

TEST = SPLITS["test"].start
STRIPED_BALL, CHECKERED_CUBE, RIBBED_DRUM, ROPE_RING = (
    CLASSES.index(name) for name in ("striped ball", "checkered cube", "ribbed drum", "rope ring")
)


@pytest.fixture(scope="module")
def scenes() -> list[Scene]:
    return [render(seed) for seed in SPLITS["test"][:100]]


def _plan(seed: int, label: int) -> Plan:
    return make_plan(np.random.default_rng(seed), label)


def _taken(plan: Plan) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    return photograph(plan, 224, np.random.default_rng(0))


def _exposed(pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """What the tone curve was given."""
    return -np.log(1 - np.clip(pixels / 255, 0.01, 0.99) ** 2.2)


def _toy(plan: Plan) -> tuple[Part, ...]:
    return tuple(part for part in plan.parts if part.toy)


def test_same_seed_same_scene_whatever_came_before() -> None:
    first = render(TEST + 3)
    render(TEST + 4)
    again = render(TEST + 3)
    assert np.array_equal(first.pixels, again.pixels)
    assert np.array_equal(first.mask, again.mask)
    assert not np.array_equal(first.pixels, render(TEST + 13).pixels)


def test_scenes_are_those_that_the_shipped_classifier_knows() -> None:
    pixels = render(TEST + 7).pixels
    blocks = pixels.reshape(4, 56, 4, 56, 3).mean((1, 3, 4))
    expected = [
        [130.8, 155.7, 148.8, 152.3],
        [154.8, 156.6, 150.4, 151.3],
        [149.6, 151.5, 111.1, 150.7],
        [163.9, 152.1, 136.7, 144.1],
    ]
    assert np.abs(blocks - expected).max() < 1.5


def test_shapes_types_and_labels(scenes: list[Scene]) -> None:
    for seed, scene in zip(SPLITS["test"], scenes, strict=False):
        assert scene.pixels.shape == (224, 224, 3)
        assert scene.pixels.dtype == np.uint8
        assert scene.mask.shape == (224, 224)
        assert scene.mask.dtype == np.bool_
        assert scene.label == label_of(seed)


@pytest.mark.parametrize("start", [0, 7, TEST])
def test_every_ten_seeds_hold_each_class_once(start: int) -> None:
    assert sorted(label_of(seed) for seed in range(start, start + 10)) == list(range(len(CLASSES)))


def test_splits_share_no_seed() -> None:
    ranges = sorted(SPLITS.values(), key=lambda seeds: seeds.start)
    assert all(before.stop <= after.start for before, after in pairwise(ranges))


def test_spectrum_falls_like_that_of_photographs(scenes: list[Scene]) -> None:
    """Field 1987: amplitude about 1 / f in natural images."""
    window = np.outer(np.hanning(224), np.hanning(224))
    cycles = np.hypot(*np.meshgrid(np.fft.fftfreq(224), np.fft.fftfreq(224))) * 224
    amplitude = np.zeros((224, 224))
    for scene in scenes:
        grey = scene.pixels.mean(2)
        amplitude += np.abs(np.fft.fft2((grey - grey.mean()) * window))
    rings = np.arange(3, 80)
    radial = [amplitude[np.abs(cycles - ring) < 0.5].mean() for ring in rings]
    slope = np.polyfit(np.log(rings), np.log(radial), 1)[0]
    assert -1.4 < slope < -0.8


def test_scenes_vary_and_the_toy_is_well_seen(scenes: list[Scene]) -> None:
    areas = np.array([scene.mask.mean() for scene in scenes])
    assert areas.min() > 0.02
    assert areas.max() < 0.4
    assert areas.std() > 0.02
    means = np.array([scene.pixels.mean((0, 1)) for scene in scenes])
    assert means.std(0).min() > 8
    middles = np.array([np.argwhere(scene.mask).mean(0) for scene in scenes])
    assert middles.std(0).min() > 8


@pytest.mark.parametrize("label", range(len(CLASSES)))
def test_mask_holds_what_vanishes_with_the_toy(label: int) -> None:
    plan = _plan(5, label)
    plan = replace(plan, camera=replace(plan.camera, noise=0.0))
    empty = replace(plan, parts=tuple(part for part in plan.parts if not part.toy))
    pixels, mask = _taken(plan)
    around = ~cv2.dilate(mask.astype(np.uint8), np.ones((5, 5), np.uint8)).astype(bool)
    # The camera exposes for the mean, which the toy moves: expose both alike.
    gain = np.median(_exposed(pixels)[around] / _exposed(_taken(empty)[0])[around])
    camera = replace(plan.camera, exposure=float(plan.camera.exposure * gain))
    without, nothing = _taken(replace(empty, camera=camera))
    assert not nothing.any()
    changed = np.abs(pixels.astype(int) - without).max(2) > 4
    assert changed[mask].mean() > 0.95
    assert changed[around].mean() < 0.25  # the toy's shadow


@pytest.mark.parametrize("seed", range(4))
def test_mask_of_a_bare_ball_is_its_outline(seed: int) -> None:
    """The outline of a ball: rays that pass its middle nearer than its radius, in double precision."""
    plan = _plan(seed, STRIPED_BALL)
    plan = replace(plan, parts=_toy(plan))
    ball, camera = plan.parts[0], plan.camera
    axis = (np.arange(224) + 0.5) / 224 - 0.5
    x, y = np.meshgrid(axis / camera.focal, axis / camera.focal)
    rays = np.stack([x, y, np.ones_like(x)], -1) @ camera.rotation.T.astype(float)
    rays /= np.linalg.norm(rays, axis=2, keepdims=True)
    towards = (ball.centre - camera.position).astype(float)
    apart = np.linalg.norm(np.cross(rays, towards), axis=2)
    expected = apart < 0.95 * ball.scale
    mask = _taken(plan)[1]
    assert expected.sum() > 1000
    assert (mask != expected).sum() <= 4


def test_what_stands_in_front_leaves_the_mask() -> None:
    plan = _plan(1, STRIPED_BALL)
    ball = _toy(plan)[0]
    alone = _taken(replace(plan, parts=(ball,)))[1]
    half_way = (0.75 * ball.centre + 0.25 * plan.camera.position).astype(np.float32)
    screen = replace(ball, centre=half_way, scale=0.3 * ball.scale, toy=False)
    behind = _taken(replace(plan, parts=(screen, ball)))[1]
    hidden = alone & ~behind
    assert not (behind & ~alone).any()
    assert 0.05 < hidden.sum() / alone.sum() < 0.5


@pytest.mark.parametrize("label", [STRIPED_BALL, CHECKERED_CUBE, RIBBED_DRUM, ROPE_RING])
def test_patterned_toys_differ_from_their_twins_in_fine_pattern_alone(label: int) -> None:
    plan = _plan(3, label)
    toy = _toy(plan)[0]
    twin = replace(toy, surface=replace(toy.surface, pattern="plain"))
    patterned, mask = _taken(replace(plan, parts=(toy,)))
    plain, _ = _taken(replace(plan, parts=(twin,)))
    assert np.abs(patterned[mask].mean(0) - plain[mask].mean(0)).max() < 6
    difference = np.abs(patterned.astype(float) - plain).mean(2)
    blurred = np.abs(cv2.GaussianBlur(patterned.astype(float) - plain, (0, 0), 8)).mean(2)
    assert difference[mask].mean() > 2.5 * blurred[mask].mean()


@pytest.mark.parametrize("size", [32, 97, 512])
def test_other_sizes_show_the_same_scene(size: int) -> None:
    scene = render(TEST + 2, size)
    assert scene.pixels.shape == (size, size, 3)
    small = cv2.resize(render(TEST + 2).pixels, (16, 16), interpolation=cv2.INTER_AREA).astype(int)
    other = cv2.resize(scene.pixels, (16, 16), interpolation=cv2.INTER_AREA)
    assert np.abs(small - other).mean() < 8


@pytest.mark.parametrize(("seed", "size"), [(-1, 224), (0, 31), (0, 513)])
def test_impossible_scenes_are_refused(seed: int, size: int) -> None:
    with pytest.raises(ValueError, match="seed of 0 or more"):
        render(seed, size)


def test_rendering_needs_no_torch() -> None:
    code = "import sys; from keepsight.models import scenes_store; print('torch' in sys.modules)"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "False"
