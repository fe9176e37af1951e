"""When tuning has found what there is to find (thesis section 4.2)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

BEST = 10
"""So many of the best values are compared."""
WINDOW = 0.001
"""0.1 percentage points of F2."""
MOST_TRIALS = 1000


def is_settled(values: Sequence[float], best: int = BEST, window: float = WINDOW) -> bool:
    """Whether the ``best`` highest values lie within ``window``; False while there are fewer."""
    if len(values) < best:
        return False
    highest = np.sort(np.asarray(values, dtype=np.float64))[-best:]
    return bool(highest[-1] - highest[0] <= window)
