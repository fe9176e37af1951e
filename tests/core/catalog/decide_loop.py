"""Run as a program: decide one image after the other, and say so when each is done.

Arguments: catalog, keyword id, then the ids of the images.
"""

from __future__ import annotations

import sys
from pathlib import Path

from core.catalog import Catalog, decisions
from core.types import Decision, ImageId, KeywordId, Verdict


def main(path: str, keyword: str, *ids: str) -> None:
    with Catalog.open(Path(path)) as catalog:
        for image in ids:
            wanted = Decision(ImageId(int(image)), KeywordId(int(keyword)), Verdict.ACCEPTED)
            decisions.decide(catalog, [wanted], "kari", f"Accept on {image}")
            print(image, flush=True)  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
