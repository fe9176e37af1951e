"""A bundle: carried whole, refused when forged or damaged, tested before it is kept."""

from __future__ import annotations

import json
import shutil
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.torch import load_file, save_file

from core.encoders import bundle, describe_source, load_encoder
from core.encoders.bundle import read_manifest
from core.errors import Cancelled, EncoderError
from core.progress import Silent
from core.workflows.encoder_bundles import export_encoder, import_encoder, local_source

WEIGHTS, CONFIG = "open_clip_model.safetensors", "open_clip_config.json"
PARTS = {WEIGHTS, CONFIG, "golden.json", "LICENSE", "manifest.json"}


@pytest.fixture(scope="module")
def packed(tiny_encoder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sound bundle of the tiny encoder, which came without licence and self-test."""
    path = tmp_path_factory.mktemp("bundles") / "tiny.zip"
    export_encoder(str(tiny_encoder), path, Silent())
    return path


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "encoders"


def members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def pack(path: Path, content: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    return path


def edited(path: Path, change: Callable[[dict[str, Any]], None]) -> dict[str, bytes]:
    """The members of a bundle with another manifest."""
    content = members(path)
    manifest = json.loads(content["manifest.json"])
    change(manifest)
    return {**content, "manifest.json": json.dumps(manifest).encode()}


def left_in(place: Path) -> list[str]:
    return sorted(item.name for item in place.iterdir()) if place.exists() else []


def test_an_encoder_arrives_with_the_vectors_it_had(
    packed: Path, tiny_encoder: Path, place: Path
) -> None:
    folder = import_encoder(packed, Silent(), place)
    assert folder == place / tiny_encoder.name
    assert {item.name for item in folder.iterdir()} == PARTS
    sent, arrived = load_encoder(str(tiny_encoder), "cpu"), load_encoder(str(folder), "cpu")
    assert arrived.identity == sent.identity
    texts = ["a truck", "lastebil på vinterføre"]
    np.testing.assert_array_equal(arrived.encode_texts(texts), sent.encode_texts(texts))
    assert left_in(place) == [tiny_encoder.name]


def test_it_is_described_without_being_unpacked(packed: Path, tiny_encoder: Path) -> None:
    found, wanted = describe_source(str(packed)), describe_source(str(tiny_encoder))
    assert found.name == tiny_encoder.name
    assert (found.architecture, found.dimension, found.image_size, found.weights_bytes) == (
        wanted.architecture,
        wanted.dimension,
        wanted.image_size,
        wanted.weights_bytes,
    )
    assert "not known" in found.licence


def test_what_came_with_an_encoder_is_carried_along(
    tiny_encoder: Path, tmp_path: Path, place: Path
) -> None:
    source = Path(shutil.copytree(tiny_encoder, tmp_path / "with licence"))
    (source / "LICENSE").write_text("Do what you like.")
    (source / "NOTICE").write_text("By somebody.")
    (source / "private notes.txt").write_text("Not for others.")
    export_encoder(str(source), tmp_path / "b.zip", Silent())
    folder = import_encoder(tmp_path / "b.zip", Silent(), place)
    assert folder.name == "with-licence"
    assert "Do what you like." in (folder / "LICENSE").read_text()
    assert {item.name for item in folder.iterdir()} == {*PARTS, "NOTICE"}


def test_the_same_encoder_gives_the_same_file(packed: Path, tiny_encoder: Path) -> None:
    again = packed.with_name("again.zip")
    export_encoder(str(tiny_encoder), again, Silent())
    assert again.read_bytes() == packed.read_bytes()


def test_pickled_weights_become_safetensors(
    tiny_encoder: Path, tmp_path: Path, place: Path
) -> None:
    import torch

    source = Path(shutil.copytree(tiny_encoder, tmp_path / "pickled"))
    torch.save(load_file(source / WEIGHTS), source / "open_clip_pytorch_model.bin")
    (source / WEIGHTS).unlink()
    export_encoder(str(source), tmp_path / "b.zip", Silent())
    folder = import_encoder(tmp_path / "b.zip", Silent(), place)
    assert [item.name for item in folder.glob("*.bin")] == []
    texts = ["a truck"]
    np.testing.assert_allclose(
        load_encoder(str(folder), "cpu").encode_texts(texts),
        load_encoder(str(source), "cpu").encode_texts(texts),
        atol=1e-6,
    )


def test_imported_again_it_is_repaired_and_another_one_stays_beside_it(
    packed: Path, tiny_encoder: Path, tmp_path: Path, place: Path
) -> None:
    folder = import_encoder(packed, Silent(), place)
    (folder / WEIGHTS).write_bytes(b"damaged since")
    assert import_encoder(packed, Silent(), place) == folder
    assert (folder / WEIGHTS).read_bytes() == (tiny_encoder / WEIGHTS).read_bytes()
    other = Path(shutil.copytree(tiny_encoder, tmp_path / "x" / tiny_encoder.name))
    (other / "LICENSE").write_text("Another one.")
    export_encoder(str(other), tmp_path / "other.zip", Silent())
    second = import_encoder(tmp_path / "other.zip", Silent(), place)
    assert second.name.startswith(f"{tiny_encoder.name}-")
    assert left_in(place) == sorted([folder.name, second.name])


def test_only_a_bundle_is_imported_to_be_used(
    packed: Path, tiny_encoder: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.workflows.encoder_bundles.encoders_folder", lambda: place)
    assert local_source(str(tiny_encoder), Silent()) == str(tiny_encoder)
    assert local_source("ViT-B-32/openai", Silent()) == "ViT-B-32/openai"
    assert local_source(str(packed), Silent()) == str(place / tiny_encoder.name)


class StopAfter(Silent):
    """Cancels when so many bytes were written."""

    def __init__(self, limit: int) -> None:
        self._limit = limit

    def report(self, done: int, total: int, note: str = "") -> None:
        if total and done >= self._limit:
            raise Cancelled


def test_cancelled_nothing_is_left(packed: Path, tiny_encoder: Path, place: Path) -> None:
    with pytest.raises(Cancelled):
        import_encoder(packed, StopAfter(100), place)
    assert left_in(place) == []
    target = packed.with_name("cancelled.zip")
    target.write_bytes(b"from before")
    with pytest.raises(Cancelled):
        export_encoder(str(tiny_encoder), target, StopAfter(100))
    assert target.read_bytes() == b"from before"
    assert not list(target.parent.glob("*.part"))


HOSTILE: dict[str, Callable[[Path], dict[str, bytes]]] = {
    "an escape": lambda path: {**members(path), "../evil.txt": b"x"},
    "an absolute name": lambda path: {**members(path), "/evil.txt": b"x"},
    "a backslash": lambda path: {**members(path), "..\\evil.txt": b"x"},
    "a folder": lambda path: {**members(path), "a/": b""},
    "pickled weights": lambda path: {**members(path), "open_clip_pytorch_model.bin": b"x"},
    "a script": lambda path: {**members(path), "setup.py": b"x"},
    "a name that escapes": lambda path: edited(path, lambda m: m.update(name="../../evil")),
    "a hidden name": lambda path: edited(path, lambda m: m.update(name=".ssh")),
    "no name": lambda path: edited(path, lambda m: m.pop("name")),
    "another format": lambda path: edited(path, lambda m: m.update(format="x")),
    "a newer version": lambda path: edited(path, lambda m: m.update(version=2)),
    "a list for a manifest": lambda path: {**members(path), "manifest.json": b"[]"},
    "no JSON": lambda path: {**members(path), "manifest.json": b"{"},
    "deep JSON": lambda path: {**members(path), "manifest.json": b"[" * 100_000},
    "another size": lambda path: edited(path, lambda m: m["files"][CONFIG].update(bytes=1)),
    "another hash": lambda path: edited(path, lambda m: m["files"][CONFIG].update(sha256="0" * 64)),
    "a file unnamed": lambda path: edited(path, lambda m: m["files"].pop(CONFIG)),
    "a file missing": lambda path: {n: d for n, d in members(path).items() if n != WEIGHTS},
    "no manifest": lambda path: {n: d for n, d in members(path).items() if n != "manifest.json"},
    "nothing": lambda path: {},
}


@pytest.mark.parametrize("what", HOSTILE)
def test_forged_bundles_are_refused_and_leave_nothing(
    packed: Path, tmp_path: Path, place: Path, what: str
) -> None:
    before = sorted(tmp_path.rglob("*"))
    forged = pack(tmp_path / "forged.zip", HOSTILE[what](packed))
    with pytest.raises(EncoderError, match=r"forged\.zip") as told:
        import_encoder(forged, Silent(), place)
    assert told.value.remedy
    assert left_in(place) == []
    assert sorted(tmp_path.rglob("*")) == sorted({*before, forged, *place.parent.glob("encoders")})


def test_a_bomb_is_refused_before_it_is_unpacked(packed: Path, tmp_path: Path, place: Path) -> None:
    content = {**members(packed), WEIGHTS: bytes(50_000_000)}
    bomb = pack(tmp_path / "bomb.zip", content, zipfile.ZIP_DEFLATED)
    assert bomb.stat().st_size < 1_000_000
    with pytest.raises(EncoderError, match="another program"):
        import_encoder(bomb, Silent(), place)
    assert left_in(place) == []


def test_members_that_overlap_cannot_multiply(packed: Path, tmp_path: Path) -> None:
    """Every entry of the directory points at the same stored bytes."""
    whole = members(packed)
    names = [name for name in whole if name not in (WEIGHTS, "manifest.json")]
    manifest = json.loads(whole["manifest.json"])
    for name in names:
        manifest["files"][name] = manifest["files"][WEIGHTS]
    content = {name: whole[WEIGHTS] if name in names else data for name, data in whole.items()}
    content["manifest.json"] = json.dumps(manifest).encode()
    path = pack(tmp_path / "overlap.zip", content)
    data = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        offset = archive.getinfo(WEIGHTS).header_offset
        start = archive.start_dir
    directory = bytearray(data[start:])
    for name in names:
        at = directory.index(name.encode(), 0) - 46
        struct.pack_into("<L", directory, at + 42, offset)
    path.write_bytes(data[: len(data) // 2] + bytes(directory))
    with pytest.raises(EncoderError):
        read_manifest(path)


def test_a_name_twice_is_refused(packed: Path, tmp_path: Path, place: Path) -> None:
    twice = shutil.copy(packed, tmp_path / "twice.zip")
    with zipfile.ZipFile(twice, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr(CONFIG, b"{}")
    with pytest.raises(EncoderError, match="not a bundle"):
        import_encoder(Path(twice), Silent(), place)


@pytest.mark.parametrize("size", [0, 1, 21, 400, -40, -1])
def test_a_file_cut_short_is_refused(packed: Path, tmp_path: Path, size: int) -> None:
    cut = tmp_path / "cut.zip"
    cut.write_bytes(packed.read_bytes()[:size])
    with pytest.raises(EncoderError, match=r"cut\.zip is not a bundle"):
        read_manifest(cut)


def test_bytes_changed_on_the_way_are_found(packed: Path, tmp_path: Path, place: Path) -> None:
    data = bytearray(packed.read_bytes())
    at = data.index(WEIGHTS.encode()) + 5_000
    data[at] ^= 1
    changed = tmp_path / "changed.zip"
    changed.write_bytes(data)
    with pytest.raises(EncoderError, match=r"changed\.zip"):
        import_encoder(changed, Silent(), place)
    assert left_in(place) == []


def test_an_encoder_that_gives_other_vectors_is_refused(
    packed: Path, tmp_path: Path, place: Path
) -> None:
    folder = import_encoder(packed, Silent(), place)
    state = load_file(folder / WEIGHTS)
    state["token_embedding.weight"] = state["token_embedding.weight"].flip(0)
    save_file(state, folder / WEIGHTS)
    files = {name: folder / name for name in PARTS - {"manifest.json"}}
    bundle.write_bundle(files, "other", tmp_path / "other.zip", Silent())
    with pytest.raises(EncoderError, match=r"other\.zip holds no working encoder.*vectors"):
        import_encoder(tmp_path / "other.zip", Silent(), place)
    assert left_in(place) == [folder.name]


def test_a_huge_directory_is_not_read(packed: Path, tmp_path: Path) -> None:
    content = members(packed)
    content |= {f"{number:060d}": b"" for number in range(50_000)}
    path = pack(tmp_path / "many.zip", content)
    with pytest.raises(EncoderError, match="not a bundle"):
        read_manifest(path)


def test_a_disk_that_is_too_small_is_told_before(
    packed: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(packed.parent)._replace(free=10)
    monkeypatch.setattr("core.encoders.bundle.shutil.disk_usage", lambda folder: usage)
    with pytest.raises(EncoderError, match="are free"):
        import_encoder(packed, Silent(), place)
    assert left_in(place) == []


def test_an_absent_file_is_told(tmp_path: Path, place: Path) -> None:
    with pytest.raises(EncoderError, match="cannot be read"):
        import_encoder(tmp_path / "none.zip", Silent(), place)
