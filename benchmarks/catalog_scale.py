"""Times of the catalog at full size: 290 000 images, 130 000 of them with about 4 keywords.

Run: python benchmarks/catalog_scale.py [--images N] [--folder DIR]
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np

from core.catalog import Catalog, browse, decisions, encodings, images, journal, keywords
from core.types import (
    Decision,
    EncoderId,
    FileRecord,
    ImageId,
    ImageQuery,
    KeywordId,
    QueueName,
    Verdict,
)

T = TypeVar("T")

LABELED_SHARE = 130 / 290
KEYWORDS = 2_000
SINGLE_DECISIONS = 200


def timed(title: str, work: Callable[[], T]) -> T:
    start = time.perf_counter()
    result = work()
    print(f"{title:<44}{(time.perf_counter() - start) * 1e3:>11.1f} ms", flush=True)
    return result


def made_up_files(count: int) -> list[FileRecord]:
    return [
        FileRecord(
            path=f"collection {i % 29:02d}/box {i // 29 % 500:03d}/photograph-{i:06d}.jpg",
            content_hash=f"{i:040x}",
            size=2_000_000 + i,
            mtime_ns=1_700_000_000_000_000_000 + i,
            width=4000,
            height=3000,
        )
        for i in range(count)
    ]


def made_up_table(ids: list[ImageId], rng: np.random.Generator) -> list[tuple[ImageId, list[str]]]:
    """A long tail: keyword k is drawn about as often as 1 / (k + 10)."""
    weights = 1 / (np.arange(KEYWORDS) + 10)
    drawn = rng.choice(KEYWORDS, size=(len(ids), 4), p=weights / weights.sum())
    return [(i, [f"nøkkelord {k}" for k in row]) for i, row in zip(ids, drawn, strict=True)]


def build(catalog: Catalog, count: int) -> EncoderId:
    files = made_up_files(count)
    timed(f"record_scan, {count} new", lambda: images.record_scan(catalog, files, [], [], []))
    timed("record_scan, all again", lambda: images.record_scan(catalog, files, [], [], []))
    known = timed("known_files", lambda: images.known_files(catalog))
    ids = [file.id for file in known.values()]
    rng = np.random.default_rng(0)
    chosen = rng.permutation(ids)[: int(count * LABELED_SHARE)].tolist()
    table = made_up_table(chosen, rng)
    imported = timed("import_labels", lambda: decisions.import_labels(catalog, table, "table"))
    print(f"  {imported.labels_added} labels, {imported.keywords_added} keywords")
    timed("import_labels, again", lambda: decisions.import_labels(catalog, table, "table"))
    encoder = encodings.register_encoder(catalog, "encoder", "encoder", 512)
    some = np.sort(rng.permutation(ids)[: int(count * 0.9)]).astype(np.int64)
    timed(
        f"mark_encoded, {len(some)} images",
        lambda: encodings.mark_encoded(catalog, encoder, some, np.arange(len(some))),
    )
    return encoder


def ask(catalog: Catalog, encoder: EncoderId) -> None:
    for queue in QueueName:
        ids = timed(
            f"image_ids, {queue}",
            lambda queue=queue: browse.image_ids(catalog, ImageQuery(queue), encoder),
        )
        print(f"  {len(ids)} images")
    for title, query in {
        "folder": ImageQuery(folder="collection 07"),
        "frequent keyword": ImageQuery(keyword=KeywordId(1)),
        "text": ImageQuery(text="PH-0001"),
        "unlabeled, folder and text": ImageQuery(QueueName.UNLABELED, "collection 07", None, "01"),
    }.items():
        timed(f"image_ids, {title}", lambda q=query: browse.image_ids(catalog, q, encoder))
    timed("queue_counts", lambda: browse.queue_counts(catalog, encoder))
    timed("folder_counts", lambda: browse.folder_counts(catalog))
    timed("keyword_counts", lambda: browse.keyword_counts(catalog))
    timed("all_keywords", lambda: keywords.all_keywords(catalog))
    pairs = timed("positive_labels", lambda: decisions.positive_labels(catalog))
    print(f"  {len(pairs[0])} labels")
    timed("rejected_labels", lambda: decisions.rejected_labels(catalog))
    timed("encoded_rows", lambda: encodings.encoded_rows(catalog, encoder))
    timed("unencoded", lambda: encodings.unencoded(catalog, encoder))
    timed("next_row", lambda: encodings.next_row(catalog, encoder))
    shown = [ImageId(i) for i in range(5_000, 5_100)]
    timed("get_images, 100", lambda: images.get_images(catalog, shown))
    timed("labels_of, 100", lambda: decisions.labels_of(catalog, shown))


def decide(catalog: Catalog) -> None:
    times = []
    for i in range(1, SINGLE_DECISIONS + 1):
        wanted = [Decision(ImageId(i), KeywordId(i), Verdict.REJECTED, "model", 0.25)]
        start = time.perf_counter()
        decisions.decide(catalog, wanted, "analyst", "Reject")
        times.append(time.perf_counter() - start)
    median, late = np.percentile(times, [50, 95]) * 1e3
    print(f"{'decide, one image':<44}{median:>11.1f} ms (95 %: {late:.1f} ms)")
    ids = browse.image_ids(catalog, ImageQuery(), None)[:100_000].tolist()
    many = [Decision(i, KeywordId(7), Verdict.ACCEPTED) for i in ids]
    timed(
        f"decide, {len(many)} images", lambda: decisions.decide(catalog, many, "analyst", "Accept")
    )
    timed("undo of it", lambda: journal.undo(catalog))
    timed("redo of it", lambda: journal.redo(catalog))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=290_000)
    parser.add_argument("--folder", type=Path, help="where to make it (default: a temporary one)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        path = Path(folder) / "catalog.sqlite"
        with Catalog.create(path) as catalog:
            encoder = build(catalog, options.images)
        print(f"  {path.stat().st_size / 2**20:.0f} MiB")
        with timed("open", lambda: Catalog.open(path)) as catalog:
            ask(catalog, encoder)
            decide(catalog)
            print("After the decisions:")
            timed("queue_counts", lambda: browse.queue_counts(catalog, encoder))


if __name__ == "__main__":
    main()
