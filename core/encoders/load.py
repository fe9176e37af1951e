"""From what a person chose to a working encoder."""

from __future__ import annotations

import os
from pathlib import Path

from core.encoders.base import Encoder, EncoderDescription
from core.encoders.bundle import describe_bundle, is_bundle
from core.encoders.known import stay_offline
from core.encoders.source import Source, find_source
from core.errors import EncoderError
from core.progress import Progress, Silent


def describe_source(source: str, *, allow_download: bool = False) -> EncoderDescription:
    """Tell what an encoder is without loading it, at once and without a network.

    A bundle is described too; it is imported before it is loaded. Raises :class:`EncoderError` if
    it cannot be loaded. With ``allow_download`` a known encoder
    whose weights are not here is described too, so that its licence can be shown first.
    """
    if is_bundle(source):
        return describe_bundle(Path(source).expanduser())
    found = find_source(source)
    if not allow_download:
        _require_weights(found)
    return found.describe()


def load_encoder(
    source: str,
    device: str | None = None,
    *,
    allow_download: bool = False,
    progress: Progress | None = None,
) -> Encoder:
    """Load an encoder, on ``device`` or the best one there is (CUDA, MPS, CPU).

    ``source`` is a folder with ``open_clip_config.json`` and weights, a checkpoint in such a
    folder, ``ARCHITECTURE/PRETRAINED_TAG`` for a known encoder, or
    ``ARCHITECTURE/PRETRAINED_TAG@CHECKPOINT`` for other weights of the same make. Nothing is
    fetched from a network unless ``allow_download``; ``progress`` can stop that. Raises
    :class:`EncoderError`.
    """
    found = find_source(source)
    if found.weights is None and found.known is not None and allow_download:
        found = Source(found.known.download(progress or Silent()), known=found.known)
    _require_weights(found)
    stay_offline()
    # Read when torch is loaded. By default its threads spin while they wait for each other, and
    # beside decoding threads and a window that makes encoding several times slower.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    from core.encoders.open_clip_encoder import OpenClipEncoder

    return OpenClipEncoder.load(found, device)


def _require_weights(found: Source) -> None:
    if found.weights is None and found.known is not None:
        raise EncoderError(
            f"The encoder {found.known.name} is not on this machine.",
            "Allow its download (on the command line: --download), or choose the folder of an "
            "encoder you have. " + found.known.licence,
        )
