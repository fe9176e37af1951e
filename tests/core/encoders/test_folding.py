"""Folded batch normalisation: fewer steps, the same vectors, or none of it."""

from __future__ import annotations

import pytest
import timm
import torch
from torch import nn

from core.encoders.device import convert_image_tower
from core.encoders.folding import fold_batch_norms

SHAPE = (3, 32, 32)


def trained(module: nn.Module) -> nn.Module:
    """With statistics as training leaves them: a fresh normalisation does next to nothing."""
    generator = torch.Generator().manual_seed(0)
    for part in module.modules():
        if isinstance(part, nn.BatchNorm2d):
            for values in (part.running_mean, part.running_var, part.weight, part.bias):
                values.data.copy_(0.5 + torch.rand(values.shape, generator=generator))
    return module.eval().requires_grad_(False)


def norms_in(module: nn.Module) -> int:
    return sum(isinstance(part, nn.BatchNorm2d) for part in module.modules())


def test_one_channel_as_computed_by_hand() -> None:
    # 3 x, then (3 x - 1) / sqrt(4) * 2 + 5 = 3 x + 4
    convolution, norm = nn.Conv2d(1, 1, 1, bias=False), nn.BatchNorm2d(1, eps=0.0)
    convolution.weight.data.fill_(3.0)
    norm.running_mean.fill_(1.0)
    norm.running_var.fill_(4.0)
    norm.weight.data.fill_(2.0)
    norm.bias.data.fill_(5.0)
    folded = nn.Sequential(convolution, norm).eval()
    assert fold_batch_norms(folded) == 1
    assert folded(torch.tensor([[[[2.0]]]])).item() == pytest.approx(10.0)


@pytest.mark.parametrize("architecture", ["mobilenetv2_050", "resnet18", "efficientnet_b0"])
def test_a_network_gives_what_it_gave(architecture: str) -> None:
    plain = trained(timm.create_model(architecture, num_classes=8))
    images = torch.randn(2, *SHAPE, generator=torch.Generator().manual_seed(1))
    before, norms = plain(images), norms_in(plain)
    assert fold_batch_norms(plain) == norms
    assert norms_in(plain) == 0
    torch.testing.assert_close(plain(images), before, rtol=1e-3, atol=1e-4)


class Tower(nn.Module):
    """As much of a model as the conversion asks for."""

    def __init__(self, visual: nn.Module) -> None:
        super().__init__()
        self.visual = visual

    def encode_image(self, images: torch.Tensor, normalize: bool) -> torch.Tensor:
        vectors = self.visual(images).flatten(1)
        return nn.functional.normalize(vectors) if normalize else vectors


class Crosswise(nn.Module):
    """Declares the convolution first and uses the normalisation first."""

    def __init__(self) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(3, 3, 1)
        self.norm = nn.BatchNorm2d(3)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.convolution(torch.relu(self.norm(images)) ** 2)


def test_a_tower_that_would_change_is_left_as_it_is() -> None:
    model = Tower(trained(Crosswise()))
    images = torch.randn(2, *SHAPE, generator=torch.Generator().manual_seed(1))
    before = model.encode_image(images, normalize=True)
    convert_image_tower(model, SHAPE, torch.device("cpu"))
    assert norms_in(model) == 1
    vectors = model.visual(images.to(next(model.parameters()).dtype)).flatten(1).float()
    assert nn.functional.cosine_similarity(vectors, before).min() > 0.999


def test_an_encoder_loses_its_normalisations() -> None:
    model = Tower(trained(timm.create_model("mobilenetv2_050", num_classes=16)))
    convert_image_tower(model, SHAPE, torch.device("cpu"))
    assert norms_in(model) == 0
