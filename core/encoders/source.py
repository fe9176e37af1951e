"""What a person chose as an encoder, found on this machine without loading anything."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from core.encoders.base import EncoderDescription
from core.encoders.config import CONFIG_FILE, EncoderConfig, read_config
from core.encoders.known import KnownEncoder, find_known, tags_of
from core.errors import EncoderError
from core.paths import expanded, is_file, is_folder

WEIGHT_SUFFIXES = (".safetensors", ".bin", ".pt", ".pth")
_PREFERRED = (
    "open_clip_model.safetensors",
    "open_clip_pytorch_model.safetensors",
    "model.safetensors",
    "open_clip_pytorch_model.bin",
    "pytorch_model.bin",
)
_NAMED = re.compile(r"([\w.-]+)/([\w.-]+)(?:@(.+))?")
_MAX_LICENCE = 100_000
_REMEDY = (
    "Choose a folder with open_clip_config.json and weights, a checkpoint in such a folder, "
    "or a known encoder as ARCHITECTURE/PRETRAINED_TAG."
)


@dataclass(frozen=True, slots=True)
class Source:
    """Where an encoder's parts are. ``config`` is set for a folder, ``known`` for a name."""

    weights: Path | None
    config: EncoderConfig | None = None
    known: KnownEncoder | None = None

    @property
    def name(self) -> str:
        """A short name for people."""
        if self.known is None:
            assert self.weights is not None
            return self.weights.parent.name
        if self.weights is None or self.weights == self.known.cached_weights():
            return self.known.name
        return f"{self.known.name}@{self.weights.name}"

    def describe(self) -> EncoderDescription:
        """Everything that can be told without loading the weights."""
        config = self.config
        if config is None:
            assert self.known is not None
            # The preprocessing of a name comes with open_clip itself, later.
            config = EncoderConfig(self.known.model_config(), {})
        return EncoderDescription(
            name=self.name,
            architecture=self.known.architecture if self.known else config.architecture,
            dimension=config.dimension,
            image_size=config.image_size,
            weights=self.weights,
            weights_bytes=self.weights.stat().st_size if self.weights else 0,
            licence=self.known.licence if self.known else _licence_beside(self.weights),
        )


def find_source(text: str) -> Source:
    """Understand a source and find its parts.

    ``weights`` is None only for a known name whose weights are not on this machine. Raises
    :class:`EncoderError` for everything that can never be loaded.
    """
    text = text.strip()
    if not text:
        raise EncoderError("No encoder is chosen.", _REMEDY)
    path = expanded(Path(text.removeprefix("local-dir:"))).absolute()
    if is_folder(path):
        return _local(_weights_in(path))
    if is_file(path):
        return _local(path)
    named = _NAMED.fullmatch(text)
    if named is None or text.startswith(("/", "~", ".")):
        raise EncoderError(f"There is no folder or file {text}.", _REMEDY)
    architecture, tag, checkpoint = named.groups()
    known = find_known(architecture, tag)
    if known is None:
        tags = tags_of(architecture)
        raise EncoderError(
            f"There is no folder {text}, and no known encoder of that name.",
            f"Known for {architecture}: {', '.join(tags)}." if tags else _REMEDY,
        )
    if checkpoint is None:
        return Source(known.cached_weights(), known=known)
    return Source(_checked_weights(expanded(Path(checkpoint))), known=known)


def _local(weights: Path) -> Source:
    _checked_weights(weights)
    config = weights.parent / CONFIG_FILE
    if not config.is_file():
        raise EncoderError(
            f"{weights.name} alone does not tell its architecture and preprocessing: "
            f"there is no {CONFIG_FILE} beside it.",
            "Copy that file from where the weights came from, or write "
            "ARCHITECTURE/PRETRAINED_TAG@PATH if the weights belong to a known encoder.",
        )
    return Source(weights, config=read_config(config))


def _weights_in(folder: Path) -> Path:
    if not (folder / CONFIG_FILE).is_file():
        raise EncoderError(f"{folder} has no {CONFIG_FILE}.", _REMEDY)
    files = sorted(item for item in folder.iterdir() if item.suffix in WEIGHT_SUFFIXES)
    preferred = [folder / name for name in _PREFERRED if folder / name in files]
    safe = [item for item in files if item.suffix == WEIGHT_SUFFIXES[0]]
    candidates = preferred[:1] or safe or files
    if not candidates:
        raise EncoderError(f"{folder} has no weights.", "Copy the .safetensors file into it.")
    if len(candidates) > 1:
        names = ", ".join(item.name for item in candidates)
        raise EncoderError(f"{folder} has several weights: {names}.", "Choose one of the files.")
    return candidates[0]


def _checked_weights(path: Path) -> Path:
    if path.suffix not in WEIGHT_SUFFIXES:
        raise EncoderError(
            f"{path.name} is not a file of weights this program reads.",
            f"Use one of {', '.join(WEIGHT_SUFFIXES)}, best .safetensors.",
        )
    if not is_file(path):
        raise EncoderError(f"There is no file {path}.", _REMEDY)
    return path


def _licence_beside(weights: Path | None) -> str:
    assert weights is not None
    texts = []
    for name in ("NOTICE", "LICENSE", "LICENSE.txt", "LICENCE"):
        path = weights.parent / name
        if path.is_file():
            with path.open(encoding="utf-8", errors="replace") as stream:
                texts.append(stream.read(_MAX_LICENCE))
    return "\n\n".join(texts)
