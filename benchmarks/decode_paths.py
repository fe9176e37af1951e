"""Ways to decode a photograph for an encoder: Pillow, reduced, as the program does it, and others.

    python -m benchmarks.decode_paths [--images DIR] [--count N] [--rounds N]

Processor time of one thread for a photograph of 12 megapixels, files in the disk's cache; the ways
take turns, and the best round of each counts. An eighth of the size is too small for an encoder: it
shows what the JPEG's entropy coding costs, which no size avoids. simplejpeg (libjpeg-turbo, with
its fast transform and upsampling) is no dependency; without it, its figures are left out.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import PIL.Image

from benchmarks.encode_rate import PHOTOGRAPH, make_photographs
from benchmarks.record import Figure, Record
from core.images.decode import decode
from core.workflows.decoding import DECODE_MARGIN

TOWER = 224
"""Side in pixels of what the usual encoders see."""
TARGET = DECODE_MARGIN * TOWER
OURS, EIGHTH = "Pillow, reduced", "Pillow, an eighth"

Decoder = Callable[[Path], PIL.Image.Image]


def reduced(path: Path) -> PIL.Image.Image:
    return decode(path, 10**9, TARGET)


def whole(path: Path) -> PIL.Image.Image:
    return decode(path, 10**9)


def eighth(path: Path) -> PIL.Image.Image:
    with PIL.Image.open(path) as image:
        image.draft("RGB", (PHOTOGRAPH[0] // 8, PHOTOGRAPH[1] // 8))
        image.load()
        return image


def decoders() -> dict[str, Decoder]:
    found: dict[str, Decoder] = {OURS: reduced, "Pillow, whole": whole, EIGHTH: eighth}
    try:
        import simplejpeg
    except ImportError:
        return found

    def turbo(path: Path) -> PIL.Image.Image:
        sides = {"min_width": TARGET, "min_height": TARGET}
        return PIL.Image.fromarray(simplejpeg.decode_jpeg(path.read_bytes(), **sides))

    def fast(path: Path) -> PIL.Image.Image:
        quick = {"fastdct": True, "fastupsample": True}
        sides = {"min_width": TARGET, "min_height": TARGET}
        return PIL.Image.fromarray(simplejpeg.decode_jpeg(path.read_bytes(), **sides, **quick))

    return found | {"simplejpeg, reduced": turbo, "simplejpeg, reduced, fast": fast}


def measure(paths: Sequence[Path], rounds: int) -> dict[str, float]:
    """Seconds of processor for a photograph, by the way."""
    best: dict[str, float] = {}
    for _ in range(rounds):
        for name, decoder in decoders().items():
            started = time.process_time()
            for path in paths:
                decoder(path)
            seconds = (time.process_time() - started) / len(paths)
            best[name] = min(seconds, best.get(name, seconds))
    return best


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--images", type=Path)
    parser.add_argument("--count", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        images, what = given.images, "photographs of one's own"
        if images is None:
            images, what = Path(made), f"drawn JPEGs of {PHOTOGRAPH[0]} x {PHOTOGRAPH[1]}"
            make_photographs(images, given.count)
        record = Record("decode_paths", f"{given.count} {what}; best of {given.rounds} rounds")
        best = measure(sorted(images.iterdir())[: given.count], given.rounds)
    figures = {name: Figure(1000 * seconds, "ms", name) for name, seconds in best.items()}
    record.add(
        "encode",
        "decoding a photograph, milliseconds of processor",
        figures.pop(OURS),
        limit=figures.pop(EIGHTH),
        peers=list(figures.values()),
        ratio=best[OURS] / best[EIGHTH],
    )


if __name__ == "__main__":
    main()
