"""Loading and running encoders, sound and broken ones."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest
import torch
from safetensors.torch import load_file, save_file

from core.encoders import Encoder, load_encoder
from core.encoders.memory import is_out_of_memory
from core.errors import EncoderError

WEIGHTS = "open_clip_model.safetensors"
CONFIG = "open_clip_config.json"


@pytest.fixture(scope="module")
def encoder(tiny_encoder: Path) -> Encoder:
    return load_encoder(str(tiny_encoder), "cpu")


@pytest.fixture
def copied(tiny_encoder: Path, tmp_path: Path) -> Path:
    """A copy of the tiny encoder that a test may break."""
    return Path(shutil.copytree(tiny_encoder, tmp_path / "copy"))


def picture(width: int, height: int, seed: int = 0) -> PIL.Image.Image:
    noise = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    return PIL.Image.fromarray(noise)


def edit(folder: Path, section: str, **values: Any) -> None:
    path = folder / CONFIG
    config = json.loads(path.read_text())
    config[section].update(values)
    path.write_text(json.dumps(config))


def test_vectors_are_unit_rows_close_to_plain_open_clip(
    encoder: Encoder, tiny_encoder: Path
) -> None:
    import open_clip

    model, transform = open_clip.create_model_from_pretrained(
        f"local-dir:{tiny_encoder}", return_transform=True
    )
    images = [picture(40 + 3 * i, 50, i) for i in range(9)]
    with torch.inference_mode():
        batch = torch.stack([transform(image) for image in images])
        plain = model.eval().encode_image(batch, normalize=True).numpy()
    ours = encoder.encode_images(np.stack([encoder.preprocess(image) for image in images]))
    assert (ours.dtype, ours.shape) == (np.float32, (9, 16))
    np.testing.assert_allclose(np.linalg.norm(ours, axis=1), 1, atol=1e-6)
    assert (ours * plain).sum(axis=1).min() >= 0.999


def test_texts_equal_plain_open_clip(encoder: Encoder, tiny_encoder: Path) -> None:
    import open_clip

    texts = ["lastevogn på vinterføre", "a truck", ""]
    model = open_clip.create_model(f"local-dir:{tiny_encoder}").eval()
    with torch.inference_mode():
        tokens = open_clip.get_tokenizer(f"local-dir:{tiny_encoder}")(texts)
        plain = model.encode_text(tokens, normalize=True).numpy()
    np.testing.assert_allclose(encoder.encode_texts(texts), plain, atol=1e-6)
    assert encoder.encode_texts([]).shape == (0, 16)


def test_an_empty_batch_gives_no_rows(encoder: Encoder) -> None:
    assert encoder.encode_images(np.empty((0, 3, 32, 32), np.float32)).shape == (0, 16)


def test_images_of_another_size_are_refused(encoder: Encoder) -> None:
    with pytest.raises(EncoderError, match="do not fit"):
        encoder.encode_images(np.zeros((1, 3, 33, 32), np.float32))


@pytest.mark.parametrize("resize_mode", ["shortest", "longest", "squash"])
@pytest.mark.parametrize("interpolation", ["bicubic", "bilinear"])
@pytest.mark.parametrize("size", [(32, 32), (24, 40)])
def test_preprocessing_is_open_clips_own_to_the_last_bit(
    resize_mode: str, interpolation: str, size: tuple[int, int]
) -> None:
    from open_clip.transform import PreprocessCfg, image_transform_v2

    from core.encoders.preprocessing import Preprocessing

    config = {
        "mean": [0.48, 0.45, 0.40],
        "std": [0.26, 0.27, 0.28],
        "interpolation": interpolation,
        "resize_mode": resize_mode,
        "fill_color": 7,
        "mode": "RGB",
    }
    ours = Preprocessing(config, size)
    theirs = image_transform_v2(PreprocessCfg(size=size, **config), is_train=False)
    images = [picture(*shape) for shape in ((1, 1), (31, 90), (90, 31), (320, 20), (333, 200))]
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(ours, images * 5))
    for image, result in zip(images * 5, results, strict=True):
        np.testing.assert_array_equal(result, theirs(image).numpy())


@pytest.mark.parametrize("shape", [(60_000, 2), (1, 100_000)])
def test_a_line_of_pixels_does_not_fill_the_memory(
    encoder: Encoder, shape: tuple[int, int]
) -> None:
    image = PIL.Image.new("RGB", shape, (255, 0, 0))
    expected = encoder.preprocess(PIL.Image.new("RGB", (32, 32), (255, 0, 0)))
    np.testing.assert_array_equal(encoder.preprocess(image), expected)


def test_the_middle_of_a_long_image_is_what_open_clip_would_crop(encoder: Encoder) -> None:
    image = PIL.Image.linear_gradient("L").resize((64 * 33, 64)).convert("RGB")
    wide = PIL.Image.new("RGB", (64 * 33, 64))
    wide.paste(image.crop((64 * 12, 0, 64 * 21, 64)), (64 * 12, 0))
    np.testing.assert_allclose(encoder.preprocess(image), encoder.preprocess(wide), atol=1e-6)


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("CUDA out of memory. Tried to allocate 2 GiB"),
        RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory"),
        RuntimeError("MPS backend out of memory"),
        torch.OutOfMemoryError("CUDA out of memory."),
        MemoryError(),
    ],
)
def test_a_lack_of_memory_halves_the_batch_and_is_remembered(
    tiny_encoder: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    encoder: Any = load_encoder(str(tiny_encoder), "cpu")
    batch = np.random.default_rng(0).standard_normal((11, 3, 32, 32)).astype(np.float32)
    expected = encoder.encode_images(batch)
    forward, sizes = encoder._forward_images, list[int]()

    def small_memory(rows: torch.Tensor) -> torch.Tensor:
        sizes.append(len(rows))
        if len(rows) > 3:
            raise error
        return forward(rows)

    monkeypatch.setattr(encoder, "_forward_images", small_memory)
    np.testing.assert_allclose(encoder.encode_images(batch), expected, atol=2e-3)
    assert sizes == [11, 5, 2, 2, 2, 2, 2, 1]
    sizes.clear()
    encoder.encode_images(batch[:4])
    assert sizes == [2, 2]


def test_no_memory_for_a_single_image_is_said(
    tiny_encoder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder: Any = load_encoder(str(tiny_encoder), "cpu")

    def no_memory(_: torch.Tensor) -> torch.Tensor:
        raise MemoryError

    monkeypatch.setattr(encoder, "_forward_images", no_memory)
    with pytest.raises(EncoderError, match="not enough memory on cpu for a single image"):
        encoder.encode_images(np.zeros((4, 3, 32, 32), np.float32))


def test_other_failures_are_no_lack_of_memory() -> None:
    assert not is_out_of_memory(RuntimeError("shapes do not match"))
    assert not is_out_of_memory(ValueError("out of memory"))


def test_identity_is_of_architecture_weights_and_preprocessing(
    encoder: Encoder, copied: Path
) -> None:
    assert load_encoder(str(copied), "cpu").identity == encoder.identity
    edit(copied, "preprocess_cfg", mean=[0.5, 0.5, 0.5])
    assert load_encoder(str(copied), "cpu").identity != encoder.identity
    edit(copied, "preprocess_cfg", mean=[0.5, 0.4, 0.6])
    edit(copied, "model_cfg", quick_gelu=True)
    assert load_encoder(str(copied), "cpu").identity != encoder.identity
    edit(copied, "model_cfg", quick_gelu=False)
    weights = load_file(copied / WEIGHTS)
    save_file({**weights, "ln_final.bias": weights["ln_final.bias"] + 1}, copied / WEIGHTS)
    assert load_encoder(str(copied), "cpu").identity != encoder.identity
    assert set(json.loads(encoder.recipe)) == {"architecture", "preprocessing", "weights_sha256"}


def test_a_checkpoint_of_plain_weights_is_loaded(encoder: Encoder, copied: Path) -> None:
    path = copied / "epoch_1.pt"
    torch.save({"state_dict": load_file(copied / WEIGHTS)}, path)
    loaded = load_encoder(str(path), "cpu")
    image = encoder.preprocess(picture(40, 40))[None]
    np.testing.assert_array_equal(loaded.encode_images(image), encoder.encode_images(image))


class _Malice:
    def __init__(self, proof: Path) -> None:
        self.proof = proof

    def __reduce__(self) -> tuple[Callable[[str], None], tuple[str]]:
        return os.mkdir, (str(self.proof),)


@pytest.mark.parametrize("suffix", [".pt", ".bin", ".pth"])
def test_a_malicious_checkpoint_runs_nothing(copied: Path, tmp_path: Path, suffix: str) -> None:
    path = (copied / "evil").with_suffix(suffix)
    filler = torch.zeros(1_000_000)
    torch.save({"state_dict": {"x": filler, "y": _Malice(tmp_path / "proof")}}, path)
    with pytest.raises(EncoderError, match="damaged, or holds more than plain weights"):
        load_encoder(str(path), "cpu")
    assert not (tmp_path / "proof").exists()


def _cut(folder: Path) -> None:
    os.truncate(folder / WEIGHTS, (folder / WEIGHTS).stat().st_size - 100)


def _halved(folder: Path) -> None:
    os.truncate(folder / WEIGHTS, 100_000)


def _noise(folder: Path) -> None:
    (folder / WEIGHTS).write_bytes(np.random.default_rng(0).bytes(4_000_000))


def _long_header(folder: Path) -> None:
    content = (folder / WEIGHTS).read_bytes()
    (folder / WEIGHTS).write_bytes((1 << 62).to_bytes(8, "little") + content[8:])


def _missing_tensor(folder: Path) -> None:
    weights = load_file(folder / WEIGHTS)
    del weights["visual.proj"]
    save_file(weights, folder / WEIGHTS)


def _not_numbers(folder: Path) -> None:
    weights = load_file(folder / WEIGHTS)
    weights["visual.proj"].fill_(float("nan"))
    save_file(weights, folder / WEIGHTS)


def _wrong_width(folder: Path) -> None:
    edit(folder, "model_cfg", embed_dim=17)


def _absurd_but_within_limits(folder: Path) -> None:
    vision = {"image_size": 4096, "layers": 200, "width": 32_000, "patch_size": 16}
    edit(folder, "model_cfg", vision_cfg=vision)


def _impossible_heads(folder: Path) -> None:
    text = {"context_length": 8, "width": 16, "heads": 3, "layers": 1}
    edit(folder, "model_cfg", text_cfg=text)


def _unknown_option(folder: Path) -> None:
    edit(folder, "model_cfg", trust_remote_code=True)


def _tower_of_the_hub(folder: Path) -> None:
    edit(folder, "model_cfg", text_cfg={"hf_model_name": "no-such/model"})


def _unknown_timm_tower(folder: Path) -> None:
    vision = {"timm_model_name": "no_such_tower", "timm_model_pretrained": True, "image_size": 32}
    edit(folder, "model_cfg", vision_cfg=vision)


def _other_vectors(folder: Path) -> None:
    (folder / "golden.json").write_text(json.dumps({"synthetic": {"first8": [1.0] * 8}}))


@pytest.mark.parametrize(
    ("breakage", "message"),
    [
        (_cut, "damaged"),
        (_halved, "too small for the architecture"),
        (_noise, "damaged"),
        (_long_header, "damaged"),
        (_missing_tensor, "does not fit the architecture"),
        (_not_numbers, "vectors that are not numbers"),
        (_wrong_width, "does not fit the architecture"),
        (_absurd_but_within_limits, "too small for the architecture"),
        (_impossible_heads, "cannot be built"),
        (_unknown_option, "cannot be built"),
        (_tower_of_the_hub, "cannot be built"),
        (_unknown_timm_tower, "cannot be built"),
        (_other_vectors, "does not give the vectors that came with it"),
    ],
)
def test_a_broken_encoder_is_refused_with_a_remedy(
    copied: Path, breakage: Callable[[Path], None], message: str
) -> None:
    breakage(copied)
    with pytest.raises(EncoderError, match=message) as caught:
        load_encoder(str(copied), "cpu")
    assert caught.value.remedy


def test_a_file_named_golden_with_other_content_is_ignored(copied: Path) -> None:
    for content in ("[]", "{", '{"synthetic": {"first8": "x"}}', '{"images": []}'):
        (copied / "golden.json").write_text(content)
        load_encoder(str(copied), "cpu")


def test_an_unknown_device_is_refused(tiny_encoder: Path) -> None:
    with pytest.raises(EncoderError, match="cannot run on"):
        load_encoder(str(tiny_encoder), "abacus")


def test_a_timm_tower_is_built_without_its_own_weights(
    copied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import open_clip

    config = json.loads((copied / CONFIG).read_text())["model_cfg"]
    config["vision_cfg"] = {"timm_model_name": "test_byobnet", "image_size": 32}
    save_file(dict(open_clip.CLIP(**config).state_dict()), copied / WEIGHTS)
    config["vision_cfg"]["timm_model_pretrained"] = True
    edit(copied, "model_cfg", **config)
    assert load_encoder(str(copied), "cpu").dimension == 16


@pytest.mark.photographs
def test_the_development_encoder_gives_its_golden_vectors(dev_encoder: Path) -> None:
    golden = json.loads((dev_encoder / "golden.json").read_text())
    encoder = load_encoder(str(dev_encoder))
    channel, row, column = np.ogrid[:3, :224, :224]
    image = (((channel + row + column) * 7) % 256 / 127.5 - 1).astype(np.float32)[None]
    expected = golden["synthetic"]["first8"]
    np.testing.assert_allclose(encoder.encode_images(image)[0, :8], expected, atol=2e-3)
    texts, first = zip(*golden["texts"], strict=True)
    np.testing.assert_allclose(encoder.encode_texts(texts)[:, :8], first, atol=2e-3)


@pytest.mark.photographs
def test_a_reduced_decode_keeps_the_vector(
    aircraft: Path, dev_encoder: Path, tmp_path: Path
) -> None:
    from core.images.decode import decode
    from core.workflows.decoding import DECODE_MARGIN

    encoder = load_encoder(str(dev_encoder))
    photographs = sorted((aircraft / "images").iterdir())[::40]
    full, reduced = [], []
    for start in range(0, 192, 16):
        # Sixteen photographs side by side have more detail than one; the side is the worst case:
        # half of it is exactly the size asked for.
        sheet = PIL.Image.new("RGB", (1344, 1344))
        for place, path in enumerate(photographs[start : start + 16]):
            with PIL.Image.open(path) as image:
                tile = image.convert("RGB").resize((336, 336), PIL.Image.Resampling.BICUBIC)
            sheet.paste(tile, (place % 4 * 336, place // 4 * 336))
        path = tmp_path / f"{start}.jpg"
        sheet.save(path, quality=92)
        small = decode(path, 10**9, DECODE_MARGIN * encoder.image_size)
        assert small.size == (672, 672)
        full.append(encoder.preprocess(decode(path, 10**9)))
        reduced.append(encoder.preprocess(small))
    exact = encoder.encode_images(np.stack(full))
    cosine = (exact * encoder.encode_images(np.stack(reduced))).sum(axis=1)
    assert cosine.min() >= 0.999
