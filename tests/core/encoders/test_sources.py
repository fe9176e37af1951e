"""What can be chosen as an encoder, and what is refused before anything is loaded."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.encoders import describe_source
from core.encoders.known import KnownEncoder, find_known, known_encoders
from core.errors import Cancelled, EncoderError
from core.progress import Silent

MODEL: dict[str, Any] = {
    "embed_dim": 16,
    "vision_cfg": {"image_size": 32, "layers": 1, "width": 32, "head_width": 16, "patch_size": 16},
    "text_cfg": {
        "context_length": 8,
        "vocab_size": 49408,
        "width": 16,
        "heads": 2,
        "layers": 1,
    },
}
PREPROCESS: dict[str, Any] = {"mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5]}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Looks like an encoder; its weights are never opened here."""
    made = tmp_path / "my-encoder"
    made.mkdir()
    (made / "open_clip_model.safetensors").write_bytes(bytes(100))
    write_config(made, MODEL, PREPROCESS)
    return made


@pytest.fixture(autouse=True)
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No encoder is on this machine, whatever its user has downloaded."""
    import huggingface_hub.constants

    cache = tmp_path / "cache"
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(cache))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return cache


def write_config(folder: Path, model: object, preprocess: object) -> None:
    parts = {"model_cfg": model, "preprocess_cfg": preprocess}
    text = json.dumps({name: value for name, value in parts.items() if value is not None})
    (folder / "open_clip_config.json").write_text(text)


def test_a_folder_is_described_with_its_licence(folder: Path) -> None:
    (folder / "LICENSE").write_text("Do what you like.")
    found = describe_source(str(folder))
    assert (found.name, found.dimension, found.image_size) == ("my-encoder", 16, 32)
    assert found.weights == folder / "open_clip_model.safetensors"
    assert found.weights_bytes == 100
    assert "Do what you like." in found.licence


def test_a_checkpoint_takes_the_configuration_beside_it(folder: Path) -> None:
    other = folder / "epoch_9.pt"
    other.write_bytes(bytes(7))
    assert describe_source(str(other)).weights == other
    assert describe_source(str(folder)).weights == folder / "open_clip_model.safetensors"


def test_a_lone_checkpoint_needs_to_be_told_what_it_is(tmp_path: Path) -> None:
    weights = tmp_path / "weights.safetensors"
    weights.write_bytes(bytes(7))
    with pytest.raises(EncoderError, match=r"alone does not tell.*ARCHITECTURE/PRETRAINED_TAG@"):
        describe_source(str(weights))
    found = describe_source(f"ViT-B-16-SigLIP2/webli@{weights}")
    assert (found.weights, found.dimension) == (weights, 768)
    assert found.name == "ViT-B-16-SigLIP2/webli@weights.safetensors"


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("", "No encoder is chosen"),
        ("/no/such/place", "no folder or file"),
        ("./no/such/place", "no folder or file"),
        ("ViT-B-32", "no folder or file"),
        ("No-Such-Thing/openai", "no known encoder"),
        ("ViT-B-32/no_such_tag", r"Known for ViT-B-32: openai, "),
        ("ViT-B-32/openai@/no/such/file.safetensors", "no file"),
        ("ViT-B-32/openai@weights.pkl", "not a file of weights"),
    ],
)
def test_what_cannot_be_found_is_said_with_a_remedy(source: str, message: str) -> None:
    with pytest.raises(EncoderError, match=message) as caught:
        describe_source(source)
    assert caught.value.remedy


def test_a_known_encoder_that_is_not_here_tells_its_licence_and_the_way_out() -> None:
    with pytest.raises(EncoderError, match=r"not on this machine.*Allow its download.*MIT"):
        describe_source("ViT-B-32/laion2b_s34b_b79k")
    found = describe_source("ViT-B-32/laion2b-s34b-b79k", allow_download=True)
    assert (found.weights, found.dimension, found.image_size) == (None, 512, 224)
    assert "MIT" in found.licence


def test_cached_weights_are_found_where_the_hub_keeps_them(empty_cache: Path) -> None:
    known = find_known("ViT-B-32", "laion2b_s34b_b79k")
    assert known is not None
    assert known.cached_weights() is None
    repository = empty_cache / f"models--{known.hub.strip('/').replace('/', '--')}"
    weights = repository / "snapshots" / ("a" * 40) / "open_clip_pytorch_model.bin"
    weights.parent.mkdir(parents=True)
    weights.write_bytes(bytes(5))
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text("a" * 40)
    assert known.cached_weights() == weights
    assert describe_source("ViT-B-32/laion2b_s34b_b79k").weights_bytes == 5


def test_the_table_read_as_data_is_the_one_open_clip_uses() -> None:
    import open_clip

    known = known_encoders()
    for architecture, tag in open_clip.list_pretrained():
        theirs = open_clip.get_pretrained_cfg(architecture, tag)
        ours = find_known(architecture, tag)
        assert ours is not None
        assert (ours.url, ours.hub) == (theirs["url"], theirs["hf_hub"])
        assert ours.quick_gelu == theirs.get("quick_gelu", False)
    assert set(known) <= set(open_clip.list_pretrained())
    assert all(encoder.model_config()["embed_dim"] for encoder in known.values())


OFFLINE = """
import sys
opened = []
watch = ("socket.connect", "socket.getaddrinfo", "socket.bind")
sys.addaudithook(lambda event, _: opened.append(event) if event in watch else None)
from core.encoders import load_encoder
from core.errors import EncoderError
try:
    load_encoder("ViT-B-32/openai")
