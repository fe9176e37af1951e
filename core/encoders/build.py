"""A model from a checked configuration and untrusted weights."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.encoders.config import EncoderConfig
from core.errors import EncoderError

if TYPE_CHECKING:
    import torch


def build_model(config: EncoderConfig, weights: Path) -> torch.nn.Module:
    """Build the towers and load the weights, strictly; :class:`EncoderError` says what is wrong."""
    import torch

    with torch.device("meta"):
        parameters = sum(item.numel() for item in _towers(config, weights).parameters())
    # A number takes at least one byte: checked before anything large is allocated.
    if parameters > weights.stat().st_size:
        raise EncoderError(
            f"{weights.name} is too small for the architecture in its configuration: "
            f"{parameters:,} numbers are wanted.",
            "The file is cut short, or belongs to another configuration: copy both again.",
        )
    model = _towers(config, weights)
    _load_weights(model, weights)
    return model.eval().requires_grad_(False)


def _towers(config: EncoderConfig, weights: Path) -> torch.nn.Module:
    import open_clip

    arguments = deepcopy(config.model)
    vision, text = arguments["vision_cfg"], arguments["text_cfg"]
    # The weights bring both towers; neither may fetch its own.
    if "timm_model_name" in vision:
        vision["timm_model_pretrained"] = False
    if "hf_model_name" in text:
        text["hf_model_pretrained"] = False
    custom = arguments.pop("custom_text", False) or "hf_model_name" in text
    kind: Any = open_clip.CLIP
    if custom:
        kind = open_clip.CoCa if "multimodal_cfg" in arguments else open_clip.CustomTextCLIP
    try:
        model: torch.nn.Module = kind(**arguments)
    except Exception as error:  # foreign code on an untrusted configuration can raise anything
        raise EncoderError(
            f"The architecture of {weights.parent.name} cannot be built: {_first_line(error)}",
            "Its configuration is damaged, or needs another version of open_clip.",
        ) from error
    return model


def _load_weights(model: torch.nn.Module, weights: Path) -> None:
    import open_clip

    try:
        open_clip.load_checkpoint(model, str(weights), strict=True, weights_only=True)
    except Exception as error:  # foreign code on an untrusted file can raise anything
        if "size mismatch" in str(error) or "in state_dict" in str(error):
            raise EncoderError(
                f"{weights.name} does not fit the architecture in its configuration.",
                "They come from different encoders: copy both again.",
            ) from error
        raise EncoderError(
            f"{weights.name} is damaged, or holds more than plain weights: {_first_line(error)}",
            "Copy it again, as .safetensors if there is such a file.",
        ) from error


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
