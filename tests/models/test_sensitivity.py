import numpy as np
import pytest
import torch

from keepsight.models.cards import load_card
from keepsight.models.classifiers import Classifier
from keepsight.models.errors import ModelError
from keepsight.models.sensitivity import jpeg_sensitivity


class LooksAtOneFrequency(torch.nn.Module):
    """Tells two classes apart by one vertical frequency of 8 x 8 blocks, in green."""

    def __init__(self, frequency: int, strength: float) -> None:
        super().__init__()
        wave = torch.cos((2 * torch.arange(32.0) + 1) * frequency * torch.pi / 16)
        self.register_buffer("wave", strength * wave[:, None].expand(32, 32))

    def forward(self, batch: torch.Tensor) -> torch.Tensor:
        seen = (batch[:, 1] * self.wave).mean((1, 2))
        return torch.stack([seen, -seen], dim=1)


@pytest.fixture
def looks_at(write_card):
    card = load_card(write_card(classes=["much", "little"], crop=32, resize=32))
    return lambda frequency, strength=1.0: Classifier(card, LooksAtOneFrequency(frequency, strength))


@pytest.fixture
def pairs():
    rng = np.random.default_rng(0)
    return [tuple(rng.integers(0, 256, (2, 32, 32, 3), np.uint8)) for _ in range(3)]


@pytest.mark.parametrize("frequency", [0, 1, 3])
def test_finds_the_frequency_that_is_looked_at(looks_at, pairs, frequency):
    found = jpeg_sensitivity(looks_at(frequency), pairs).reshape(3, 8, 8)
    assert found[0].mean() == pytest.approx(1)
    assert found[0, frequency, 0] == pytest.approx(64, rel=1e-3)
    # A chroma block covers twice the height, so the same wave has twice the frequency; green is 0.344 of blue
    # and 0.714 of red, and each chroma sample reaches four pixels but there are half as many waves.
    for plane in (1, 2):
        assert found[plane].argmax() == 2 * frequency * 8
    assert found[2].max() / found[1].max() == pytest.approx((0.714 / 0.344) ** 2, rel=0.01)


def test_each_photo_counts_alike(looks_at, pairs):
    """The strength of a network's opinion is no reason to give its frequencies more weight."""
    weak, strong = (jpeg_sensitivity(looks_at(2, strength), pairs) for strength in (0.1, 1))
    np.testing.assert_allclose(weak, strong, rtol=1e-3, atol=1e-6)


def test_a_classifier_that_looks_at_nothing_is_refused(looks_at, pairs):
    with pytest.raises(ModelError, match="no photo on which"):
        jpeg_sensitivity(looks_at(2, 0), pairs)


def test_the_gradient_is_that_of_the_divergence(imagenet, cat):
    """Against a difference, so small that no activation of the network reaches its limits."""
    original = imagenet.card.prepare(cat)
    blurred = (original.astype(int) // 32 * 32 + 16).astype(np.uint8)
    before = imagenet.predict(original[None])[0]
    gradient = imagenet.gradient(blurred, before)
    assert gradient.shape == blurred.shape

    batch = imagenet._normalise(blurred[None])
    towards = torch.from_numpy(np.sign(gradient)).permute(2, 0, 1) / imagenet._std

    def divergence(steps: float) -> float:
        with torch.no_grad():
            logs = imagenet._network(batch + steps * towards).log_softmax(1)[0]
        return float(-(torch.from_numpy(before) * logs).sum())

    slope = (divergence(1e-3) - divergence(-1e-3)) / 2e-3
    assert slope == pytest.approx(float(np.abs(gradient).sum()), rel=0.05)