except EncoderError as error:
    assert "not on this machine" in str(error)
else:
    raise AssertionError("it cannot be here")
assert not opened, opened
assert not {"torch", "open_clip"} & set(sys.modules)
import huggingface_hub
assert huggingface_hub.is_offline_mode()
"""


def test_a_missing_encoder_opens_no_socket_and_loads_no_torch(tmp_path: Path) -> None:
    root = Path(__file__).resolve().parents[3]
    environment = os.environ | {"HF_HOME": str(tmp_path), "HF_HUB_OFFLINE": "0"}
    done = subprocess.run(
        [sys.executable, "-c", OFFLINE],
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def known_encoder() -> KnownEncoder:
    known = find_known("ViT-B-32", "laion2b_s34b_b79k")
    assert isinstance(known, KnownEncoder)
    return known


def test_a_download_is_a_process_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    script = """
import os, sys
print(f"Traceback\\nOSError: {sys.argv[1:3]} {os.environ['HF_HUB_OFFLINE']}", file=sys.stderr)
sys.exit(1)
"""
    monkeypatch.setattr("core.encoders.known._DOWNLOAD", script)
    reason = r"could not be downloaded: OSError: \['ViT-B-32', 'laion2b_s34b_b79k'\] 0"
    with pytest.raises(EncoderError, match=reason):
        known_encoder().download(Silent())
    assert os.environ["HF_HUB_OFFLINE"] == "1"


def test_a_download_without_a_network_does_not_try_again_and_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        place = f"http://127.0.0.1:{unused.getsockname()[1]}"
    monkeypatch.setenv("HF_ENDPOINT", place)
    with pytest.raises(EncoderError, match=rf"downloaded: {place} cannot be reached: .*refused"):
        known_encoder().download(Silent())


def test_a_download_is_stopped_at_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    script = f"""
import os, pathlib, time
pathlib.Path({str(tmp_path / "new")!r}).write_text(str(os.getpid()))
pathlib.Path({str(tmp_path / "new")!r}).rename({str(tmp_path / "pid")!r})
time.sleep(600)
"""
    monkeypatch.setattr("core.encoders.known._DOWNLOAD", script)

    class Stopped(Silent):
        def checkpoint(self) -> None:
            if (tmp_path / "pid").exists():
                raise Cancelled

    with pytest.raises(Cancelled):
        known_encoder().download(Stopped())
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def _model(section: str, name: str, value: object) -> dict[str, Any]:
    return {**MODEL, section: {**MODEL[section], name: value}}


@pytest.mark.parametrize(
    ("model", "preprocess", "message"),
    [
        (None, PREPROCESS, "no model_cfg"),
        (MODEL, None, "does not say how images are preprocessed"),
        (MODEL, {"mean": [0.5, 0.5, 0.5]}, "valid std"),
        (MODEL, {**PREPROCESS, "mean": [0.5]}, "valid mean"),
        (MODEL, {**PREPROCESS, "mean": ["a", 1, 2]}, "valid mean"),
        (MODEL, {**PREPROCESS, "std": [0.5, 0, 0.5]}, "valid std"),
        (MODEL, {**PREPROCESS, "resize_mode": "sideways"}, "unknown resize_mode"),
        (MODEL, {**PREPROCESS, "interpolation": "magic"}, "unknown interpolation"),
        (MODEL, {**PREPROCESS, "fill_color": 1e9}, "fill_color"),
        ({**MODEL, "embed_dim": 10**9}, PREPROCESS, "impossible embed_dim"),
        ({**MODEL, "embed_dim": "x"}, PREPROCESS, "no embed_dim"),
        ({**MODEL, "embed_dim": None}, PREPROCESS, "no embed_dim"),
        ({**MODEL, "embed_dim": [16]}, PREPROCESS, "no embed_dim"),
        ({**MODEL, "multimodal_cfg": [1]}, PREPROCESS, "multimodal_cfg"),
        (_model("vision_cfg", "image_size", []), PREPROCESS, "impossible image_size"),
        (_model("vision_cfg", "width", [8, 8]), PREPROCESS, "impossible width"),
        ({**MODEL, "vision_cfg": 3}, PREPROCESS, "no vision_cfg"),
        ({"vision_cfg": {}, "text_cfg": {}}, PREPROCESS, "no embed_dim"),
        (_model("vision_cfg", "layers", 10**6), PREPROCESS, "impossible layers"),
        (_model("vision_cfg", "layers", [3, 4, -1, 2]), PREPROCESS, "impossible layers"),
        (_model("vision_cfg", "width", True), PREPROCESS, "impossible width"),
        (_model("vision_cfg", "image_size", 10**6), PREPROCESS, "impossible image_size"),
        (_model("text_cfg", "context_length", 10**8), PREPROCESS, "impossible context_length"),
        (_model("vision_cfg", "timm_model_name", "hf-hub:a/b"), PREPROCESS, "from elsewhere"),
        (_model("vision_cfg", "timm_model_name", ["x"]), PREPROCESS, "from elsewhere"),
    ],
)
def test_a_bad_configuration_is_refused(
    folder: Path, model: object, preprocess: object, message: str
) -> None:
    write_config(folder, model, preprocess)
    with pytest.raises(EncoderError, match=message):
        describe_source(str(folder))


def _not_json(folder: Path) -> None:
    (folder / "open_clip_config.json").write_text("{")


def _deep(folder: Path) -> None:
    (folder / "open_clip_config.json").write_text("[" * 200_000)


def _binary(folder: Path) -> None:
    (folder / "open_clip_config.json").write_bytes(b"\xff\xfe\x00")


def _huge(folder: Path) -> None:
    (folder / "open_clip_config.json").write_text(" " * (2 << 20))


def _no_config(folder: Path) -> None:
    (folder / "open_clip_config.json").unlink()


def _no_weights(folder: Path) -> None:
    (folder / "open_clip_model.safetensors").unlink()


def _two_weights(folder: Path) -> None:
    (folder / "open_clip_model.safetensors").rename(folder / "a.safetensors")
    (folder / "b.safetensors").write_bytes(b"")


@pytest.mark.parametrize(
    ("breakage", "message"),
    [
        (_not_json, "not valid JSON"),
        (_deep, "not valid JSON"),
        (_binary, "not valid JSON"),
        (_huge, "too large"),
        (_no_config, "has no open_clip_config.json"),
        (_no_weights, "has no weights"),
        (_two_weights, "several weights: a.safetensors, b.safetensors"),
    ],
)
def test_a_broken_folder_is_refused(
    folder: Path, breakage: Callable[[Path], None], message: str
) -> None:
    breakage(folder)
    with pytest.raises(EncoderError, match=message):
        describe_source(str(folder))
