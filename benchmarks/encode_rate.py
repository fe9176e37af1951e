"""Images encoded per second: this program, a plain open_clip loop, and the bare forward pass.

    python benchmarks/encode_rate.py ENCODER_FOLDER [--images DIR] [--count N] [--rounds N]

Without ``--images``, JPEGs of 1024 x 768 are made up. Every measurement runs in a process of its
own, the parts take turns, and the best round of each counts: other programs only slow things down.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import numpy as np
import PIL.Image

ROOT = Path(__file__).resolve().parents[1]
BATCH = 32


def make_images(folder: Path, count: int) -> None:
    """Smooth shapes with some grain, about 150 kB each."""
    for seed in range(count):
        random = np.random.default_rng(seed)
        coarse = random.integers(0, 256, (12, 16, 3), np.uint8)
        image = PIL.Image.fromarray(coarse).resize((1024, 768), PIL.Image.Resampling.BICUBIC)
        grain = random.normal(0, 6, (768, 1024, 1))
        pixels = np.clip(np.asarray(image) + grain, 0, 255).astype(np.uint8)
        PIL.Image.fromarray(pixels).save(folder / f"{seed:05}.jpg", quality=88)


def plain_loop(encoder: str, paths: list[Path]) -> float:
    """What a script of twenty lines does."""
    import open_clip
    import torch

    model, transform = open_clip.create_model_from_pretrained(
        f"local-dir:{encoder}", return_transform=True
    )
    model.eval()
    started = time.perf_counter()
    with torch.inference_mode():
        for start in range(0, len(paths), BATCH):
            batch = [
                transform(PIL.Image.open(path).convert("RGB"))
                for path in paths[start : start + BATCH]
            ]
            model.encode_image(torch.stack(batch), normalize=True)
    return len(paths) / (time.perf_counter() - started)


def bare_forward(encoder: str, paths: list[Path]) -> float:
    """Our encoder on batches that are ready."""
    from core.encoders import load_encoder
    from core.workflows.encode import default_batch_size

    loaded = load_encoder(encoder)
    size = default_batch_size(loaded)
    images = [loaded.preprocess(PIL.Image.open(path).convert("RGB")) for path in paths[:size]]
    batch, rounds = np.stack(images), max(1, len(paths) // size)
    loaded.encode_images(batch)
    started = time.perf_counter()
    for _ in range(rounds):
        loaded.encode_images(batch)
    return rounds * len(batch) / (time.perf_counter() - started)


def pipeline(encoder: str, paths: list[Path]) -> float:
    """The encode workflow: decode, encode, write to the disk, mark in the catalog."""
    from core.catalog.images import record_scan
    from core.progress import Silent
    from core.types import FileRecord
    from core.workflows.encode import encode_images
    from core.workflows.project import create_project

    found = []
    for path in paths:
        facts, digest = path.stat(), sha256(path.read_bytes()).hexdigest()
        found.append(FileRecord(path.name, digest, facts.st_size, facts.st_mtime_ns, 1, 1))
    with (
        tempfile.TemporaryDirectory() as folder,
        create_project(Path(folder) / "rate", paths[0].parent, encoder) as project,
    ):
        record_scan(project.catalog, found, [], [], [])
        report = encode_images(project, Silent())
    assert report.encoded == len(paths), report.failed[:3]
    return report.encoded / report.seconds


PARTS: dict[str, Callable[[str, list[Path]], float]] = {
    "plain open_clip loop": plain_loop,
    "bare forward": bare_forward,
    "encode workflow": pipeline,
}


def measure(part: str, arguments: argparse.Namespace, images: Path) -> float:
    command = [sys.executable, __file__, arguments.encoder, "--part", part]
    command += ["--images", str(images), "--count", str(arguments.count)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True)
    return float(json.loads(done.stdout))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("encoder")
    parser.add_argument("--images", type=Path)
    parser.add_argument("--count", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--part", choices=PARTS)
    arguments = parser.parse_args()
    if arguments.part:
        paths = sorted(arguments.images.iterdir())[: arguments.count]
        print(json.dumps(PARTS[arguments.part](arguments.encoder, paths)))
        return
    with tempfile.TemporaryDirectory() as made:
        images = arguments.images or Path(made)
        if arguments.images is None:
            make_images(images, arguments.count)
        best = dict.fromkeys(PARTS, 0.0)
        for _ in range(arguments.rounds):
            for part in PARTS:
                best[part] = max(best[part], measure(part, arguments, images))
    for part, rate in best.items():
        print(f"{part:22} {rate:8.1f} images/s")
    ours = best["encode workflow"]
    print(f"workflow / plain loop   {ours / best['plain open_clip loop']:6.2f}   (target 1.9)")
    print(f"workflow / bare forward {ours / best['bare forward']:6.2f}   (target 0.95)")


if __name__ == "__main__":
    main()
