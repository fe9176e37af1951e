"""An encoder on this computer as the files of a bundle: safetensors, licence, self-test."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.encoders.base import Encoder
from core.encoders.build import build_model
from core.encoders.bundle import LICENCE_FILE, TOKENIZER_FILES, WEIGHTS_FILE
from core.encoders.config import CONFIG_FILE, EncoderConfig
from core.encoders.load import describe_source, load_encoder
from core.encoders.selftest import GOLDEN_FILE, golden_vectors, has_golden, synthetic_image
from core.types import Vectors

NO_LICENCE = "The licence of these weights is not known: ask where they came from.\n"
GOLDEN_TEXTS = ("a photo of a truck", "helikopter", "et bilde av en båt", "snow")
_AS_THEY_ARE = ("NOTICE", "README.md", *TOKENIZER_FILES)


def bundle_files(source: str, made: Path) -> tuple[dict[str, Path], str]:
    """The files of an encoder by their names in a bundle, and what to call the encoder.

    What is not there already, as it must be, is written to the folder ``made``. The encoder is
    loaded: nothing is exported that does not work. Raises :class:`core.errors.EncoderError`.
    """
    described = describe_source(source)
    weights = described.weights
    assert weights is not None
    encoder = load_encoder(source, "cpu")
    recipe = json.loads(encoder.recipe)
    config = EncoderConfig(recipe["architecture"], recipe["preprocessing"])
    is_folder = (weights.parent / CONFIG_FILE).is_file()
    files = {name: weights.parent / name for name in _AS_THEY_ARE} if is_folder else {}
    files = {name: path for name, path in files.items() if path.is_file()}
    if not is_folder:
        files |= _saved_tokenizer(config, source, made)
    files[CONFIG_FILE] = weights.parent / CONFIG_FILE if is_folder else _config_file(recipe, made)
    files[LICENCE_FILE] = made / LICENCE_FILE
    files[LICENCE_FILE].write_text(described.licence or NO_LICENCE, encoding="utf-8")
    files[WEIGHTS_FILE] = _safe_weights(config, weights, made)
    files[GOLDEN_FILE] = weights.parent / GOLDEN_FILE
    if not is_folder or not has_golden(weights.parent):
        files[GOLDEN_FILE] = _golden_file(encoder, config, weights, made)
    return files, described.name


def _config_file(recipe: Mapping[str, Any], made: Path) -> Path:
    content = {"model_cfg": recipe["architecture"], "preprocess_cfg": recipe["preprocessing"]}
    path = made / CONFIG_FILE
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    return path


def _safe_weights(config: EncoderConfig, weights: Path, made: Path) -> Path:
    """The weights as they are, or converted if they are not safetensors."""
    if weights.suffix == ".safetensors":
        return weights
    from safetensors.torch import save_model

    save_model(build_model(config, weights), str(made / WEIGHTS_FILE))
    return made / WEIGHTS_FILE


def _golden_file(encoder: Encoder, config: EncoderConfig, weights: Path, made: Path) -> Path:
    texts = dict(zip(GOLDEN_TEXTS, encoder.encode_texts(GOLDEN_TEXTS), strict=True))
    path = made / GOLDEN_FILE
    golden = golden_vectors(_synthetic_vector(config, weights)[0], texts)
    path.write_text(json.dumps(golden, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def _synthetic_vector(config: EncoderConfig, weights: Path) -> Vectors:
    """The vector (1, d) of the made-up image, in full precision whatever the machine can do."""
    import torch

    model: Any = build_model(config, weights)
    size = model.visual.image_size
    height, width = size if isinstance(size, (tuple, list)) else (size, size)
    image = torch.from_numpy(synthetic_image((3, int(height), int(width))))
    with torch.inference_mode():
        vectors: Vectors = model.encode_image(image[None], normalize=True).float().numpy()
    return vectors


def _saved_tokenizer(config: EncoderConfig, source: str, made: Path) -> dict[str, Path]:
    """The files of a tokenizer that is not open_clip's own."""
    if not config.model["text_cfg"].get("hf_tokenizer_name"):
        return {}
    import open_clip

    tokenizer: Any = open_clip.get_tokenizer(source.partition("/")[0])
    tokenizer.tokenizer.save_pretrained(made)
    return {name: made / name for name in TOKENIZER_FILES if (made / name).is_file()}
