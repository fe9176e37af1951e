"""Drawings as the image tower sees them while it learns: cropped, mirrored and re-lit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.demo.export_encoder import MEAN, STD
from core.demo.training_data import SIDE

if TYPE_CHECKING:
    from torch import Tensor


def augment(pictures: Tensor, random: np.random.Generator) -> Tensor:
    """Bytes (n, s, s, 3) to normalised input (n, 3, s, s), cropped, mirrored and re-lit."""
    import torch
    from torch.nn.functional import interpolate

    images = pictures.permute(0, 3, 1, 2).float() / 255
    side = int(random.integers(int(SIDE * 0.8), SIDE + 1))
    top, left = random.integers(0, SIDE - side + 1, 2)
    images = images[:, :, top : top + side, left : left + side]
    if side != SIDE:
        images = interpolate(images, SIDE, mode="bilinear", antialias=True, align_corners=False)
    mirrored = torch.from_numpy(random.random(len(images)) < 0.5)
    images = torch.where(mirrored[:, None, None, None], images.flip(3), images)
    gain = torch.from_numpy(random.uniform(0.85, 1.15, (len(images), 3, 1, 1)).astype(np.float32))
    shift = torch.from_numpy(random.uniform(-0.06, 0.06, (len(images), 1, 1, 1)).astype(np.float32))
    noise = 0.02 * torch.from_numpy(random.standard_normal((SIDE, SIDE)).astype(np.float32))
    images = images * gain + shift + noise
    normalised = (images - torch.tensor(MEAN)[:, None, None]) / torch.tensor(STD)[:, None, None]
    return normalised.to(memory_format=torch.channels_last)
