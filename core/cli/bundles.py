"""``clipkw export-encoder`` and ``import-encoder``: an encoder as one file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from core.cli.terminal import progress, say
from core.workflows import encoder_bundles

BundleFile = Annotated[Path, typer.Argument(metavar="FILE", help="Bundle, such as vit-b-32.zip.")]


def export_encoder(
    encoder: Annotated[
        str, typer.Argument(metavar="NAME_OR_DIR", help="open_clip name, folder or checkpoint.")
    ],
    file: BundleFile,
) -> None:
    """Write an encoder to one file, to be carried to a computer without a network."""
    with progress("Exporting") as watched:
        encoder_bundles.export_encoder(encoder, file, watched)
    say(f"{file}: {file.stat().st_size / 1e6:,.1f} MB. Elsewhere: clipkw import-encoder {file}")


def import_encoder(file: BundleFile) -> None:
    """Unpack a bundle, test the encoder in it, and keep it for all projects."""
    with progress("Importing") as watched:
        folder = encoder_bundles.import_encoder(file, watched)
    say(f"Use it: clipkw encode PROJECT --encoder {folder}")
