"""Rate of importing images, against one plain loop per core that reads and hashes the same files;
and the time to match a table of 290 000 rows.

Run: python -m benchmarks.import_rate [--images DIR] [--count N] [--small N] [--rows N]
"""

from __future__ import annotations

import argparse
import hashlib
import multiprocessing
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import PIL.Image

from benchmarks.record import Figure, Record
from core.catalog import Catalog
from core.catalog.images import record_scan
from core.exchange.paths import PathIndex
from core.exchange.tables import detect_layout, match_table
from core.images.examine import examine_files
from core.images.scan import BATCH_SIZE
from core.images.walk import walk
from core.progress import Silent
from core.types import FileRecord
from core.workflows.ingest import import_images
from core.workflows.project import create_project

ROUNDS = 5
SHARE, TABLE_SECONDS = 0.7, 10


def draw_photographs(folder: Path, count: int) -> None:
    """Grainy 12-megapixel JPEG files of about 3 MB."""
    random = np.random.default_rng(0)
    grain = random.normal(0, 6, (3000, 4000, 3))
    for number in range(count):
        scene = PIL.Image.fromarray(random.integers(0, 256, (30, 40, 3), dtype=np.uint8))
        pixels = np.asarray(scene.resize((4000, 3000), PIL.Image.Resampling.BICUBIC)) + grain
        image = PIL.Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
        image.save(folder / f"{number:03}.jpg", quality=88)


def draw_small(folder: Path, count: int) -> None:
    """JPEG files of about 10 KB, the worst case: hardly anything to read and hash."""
    random = np.random.default_rng(0)
    for number in range(count):
        scene = PIL.Image.fromarray(random.integers(0, 256, (12, 16, 3), dtype=np.uint8))
        soft = np.asarray(scene.resize((256, 192), PIL.Image.Resampling.BICUBIC), dtype=np.int16)
        grainy = np.clip(soft + random.integers(-9, 10, (192, 256, 1)), 0, 255).astype(np.uint8)
        PIL.Image.fromarray(grainy).save(folder / f"{number:05}.jpg", quality=80)


def read_and_hash(paths: Sequence[Path]) -> None:
    for path in paths:
        hashlib.blake2b(path.read_bytes(), digest_size=20).hexdigest()


def plain_seconds(paths: Sequence[Path]) -> float:
    cores = os.cpu_count() or 1
    with multiprocessing.Pool(cores) as pool:
        shares = [paths[core::cores] for core in range(cores)]
        pool.map(read_and_hash, [share[:1] for share in shares])  # starting them does not count
        start = time.perf_counter()
        pool.map(read_and_hash, shares, chunksize=1)
        return time.perf_counter() - start


def import_seconds(images: Path) -> float:
    with (
        tempfile.TemporaryDirectory() as place,
        create_project(Path(place) / "p", images) as project,
    ):
        start = time.perf_counter()
        import_images(project, Silent())
        return time.perf_counter() - start


def measure_import(record: Record, what: str, images: Path) -> None:
    files = walk(images, Silent()).files
    paths = [images / file.path for file in files]
    megabytes = sum(file.size for file in files) / 1e6
    plain, imported = [], []
    for _ in range(ROUNDS):
        plain.append(plain_seconds(paths))
        imported.append(import_seconds(images))
    ratio = min(plain) / min(imported)
    record.add(
        "import",
        f"import of {what}",
        Figure(len(files) / min(imported), "files/s"),
        limit=Figure(len(files) / min(plain), "files/s", "read and hash, a plain loop per core"),
        ratio=ratio,
        target=f"ratio at least {SHARE}",
        met=ratio >= SHARE,
        data=f"{len(files)} files of {megabytes / len(files):.2f} MB; best of {ROUNDS} rounds",
    )


def profile(record: Record, images: Path) -> None:
    """Where the processor's time for a small file goes, each stage on its own."""
    files = walk(images, Silent()).files
    paths = [images / file.path for file in files]
    found = [one for one in examine_files(str(images), files, 10**9) if isinstance(one, FileRecord)]
    stages: dict[str, Callable[[], float]] = {
        "read and hash, plain": lambda: processor_seconds(lambda: read_and_hash(paths)),
        "list": lambda: processor_seconds(lambda: walk(images, Silent())),
        "read, hash, check": lambda: processor_seconds(
            lambda: examine_files(str(images), files, 10**9)
        ),
        "catalog": lambda: catalog_seconds(found),
    }
    best = {name: min(stage() for _ in range(ROUNDS)) for name, stage in stages.items()}
    plain = best.pop("read and hash, plain")
    whole = sum(best.values())
    record.add(
        "import",
        "small files: processor time of a file by stage",
        [Figure(1e6 * seconds / len(files), "us", name) for name, seconds in best.items()],
        limit=Figure(1e6 * plain / len(files), "us", "read and hash, a plain loop"),
        ratio=plain / whole,
        data=f"{len(files)} files of 10 KB; best of {ROUNDS} rounds",
    )


def catalog_seconds(found: Sequence[FileRecord]) -> float:
    def record_all() -> None:
        for start in range(0, len(found), BATCH_SIZE):
            record_scan(catalog, found[start : start + BATCH_SIZE], [], [], [])

    with tempfile.TemporaryDirectory() as place, Catalog.create(Path(place) / "catalog") as catalog:
        return processor_seconds(record_all)


def processor_seconds(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def measure_table(record: Record, folder: Path, rows: int) -> None:
    """The slow case: backslashes, another case than the files, commas, Windows-1252."""
    paths = [f"{2000 + n % 25}/{n % 400:03}/IMG_{n:06}.JPG" for n in range(rows)]
    table = folder / "table.csv"
    with table.open("w", encoding="windows-1252") as stream:
        stream.write("Filnavn;Nøkkelord\n")
        for number, path in enumerate(paths):
            words = ", ".join(f"nøkkelord {number * step % 1201}" for step in (3, 5, 7, 11))
            stream.write(path.lower().replace("/", "\\") + f";{words}\n")
    start = time.perf_counter()
    index = PathIndex(paths, folder, folder)
    matched = match_table(table, detect_layout(table), index, Silent()).matched
    seconds = Figure(time.perf_counter() - start, "s")
    record.add(
        "import",
        f"table of {rows} rows, {matched} of them matched",
        seconds,
        target=f"{TABLE_SECONDS} s",
        met=seconds.value <= TABLE_SECONDS,
        data="backslashes, another case than the files, Windows-1252",
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=Path, help="a folder of your own instead of drawn files")
    parser.add_argument("--count", type=int, default=120, help="drawn files")
    parser.add_argument("--small", type=int, default=30_000, help="drawn files of 10 KB")
    parser.add_argument("--rows", type=int, default=290_000, help="rows of the table")
    wanted = parser.parse_args()
    record = Record("import_rate", "")
    with tempfile.TemporaryDirectory() as place:
        large, small = Path(place, "large"), Path(place, "small")
        for folder in (large, small):
            folder.mkdir()
        if wanted.images is None:
            draw_photographs(large, wanted.count)
            draw_small(small, wanted.small)
            measure_import(record, "small files, the worst case", small)
            profile(record, small)
        measure_import(record, "photographs", wanted.images or large)
        measure_table(record, Path(place), wanted.rows)


if __name__ == "__main__":
    main()
