"""Arrays that rooms pass to each other."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Vectors: TypeAlias = NDArray[np.float32]
"""(n, d) rows of unit length."""
ImageIds: TypeAlias = NDArray[np.int64]
"""(n,) catalog ids."""
Confidences: TypeAlias = NDArray[np.float32]
"""(n, C) values in [0, 1]."""
