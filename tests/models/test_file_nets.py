"""Networks that read packed files: what goes in, and what decides the answer."""

import numpy as np
import pytest
import torch

from keepsight.models.file_inputs import GRID, LENGTHS, FileKind
from keepsight.models.file_nets import NETWORKS, BlockAverageNet, FileNet


def untrained(kind: FileKind) -> FileNet:
    torch.manual_seed(0)
    return NETWORKS[kind](10).eval()


def files(kind: FileKind) -> torch.Tensor:
    return torch.randint(0, 256, (3, LENGTHS[kind]), generator=torch.Generator().manual_seed(1)).float()


@pytest.mark.parametrize("kind", NETWORKS)
def test_all_of_a_file_has_a_say(kind: FileKind) -> None:
    network = untrained(kind)
    luma, chroma = network.planes(files(kind))
    assert luma.shape[2:] == (28, 28)
    assert chroma.shape[2:] == (14, 14)
    assert len(network.deviations) == luma.shape[1] + chroma.shape[1]
    packed = files(kind).requires_grad_()
    network(packed)[:, 0].sum().backward()
    assert packed.grad is not None
    assert (packed.grad != 0).float().mean() > 0.95


@pytest.mark.parametrize("kind", NETWORKS)
def test_a_margin_leaves_the_edges_out(kind: FileKind) -> None:
    network = untrained(kind)
    network.margin = 4
    packed = files(kind).requires_grad_()
    network(packed)[:, 0].sum().backward()
    assert packed.grad is not None
    assert 0.4 < (packed.grad != 0).float().mean() < 0.65
    assert network(packed).shape == (3, 10)


def test_block_averages_go_in_by_frequency() -> None:
    network = BlockAverageNet(10)
    packed = torch.full((1, LENGTHS["block-average"]), 128.0)
    assert all((plane == 0).all() for plane in network.planes(packed))
    packed[:, : GRID**2] += torch.from_numpy(np.tile([8.0, -8.0], GRID**2 // 2)).float()
    luma, _ = network.planes(packed)
    energy = luma.square().sum((0, 2, 3))
    assert energy.sum() == pytest.approx(64 * GRID**2, rel=1e-4), "the transform is orthonormal"
    assert energy[[1, 3]].sum() == pytest.approx(energy.sum().item(), rel=1e-4), "stripes across alone"
    basis = network.basis.reshape(16, 16)
    torch.testing.assert_close(basis @ basis.T, torch.eye(16), atol=1e-6, rtol=0)


@pytest.mark.parametrize("kind", NETWORKS)
def test_weights_are_small(kind: FileKind) -> None:
    assert 2 * sum(value.numel() for value in untrained(kind).state_dict().values()) < 3e6
