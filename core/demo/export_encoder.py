"""Write the demo encoder as a folder that open_clip loads, with its own self-test."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np

MEAN = (0.45, 0.46, 0.45)
STD = (0.25, 0.25, 0.26)
MODEL: dict[str, Any] = {
    "embed_dim": 128,
    "vision_cfg": {
        "timm_model_name": "mobilenetv4_conv_small_050",
        "timm_model_pretrained": False,
        "timm_pool": "avg",
        # Empty: the classifier of the network itself is the projection.
        "timm_proj": "",
        "image_size": 128,
    },
    "text_cfg": {
        "context_length": 32,
        "vocab_size": 49408,
        "width": 64,
        "heads": 4,
        "layers": 2,
    },
}
PREPROCESSING: dict[str, Any] = {
    "size": [128, 128],
    "mode": "RGB",
    "mean": list(MEAN),
    "std": list(STD),
    "interpolation": "bicubic",
    # The whole picture, squeezed: wheels at the edges must not be cut off.
    "resize_mode": "squash",
}
GOLDEN_TEXTS = ("Kamaz, tre aksler, tankvogn", "a photo of a radar", "helikopter", "snow")
WEIGHTS_FILE, CONFIG_FILE, GOLDEN_FILE = (
    "open_clip_model.safetensors",
    "open_clip_config.json",
    "golden.json",
)


def export(model: Any, folder: Path) -> None:
    """Write configuration, fp16 weights and golden vectors to ``folder``."""
    import torch
    from safetensors.torch import save_file

    folder.mkdir(parents=True, exist_ok=True)
    state = {
        name: (value.half() if value.is_floating_point() else value).contiguous()
        for name, value in model.state_dict().items()
    }
    save_file(state, folder / WEIGHTS_FILE)
    # safetensors writes for the owner alone; an installed file is for everybody.
    (folder / WEIGHTS_FILE).chmod(0o644)
    config = {"model_cfg": MODEL, "preprocess_cfg": PREPROCESSING}
    (folder / CONFIG_FILE).write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
    model.load_state_dict({name: value.float() if value.is_floating_point() else value
                           for name, value in state.items()})  # fmt: skip
    model.eval()
    with torch.inference_mode():
        golden = _golden(model)
    golden["sha256"] = hashlib.sha256((folder / WEIGHTS_FILE).read_bytes()).hexdigest()
    (folder / GOLDEN_FILE).write_text(
        json.dumps(golden, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
    )


def _golden(model: Any) -> dict[str, Any]:
    """Unit vectors of one made-up image and of some texts: their first eight numbers."""
    import torch
    from open_clip import SimpleTokenizer
    from torch.nn.functional import normalize

    rows, columns = PREPROCESSING["size"]
    channel, row, column = np.ogrid[:3, :rows, :columns]
    image = (((channel + row + column) * 7) % 256 / 127.5 - 1).astype(np.float32)
    tokens = SimpleTokenizer(context_length=MODEL["text_cfg"]["context_length"])(list(GOLDEN_TEXTS))
    picture = normalize(model.encode_image(torch.from_numpy(image)[None]), dim=1)[0, :8]
    texts = normalize(model.encode_text(tokens), dim=1)[:, :8]
    return {
        "synthetic": {"first8": [round(float(value), 6) for value in picture]},
        "texts": {
            text: [round(float(value), 6) for value in vector]
            for text, vector in zip(GOLDEN_TEXTS, texts, strict=True)
        },
    }
