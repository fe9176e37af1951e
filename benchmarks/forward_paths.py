"""Ways through an image tower on a processor: PyTorch as the program does it, and others.

    python -m benchmarks.forward_paths [ENCODER ...] [--images DIR] [--rounds N] [--only NAME ...]

Without ENCODER, a ViT-B-32 of random weights is made up; without ``--images``, images are drawn.
Each way runs in a process of its own with one thread, on batches of the size that the program uses;
the ways take turns, and the round of least processor time counts. Beside it stand the largest
cosine distance of a vector to that of PyTorch in float32, and how long the way takes to get ready.
Weights nobody has trained have no outliers: what eight bits do to a vector shows with an encoder of
one's own. A way whose library is not installed (ONNX Runtime with onnx and onnxscript, OpenVINO,
NNCF; none is a dependency), or that wants a compiler where there is none, is left out, and says so.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.encode_rate import ARCHITECTURE, ROOT, make_encoder, make_photographs, worst_cosine
from benchmarks.record import Figure, Record
from core.encoders.open_clip_encoder import OpenClipEncoder
from core.types import Vectors

IMAGES = 64
SECONDS = 10.0

Batch = NDArray[np.float32]
Forward = Callable[[Batch], Vectors]


class LeftOutError(Exception):
    """The way cannot be gone here."""


def tower(encoder: str) -> Any:
    """The image tower in float32, as it is before the program converts it."""
    import open_clip

    model = open_clip.create_model_from_pretrained(f"local-dir:{encoder}", return_transform=False)
    return model.visual.eval().requires_grad_(False)


def as_forward(module: Any, kind: Any) -> Forward:
    import torch

    def forward(batch: Batch) -> Vectors:
        with torch.inference_mode():
            found: Vectors = module(torch.from_numpy(batch).to(kind)).float().numpy()
        return found

    return forward


def torch_float32(encoder: str, _: Batch) -> Forward:
    import torch

    return as_forward(tower(encoder), torch.float32)


def ours(encoder: str, _: Batch) -> Forward:
    from core.encoders import load_encoder

    return load_encoder(encoder, "cpu").encode_images


def compiled(encoder: str, _: Batch) -> Forward:
    import torch
    import torch._inductor.config as inductor

    loaded = our_encoder(encoder)
    inductor.freezing = True  # weights are laid out once for the products
    try:
        return as_forward(torch.compile(loaded._model.visual), loaded._dtype)
    except RuntimeError as error:
        raise LeftOutError(str(error)) from error


def our_encoder(encoder: str) -> OpenClipEncoder:
    from core.encoders import load_encoder

    loaded = load_encoder(encoder, "cpu")
    assert isinstance(loaded, OpenClipEncoder)
    return loaded


def onnx_runtime(encoder: str, batch: Batch) -> Forward:
    with tempfile.TemporaryDirectory() as folder:
        return onnx_session(export(encoder, batch, Path(folder)))


def onnx_runtime_int8(encoder: str, batch: Batch) -> Forward:
    """Weights in eight bits, activations likewise, by their range in each call."""
    with tempfile.TemporaryDirectory() as folder:
        from onnxruntime.quantization import QuantType, quantize_dynamic

        small = Path(folder, "int8.onnx")
        exported = export(encoder, batch, Path(folder))
        quantize_dynamic(exported, small, per_channel=True, weight_type=QuantType.QInt8)
        return onnx_session(small)


def export(encoder: str, batch: Batch, folder: Path) -> Path:
    import torch

    path = folder / "tower.onnx"
    example = (torch.from_numpy(batch),)
    torch.onnx.export(tower(encoder), example, path, dynamo=True, verbose=False)
    return path


def onnx_session(path: Path) -> Forward:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name

    def forward(batch: Batch) -> Vectors:
        found: Vectors = session.run(None, {name: batch})[0]
        return found

    return forward


def openvino_float32(encoder: str, batch: Batch) -> Forward:
    return openvino_forward(openvino_model(encoder, batch), "f32")


def openvino_bfloat16(encoder: str, batch: Batch) -> Forward:
    return openvino_forward(openvino_model(encoder, batch), "bf16")


def openvino_int8(encoder: str, batch: Batch) -> Forward:
    """Weights and activations in eight bits, their ranges from the very images that follow."""
    import nncf
    import torch

    is_transformer = any(
        isinstance(one, torch.nn.MultiheadAttention) for one in tower(encoder).modules()
    )
    preset = nncf.ModelType.TRANSFORMER if is_transformer else None
    model = openvino_model(encoder, batch)
    small = nncf.quantize(model, nncf.Dataset([batch]), model_type=preset, subset_size=1)
    return openvino_forward(small, "bf16")


def openvino_model(encoder: str, batch: Batch) -> Any:
    import openvino
    import torch

    example = torch.from_numpy(batch)
    return openvino.convert_model(tower(encoder), example_input=example, input=[batch.shape])


def openvino_forward(model: Any, precision: str) -> Forward:
    import openvino

    hints = {"INFERENCE_PRECISION_HINT": precision, "INFERENCE_NUM_THREADS": 1}
    ready = openvino.Core().compile_model(model, "CPU", hints)

    def forward(batch: Batch) -> Vectors:
        found: Vectors = ready([batch])[0]
        return found.copy()

    return forward


WAYS: dict[str, Callable[[str, Batch], Forward]] = {
    "PyTorch, float32": torch_float32,
    "PyTorch, as the program does it": ours,
    "PyTorch, the same, compiled": compiled,
    "ONNX Runtime, float32": onnx_runtime,
    "ONNX Runtime, int8, dynamic": onnx_runtime_int8,
    "OpenVINO, float32": openvino_float32,
    "OpenVINO, bfloat16": openvino_bfloat16,
    "OpenVINO, int8, calibrated": openvino_int8,
}
EXACT, OURS = "PyTorch, float32", "PyTorch, as the program does it"


def measure(way: str, encoder: str, pixels: Path, kept: Path) -> dict[str, Any]:
    """In this process: seconds of processor an image, seconds to get ready; vectors in ``kept``."""
    import torch

    torch.set_num_threads(1)
    batches: Batch = np.load(pixels)
    started = time.process_time()
    try:
        forward = WAYS[way](encoder, batches[0])
        forward(batches[0])
    except (ImportError, LeftOutError) as error:
        return {"left_out": str(error)}
    ready = time.process_time() - started
    vectors = np.concatenate([forward(batch) for batch in batches])
    np.save(kept, vectors / np.linalg.norm(vectors, axis=1, keepdims=True))
    count, started, worked = 0, time.process_time(), 0.0
    while worked < SECONDS:
        forward(batches[count % len(batches)])
        count += 1
        worked = time.process_time() - started
    return {"seconds": worked / (count * batches.shape[1]), "ready": ready}


def measured(way: str, encoder: str, pixels: Path, kept: Path) -> dict[str, Any]:
    """The same in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.forward_paths", encoder, "--way", way]
    command += ["--pixels", str(pixels), "--kept", str(kept)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=environment, capture_output=True, check=False)
    if done.returncode:
        return {"left_out": done.stderr.decode().strip().splitlines()[-1]}
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def compare(
    record: Record, encoder: str, name: str, images: Path, ways: Sequence[str], rounds: int
) -> None:
    best: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory() as folder:
        pixels = Path(folder, "pixels.npy")
        np.save(pixels, prepared(encoder, images))
        for _ in range(rounds):
            for way in [one for one in ways if "left_out" not in best.get(one, {})]:
                found = measured(way, encoder, pixels, kept_in(folder, way))
                print(f"{name}, {way}: {found}", flush=True)
                if way not in best or found["seconds"] < best[way]["seconds"]:
                    best[way] = found
        exact = np.load(kept_in(folder, EXACT))
        own = best[OURS]["seconds"]
        for way, found in best.items():
            if "left_out" not in found:
                cosine = worst_cosine(np.load(kept_in(folder, way)), exact)
                ours = (
                    Figure(1000 * found["seconds"], "ms of processor an image"),
                    Figure(round(1 - cosine, 6), "", "cosine distance up to"),
                    Figure(found["ready"], "s of processor", "ready after"),
                )
                what = f"{name}, forward pass, one thread: {way}"
                record.add("encode", what, ours, ratio=own / found["seconds"])


