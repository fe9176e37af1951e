"""Every kind of file becomes the upright RGB picture a person sees."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import numpy as np
import PIL.Image
import PIL.ImageFile
import pytest
from pictures import encoded, jpeg, noise, orientation

from core.errors import ImageError
from core.images import decode as decode_module
from core.images.decode import decode
from core.images.free_memory import free_memory
from core.images.verify import verify

LIMIT = 1_000_000
LOSSLESS = ["PNG", "TIFF", "BMP"]


def decoded(folder: Path, data: bytes, **options: int) -> np.ndarray:
    path = folder / "picture"
    path.write_bytes(data)
    image = decode(path, LIMIT, **options)
    assert image.mode == "RGB"
    return np.asarray(image)


@pytest.mark.parametrize("image_format", LOSSLESS)
def test_rgb_comes_back_exactly(tmp_path: Path, image_format: str) -> None:
    image = noise()
    assert np.array_equal(decoded(tmp_path, encoded(image, image_format)), np.asarray(image))


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "TIFF", "WEBP"])
@pytest.mark.parametrize("turn", range(1, 9))
def test_orientation_is_honoured(tmp_path: Path, image_format: str, turn: int) -> None:
    # The tag says how the stored rows and columns lie in the upright picture (TIFF 6.0, tag 274).
    upright = np.zeros((32, 64, 3), dtype=np.uint8)
    upright[:16, :32] = 255, 0, 0
    upright[:16, 32:] = 0, 255, 0
    upright[16:, :32] = 0, 0, 255
    stored = {
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.transpose(1, 0, 2),
        6: np.rot90(upright),
        7: upright.transpose(1, 0, 2)[::-1, ::-1],
        8: np.rot90(upright, -1),
    }[turn]
    options = {"lossless": True} if image_format == "WEBP" else {}
    image = PIL.Image.fromarray(np.ascontiguousarray(stored))
    data = encoded(image, image_format, exif=orientation(turn), **options)
    result = decoded(tmp_path, data).astype(int)
    assert result.shape == upright.shape
    # JPEG rings at the edges, so compare inside the quarters.
    for row, column in ((8, 16), (8, 48), (24, 16), (24, 48)):
        assert np.abs(result[row, column] - upright[row, column]).max() <= 3
    with (tmp_path / "picture").open("rb") as stream:
        assert verify(stream, LIMIT) == (64, 32)


def test_sixteen_bits_are_scaled_not_clipped(tmp_path: Path) -> None:
    values = np.array([[0, 257, 32896, 65535]], dtype=np.uint16)
    for image_format in ("PNG", "TIFF"):
        result = decoded(tmp_path, encoded(PIL.Image.fromarray(values), image_format))
        assert result[0, :, 0].tolist() == [0, 1, 128, 255]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0.0, 0.5, 1.0], [0, 128, 255]),
        ([0.0, 100.0, 255.0], [0, 100, 255]),
        ([-1000.0, 0.0, 1000.0], [0, 128, 255]),
        ([7.0, 7.0, np.nan], [7, 7, 0]),
    ],
)
def test_floating_point_is_stretched(
    tmp_path: Path, values: list[float], expected: list[int]
) -> None:
    image = PIL.Image.fromarray(np.array([values], dtype=np.float32))
    assert decoded(tmp_path, encoded(image, "TIFF"))[0, :, 0].tolist() == expected


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_transparency_is_laid_on_white(tmp_path: Path, mode: str) -> None:
    image = PIL.Image.new("RGBA", (2, 1), (0, 0, 0, 0))
    image.putpixel((1, 0), (0, 0, 0, 255))
    result = decoded(tmp_path, encoded(image.convert(mode), "PNG"))
    assert result.tolist() == [[[255, 255, 255], [0, 0, 0]]]


def test_half_transparent_red_on_white(tmp_path: Path) -> None:
    image = PIL.Image.new("RGBA", (1, 1), (255, 0, 0, 51))  # a fifth of red
    assert decoded(tmp_path, encoded(image, "PNG")).tolist() == [[[255, 204, 204]]]


def test_palette_and_cmyk_and_bilevel(tmp_path: Path) -> None:
    red = PIL.Image.new("RGB", (16, 16), "red")
    palette = red.quantize(4)
    assert decoded(tmp_path, encoded(palette, "PNG"))[0, 0].tolist() == [255, 0, 0]
    cmyk = red.convert("CMYK")
    for image_format in ("TIFF", "JPEG"):
        value = decoded(tmp_path, encoded(cmyk, image_format))[8, 8].astype(int)
        assert np.abs(value - (255, 0, 0)).max() <= 4
    white = PIL.Image.new("1", (2, 2), 1)
    assert decoded(tmp_path, encoded(white, "PNG")).min() == 255


@pytest.mark.parametrize("image_format", ["GIF", "TIFF", "WEBP"])
def test_first_frame_of_several(tmp_path: Path, image_format: str) -> None:
    red, blue = (PIL.Image.new("RGB", (16, 16), color) for color in ("red", "blue"))
    data = encoded(red, image_format, save_all=True, append_images=[blue])
    assert np.abs(decoded(tmp_path, data)[8, 8].astype(int) - (255, 0, 0)).max() <= 4


def test_target_makes_a_jpeg_smaller_but_not_too_small(tmp_path: Path) -> None:
    data = encoded(noise(800, 400), "JPEG")
    height, width, _ = decoded(tmp_path, data, target=100).shape
    assert (width, height) == (200, 100)


def test_pixel_limit_is_checked_before_decoding(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(jpeg())
    with pytest.raises(ImageError, match="megapixels; the limit of this project is 0"):
        decode(tmp_path / "a.jpg", 48 * 32 - 1)
    assert decode(tmp_path / "a.jpg", 48 * 32).size == (48, 32)


def test_damaged_metadata_does_not_hide_a_good_picture(tmp_path: Path) -> None:
    data = jpeg(exif=b"Exif\0\0II*\0\xff\xff\xff\xff")
    assert decoded(tmp_path, data).shape == (32, 48, 3)


def test_another_extension_than_the_format_is_fine(tmp_path: Path) -> None:
    (tmp_path / "really_png.jpg").write_bytes(encoded(noise(), "PNG"))
    assert decode(tmp_path / "really_png.jpg", LIMIT).size == (48, 32)


def test_wide_values_and_transparency_are_the_same_in_blocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wide = np.random.default_rng(0).normal(0, 1000, (13, 29)).astype(np.float32)
    wide[0, :3] = np.nan, np.inf, -np.inf
    wide[8:, 8:16] = np.nan  # a block without a finite value
    pictures = [
        encoded(PIL.Image.fromarray(wide), "TIFF"),
        encoded(PIL.Image.fromarray((wide[1:8] * 100).astype(np.int32)), "TIFF"),
        encoded(PIL.Image.fromarray((np.abs(wide[1:8]) * 20).astype(np.uint16)), "PNG"),
        encoded(PIL.Image.merge("RGBA", [*noise().split(), noise().getchannel(0)]), "PNG"),
        encoded(noise().quantize(16), "PNG", transparency=3),
        encoded(noise(), "PNG", transparency=tuple(noise().getpixel((0, 0)))),
    ]
    whole = [decoded(tmp_path, data) for data in pictures]
    monkeypatch.setattr(decode_module, "_BLOCK", 8)
    for data, expected in zip(pictures, whole, strict=True):
        assert np.array_equal(decoded(tmp_path, data), expected)


@pytest.mark.parametrize(
    ("image_format", "mode", "bytes_a_pixel"),
    [
        ("PNG", "RGB", 8),  # the image and the RGB it becomes
        ("PNG", "RGBA", 8),
        ("PNG", "L", 5),
        ("PNG", "I;16", 6),
        ("TIFF", "F", 12),  # a strip beside the image
        ("JPEG", "RGB", 10),  # all coefficients of a progressive one
        ("WEBP", "RGB", 16),
    ],
)
def test_an_image_beyond_the_free_memory_is_refused_before_decoding(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    image_format: str,
    mode: str,
    bytes_a_pixel: int,
) -> None:
    (tmp_path / "picture").write_bytes(
        encoded(PIL.Image.new(mode, (100, 100)), image_format, progressive=True)
    )
    needed = 100 * 100 * bytes_a_pixel
    monkeypatch.setattr(decode_module, "LARGE_BYTES", needed - 1)
    monkeypatch.setattr(decode_module, "free_memory", lambda: needed * 4 // 3 + 4)
    assert decode(tmp_path / "picture", LIMIT).size == (100, 100)
    monkeypatch.setattr(decode_module, "free_memory", lambda: None)
    assert decode(tmp_path / "picture", LIMIT).size == (100, 100)
    monkeypatch.setattr(decode_module, "free_memory", lambda: needed * 4 // 3 - 4)

    def loaded(_: object) -> None:
        raise AssertionError("it was decoded")

    monkeypatch.setattr(PIL.ImageFile.ImageFile, "load", loaded)
    with pytest.raises(ImageError, match="not enough memory to decode it, which takes") as told:
        decode(tmp_path / "picture", LIMIT)
    assert told.value.remedy == "Close other programs, and try again."
    if image_format in ("TIFF", "WEBP"):  # which the import decodes too
        with (
            (tmp_path / "picture").open("rb") as stream,
            pytest.raises(ImageError, match="not enough memory"),
        ):
            verify(stream, LIMIT)


def test_images_of_usual_size_do_not_ask_for_the_free_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked() -> int:
        raise AssertionError("it costs time")

    monkeypatch.setattr(decode_module, "free_memory", asked)
    assert decoded(tmp_path, jpeg()).shape == (32, 48, 3)


def test_sixteen_bits_and_floats_take_little_more_than_their_pixels(tmp_path: Path) -> None:
    side = 3000
    for mode, image_format in (("I;16", "PNG"), ("F", "TIFF")):
        data = encoded(PIL.Image.new(mode, (side, side)), image_format)
        (tmp_path / "picture").write_bytes(data)
        tracemalloc.start()
        decode(tmp_path / "picture", side * side)
        peak = tracemalloc.get_traced_memory()[1]  # of the arrays; Pillow's own is not in it
        tracemalloc.stop()
        assert peak < 8 * side * side  # one array of floats of the whole would be as much


def test_the_free_memory_is_told() -> None:
    free = free_memory()
    assert free is not None
    assert 1 << 20 < free < 1 << 50
