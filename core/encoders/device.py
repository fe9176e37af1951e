"""Where an encoder computes, and with how many bits. Imported only when one is loaded."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import torch

_PROBES = 4
_MIN_COSINE = 0.9995
"""Measured on the worst probe; photographs then stay above 0.999."""


def best_device() -> str:
    """CUDA, MPS or the CPU, whichever comes first here."""
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def convert_image_tower(
    model: Any, input_shape: tuple[int, ...], device: torch.device
) -> torch.dtype:
    """Give the image tower its fastest sound form, in place; return the type of its input.

    Channels-last is exact and up to twice as fast. bfloat16 is up to four times as fast where the
    machine computes in it: transformers keep a cosine of 0.9999 to float32, convolutional towers
    with batch normalisation do not, so probes decide.
    """
    if device.type == "mps":
        return torch.float32
    tower = model.visual.to(memory_format=torch.channels_last)
    if not _has_bfloat16(device):
        return torch.float32
    small = deepcopy(tower).to(torch.bfloat16)
    probes = _probes(input_shape).to(device, memory_format=torch.channels_last)
    with torch.inference_mode():
        exact = model.encode_image(probes, normalize=True)
        model.visual = small
        rounded = model.encode_image(probes.to(torch.bfloat16), normalize=False).float()
    cosine = torch.nn.functional.cosine_similarity(exact, rounded).min().item()
    if cosine >= _MIN_COSINE:
        return torch.bfloat16
    model.visual = tower
    return torch.float32


def _has_bfloat16(device: torch.device) -> bool:
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device) >= (8, 0)
    # Without these instructions the CPU emulates it, which is slower than float32.
    return bool(torch.cpu._is_avx512_bf16_supported())


def _probes(input_shape: tuple[int, ...]) -> torch.Tensor:
    """Made-up images with detail at every scale, always the same."""
    generator = torch.Generator().manual_seed(0)
    images = torch.zeros(_PROBES, *input_shape)
    for strength, side in enumerate((3, 8, 24, 80), start=1):
        coarse = torch.randn(_PROBES, 3, side, side, generator=generator)
        images += (
            torch.nn.functional.interpolate(coarse, input_shape[1:], mode="bilinear") / strength
        )
    return images
