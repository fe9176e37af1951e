"""Encoders carried as one file: export a bundle here, import it on another computer."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import platformdirs

from core.encoders import bundle
from core.encoders.export import bundle_files
from core.encoders.load import load_encoder
from core.encoders.selftest import check_texts
from core.errors import EncoderError
from core.progress import Progress

_AGAIN = "Export it anew where it works, and carry it over again."


def encoders_folder() -> Path:
    """Where imported encoders lie: one folder for all projects of a person."""
    return Path(platformdirs.user_data_path("clipkw", appauthor=False)) / "encoders"


def export_encoder(source: str, target: Path, progress: Progress) -> None:
    """Write an encoder that is on this computer to one file, with its licence and self-test.

    A folder's weights stay byte for byte, so that vectors made with them hold; weights in another
    format than safetensors are converted. Raises :class:`EncoderError`; a file that was there
    before is then still there.
    """
    with _disk_errors(target.parent), tempfile.TemporaryDirectory(prefix="clipkw-") as made:
        progress.report(0, 0, "Testing the encoder")
        files, name = bundle_files(source, Path(made))
        bundle.write_bundle(files, name, target, progress)


def import_encoder(path: Path, progress: Progress, into: Path | None = None) -> Path:
    """Unpack a bundle, test the encoder, and keep it in ``into``; returns its folder.

    ``into`` is :func:`encoders_folder` if nobody says otherwise. An encoder appears there whole or
    not at all; another one of the same name stays beside it. Raises :class:`EncoderError`.
    """
    place = encoders_folder() if into is None else into
    manifest = bundle.read_manifest(path)
    with _disk_errors(place):
        place.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".unpacking-", dir=place) as temporary:
            folder = Path(temporary) / manifest.name
            folder.mkdir()
            bundle.unpack(path, folder, progress)
            progress.report(0, 0, "Testing the encoder")
            _test(folder, path)
            return _put_in_place(folder, place)


def local_source(source: str, progress: Progress) -> str:
    """A source that can be used from now on: a bundle is imported first, others stay."""
    return str(import_encoder(Path(source), progress)) if bundle.is_bundle(source) else source


def _test(folder: Path, path: Path) -> None:
    try:
        check_texts(folder, load_encoder(str(folder), "cpu").encode_texts)
    except EncoderError as error:
        reason = error.message.replace(str(folder), folder.name)
        raise EncoderError(f"{path.name} holds no working encoder. {reason}", _AGAIN) from error


def _put_in_place(folder: Path, place: Path) -> Path:
    """Move an unpacked encoder to where it stays; the same one, imported before, is replaced."""
    content = (folder / bundle.MANIFEST_FILE).read_bytes()
    target = place / folder.name
    if target.exists() and _manifest_of(target) != content:
        target = place / f"{folder.name}-{hashlib.sha256(content).hexdigest()[:8]}"
    if target.exists():
        target.rename(folder.parent / "before")
    return folder.rename(target)


def _manifest_of(folder: Path) -> bytes:
    try:
        return (folder / bundle.MANIFEST_FILE).read_bytes()
    except OSError:
        return b""


@contextmanager
def _disk_errors(place: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = error.strerror or error
        raise EncoderError(
            f"{place} cannot be written: {reason}.", "Choose another place, or make room."
        ) from error
