"""``clipkw encode``: images become vectors."""

from __future__ import annotations

from typing import Annotated

import typer

from core.cli.project import EncoderSource, ProjectFolder, named_source, open_named
from core.cli.terminal import progress, say, tell
from core.encoders import describe_source
from core.workflows.demo import demo_encoder_warning
from core.workflows.encode import encode_images
from core.workflows.project import set_encoder


def encode(
    project: ProjectFolder,
    encoder: EncoderSource = None,
    download: Annotated[
        bool, typer.Option("--download", help="Allow a named encoder to be downloaded.")
    ] = False,
) -> None:
    """Turn images without a vector into vectors; interrupted, it goes on where it was."""
    with open_named(project) as opened:
        if encoder is not None:
            set_encoder(opened, named_source(encoder, download=download))
        if download:
            _tell_licence(opened.settings.encoder.source)
        if warning := demo_encoder_warning(opened):
            tell(warning)
        with progress("Encoding") as watched:
            report = encode_images(opened, watched, allow_download=download)
        rate = report.encoded / report.seconds if report.seconds else 0.0
        say(f"{report.encoded} images encoded on {report.device}, {rate:.1f} per second.")
        if report.failed:
            say(f"{len(report.failed)} could not be: clipkw problems {project}")


def _tell_licence(source: str) -> None:
    found = describe_source(source, allow_download=True)
    if found.weights is None:
        tell(f"Downloading {found.name}. {found.licence}")
