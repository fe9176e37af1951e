"""Keeping the warnings of a library away from the person."""

from __future__ import annotations

import re
import warnings


def ignore_warnings_of(package: str) -> None:
    """Ignore every warning raised by code of ``package``, in all threads, from now on.

    ``warnings.catch_warnings`` swaps process-wide state and so cannot be used by several
    threads at once; one filter that stays is safe. Call it before each use: it is cheap, and
    survives a caller that restores the filters.
    """
    wanted = re.compile(re.escape(package) + r"\.")
    if not any(
        action == "ignore" and module == wanted for action, _, _, module, _ in warnings.filters
    ):
        warnings.filterwarnings("ignore", module=wanted.pattern)
