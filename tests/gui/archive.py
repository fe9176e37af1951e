"""A small archive drawn for the tests of the window, with a table of keywords."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import PIL.Image


def draw_archive(folder: Path, count: int = 6) -> Path:
    """``count`` different images in two folders, one file that is no image, and a table."""
    generator = np.random.default_rng(7)
    lines = ["path,keywords"]
    for number in range(count):
        path = folder / ("ships" if number % 2 else "cars") / f"image{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        pixels = generator.integers(0, 255, (40, 60, 3), dtype=np.uint8)
        PIL.Image.fromarray(pixels).save(path)
        lines.append(f"{path.relative_to(folder).as_posix()},skip;båt" if number % 2 else "")
    (folder / "broken.jpg").write_bytes(b"this is no image")
    (folder / "labels.csv").write_text("\n".join(filter(None, lines)) + "\n", encoding="utf-8")
    return folder
