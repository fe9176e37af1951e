"""Encoders: configuration, weights of either kind, the vectors that came with them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
from loader import Loader
from loaders_tables import mutate_workbook
from structured import mutate_json, mutate_safetensors

from core.encoders import bundle, describe_source
from core.encoders.build import build_model
from core.encoders.config import CONFIG_FILE, EncoderConfig, read_config
from core.encoders.selftest import GOLDEN_FILE, check_vectors
from core.progress import Silent

_VISION = {"image_size": 32, "layers": 1, "width": 32, "head_width": 16, "patch_size": 16}
_TEXT = {"context_length": 8, "vocab_size": 64, "width": 16, "heads": 2, "layers": 1}
_MODEL: dict[str, Any] = {"embed_dim": 16, "vision_cfg": _VISION, "text_cfg": _TEXT}
_PREPROCESS = {"mean": [0.5, 0.4, 0.6], "std": [0.5, 0.3, 0.4], "interpolation": "bicubic"}


def _config_seeds(_folder: Path) -> list[bytes]:
    timm = {**_MODEL, "vision_cfg": {"timm_model_name": "mobilenetv2_050", "image_size": 64}}
    hub = {**_MODEL, "text_cfg": {**_TEXT, "hf_model_name": "roberta-base"}}
    return [
        json.dumps({"model_cfg": model, "preprocess_cfg": _PREPROCESS}).encode()
        for model in (_MODEL, {**_MODEL, "quick_gelu": True, "custom_text": True}, timm, hub)
    ]


def _config(folder: Path, data: bytes) -> None:
    (folder / CONFIG_FILE).write_bytes(data)
    (folder / "open_clip_model.safetensors").write_bytes(b"\0" * 64)
    read_config(folder / CONFIG_FILE)
    describe_source(str(folder))


def _architecture(folder: Path, data: bytes) -> None:
    """The towers of a configuration that may be wrong, for weights that are sound."""
    (folder / CONFIG_FILE).write_bytes(data)
    config = read_config(folder / CONFIG_FILE)
    weights = folder / "w.safetensors"
    if not weights.exists():
        weights.write_bytes(_safetensors(folder))
    build_model(config, weights)


def _towers() -> dict[str, Any]:
    import open_clip
    import torch

    torch.manual_seed(0)
    return dict(open_clip.CLIP(**_MODEL).state_dict())


def _safetensors(folder: Path) -> bytes:
    from safetensors.torch import save_file

    save_file(_towers(), folder / "seed.safetensors")
    return (folder / "seed.safetensors").read_bytes()


def _safetensors_seeds(folder: Path) -> list[bytes]:
    return [_safetensors(folder)]


def _checkpoint_seeds(folder: Path) -> list[bytes]:
    import torch

    torch.save(_towers(), folder / "seed.pt")
    torch.save({"state_dict": _towers()}, folder / "old.pt", _use_new_zipfile_serialization=False)
    return [(folder / name).read_bytes() for name in ("seed.pt", "old.pt")]


def _safetensors_weights(folder: Path, data: bytes) -> None:
    (folder / "w.safetensors").write_bytes(data)
    build_model(EncoderConfig(_MODEL, {}), folder / "w.safetensors")


def _checkpoint(folder: Path, data: bytes) -> None:
    (folder / "w.pt").write_bytes(data)
    build_model(EncoderConfig(_MODEL, {}), folder / "w.pt")


def _golden_seeds(_folder: Path) -> list[bytes]:
    return [b'{"synthetic": {"first8": [0.5, 0.5, 0.5, 0.5]}}', b'{"note": "another file"}']


def _golden(folder: Path, data: bytes) -> None:
    (folder / GOLDEN_FILE).write_bytes(data)
    vectors = np.full((1, 4), 0.5, np.float32)
    check_vectors(folder, lambda _: vectors, (3, 4, 4))


def _bundle_seeds(folder: Path) -> list[bytes]:
    files = {
        CONFIG_FILE: _config_seeds(folder)[0],
        bundle.WEIGHTS_FILE: b"\1" * 300,
        GOLDEN_FILE: _golden_seeds(folder)[0],
        bundle.LICENCE_FILE: b"MIT",
    }
    for name, data in files.items():
        (folder / name).write_bytes(data)
    places = {name: folder / name for name in files}
    bundle.write_bundle(places, "tiny", folder / "tiny.zip", Silent())
    return [(folder / "tiny.zip").read_bytes()]


def _bundle(folder: Path, data: bytes) -> None:
    path, place = folder / "b.zip", folder / "unpacked"
    path.write_bytes(data)
    describe_source(str(path))
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    bundle.unpack(path, place, Silent())
    assert sum(one.stat().st_size for one in place.iterdir()) <= len(data)


def _name_seeds(folder: Path) -> list[bytes]:
    return [
        *(b"ViT-B-32/openai", b"ViT-B-32/laion2b_s34b_b79k@w.safetensors"),
        *(b"~/encoders/a", str(folder).encode(), b"local-dir:a/b.zip"),
    ]


def _name(_folder: Path, data: bytes) -> None:
    """What a project.toml or a person calls an encoder."""
    describe_source(data.decode("utf-8", "surrogateescape"))


LOADERS = (
    Loader("encoder: bundle", 5, _bundle_seeds, _bundle, mutate_workbook),
    Loader("encoder: name", 2, _name_seeds, _name),
    Loader("encoder: configuration", 6, _config_seeds, _config, mutate_json),
    Loader("encoder: architecture", 6, _config_seeds, _architecture, mutate_json),
    Loader("encoder: safetensors", 2, _safetensors_seeds, _safetensors_weights, mutate_safetensors),
    Loader("encoder: checkpoint", 2, _checkpoint_seeds, _checkpoint),
    Loader("encoder: golden vectors", 1, _golden_seeds, _golden, mutate_json),
)
