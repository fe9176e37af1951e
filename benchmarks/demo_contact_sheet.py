"""Draw the contact sheet of the demo archive for the documentation.

Run: python -m benchmarks.demo_contact_sheet [--output docs/images/demo-contact-sheet.jpg]
"""

from __future__ import annotations

import argparse
from pathlib import Path

from PIL import Image

from core.demo.archive import SEED
from core.demo.picture import draw
from core.demo.recipe import drawing, plan

COLUMNS, ROWS = 5, 4
TILE = (384, 288)
GAP = 6
# One of each kind first, so that the sheet shows the breadth of the archive.
WANTED = (
    ("truck", "lasteplan"), ("truck", "tankvogn"), ("truck", "kranvogn"), ("truck", "radar"),
    ("truck", "antennemast"), ("truck", "rakettkaster"), ("truck", "missilvogn"),
    ("truck", "brolegger"), ("truck", "kommandovogn"), ("truck", "ambulanse"),
    ("tracked", "stridsvogn"), ("tracked", "luftvern"), ("tracked", "selvdrevet artilleri"),
    ("helicopter", "transporthelikopter"), ("helicopter", "kamphelikopter"),
    ("aircraft", "jagerfly"), ("aircraft", "transportfly"), ("ship", "fregatt"),
    ("ship", "patruljebåt"), ("emblem", "merke"),
)  # fmt: skip


def choose(seed: int, start: int) -> list[int]:
    """For each wanted subject the first image from ``start`` on, scenes and makes varying."""
    chosen: list[int] = []
    seen: set[str] = set()
    for kind, subject in WANTED:
        options = [
            index
            for index in range(start, start + 600)
            if (plan(seed, index).kind, plan(seed, index).subject) == (kind, subject)
            and plan(seed, index).extra != "tåke"
        ]
        fresh = [i for i in options if _scene(seed, i) not in seen]
        chosen.append((fresh or options)[0])
        seen.add(_scene(seed, chosen[-1]))
    return chosen


def _scene(seed: int, index: int) -> str:
    recipe = plan(seed, index)
    return f"{recipe.terrain} {recipe.extra}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    default = Path(__file__).parents[1] / "docs" / "images" / "demo-contact-sheet.jpg"
    parser.add_argument("--output", type=Path, default=default)
    parser.add_argument("--start", type=int, default=0)
    given = parser.parse_args()
    size = (COLUMNS * (TILE[0] + GAP) + GAP, ROWS * (TILE[1] + GAP) + GAP)
    sheet = Image.new("RGB", size, (245, 245, 245))
    for place, index in enumerate(choose(SEED, given.start)):
        picture = draw(plan(SEED, index), drawing(SEED, index))
        corner = (
            GAP + place % COLUMNS * (TILE[0] + GAP),
            GAP + place // COLUMNS * (TILE[1] + GAP),
        )
        sheet.paste(picture.resize(TILE, Image.Resampling.LANCZOS), corner)
    given.output.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(given.output, quality=86, optimize=True)


if __name__ == "__main__":
    main()
