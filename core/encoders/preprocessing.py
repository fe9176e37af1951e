"""Images as the weights were trained on them. Imported only when an encoder is loaded."""

from __future__ import annotations

from typing import Any

import numpy as np
import PIL.Image
from numpy.typing import NDArray
from open_clip.transform import PreprocessCfg, image_transform_v2
from torchvision.transforms import Compose, Normalize, ToTensor

_MAX_ASPECT = 16


class Preprocessing:
    """open_clip's evaluation transform, number for number, fit for many threads.

    Resizing and cropping are open_clip's own. The arithmetic after them is NumPy's: torch would
    start threads of its own in every thread that decodes.
    """

    def __init__(self, config: dict[str, Any], size: tuple[int, int]) -> None:
        cfg = PreprocessCfg(size=size, **config)
        *steps, to_tensor, normalize = image_transform_v2(cfg, is_train=False).transforms
        assert isinstance(to_tensor, ToTensor)
        assert isinstance(normalize, Normalize)
        self._resize = Compose(steps)
        self._crops = cfg.resize_mode == "shortest"
        self._mean = np.asarray(cfg.mean, np.float32)[:, None, None]
        self._std = np.asarray(cfg.std, np.float32)[:, None, None]

    def __call__(self, image: PIL.Image.Image) -> NDArray[np.float32]:
        """Turn an RGB image into (3, height, width)."""
        resized = self._resize(_middle(image) if self._crops else image)
        # (height, width, 3) -> (3, height, width)
        pixels = np.asarray(resized).transpose(2, 0, 1).astype(np.float32, order="C")
        pixels /= np.float32(255)
        pixels -= self._mean
        pixels /= self._std
        return pixels


def _middle(image: PIL.Image.Image) -> PIL.Image.Image:
    """Leave out ends of an extremely long image that the crop to come removes anyway.

    Scaled to the tower's size by its shorter side, a line of pixels would fill the memory.
    """
    width, height = image.size
    longest = _MAX_ASPECT * min(width, height)
    if max(width, height) <= longest:
        return image
    left, top = max(0, (width - longest) // 2), max(0, (height - longest) // 2)
    return image.crop((left, top, left + min(width, longest), top + min(height, longest)))
