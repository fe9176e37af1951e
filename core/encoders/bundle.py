"""An encoder as one file, to be carried to a computer without a network.

A zip archive of plain files, stored and not compressed: ``manifest.json`` names every other file
with its size and SHA-256. Nothing in it is trusted: only names from a fixed list are accepted, so
that no file can land elsewhere, and what is unpacked is never larger than the archive itself.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import shutil
import struct
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from core.encoders.base import EncoderDescription
from core.encoders.config import CONFIG_FILE, MAX_CONFIG_BYTES, parse_config
from core.encoders.selftest import GOLDEN_FILE
from core.errors import EncoderError
from core.files import replacing
from core.paths import expanded, is_file
from core.progress import Progress

SUFFIX = ".zip"
WEIGHTS_FILE = "open_clip_model.safetensors"
LICENCE_FILE = "LICENSE"
MANIFEST_FILE = "manifest.json"
FORMAT, VERSION = "clipkw-encoder", 1
_MAX_WEIGHTS = 40 << 30
_MAX_OTHER = 64 << 20
_REQUIRED = (CONFIG_FILE, WEIGHTS_FILE, GOLDEN_FILE, LICENCE_FILE)
TOKENIZER_FILES = (
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "vocab.json",
    "vocab.txt",
    "merges.txt",
    "spiece.model",
    "tokenizer.model",
    "sentencepiece.bpe.model",
)
_NAMES = frozenset({*_REQUIRED, "NOTICE", "README.md", *TOKENIZER_FILES})
_NAME = re.compile(r"[^\W_][\w.+-]{0,79}")
_ENCRYPTED = 0x1
_COPIED = 1 << 20
_LONGEST_READ = 4 << 20
_AGAIN = "Copy the bundle again, or export it anew."


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a bundle."""

    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a bundle holds. ``name`` is fit to be the name of a folder."""

    name: str
    files: Mapping[str, Part]

    @property
    def total(self) -> int:
        """Bytes of all files together."""
        return sum(part.bytes for part in self.files.values())


def bundle_name(text: str) -> str:
    """A name for people as a name for a bundle: ``ViT-B-32/openai`` is ``ViT-B-32-openai``."""
    return re.sub(r"[^\w.+-]+", "-", text).strip("-._")[:80] or "encoder"


def is_bundle(source: str) -> bool:
    """Whether what was chosen as an encoder is the file of a bundle."""
    path = expanded(Path(source))
    return path.suffix.lower() == SUFFIX and is_file(path)


def write_bundle(files: Mapping[str, Path], name: str, target: Path, progress: Progress) -> None:
    """Put files, by their names in the bundle, into ``target``, in one atomic step.

    Raises :class:`EncoderError` for a name that no bundle has or a file too many or too few.
    """
    _check_names(files, target)
    total = sum(path.stat().st_size for path in files.values())
    parts: dict[str, Part] = {}
    with replacing(target) as bundle, zipfile.ZipFile(bundle, "w") as archive:
        for member, path in files.items():
            done = sum(part.bytes for part in parts.values())
            with path.open("rb") as stream, _new_member(archive, member) as out:
                parts[member] = _copy(stream, out, progress, done, total)
        content = {"format": FORMAT, "version": VERSION, "name": bundle_name(name)}
        named = {member: asdict(part) for member, part in parts.items()}
        with _new_member(archive, MANIFEST_FILE) as out:
            out.write(json.dumps({**content, "files": named}, indent=2).encode())


def _new_member(archive: zipfile.ZipFile, name: str) -> IO[bytes]:
    # The same encoder gives the same bytes, whenever it is exported.
    member = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    member.external_attr = 0o644 << 16
    return archive.open(member, "w", force_zip64=True)


def read_manifest(path: Path) -> Manifest:
    """What a bundle says it holds, after everything that can be checked without unpacking.

    Raises :class:`EncoderError`.
    """
    with _opened(path) as archive:
        return _checked(archive, path)


def describe_bundle(path: Path) -> EncoderDescription:
    """What a bundle holds, told without unpacking it; hashes are compared when it is unpacked.

    Raises :class:`EncoderError`.
    """
    with _opened(path) as archive:
        manifest = _checked(archive, path)
        config = parse_config(_start(archive, CONFIG_FILE), f"{CONFIG_FILE} in {path.name}")
        licence = _start(archive, LICENCE_FILE).decode("utf-8", errors="replace")
    return EncoderDescription(
        name=manifest.name,
        architecture=config.architecture,
        dimension=config.dimension,
        image_size=config.image_size,
        weights=path,
        weights_bytes=manifest.files[WEIGHTS_FILE].bytes,
        licence=licence,
    )


def _start(archive: zipfile.ZipFile, member: str) -> bytes:
    with archive.open(member) as stream:
        return stream.read(MAX_CONFIG_BYTES)


def unpack(path: Path, folder: Path, progress: Progress) -> Manifest:
    """Write the files of a bundle to ``folder``, which exists and is empty; hashes are compared.

    Raises :class:`EncoderError`; what was written by then is left for the caller to remove.
    """
    with _opened(path) as archive:
        manifest = _checked(archive, path)
        _check_room(folder, manifest)
        done = 0
        for member, part in manifest.files.items():
            with archive.open(member) as stream, (folder / member).open("xb") as out:
                found = _copy(stream, out, progress, done, manifest.total)
            if found != part:
                raise EncoderError(f"{member} in {path.name} was damaged on its way.", _AGAIN)
            done += part.bytes
        (folder / MANIFEST_FILE).write_bytes(archive.read(MANIFEST_FILE))
    return manifest


def _copy(stream: IO[bytes], out: IO[bytes], progress: Progress, done: int, total: int) -> Part:
    digest, size = hashlib.sha256(), 0
    while block := stream.read(_COPIED):
        progress.checkpoint()
        out.write(block)
        digest.update(block)
        size += len(block)
        progress.report(done + size, total)
    return Part(size, digest.hexdigest())


class _ShortReads(io.FileIO):
    """A file that is never read in one huge piece, as a forged directory of it would have it."""

    def read(self, size: int | None = -1, /) -> bytes:
        wanted = size if size is not None and size >= 0 else self._left()
        if wanted > _LONGEST_READ:
            raise zipfile.BadZipFile("too much at once")
        return super().read(wanted) or b""

    def _left(self) -> int:
        place = self.tell()
        end = self.seek(0, io.SEEK_END)
        self.seek(place)
        return max(end - place, 0)


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """The archive; whatever a forged one makes of the library is one sentence."""
    try:
        with _ShortReads(path) as stream, zipfile.ZipFile(stream) as archive:
            yield archive
    except zipfile.BadZipFile as error:
        raise _not_a_bundle(path) from error
    except OSError as error:
        raise EncoderError(f"{path} cannot be read: {error.strerror or error}.", _AGAIN) from error
    except (
        NotImplementedError,
        RuntimeError,
        ValueError,
        KeyError,
        EOFError,
        struct.error,
    ) as error:
        raise _not_a_bundle(path) from error


def _not_a_bundle(path: Path) -> EncoderError:
    return EncoderError(f"{path.name} is not a bundle of an encoder, or a damaged one.", _AGAIN)


def _checked(archive: zipfile.ZipFile, path: Path) -> Manifest:
    members = archive.infolist()
    names = [member.filename for member in members]
    if len(set(names)) != len(names) or MANIFEST_FILE not in names:
        raise _not_a_bundle(path)
    for member in members:
        if member.compress_type != zipfile.ZIP_STORED or member.flag_bits & _ENCRYPTED:
            raise EncoderError(
                f"{path.name} was packed by another program.", "Export the encoder as a bundle."
            )
        if member.file_size != member.compress_size:
            raise _not_a_bundle(path)
    if sum(member.file_size for member in members) > path.stat().st_size:
        raise _not_a_bundle(path)
    sizes = {member.filename: member.file_size for member in members}
    if sizes.pop(MANIFEST_FILE) > MAX_CONFIG_BYTES:
        raise _not_a_bundle(path)
    manifest = _parsed(archive.read(MANIFEST_FILE), path)
    _check_names(manifest.files, path)
    if sizes != {name: part.bytes for name, part in manifest.files.items()}:
        raise EncoderError(f"{path.name} does not hold the files it names.", _AGAIN)
    for name, size in sizes.items():
        if size > (_MAX_WEIGHTS if name == WEIGHTS_FILE else _MAX_OTHER):
            raise EncoderError(f"{name} in {path.name} is too large for an encoder.", _AGAIN)
    return manifest


def _check_names(files: Iterable[str], path: Path) -> None:
    names = set(files)
    if unknown := sorted(names - _NAMES):
        raise EncoderError(f"{path.name} holds a file that no encoder needs: {unknown[0]}.", _AGAIN)
    if missing := [name for name in _REQUIRED if name not in names]:
        raise EncoderError(f"{path.name} lacks {missing[0]}.", _AGAIN)


def _parsed(content: bytes, path: Path) -> Manifest:
    try:
        raw = json.loads(content)
        if raw["format"] != FORMAT:
            raise _not_a_bundle(path)
        if raw["version"] != VERSION:
            raise EncoderError(
                f"{path.name} was made by a newer version of this program.", "Install that version."
            )
        files = {
            str(name): Part(int(part["bytes"]), str(part["sha256"]))
            for name, part in raw["files"].items()
        }
        name = str(raw["name"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise _not_a_bundle(path) from error
    if not _NAME.fullmatch(name) or name != bundle_name(name):
        raise EncoderError(f"{path.name} has an impossible name inside: {name}.", _AGAIN)
    return Manifest(name, files)


def _check_room(folder: Path, manifest: Manifest) -> None:
    free = shutil.disk_usage(folder).free
    if manifest.total > free:
        raise EncoderError(
            f"The encoder needs {manifest.total / 1e6:,.0f} MB in {folder}; "
            f"{free / 1e6:,.0f} MB are free.",
            "Make room and try again.",
        )
