"""Architecture and preprocessing of an encoder: untrusted JSON, checked before use."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import EncoderError

CONFIG_FILE = "open_clip_config.json"
MAX_CONFIG_BYTES = 1 << 20

# Generous, but small enough that nothing absurd is allocated before the weights are compared.
_LIMITS = {
    "embed_dim": (1, 65_536),
    "layers": (1, 256),
    "width": (1, 32_768),
    "image_size": (16, 4_096),
    "patch_size": (1, 512),
    "head_width": (1, 4_096),
    "heads": (1, 1_024),
    "mlp_ratio": (0.01, 64),
    "context_length": (1, 8_192),
    "vocab_size": (1, 5_000_000),
    "attn_pooler_queries": (1, 8_192),
    "attn_pooler_heads": (1, 1_024),
}
_LIST_LENGTHS = {"image_size": 2, "layers": 4}
"""What may be given as a list: height and width; the layers of a ResNet's four stages."""
_CHOICES = {
    "interpolation": ("bicubic", "bilinear", "random"),
    "resize_mode": ("shortest", "longest", "squash"),
}


@dataclass(frozen=True, slots=True)
class EncoderConfig:
    """``model`` as open_clip's ``model_cfg``, ``preprocess`` complete and without its size."""

    model: dict[str, Any]
    preprocess: dict[str, Any]

    @property
    def dimension(self) -> int:
        """Numbers in one vector."""
        return int(self.model["embed_dim"])

    @property
    def image_size(self) -> int:
        """Longer side of the images the tower sees, in pixels."""
        size = self.model["vision_cfg"].get("image_size", 224)
        return max(size) if isinstance(size, list) else int(size)

    @property
    def architecture(self) -> str:
        """What the image tower is, for people."""
        vision = self.model["vision_cfg"]
        return str(vision.get("timm_model_name") or f"ViT, width {vision.get('width', 768)}")


def read_config(path: Path) -> EncoderConfig:
    """Read an ``open_clip_config.json``; :class:`EncoderError` names what is wrong with it."""
    try:
        if path.stat().st_size > MAX_CONFIG_BYTES:
            raise EncoderError(f"{path} is too large to be an encoder's configuration.")
        content = path.read_bytes()
    except OSError as error:
        raise EncoderError(f"{path} cannot be read: {error.strerror}.") from error
    return parse_config(content, str(path))


def parse_config(content: bytes, where: str) -> EncoderConfig:
    """An ``open_clip_config.json``, read from ``where``, checked and completed."""
    try:
        raw = json.loads(content.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise EncoderError(f"{where} is not valid JSON.", "Copy the encoder again.") from error
    if not isinstance(raw, dict) or not isinstance(raw.get("model_cfg"), dict):
        raise EncoderError(f"{where} has no model_cfg.", "Use a folder exported by open_clip.")
    if not isinstance(raw.get("preprocess_cfg"), dict):
        raise EncoderError(
            f"{where} does not say how images are preprocessed: it has no preprocess_cfg.",
            "Add the mean, std, interpolation and resize_mode the weights were trained with.",
        )
    return checked_config(raw["model_cfg"], raw["preprocess_cfg"], where)


def checked_config(
    model: Mapping[str, Any], preprocess: Mapping[str, Any], where: str
) -> EncoderConfig:
    """Check a configuration and complete its preprocessing with open_clip's documented defaults."""
    for section in ("vision_cfg", "text_cfg"):
        if not isinstance(model.get(section), dict):
            raise EncoderError(f"{where} has no {section}.")
    if type(model.get("embed_dim")) is not int:
        raise EncoderError(f"{where} has no embed_dim, or one that is no whole number.")
    multimodal = model.get("multimodal_cfg", {})
    if not isinstance(multimodal, dict):
        raise EncoderError(f"{where} has a multimodal_cfg that says nothing.")
    for table in (model, model["vision_cfg"], model["text_cfg"], multimodal):
        _check_sizes(table, where)
    # timm loads "hf-hub:..." and "local-dir:..." from elsewhere; a plain name is its own code.
    tower = model["vision_cfg"].get("timm_model_name") or ""
    if not isinstance(tower, str) or ":" in tower or "/" in tower:
        raise EncoderError(f"{where} asks for an image tower from elsewhere: {tower}.")
    return EncoderConfig(dict(model), _checked_preprocess(preprocess, where))


def _check_sizes(table: Mapping[str, Any], where: str) -> None:
    for name, (low, high) in _LIMITS.items():
        value = table.get(name)
        if value is None:
            continue
        is_list = isinstance(value, list) and len(value) == _LIST_LENGTHS.get(name)
        for number in value if is_list else [value]:
            if type(number) not in (int, float) or not low <= number <= high:
                raise EncoderError(
                    f"{where} has an impossible {name}: {str(value)[:40]}.",
                    f"It must lie between {low} and {high}.",
                )


def _checked_preprocess(raw: Mapping[str, Any], where: str) -> dict[str, Any]:
    checked: dict[str, Any] = {}
    for name in ("mean", "std"):
        values = raw.get(name)
        if (
            not isinstance(values, (list, tuple))
            or len(values) != 3
            or not all(type(value) in (int, float) and -10 < value < 10 for value in values)
            or (name == "std" and min(values) <= 0)
        ):
            raise EncoderError(
                f"{where} does not give a valid {name} of three numbers in its preprocess_cfg.",
                "Without it the vectors would be wrong; copy it from where the weights came from.",
            )
        checked[name] = [float(value) for value in values]
    for name, choices in _CHOICES.items():
        checked[name] = raw.get(name) or choices[0]
        if checked[name] not in choices:
            raise EncoderError(f"{where} has an unknown {name}: {checked[name]}.")
    fill = raw.get("fill_color") or 0
    if type(fill) is not int or not 0 <= fill <= 255:
        raise EncoderError(f"{where} has an impossible fill_color.")
    return {**checked, "fill_color": fill, "mode": "RGB"}