def kept_in(folder: str, way: str) -> Path:
    return Path(folder, f"{list(WAYS).index(way)}.npy")


def prepared(encoder: str, images: Path) -> Batch:
    """Decoded as the program decodes them, in batches (m, b, 3, height, width)."""
    from core.images.decode import decode
    from core.workflows.decoding import DECODE_MARGIN
    from core.workflows.encode import default_batch_size

    loaded = our_encoder(encoder)
    target, size = DECODE_MARGIN * loaded.image_size, default_batch_size(loaded)
    paths = sorted(images.iterdir())
    spread = paths[:: max(1, len(paths) // IMAGES)][: IMAGES // size * size]
    pixels = np.stack([loaded.preprocess(decode(path, 10**9, target)) for path in spread])
    return pixels.reshape(-1, size, *pixels.shape[1:])


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("encoders", nargs="*", metavar="ENCODER")
    parser.add_argument("--images", type=Path)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--only", nargs="*", choices=WAYS, metavar="WAY")
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    parser.add_argument("--pixels", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--kept", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.way:
        print(json.dumps(measure(given.way, given.encoders[0], given.pixels, given.kept)))
        return
    ways = [way for way in WAYS if not given.only or way in {EXACT, OURS, *given.only}]
    with tempfile.TemporaryDirectory() as made:
        images, encoder = Path(made, "images"), Path(made, ARCHITECTURE)
        encoders: Sequence[str] = given.encoders
        if not encoders:
            encoder.mkdir()
            make_encoder(encoder)
            encoders = [str(encoder)]
        what = "photographs of one's own"
        if given.images is None:
            images.mkdir()
            make_photographs(images, IMAGES)
            what = "drawn images"
        record = Record("forward_paths", f"{IMAGES} {what}; best of {given.rounds} rounds")
        for one in encoders:
            compare(record, one, Path(one).name, given.images or images, ways, given.rounds)


if __name__ == "__main__":
    main()
