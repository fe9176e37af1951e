"""Where an encoder computes, and with how many bits. Imported only when one is loaded."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import torch

from core.encoders.folding import fold_batch_norms

_PROBES = 4
_MIN_COSINE = 0.9995
"""Measured on the worst probe; photographs then stay above 0.999."""
_MIN_COSINE_FOLDED = 0.99999


def best_device() -> str:
    """CUDA, MPS or the CPU, whichever comes first here."""
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def convert_image_tower(
    model: Any, input_shape: tuple[int, ...], device: torch.device
) -> torch.dtype:
    """Give the image tower its fastest sound form, in place; return the type of its input.

    Channels-last and folded batch normalisation are exact but for rounding and together up to two
    and a half times as fast. bfloat16 is up to four times as fast where the
    machine computes in it: transformers keep a cosine of 0.9999 to float32, convolutional towers
    with batch normalisation do not, so probes decide.
    """
    if device.type == "mps":
        return torch.float32
    model.visual = model.visual.to(memory_format=torch.channels_last)
    probes = _probes(input_shape).to(device, memory_format=torch.channels_last)
    with torch.inference_mode():
        exact = model.encode_image(probes, normalize=True)
    folded = deepcopy(model.visual)
    if fold_batch_norms(folded):
        _replace_if_close(model, folded, probes, exact, _MIN_COSINE_FOLDED)
    if not _has_bfloat16(device):
        return torch.float32
    small = deepcopy(model.visual).to(torch.bfloat16)
    rounded = probes.to(torch.bfloat16)
    is_close = _replace_if_close(model, small, rounded, exact, _MIN_COSINE)
    return torch.bfloat16 if is_close else torch.float32


def _replace_if_close(
    model: Any, tower: Any, probes: torch.Tensor, exact: torch.Tensor, least: float
) -> bool:
    """Give ``model`` another image tower if the vectors of the probes stay what they were."""
    before, model.visual = model.visual, tower
    with torch.inference_mode():
        vectors = model.encode_image(probes, normalize=False).float()
    is_close = torch.nn.functional.cosine_similarity(exact, vectors).min().item() >= least
    if not is_close:
        model.visual = before
    return is_close


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
